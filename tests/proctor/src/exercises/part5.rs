//! The exercises of Part 5.

use std::time::Duration;

use super::Exercise;
use super::Judged::{Adds, ByHand, Replaces};
use super::{Rubric, said};
use crate::check::Ports::Each;
use crate::check::Procedure::{Does, Waits};
use crate::check::Rule::{Must, Ours, See, Should};
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
        judged: Replaces(&[NINE_STATUSES_AS_SAID]),
    },
    Exercise {
        number: "5.2",
        stage: Part5,
        one_at_a_time: false,
        judged: ByHand(Rubric([
            "six rules, in an order that was written down before the first answer",
            "seven requests, each with one rule mended more, and the text in the end",
            "why one rule comes later than its bytes do: another field might follow",
        ])),
    },
    Exercise {
        number: "5.3",
        stage: Part5,
        one_at_a_time: false,
        judged: ByHand(Rubric([
            "how often a byte is looked at, with the formula that it comes from",
            "the head that is worst, and why a long request line is not",
            "why that is acceptable, or what has to be remembered so that it is less",
        ])),
    },
    Exercise {
        number: "5.4",
        stage: Part5,
        one_at_a_time: false,
        judged: ByHand(Rubric([
            "a test that reads, writes and reads again, with targets in all four forms",
            "values that are empty or no UTF-8, and names that keep their case",
            "why a test should get its requests from the parser, and not make them",
        ])),
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
        judged: ByHand(Rubric([
            "six heads that the other parser accepts, and ours does not, each of its kind",
            "for each the rule that it breaks, with its section",
            "one head the other way round, and how thinking found it",
        ])),
    },
    Exercise {
        number: "5.7",
        stage: Part5,
        one_at_a_time: false,
        // What has a coding is no longer refused for it alone.
        judged: Adds {
            own: &[CHUNK_SIZES],
            with: &[],
            without: &[
                "any-two-together",
                "changed-and-served",
                "changed-and-refused",
            ],
        },
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

const NINE_STATUSES_AS_SAID: Check = Check {
    id: "nine-statuses-as-said",
    title: "Each of the nine gets the status that you said.",
    since: Part5,
    ports: Each,
    rule: Ours,
    why: "Who knows the rules knows what comes.",
    hint: "--said with nine statuses, in the order of the exercise.",
    read: "part5.html#exercises",
    procedure: Does {
        sends: "each of the nine",
        run: |exam| {
            const HOST: &str = "Host: localhost\r\n\r\n";
            let requests = [
                format!("get / HTTP/1.1\r\n{HOST}"),
                format!("GET /?100% HTTP/1.1\r\n{HOST}"),
                format!("GET /100% HTTP/1.1\r\n{HOST}"),
                format!("GET / HTTP/1.9\r\n{HOST}"),
                format!("GET / HTTP/2.0\r\n{HOST}"),
                "GET / HTTP/1.0\r\n\r\n".to_owned(),
                "GET http://a/ HTTP/1.1\r\n\r\n".to_owned(),
                format!("OPTIONS * HTTP/1.1\r\n{HOST}"),
                format!("GET * HTTP/1.1\r\n{HOST}"),
            ];
            let requests = requests.each_ref().map(|request| request.as_bytes());
            said::holds(exam, &requests, |request| {
                let (call, response) = exam.any_response_to(request)?;
                exam.line.forget(&call);
                Ok(response.status.to_string())
            })
        },
    },
};

const CHUNK_SIZES: Check = Check {
    id: "chunk-sizes",
    title: "A first chunk's line is read, and refused where it is wrong.",
    since: Part5,
    ports: Each,
    rule: Must("RFC 9112 section 7.1"),
    why: "Two readers who differ on a size differ on where the next request begins.",
    hint: "405 when the line is over, 400 at the byte that is wrong, and before that \
        nothing.",
    read: "part5.html#exercises",
    procedure: Does {
        sends: "PUTs with Transfer-Encoding: chunked and a first line, whole and cut",
        run: |exam| {
            let head = "PUT / HTTP/1.1\r\nHost: localhost\r\n\
                Transfer-Encoding: chunked\r\n\r\n";
            for line in ["5\r\n", "a\r\n", "00Ff\r\n", "0\r\n", "5;a=b\r\n"] {
                for at in 0..line.len() {
                    let mut call = exam.line.call()?;
                    let (first, second) = line.split_at(at);
                    call.send([head, first].concat())?;
                    if at == line.len() - 1 {
                        call.stays_silent(Duration::from_millis(100))?;
                    }
                    call.send(second)?;
                    call.status("PUT", 405)?;
                    exam.line.forget(&call);
                }
            }
            for line in
                ["+1", "0x1", "1\n", "g", "-1", ";a\r\n", "11111111111111111"]
            {
                let mut call = exam.line.call()?;
                call.send([head, line].concat())?;
                call.status("PUT", 400)?;
                call.ends()?;
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
