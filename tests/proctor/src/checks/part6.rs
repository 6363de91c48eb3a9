//! Part 6: connections that stay, bodies, and what there is to say of a representation.

use crate::check::{Check, Exam, GET, HEAD, Then, check, method};
use crate::line::{Call, Outcome};
use crate::response::Response;
use crate::stage::Stage::Part6;

/// A POST of chunks to what sends them back.
fn chunks(body: &str) -> Vec<u8> {
    let head =
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n";
    format!("{head}\r\n{body}").into_bytes()
}

/// A GET with some more fields.
fn get(fields: &str) -> Vec<u8> {
    format!("GET / HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n").into_bytes()
}

/// Wants some content, in a response of this status.
fn content(call: &mut Call, request: &[u8], status: u16, wanted: &[u8]) -> Outcome {
    call.send(request)?;
    let response = call.status(method(request), status)?;
    same(call, &response, wanted)
}

fn same(call: &Call, response: &Response, wanted: &[u8]) -> Outcome {
    match response.content == wanted {
        true => Ok(()),
        false => {
            let what = format!(
                "{} bytes of content, which are not those that belong there",
                response.content.len()
            );
            Err(call.wrong(response, response.body.start, what))
        }
    }
}

/// Wants a field, and gives its value.
fn value(call: &Call, response: &Response, name: &str) -> Outcome<String> {
    match response.field(name) {
        Some(field) => Ok(field.value.clone()),
        None => {
            let what = format!("there is no {name}");
            Err(call.wrong(response, response.head_end(), what))
        }
    }
}

/// The entity tag of what is served.
fn tag(exam: &Exam) -> Outcome<String> {
    let (call, response) = exam.get()?;
    value(&call, &response, "ETag")
}

/// What answers a GET with some fields, one status and no other.
fn answers(check: Check, fields: &'static str, status: u16) -> Check {
    let request = get(fields);
    check.sends(crate::report::visible(&request)).run_with(move |exam| {
        let mut call = exam.line.call()?;
        call.send(&request)?;
        call.status("GET", status)?;
        Then::Stays.follows(&mut call)
    })
}

/// A chunked body that breaks a rule: 400, and the end.
fn bad_chunks(id: &'static str, title: &'static str, body: &'static str) -> Check {
    check(id, Part6, title)
        .rule("RFC 9112 section 7.1")
        .read("part6.md#chunks")
        .why("Who reads it otherwise finds another request behind it.")
        .hint("Read the grammar byte by byte; what does not fit is refused.")
        .refuses(chunks(body), 400, Then::Closes)
}

/// The checks that Part 6 brings in.
pub fn checks() -> Vec<Check> {
    let mut checks = connections();
    checks.extend(bodies());
    checks.extend(representations());
    checks
}

