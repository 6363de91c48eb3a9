//! Handshakes that fail, or do not end, and harm nobody.

use std::time::Duration;

use super::tls::{hello, old_hello, served_with};
use crate::check::Ports::Tls;
use crate::check::Procedure::Does;
use crate::check::Rule::{Must, Ours, See, Should};
use crate::check::{Check, Exam, GET};
use crate::line::{Call, Line, Outcome};
use crate::stage::Stage::Part5_5;
use crate::target::{Hello, Port};

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "hello-by-bytes",
        title: "A handshake that comes a byte at a time is one.",
        since: Part5_5,
        ports: Tls,
        rule: Must("RFC 9293 section 2.2"),
        why: "TCP is a stream, whatever runs over it.",
        hint: "Do you look at the first bytes yourself?",
        read: "part5_5.html#a-wrapper-tls",
        procedure: Does {
            sends: "a handshake, byte by byte, and a GET",
            run: |exam| {
                let hello = Hello { chopped: true, ..hello(exam) };
                served_with(exam, &hello).map(drop)
            },
        },
    },
    Check {
        id: "late-hello",
        title: "A handshake may begin a second late.",
        since: Part5_5,
        ports: Tls,
        rule: Ours,
        why: "A browser opens connections beforehand, and networks are slow.",
        hint: "A deadline of some seconds: ten, say.",
        read: "part5_5.html#breaking-it",
        procedure: Does {
            sends: "nothing for a second and a half, and then a ClientHello",
            run: |exam| {
                // An alert is an answer: it is an old hello, and few like it. Who
                // hangs up on it at once may do so late.
                let mut early = exam.line.call_socket()?;
                early.send(old_hello(3))?;
                let is_heard = early.hears(exam.soon())?;
                let mut late = exam.line.call_socket()?;
                let has_gone = late.ends_within(Duration::from_millis(1500))?;
                late.send(old_hello(3))?;
                match !has_gone && late.hears(exam.soon())? == is_heard {
                    true => Ok(()),
                    false => Err(late.failure("nobody answers, a second late")),
                }
            },
        },
    },
    Check {
        id: "client-cuts",
        title: "A client that leaves without close_notify harms nobody.",
        since: Part5_5,
        ports: Tls,
        rule: See("RFC 8446 section 6.1"),
        why: "Many do.",
        hint: "It is the end of that conversation and no error of yours.",
        read: "part5_5.html#breaking-it",
        procedure: Does {
            sends: "a handshake and half a GET, twenty times, and then a FIN",
            run: |exam| {
                let hello = hello(exam);
                harmless(exam, 20, |line| {
                    let mut call = line.call_tls(&hello)?;
                    call.send(&GET[..7])?;
                    Ok(None)
                })
            },
        },
    },
    Check {
        id: "plain-http-on-the-tls-port",
        title: "Plain HTTP on the TLS port is refused.",
        since: Part5_5,
        ports: Tls,
        rule: See("RFC 8446 section 6.2"),
        why: "What is said in the clear must not be answered there.",
        hint: "The library sends an alert; let it arrive before you close. Or say in \
            words, with a 400, that TLS is spoken here.",
        read: "part5_5.html#handshakes-that-fail",
        procedure: Does {
            sends: "a GET",
            run: |exam| {
                let mut call = exam.line.call_socket()?;
                call.send(GET)?;
                let answer = call.response("GET");
                call.read_to_end("the connection stays open")?;
                match answer {
                    // A refusal that people can read is one, and so is an alert.
                    Ok(response) if !(400..500).contains(&response.status) => {
                        let at = response.status_at;
                        Err(call.wrong(&response, at, "an answer in the clear"))
                    }
                    _ => Ok(()),
                }
            },
        },
    },
    Check {
        id: "garbage-is-told",
        title: "What is not TLS gets an alert.",
        since: Part5_5,
        ports: Tls,
        rule: Should("RFC 8446 section 6.2"),
        why: "The client is told that it was not understood.",
        hint: "If the socket is closed with bytes unread, the alert is lost to a \
            reset. OpenSSL, and so Python, sends none to what looks like no TLS at \
            all.",
        read: "part5_5.html#handshakes-that-fail",
        procedure: Does {
            sends: "4 KB that are not TLS, nor any text",
            run: |exam| {
                let mut call = exam.line.call_socket()?;
                call.send([0x80; 4096])?;
                let (said, _) = call.read_to_end("the connection stays open")?;
                match said.first() {
                    Some(0x15) => Ok(()),
                    Some(_) => Err(call.failure_at(0, "this is no alert (21)")),
                    None => Err(call.failure_at(0, "no alert came")),
                }
            },
        },
    },
    Check {
        id: "silent-handshakes",
        title: "Callers who never shake hands delay nobody, on either port.",
        since: Part5_5,
        ports: Tls,
        rule: Ours,
        why: "A handshake is a wait like any other.",
        hint: "Shake hands in the caller's own thread or task, not in the accept \
            loop.",
        read: "part5_5.html#handshakes-that-fail",
        procedure: Does {
            sends: "thirty callers who say nothing to the TLS port, then a GET on \
                each port",
            run: |exam| harmless(exam, 30, |line| line.call_socket().map(Some)),
        },
    },
    Check {
        id: "half-handshakes",
        title: "Callers who stop in the middle of a handshake delay nobody.",
        since: Part5_5,
        ports: Tls,
        rule: Ours,
        why: "A handshake is a wait like any other.",
        hint: "Shake hands in the caller's own thread or task, not in the accept \
            loop.",
        read: "part5_5.html#handshakes-that-fail",
        procedure: Does {
            sends: "thirty callers with twenty bytes of a ClientHello, then a GET \
                on each port",
            run: |exam| {
                harmless(exam, 30, |line| {
                    let mut call = line.call_socket()?;
                    call.send(half_hello())?;
                    Ok(Some(call))
                })
            },
        },
    },
    Check {
        id: "resets-in-handshakes",
        title: "Resets in the middle of a handshake harm nobody.",
        since: Part5_5,
        ports: Tls,
        rule: Ours,
        why: "They are errors of another class than those that TLS has.",
        hint: "Catch everything that a handshake can raise.",
        read: "part5_5.html#what-the-original-did-here",
        procedure: Does {
            sends: "thirty callers with twenty bytes of a ClientHello and a reset, \
                then a GET on each port",
            run: |exam| {
                harmless(exam, 30, |line| {
                    let mut call = line.call_socket()?;
                    call.send(half_hello())?;
                    call.reset();
                    Ok(None)
                })
            },
        },
    },
    Check {
        id: "ends-in-handshakes",
        title: "Ends in the middle of a handshake harm nobody.",
        since: Part5_5,
        ports: Tls,
        rule: Ours,
        why: "Port scanners do nothing else.",
        hint: "Catch everything that a handshake can raise.",
        read: "part5_5.html#what-the-original-did-here",
        procedure: Does {
            sends: "thirty callers with twenty bytes of a ClientHello and a FIN, \
                then a GET on each port",
            run: |exam| {
                harmless(exam, 30, |line| {
                    let mut call = line.call_socket()?;
                    call.send(half_hello())?;
                    Ok(None)
                })
            },
        },
    },
    Check {
        id: "failed-handshakes",
        title: "A hundred failed handshakes harm nobody.",
        since: Part5_5,
        ports: Tls,
        rule: Ours,
        why: "Each that leaves a descriptor open brings the end nearer.",
        hint: "Close the socket whatever comes of the handshake.",
        read: "part5_5.html#what-the-original-did-here",
        procedure: Does {
            sends: "a hundred callers with bytes that are not TLS, then a GET on \
                each port",
            run: |exam| {
                // Ten at a time: a server may wait a while for each to hang up.
                harmless(exam, 10, |line| {
                    let mut calls = Vec::new();
                    for _ in 0..10 {
                        let mut call = line.call_socket()?;
                        call.send(b"hello?\r\n\r\n")?;
                        calls.push(call);
                    }
                    for call in &mut calls {
                        call.read_to_end("a failed handshake is kept open")?;
                    }
                    Ok(None)
                })
            },
        },
    },
];

/// Does something to the TLS port many times over, then wants both ports to serve.
fn harmless(
    exam: &Exam,
    times: usize,
    what: impl Fn(&Line) -> Outcome<Option<Call>>,
) -> Outcome {
    let mut kept = Vec::new();
    for _ in 0..times {
        kept.extend(what(&exam.line)?);
    }
    for port in [Port::Tls, Port::Clear] {
        let other = Line::sharing(&exam.line, port);
        let exam = Exam { line: other, stage: exam.stage };
        let then = match port {
            Port::Tls => "then, on the TLS port",
            Port::Clear => "then, on the clear port",
        };
        exam.served().map_err(|failure| failure.of(then))?;
    }
    Ok(())
}

/// The first bytes of a handshake: a whole ClientHello's head, and not its rest.
fn half_hello() -> Vec<u8> {
    let mut hello = old_hello(3);
    hello.truncate(20);
    hello
}
