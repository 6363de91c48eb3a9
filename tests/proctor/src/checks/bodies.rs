//! Bodies, and what is done with them.

use crate::check::Ports::Each;
use crate::check::Procedure::{Answers, Does};
use crate::check::Rule::{Must, See, Should};
use crate::check::Then::Stays;
use crate::check::{Check, Exam, NOT_DONE, method};
use crate::draw::Draw;
use crate::line::{Call, Outcome};
use crate::response::Response;
use crate::stage::Stage::{Part5, Part6};
use crate::sweep::{Case, sweep};
use crate::target::Port;

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "echo",
        title: "POST /echo sends its body back.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9112 section 6.3"),
        why: "It shows that a body is read for what it is.",
        hint: "Content-Length says how many bytes to read after the head.",
        read: "part6.html#chunks",
        procedure: Does {
            sends: "bodies of 0 and of 5 bytes, with every kind of byte in them, with \
                empty lines, and what reads like a form; and none, without a length",
            run: |exam| {
                let mut call = exam.line.call()?;
                let every: Vec<u8> = (0..=255).collect();
                let form = b"%41=+b&c=%00%zz";
                let lines = b"a\r\n\r\nb\r\n\r\n";
                for body in
                    [&b""[..], b"hello", b"\r\n\0\xff\n", lines, form, &every]
                {
                    let head = format!(
                        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n",
                        body.len()
                    );
                    call.send([head.as_bytes(), body].concat())?;
                    // Nothing has a status of its own.
                    let statuses =
                        if body.is_empty() { &[200, 204][..] } else { &[200] };
                    let response = call.any_status("POST", statuses)?;
                    call.content(&response, body)?;
                    call = exam.next(call, &response)?;
                }
                let of_none = |version| {
                    echoes_none(exam, version).map_err(|failure| {
                        let what = format!("a POST in {version} without a length");
                        failure.of(&what)
                    })
                };
                of_none("HTTP/1.1")?;
                of_none("HTTP/1.0")
            },
        },
    },
    Check {
        id: "echo-by-its-name",
        title: "/echo is /echo in every spelling, and nothing else is.",
        since: Part6,
        ports: Each,
        rule: See("RFC 9110 section 4.2.3"),
        why: "Two readers of one target have to agree on what it names.",
        hint: "Take the query off, decode once, and compare all of it.",
        read: "part6.html#chunks",
        procedure: Does {
            sends: "POST to /echo?x, /%65cho and a whole URI; and to /echoes, /ECHO, \
                /%2565cho",
            run: |exam| sweep(exam, |draw| by_its_name(exam, draw)),
        },
    },
    Check {
        id: "echo-harms-nobody",
        title: "What is sent back is not taken for more than it said it was.",
        since: Part6,
        ports: Each,
        rule: See("RFC 9110 section 8.3"),
        why: "A page with somebody else's script in it runs as ours.",
        hint: "X-Content-Type-Options: nosniff, so that no browser guesses; and for \
            what came without a type, application/octet-stream.",
        read: "part6.html#chunks",
        procedure: Does {
            sends: "a script to /echo, by length and in chunks, with a Content-Type of \
                its own and without, and one behind another",
            run: |exam| {
                sweep(exam, a_script)?;
                sweep(exam, what_is_not_to_be_read)?;
                sweep(exam, a_type_and_none)
            },
        },
    },
    Check {
        id: "long-echo",
        title: "A long body comes back whole.",
        since: Part6,
        ports: Each,
        rule: See("RFC 9110 section 8.6"),
        why: "A body is longer than any buffer.",
        hint: "Send what you have before you read more.",
        read: "part6.html#the-stream",
        procedure: Does {
            sends: "300 KB to /echo",
            run: |exam| {
                let mut call = exam.line.call()?;
                let body: Vec<u8> =
                    (0..300_000_u32).map(|n| (n % 251) as u8).collect();
                let head = format!(
                    "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n",
                    body.len()
                );
                content(&mut call, &[head.as_bytes(), &body].concat(), 200, &body)
            },
        },
    },
    Check {
        id: "unwanted-body",
        title: "A body that nobody wants is read past.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9112 section 9.3"),
        why: "Its bytes are not the next request, whatever they look like.",
        hint: "Read it and throw it away, or close.",
        read: "part6.html#hanging-up",
        procedure: Does {
            sends: "a PUT whose body is a DELETE; and a GET, if the connection \
                stays",
            run: |exam| {
                let mut call = exam.line.call()?;
                let inner = "DELETE / HTTP/1.1\r\nHost: a\r\n\r\n";
                let head = format!(
                    "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{inner}",
                    inner.len()
                );
                call.send(head)?;
                let response = call.any_status("PUT", NOT_DONE)?;
                exam.goes_on(&mut call, &response)
            },
        },
    },
    Check {
        id: "short-body",
        title: "A body that ends early is no request.",
        since: Part6,
        ports: Each,
        rule: See("RFC 9112 section 8"),
        why: "Half an order is not an order.",
        hint: "The end of the stream within a body is 400, or silence; never a 200 that \
            is whole.",
        read: "part6.html#hanging-up",
        procedure: Does {
            sends: "nine bytes announced, five sent, and the end",
            run: |exam| {
                let mut call = exam.line.call()?;
                call.send(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhello")?;
                call.finish();
                if call.breaks_off("POST")? {
                    return Ok(());
                }
                if !call.got().is_empty() {
                    call.status("POST", 400)?;
                }
                call.ends()
            },
        },
    },
    Check {
        id: "continue",
        title: "Who asks whether to send is told to go on.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9110 section 10.1.1"),
        why: "The client waits for it before it sends a large body.",
        hint: "Write HTTP/1.1 100 Continue and an empty line before you read the \
            body.",
        read: "part6.html#may-i-expect-100-continue",
        procedure: Does {
            sends: "two POSTs to /echo with Expect: 100-continue, one after the other; \
                the body of each after its 100",
            run: |exam| {
                let mut call = exam.line.call()?;
                for which in ["the first", "the second"] {
                    let told = told_to_go_on(&mut call);
                    let response = told.map_err(|failure| failure.of(which))?;
                    call = exam.next(call, &response)?;
                }
                Ok(())
            },
        },
    },
    Check {
        id: "no-continue",
        title: "Who will be refused is not told to go on.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9110 section 10.1.1"),
        why: "That is what the question was for.",
        hint: "Look at the request first. Then close, as the body may come anyway.",
        read: "part5.html#reading-and-writing",
        procedure: Does {
            sends: "a PUT with Expect: 100-continue, and no body; from Part 6 on also a \
                POST to /echo with another expectation",
            run: |exam| {
                // Another expectation is understood from Part 6 on.
                let all: [(&str, &str, &[u16]); 2] = [
                    ("PUT /", "100-continue", NOT_DONE),
                    ("POST /echo", "tea", &[417]),
                ];
                let count = if exam.stays() { 2 } else { 1 };
                for (request, expectation, statuses) in &all[..count] {
                    let mut call = exam.line.call()?;
                    call.send(format!(
                        "{request} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\
                         Expect: {expectation}\r\n\r\n",
                    ))?;
                    let refused = call.any_status("PUT", statuses)?;
                    if refused.interim.contains(&100) {
                        let what = "a refusal, after it was said to go on";
                        return Err(call.wrong(&refused, refused.status_at, what));
                    }
                    call.ends()?;
                }
                Ok(())
            },
        },
    },
    Check {
        id: "other-expectation",
        title: "What is not known can't be expected.",
        since: Part6,
        ports: Each,
        rule: See("RFC 9110 section 10.1.1"),
        why: "There is one expectation, and who means another is not understood.",
        hint: "417.",
        read: "part6.html#may-i-expect-100-continue",
        procedure: Answers(
            b"GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n",
            417,
            Stays,
        ),
    },
    Check {
        id: "options-allowed",
        title: "OPTIONS says what can be done with a target.",
        since: Part6,
        ports: Each,
        rule: Should("RFC 9110 section 9.3.7"),
        why: "It is what the method is for.",
        hint: "200 or 204, and Allow; for the asterisk, what the server can do at \
            all.",
        read: "part6_server.html#what-there-is",
        procedure: Does {
            sends: "OPTIONS *, OPTIONS / and OPTIONS /echo",
            run: |exam| {
                for (target, wanted) in
                    [("*", "GET"), ("/", "GET"), ("/echo", "POST")]
                {
                    let mut call = exam.line.call()?;
                    call.send(format!(
                        "OPTIONS {target} HTTP/1.1\r\nHost: a\r\n\r\n"
                    ))?;
                    let response = call.response("OPTIONS")?;
                    if !matches!(response.status, 200 | 204) {
                        let what =
                            format!("{} is neither 200 nor 204", response.status);
                        return Err(call.wrong(
                            &response,
                            response.status_at,
                            what,
                        ));
                    }
                    call.field(&response, "Allow")?;
                    if !response.lists("Allow", wanted) {
                        let what =
                            format!("Allow does not say {wanted} for {target}");
                        return Err(call.wrong(
                            &response,
                            response.last_line(),
                            what,
                        ));
                    }
                }
                Ok(())
            },
        },
    },
    Check {
        id: "get-of-echo",
        title: "What is for POST alone says so.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9110 section 15.5.6"),
        why: "Allow is to be true of the target that was asked for.",
        hint: "405, with an Allow that has POST in it and not GET.",
        read: "part6_server.html#what-there-is",
        procedure: Does {
            sends: "GET /echo",
            run: |exam| {
                let mut call = exam.line.call()?;
                call.send(b"GET /echo HTTP/1.1\r\nHost: a\r\n\r\n")?;
                let response = call.any_status("GET", NOT_DONE)?;
                if response.status != 405 {
                    return Ok(());
                }
                match response.lists("Allow", "POST")
                    && !response.lists("Allow", "GET")
                {
                    true => Ok(()),
                    false => {
                        let what = "Allow is not what is allowed here";
                        Err(call.wrong(&response, response.last_line(), what))
                    }
                }
            },
        },
    },
];

