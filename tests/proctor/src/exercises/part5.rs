//! The exercises of Part 5.

use super::Exercise;
use super::Judged::{Adds, ByHand};
use crate::check::Ports::Each;
use crate::check::Procedure::{Does, Waits};
use crate::check::Rule::{Must, See, Should};
use crate::check::{Check, GET};
use crate::line::Call;
use crate::response::Response;
use crate::stage::Stage::Part5;

/// The exercises.
pub const EXERCISES: &[Exercise] = &[
    Exercise {
        number: "5.1",
        stage: Part5,
        one_at_a_time: false,
        judged: ByHand("the answers are those you said, nine times"),
    },
    Exercise {
        number: "5.2",
        stage: Part5,
        one_at_a_time: false,
        judged: ByHand(
            "each mended rule uncovers the one that you said was next, until the \
             verse comes",
        ),
    },
    Exercise {
        number: "5.3",
        stage: Part5,
        one_at_a_time: false,
        judged: ByHand("a number of nine digits, and the head that it belongs to"),
    },
    Exercise {
        number: "5.4",
        stage: Part5,
        one_at_a_time: false,
        judged: ByHand(
            "a test that reads, writes and reads again the kinds that are listed",
        ),
    },
    Exercise {
        number: "5.5",
        stage: Part5,
        one_at_a_time: false,
        judged: Adds {
            own: &[OPTIONS_ARE_TOLD],
            with: &[],
            without: &["options-asterisk", "four-kinds-of-refusal"],
        },
    },
    Exercise {
        number: "5.6",
        stage: Part5,
        one_at_a_time: false,
        judged: ByHand(
            "a test with six heads and the error that each gets, and one head that \
             httparse refuses",
        ),
    },
    Exercise {
        number: "5.7",
        stage: Part5,
        one_at_a_time: false,
        judged: ByHand("a test that gives each case to it at each cut"),
    },
    Exercise {
        number: "5.8",
        stage: Part5,
        one_at_a_time: false,
        judged: Adds {
            own: &[
                SHORT_BODY_IS_SKIPPED,
                MISSING_BODY_HAS_A_DEADLINE,
                EXPECTATION_IS_THE_END,
            ],
            with: &[],
            without: &[],
        },
    },
];

const OPTIONS_ARE_TOLD: Check = Check {
    id: "options-are-told",
    title: "OPTIONS is answered with what there is.",
    since: Part5,
    ports: Each,
    rule: Should("RFC 9110 section 9.3.7"),
    why: "Who wants to know what is allowed should not have to break a rule.",
    hint: "200, Content-Length: 0, and Allow: GET, HEAD, OPTIONS.",
    read: "part5.html#exercises",
    procedure: Does {
        sends: "OPTIONS *, OPTIONS /x, options / and PUT /",
        run: |exam| {
            let allows = |call: &Call, response: &Response| {
                let field = response.field("allow");
                let value = field.map_or("", |field| &field.value);
                let methods: Vec<&str> = value.split(',').map(str::trim).collect();
                for wanted in ["GET", "HEAD", "OPTIONS"] {
                    if !methods.contains(&wanted) {
                        let at = field.map_or(0, |field| field.value_at);
                        let what = format!("{wanted} is missing from Allow");
                        return Err(call.wrong(response, at, what));
                    }
                }
                Ok(())
            };
            for (line, status) in [
                ("OPTIONS *", 200),
                ("OPTIONS /x", 200),
                ("options /", 501),
                ("PUT /", 405),
            ] {
                let request = format!("{line} HTTP/1.1\r\nHost: localhost\r\n\r\n");
                let (call, response) =
                    exam.response_to(request.as_bytes(), status)?;
                if status != 501 {
                    allows(&call, &response)?;
                }
                if status == 200 && !response.content.is_empty() {
                    let at = response.body.start;
                    let what = "there is content, where none is wanted";
                    return Err(call.wrong(&response, at, what));
                }
            }
            Ok(())
        },
    },
};

const SHORT_BODY_IS_SKIPPED: Check = Check {
    id: "short-body-is-skipped",
    title: "A GET behind a short body is served.",
    since: Part5,
    ports: Each,
    rule: Must("RFC 9112 section 6.3"),
    why: "How long the body is was said; behind it begins the next request.",
    hint: "Some of the body may be in your buffer already, and the GET too.",
    read: "part5.html#exercises",
    procedure: Does {
        sends: "a PUT with hello and a GET, in one piece and cut at each place",
        run: |exam| {
            let both = [PUT.as_bytes(), GET].concat();
            for at in 0..both.len() {
                let (first, second) = both.split_at(at);
                let mut call = exam.line.call()?;
                let pieces: Vec<&[u8]> = [first, second]
                    .into_iter()
                    .filter(|it| !it.is_empty())
                    .collect();
                call.send_in_pieces(pieces)?;
                call.status("PUT", 405)?;
                call.status("GET", 200)?;
            }
            Ok(())
        },
    },
};

const MISSING_BODY_HAS_A_DEADLINE: Check = Check {
    id: "missing-body-has-a-deadline",
    title: "A body that never comes is the end.",
    since: Part5,
    ports: Each,
    rule: See("RFC 9112 section 6.3"),
    why: "Who says five bytes and sends four holds a connection for nothing.",
    hint: "The deadline of a head will do for a body.",
    read: "part5.html#exercises",
    procedure: Waits {
        sends: "a PUT that says 5 and sends 4",
        run: |exam| {
            let mut call = exam.line.call()?;
            call.send(&PUT[..PUT.len() - 1])?;
            match call.ends_within(exam.longest_wait())? {
                true => Ok(()),
                false => Err(exam.still_open(&call)),
            }
        },
    },
};

const EXPECTATION_IS_THE_END: Check = Check {
    id: "expectation-is-the-end",
    title: "Who asks first is refused, and closed.",
    since: Part5,
    ports: Each,
    rule: See("RFC 9110 section 10.1.1"),
    why: "After the 405 the body may come or not: nobody can tell which it is.",
    hint: "Read past a body only if the client did not wait for a yes.",
    read: "part5.html#exercises",
    procedure: Does {
        sends: "a PUT with Expect: 100-continue, and no body",
        run: |exam| {
            let mut call = exam.line.call()?;
            call.send(
                "PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\
                 Expect: 100-continue\r\n\r\n",
            )?;
            call.status("PUT", 405)?;
            call.ends()
        },
    },
};

/// A request with a short body.
const PUT: &str =
    "PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello";
