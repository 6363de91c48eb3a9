//! Methods: what is done, what is not done here, and what nobody has heard of.

use crate::check::Ports::Each;
use crate::check::Procedure::{Answers, Does};
use crate::check::Rule::{Must, Ours, See, Should};
use crate::check::Then::{Closes, Either, StaysOrSaysClose};
use crate::check::{Check, HEAD, POST};
use crate::response::Field;
use crate::stage::Stage;
use crate::stage::Stage::{Part3, Part4, Part5};

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "get-is-served",
        title: "GET is answered with 200 and the text.",
        since: Part3,
        ports: Each,
        rule: Must("RFC 9110 section 9.1"),
        why: "It is what is asked for.",
        hint: "A status line, an empty line, the text.",
        read: "part3.html#answering",
        procedure: Does {
            sends: "a GET",
            run: |exam| {
                let (call, response) = exam.get()?;
                match response.content.is_empty() {
                    true => Err(call.wrong(
                        &response,
                        response.body.start,
                        "there is no text",
                    )),
                    false => Ok(()),
                }
            },
        },
    },
    Check {
        id: "get-is-a-word",
        title: "GETX is not GET.",
        since: Part3,
        ports: Each,
        rule: Should("RFC 9110 section 9.1"),
        why: "A longer word that begins with the right letters is another word.",
        hint: "Compare the method up to the space behind it.",
        read: "part3.html#what-to-remember",
        procedure: Does {
            sends: "GETX / HTTP/1.1, Host: localhost, and an empty line",
            run: |exam| {
                let request = b"GETX / HTTP/1.1\r\nHost: localhost\r\n\r\n";
                exam.response_to(request, unknown_status(exam.stage)).map(drop)
            },
        },
    },
    Check {
        id: "get-is-upper-case",
        title: "get is not GET.",
        since: Part3,
        ports: Each,
        rule: Should("RFC 9110 section 9.1"),
        why: "Methods are told apart by case.",
        hint: "Compare bytes, with no regard for what they look like.",
        read: "part3.html#what-to-remember",
        procedure: Does {
            sends: "get / HTTP/1.1, Host: localhost, and an empty line",
            run: |exam| {
                let request = b"get / HTTP/1.1\r\nHost: localhost\r\n\r\n";
                exam.response_to(request, unknown_status(exam.stage)).map(drop)
            },
        },
    },
    Check {
        id: "post-is-refused",
        title: "POST is answered with 405.",
        since: Part3,
        ports: Each,
        rule: See("RFC 9110 section 9.1"),
        why: "It is a request, and not one that we do.",
        hint: "405 Method Not Allowed.",
        read: "part3.html#junk",
        procedure: Does {
            sends: "a POST",
            run: |exam| exam.response_to(POST, 405).map(drop),
        },
    },
    Check {
        id: "head-is-no-get",
        title: "HEAD is not taken for GET before Part 4.",
        since: Part3,
        ports: Each,
        rule: Ours,
        why: "Only GET is known so far.",
        hint: "Compare the whole word.",
        read: "part3.html#answering",
        procedure: Does {
            sends: "a HEAD",
            run: |exam| exam.response_to(HEAD, 405).map(drop),
        },
    },
    Check {
        id: "head-is-answered",
        title: "HEAD is answered with 200.",
        since: Part4,
        ports: Each,
        rule: Must("RFC 9110 section 9.1"),
        why: "Every server must do GET and HEAD.",
        hint: "The same as GET, up to the empty line.",
        read: "part4.html#asking-for-the-head-alone",
        procedure: Answers(HEAD, 200, Either),
    },
    Check {
        id: "head-has-no-body",
        title: "The response to HEAD has no body.",
        since: Part4,
        ports: Each,
        rule: Must("RFC 9110 section 9.3.2"),
        why: "The client does not read one: it would be the next response's \
            beginning.",
        hint: "Not even an empty line more.",
        read: "part4.html#asking-for-the-head-alone",
        procedure: Does {
            sends: "a HEAD",
            run: |exam| exam.response_to(HEAD, 200)?.0.nothing_more(),
        },
    },
    Check {
        id: "head-is-like-get",
        title: "The response to HEAD has the fields of GET's.",
        since: Part4,
        ports: Each,
        rule: Should("RFC 9110 section 9.3.2"),
        why: "It is asked for to learn what GET would bring, Content-Length \
            included.",
        hint: "Make both with the same function.",
        read: "part4.html#asking-for-the-head-alone",
        procedure: Does {
            sends: "a GET and a HEAD",
            run: |exam| {
                let (_, get) = exam.get()?;
                let (call, head) = exam.response_to(HEAD, 200)?;
                let mut wanted = get.fields.iter().filter(|it| !may_differ(it));
                let missed = wanted.find(|it| {
                    head.all(&it.name).all(|found| found.value != it.value)
                });
                match missed {
                    Some(missed) => {
                        let at = head
                            .field(&missed.name)
                            .map_or(head.last_line(), |it| it.at);
                        let what = format!(
                            "GET's head has {}: {}",
                            missed.name, missed.value
                        );
                        Err(call.wrong(&head, at, what))
                    }
                    None => Ok(()),
                }
            },
        },
    },
    Check {
        id: "head-is-a-word",
        title: "HEADX is not HEAD.",
        since: Part4,
        ports: Each,
        rule: Should("RFC 9110 section 9.1"),
        why: "A longer word that begins with the right letters is another word.",
        hint: "Compare the method up to the space behind it.",
        read: "part4.html#their-half",
        procedure: Does {
            sends: "HEADX / HTTP/1.1, Host: localhost, and an empty line",
            run: |exam| {
                let status = if exam.stage < Part5 { 405 } else { 501 };
                let request = b"HEADX / HTTP/1.1\r\nHost: localhost\r\n\r\n";
                exam.response_to(request, status).map(drop)
            },
        },
    },
    Check {
        id: "put",
        title: "PUT is refused with 405.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9110 section 9.1"),
        why: "We have heard of it, and don't do it here.",
        hint: "405, and what is allowed.",
        read: "part5.html#methods",
        procedure: Answers(
            b"PUT / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            405,
            StaysOrSaysClose,
        ),
    },
    Check {
        id: "delete",
        title: "DELETE is refused with 405.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9110 section 9.1"),
        why: "We have heard of it, and don't do it here.",
        hint: "405, and what is allowed.",
        read: "part5.html#methods",
        procedure: Answers(
            b"DELETE / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            405,
            StaysOrSaysClose,
        ),
    },
    Check {
        id: "trace",
        title: "TRACE is refused with 405.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9110 section 9.1"),
        why: "We have heard of it, and don't do it here.",
        hint: "405, and what is allowed.",
        read: "part5.html#methods",
        procedure: Answers(
            b"TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            405,
            StaysOrSaysClose,
        ),
    },
    Check {
        id: "patch",
        title: "PATCH is refused with 405.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9110 section 9.1"),
        why: "We have heard of it, and don't do it here.",
        hint: "405, and what is allowed.",
        read: "part5.html#methods",
        procedure: Answers(
            b"PATCH / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            405,
            StaysOrSaysClose,
        ),
    },
    Check {
        id: "connect",
        title: "CONNECT with a host and port is refused with 405.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9112 section 3.2.3"),
        why: "The form is right for the method, and the method is not ours.",
        hint: "Authority-form is host, colon, port, and nothing else.",
        read: "part5.html#targets",
        procedure: Does {
            sends: "CONNECT localhost:80 HTTP/1.1, Host, and an empty line",
            run: |exam| {
                let request =
                    b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\n\r\n";
                exam.response_to(request, 405).map(drop)
            },
        },
    },
    Check {
        id: "options-asterisk",
        title: "OPTIONS * is a request, and refused with 405.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9112 section 3.2.4"),
        why: "The form is right for the method, and the method is not ours.",
        hint: "405, and what is allowed.",
        read: "part5.html#targets",
        procedure: Answers(
            b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
            405,
            StaysOrSaysClose,
        ),
    },
    Check {
        id: "unknown-method",
        title: "A method that nobody has heard of is refused with 501.",
        since: Part5,
        ports: Each,
        rule: Should("RFC 9110 section 9.1"),
        why: "405 means not here, 501 not me.",
        hint: "A list of the methods that you know.",
        read: "part5.html#methods",
        procedure: Answers(
            b"BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            501,
            StaysOrSaysClose,
        ),
    },
    Check {
        id: "head-of-a-refusal",
        title: "HEAD is refused without a body too.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9110 section 9.3.2"),
        why: "The client does not read one, whatever the status.",
        hint: "Remember the method as soon as it is known.",
        read: "part5.html#from-left-to-right",
        procedure: Answers(b"HEAD / HTTP/1.1\r\n\r\n", 400, Closes),
    },
];

/// How a method is refused that nobody has heard of.
fn unknown_status(stage: Stage) -> u16 {
    if stage < Part5 { 405 } else { 501 }
}

/// Whether a field of GET's head is about that one response, or its transfer, which
/// HEAD has none of (RFC 9110 section 9.3.2).
fn may_differ(field: &Field) -> bool {
    let names = ["Date", "Transfer-Encoding", "Trailer"];
    names.iter().any(|name| field.name.eq_ignore_ascii_case(name))
}