/// Wants who asks whether to send to be told to go on, and the body to come back: the
/// response to it.
fn told_to_go_on(call: &mut Call) -> Outcome<Response> {
    call.send(
        b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\
          Expect: 100-continue\r\n\r\n",
    )?;
    loop {
        let response = call.next_response("POST")?;
        match response.status {
            100 => break,
            102..200 => {}
            other => {
                let what = format!("status {other} instead of 100");
                let at = response.status_at;
                return Err(call.wrong(&response, at, what));
            }
        }
    }
    call.send(b"hi")?;
    let response = call.status("POST", 200)?;
    call.content(&response, b"hi")?;
    Ok(response)
}

/// Wants a request without a length to have no body, and none to be waited for: our half
/// stays open. Who insists on a length may say so (RFC 9112 section 6.3).
fn echoes_none(exam: &Exam, version: &str) -> Outcome {
    let request = format!("POST /echo {version}\r\nHost: a\r\n\r\n");
    let (call, response) =
        exam.response_of(request.as_bytes(), &[200, 204, 400, 411])?;
    match response.status {
        200 => call.content(&response, b""),
        _ => Ok(()),
    }
}

fn by_its_name(exam: &Exam, draw: &mut Draw) -> Case<'static> {
    let scheme = if exam.line.port == Port::Tls { "https" } else { "http" };
    let (target, is_echo) = draw.one(&[
        ("/echo", true),
        ("/echo?x", true),
        ("/echo?", true),
        ("/%65cho", true),
        ("/%65%63%68%6f", true),
        ("/%65%63%68%6F?%25", true),
        ("SCHEME://localhost/echo", true),
        ("SCHEME://localhost/%65cho?x", true),
        ("/echoes", false),
        ("/ech", false),
        ("/xecho", false),
        ("/ECHO", false),
        ("/Echo", false),
        ("/%45cho", false),
        ("/%2565cho", false),
        ("/echo%3Fx", false),
        ("/echo%20", false),
        ("/x/echo", false),
        ("/echo;x", false),
        ("/?/echo", false),
    ]);
    let target = target.replace("SCHEME", scheme);
    let request =
        format!("POST {target} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
    match is_echo {
        true => Case::new(request, &[200])
            .that(|call, response| call.content(response, b"hi")),
        false => Case::new(request, &[403, 404, 405, 501]),
    }
}

