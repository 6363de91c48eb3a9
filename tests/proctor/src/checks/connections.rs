//! Connections that stay.

use crate::check::Ports::Each;
use crate::check::Procedure::Does;
use crate::check::Rule::{Must, Should};
use crate::check::{Check, GET, HEAD};
use crate::stage::Stage::Part6;

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "stays",
        title: "After a response the connection stays.",
        since: Part6,
        ports: Each,
        rule: Should("RFC 9112 section 9.3"),
        why: "A call costs a round trip, and a handshake.",
        hint: "After the last byte of a response, read the next head.",
        read: "part6.html#hanging-up",
        procedure: Does {
            sends: "three GETs, each after the response to the one before",
            run: |exam| {
                let mut call = exam.line.call()?;
                for _ in 0..3 {
                    call.send(GET)?;
                    call.status("GET", 200)?;
                }
                Ok(())
            },
        },
    },
    Check {
        id: "last-request",
        title: "Who asks to close is closed.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9112 section 9.6"),
        why: "The client will send nothing more, and waits for the end.",
        hint: "Look for the option close, in any case, in Connection.",
        read: "part6.html#two-halves",
        procedure: Does {
            sends: "a GET with Connection: x, Close",
            run: |exam| {
                let mut call = exam.line.call()?;
                call.send(get!("Connection: x, Close\r\n"))?;
                let response = call.status("GET", 200)?;
                if !response.says_close() {
                    let what = "the response does not say Connection: close";
                    return Err(call.wrong(&response, response.last_line(), what));
                }
                call.ends()
            },
        },
    },
    Check {
        id: "1.0-closes",
        title: "HTTP/1.0 is closed, unless it asks to stay.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9112 section 9.3"),
        why: "It knows where a response ends by the end.",
        hint: "The default of 1.0 is the other one.",
        read: "part6.html#two-halves",
        procedure: Does {
            sends: "a GET with HTTP/1.0; then two, of which the first asks to stay",
            run: |exam| {
                let mut call = exam.line.call()?;
                call.send(b"GET / HTTP/1.0\r\n\r\n")?;
                call.status("GET", 200)?;
                call.ends()?;
                let mut call = exam.line.call()?;
                call.send(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")?;
                let response = call.status("GET", 200)?;
                if !response.lists("Connection", "keep-alive") {
                    // Not to stay is allowed, if it is done.
                    return call.ends();
                }
                call.send(b"GET / HTTP/1.0\r\n\r\n")?;
                call.status("GET", 200)?;
                call.ends()
            },
        },
    },
    Check {
        id: "in-order",
        title: "Requests in one piece are answered in their order.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9112 section 9.3.2"),
        why: "Nothing else tells which response is to which request.",
        hint: "What is behind a request belongs to the next. Keep it.",
        read: "part6.html#the-stream",
        procedure: Does {
            sends: "GET, HEAD, POST /echo, BREW and GET in one piece",
            run: |exam| {
                let mut call = exam.line.call()?;
                let brew = b"BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n";
                let echo = chunks!("5\r\nhello\r\n0\r\n\r\n");
                call.send([GET, HEAD, echo, brew, GET].concat())?;
                call.status("GET", 200)?;
                call.status("HEAD", 200)?;
                let response = call.status("POST", 200)?;
                call.content(&response, b"hello")?;
                let refused = call.response("BREW")?;
                // In which words is another check's affair.
                if refused.status < 400 {
                    let what = "this is no refusal, as BREW's should be";
                    return Err(call.wrong(&refused, refused.status_at, what));
                }
                exam.serves_next(&mut call, &refused)
            },
        },
    },
    Check {
        id: "in-order-by-bytes",
        title: "Requests are answered in their order, however they are cut.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9112 section 9.3.2"),
        why: "TCP is a stream.",
        hint: "Is a body read to its end, and not one byte further?",
        read: "part6.html#the-stream",
        procedure: Does {
            sends: "POST /echo with a length, PUT with a body and GET, byte by \
                byte",
            run: |exam| {
                let mut call = exam.line.call()?;
                let requests = b"\
                    POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi\
                    PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi\
                    GET / HTTP/1.1\r\nHost: a\r\n\r\n";
                call.send_in_pieces(requests.chunks(1))?;
                let response = call.status("POST", 200)?;
                call.content(&response, b"hi")?;
                let refused = call.status("PUT", 405)?;
                exam.serves_next(&mut call, &refused)
            },
        },
    },
];