fn connections() -> Vec<Check> {
    vec![
        check("stays", Part6, "After a response the connection stays.")
            .rule("RFC 9112 section 9.3")
            .read("part6.md#hanging-up")
            .why("A call costs a round trip, and a handshake.")
            .hint("After the last byte of a response, read the next head.")
            .sends("three GETs, each after the response to the one before")
            .run_with(|exam| {
                let mut call = exam.line.call()?;
                for _ in 0..3 {
                    call.send(GET)?;
                    call.status("GET", 200)?;
                }
                Ok(())
            }),
        check("last-request", Part6, "Who asks to close is closed.")
            .rule("RFC 9112 section 9.6")
            .read("part6.md#two-halves")
            .why("The client will send nothing more, and waits for the end.")
            .hint("Look for the option close, in any case, in Connection.")
            .sends("a GET with Connection: x, Close")
            .run_with(|exam| {
                let mut call = exam.line.call()?;
                call.send(get("Connection: x, Close\r\n"))?;
                let response = call.status("GET", 200)?;
                if !response.lists("Connection", "close") {
                    let what = "the response does not say Connection: close";
                    return Err(call.wrong(&response, response.head_end(), what));
                }
                call.ends()
            }),
        check("1.0-closes", Part6, "HTTP/1.0 is closed, unless it asks to stay.")
            .rule("RFC 9112 section 9.3")
            .read("part6.md#two-halves")
            .why("It knows where a response ends by the end.")
            .hint("The default of 1.0 is the other one.")
            .sends("a GET with HTTP/1.0; then two, of which the first asks to stay")
            .run_with(|exam| {
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
            }),
        check("in-order", Part6, "Requests in one piece are answered in their order.")
            .rule("RFC 9112 section 9.3.2")
            .read("part6.md#the-wire")
            .why("Nothing else tells which response is to which request.")
            .hint("What is behind a request belongs to the next. Keep it.")
            .sends("GET, HEAD, BREW, POST /echo and GET in one piece")
            .run_with(|exam| {
                let mut call = exam.line.call()?;
                let brew = b"BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n";
                let echo = chunks("5\r\nhello\r\n0\r\n\r\n");
                call.send([GET, HEAD, brew, &echo, GET].concat())?;
                call.status("GET", 200)?;
                call.status("HEAD", 200)?;
                call.status("BREW", 501)?;
                let response = call.status("POST", 200)?;
                same(&call, &response, b"hello")?;
                call.status("GET", 200).map(drop)
            }),
        check("in-order-by-bytes", Part6, "The same, however it is cut.")
            .rule("RFC 9112 section 9.3.2")
            .read("part6.md#the-wire")
            .why("TCP is a stream.")
            .hint("Is a body read to its end, and not one byte further?")
            .sends("POST /echo with a length, PUT with a body and GET, byte by byte")
            .run_with(|exam| {
                let mut call = exam.line.call()?;
                let requests = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi\
                    PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi\
                    GET / HTTP/1.1\r\nHost: a\r\n\r\n";
                call.send_in_pieces(requests.chunks(1))?;
                let response = call.status("POST", 200)?;
                same(&call, &response, b"hi")?;
                call.status("PUT", 405)?;
                call.status("GET", 200).map(drop)
            }),
    ]
}