/// What is sent back is what came, whatever it says it is; and so is what it says.
fn what_is_not_to_be_read(draw: &mut Draw) -> Case<'static> {
    let of_type = draw.one(&[
        "application/x-www-form-urlencoded",
        "Text/Plain; Charset=\"Latin-1\"; Format=Flowed",
        "multipart/form-data; boundary=AaB03x",
        "application/json",
    ]);
    let body =
        draw.one(&["a+b=%41%0D%0A", "--AaB03x\r\n\r\nx\r\n--AaB03x--", "{ }\n"]);
    let length = body.len();
    let request = format!(
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: {of_type}\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    Case::new(request, &[200]).that(move |call, response| {
        call.content(response, body.as_bytes())?;
        let field = call.field(response, "Content-Type")?;
        match field.value == of_type {
            true => Ok(()),
            false => {
                let what = format!("it came as {of_type}");
                Err(call.wrong(response, field.value_at, what))
            }
        }
    })
}

/// What one request says of its body is not said of the next one's.
fn a_type_and_none(draw: &mut Draw) -> Case<'static> {
    let of_type = draw.one(&["text/plain", "text/html; charset=utf-8"]);
    let fields = "Host: a\r\nContent-Length: 2";
    let first =
        format!("POST /echo HTTP/1.1\r\n{fields}\r\nContent-Type: {of_type}");
    let request =
        format!("{first}\r\n\r\nhiPOST /echo HTTP/1.1\r\n{fields}\r\n\r\nhi");
    Case::new(request, &[200]).then(&[200]).that(|call, response| {
        let field = call.field(response, "Content-Type")?;
        match field.value == "application/octet-stream" {
            true => Ok(()),
            false => {
                let what = "bytes of no type are application/octet-stream";
                Err(call.wrong(response, field.value_at, what))
            }
        }
    })
}

