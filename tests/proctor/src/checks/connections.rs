//! Connections that stay.

use std::thread::sleep;
use std::time::Duration;

use crate::check::Ports::Each;
use crate::check::Procedure::Does;
use crate::check::Rule::{Must, See, Should};
use crate::check::{Check, Exam, GET, HEAD, NOT_DONE};
use crate::draw::Draw;
use crate::line::Outcome;
use crate::stage::Stage::{Part5, Part6};
use crate::sweep::{Case, sweep};

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
                for method in ["GET", "HEAD", "POST"] {
                    let response = call.status(method, 200)?;
                    if method == "POST" {
                        call.content(&response, b"hello")?;
                    }
                    if response.says_close() {
                        return call.ends();
                    }
                }
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
        id: "empty-line-between",
        title: "An empty line between two requests is nothing.",
        since: Part5,
        ports: Each,
        rule: Should("RFC 9112 section 2.2"),
        why: "Some clients send one too many after a body, and no length counts it.",
        hint: "Skip CR LF wherever a request would begin, on a connection that has had \
            one too.",
        read: "part5.html#enough-is-enough",
        procedure: Does {
            sends: "a request with a body by its length, or without one, and from Part 6 \
                on in chunks; an empty line; and a GET, in one piece or apart; and in Part 6 \
                twelve HEADs, each with an empty line before it",
            run: |exam| {
                sweep(exam, |draw| an_empty_line(exam, draw))?;
                match exam.stage < Part6 {
                    true => Ok(()),
                    false => one_before_each(exam),
                }
            },
        },
    },
    Check {
        id: "as-many-as-come",
        title: "A connection serves as many requests as come, or says that it will not.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9112 sections 9.3.2 and 9.6"),
        why: "A client that is cut off unwarned can't know what was done, and may not \
            try again.",
        hint: "Who wants to close after so many says Connection: close in the last.",
        read: "part6.html#the-stream",
        procedure: Does {
            sends: "120 HEADs, each after the response to the one before; and then in \
                one piece",
            run: |exam| {
                let mut call = exam.line.call()?;
                for _ in 0..120 {
                    call.send(HEAD)?;
                    if call.status("HEAD", 200)?.says_close() {
                        return Ok(());
                    }
                }
                call.send(HEAD.repeat(120))?;
                for _ in 0..120 {
                    if call.status("HEAD", 200)?.says_close() {
                        return Ok(());
                    }
                }
                Ok(())
            },
        },
    },
    Check {
        id: "a-pause-between",
        title: "A client may think for a second, between two requests and within one.",
        since: Part6,
        ports: Each,
        rule: See("RFC 9112 section 9.5"),
        why: "People read before they click, and a request that crosses a close is \
            lost.",
        hint: "Seconds, at the least: five, or sixty.",
        read: "part6.html#hanging-up",
        procedure: Does {
            sends: "a GET, and another after a second; and a POST to /echo whose body \
                is begun, and finished after a second",
            run: |exam| {
                let (mut call, first) = exam.get()?;
                let mut post = exam.line.call()?;
                post.send(
                    b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe",
                )?;
                sleep(Duration::from_millis(1200));
                if !first.says_close() {
                    call.send(GET)?;
                    call.status("GET", 200)?;
                }
                post.send(b"llo")?;
                let response = post.status("POST", 200)?;
                post.content(&response, b"hello")
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
                if response.says_close() {
                    return call.ends();
                }
                let refused = call.any_status("PUT", NOT_DONE)?;
                exam.serves_next(&mut call, &refused)
            },
        },
    },
];

/// Whoever counts them must begin anew with each request.
fn one_before_each(exam: &Exam) -> Outcome {
    let mut call = exam.line.call()?;
    for _ in 0..12 {
        call.send([b"\r\n", HEAD].concat())?;
        if call.status("HEAD", 200)?.says_close() {
            break;
        }
    }
    Ok(())
}

fn an_empty_line(exam: &Exam, draw: &mut Draw) -> Case<'static> {
    const FIRSTS: &[&[u8]] = &[
        b"PUT / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
        b"BREW / HTTP/1.1\r\nHost: a\r\n\r\n",
        HEAD,
        GET,
        // Of no use before there is an echo.
        b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
        b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        chunks!("5\r\nhello\r\n0\r\n\r\n"),
        chunks!("0\r\n\r\n"),
    ];
    let first = draw.one(match exam.stage < Part6 {
        true => &FIRSTS[..5],
        false => FIRSTS,
    });
    let request = [first, b"\r\n", GET].concat();
    let case = match draw.below(4) {
        0 => Case::new(request, &[]),
        1 => Case::new(request, &[]).holding_back(GET.len() + 2),
        2 => Case::new(request, &[]).holding_back(GET.len() + 1),
        _ => Case::new(request, &[]).holding_back(GET.len()),
    };
    let alone = exam.any_response_to(first);
    case.that(move |call, response| match &alone {
        Ok((_, alone)) if alone.status != response.status => {
            let what = format!("without the empty line it is {}", alone.status);
            Err(call.wrong(response, response.status_at, what))
        }
        _ => Ok(()),
    })
    .then(&[200])
}
