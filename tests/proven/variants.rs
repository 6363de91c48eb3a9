//! What proctor says of variants: content with a server that keeps one, and not with the
//! book's own programs, nor with somebody else's variant.

use std::time::Duration;

use proctor::report;
use proctor::run;
use proctor::stage::Stage::{self, Part2, Part3, Part4, Part5};
use proctor::target::{Endpoint, Target};
use proctor::variant::{CHECKS, Variant};

use super::mutant::{Break, Mutant, replace};
use super::student::{self, Student, Switch};
use super::{made, target};
use crate::support::Server;

/// A variant whose statuses are those of [`in_its_statuses`].
fn ours() -> Variant {
    let statuses = vec![(405, 406), (431, 413)];
    Variant { statuses, ..Variant::numbered(7) }
}

fn in_its_statuses(bytes: Vec<u8>) -> Vec<u8> {
    let bytes = replace(&bytes, b"HTTP/1.1 405 ", b"HTTP/1.1 406 ");
    replace(&bytes, b"HTTP/1.1 431 ", b"HTTP/1.1 413 ")
}

/// The student's server of a stage, as a variant has it.
fn kept(stage: Stage, variant: &Variant) -> (Student, Mutant) {
    let name = stage.name();
    let stage = student::Stage::ALL.into_iter().find(|it| it.name() == name);
    let options = student::Options {
        variant: Some(student::Variant {
            text: variant.text.clone(),
            strikes: variant.strikes,
            longest_head: variant.longest_head,
        }),
        ..student::Options::default()
    };
    let student = student::start(stage.unwrap(), Switch::NONE, options).unwrap();
    let says = Break::Says(in_its_statuses);
    let mutant = Mutant::before(student.clear, says, Duration::from_secs(3));
    (student, mutant)
}

/// What a target fails of its variant's checks, but for what takes long: all of them, or
/// those that the stage has not.
fn failed(stage: Stage, target: Target, all: bool) -> Vec<&'static str> {
    let checks = Variant::checks(stage).into_iter();
    let checks = checks.filter(|check| all || CHECKS.contains(check));
    let checks = checks.filter(|check| !check.is_slow() && !check.is_alone());
    let plan = run::plan(target.ports(), checks);
    let done = made(&target, stage, &plan, 2);
    let failed: Vec<_> = done.iter().filter(|it| it.failure().is_some()).collect();
    for done in &failed {
        println!("{}", report::failure(&target, done, ("", "")));
    }
    failed.iter().map(|it| it.check.id).collect()
}

#[test]
fn a_server_that_keeps_its_variant_is_accepted() {
    let variant = Some(ours());
    for (stage, all) in
        [(Part2, true), (Part3, true), (Part4, true), (Part5, false)]
    {
        let (student, mutant) = kept(stage, &ours());
        // One family, as the student has it.
        let clear = Endpoint {
            name: mutant.target.clear.addresses[0].to_string(),
            addresses: vec![mutant.target.clear.addresses[0]],
        };
        let variant = variant.clone();
        let target = Target { variant, ..Target::new(clear, None, PATIENCE) };
        assert_eq!(failed(stage, target, all), [""; 0], "{stage}");
        drop(student);
    }
}

const PATIENCE: Duration = Duration::from_secs(3);

#[test]
fn the_books_programs_and_other_variants_are_no_answer() {
    let all = [
        "text-of-the-variant",
        "strikes-of-the-variant",
        "longest-head-of-the-variant",
    ];
    for (stage, seen_by) in [(Part2, &all[..1]), (Part3, &all[..2]), (Part5, &all)]
    {
        let server = Server::start(stage.name());
        let variant = Some(ours());
        let target = Target { variant, tls: None, ..target(stage, &server) };
        assert_eq!(failed(stage, target, false), *seen_by, "{stage}");
        let (_student, mutant) = kept(stage, &ours());
        let other = Variant {
            statuses: ours().statuses,
            strikes: ours().strikes + 1,
            longest_head: ours().longest_head + 1,
            text: ours().text + "\n",
        };
        let target = Target { variant: Some(other), ..mutant.target.clone() };
        assert_eq!(failed(stage, target, false), *seen_by, "{stage}, another's");
    }
    // A status of the book's, where the variant has another.
    let server = Server::start("part3");
    let target = Target { variant: Some(ours()), ..target(Part3, &server) };
    let check = proctor::catalogue::check("post-is-refused").unwrap();
    let done = run::one(&target, Part3, check, proctor::target::Port::Clear);
    let what = &done.failure().unwrap().what;
    assert_eq!(what, "status 405 instead of 406");
}
