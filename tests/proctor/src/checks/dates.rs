//! Dates: when a response was made, and when the text was changed.

use std::thread::sleep;
use std::time::{Duration, SystemTime};

use httpdate::parse_http_date;

use super::heads::both;
use crate::check::Ports::Each;
use crate::check::Procedure::Does;
use crate::check::Rule::{Must, See, Should};
use crate::check::{Check, Exam, GET, NOT_DONE, POST};
use crate::line::{Call, Failure, Outcome};
use crate::response::Response;
use crate::stage::Stage::Part4;

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "date",
        title: "The 200 has a Date.",
        since: Part4,
        ports: Each,
        rule: Must("RFC 9110 section 6.6.1"),
        why: "Every server that has a clock must say when the response was made.",
        hint: "Date: and the time of now, in GMT.",
        read: "part4.html#dates",
        procedure: Does {
            sends: "a GET",
            run: |exam| {
                let (call, response) = exam.get()?;
                call.field(&response, "Date").map(drop)
            },
        },
    },
    Check {
        id: "date-on-405",
        title: "The 405 has a Date too.",
        since: Part4,
        ports: Each,
        rule: Must("RFC 9110 section 6.6.1"),
        why: "The rule is about responses with 2, 3 or 4 in front.",
        hint: "Write the fields that all responses have in one place.",
        read: "part4.html#dates",
        procedure: Does {
            sends: "a POST",
            run: |exam| {
                let (call, response) = exam.response_of(POST, NOT_DONE)?;
                call.field(&response, "Date").map(drop)
            },
        },
    },
    Check {
        id: "date-form",
        title: "The Date is an IMF-fixdate.",
        since: Part4,
        ports: Each,
        rule: Must("RFC 9110 section 5.6.7"),
        why: "Three forms are read, and this is the one that is written.",
        hint: "Sun, 06 Nov 1994 08:49:37 GMT: two digits for the day, English \
            names, GMT and not UTC. Mind your locale.",
        read: "part4.html#dates",
        procedure: Does {
            sends: "a GET and a POST",
            run: |exam| {
                both(exam, |call, response| date(call, response, "Date").map(drop))
            },
        },
    },
    Check {
        id: "date-is-now",
        title: "The Date is the time of the response.",
        since: Part4,
        ports: Each,
        rule: Must("RFC 9110 section 6.6.1"),
        why: "Clients and caches reckon ages by it.",
        hint: "Is it local time that says GMT?",
        read: "part4.html#dates",
        procedure: Does {
            sends: "a GET",
            run: |exam| {
                let (call, response) = exam.get()?;
                let date = date(&call, &response, "Date")?;
                let now = SystemTime::now();
                let off = now
                    .duration_since(date)
                    .unwrap_or_else(|error| error.duration());
                let at = response.field("Date").map_or(0, |field| field.value_at);
                match off < Duration::from_secs(5) {
                    true => Ok(()),
                    false => {
                        let what = format!("this is {} s off", off.as_secs());
                        Err(call.wrong(&response, at, what))
                    }
                }
            },
        },
    },
    Check {
        id: "date-moves",
        title: "The Date is made anew for each response.",
        since: Part4,
        ports: Each,
        rule: Must("RFC 9110 section 6.6.1"),
        why: "One that is made at the start is hours old by evening.",
        hint: "Make it when you write the head.",
        read: "part4.html#what-the-original-did-here",
        procedure: Does {
            sends: "a POST and a GET, and a second later a GET behind each: on the \
                connection of the first, and on one of its own",
            run: date_moves,
        },
    },
    Check {
        id: "last-modified",
        title: "The 200 has a Last-Modified, which is an IMF-fixdate.",
        since: Part4,
        ports: Each,
        rule: Should("RFC 9110 section 8.8.2.1"),
        why: "By it a client can ask later whether anything has changed.",
        hint: "A day of the week that does not go with its date is the commonest \
            mistake in a date written by hand.",
        read: "part4.html#dates",
        procedure: Does {
            sends: "a GET",
            run: |exam| {
                let (call, response) = exam.get()?;
                date(&call, &response, "Last-Modified").map(drop)
            },
        },
    },
    Check {
        id: "last-modified-is-past",
        title: "Last-Modified is not later than Date.",
        since: Part4,
        ports: Each,
        rule: Must("RFC 9110 section 8.8.2.1"),
        why: "Nothing has been changed in the future.",
        hint: "The same clock for both, and GMT for both.",
        read: "part4.html#dates",
        procedure: Does {
            sends: "a GET",
            run: |exam| {
                let (call, response) = exam.get()?;
                let modified = last_modified(&call, &response)?;
                let made = date(&call, &response, "Date")?;
                let at = response
                    .field("Last-Modified")
                    .map_or(0, |field| field.value_at);
                match modified <= made {
                    true => Ok(()),
                    false => Err(call.wrong(
                        &response,
                        at,
                        "this is later than the Date",
                    )),
                }
            },
        },
    },
    Check {
        id: "last-modified-stays",
        title: "Last-Modified is the same for each response.",
        since: Part4,
        ports: Each,
        rule: See("RFC 9110 section 8.8.2"),
        why: "The text has not changed between two requests.",
        hint: "It is when the text was changed and not when it was asked for.",
        read: "part4.html#dates",
        procedure: Does {
            sends: "a GET twice, a second apart",
            run: |exam| {
                let (call, first) = exam.get()?;
                let before = last_modified(&call, &first)?;
                sleep(Duration::from_millis(1100));
                let (call, second) = exam.get()?;
                let at =
                    second.field("Last-Modified").map_or(0, |field| field.value_at);
                match date(&call, &second, "Last-Modified")? == before {
                    true => Ok(()),
                    false => Err(call.wrong(
                        &second,
                        at,
                        "another Last-Modified than a second ago",
                    )),
                }
            },
        },
    },
];

