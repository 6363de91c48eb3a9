//! The exercises of Part 4.

use std::time::{Duration, SystemTime};

use httpdate::{fmt_http_date, parse_http_date};

use super::Exercise;
use super::Judged::{Adds, ByHand, Replaces};
use super::{Rubric, said};
use crate::check::Ports::Each;
use crate::check::Procedure::Does;
use crate::check::Rule::{Must, Ours, See, Should};
use crate::check::{Check, Exam};
use crate::line::{Call, Failure, Outcome};
use crate::response::Response;
use crate::stage::Stage::Part4;
use crate::variant::head;

/// The exercises.
pub const EXERCISES: &[Exercise] = &[
    Exercise {
        number: "4.1",
        stage: Part4,
        one_at_a_time: false,
        judged: ByHand(Rubric([
            "what curl prints and its exit code, said beforehand, five times",
            "what it did instead, where that was not so",
            "for each of the five the rule of RFC 9112 section 6.3 that decided",
        ])),
    },
    Exercise {
        number: "4.2",
        stage: Part4,
        one_at_a_time: false,
        judged: Replaces(&[LONGEST_HEAD_AS_SAID]),
    },
    Exercise {
        number: "4.3",
        stage: Part4,
        one_at_a_time: false,
        judged: Adds {
            own: &[UTF_16],
            with: &[],
            without: &["charset", "text-is-utf8"],
        },
    },
    Exercise {
        number: "4.4",
        stage: Part4,
        one_at_a_time: false,
        judged: Adds {
            own: &[NOT_MODIFIED, MODIFIED_BEFORE, SINCE_NO_DATE],
            with: &[],
            without: &[],
        },
    },
    Exercise {
        number: "4.5",
        stage: Part4,
        one_at_a_time: false,
        judged: Adds { own: &[CALENDAR], with: &[], without: &[] },
    },
    Exercise {
        number: "4.6",
        stage: Part4,
        one_at_a_time: false,
        judged: ByHand(Rubric([
            "nothing is wrong with part4, to GET and to HEAD",
            "lying 4 lacks four bytes, lying -4 has four left over, and Part 3 promises \
             nothing",
            "when a client may read on to see what is left over, and when it would wait \
             for ever",
        ])),
    },
];

const LONGEST_HEAD_AS_SAID: Check = Check {
    id: "longest-head-as-said",
    title: "The longest head is as long as you said.",
    since: Part4,
    ports: Each,
    rule: Ours,
    why: "A limit has two sides, and a byte decides.",
    hint: "--said N, with the number of bytes up to the end of the empty line.",
    read: "part4.html#exercises",
    procedure: Does {
        sends: "a head of that length, and one of a byte more; junk without a line end, \
            of that length and of a byte more",
        run: |exam| {
            let said = said::words(exam, 1)?;
            let too_short = "that is no number, or too small for a head";
            let length = said[0].parse::<usize>().ok();
            let length = length.filter(|length| (64..1 << 20).contains(length));
            let length = length.ok_or_else(|| Failure::new(too_short))?;
            exam.response_to(&head(length), 200)
                .map_err(|failure| failure.of("of that length"))?;
            exam.response_to(&head(length + 1), 431)
                .map_err(|failure| failure.of("of a byte more"))?;
            let mut call = exam.line.call()?;
            call.send("x".repeat(length))?;
            call.finish();
            call.nothing_follows()
                .map_err(|failure| failure.of("junk of that length"))?;
            exam.response_to("x".repeat(length + 1).as_bytes(), 431)
                .map_err(|failure| failure.of("junk of a byte more"))?;
            Ok(())
        },
    },
};

const CALENDAR: Check = Check {
    id: "calendar",
    title: "GET /SECONDS has that time as its Last-Modified.",
    since: Part4,
    ports: Each,
    rule: See("RFC 9110 section 5.6.7"),
    why: "A calendar that is right today may be wrong on the last day of February.",
    hint: "Begin the year in March, and the century with the one that has a day more.",
    read: "part4.html#exercises",
    procedure: Does {
        sends: "GETs of times of four hundred years: the first and the last of February \
            and of the year, and others",
        run: |exam| {
            for time in instants() {
                let request =
                    format!("GET /{time} HTTP/1.1\r\nHost: localhost\r\n\r\n");
                let (call, response) = exam.response_to(request.as_bytes(), 200)?;
                let field = call.field(&response, "Last-Modified")?;
                let wanted = fmt_http_date(
                    SystemTime::UNIX_EPOCH + Duration::from_secs(time),
                );
                if field.value != wanted {
                    let what = format!("{time} seconds after 1970 are {wanted}");
                    return Err(call.wrong(&response, field.value_at, what));
                }
                exam.line.forget(&call);
            }
            Ok(())
        },
    },
};

/// Times at which a calendar is likely to be wrong, in seconds after 1970: around the
/// ends of Februaries and of years, in years of each kind up to 2400.
fn instants() -> impl Iterator<Item = u64> {
    // Seconds at which 1 March of a year begins, from the leap days that are over by then.
    let march = |year: u64| {
        let leaps = year / 4 - year / 100 + year / 400 - 477;
        ((year - 1970) * 365 + leaps + 59) * 86_400
    };
    let years = [1970, 1972, 1999, 2000, 2023, 2024, 2099, 2100, 2101, 2400];
    let around = move |year| {
        let march = march(year);
        let of_year = 306 * 86_400;
        [march - 86_401, march - 1, march, march + of_year - 1, march + of_year]
    };
    let others = (0..20).map(|index| index * 650_000_003 + 86_399);
    years.into_iter().flat_map(around).chain(others)
}

