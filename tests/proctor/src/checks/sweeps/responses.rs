//! What all responses have in common, whatever they are to.

use std::collections::BTreeSet;

use super::METHODS;
use crate::check::Ports::Each;
use crate::check::Procedure::Does;
use crate::check::Rule::{Must, Should};
use crate::check::{Check, Exam, GET};
use crate::checks::dates::date;
use crate::draw::Draw;
use crate::line::{Call, Outcome};
use crate::response::Response;
use crate::stage::Stage::{self, Part4, Part5, Part6};
use crate::sweep::{Case, sweep};

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "allow-is-true-everywhere",
        title: "Allow lists what can be done, for each method and each target.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9110 sections 15.5.6 and 10.2.1"),
        why: "A client goes by it: what it lists is tried, and what it does not is \
            not.",
        hint: "Make Allow and the decision from the same list.",
        read: "part5.html#methods",
        procedure: Does {
            sends: "every method to every target that there is, and then compares; and \
                OPTIONS *",
            run: allow_is_true,
        },
    },
    Check {
        id: "one-of-each",
        title: "A response has one of each field, and all that its status asks for.",
        since: Part4,
        ports: Each,
        rule: Must("RFC 9110 sections 5.3 and 15.5.6"),
        why: "Of two, each client takes another; and a 405 without Allow leaves it to \
            guess.",
        hint: "Set a field, rather than add it; and make each 405 in one place.",
        read: "part4.html#a-response",
        procedure: Does {
            sends: "what is served, and what is refused in every way there is",
            run: |exam| {
                sweep(exam, |draw| any_request(exam, draw).that(has_one_of_each))
            },
        },
    },
    Check {
        id: "head-of-anything",
        title: "HEAD gets what GET gets, but for the body, and that in every case.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9110 sections 8.6 and 9.3.2"),
        why: "A length that is not GET's is a lie, and a cache believes it.",
        hint: "Make the response to GET, and leave out its body when you write it.",
        read: "part5.html#back-to-bytes",
        procedure: Does {
            sends: "what is served, and what is refused in every way there is, with \
                GET and with HEAD",
            run: like_get,
        },
    },
    Check {
        id: "date-everywhere",
        title: "Every response to a request has a Date, whatever its status.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9110 section 6.6.1"),
        why: "A server with a clock must: in all that begins with 2, 3 or 4.",
        hint: "Write all responses with one function.",
        read: "part5.html#back-to-bytes",
        procedure: Does {
            sends: "what is served, and what is refused in every way there is",
            run: |exam| {
                sweep(exam, |draw| any_request(exam, draw).that(has_a_date))
            },
        },
    },
    Check {
        id: "type-everywhere",
        title: "Whatever has content says of what kind it is.",
        since: Part5,
        ports: Each,
        rule: Should("RFC 9110 section 8.3"),
        why: "A browser that is not told looks at the bytes and guesses, and what \
            repeats a request may look like a page.",
        hint: "Set it where the text is made: errors have text, too.",
        read: "part5.html#back-to-bytes",
        procedure: Does {
            sends: "what is served, and what is refused in every way there is",
            run: |exam| {
                sweep(exam, |draw| any_request(exam, draw).that(has_a_type))
            },
        },
    },
    Check {
        id: "says-that-it-closes",
        title: "Behind whatever response the connection closes, it says so.",
        since: Part5,
        ports: Each,
        rule: Should("RFC 9112 section 9.6"),
        why: "A client that is not told sends its next request into nothing.",
        hint: "Decide whether it is the last before the head is written, in one place \
            for each status.",
        read: "part5.html#back-to-bytes",
        procedure: Does {
            sends: "what is served, and what is refused in every way there is; and a \
                GET behind",
            run: |exam| {
                sweep(exam, |draw| {
                    let head = any_head(exam, draw);
                    Case::new([head.as_bytes(), GET].concat(), &[]).then(&[])
                })
            },
        },
    },
    Check {
        id: "no-framing-where-none-may-be",
        title: "Nothing says how a body is framed where there can't be one, or so.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 section 6.1 and RFC 9110 sections 8.6 and 15.2"),
        why: "HTTP/1.0 knows neither chunks nor interim responses, and a 204 has \
            neither body nor length.",
        hint: "What is framed how is decided in one place, by version and status.",
        read: "part5.html#back-to-bytes",
        procedure: Does {
            sends: "the same, in each version",
            run: |exam| {
                sweep(exam, |draw| {
                    let in_1_0 = draw.below(2) == 1;
                    let head = match exam.stays() && draw.below(8) == 7 {
                        true => long_echo(),
                        false => any_head(exam, draw),
                    };
                    let is_old = in_1_0 && head.contains("HTTP/1.1");
                    let case = Case::new(head, &[]);
                    let case = if is_old { case.in_1_0() } else { case };
                    case.that(move |call, response| {
                        framing_fits(call, response, is_old)
                    })
                })
            },
        },
    },
];

