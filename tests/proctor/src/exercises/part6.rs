//! The exercises of Part 6.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use httpdate::{fmt_http_date, parse_http_date};

use super::Exercise;
use super::Judged::{ByHand, Replaces};
use super::{Rubric, said};
use crate::check::Ports::Each;
use crate::check::Procedure::Does;
use crate::check::Rule::{Must, Ours, See, Should};
use crate::check::{Check, Exam, GET};
use crate::line::Outcome;
use crate::response::Response;
use crate::stage::Stage::Part6;

/// The exercises.
pub const EXERCISES: &[Exercise] = &[
    Exercise {
        number: "6.1",
        stage: Part6,
        one_at_a_time: false,
        judged: Replaces(&[SIX_STATUSES_AS_SAID]),
    },
    Exercise {
        number: "6.2",
        stage: Part6,
        one_at_a_time: false,
        judged: ByHand(Rubric([
            "four times, measured on one machine within a minute",
            "what the largest is made of: handshakes, signatures, round trips",
            "what would be different with the client on another continent",
        ])),
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
        judged: Replaces(&[FIRST_PUT_CREATES, HALF_A_PUT_IS_NONE, PUT_IS_WHOLE]),
    },
];

const SIX_STATUSES_AS_SAID: Check = Check {
    id: "six-statuses-as-said",
    title: "Each of the six gets the status that you said.",
    since: Part6,
    ports: Each,
    rule: Ours,
    why: "Conditions have an order, and each says which of the others it silences.",
    hint: "--said with six statuses, in the order of the exercise.",
    read: "part6_server.html#exercises",
    procedure: Does {
        sends: "GETs with the six sets of fields, made from the tag and the date of /",
        run: |exam| {
            let (call, response) = exam.get()?;
            let tag = &call.field(&response, "ETag")?.value;
            let date = call.field(&response, "Last-Modified")?;
            let Ok(modified) = parse_http_date(&date.value) else {
                return Err(call.wrong(
                    &response,
                    date.value_at,
                    "this is no date",
                ));
            };
            let day = Duration::from_secs(86_400);
            let (after, before) =
                (fmt_http_date(modified + day), fmt_http_date(modified - day));
            let fields = [
                format!("If-None-Match: \"other\"\r\nIf-Modified-Since: {after}"),
                format!("If-Match: W/{tag}"),
                format!("If-Match: {tag}\r\nIf-Unmodified-Since: {before}"),
                format!("Range: bytes=0-0\r\nIf-Range: W/{tag}"),
                format!("Range: bytes=0-0\r\nIf-None-Match: {tag}"),
                "Range: bytes=5-1".to_owned(),
            ];
            let requests = fields.map(|fields| {
                format!("GET / HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n\r\n")
            });
            let requests = requests.each_ref().map(|request| request.as_bytes());
            said::holds(exam, &requests, |request| {
                let (call, response) = exam.any_response_to(request)?;
                exam.line.forget(&call);
                Ok(response.status.to_string())
            })
        },
    },
};

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
        sends: "TRACE /x with a field of its own, a Cookie and two Authorizations",
        run: |exam| {
            let mut call = exam.line.call()?;
            call.send(
                "TRACE /x HTTP/1.1\r\nHost: localhost\r\nSeen: by me\r\n\
                 Cookie: secret=1\r\nAuthorization: Basic secret\r\n\
                 Proxy-Authorization: Basic secret\r\n\r\n",
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
                () if text.contains("secret") => {
                    "it tells a secret: a Cookie, or an Authorization"
                }
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
        sends: "a hundred GETs, each after the response to the one before; 103 in one go",
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
            call.ends()?;
            let mut call = exam.line.call()?;
            call.send(GET.repeat(103))?;
            for number in 1..=100 {
                call.status("GET", 200).map_err(|why| {
                    why.of(&format!("response {number} in a row"))
                })?;
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
            let lines = |response: &Response| {
                let lines = response.content.split(|byte| *byte == b'\n');
                lines.filter(|line| !line.is_empty()).count()
            };
            // On a busy machine we may be late to hear the first.
            let mut tries = 3;
            loop {
                let mut call = exam.line.call()?;
                call.send("GET /clock HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
                let begun = Instant::now();
                call.hears(exam.soon())?;
                let first = begun.elapsed();
                let response = call.status("GET", 200)?;
                let all = begun.elapsed();
                if !response.lists("Transfer-Encoding", "chunked") {
                    let what = "it does not come in chunks";
                    return Err(call.wrong(&response, response.last_line(), what));
                }
                if lines(&response) != 5 {
                    let what = "it does not have five lines";
                    return Err(call.wrong(&response, response.body.start, what));
                }
                // They are four tenths of a second apart.
                if all - first >= Duration::from_millis(300) {
                    break;
                }
                tries -= 1;
                if tries == 0 {
                    let (first, all) = (first.as_millis(), all.as_millis());
                    let what = format!(
                        "the first came after {first} ms, the last after {all} ms"
                    );
                    return Err(call.wrong(&response, response.body.start, what));
                }
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

const FIRST_PUT_CREATES: Check = Check {
    id: "first-put-creates",
    title: "Of two who want to be first, one is.",
    since: Part6,
    ports: Each,
    rule: Must("RFC 9110 section 13.1.2"),
    why: "To look and then to write leaves room for another between the two.",
    hint: "There is a call that makes a name and fails if it is there.",
    read: "part6_server.html#exercises",
    procedure: Does {
        sends: "two PUTs at once with If-None-Match: *, several times; a GET",
        run: |exam| {
            for _ in 0..10 {
                let path = new_path();
                let mut calls = [exam.line.call()?, exam.line.call()?];
                let requests = [b'a', b'b']
                    .map(|byte| put(&path, "If-None-Match: *\r\n", &[byte; 2000]));
                // All but the last byte of both, so that they end together.
                for (call, request) in calls.iter_mut().zip(&requests) {
                    call.send(&request[..request.len() - 1])?;
                }
                for (call, request) in calls.iter_mut().zip(&requests) {
                    call.send(&request[request.len() - 1..])?;
                }
                let mut statuses = Vec::new();
                for call in &mut calls {
                    statuses.push(call.response("PUT")?.status);
                }
                statuses.sort_unstable();
                if statuses != [201, 412] {
                    let [first, second] = [statuses[0], statuses[1]];
                    let what = format!(
                        "{first} and {second}, where one gets 201, one 412"
                    );
                    return Err(calls[1].failure(what));
                }
                is_whole(exam, &path, 2000)?;
            }
            Ok(())
        },
    },
};

const HALF_A_PUT_IS_NONE: Check = Check {
    id: "half-a-put-is-none",
    title: "A PUT that is cut off leaves what was there.",
    since: Part6,
    ports: Each,
    rule: See("RFC 9110 section 9.3.4"),
    why: "Who is cut off may come again; who reads meanwhile wants all of it.",
    hint: "Write beside it, and give it the name when all is there.",
    read: "part6_server.html#exercises",
    procedure: Does {
        sends: "a PUT; half of another; a GET",
        run: |exam| {
            let path = new_path();
            let mut call = exam.line.call()?;
            call.send(put(&path, "", &[b'a'; 2000]))?;
            call.status("PUT", 201)?;
            let mut half = exam.line.call()?;
            let request = put(&path, "", &[b'b'; 2000]);
            half.send(&request[..request.len() - 1000])?;
            half.finish();
            half.ends_within(exam.soon())?;
            let content = is_whole(exam, &path, 2000)?;
            match content.first() {
                Some(b'a') => Ok(()),
                _ => Err(half.failure("what was there is gone")),
            }
        },
    },
};

const PUT_IS_WHOLE: Check = Check {
    id: "put-is-whole",
    title: "A GET beside a PUT sees what was, or what is, and no mixture.",
    since: Part6,
    ports: Each,
    rule: See("RFC 9110 section 9.3.4"),
    why: "A file that is written in place is half a file for a while.",
    hint: "rename puts one file in another's place in one step.",
    read: "part6_server.html#exercises",
    procedure: Does {
        sends: "PUTs in a loop, and GETs in another",
        run: |exam| {
            const LENGTH: usize = 300_000;
            let path = new_path();
            let mut writer = exam.line.call()?;
            writer.send(put(&path, "", &[b'0'; LENGTH]))?;
            writer.status("PUT", 201)?;
            for round in 1..=40 {
                let request = put(&path, "", &vec![b'0' + round % 10; LENGTH]);
                let mut writer = exam.line.call()?;
                writer.send(&request[..request.len() / 2])?;
                is_whole(exam, &path, LENGTH)?;
                writer.send(&request[request.len() / 2..])?;
                is_whole(exam, &path, LENGTH)?;
                let response = writer.response("PUT")?;
                if !matches!(response.status, 200 | 204) {
                    let what = format!("status {} to a PUT", response.status);
                    return Err(writer.wrong(&response, response.status_at, what));
                }
                exam.line.forget(&writer);
            }
            Ok(())
        },
    },
};

/// A path that nobody has put anything at: a server may be looked at more than once.
fn new_path() -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    format!("/put-{}-{count}.txt", now.unwrap_or_default().as_nanos())
}

fn put(path: &str, fields: &str, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let head = format!(
        "PUT {path} HTTP/1.1\r\nHost: localhost\r\n{fields}Content-Length: {length}\r\n\r\n"
    );
    [head.as_bytes(), content].concat()
}

/// What is there, which is one byte over and over.
fn is_whole(exam: &Exam, path: &str, length: usize) -> Outcome<Vec<u8>> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let (call, response) = exam.response_to(request.as_bytes(), 200)?;
    let content = &response.content;
    if content.len() != length || content.iter().any(|byte| *byte != content[0]) {
        let what = format!("{} bytes, which are not one PUT's", content.len());
        return Err(call.wrong(&response, response.body.start, what));
    }
    exam.line.forget(&call);
    Ok(response.content)
}
