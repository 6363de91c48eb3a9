//! How much is read, and what is said of more.

use crate::check::Check;
use crate::check::Ports::Each;
use crate::check::Procedure::Does;
use crate::check::Rule::{See, Should};
use crate::check::Then::{Closes, Either};
use crate::stage::Stage::{Part4, Part5};

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "long-head",
        title: "Heads of 4 KB and of 7 are served.",
        since: Part4,
        ports: Each,
        rule: See("RFC 9110 section 2.3"),
        why: "Browsers send that much, with cookies.",
        hint: "One read of 1024 bytes is not a head, and 4096 are not a line.",
        read: "part4.html#too-large",
        procedure: Does {
            sends: "a GET with a Cookie of 4000 bytes, and one with 7000",
            run: |exam| {
                [4000, 7000].into_iter().try_for_each(|length| {
                    exam.answers(&with_cookie(length), 200, Either)
                })
            },
        },
    },
    Check {
        id: "too-long-head",
        title: "A head of 20 KB is refused with 431.",
        since: Part4,
        ports: Each,
        rule: See("RFC 6585 section 5"),
        why: "What can grow needs a limit.",
        hint: "Check what is there before each read. Then answer, and only then \
            close, in stages.",
        read: "part4.html#too-large",
        procedure: Does {
            sends: "a GET with a Cookie of 20,000 bytes",
            run: |exam| exam.answers(&with_cookie(20_000), 431, Closes),
        },
    },
    Check {
        id: "endless-head",
        title: "A head that does not end is refused with 431 before long.",
        since: Part4,
        ports: Each,
        rule: See("RFC 6585 section 5"),
        why: "The limit must not wait for the end that it is there to do without.",
        hint: "Check the length of what has come when no end is found.",
        read: "part4.html#too-large",
        procedure: Does {
            sends: "GET / HTTP/1.1, Host, and field after field: 64 KB and no \
                empty line",
            run: |exam| {
                let mut call = exam.line.call()?;
                call.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n")?;
                let field = format!("A: {}\r\n", "b".repeat(1019));
                for _ in 0..64 {
                    call.send(&field)?;
                }
                call.status("GET", 431).map(drop)
            },
        },
    },
    Check {
        id: "answer-survives-a-flood",
        title: "A refusal arrives although the client keeps sending.",
        since: Part4,
        ports: Each,
        rule: See("RFC 9112 section 9.6"),
        why: "Closed with bytes unread, the connection is reset, and the 431 is \
            lost.",
        hint: "After the last response read on for a while, and throw away.",
        read: "part4.html#their-half",
        procedure: Does {
            sends: "a head of 200 KB",
            run: |exam| {
                for _ in 0..2 {
                    let mut call = exam.line.call()?;
                    call.send(b"GET / HTTP/1.1\r\nHost: localhost\r\nA: ")?;
                    for _ in 0..50 {
                        call.send([b'b'; 4096])?;
                    }
                    // What comes once the server has closed is what resets.
                    call.send_in_pieces([&[b'b'; 4096][..]; 6])?;
                    // Which refusal it is, is another check's affair.
                    let refused = call.any_status("GET", &[431, 400, 413]);
                    let ended = refused.and_then(|_| call.ends_without_reset());
                    ended.map_err(|failure| {
                        failure.of("while the client kept sending")
                    })?;
                }
                Ok(())
            },
        },
    },
    Check {
        id: "long-target",
        title: "A target of 20 KB is refused with 414.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9110 section 15.5.15"),
        why: "It is told apart from a head that is too large.",
        hint: "414 URI Too Long.",
        read: "part5.html#enough-is-enough",
        procedure: Does {
            sends: "a GET of a path and query of 20,001 bytes",
            run: |exam| exam.answers(&with_query(20_001), 414, Closes),
        },
    },
    Check {
        id: "target-of-8000",
        title: "A target of 8000 bytes is served.",
        since: Part5,
        ports: Each,
        rule: Should("RFC 9112 section 3"),
        why: "It is what the RFC recommends to be able to read.",
        hint: "Is there a limit on the line besides that on the target?",
        read: "part5.html#enough-is-enough",
        procedure: Does {
            sends: "a GET of a path and query of 8000 bytes",
            run: |exam| exam.answers(&with_query(8000), 200, Either),
        },
    },
    Check {
        id: "many-fields",
        title: "Fifty fields are served.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9110 section 5.4"),
        why: "Browsers and proxies send twenty.",
        hint: "A limit is good, if it is high enough.",
        read: "part5.html#enough-is-enough",
        procedure: Does {
            sends: "a GET with fifty fields besides Host",
            run: |exam| {
                let fields = "A: b\r\n".repeat(50);
                exam.answers(get_with(&fields).as_bytes(), 200, Either)
            },
        },
    },
    Check {
        id: "too-many-fields",
        title: "Four thousand fields are refused.",
        since: Part5,
        ports: Each,
        rule: See("RFC 6585 section 5"),
        why: "Somebody who sends thousands is after our memory.",
        hint: "431 Request Header Fields Too Large.",
        read: "part5.html#enough-is-enough",
        procedure: Does {
            sends: "four thousand fields of three bytes",
            run: |exam| {
                let fields = "A:b\r\n".repeat(4000);
                let request = get_with(&fields);
                exam.answers_any(request.as_bytes(), &[431, 400, 413], Either)
            },
        },
    },
];

/// A GET with some more fields.
fn get_with(fields: &str) -> String {
    format!("GET / HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")
}

fn with_cookie(length: usize) -> Vec<u8> {
    get_with(&format!("Cookie: {}\r\n", "a".repeat(length))).into_bytes()
}

fn with_query(length: usize) -> Vec<u8> {
    let query = "a".repeat(length - 2);
    format!("GET /?{query} HTTP/1.1\r\nHost: localhost\r\n\r\n").into_bytes()
}