fn bodies() -> Vec<Check> {
    let long =
        || -> Vec<u8> { (0..300_000_u32).map(|n| (n % 251) as u8).collect() };
    let mut checks = vec![
        check("echo", Part6, "POST /echo sends its body back.")
            .rule("RFC 9112 section 6.3")
            .read("part6.md#chunks")
            .why("It shows that a body is read for what it is.")
            .hint("Content-Length says how many bytes to read after the head.")
            .sends("bodies of 0, 5 and 5 bytes, the last with every kind of byte in it")
            .run_with(|exam| {
                let mut call = exam.line.call()?;
                for body in [&b""[..], b"hello", b"\r\n\0\xff\n"] {
                    let head = format!(
                        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n",
                        body.len()
                    );
                    content(&mut call, &[head.as_bytes(), body].concat(), 200, body)?;
                }
                Ok(())
            }),
        check("echo-of-chunks", Part6, "A body in chunks is put together.")
            .rule("RFC 9112 section 7.1")
            .read("part6.md#chunks")
            .why("Who makes a body as they go does not know its length.")
            .hint("Size in hexadecimal, CRLF, data, CRLF; 0 and an empty line at the end.")
            .sends("chunks of 3 and 26 bytes, an extension, a trailer field; and a GET")
            .run_with(|exam| {
                let mut call = exam.line.call()?;
                let body = "3;a=\"b\"\r\nabc\r\n1A\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\nX: y\r\n\r\n";
                let wanted = b"abcabcdefghijklmnopqrstuvwxyz";
                content(&mut call, &chunks(body), 200, wanted)?;
                Then::Stays.follows(&mut call)
            }),
        check("echo-of-chunks-by-bytes", Part6, "The same, however it is cut.")
            .rule("RFC 9112 section 7.1")
            .read("part6.md#chunks")
            .why("A size may come a digit at a time.")
            .hint("A line is read when its end is there, and not before.")
            .sends("chunks of 1 and 16 bytes, byte by byte")
            .run_with(|exam| {
                let mut call = exam.line.call()?;
                let body = "1\r\na\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n";
                call.send_in_pieces(chunks(body).chunks(1))?;
                let response = call.status("POST", 200)?;
                same(&call, &response, b"a0123456789abcdef")
            }),
        check("long-echo", Part6, "A long body comes back whole.")
            .rule("RFC 9110 section 8.6")
            .read("part6.md#the-wire")
            .why("A body is longer than any buffer.")
            .hint("Send what you have before you read more.")
            .sends("300 KB to /echo")
            .run_with(move |exam| {
                let mut call = exam.line.call()?;
                let body = long();
                let head = format!(
                    "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n",
                    body.len()
                );
                content(&mut call, &[head.as_bytes(), &body].concat(), 200, &body)
            }),
        check("unwanted-body", Part6, "A body that nobody wants is read past.")
            .rule("RFC 9112 section 9.3")
            .read("part6.md#hanging-up")
            .why("Its bytes are not the next request, whatever they look like.")
            .hint("Read it and throw it away, or close.")
            .sends("a PUT whose body is a DELETE; and a GET, if the connection stays")
            .run_with(|exam| {
                let mut call = exam.line.call()?;
                let inner = "DELETE / HTTP/1.1\r\nHost: a\r\n\r\n";
                let head = format!(
                    "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{inner}",
                    inner.len()
                );
                call.send(head)?;
                let response = call.status("PUT", 405)?;
                match response.lists("Connection", "close") {
                    true => call.ends(),
                    false => Then::Stays.follows(&mut call),
                }
            }),
        check("short-body", Part6, "A body that ends early is no request.")
            .rule("RFC 9112 section 8")
            .read("part6.md#hanging-up")
            .why("Half an order is not an order.")
            .hint("The end of the stream within a body is 400, or silence; never 200.")
            .sends("nine bytes announced, five sent, and the end")
            .run_with(|exam| {
                let mut call = exam.line.call()?;
                call.send(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhello")?;
                call.finish();
                if !call.hears(exam.soon())? {
                    return Ok(());
                }
                call.status("POST", 400)?;
                call.ends()
            }),
        check("continue", Part6, "Who asks whether to send is told to go on.")
            .rule("RFC 9110 section 10.1.1")
            .read("part6.md#may-i")
            .why("The client waits for it before it sends a large body.")
            .hint("Write HTTP/1.1 100 Continue and an empty line before you read the body.")
            .sends("a POST to /echo with Expect: 100-continue; the body after the 100")
            .run_with(|exam| {
                let mut call = exam.line.call()?;
                call.send(
                    b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\
                      Expect: 100-continue\r\n\r\n",
                )?;
                call.status("POST", 100)?;
                call.send(b"hi")?;
                let response = call.status("POST", 200)?;
                same(&call, &response, b"hi")
            }),
        check("no-continue", Part6, "Who will be refused is not told to go on.")
            .rule("RFC 9110 section 10.1.1")
            .read("part6.md#may-i")
            .why("That is what the question was for.")
            .hint("Look at the request first. Then close, as the body may come anyway.")
            .refuses(
                "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n",
                405,
                Then::Closes,
            ),
        check("other-expectation", Part6, "What is not known can't be expected.")
            .rule("RFC 9110 section 15.5.18")
            .read("part6.md#may-i")
            .why("There is one expectation, and who means another is not understood.")
            .hint("417.")
            .refuses("GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", 417, Then::Stays),
        check("options-allowed", Part6, "OPTIONS says what can be done with a target.")
            .rule("RFC 9110 section 9.3.7")
            .read("part6_server.md#what-there-is")
            .why("It is what the method is for.")
            .hint("200 or 204, and Allow; for the asterisk, what the server can do at all.")
            .sends("OPTIONS *, OPTIONS / and OPTIONS /echo")
            .run_with(|exam| {
                for (target, wanted) in [("*", "GET"), ("/", "GET"), ("/echo", "POST")] {
                    let mut call = exam.line.call()?;
                    call.send(format!("OPTIONS {target} HTTP/1.1\r\nHost: a\r\n\r\n"))?;
                    let response = call.response("OPTIONS")?;
                    if !matches!(response.status, 200 | 204) {
                        let what = format!("{} is neither 200 nor 204", response.status);
                        return Err(call.wrong(&response, response.status_at, what));
                    }
                    value(&call, &response, "Allow")?;
                    if !response.lists("Allow", wanted) {
                        let what = format!("Allow does not say {wanted} for {target}");
                        return Err(call.wrong(&response, response.head_end(), what));
                    }
                }
                Ok(())
            }),
        check("get-of-echo", Part6, "What is for POST alone says so.")
            .rule("RFC 9110 section 15.5.6")
            .read("part6_server.md#what-there-is")
            .why("Allow is to be true of the target that was asked for.")
            .hint("405, with an Allow that has POST in it and not GET.")
            .sends("GET /echo")
            .run_with(|exam| {
                let mut call = exam.line.call()?;
                call.send(b"GET /echo HTTP/1.1\r\nHost: a\r\n\r\n")?;
                let response = call.status("GET", 405)?;
                match response.lists("Allow", "POST") && !response.lists("Allow", "GET") {
                    true => Ok(()),
                    false => {
                        let what = "Allow is not what is allowed here";
                        Err(call.wrong(&response, response.head_end(), what))
                    }
                }
            }),
    ];
    checks.extend([
        bad_chunks(
            "chunk-without-size",
            "A chunk has a size.",
            "\r\nhello\r\n0\r\n\r\n",
        ),
        bad_chunks(
            "chunk-with-a-sign",
            "A size has no sign.",
            "+5\r\nhello\r\n0\r\n\r\n",
        ),
        bad_chunks(
            "chunk-with-0x",
            "A size has no prefix.",
            "0x5\r\nhello\r\n0\r\n\r\n",
        ),
        bad_chunks(
            "chunk-over-64-bits",
            "A size that no number holds is refused.",
            "10000000000000005\r\nhello\r\n0\r\n\r\n",
        ),
        bad_chunks(
            "chunk-size-and-lf",
            "A chunk's size ends with CRLF.",
            "5\nhello\r\n0\r\n\r\n",
        ),
        bad_chunks(
            "chunk-extension-and-lf",
            "An extension ends with CRLF.",
            "5;\nhello\r\n0\r\n\r\n",
        ),
        bad_chunks(
            "chunk-too-long",
            "Data ends where the size says.",
            "5\r\nhello!\r\n0\r\n\r\n",
        ),
        bad_chunks(
            "chunk-end-skipped",
            "What ends a chunk is CRLF, and not any two bytes.",
            "5\r\nhelloXX0\r\n\r\n",
        ),
    ]);
    checks
}

fn representations() -> Vec<Check> {
    let read = "part6_files.md#is-it-still-the-one";
    let ranges = "part6_files.md#from-here-to-there";
    let conditional = |id, title| {
        check(id, Part6, title)
            .rule("RFC 9110 section 13.2.2")
            .read(read)
            .why("A condition says what the client has already, or relies on.")
            .hint(
                "If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since.",
            )
    };
    let range = |id, title| {
        check(id, Part6, title)
            .rule("RFC 9110 section 14.2")
            .read(ranges)
            .why("Who has half of it wants the other half.")
            .hint("206 and Content-Range; 416 if there is nothing there; else all of it.")
    };
    vec![
        check("etag", Part6, "What is served has a strong entity tag.")
            .rule("RFC 9110 section 8.8.3")
            .read(read)
            .why("A date is a second wide, and can be set.")
            .hint("A string in quotes that changes with the bytes.")
            .sends("a GET, twice")
            .run_with(|exam| {
                let (call, response) = exam.get()?;
                let tag = value(&call, &response, "ETag")?;
                let opaque = tag.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
                let at = response.field("ETag").map_or(0, |field| field.value_at);
                if opaque.is_none_or(|it| it.contains(['"', ' '])) {
                    let what = "a strong entity tag stands in quotes";
                    return Err(call.wrong(&response, at, what));
                }
                let (call, response) = exam.get()?;
                match value(&call, &response, "ETag")? == tag {
                    true => Ok(()),
                    false => {
                        let what = "another tag for the same bytes";
                        Err(call.wrong(&response, at, what))
                    }
                }
            }),
        conditional("none-match", "Who has it already is told so.")
            .sends("a GET with the entity tag in If-None-Match, weak and in a list too")
            .run_with(|exam| {
                let tag = tag(exam)?;
                let mut call = exam.line.call()?;
                let forms = [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}")];
                for tag in forms {
                    call.send(get(&format!("If-None-Match: {tag}\r\n")))?;
                    let response = call.status("GET", 304)?;
                    value(&call, &response, "ETag")?;
                }
                Then::Stays.follows(&mut call)
            }),
        answers(
            conditional("none-match-another", "Who has another gets this one."),
            "If-None-Match: \"another\"\r\nIf-Modified-Since: Fri, 31 Dec 2049 23:59:59 GMT\r\n",
            200,
        ),
        conditional("modified-since", "What has not changed since is not sent again.")
            .sends("a GET with Last-Modified in If-Modified-Since")
            .run_with(|exam| {
                let (mut call, response) = exam.get()?;
                let date = value(&call, &response, "Last-Modified")?;
                call.send(get(&format!("If-Modified-Since: {date}\r\n")))?;
                call.status("GET", 304)?;
                Then::Stays.follows(&mut call)
            }),
        answers(
            conditional("modified-since-never", "A date that is none is no condition."),
            "If-Modified-Since: yesterday\r\n",
            200,
        ),
        answers(
            conditional("match-another", "Who relies on another state is told so."),
            "If-Match: \"another\"\r\n",
            412,
        ),
        range("one-range", "A range is cut out.")
            .sends("a GET with bytes=4-9, and one with bytes=-7")
            .run_with(|exam| {
                let (mut call, whole) = exam.get()?;
                let length = whole.content.len();
                for (range, wanted) in [("4-9", 4..10), ("-7", length - 7..length)] {
                    call.send(get(&format!("Range: bytes={range}\r\n")))?;
                    let response = call.status("GET", 206)?;
                    same(&call, &response, &whole.content[wanted.clone()])?;
                    let said = value(&call, &response, "Content-Range")?;
                    if said != format!("bytes {}-{}/{length}", wanted.start, wanted.end - 1) {
                        let at = response.field("Content-Range").map_or(0, |it| it.value_at);
                        let what = "this is not the range that was sent";
                        return Err(call.wrong(&response, at, what));
                    }
                }
                Ok(())
            }),
        range("range-past-the-end", "A range where nothing is gets 416.")
            .sends("a GET with bytes=99999999-")
            .run_with(|exam| {
                let (mut call, whole) = exam.get()?;
                call.send(get("Range: bytes=99999999-\r\n"))?;
                let response = call.status("GET", 416)?;
                let said = value(&call, &response, "Content-Range")?;
                match said == format!("bytes */{}", whole.content.len()) {
                    true => Then::Stays.follows(&mut call),
                    false => {
                        let at = response.field("Content-Range").map_or(0, |it| it.value_at);
                        Err(call.wrong(&response, at, "this is not how long it is"))
                    }
                }
            }),
        answers(
            range("range-of-nonsense", "A range that makes no sense is not there."),
            "Range: bytes=9-4\r\n",
            200,
        ),
        answers(
            range("if-range", "A range of another state is not sent."),
            "Range: bytes=4-9\r\nIf-Range: \"another\"\r\n",
            200,
        ),
        range("range-of-head", "A range is for GET alone.")
            .sends("a HEAD with bytes=4-9")
            .run_with(|exam| {
                let mut call = exam.line.call()?;
                call.send(b"HEAD / HTTP/1.1\r\nHost: a\r\nRange: bytes=4-9\r\n\r\n")?;
                call.status("HEAD", 200).map(drop)
            }),
    ]
}
