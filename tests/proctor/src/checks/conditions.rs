//! Conditions: is it still the one?

use super::dates::last_modified;
use crate::check::Check;
use crate::check::Ports::Each;
use crate::check::Procedure::{Answers, Does};
use crate::check::Rule::{Must, Should};
use crate::check::Then::Stays;
use crate::stage::Stage::Part6;

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "etag",
        title: "What is served has a strong entity tag.",
        since: Part6,
        ports: Each,
        rule: Should("RFC 9110 section 8.8.3.1"),
        why: "A date is a second wide, and can be set.",
        hint: "A string in quotes that changes with the bytes.",
        read: "part6_files.html#is-it-still-the-one-conditional-requests",
        procedure: Does {
            sends: "a GET, twice",
            run: |exam| {
                let (call, response) = exam.get()?;
                let tag = call.field(&response, "ETag")?.value.clone();
                let opaque =
                    tag.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
                let at = response.field("ETag").map_or(0, |field| field.value_at);
                if opaque.is_none_or(|it| it.contains(['"', ' '])) {
                    let what = "a strong entity tag stands in quotes";
                    return Err(call.wrong(&response, at, what));
                }
                let (call, response) = exam.get()?;
                match call.field(&response, "ETag")?.value == tag {
                    true => Ok(()),
                    false => {
                        let what = "another tag for the same bytes";
                        Err(call.wrong(&response, at, what))
                    }
                }
            },
        },
    },
    Check {
        id: "none-match",
        title: "Who has it already is told so.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9110 section 13.1.2"),
        why: "A condition says what the client has already, or relies on.",
        hint: "If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since.",
        read: "part6_files.html#is-it-still-the-one-conditional-requests",
        procedure: Does {
            sends: "a GET with the entity tag in If-None-Match, weak and in a list \
                too",
            run: |exam| {
                let (mut call, mut last) = exam.get()?;
                let forms = match last.field("ETag") {
                    Some(field) => {
                        let tag = &field.value;
                        let opaque = tag.trim_start_matches("W/");
                        vec![
                            tag.clone(),
                            format!("W/{opaque}"),
                            format!("\"x\", {tag}"),
                        ]
                    }
                    // What has no tag is there all the same.
                    None => vec!["*".to_owned()],
                };
                let has_tag = last.field("ETag").is_some();
                for tag in forms {
                    call = exam.next(call, &last)?;
                    call.send(with(&format!("If-None-Match: {tag}")))?;
                    last = call.status("GET", 304)?;
                    if has_tag {
                        call.field(&last, "ETag")?;
                    }
                }
                exam.goes_on(&mut call, &last)
            },
        },
    },
    Check {
        id: "none-match-another",
        title: "Who has another gets this one.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9110 section 13.2.2"),
        why: "A condition says what the client has already, or relies on.",
        hint: "If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since.",
        read: "part6_files.html#is-it-still-the-one-conditional-requests",
        procedure: Answers(
            get!(
                "If-None-Match: \"another\"\r\nIf-Modified-Since: Fri, 31 Dec 2049 23:59:59 GMT\r\n"
            ),
            200,
            Stays,
        ),
    },
    Check {
        id: "modified-since",
        title: "What has not changed since is not sent again.",
        since: Part6,
        ports: Each,
        rule: Should("RFC 9110 section 13.1.3"),
        why: "A condition says what the client has already, or relies on.",
        hint: "If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since.",
        read: "part6_files.html#is-it-still-the-one-conditional-requests",
        procedure: Does {
            sends: "a GET with Last-Modified in If-Modified-Since",
            run: |exam| {
                let (call, response) = exam.get()?;
                last_modified(&call, &response)?;
                let date = call.field(&response, "Last-Modified")?.value.clone();
                let mut call = exam.next(call, &response)?;
                call.send(with(&format!("If-Modified-Since: {date}")))?;
                let response = call.status("GET", 304)?;
                exam.goes_on(&mut call, &response)
            },
        },
    },
    Check {
        id: "modified-since-never",
        title: "A date that is none is no condition.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9110 section 13.1.3"),
        why: "A condition says what the client has already, or relies on.",
        hint: "If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since.",
        read: "part6_files.html#is-it-still-the-one-conditional-requests",
        procedure: Answers(get!("If-Modified-Since: yesterday\r\n"), 200, Stays),
    },
    Check {
        id: "match-another",
        title: "Who relies on another state is told so.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9110 section 13.1.1"),
        why: "A condition says what the client has already, or relies on.",
        hint: "If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since.",
        read: "part6_files.html#is-it-still-the-one-conditional-requests",
        procedure: Answers(get!("If-Match: \"another\"\r\n"), 412, Stays),
    },
];

/// A GET with one field more.
fn with(field: &str) -> String {
    format!("GET / HTTP/1.1\r\nHost: localhost\r\n{field}\r\n\r\n")
}