/// The targets that a stage has.
fn targets(stage: Stage) -> &'static [&'static str] {
    match stage < Part6 {
        true => &["/", "/?x"],
        false => &["/", "/?x", "/echo"],
    }
}

fn allow_is_true(exam: &Exam) -> Outcome {
    for target in targets(exam.stage) {
        let (mut done, mut said) = (BTreeSet::new(), Vec::new());
        for method in METHODS {
            let request =
                format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
            let (call, response) = exam.any_response_to(request.as_bytes())?;
            if !matches!(response.status, 400 | 403 | 405 | 501) {
                done.insert(*method);
            }
            if response.status == 405
                || *method == "OPTIONS" && response.status < 300
            {
                call.field(&response, "Allow")?;
                said.push((call, response));
            }
        }
        for (call, response) in &said {
            is_what_is_done(call, response, &done)?;
        }
    }
    let request = b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let (call, response) = exam.any_response_to(request)?;
    has_methods_in_their_case(&call, &response)
}

/// Wants Allow, if it is there, to name methods as they are: of what a server can do at
/// all, it need not be all (RFC 9110 sections 9.1 and 9.3.7).
fn has_methods_in_their_case(call: &Call, response: &Response) -> Outcome {
    let Some(field) = response.field("Allow") else { return Ok(()) };
    let is_in_case = |name: &str| {
        let upper = name.to_ascii_uppercase();
        name == upper || !METHODS.contains(&&*upper)
    };
    match field.value.split(',').map(str::trim).all(is_in_case) {
        true => Ok(()),
        false => {
            let what = "a method in another case is another method";
            Err(call.wrong(response, field.value_at, what))
        }
    }
}

/// Wants Allow to list these of the methods that everybody knows, and no others.
fn is_what_is_done(
    call: &Call,
    response: &Response,
    done: &BTreeSet<&str>,
) -> Outcome {
    let at = call.field(response, "Allow")?.value_at;
    let lines = response.all("Allow").map(|field| &*field.value);
    let said: BTreeSet<&str> =
        lines.flat_map(|line| line.split(',')).map(str::trim).collect();
    let wrong = METHODS.iter().find(|it| said.contains(*it) != done.contains(*it));
    match wrong {
        None => Ok(()),
        Some(method) => {
            let what = match done.contains(method) {
                true => format!("{method} is done here, and not in Allow"),
                false => format!("{method} is in Allow, and refused here"),
            };
            Err(call.wrong(response, at, what))
        }
    }
}

/// Requests for many statuses.
fn any_request(exam: &Exam, draw: &mut Draw) -> Case<'static> {
    Case::new(any_head(exam, draw), &[])
}