/// Wants what is answered after more than a second to have another Date, on a connection
/// that is as old too.
fn date_moves(exam: &Exam) -> Outcome {
    let (mut kept, refused) = exam.any_response_to(POST)?;
    let (call, first) = exam.get()?;
    let before = date(&call, &first, "Date")?;
    let has_moved = |call: &Call, second: &Response| {
        let at = second.field("Date").map_or(0, |field| field.value_at);
        match date(call, second, "Date")? > before {
            true => Ok(()),
            false => {
                let what = "the same Date as more than a second ago";
                Err(call.wrong(second, at, what))
            }
        }
    };
    sleep(Duration::from_millis(1100));
    let (call, second) = exam.get()?;
    has_moved(&call, &second)?;
    // That a connection stays is another check's affair.
    if refused.is_last() {
        return Ok(());
    }
    kept.send(GET)?;
    if !kept.hears(kept.patience())? {
        return Ok(());
    }
    let second = kept.response("GET")?;
    has_moved(&kept, &second)
}

/// When what is served was modified, as it says. That it does is another check's affair,
/// and no standard requires it (RFC 9110 section 8.8.2.1).
pub(super) fn last_modified(
    call: &Call,
    response: &Response,
) -> Outcome<SystemTime> {
    match response.field("Last-Modified") {
        Some(_) => date(call, response, "Last-Modified"),
        None => Err(Failure::skip("there is no Last-Modified to look at")),
    }
}

/// A field that is a date as RFC 9110 section 5.6.7 has it.
pub(super) fn date(
    call: &Call,
    response: &Response,
    name: &str,
) -> Outcome<SystemTime> {
    let field = call.field(response, name)?;
    let wrong = |at: usize, what: &str| {
        Err(call.wrong(response, field.value_at + at, what))
    };
    if let Some(other) = response.all(name).nth(1) {
        let what = format!("there is one {name}, and this is another");
        return Err(call.wrong(response, other.at, what));
    }
    let Ok(date) = parse_http_date(&field.value) else {
        return wrong(0, "this is no HTTP-date");
    };
    let written = httpdate::fmt_http_date(date);
    let mut pairs = written.bytes().zip(field.value.bytes());
    match pairs.position(|(a, b)| a != b) {
        Some(at) => wrong(at, &format!("as an IMF-fixdate this is {written}")),
        None if written.len() != field.value.len() => {
            wrong(29, "an IMF-fixdate has 29 bytes")
        }
        None => Ok(date),
    }
}
