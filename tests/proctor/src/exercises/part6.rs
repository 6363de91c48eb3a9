//! The exercises of Part 6.

use std::time::{Duration, Instant};

use super::Exercise;
use super::Judged::{ByHand, Replaces};
use crate::check::Ports::Each;
use crate::check::Procedure::Does;
use crate::check::Rule::{See, Should};
use crate::check::{Check, GET};
use crate::response::Response;
use crate::stage::Stage::Part6;

/// The exercises.
pub const EXERCISES: &[Exercise] = &[
    Exercise {
        number: "6.1",
        stage: Part6,
        one_at_a_time: false,
        judged: ByHand(
            "six statuses, and for each the section of RFC 9110 that it is from",
        ),
    },
    Exercise {
        number: "6.2",
        stage: Part6,
        one_at_a_time: false,
        judged: ByHand(
            "four times that you measured, and what makes the largest of them so large",
        ),
    },
    Exercise {
        number: "6.3",
        stage: Part6,
        one_at_a_time: false,
        judged: Replaces(&[TRACED]),
    },
    Exercise {
        number: "6.4",
        stage: Part6,
        one_at_a_time: false,
        judged: Replaces(&[A_HUNDRED_IS_ENOUGH]),
    },
    Exercise {
        number: "6.5",
        stage: Part6,
        one_at_a_time: false,
        judged: Replaces(&[TICKS]),
    },
    Exercise {
        number: "6.6",
        stage: Part6,
        one_at_a_time: false,
        judged: ByHand(
            "of two PUTs at once with If-None-Match: * one gets 201 and the other 412, \
             and a GET in a loop beside a PUT in a loop never sees half of anything",
        ),
    },
];

const TRACED: Check = Check {
    id: "traced",
    title: "TRACE is told what it asked.",
    since: Part6,
    ports: Each,
    rule: Should("RFC 9110 section 9.3.8"),
    why: "A client can see what its request has become on the way.",
    hint: "200, message/http, and the request as content; without what is \
        secret.",
    read: "part6_server.html#exercises",
    procedure: Does {
        sends: "TRACE /x with a field of its own, and a Cookie",
        run: |exam| {
            let mut call = exam.line.call()?;
            call.send(
                "TRACE /x HTTP/1.1\r\nHost: localhost\r\nSeen: by me\r\n\
             Cookie: secret\r\n\r\n",
            )?;
            let response = call.status("TRACE", 200)?;
            let text = String::from_utf8_lossy(&response.content).into_owned();
            let is_http = response.lists("Content-Type", "message/http");
            let complaint = match () {
                () if !is_http => "it is not message/http",
                () if !text.starts_with("TRACE /x HTTP/1.1\r\n") => {
                    "it does not begin with the request line"
                }
                () if !text.to_lowercase().contains("\r\nseen: by me\r\n") => {
                    "a field is missing"
                }
                () if text.contains("secret") => "the cookie is in it",
                () => return Ok(()),
            };
            Err(call.wrong(&response, response.body.start, complaint))
        },
    },
};

const A_HUNDRED_IS_ENOUGH: Check = Check {
    id: "a-hundred-is-enough",
    title: "The hundredth response is the last.",
    since: Part6,
    ports: Each,
    rule: See("RFC 9112 section 9.6"),
    why: "Who never leaves never notices that the server has moved.",
    hint: "Count responses; the last has to say so, and not the one after it.",
    read: "part6_server.html#exercises",
    procedure: Does {
        sends: "a hundred GETs, each after the response to the one before",
        run: |exam| {
            let mut call = exam.line.call()?;
            for number in 1..=100 {
                call.send(GET)?;
                let response = call.status("GET", 200)?;
                if response.says_close() != (number == 100) {
                    let what = match number {
                        100 => "the hundredth does not say Connection: close"
                            .to_owned(),
                        early => format!("response {early} says Connection: close"),
                    };
                    return Err(call.wrong(&response, response.last_line(), what));
                }
            }
            call.ends()
        },
    },
};

const TICKS: Check = Check {
    id: "ticks",
    title: "The clock ticks, and not all at once.",
    since: Part6,
    ports: Each,
    rule: See("RFC 9112 section 7.1"),
    why: "Content that is not there yet has no length.",
    hint: "A chunk a line, and it has to leave at once. HTTP/1.0 knows no \
        chunks.",
    read: "part6_server.html#exercises",
    procedure: Does {
        sends: "GET /clock; the same with HTTP/1.0",
        run: |exam| {
            let mut call = exam.line.call()?;
            call.send("GET /clock HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
            let begun = Instant::now();
            call.hears(exam.soon())?;
            let first = begun.elapsed();
            let response = call.status("GET", 200)?;
            let all = begun.elapsed();
            let lines = |response: &Response| {
                let lines = response.content.split(|byte| *byte == b'\n');
                lines.filter(|line| !line.is_empty()).count()
            };
            if !response.lists("Transfer-Encoding", "chunked") {
                let what = "it does not come in chunks";
                return Err(call.wrong(&response, response.last_line(), what));
            }
            if lines(&response) != 5 {
                let what = "it does not have five lines";
                return Err(call.wrong(&response, response.body.start, what));
            }
            if all < Duration::from_millis(350) || first * 2 > all {
                let (first, all) = (first.as_millis(), all.as_millis());
                let what = format!(
                    "the first came after {first} ms, the last after {all} ms"
                );
                return Err(call.wrong(&response, response.body.start, what));
            }
            let mut call = exam.line.call()?;
            call.send("GET /clock HTTP/1.0\r\n\r\n")?;
            let response = call.status("GET", 200)?;
            if response.field("Transfer-Encoding").is_some()
                || lines(&response) != 5
            {
                let what = "HTTP/1.0 wants five lines, and no chunks";
                return Err(call.wrong(&response, response.last_line(), what));
            }
            call.ends()
        },
    },
};
