//! Ranges: from here to there.

use super::sweeps::ranges::says;
use crate::check::Check;
use crate::check::Ports::Each;
use crate::check::Procedure::{Answers, Does};
use crate::check::Rule::{Must, See};
use crate::check::Then::Stays;
use crate::stage::Stage::Part6;

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "one-range",
        title: "A range is cut out.",
        since: Part6,
        ports: Each,
        rule: See("RFC 9110 section 14.2"),
        why: "Who has half of it wants the other half.",
        hint: "206 and Content-Range; 416 if there is nothing there; else all of \
            it.",
        read: "part6_files.html#from-here-to-there-ranges",
        procedure: Does {
            sends: "a GET with bytes=4-9, and one with bytes=-7",
            run: |exam| {
                let (mut call, whole) = exam.get()?;
                let length = whole.content.len();
                for (range, wanted) in
                    [("4-9", 4..=9), ("-7", length - 7..=length - 1)]
                {
                    call = exam.next(call, &whole)?;
                    call.send(format!(
                        "GET / HTTP/1.1\r\nHost: localhost\r\n\
                         Range: bytes={range}\r\n\r\n"
                    ))?;
                    let response = call.status("GET", 206)?;
                    call.content(&response, &whole.content[wanted.clone()])?;
                    let said = call.field(&response, "Content-Range")?;
                    if !says(&said.value, &wanted, length) {
                        let what = "this is not the range that was sent";
                        return Err(call.wrong(&response, said.value_at, what));
                    }
                }
                Ok(())
            },
        },
    },
    Check {
        id: "range-past-the-end",
        title: "A range where nothing is gets 416.",
        since: Part6,
        ports: Each,
        rule: See("RFC 9110 section 14.2"),
        why: "Who has half of it wants the other half.",
        hint: "206 and Content-Range; 416 if there is nothing there; else all of \
            it.",
        read: "part6_files.html#from-here-to-there-ranges",
        procedure: Does {
            sends: "a GET with bytes=99999999-",
            run: |exam| {
                let (call, whole) = exam.get()?;
                let mut call = exam.next(call, &whole)?;
                call.send(get!("Range: bytes=99999999-\r\n"))?;
                let response = call.status("GET", 416)?;
                let said = call.field(&response, "Content-Range")?.value.clone();
                match said == format!("bytes */{}", whole.content.len()) {
                    true => exam.goes_on(&mut call, &response),
                    false => {
                        let at = response
                            .field("Content-Range")
                            .map_or(0, |it| it.value_at);
                        Err(call.wrong(&response, at, "this is not how long it is"))
                    }
                }
            },
        },
    },
    Check {
        id: "range-of-nonsense",
        title: "A range that makes no sense is not there.",
        since: Part6,
        ports: Each,
        rule: See("RFC 9110 section 14.2"),
        why: "Who has half of it wants the other half.",
        hint: "206 and Content-Range; 416 if there is nothing there; else all of \
            it.",
        read: "part6_files.html#from-here-to-there-ranges",
        procedure: Answers(get!("Range: bytes=9-4\r\n"), 200, Stays),
    },
    Check {
        id: "if-range",
        title: "A range of another state is not sent.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9110 section 13.1.5"),
        why: "Who has half of it wants the other half.",
        hint: "206 and Content-Range; 416 if there is nothing there; else all of \
            it.",
        read: "part6_files.html#from-here-to-there-ranges",
        procedure: Answers(
            get!("Range: bytes=4-9\r\nIf-Range: \"another\"\r\n"),
            200,
            Stays,
        ),
    },
    Check {
        id: "range-of-head",
        title: "A range is for GET alone.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9110 section 14.2"),
        why: "Who has half of it wants the other half.",
        hint: "206 and Content-Range; 416 if there is nothing there; else all of \
            it.",
        read: "part6_files.html#from-here-to-there-ranges",
        procedure: Does {
            sends: "a HEAD with bytes=4-9",
            run: |exam| {
                let mut call = exam.line.call()?;
                call.send(
                    b"HEAD / HTTP/1.1\r\nHost: a\r\nRange: bytes=4-9\r\n\r\n",
                )?;
                call.status("HEAD", 200).map(drop)
            },
        },
    },
];
