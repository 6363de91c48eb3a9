//! Request lines: method, target, version.

use crate::check::Check;
use crate::check::Ports::{Clear, Each};
use crate::check::Procedure::{Answers, Does};
use crate::check::Rule::{See, Should};
use crate::check::Then::{Closes, Either};
use crate::stage::Stage::Part5;

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "no-version",
        title: "A request line without a version is refused with 400.",
        since: Part5,
        ports: Each,
        rule: Should("RFC 9112 sections 3 and 2.2"),
        why: "It has a method, a target and a version, all three.",
        hint: "HTTP/0.9 has been gone for a while.",
        read: "part5.html#from-left-to-right",
        procedure: Answers(b"GET /\r\nHost: localhost\r\n\r\n", 400, Closes),
    },
    Check {
        id: "lower-case-version",
        title: "http/1.1 is no version.",
        since: Part5,
        ports: Each,
        rule: Should("RFC 9112 sections 2.3 and 2.2"),
        why: "The version is told by case.",
        hint: "Compare bytes.",
        read: "part5.html#from-left-to-right",
        procedure: Answers(
            b"GET / http/1.1\r\nHost: localhost\r\n\r\n",
            400,
            Closes,
        ),
    },
    Check {
        id: "long-version",
        title: "HTTP/1.10 is no version.",
        since: Part5,
        ports: Each,
        rule: Should("RFC 9112 sections 2.3 and 2.2"),
        why: "A version has one digit, a dot and one digit.",
        hint: "It is not a decimal number, and has no room for two digits.",
        read: "part5.html#enough-is-enough",
        procedure: Answers(
            b"GET / HTTP/1.10\r\nHost: localhost\r\n\r\n",
            400,
            Closes,
        ),
    },
    Check {
        id: "space-after-version",
        title: "Nothing stands behind the version.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9112 section 3"),
        why: "CR LF follows it.",
        hint: "Trimming lines is a way to accept what others refuse.",
        read: "part5.html#from-left-to-right",
        procedure: Answers(
            b"GET / HTTP/1.1 \r\nHost: localhost\r\n\r\n",
            400,
            Closes,
        ),
    },
    Check {
        id: "two-spaces",
        title: "Two spaces before the target are refused with 400.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9112 section 3"),
        why: "There is a single space, and lenient splitting can lead to \
            smuggling.",
        hint: "Splitting at whitespace is too kind.",
        read: "part5.html#from-left-to-right",
        procedure: Answers(
            b"GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            400,
            Closes,
        ),
    },
    Check {
        id: "tab",
        title: "A tab is no space.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9112 section 3"),
        why: "There is a single space.",
        hint: "Splitting at whitespace is too kind.",
        read: "part5.html#from-left-to-right",
        procedure: Answers(
            b"GET\t/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
            400,
            Closes,
        ),
    },
    Check {
        id: "space-before-method",
        title: "A space before the method is refused with 400.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9112 section 3"),
        why: "A method is a token and begins the line.",
        hint: "Do not trim.",
        read: "part5.html#from-left-to-right",
        procedure: Answers(
            b" GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            400,
            Closes,
        ),
    },
    Check {
        id: "odd-method",
        title: "A method with a bracket in it is no method.",
        since: Part5,
        ports: Each,
        rule: Should("RFC 9112 sections 3.1 and 2.2"),
        why: "It is a token; 501 is for methods that could be some.",
        hint: "Which bytes may stand in a token?",
        read: "part5.html#methods",
        procedure: Answers(
            b"GE(T / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            400,
            Closes,
        ),
    },
    Check {
        id: "bare-lf",
        title: "A line that ends with LF alone is refused with 400.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9112 section 2.2"),
        why: "A reader may take it for a line's end, and another may not.",
        hint: "Look for CR LF, and for any other CR or LF.",
        read: "part5.html#from-left-to-right",
        procedure: Answers(b"GET / HTTP/1.1\nHost: localhost\n\n", 400, Closes),
    },
    Check {
        id: "version-2",
        title: "HTTP/2.0 is refused with 505.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9110 section 15.6.6"),
        why: "The major version is not ours.",
        hint: "505 HTTP Version Not Supported.",
        read: "part5.html#from-left-to-right",
        procedure: Answers(
            b"GET / HTTP/2.0\r\nHost: localhost\r\n\r\n",
            505,
            Closes,
        ),
    },
    Check {
        id: "version-1-9",
        title: "HTTP/1.9 is understood as HTTP/1.1.",
        since: Part5,
        ports: Each,
        rule: Should("RFC 9110 section 6.2"),
        why: "A later minor version is read as the highest that one knows.",
        hint: "Look at the major version alone.",
        read: "part5.html#from-left-to-right",
        procedure: Answers(
            b"GET / HTTP/1.9\r\nHost: localhost\r\n\r\n",
            200,
            Either,
        ),
    },
    Check {
        id: "http-2-preface",
        title: "The preface of HTTP/2 is not answered with the text.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9113 section 3.4"),
        why: "It was made so that a server of HTTP/1.1 refuses it.",
        hint: "PRI has an asterisk for a target.",
        read: "part5.html#from-left-to-right",
        procedure: Does {
            sends: "PRI * HTTP/2.0, as a client does that begins with HTTP/2",
            run: |exam| {
                let mut call = exam.line.call()?;
                call.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")?;
                let response = call.response("PRI")?;
                match (400..600).contains(&response.status) {
                    true => call.ends(),
                    false => Err(call.wrong(
                        &response,
                        response.status_at,
                        "this is no refusal",
                    )),
                }
            },
        },
    },
    Check {
        id: "tls-on-the-clear-port",
        title: "A TLS handshake on the clear port is refused, and not waited for.",
        since: Part5,
        ports: Clear,
        rule: See("RFC 9112 section 2.2"),
        why: "Its first byte can't begin a request.",
        hint: "A byte that is no token is wrong at once; don't wait for the line's \
            end.",
        read: "part5.html#from-left-to-right",
        procedure: Does {
            sends: "the first bytes of a ClientHello",
            run: |exam| {
                let mut call = exam.line.call()?;
                call.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")?;
                // We do not say that nothing more will come: it must not be waited for.
                match call.response("") {
                    Ok(response) if (400..500).contains(&response.status) => {
                        call.ends()
                    }
                    Ok(response) => {
                        let at = response.status_at;
                        Err(call.wrong(&response, at, "this is no refusal"))
                    }
                    // To say nothing and close is a refusal too.
                    Err(_) if call.got().is_empty() && call.has_ended() => {
                        call.ends()
                    }
                    Err(_) if call.got().is_empty() => {
                        let what =
                            "the connection stays open, and should be closed";
                        Err(call.failure(what))
                    }
                    Err(why) => Err(why),
                }
            },
        },
    },
];
