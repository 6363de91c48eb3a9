//! The exercises of Part 5.5.

use super::Exercise;
use super::Judged::{Adds, ByHand, Replaces};
use super::Rubric;
use crate::check::Ports::Tls;
use crate::check::Procedure::Does;
use crate::check::Rule::See;
use crate::check::{Check, Exam};
use crate::line::{Call, Failure, Outcome};
use crate::stage::Stage::Part5_5;
use crate::target::Hello;

/// The exercises.
pub const EXERCISES: &[Exercise] = &[
    Exercise {
        number: "5.5.1",
        stage: Part5_5,
        one_at_a_time: false,
        judged: ByHand(Rubric([
            "eight outcomes, written down before they were seen",
            "for each failure who refused whom",
            "and at which message of the handshake",
        ])),
    },
    Exercise {
        number: "5.5.2",
        stage: Part5_5,
        one_at_a_time: false,
        judged: ByHand(Rubric([
            "a meaning for each of the seven bytes, with its section",
            "which are different for TLS 1.1, and what was sent to see it",
            "why the version in a record says 3.3 and will go on to say so",
        ])),
    },
    Exercise {
        number: "5.5.3",
        stage: Part5_5,
        one_at_a_time: false,
        judged: Replaces(&[ANOTHER_NAME]),
    },
    Exercise {
        number: "5.5.4",
        stage: Part5_5,
        one_at_a_time: false,
        judged: ByHand(Rubric([
            "four times that were said beforehand, and four that were measured",
            "for each the constant that it comes from, and where that stands",
            "what a second signal is for",
        ])),
    },
    Exercise {
        number: "5.5.5",
        stage: Part5_5,
        one_at_a_time: false,
        judged: Adds { own: &[], with: &[], without: &[] },
    },
    Exercise {
        number: "5.5.6",
        stage: Part5_5,
        one_at_a_time: false,
        judged: Replaces(&[TWO_NAMES]),
    },
    // What is behind the TLS takes the scheme for http, and is right to.
    Exercise {
        number: "5.5.7",
        stage: Part5_5,
        one_at_a_time: false,
        judged: Adds {
            own: &[],
            with: &[],
            without: &[
                "https-absolute-form",
                "absolute-form-of-any-kind",
                "port-of-any-size",
                "any-two-together",
                "changed-and-served",
                "changed-and-refused",
            ],
        },
    },
];

const ANOTHER_NAME: Check = Check {
    id: "another-name",
    title: "It is rohttp.test, and not localhost.",
    since: Part5_5,
    ports: Tls,
    rule: See("RFC 9110 section 4.3.4"),
    why: "Trust takes a root that is believed and a name that was meant.",
    hint: "Names are subject alternative names; the root is that of --ca.",
    read: "part5_5.html#exercises",
    procedure: Does {
        sends: "handshakes by both names, which look at the certificate",
        run: |exam| {
            serves_as(exam, "rohttp.test")?;
            is_not(exam, "localhost")
        },
    },
};

const TWO_NAMES: Check = Check {
    id: "two-names",
    title: "one.test and two.test have a certificate each.",
    since: Part5_5,
    ports: Tls,
    rule: See("RFC 6066 section 3"),
    why: "The name comes before the certificate, so that it can be chosen.",
    hint: "Give --ca a file with every root that has signed one of them.",
    read: "part5_5.html#exercises",
    procedure: Does {
        sends: "handshakes by both names, and by that of three.test",
        run: |exam| {
            let one = serves_as(exam, "one.test")?;
            let two = serves_as(exam, "two.test")?;
            if one == two {
                return Err(Failure::new("both names get the same certificate"));
            }
            is_not(exam, "three.test")
        },
    },
};

/// Shakes hands with somebody of this name, and is not content with another's
/// certificate.
fn call_as(exam: &Exam, name: &str) -> Outcome<Call> {
    exam.line.call_tls(&Hello { verify: true, ..Hello::to(name) })
}

fn serves_as(exam: &Exam, name: &str) -> Outcome<Vec<u8>> {
    let mut call = call_as(exam, name)?;
    call.send(format!("GET / HTTP/1.1\r\nHost: {name}\r\n\r\n"))?;
    call.status("GET", 200)?;
    let chain = call.tls().and_then(|tls| tls.peer_certificates());
    let leaf = chain.and_then(<[_]>::first);
    Ok(leaf.map_or(Vec::new(), |leaf| leaf.to_vec()))
}

fn is_not(exam: &Exam, name: &str) -> Outcome {
    match call_as(exam, name) {
        Err(_) => Ok(()),
        Ok(call) => {
            let what = format!("its certificate is good for {name} too");
            Err(call.failure(what))
        }
    }
}