fn any_head(exam: &Exam, draw: &mut Draw) -> String {
    const OF_4: &[&str] =
        &["GET / HTTP/1.1\r\nHost: a\r\n", "HEAD / HTTP/1.1\r\nHost: a\r\n"];
    const OF_5: &[&str] = &[
        "GET / HTTP/1.1\r\nHost: a\r\n",
        "HEAD / HTTP/1.1\r\nHost: a\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\n",
        "DELETE /x HTTP/1.1\r\nHost: a\r\n",
        "BREW / HTTP/1.1\r\nHost: a\r\n",
        "GET / HTTP/1.1\r\nHost: a b\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n",
        "HEAD / HTTP/1.1\r\nHost: a b\r\n",
        "GET /\u{1} HTTP/1.1\r\nHost: a\r\n",
        "GE(T / HTTP/1.1\r\nHost: a\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nA(: b\r\n",
        "GET https://a/ HTTP/1.1\r\nHost: a\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\n",
        "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n",
        "PUT http://a/ HTTP/1.1\r\nHost: a\r\n",
        "GET /LONG HTTP/1.1\r\nHost: a\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nA: LONG\r\n",
        "GET /none HTTP/1.1\r\nHost: a\r\n",
        "GET / HTTP/2.0\r\nHost: a\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\n",
        "TRACE / HTTP/1.1\r\nHost: a\r\n",
    ];
    const OF_6: &[&str] = &[
        "GET / HTTP/1.1\r\nHost: a\r\nIf-None-Match: *\r\n",
        "HEAD / HTTP/1.1\r\nHost: a\r\nIf-None-Match: *\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nIf-Match: \"x\"\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=0-3\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=99999999-\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=0-0,2-2\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n",
        "OPTIONS / HTTP/1.1\r\nHost: a\r\n",
        "GET /echo HTTP/1.1\r\nHost: a\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n",
    ];
    const OF_FILES: &[&str] = &[
        "GET /a.txt HTTP/1.1\r\nHost: a\r\n",
        "GET /empty.txt HTTP/1.1\r\nHost: a\r\n",
        "GET /folder/ HTTP/1.1\r\nHost: a\r\n",
        "GET /folder HTTP/1.1\r\nHost: a\r\n",
        "GET /bare/ HTTP/1.1\r\nHost: a\r\n",
        "GET /coded.txt HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n",
        "GET /coded.txt HTTP/1.1\r\nHost: a\r\nAccept-Encoding: identity;q=0\r\n",
        "GET /a.txt HTTP/1.1\r\nHost: a\r\nIf-None-Match: *\r\n",
        "GET /a.txt HTTP/1.1\r\nHost: a\r\nIf-Match: \"x\"\r\n",
        "GET /a.txt HTTP/1.1\r\nHost: a\r\nRange: bytes=9-\r\n",
        "GET /.hidden HTTP/1.1\r\nHost: a\r\n",
        "GET /%00 HTTP/1.1\r\nHost: a\r\n",
        "DELETE /a.txt HTTP/1.1\r\nHost: a\r\n",
        "OPTIONS /a.txt HTTP/1.1\r\nHost: a\r\n",
    ];
    let of_5 = if exam.stage < Part5 { OF_4 } else { OF_5 };
    let of_6 = if exam.stage < Part6 { &[][..] } else { OF_6 };
    let of_files = exam.line.target.root.as_ref().map_or(&[][..], |_| OF_FILES);
    let all: Vec<&str> = of_5.iter().chain(of_6).chain(of_files).copied().collect();
    let head = draw.one(&all).replace("LONG", &"n".repeat(20_000));
    format!("{head}\r\n")
}

/// What there is one of (RFC 9110 section 5.3): a second line of it is no list.
const SINGLE: &[&str] = &[
    "Content-Length",
    "Content-Type",
    "Content-Range",
    "Date",
    "Last-Modified",
    "ETag",
    "Location",
    "Server",
    "Retry-After",
    "Age",
    "Expires",
];

