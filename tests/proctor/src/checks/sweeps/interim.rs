//! Interim responses: to whom, and to whom not.

use super::head;
use crate::check::Check;
use crate::check::Exam;
use crate::check::Ports::Each;
use crate::check::Procedure::Does;
use crate::check::Rule::{Must, See};
use crate::draw::Draw;
use crate::line::{Call, Outcome};
use crate::response::Response;
use crate::stage::Stage::Part6;
use crate::sweep::{Case, sweep};

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "no-continue-in-1-0",
        title: "HTTP/1.0 is not told to go on.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9110 sections 10.1.1 and 15.2"),
        why: "It does not know the field, nor interim responses: it takes a 100 for \
            the answer.",
        hint: "In HTTP/1.0 there is no Expect.",
        read: "part6.html#may-i-expect-100-continue",
        procedure: Does {
            sends: "POST with Expect in HTTP/1.0, to what reads and to what refuses",
            run: |exam| sweep(exam, in_1_0),
        },
    },
    Check {
        id: "continue-in-any-case",
        title: "Who asks in other letters, or sends chunks, is told to go on too.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9110 section 10.1.1"),
        why: "The expectation differs not by case, and a body in chunks is a body.",
        hint: "Compare without regard to case, and ask how the body is framed in one \
            place.",
        read: "part6.html#may-i-expect-100-continue",
        procedure: Does {
            sends: "Expect: 100-CONTINUE and the like, by length and in chunks; the \
                body after the 100",
            run: |exam| {
                // A list may have empty members (RFC 9110 section 5.6.1).
                for expectation in [
                    "100-continue",
                    "100-Continue",
                    "100-CONTINUE",
                    "100-continue,",
                    ", 100-continue ,",
                    "100-continue\r\nExpect: 100-continue",
                ] {
                    for chunked in [false, true] {
                        is_told(exam, expectation, chunked)?;
                    }
                }
                Ok(())
            },
        },
    },
    Check {
        id: "expectation-of-any-form",
        title: "100-continue is an expectation, and what is like it is another.",
        since: Part6,
        ports: Each,
        rule: See("RFC 9110 section 10.1.1"),
        why: "Who expects something else, or something more, must not believe that it \
            was understood.",
        hint: "Put all lines together, split at commas, and compare each word whole.",
        read: "part6.html#may-i-expect-100-continue",
        procedure: Does {
            sends: "100, continue, 100-continues and the like, alone and beside \
                100-continue",
            run: |exam| sweep(exam, no_expectation),
        },
    },
];

fn no_expectation(draw: &mut Draw) -> Case<'static> {
    let other = draw.one(&[
        "tea",
        "100",
        "continue",
        "100-tea",
        "100-continues",
        "x100-continue",
        "100 continue",
        "100_continue",
        "101-continue",
        "100-continue;q=1",
        "\"100-continue\"",
    ]);
    let value = match draw.below(5) {
        0 => other.to_owned(),
        1 => format!("100-continue, {other}"),
        2 => format!("{other}, 100-continue"),
        3 => format!("100-continue\r\nExpect: {other}"),
        _ => format!("{other}\r\nExpect: 100-continue"),
    };
    let fields = format!("Host: a\r\nContent-Length: 2\r\nExpect: {value}");
    let request = format!("POST /echo HTTP/1.1\r\n{fields}\r\n\r\nhi");
    Case::new(request, &[417])
}

fn in_1_0(draw: &mut Draw) -> Case<'static> {
    let (target, statuses) =
        draw.one(&[("/echo", &[200, 417][..]), ("/", &[405, 501, 403, 417])]);
    let expectation = draw.one(&["100-continue", "100-Continue", "tea"]);
    let fields = [
        b"Content-Length: 2".to_vec(),
        format!("Expect: {expectation}").into_bytes(),
    ];
    let mut request = head(&format!("POST {target} HTTP/1.0"), &fields);
    request.extend(b"hi");
    // What is not known may be refused, in any version.
    let statuses = match expectation {
        "tea" => statuses,
        _ => &statuses[..statuses.len() - 1],
    };
    // Who has the body already does not ask for it.
    let case = Case::new(request, statuses).holding_back("hi".len());
    case.that(|call: &Call, response: &Response| {
        match response.interim.is_empty() {
            true => Ok(()),
            false => {
                let what = "an interim response came before this";
                Err(call.wrong(response, 0, what))
            }
        }
    })
}

/// Wants who asks so to be told to go on.
fn is_told(exam: &Exam, expectation: &str, chunked: bool) -> Outcome {
    let (framing, body) = match chunked {
        false => ("Content-Length: 2", "hi"),
        true => ("Transfer-Encoding: chunked", "2\r\nhi\r\n0\r\n\r\n"),
    };
    let mut call = exam.line.call()?;
    call.send(format!(
        "POST /echo HTTP/1.1\r\nHost: a\r\n{framing}\r\nExpect: {expectation}\r\n\r\n"
    ))?;
    loop {
        let response = call.next_response("POST")?;
        match response.status {
            100..200 if response.field("Content-Length").is_some() => {
                let what = "an interim response has no length";
                return Err(call.wrong(&response, response.status_at, what));
            }
            100 => break,
            102..200 => {}
            other => {
                let what = format!("status {other} instead of 100");
                return Err(call.wrong(&response, response.status_at, what));
            }
        }
    }
    call.send(body)?;
    let response = call.status("POST", 200)?;
    call.content(&response, b"hi")
}