fn a_script(draw: &mut Draw) -> Case<'static> {
    let body = draw.one(&["<script>alert(1)</script>", "", "<!DOCTYPE html>x"]);
    let of_type = draw.one(&["", "text/html", "image/svg+xml", "text/plain"]);
    let of_type = match of_type {
        "" => String::new(),
        of_type => format!("Content-Type: {of_type}\r\n"),
    };
    let framed = match draw.below(2) {
        0 => format!("Content-Length: {}\r\n\r\n{body}", body.len()),
        _ if body.is_empty() => {
            "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n".into()
        }
        _ => format!(
            "Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
            body.len()
        ),
    };
    let request = format!("POST /echo HTTP/1.1\r\nHost: a\r\n{of_type}{framed}");
    let has_type = !of_type.is_empty();
    // Nothing has a status of its own, and no type.
    let statuses: &[u16] = if body.is_empty() { &[200, 204] } else { &[200] };
    Case::new(request, statuses).that(move |call, response| {
        if response.status == 204 {
            return Ok(());
        }
        let sniffing = call.field(response, "X-Content-Type-Options")?;
        if !sniffing.value.eq_ignore_ascii_case("nosniff") {
            return Err(call.wrong(
                response,
                sniffing.value_at,
                "this is not nosniff",
            ));
        }
        let field = call.field(response, "Content-Type")?;
        match has_type || field.value == "application/octet-stream" {
            true => Ok(()),
            false => {
                let what = "bytes of no type are application/octet-stream";
                Err(call.wrong(response, field.value_at, what))
            }
        }
    })
}

/// Wants some content, in a response of this status.
fn content(call: &mut Call, request: &[u8], status: u16, wanted: &[u8]) -> Outcome {
    call.send(request)?;
    let response = call.status(method(request), status)?;
    call.content(&response, wanted)
}
