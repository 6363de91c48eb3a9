//! What proctor says of exercises: content with the worked answers and with others of
//! another make, and not with the part that an exercise starts from, nor with answers
//! that are wrong.

mod right;
mod running;
mod servers;
mod wrong;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::thread;

use proctor::exercises::{self, Exercise, Judged};
use proctor::report;
use proctor::run::{self, Done};
use proctor::stage::Stage;
use proctor::target::{Port, Target};

use super::{book, held, masked, read};
use right::right;
use running::Running;
use wrong::wrong;

/// All that comes of holding a server to an exercise, but for what takes long and is
/// the stage's, and what looks at a process. Of the stage's checks, those are made that
/// an answer is all about, or all of them for the worked one; and of a dimension that a
/// check is about, some places: our parts are held to all.
fn examine(
    exercise: &'static Exercise,
    running: &Running,
    is_worked: bool,
) -> Vec<Done> {
    let target = &Target { cases: super::SOME_CASES, ..running.target.clone() };
    let stage = running.stage.unwrap_or(exercise.stage);
    let own: BTreeSet<&str> = exercise.own().iter().map(|it| it.id).collect();
    let checks = exercise
        .checks_at(stage)
        .filter(|check| own.contains(check.id) || is_worked || own.is_empty())
        .filter(|check| !check.is_slow() || own.contains(check.id))
        .filter(|check| !check.is_alone());
    let plan = run::plan(target.ports(), checks);
    super::made(target, stage, &plan, exercise.jobs())
}

fn checked() -> impl Iterator<Item = &'static Exercise> {
    exercises::all().filter(|it| !matches!(it.judged, Judged::ByHand(_)))
}

/// Different answers may be right: what is checked is what was asked, and no more.
#[test]
fn right_answers_of_every_shape_are_right() {
    let answers = checked().flat_map(|exercise| {
        let answers = right(exercise.number);
        let number = exercise.number;
        assert!(answers.len() >= 3, "{number} has no three right answers");
        answers
            .into_iter()
            .enumerate()
            .map(move |(index, it)| (exercise, index, it))
    });
    let answers: Vec<_> = answers.collect();
    let complaints = beside_each_other(answers, |(exercise, index, running)| {
        let done = examine(exercise, &running, index == 0);
        let failed = done.into_iter().filter(|done| done.failure().is_some());
        let complaint = |done: Done| {
            let report = report::failure(&running.target, &done, ("", ""));
            format!("{}, {index}: {report}", exercise.number)
        };
        failed.map(complaint).collect::<String>()
    });
    assert_eq!(complaints.concat(), "");
}

/// Does something with each of some things, a few at a time: more would wait for each
/// other, and that would be taken for silence.
fn beside_each_other<T: Send, R: Send>(
    things: Vec<T>,
    each: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    const SIDE_BY_SIDE: usize = 6;
    let results: Vec<_> = things.iter().map(|_| Mutex::new(None)).collect();
    let rest = Mutex::new(things.into_iter().zip(&results));
    let next = || rest.lock().unwrap().next();
    thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                while let Some((thing, result)) = next() {
                    *result.lock().unwrap() = Some(each(thing));
                }
            });
        }
    });
    results.into_iter().map(|it| it.into_inner().unwrap().unwrap()).collect()
}

/// Most of what is done can be seen from outside, whoever wrote it.
#[test]
fn two_exercises_in_three_have_a_check() {
    let (all, checked) = (exercises::all().count(), checked().count());
    assert!(3 * checked >= 2 * all, "{checked} of {all}");
}

#[test]
fn wrong_answers_are_seen_through() {
    let wrong = wrong();
    let seen: BTreeSet<&str> = wrong.iter().flat_map(|it| it.3).copied().collect();
    let own = exercises::all().flat_map(Exercise::own);
    let unseen: Vec<&str> =
        own.map(|check| check.id).filter(|id| !seen.contains(id)).collect();
    assert_eq!(unseen, [""; 0], "checks that no wrong answer fails");
    for exercise in checked() {
        let number = exercise.number;
        assert!(wrong.iter().any(|it| it.0 == number), "no wrong {number}");
    }
    let messages = beside_each_other(wrong, |wrong| see_through(&wrong));
    insta::assert_snapshot!("exercise_messages", messages.join("\n"));
}

fn see_through(
    (number, name, running, seen_by): &(&str, &str, Running, &[&str]),
) -> String {
    let exercise = exercises::all().find(|it| it.number == *number).unwrap();
    let mut text = format!("# {number}, {name}\n");
    for id in *seen_by {
        let check = exercise.checks().find(|check| check.id == *id).unwrap();
        let port = match check.is_about(Port::Clear) {
            true => Port::Clear,
            false => Port::Tls,
        };
        let done = held::one(&running.target, exercise.stage, check, port);
        assert!(done.outcome.is_err(), "{number}, {name}: {id} accepts it");
        text += "\n";
        text += &masked(&report::failure(&running.target, &done, ("", "")));
    }
    text
}

/// Each exercise of the chapters is here, and each that is here is in them; and a
/// chapter says which of them can be asked about.
#[test]
fn each_exercise_of_the_book_says_how_it_is_judged() {
    let mut of_book = Vec::new();
    let starts = regex::Regex::new(r"(?m)^\*\*([\d.]+)\*\* \(").unwrap();
    let pages = Stage::all()
        .flat_map(|stage| stage.part().pages.iter().map(move |page| (stage, page)));
    for (stage, page) in pages {
        let name = page.replace(".html", ".md");
        let text = read(&book().join(&name));
        let Some((_, page)) = text.split_once("\n## Exercises\n") else { continue };
        let (page, _) = page.split_once("\n## ").unwrap_or_else(|| {
            panic!("{name} lacks a section behind ## Exercises")
        });
        let starts: Vec<_> = starts.captures_iter(page).collect();
        for (index, start) in starts.iter().enumerate() {
            let end = starts
                .get(index + 1)
                .map_or(page.len(), |next| next.get(0).unwrap().start());
            let text = &page[start.get(0).unwrap().start()..end];
            of_book.push((stage, start[1].to_owned(), text.to_owned()));
        }
    }
    // One of them may stand on another page of its part.
    of_book.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
    let ours: Vec<_> =
        exercises::all().map(|it| (it.stage, it.number.to_owned())).collect();
    let theirs: Vec<_> = of_book.iter().map(|it| (it.0, it.1.clone())).collect();
    assert_eq!(ours, theirs);
    for (exercise, (_, number, text)) in exercises::all().zip(of_book) {
        let asked = format!("--exercise {number}");
        let says =
            [" ", "`", ","].iter().any(|end| text.contains(&(asked.clone() + end)));
        let asks = !matches!(exercise.judged, Judged::ByHand(_));
        assert_eq!(says, asks, "{number}: is proctor to be asked, or not?");
        assert!(text.contains("*You are right when*"), "{number}");
    }
}
