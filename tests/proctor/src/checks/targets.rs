//! Request targets, in their four forms.

use crate::check::Ports::{Clear, Each, Tls};
use crate::check::Procedure::{Answers, Does};
use crate::check::Rule::{Must, See, Should};
use crate::check::Then::{Closes, Either};
use crate::check::{Check, Exam, GET};
use crate::line::Outcome;
use crate::stage::Stage::{Part5, Part5_5, Part6};

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "target-without-slash",
        title: "A path that does not begin with a slash is refused with 400.",
        since: Part5,
        ports: Each,
        rule: Should("RFC 9112 sections 3.2.1 and 3.2"),
        why: "It is none of the four forms that a target has.",
        hint: "Origin-form begins with a slash.",
        read: "part5.html#targets",
        procedure: Answers(
            b"GET index.html HTTP/1.1\r\nHost: localhost\r\n\r\n",
            400,
            Closes,
        ),
    },
    Check {
        id: "fragment",
        title: "A target with a fragment is refused with 400.",
        since: Part5,
        ports: Each,
        rule: Should("RFC 9112 sections 3.2.1 and 3.2"),
        why: "Fragments are the client's own affair, and not in the grammar of \
            targets.",
        hint: "Which bytes may stand in a path and a query?",
        read: "part5.html#paths",
        procedure: Answers(
            b"GET /#top HTTP/1.1\r\nHost: localhost\r\n\r\n",
            400,
            Closes,
        ),
    },
    Check {
        id: "get-asterisk",
        title: "GET * is refused with 400.",
        since: Part5,
        ports: Each,
        rule: Should("RFC 9112 sections 3.2.4 and 3.2"),
        why: "The asterisk is for OPTIONS.",
        hint: "Which form is allowed depends on the method.",
        read: "part5.html#targets",
        procedure: Answers(
            b"GET * HTTP/1.1\r\nHost: localhost\r\n\r\n",
            400,
            Closes,
        ),
    },
    Check {
        id: "nul-in-target",
        title: "A NUL in a target is refused with 400.",
        since: Part5,
        ports: Each,
        rule: Should("RFC 9112 section 3.2"),
        why: "Where strings end with NUL, the rest is not looked at.",
        hint: "Control characters have no place in a target.",
        read: "part5.html#paths",
        procedure: Answers(
            b"GET /\0 HTTP/1.1\r\nHost: localhost\r\n\r\n",
            400,
            Closes,
        ),
    },
    Check {
        id: "any-path",
        title: "Whatever the path and query, the text is served.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9112 section 3.2.1"),
        why: "There is only one thing here.",
        hint: "Percent signs, semicolons, colons and @ may all stand in a path.",
        read: "part5.html#paths",
        procedure: Answers(
            b"GET /a/b%20c;d=e/@:?q=1&r=%2F?/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
            200,
            Either,
        ),
    },
    Check {
        id: "absolute-form",
        title: "A target may be a whole URI.",
        since: Part5,
        ports: Clear,
        rule: Must("RFC 9112 section 3.2.2"),
        why: "A server must accept it, in every request.",
        hint: "What is between :// and the next slash takes the place of Host.",
        read: "part5.html#targets",
        procedure: Answers(
            b"GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
            200,
            Either,
        ),
    },
    Check {
        id: "https-in-the-clear",
        title: "A whole https URI is not served in the clear.",
        since: Part5,
        ports: Clear,
        rule: Must("RFC 9110 section 7.4"),
        why: "Whoever stands between could read or write it, under a name that \
            promises otherwise.",
        hint: "421 Misdirected Request.",
        read: "part5.html#what-we-say",
        procedure: Does {
            sends: "GET https://localhost/, and the scheme in other cases",
            run: |exam| of_any_case(exam, 421),
        },
    },
    Check {
        id: "https-absolute-form",
        title: "Over TLS, a whole https URI is served.",
        since: Part5_5,
        ports: Tls,
        rule: Must("RFC 9112 section 3.2.2"),
        why: "It is what the client means.",
        hint: "Is the scheme taken for http wherever you look?",
        read: "part5_5.html#the-conversation-over-anything",
        procedure: Does {
            sends: "GET https://localhost/, and the scheme in other cases",
            run: |exam| of_any_case(exam, 200),
        },
    },
    Check {
        id: "no-hsts-in-the-clear",
        title: "What comes in the clear does not ask for TLS from now on.",
        since: Part6,
        ports: Clear,
        rule: Must("RFC 6797 section 7.2"),
        why: "Whoever stands between could have made it up, to lock people out; so \
            clients don't believe it.",
        hint: "Strict-Transport-Security is a field of what goes over TLS.",
        read: "part6_server.html#and-not-to-come-back-hsts",
        procedure: Does {
            sends: "a GET, and one of what is not there",
            run: |exam| {
                let none = b"GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n";
                [GET, none].iter().try_for_each(|request| {
                    let (call, response) = exam.any_response_to(request)?;
                    match response.field("Strict-Transport-Security") {
                        None => Ok(()),
                        Some(field) => {
                            let what = "this is for what goes over TLS";
                            Err(call.wrong(&response, field.at, what))
                        }
                    }
                })
            },
        },
    },
];

/// Wants a whole https URI to get this status, in whatever case its scheme is.
fn of_any_case(exam: &Exam, status: u16) -> Outcome {
    ["https", "HTTPS", "Https"].iter().try_for_each(|scheme| {
        let target = format!("{scheme}://localhost/");
        let request = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        exam.response_to(request.as_bytes(), status).map(drop)
    })
}
