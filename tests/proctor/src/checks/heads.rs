//! The heads of responses, which say what follows.

use crate::check::Ports::Each;
use crate::check::Procedure::Does;
use crate::check::Rule::{Must, See, Should};
use crate::check::{Check, Exam, GET, POST};
use crate::line::{Call, Outcome};
use crate::response::{Fault, Response};
use crate::stage::Stage::{Part3, Part4};

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "version",
        title: "The status line begins with HTTP/1.1.",
        since: Part3,
        ports: Each,
        rule: Should("RFC 9110 section 6.2"),
        why: "It tells the client what the server can do.",
        hint: "Exactly these eight bytes: upper case, no spaces.",
        read: "part3.html#answering",
        procedure: Does {
            sends: "a GET and a POST",
            run: |exam| {
                no_fault(exam, Fault::Version, "the version is not HTTP/1.1")
            },
        },
    },
    Check {
        id: "status-line-space",
        title: "A space follows the status code.",
        since: Part3,
        ports: Each,
        rule: Must("RFC 9112 section 4"),
        why: "The reason phrase may be missing, the space before it may not.",
        hint: "HTTP/1.1 200 OK, or HTTP/1.1 200 with a space at its end.",
        read: "part4.html#a-response",
        procedure: Does {
            sends: "a GET and a POST",
            run: |exam| {
                no_fault(
                    exam,
                    Fault::Space,
                    "a space is missing here, after the status code",
                )
            },
        },
    },
    Check {
        id: "line-ends",
        title: "Each line of a head ends with CR LF.",
        since: Part3,
        ports: Each,
        rule: Must("RFC 9112 section 2.1"),
        why: "Clients may forgive a lone LF; those between you and them may not.",
        hint: "Your language's line end is likely to be LF alone: write \\r\\n.",
        read: "part4.html#a-response",
        procedure: Does {
            sends: "a GET and a POST",
            run: |exam| {
                no_fault(exam, Fault::LineEnd, "this LF has no CR before it")
            },
        },
    },
    Check {
        id: "content-length",
        title: "The 200 says how long its body is.",
        since: Part4,
        ports: Each,
        rule: Should("RFC 9110 section 8.6"),
        why: "A cut looks like an end to whoever was told no length.",
        hint: "Content-Length, in bytes. Chunks will do, too.",
        read: "part4.html#a-response",
        procedure: Does {
            sends: "a GET",
            run: |exam| {
                let (call, response) = exam.get()?;
                is_framed(&call, &response)
            },
        },
    },
    Check {
        id: "length-is-kept",
        title: "The body is as long as was promised, to the byte.",
        since: Part4,
        ports: Each,
        rule: Must("RFC 9112 section 6.3"),
        why: "Framing is a promise about bytes: too few and the client waits, too \
            many and they are the next response's.",
        hint: "Count bytes and not characters, and count what you send, after it \
            has been encoded. Nothing goes behind the body.",
        read: "part4.html#the-idea",
        procedure: Does {
            sends: "a GET",
            run: |exam| {
                // That there is a promise is another check's affair.
                let (mut call, _) = exam.get()?;
                call.nothing_more()
            },
        },
    },
    Check {
        id: "one-content-length",
        title: "There is one Content-Length.",
        since: Part4,
        ports: Each,
        rule: Must("RFC 9110 section 8.6"),
        why: "Two readers may go by different ones.",
        hint: "Is the field set in two places?",
        read: "part4.html#a-response",
        procedure: Does {
            sends: "a GET and a POST",
            run: |exam| {
                both(exam, |call, response| {
                    match response.all("Content-Length").nth(1) {
                        Some(second) => Err(call.wrong(
                            response,
                            second.at,
                            "a second Content-Length",
                        )),
                        None => Ok(()),
                    }
                })
            },
        },
    },
    Check {
        id: "content-type",
        title: "The 200 says what its body is: text/plain.",
        since: Part4,
        ports: Each,
        rule: Should("RFC 9110 section 8.3"),
        why: "A client that is not told guesses.",
        hint: "Content-Type: text/plain; charset=utf-8",
        read: "part4.html#a-response",
        procedure: Does {
            sends: "a GET",
            run: |exam| {
                let (call, response) = exam.get()?;
                let field = call.field(&response, "Content-Type")?;
                let media =
                    field.value.split(';').next().unwrap_or_default().trim();
                // What proctor plants is a page, and not the text.
                let wanted = match exam.line.target.root {
                    None => "text/plain",
                    Some(_) => "text/html",
                };
                match media.eq_ignore_ascii_case(wanted) {
                    true => Ok(()),
                    false => {
                        let what = format!("this is not {wanted}");
                        Err(call.wrong(&response, field.value_at, what))
                    }
                }
            },
        },
    },
    Check {
        id: "charset",
        title: "The 200 says that its text is UTF-8.",
        since: Part4,
        ports: Each,
        rule: See("RFC 9110 section 8.3.2"),
        why: "Browsers guess another encoding, in which a dash is three letters.",
        hint: "Content-Type: text/plain; charset=utf-8",
        read: "part4.html#a-response",
        procedure: Does {
            sends: "a GET",
            run: |exam| {
                let (call, response) = exam.get()?;
                let field = call.field(&response, "Content-Type")?;
                let value = field.value.to_ascii_lowercase().replace('"', "");
                match value.split(';').any(|it| it.trim() == "charset=utf-8") {
                    true => Ok(()),
                    false => Err(call.wrong(
                        &response,
                        field.value_at,
                        "no charset=utf-8 here",
                    )),
                }
            },
        },
    },
    Check {
        id: "field-names",
        title: "Field names are tokens, with the colon right behind.",
        since: Part4,
        ports: Each,
        rule: Must("RFC 9112 section 5.1"),
        why: "A space before the colon is a way to be read differently by two \
            readers.",
        hint: "Name, colon, space, value, CR LF.",
        read: "part4.html#a-response",
        procedure: Does {
            sends: "a GET and a POST",
            run: |exam| {
                no_fault(
                    exam,
                    Fault::Name,
                    "no field name, or no colon right behind it",
                )
            },
        },
    },
    Check {
        id: "field-values",
        title: "Field values have no control characters.",
        since: Part4,
        ports: Each,
        rule: Must("RFC 9110 section 5.5"),
        why: "They can end a line early, for some reader.",
        hint: "Is a line end left over from where the value came from?",
        read: "part4.html#a-response",
        procedure: Does {
            sends: "a GET and a POST",
            run: |exam| no_fault(exam, Fault::Value, "a control character"),
        },
    },
    Check {
        id: "no-request-fields",
        title: "There is no Host in a response.",
        since: Part4,
        ports: Each,
        rule: See("RFC 9110 section 7.2"),
        why: "It is a request's field.",
        hint: "Do not copy the request's fields.",
        read: "part4.html#what-the-original-did-here",
        procedure: Does {
            sends: "a GET and a POST",
            run: |exam| {
                both(exam, |call, response| match response.field("Host") {
                    Some(field) => {
                        Err(call.wrong(response, field.at, "a Host in a response"))
                    }
                    None => Ok(()),
                })
            },
        },
    },
    Check {
        id: "one-framing",
        title: "There is no Transfer-Encoding beside a Content-Length.",
        since: Part4,
        ports: Each,
        rule: Must("RFC 9112 section 6.2"),
        why: "Two promises about one end.",
        hint: "Has a library added one of them?",
        read: "part4.html#the-idea",
        procedure: Does {
            sends: "a GET and a POST",
            run: |exam| {
                both(exam, |call, response| {
                    let length = response.field("Content-Length");
                    match response
                        .field("Transfer-Encoding")
                        .filter(|_| length.is_some())
                    {
                        Some(field) => Err(call.wrong(
                            response,
                            field.at,
                            "a Transfer-Encoding beside a Content-Length",
                        )),
                        None => Ok(()),
                    }
                })
            },
        },
    },
];

/// Wants no fault of a sort in the heads of what comes to a GET and to a POST.
fn no_fault(exam: &Exam, fault: Fault, what: &str) -> Outcome {
    for request in [GET, POST] {
        let (call, response) = exam.any_response_to(request)?;
        if let Some((_, at)) = response.faults.iter().find(|it| it.0 == fault) {
            return Err(call.wrong(&response, *at, what));
        }
    }
    Ok(())
}

pub(super) fn both(
    exam: &Exam,
    look: impl Fn(&Call, &Response) -> Outcome,
) -> Outcome {
    for request in [GET, POST] {
        let (call, response) = exam.any_response_to(request)?;
        look(&call, &response)?;
    }
    Ok(())
}

/// Wants a response to say where it ends: by its length, or by chunks.
pub(super) fn is_framed(call: &Call, response: &Response) -> Outcome {
    match response.is_chunked() {
        true => Ok(()),
        false => call.field(response, "Content-Length").map(drop),
    }
}
