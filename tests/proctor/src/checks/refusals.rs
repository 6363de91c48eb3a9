//! Refusals: how often, and what they say.

use super::heads::is_framed;
use crate::check::Ports::Each;
use crate::check::Procedure::Does;
use crate::check::Rule::{Must, Ours, See, Should};
use crate::check::Then::{Stays, StaysOrSaysClose};
use crate::check::{Check, GET, NOT_DONE, POST};
use crate::stage::Stage::{Part3, Part4, Part5};

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "refused-and-welcome",
        title: "After a 405 the connection stays, and a GET on it is served.",
        since: Part3,
        ports: Each,
        rule: See("RFC 9112 section 9.3"),
        why: "Three strikes: the first is forgiven.",
        hint: "Go on reading. And say in the 405 that no body follows, with \
            Content-Length: 0, or the client waits for one.",
        read: "part3.html#junk",
        procedure: Does {
            sends: "a POST and, when that is answered, a GET",
            run: |exam| exam.answers_any(POST, NOT_DONE, Stays),
        },
    },
    Check {
        id: "refused-and-served-in-one-piece",
        title: "A GET right behind what is refused is served.",
        since: Part3,
        ports: Each,
        rule: See("RFC 9112 section 9.3.2"),
        why: "The request is in the buffer, behind the junk. It must not be thrown \
            away with it.",
        hint: "Take out of the buffer what you have dealt with, and nothing else.",
        read: "part3.html#the-idea",
        procedure: Does {
            sends: "a POST and a GET in one piece; up to Part 4 also a line with http/ \
                in small letters, and a GET; from Part 5 on a PUT with a body of no bytes",
            run: |exam| {
                // Its name is HTTP/ and nothing else (RFC 9112 section 2.3): up to Part 4
                // that line is all there is of what is refused. From Part 5 on it ends it.
                let other: (&str, &[u8]) = match exam.stage < Part5 {
                    true => ("http/ in small letters", b"see http/1.1\r\n"),
                    false => (
                        "a body of no bytes",
                        b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
                    ),
                };
                for (name, refused) in [("POST", POST), other] {
                    let mut call = exam.line.call()?;
                    call.send([refused, GET].concat())?;
                    let refused = call.any_status("POST", NOT_DONE)?;
                    exam.serves_next(&mut call, &refused)
                        .map_err(|failure| failure.of(&format!("behind {name}")))?;
                }
                Ok(())
            },
        },
    },
    Check {
        id: "three-strikes-are-forgiven",
        title: "After three refusals a GET is still served.",
        since: Part3,
        ports: Each,
        rule: Ours,
        why: "The fourth ends it, and not the third.",
        hint: "Count what was refused before this one.",
        read: "part3.html#junk",
        procedure: Does {
            sends: "a POST three times, and a GET",
            run: |exam| {
                let mut call = exam.line.call()?;
                for _ in 0..3 {
                    call.send(POST)?;
                    let refused = call.any_status("POST", NOT_DONE)?;
                    if exam.may_close(&refused) {
                        return call.ends();
                    }
                }
                call.send(GET)?;
                call.status("GET", 200).map(drop)
            },
        },
    },
    Check {
        id: "the-fourth-ends-it",
        title: "The fourth refusal is the last.",
        since: Part3,
        ports: Each,
        rule: Ours,
        why: "A server that answers anything, for ever, is there for whoever has \
            the most time.",
        hint: "Count, write the fourth 405, and close.",
        read: "part3.html#junk",
        procedure: Does {
            sends: "a POST four times, and a GET in one piece",
            run: |exam| {
                let mut call = exam.line.call()?;
                call.send([POST, POST, POST, POST, GET].concat())?;
                for _ in 0..4 {
                    call.any_status("POST", NOT_DONE)?;
                }
                call.ends()
            },
        },
    },
    Check {
        id: "four-kinds-of-refusal",
        title: "Four refusals of any kind end it.",
        since: Part5,
        ports: Each,
        rule: Ours,
        why: "A strike is a strike.",
        hint: "Count in one place.",
        read: "part5.html#strikes-and-deadlines",
        procedure: Does {
            sends: "PUT, DELETE, OPTIONS *, BREW and GET in one piece",
            run: |exam| {
                let mut call = exam.line.call()?;
                let requests =
                    ["PUT /", "DELETE /", "OPTIONS *", "BREW /", "GET /"];
                let all: String = requests
                    .iter()
                    .map(|it| format!("{it} HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                    .collect();
                call.send(all)?;
                for status in [405, 405, 405, 501] {
                    call.status("PUT", status)?;
                }
                call.ends()
            },
        },
    },
    Check {
        id: "says-close-at-the-fourth",
        title: "Of four refusals only the last says Connection: close.",
        since: Part4,
        ports: Each,
        rule: See("RFC 9112 section 9.6"),
        why: "It is an announcement: made when it is true, and only then.",
        hint: "Decide whether this is the last response before you write it.",
        read: "part4.html#asking-for-the-head-alone",
        procedure: Does {
            sends: "a POST four times",
            run: |exam| {
                let mut call = exam.line.call()?;
                for number in 1..=4 {
                    call.send(POST)?;
                    let response = call.any_status("POST", NOT_DONE)?;
                    let says = response.says_close();
                    if says != (number == 4) {
                        let at = response
                            .field("Connection")
                            .map_or(response.last_line(), |it| it.at);
                        let what = format!(
                            "refusal {number} {} Connection: close",
                            if says { "says" } else { "does not say" }
                        );
                        return Err(call.wrong(&response, at, what));
                    }
                }
                Ok(())
            },
        },
    },
    Check {
        id: "allow",
        title: "Each 405 says what is allowed, the last one too.",
        since: Part4,
        ports: Each,
        rule: Must("RFC 9110 section 15.5.6"),
        why: "A server must, so that programs can read it.",
        hint: "Allow: GET, HEAD",
        read: "part4.html#asking-for-the-head-alone",
        procedure: Does {
            sends: "four POSTs in one piece",
            run: |exam| {
                let mut call = exam.line.call()?;
                call.send(POST.repeat(4))?;
                for _ in 0..4 {
                    let response = call.any_status("POST", NOT_DONE)?;
                    if response.status == 405 {
                        call.field(&response, "Allow")?;
                    }
                    if response.says_close() {
                        break;
                    }
                }
                Ok(())
            },
        },
    },
    Check {
        id: "allow-is-true",
        title: "Allow lists GET and HEAD, and not what was refused.",
        since: Part4,
        ports: Each,
        rule: Must("RFC 9110 section 10.2.1"),
        why: "It lists the methods that are supported.",
        hint: "Allow: GET, HEAD",
        read: "part4.html#asking-for-the-head-alone",
        procedure: Does {
            sends: "a POST",
            run: |exam| {
                let (call, response) = exam.response_of(POST, NOT_DONE)?;
                if response.status != 405 {
                    return Ok(());
                }
                let field = call.field(&response, "Allow")?;
                let has = |word| response.lists("Allow", word);
                match has("GET") && has("HEAD") && !has("POST") {
                    true => Ok(()),
                    false => Err(call.wrong(
                        &response,
                        field.value_at,
                        "this is not GET and HEAD",
                    )),
                }
            },
        },
    },
    Check {
        id: "405-is-framed",
        title: "The 405 says how long its body is.",
        since: Part4,
        ports: Each,
        rule: Should("RFC 9110 section 8.6"),
        why: "The connection goes on, and the client must know where the next \
            response begins.",
        hint: "Content-Length: 0, if there is none.",
        read: "part4.html#asking-for-the-head-alone",
        procedure: Does {
            sends: "a POST and, when that is answered, a GET",
            run: |exam| exam.answers_any(POST, NOT_DONE, StaysOrSaysClose),
        },
    },
    Check {
        id: "refusals-say-why",
        title: "A refusal has a Date.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9110 section 6.6.1"),
        why: "It is a response like any other.",
        hint: "Write all responses with one function.",
        read: "part5.html#back-to-bytes",
        procedure: Does {
            sends: "a head without a Host",
            run: |exam| {
                let (call, response) =
                    exam.response_to(b"GET / HTTP/1.1\r\n\r\n", 400)?;
                call.field(&response, "Date").map(drop)
            },
        },
    },
    Check {
        id: "refusals-say-how-long",
        title: "A refusal says where it ends.",
        since: Part5,
        ports: Each,
        rule: Should("RFC 9110 section 8.6"),
        why: "The end of a connection can be cut, and a length tells.",
        hint: "Write all responses with one function.",
        read: "part5.html#back-to-bytes",
        procedure: Does {
            sends: "a head without a Host",
            run: |exam| {
                let (call, response) =
                    exam.response_to(b"GET / HTTP/1.1\r\n\r\n", 400)?;
                is_framed(&call, &response)
            },
        },
    },
    Check {
        id: "400-says-close",
        title: "The 400 says Connection: close.",
        since: Part5,
        ports: Each,
        rule: Should("RFC 9112 section 9.6"),
        why: "The connection is closed, and the client is about to send more.",
        hint: "Whoever is going to close has to say so.",
        read: "part5.html#strikes-and-deadlines",
        procedure: Does {
            sends: "a head without a Host",
            run: |exam| {
                let (call, response) =
                    exam.response_to(b"GET / HTTP/1.1\r\n\r\n", 400)?;
                match response.says_close() {
                    true => Ok(()),
                    false => Err(call.wrong(
                        &response,
                        response.last_line(),
                        "no Connection: close in this head",
                    )),
                }
            },
        },
    },
    Check {
        id: "expect-continue",
        title: "Who asks whether to send a body is answered at once.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9110 section 10.1.1"),
        why: "The client waits for a yes or a no.",
        hint: "A final status is a no, and 100 a yes.",
        read: "part5.html#reading-and-writing",
        procedure: Does {
            sends: "a PUT with Expect: 100-continue, and no body",
            run: |exam| {
                let mut call = exam.line.call()?;
                call.send(
                    b"PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\
                      Expect: 100-continue\r\n\r\n",
                )?;
                loop {
                    let response = call.next_response("PUT")?;
                    match response.status {
                        // A yes is an answer too, and then the body comes.
                        100 => call.send(b"hello")?,
                        102..200 => {}
                        found if NOT_DONE.contains(&found) => return Ok(()),
                        other => {
                            let what = format!(
                                "status {other} instead of 405, 501 or 403"
                            );
                            let at = response.status_at;
                            return Err(call.wrong(&response, at, what));
                        }
                    }
                }
            },
        },
    },
];