fn has_one_of_each(call: &Call, response: &Response) -> Outcome {
    for name in SINGLE {
        if let Some(other) = response.all(name).nth(1) {
            let what = format!("there is one {name}, and this is another");
            return Err(call.wrong(response, other.at, what));
        }
    }
    if response.says_close()
        && let Some(field) = response
            .all("Connection")
            .find(|field| field.value.to_ascii_lowercase().contains("keep-alive"))
    {
        let what = "it says that it closes, so it is not kept alive";
        return Err(call.wrong(response, field.value_at, what));
    }
    let needs_allow = response.status == 405;
    if needs_allow && response.field("Allow").is_none() {
        let what = "a 405 says what is allowed: Allow";
        return Err(call.wrong(response, response.last_line(), what));
    }
    Ok(())
}

/// Wants HEAD to be answered as GET is, whatever that comes to.
fn like_get(exam: &Exam) -> Outcome {
    sweep(exam, |draw| {
        let head = any_head(exam, draw);
        let rest =
            head.strip_prefix("GET ").unwrap_or("/ HTTP/1.1\r\nHost: a\r\n\r\n");
        let get = exam.any_response_to(format!("GET {rest}").as_bytes());
        Case::new(format!("HEAD {rest}"), &[]).that(move |call, response| {
            let Ok((_, get)) = &get else { return Ok(()) };
            // A range is for GET alone.
            if response.status != get.status
                && get.status != 206
                && get.status != 416
            {
                let what = format!("status {} instead of GET's", response.status);
                return Err(call.wrong(response, response.status_at, what));
            }
            if response.status != get.status {
                return Ok(());
            }
            // One of the two may be without: what is made with the content alone.
            // Ranges are for GET alone, which is another check's affair.
            let names = match response.status {
                206 => &SAME_FOR_HEAD[..1],
                _ => SAME_FOR_HEAD,
            };
            let both = names.iter().filter_map(|name| {
                Some((name, response.field(name)?, get.field(name)?))
            });
            for (name, ours, theirs) in both {
                if ours.value != theirs.value {
                    let what = format!("for GET, {name} is {}", theirs.value);
                    return Err(call.wrong(response, ours.value_at, what));
                }
            }
            Ok(())
        })
    })
}

/// A body that comes back, and is long enough to be sent as it comes in.
fn long_echo() -> String {
    let head = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 40000\r\n\r\n";
    head.to_owned() + &"x".repeat(40_000)
}

/// What HEAD is told as GET is, if both are.
const SAME_FOR_HEAD: &[&str] =
    &["Content-Length", "Content-Type", "Content-Encoding", "ETag", "Location"];

fn has_a_date(call: &Call, response: &Response) -> Outcome {
    match response.status {
        // Whoever has failed may be without a clock.
        500.. if response.field("Date").is_none() => Ok(()),
        _ => date(call, response, "Date").map(drop),
    }
}

fn has_a_type(call: &Call, response: &Response) -> Outcome {
    match response.content.is_empty() {
        true => Ok(()),
        false => call.field(response, "Content-Type").map(drop),
    }
}

/// Wants no framing that the status or the version has no use for.
fn framing_fits(call: &Call, response: &Response, is_old: bool) -> Outcome {
    let wrong = |name: &str, what: String| match response.field(name) {
        Some(field) => Err(call.wrong(response, field.at, what)),
        None => Ok(()),
    };
    let status = response.status;
    if is_old && !response.interim.is_empty() {
        let what = "an interim response, which HTTP/1.0 does not know";
        return Err(call.wrong(response, response.status_at, what));
    }
    if is_old {
        let what = "HTTP/1.0 does not know a Transfer-Encoding";
        wrong("Transfer-Encoding", what.to_owned())?;
    }
    if status == 204 {
        wrong("Transfer-Encoding", format!("a {status} has no body"))?;
        wrong("Content-Length", format!("a {status} has no length"))?;
    }
    Ok(())
}