const UTF_16: Check = Check {
    id: "utf-16",
    title: "The text is in UTF-16, and says so.",
    since: Part4,
    ports: Each,
    rule: See("RFC 9110 section 8.3.2"),
    why: "A charset is a promise about bytes too.",
    hint: "FE FF first, then two bytes for each unit, the high one first; \
        Content-Length counts all of them.",
    read: "part4.html#exercises",
    procedure: Does {
        sends: "a GET",
        run: |exam| {
            let (call, response) = exam.get()?;
            let Some(field) = response.field("content-type") else {
                return Err(call.wrong(&response, 0, "there is no Content-Type"));
            };
            let wanted = "charset=utf-16";
            let value = field.value.to_ascii_lowercase().replace('"', "");
            if !value.contains(wanted) {
                let at = field.value_at;
                return Err(call.wrong(&response, at, format!("not {wanted}")));
            }
            let at = response.body.start;
            let wrong = |what: &str| Err(call.wrong(&response, at, what));
            let high_first = match response.content.get(..2) {
                Some([0xfe, 0xff]) => true,
                Some([0xff, 0xfe]) => false,
                _ => return wrong("there is no byte order mark"),
            };
            let units = response.content[2..].chunks(2).map(|pair| match *pair {
                [a, b] if high_first => u16::from_be_bytes([a, b]),
                [a, b] => u16::from_le_bytes([a, b]),
                _ => 0xd800,
            });
            match char::decode_utf16(units).collect::<Result<String, _>>() {
                Err(_) => wrong("the body is no UTF-16"),
                Ok(text) if text.is_ascii() => {
                    wrong("there is nothing in it that ASCII has not")
                }
                Ok(_) => Ok(()),
            }
        },
    },
};

const NOT_MODIFIED: Check = Check {
    id: "not-modified",
    title: "Who has the text as it is gets 304, and no content.",
    since: Part4,
    ports: Each,
    rule: Should("RFC 9110 section 13.1.3"),
    why: "Who has it already need not get it again.",
    hint: "304 if Last-Modified is not later than the date that was sent.",
    read: "part4.html#exercises",
    procedure: Does {
        sends: "a GET with the date of Last-Modified; one with a later date",
        run: |exam| {
            let date = last_modified(exam)?;
            for (date, to) in
                [(date, "to the same date"), (date + SECOND, "to a later date")]
            {
                let date = fmt_http_date(date);
                for name in ["If-Modified-Since", "if-modified-SINCE"] {
                    let (mut call, response) =
                        since(exam, &format!("{name}: {date}"))?;
                    wants(&call, &response, 304, to)?;
                    call.nothing_more()?;
                }
            }
            Ok(())
        },
    },
};

const MODIFIED_BEFORE: Check = Check {
    id: "modified-before",
    title: "Who has an older text gets the text.",
    since: Part4,
    ports: Each,
    rule: See("RFC 9110 section 13.1.3"),
    why: "Who has it already need not get it again.",
    hint: "Compare the dates, and not for equality alone.",
    read: "part4.html#exercises",
    procedure: Does {
        sends: "a GET with a date one second before Last-Modified",
        run: |exam| {
            let date = fmt_http_date(last_modified(exam)? - SECOND);
            let field = format!("If-Modified-Since: {date}");
            let (call, response) = since(exam, &field)?;
            wants(&call, &response, 200, "to an earlier date")
        },
    },
};

const SINCE_NO_DATE: Check = Check {
    id: "since-no-date",
    title: "A date that is none is ignored.",
    since: Part4,
    ports: Each,
    rule: Must("RFC 9110 section 13.1.3"),
    why: "Who has it already need not get it again.",
    hint: "What can't be read is as if it were not there.",
    read: "part4.html#exercises",
    procedure: Does {
        sends: "a GET with If-Modified-Since: tomorrow",
        run: |exam| {
            let (call, response) = since(exam, "If-Modified-Since: tomorrow")?;
            wants(&call, &response, 200, "to what is no date")
        },
    },
};

const SECOND: Duration = Duration::from_secs(1);

/// What comes back to a GET with a field that makes it conditional.
fn since(exam: &Exam, field: &str) -> Outcome<(Call, Response)> {
    let request = format!("GET / HTTP/1.1\r\nHost: localhost\r\n{field}\r\n\r\n");
    exam.any_response_to(request.as_bytes())
}

/// When the text was last modified.
fn last_modified(exam: &Exam) -> Outcome<SystemTime> {
    let (call, response) = exam.get()?;
    let field = response.field("last-modified");
    let date = field.and_then(|field| parse_http_date(&field.value).ok());
    date.ok_or_else(|| call.wrong(&response, 0, "there is no Last-Modified"))
}

fn wants(call: &Call, response: &Response, status: u16, to: &str) -> Outcome {
    if response.status != status {
        let what = format!("status {} instead of {status}, {to}", response.status);
        return Err(call.wrong(response, response.status_at, what));
    }
    match status == 304 && !response.content.is_empty() {
        true => {
            Err(call.wrong(response, response.body.start, "a 304 has no content"))
        }
        false => Ok(()),
    }
}
