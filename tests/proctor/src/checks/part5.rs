//! Part 5: requests are read, and refused by the rule that they break.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::check::Then::{Closes, Stays};
use crate::check::{Check, GET, POST, Ports, check};
use crate::line::{Failure, Outcome};
use crate::stage::Stage::{Part5, Part5_5};

/// A head that breaks a rule: 400, and the connection is closed, since nobody knows
/// where it would go on.
fn bad(
    id: &'static str,
    title: &'static str,
    request: impl Into<Vec<u8>>,
) -> Check {
    check(id, Part5, title).refuses(request, 400, Closes)
}

fn with(fields: &str) -> String {
    format!("GET / HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")
}

pub fn checks() -> Vec<Check> {
    let mut checks = Vec::new();
    checks.extend(lines());
    checks.extend(targets());
    checks.extend(fields());
    checks.extend(framing());
    checks.extend(methods());
    checks.extend(conversation());
    checks
}

/// Request lines.
fn lines() -> Vec<Check> {
    const READ: &str = "part5.md#from-left-to-right";
    vec![
        bad(
            "no-version",
            "A request line without a version is refused with 400.",
            "GET /\r\nHost: localhost\r\n\r\n",
        )
        .rule("RFC 9112 section 3")
        .read(READ)
        .why("It has a method, a target and a version, all three.")
        .hint("HTTP/0.9 has been gone for a while."),
        bad(
            "lower-case-version",
            "http/1.1 is no version.",
            "GET / http/1.1\r\nHost: localhost\r\n\r\n",
        )
        .rule("RFC 9112 section 2.3")
        .read(READ)
        .why("The version is told by case.")
        .hint("Compare bytes."),
        bad(
            "long-version",
            "HTTP/1.10 is no version.",
            "GET / HTTP/1.10\r\nHost: localhost\r\n\r\n",
        )
        .rule("RFC 9112 section 2.3")
        .read(READ)
        .why("A version has one digit, a dot and one digit.")
        .hint("It is not a decimal number, and has no room for two digits."),
        bad(
            "space-after-version",
            "Nothing stands behind the version.",
            "GET / HTTP/1.1 \r\nHost: localhost\r\n\r\n",
        )
        .rule("RFC 9112 section 3")
        .read(READ)
        .why("CR LF follows it.")
        .hint("Trimming lines is a way to accept what others refuse."),
        bad(
            "two-spaces",
            "Two spaces before the target are refused with 400.",
            "GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        )
        .rule("RFC 9112 section 3")
        .read(READ)
        .why(
            "There is a single space, and lenient splitting can lead to smuggling.",
        )
        .hint("Splitting at whitespace is too kind."),
        bad(
            "tab",
            "A tab is no space.",
            "GET\t/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        )
        .rule("RFC 9112 section 3")
        .read(READ)
        .why("There is a single space.")
        .hint("Splitting at whitespace is too kind."),
        bad(
            "space-before-method",
            "A space before the method is refused with 400.",
            " GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        )
        .rule("RFC 9112 section 3")
        .read(READ)
        .why("A method is a token and begins the line.")
        .hint("Do not trim."),
        bad(
            "odd-method",
            "A method with a bracket in it is no method.",
            "GE(T / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        )
        .rule("RFC 9110 section 5.6.2")
        .read("part5.md#methods")
        .why("It is a token; 501 is for methods that could be some.")
        .hint("Which bytes may stand in a token?"),
        bad(
            "bare-lf",
            "A line that ends with LF alone is refused with 400.",
            "GET / HTTP/1.1\nHost: localhost\n\n",
        )
        .rule("RFC 9112 section 2.2")
        .read(READ)
        .why("A reader may take it for a line's end, and another may not.")
        .hint("Look for CR LF, and for any other CR or LF."),
        bad(
            "bare-lf-in-a-field",
            "The same behind a field.",
            "GET / HTTP/1.1\r\nHost: localhost\nA: b\r\n\r\n",
        )
        .rule("RFC 9112 section 2.2")
        .read("part5.md#two-readers")
        .why("It is one field or two, depending on who reads.")
        .hint("Look for CR LF, and for any other CR or LF."),
        bad(
            "bare-cr",
            "A CR that no LF follows is refused with 400.",
            with("A: b\rc\r\n"),
        )
        .rule("RFC 9112 section 2.2")
        .read(READ)
        .why("Some take it for the end of a line.")
        .hint("Look for CR LF, and for any other CR or LF."),
        check("version-2", Part5, "HTTP/2.0 is refused with 505.")
            .rule("RFC 9110 section 15.6.6")
            .read(READ)
            .why("The major version is not ours.")
            .hint("505 HTTP Version Not Supported.")
            .refuses("GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", 505, Closes),
        check("version-1-9", Part5, "HTTP/1.9 is understood as HTTP/1.1.")
            .rule("RFC 9110 section 2.5")
            .read(READ)
            .why("A later minor version is read as the highest that one knows.")
            .hint("Look at the major version alone.")
            .serves("GET / HTTP/1.9\r\nHost: localhost\r\n\r\n"),
        check(
            "http-2-preface",
            Part5,
            "The preface of HTTP/2 is not answered with the text.",
        )
        .rule("RFC 9113 section 3.4")
        .read(READ)
        .why("It was made so that a server of HTTP/1.1 refuses it.")
        .hint("PRI has an asterisk for a target.")
        .sends("PRI * HTTP/2.0, as a client does that begins with HTTP/2")
        .run_with(|exam| {
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
        }),
        check(
            "tls-on-the-clear-port",
            Part5,
            "A TLS handshake on the clear port is refused, and not waited for.",
        )
        .rule("RFC 9112 section 2.2")
        .read(READ)
        .why("Its first byte can't begin a request.")
        .hint(
            "A byte that is no token is wrong at once; don't \
                         wait for the line's end.",
        )
        .on(Ports::Clear)
        .sends("the first bytes of a ClientHello")
        .run_with(|exam| {
            let mut call = exam.line.call()?;
            call.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")?;
            call.finish();
            call.read_to_end("the connection stays open").map(drop)
        }),
    ]
}

/// Request targets and Host.
fn targets() -> Vec<Check> {
    const READ: &str = "part5.md#targets";
    vec![
        bad(
            "target-without-slash",
            "A path that does not begin with a slash is refused with 400.",
            "GET index.html HTTP/1.1\r\nHost: localhost\r\n\r\n",
        )
        .rule("RFC 9112 section 3.2.1")
        .read(READ)
        .why("It is none of the four forms that a target has.")
        .hint("Origin-form begins with a slash."),
        bad(
            "fragment",
            "A target with a fragment is refused with 400.",
            "GET /#top HTTP/1.1\r\nHost: localhost\r\n\r\n",
        )
        .rule("RFC 9112 section 3.2.1")
        .read(READ)
        .why(
            "Fragments are the client's own affair, and not in \
                         the grammar of targets.",
        )
        .hint("Which bytes may stand in a path and a query?"),
        bad(
            "get-asterisk",
            "GET * is refused with 400.",
            "GET * HTTP/1.1\r\nHost: localhost\r\n\r\n",
        )
        .rule("RFC 9112 section 3.2.4")
        .read(READ)
        .why("The asterisk is for OPTIONS.")
        .hint("Which form is allowed depends on the method."),
        bad(
            "nul-in-target",
            "A NUL in a target is refused with 400.",
            "GET /\0 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        )
        .rule("RFC 9112 section 3.2")
        .read(READ)
        .why("Where strings end with NUL, the rest is not looked at.")
        .hint("Control characters have no place in a target."),
        check(
            "any-path",
            Part5,
            "Whatever the path and query, the text is served.",
        )
        .rule("RFC 9112 section 3.2.1")
        .read(READ)
        .why("There is only one thing here.")
        .hint("Percent signs, semicolons, colons and @ may all stand in a path.")
        .serves(
            "GET /a/b%20c;d=e/@:?q=1&r=%2F?/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        ),
        check("absolute-form", Part5, "A target may be a whole URI.")
            .rule("RFC 9112 section 3.2.2")
            .read(READ)
            .why("A server must accept it, in every request.")
            .hint("What is between :// and the next slash takes the place of Host.")
            .on(Ports::Clear)
            .serves("GET http://localhost/x HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        bad(
            "absolute-form-without-host",
            "A whole URI does not make Host superfluous.",
            "GET http://localhost/ HTTP/1.1\r\n\r\n",
        )
        .rule("RFC 9112 section 3.2")
        .read("part5.md#rules-about-the-whole")
        .why("Every request of HTTP/1.1 has one.")
        .hint("Check for Host whatever the target is."),
        check(
            "options-asterisk",
            Part5,
            "OPTIONS * is a request, and refused with 405.",
        )
        .until(Part5_5)
        .rule("RFC 9112 section 3.2.4")
        .read(READ)
        .why("The form is right for the method, and the method is not ours.")
        .hint("405, and what is allowed.")
        .refuses(
            "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
            405,
            Stays,
        ),
        check(
            "connect",
            Part5,
            "CONNECT with a host and port is refused with 405.",
        )
        .rule("RFC 9112 section 3.2.3")
        .read(READ)
        .why("The form is right for the method, and the method is not ours.")
        .hint("Authority-form is host, colon, port, and nothing else.")
        .sends("CONNECT localhost:80 HTTP/1.1, Host, and an empty line")
        .run_with(|exam| {
            let request =
                b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\n\r\n";
            exam.response_to(request, 405).map(drop)
        }),
        check("long-target", Part5, "A target of 20 KB is refused with 414.")
            .rule("RFC 9110 section 15.5.15")
            .read("part5.md#from-left-to-right")
            .why("It is told apart from a head that is too large.")
            .hint("414 URI Too Long.")
            .refuses(
                format!(
                    "GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n",
                    "a".repeat(20_000)
                ),
                414,
                Closes,
            ),
        check("target-of-8000", Part5, "A target of 8000 bytes is served.")
            .rule("RFC 9112 section 3")
            .read("part5.md#from-left-to-right")
            .why("It is what the RFC recommends to be able to read.")
            .hint("Is there a limit on the line besides that on the target?")
            .serves(format!(
                "GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "a".repeat(7999)
            )),
        bad(
            "no-host",
            "A request of HTTP/1.1 without Host is refused with 400.",
            "GET / HTTP/1.1\r\n\r\n",
        )
        .rule("RFC 9112 section 3.2")
        .read("part5.md#rules-about-the-whole")
        .why("One address serves many names.")
        .hint("That it is missing is known when the head is over."),
        bad(
            "two-hosts",
            "Two Hosts are refused with 400.",
            with("Host: other\r\n"),
        )
        .rule("RFC 9112 section 3.2")
        .read("part5.md#rules-about-the-whole")
        .why("One reader goes by the first and another by the last.")
        .hint("A map of fields keeps one of them. Keep a list."),
        bad(
            "two-equal-hosts",
            "Two Hosts are refused although they are equal.",
            with("Host: localhost\r\n"),
        )
        .rule("RFC 9112 section 3.2")
        .read("part5.md#rules-about-the-whole")
        .why("The rule is about lines and not about values.")
        .hint("Count them."),
        bad(
            "bad-host",
            "A Host that is none is refused with 400.",
            "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
        )
        .rule("RFC 9112 section 3.2")
        .read("part5.md#targets")
        .why("Its value must be valid too.")
        .hint("A host, and perhaps a colon and a port."),
        bad(
            "host-with-user",
            "A Host with a user in it is refused with 400.",
            "GET / HTTP/1.1\r\nHost: bank@localhost\r\n\r\n",
        )
        .rule("RFC 9110 section 4.2.4")
        .read("part5.md#targets")
        .why("http has no place for it, and it serves to deceive.")
        .hint("@ is not a host's."),
        bad(
            "host-with-bad-port",
            "A Host with a port that is no number is refused with 400.",
            "GET / HTTP/1.1\r\nHost: localhost:+80\r\n\r\n",
        )
        .rule("RFC 9110 section 7.2")
        .read("part5.md#targets")
        .why("A port is digits.")
        .hint("Number parsers take signs. Look at the digits first."),
        check("host-with-port", Part5, "A Host with a port is served.")
            .rule("RFC 9110 section 7.2")
            .read("part5.md#targets")
            .why("Every client sends it to a port other than 80.")
            .hint("Host, colon, digits.")
            .serves("GET / HTTP/1.1\r\nHost: localhost:1337\r\n\r\n"),
        check("ipv6-host", Part5, "A Host that is an IPv6 address is served.")
            .rule("RFC 3986 section 3.2.2")
            .read("part5.md#targets")
            .why("It stands in brackets, for its colons.")
            .hint("Look for the port behind the bracket.")
            .serves("GET / HTTP/1.1\r\nHost: [::1]:1337\r\n\r\n"),
    ]
}

/// Field lines.
fn fields() -> Vec<Check> {
    const READ: &str = "part5.md#from-left-to-right";
    vec![
        bad(
            "space-before-colon",
            "A space before the colon is refused with 400.",
            "GET / HTTP/1.1\r\nHost : localhost\r\n\r\n",
        )
        .rule("RFC 9112 section 5.1")
        .read(READ)
        .why(
            "Differences in the handling of it have been \
                         security holes, and a server must answer 400.",
        )
        .hint("Do not trim names."),
        bad(
            "no-colon",
            "A field without a colon is refused with 400.",
            with("hello\r\n"),
        )
        .rule("RFC 9112 section 5")
        .read(READ)
        .why("It is none.")
        .hint("What does your parser do with a line that it can't split?"),
        bad(
            "no-name",
            "A field without a name is refused with 400.",
            with(": b\r\n"),
        )
        .rule("RFC 9110 section 5.1")
        .read("part5.md#names-and-values")
        .why("A token has at least one byte.")
        .hint("Is the empty string a name for you?"),
        bad(
            "odd-name",
            "A field name with a bracket in it is refused with 400.",
            with("A(b): c\r\n"),
        )
        .rule("RFC 9110 section 5.1")
        .read("part5.md#names-and-values")
        .why("A name is a token.")
        .hint("Which bytes may stand in a token?"),
        bad(
            "folded",
            "A line that continues the one before it is refused with 400.",
            with("A: b\r\n c\r\n"),
        )
        .rule("RFC 9112 section 5.2")
        .read(READ)
        .why("Some readers join them and some don't.")
        .hint("A field line does not begin with a space or a tab."),
        bad(
            "space-before-first-field",
            "A space before the first field is refused with 400.",
            "GET / HTTP/1.1\r\n Host: localhost\r\n\r\n",
        )
        .rule("RFC 9112 section 2.2")
        .read(READ)
        .why("It can't continue anything.")
        .hint("A field line does not begin with a space or a tab."),
        bad(
            "nul-in-value",
            "A NUL in a value is refused with 400.",
            with("A: b\0c\r\n"),
        )
        .rule("RFC 9110 section 5.5")
        .read("part5.md#names-and-values")
        .why("Control characters are dangerous to whoever reads on.")
        .hint(
            "A value has visible characters, spaces, tabs, and bytes from 0x80 up.",
        ),
        check("many-fields", Part5, "Fifty fields are served.")
            .rule("RFC 9110 section 5.4")
            .read(READ)
            .why("Browsers and proxies send twenty.")
            .hint("A limit is good, if it is high enough.")
            .serves(with(&"A: b\r\n".repeat(50))),
        check("too-many-fields", Part5, "Two thousand fields are refused.")
            .rule("RFC 6585 section 5")
            .read(READ)
            .why("Somebody who sends thousands is after our memory.")
            .hint("431 Request Header Fields Too Large.")
            .sends("two thousand fields of five bytes")
            .run_with(|exam| {
                exam.response_to(with(&"A:b\r\n".repeat(4000)).as_bytes(), 431)
                    .map(drop)
            }),
        check("field-case", Part5, "Field names differ not by case.")
            .rule("RFC 9110 section 5.1")
            .read("part5.md#names-and-values")
            .why("host is Host.")
            .hint("Compare without regard to ASCII case.")
            .serves("GET / HTTP/1.1\r\nhOST: localhost\r\n\r\n"),
        check(
            "field-space",
            Part5,
            "Whitespace around a value is not part of it, and need not be there.",
        )
        .rule("RFC 9112 section 5")
        .read("part5.md#names-and-values")
        .why("Clients write none, one, or many.")
        .hint("Trim spaces and tabs, on both sides of the value.")
        .serves("GET / HTTP/1.1\r\nHost:localhost\r\nA: \t b \t \r\nB:\r\n\r\n"),
        check(
            "odd-bytes-in-value",
            Part5,
            "Bytes from 0x80 up may stand in a value.",
        )
        .rule("RFC 9110 section 5.5")
        .read("part5.md#names-and-values")
        .why("They are opaque, and no reason to refuse.")
        .hint("A value need not be UTF-8.")
        .serves(
            [&b"GET / HTTP/1.1\r\nHost: localhost\r\nA: \xff\xfe\r\n\r\n"[..]]
                .concat(),
        ),
    ]
}

/// Where a request's body ends.
fn framing() -> Vec<Check> {
    const READ: &str = "part5.md#where-a-body-ends";
    let bad = |id, title, fields: &str| bad(id, title, with(fields)).read(READ);
    let smuggled = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";
    vec![
        bad(
            "signed-length",
            "A Content-Length with a sign is refused with 400.",
            "Content-Length: +5\r\n",
        )
        .rule("RFC 9110 section 8.6")
        .why("It is digits.")
        .hint("Number parsers take signs. Look at the digits first."),
        bad(
            "negative-length",
            "A negative Content-Length is refused with 400.",
            "Content-Length: -1\r\n",
        )
        .rule("RFC 9110 section 8.6")
        .why("It is digits.")
        .hint("Number parsers take signs. Look at the digits first."),
        bad(
            "hex-length",
            "A hexadecimal Content-Length is refused with 400.",
            "Content-Length: 0x5\r\n",
        )
        .rule("RFC 9110 section 8.6")
        .why("It is decimal.")
        .hint("Some number parsers know prefixes."),
        bad(
            "empty-length",
            "An empty Content-Length is refused with 400.",
            "Content-Length:\r\n",
        )
        .rule("RFC 9110 section 8.6")
        .why("It has at least one digit.")
        .hint("What does your number parser make of nothing?"),
        bad(
            "huge-length",
            "A Content-Length that no integer holds is refused with 400.",
            "Content-Length: 99999999999999999999999999\r\n",
        )
        .rule("RFC 9110 section 8.6")
        .why("A number that wraps around is another number.")
        .hint("Does your arithmetic tell you of an overflow?"),
        bad(
            "list-of-lengths",
            "A list of Content-Lengths that differ is refused with 400.",
            "Content-Length: 5, 6\r\n",
        )
        .rule("RFC 9112 section 6.3")
        .why("Each reader has a favourite.")
        .hint("It is no number."),
        bad(
            "two-lengths",
            "Two Content-Lengths that differ are refused with 400.",
            "Content-Length: 5\r\nContent-Length: 6\r\n",
        )
        .rule("RFC 9112 section 6.3")
        .why("Each reader has a favourite.")
        .hint("A map of fields keeps one of them. Keep a list."),
        bad(
            "length-and-coding",
            "Content-Length and Transfer-Encoding together are refused with 400.",
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        )
        .rule("RFC 9112 section 6.3")
        .why("It is how smuggling is done, and a server may reject it.")
        .hint("If both are there, it is not a choice."),
        bad(
            "chunked-not-last",
            "A Transfer-Encoding that does not end in chunked is refused with 400.",
            "Transfer-Encoding: chunked, gzip\r\n",
        )
        .rule("RFC 9112 section 6.3")
        .why("Nobody can tell where such a body ends.")
        .hint("The last coding decides."),
        bad(
            "chunked-twice",
            "chunked twice is refused with 400.",
            "Transfer-Encoding: chunked, chunked\r\n",
        )
        .rule("RFC 9112 section 6.1")
        .why("It is applied once, and last.")
        .hint("Count it."),
        check(
            "coding-in-1-0",
            Part5,
            "A Transfer-Encoding in HTTP/1.0 is refused with 400.",
        )
        .rule("RFC 9112 section 6.1")
        .read(READ)
        .why("HTTP/1.0 has none, so somebody before us may not have seen it.")
        .hint("Treat it as faulty framing.")
        .refuses(
            "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
            400,
            Closes,
        ),
        check(
            "unknown-coding",
            Part5,
            "A coding that is not known is refused with 501.",
        )
        .rule("RFC 9112 section 6.1")
        .read(READ)
        .why("The end could be found, and the contents not read.")
        .hint("501 Not Implemented.")
        .refuses(with("Transfer-Encoding: br, chunked\r\n"), 501, Closes),
        check(
            "body-is-no-request",
            Part5,
            "A body is not taken for the next request.",
        )
        .rule("RFC 9112 section 11.2")
        .read("part5.md#two-readers")
        .why(
            "Whoever can choose a body could put words into \
                         another caller's mouth.",
        )
        .hint("Read past the body, or close: 405 and Connection: close will do.")
        .sends("a POST with a Content-Length, whose body reads like a GET")
        .run_with(move |exam| {
            let post = format!(
                "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: \
                {}\r\n\r\n{smuggled}",
                smuggled.len()
            );
            one_answer(exam, post.as_bytes())
        }),
        check("chunks-are-no-request", Part5, "Nor are chunks.")
            .rule("RFC 9112 section 11.2")
            .read("part5.md#where-a-body-ends")
            .why(
                "Whoever can choose a body could put words into \
                         another caller's mouth.",
            )
            .hint(
                "Read past the body, or close: 405 and Connection: close will do.",
            )
            .sends("a POST in chunks, one of which reads like a GET")
            .run_with(move |exam| {
                let post = format!(
                    "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: \
                chunked\r\n\r\n{:x}\r\n{smuggled}\r\n0\r\n\r\n",
                    smuggled.len()
                );
                one_answer(exam, post.as_bytes())
            }),
        check(
            "bad-framing-is-the-end",
            Part5,
            "Behind faulty framing nothing is read.",
        )
        .rule("RFC 9112 section 6.3")
        .read("part5.md#where-a-body-ends")
        .why("Nobody knows where the next request begins.")
        .hint("After a 400 close.")
        .sends("a head with two Content-Lengths, and a GET behind it")
        .run_with(|exam| {
            let mut call = exam.line.call()?;
            call.send(
                [
                    with("Content-Length: 0\r\nContent-Length: 44\r\n").as_bytes(),
                    GET,
                ]
                .concat(),
            )?;
            call.status("GET", 400)?;
            call.ends()
        }),
    ]
}

/// Sends a POST with a body, and wants one 405 for it, and an end or silence.
fn one_answer(exam: &crate::check::Exam, post: &[u8]) -> Outcome {
    let mut call = exam.line.call()?;
    call.send(post)?;
    call.finish();
    let response = call.status("POST", 405)?;
    let missed = "the connection stays open after our end";
    let at = response.start + response.length;
    let (rest, _) = call.read_to_end(missed)?;
    match rest.is_empty() {
        true => Ok(()),
        false => Err(call
            .failure_at(at, "a second response: the body was taken for a request")),
    }
}

/// Methods.
fn methods() -> Vec<Check> {
    let refused = |id, title, method: &str| {
        check(id, Part5, title)
            .rule("RFC 9110 section 15.5.6")
            .read("part5.md#methods")
            .why("We have heard of it, and don't do it here.")
            .hint("405, and what is allowed.")
            .refuses(
                format!("{method} / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                405,
                Stays,
            )
    };
    vec![
        refused("put", "PUT is refused with 405.", "PUT"),
        refused("delete", "DELETE is refused with 405.", "DELETE"),
        refused("trace", "TRACE is refused with 405.", "TRACE"),
        refused("patch", "PATCH is refused with 405.", "PATCH"),
        check(
            "unknown-method",
            Part5,
            "A method that nobody has heard of is refused with 501.",
        )
        .rule("RFC 9110 section 9.1")
        .read("part5.md#methods")
        .why("405 means not here, 501 not me.")
        .hint("A list of the methods that you know.")
        .refuses("BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n", 501, Stays),
        check("head-of-a-refusal", Part5, "HEAD is refused without a body too.")
            .rule("RFC 9110 section 9.3.2")
            .read("part5.md#from-left-to-right")
            .why("The client does not read one, whatever the status.")
            .hint("Remember the method as soon as it is known.")
            .refuses("HEAD / HTTP/1.1\r\n\r\n", 400, Closes),
    ]
}

/// What goes on around requests.
fn conversation() -> Vec<Check> {
    vec![
        check("http-1-0", Part5, "HTTP/1.0 is served, and needs no Host.")
            .rule("RFC 9112 section 3.2")
            .read("part5.md#rules-about-the-whole")
            .why("It is older than the idea.")
            .hint("Host is required from 1.1 on.")
            .serves("GET / HTTP/1.0\r\n\r\n"),
        check(
            "http-1-0-closes",
            Part5,
            "After a request of HTTP/1.0 the connection is closed.",
        )
        .rule("RFC 9112 section 9.3")
        .read("part5.md#where-a-body-ends")
        .why("It has no other way.")
        .hint("405, Connection: close, and close.")
        .refuses("POST / HTTP/1.0\r\n\r\n", 405, Closes),
        check("close-is-honoured", Part5, "Who says Connection: close is closed.")
            .rule("RFC 9112 section 9.6")
            .read("part5.md#where-a-body-ends")
            .why("A server must not read another request after that.")
            .hint("It is a list of words, which differ not by case.")
            .refuses(
                "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, \
                CLOSE\r\n\r\n",
                405,
                Closes,
            ),
        check("refusals-say-why", Part5, "A refusal has a Date and a length.")
            .rule("RFC 9110 section 6.6.1")
            .read("part5.md#back-to-bytes")
            .why("It is a response like any other.")
            .hint("Write all responses with one function.")
            .sends("a head without a Host")
            .run_with(|exam| {
                let (call, response) =
                    exam.response_to(b"GET / HTTP/1.1\r\n\r\n", 400)?;
                for name in ["Date", "Content-Length"] {
                    if response.field(name).is_none() {
                        let at = response.head_end().saturating_sub(2);
                        return Err(call.wrong(
                            &response,
                            at,
                            format!("there is no {name} in this head"),
                        ));
                    }
                }
                Ok(())
            }),
        check("400-says-close", Part5, "The 400 says Connection: close.")
            .rule("RFC 9112 section 9.3")
            .read("part5.md#reading-and-writing")
            .why("The connection is closed, and the client is about to send more.")
            .hint("Whoever is going to close has to say so.")
            .sends("a head without a Host")
            .run_with(|exam| {
                let (call, response) =
                    exam.response_to(b"GET / HTTP/1.1\r\n\r\n", 400)?;
                match response.lists("Connection", "close") {
                    true => Ok(()),
                    false => Err(call.wrong(
                        &response,
                        response.head_end().saturating_sub(2),
                        "no Connection: close in this head",
                    )),
                }
            }),
        check(
            "refused-at-every-cut",
            Part5,
            "A bad request gets the same refusal, wherever it is cut.",
        )
        .rule("RFC 9293 section 2.2")
        .read("part5.md#from-left-to-right")
        .why("Otherwise the answer depends on the network.")
        .hint(
            "Apply the rules from left to right, each at the byte that breaks it.",
        )
        .sends(
            "a head with a space before a colon, and two Hosts, \
                         cut in two at each place",
        )
        .run_with(|exam| {
            let request = b"GET / HTTP/1.1\r\nHost: a\r\nA : b\r\nHost: c\r\n\r\n";
            (1..request.len()).try_for_each(|cut| {
                let (first, second) = request.split_at(cut);
                let mut call = exam.line.call()?;
                call.send(first)?;
                if cut % 16 == 2 {
                    call.hears(Duration::from_millis(20))?;
                }
                call.send(second)?;
                call.status("GET", 400).map(drop).map_err(|failure| Failure {
                    what: format!("cut after {cut} bytes: {}", failure.what),
                    ..failure
                })
            })
        }),
        check("four-kinds-of-refusal", Part5, "Four refusals of any kind end it.")
            .until(Part5_5)
            .read("part5.md#what-we-say")
            .why("A strike is a strike.")
            .hint("Count in one place.")
            .sends("PUT, DELETE, OPTIONS *, BREW and GET in one piece")
            .run_with(|exam| {
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
            }),
        check(
            "expect-continue",
            Part5,
            "Who asks whether to send a body is answered at once.",
        )
        .rule("RFC 9110 section 10.1.1")
        .read("part5.md#reading-and-writing")
        .why("The client waits for a yes or a no.")
        .hint("A final status is a no.")
        .sends("a PUT with Expect: 100-continue, and no body")
        .run_with(|exam| {
            let mut call = exam.line.call()?;
            call.send(
                b"PUT / HTTP/1.1\r\nHost: \
                    localhost\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
            )?;
            call.status("PUT", 405).map(drop)
        }),
        check(
            "big-body",
            Part5,
            "The refusal of a large body arrives \
                although the client keeps sending.",
        )
        .rule("RFC 9112 section 9.6")
        .read("part5.md#reading-and-writing")
        .why(
            "Closed with bytes unread, the connection is reset, \
                         and the response is lost.",
        )
        .hint("After the last response read on for a while, and throw away.")
        .sends("a POST of 200 KB")
        .run_with(|exam| {
            for _ in 0..5 {
                let mut call = exam.line.call()?;
                call.send(
                    b"POST / HTTP/1.1\r\nHost: \
                        localhost\r\nContent-Length: 204800\r\n\r\n",
                )?;
                for _ in 0..50 {
                    call.send([b'x'; 4096])?;
                }
                call.status("POST", 405)?;
                call.ends_without_reset()?;
            }
            Ok(())
        }),
        check(
            "https-in-the-clear",
            Part5,
            "A whole https URI is not served in the clear.",
        )
        .rule("RFC 9110 section 7.4")
        .read("part5.md#what-we-say")
        .why(
            "Whoever stands between could read or write it, \
                         under a name that promises otherwise.",
        )
        .hint("421 Misdirected Request.")
        .on(Ports::Clear)
        .refuses(
            "GET https://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
            421,
            Stays,
        ),
        check(
            "half-a-head-has-a-deadline",
            Part5,
            "Half a head is not waited for for ever.",
        )
        .rule("RFC 9110 section 15.5.9")
        .read("part5.md#reading-and-writing")
        .why("Connections that wait are a way of taking a server off the air.")
        .hint("A deadline for the whole head, and then 408.")
        .sends("half a head, and nothing more")
        .slow()
        .run_with(|exam| {
            let mut call = exam.line.call()?;
            call.send(b"GET / HTTP/1.1\r\nHost:")?;
            let begun = Instant::now();
            if !call.hears(exam.longest_wait())?
                && begun.elapsed() >= exam.longest_wait()
            {
                return Err(exam.still_open(&call));
            }
            match call.got() {
                [] => Ok(()),
                _ => call.status("GET", 408).map(drop),
            }
        }),
        check(
            "a-trickle-has-a-deadline",
            Part5,
            "A head that trickles in is not waited for for ever.",
        )
        .rule("RFC 9110 section 15.5.9")
        .read("part5.md#reading-and-writing")
        .why("A deadline that each byte renews is no deadline.")
        .hint("One deadline around all reads of a head, and not one around each.")
        .sends("half a head, and then a byte each second")
        .slow()
        .run_with(|exam| {
            let mut call = exam.line.call()?;
            call.send(b"GET / HTTP/1.1\r\nHost: ")?;
            let begun = Instant::now();
            while begun.elapsed() < exam.longest_wait() {
                call.send(b"a")?;
                let wait = Instant::now();
                let heard = call.hears(Duration::from_secs(1))?;
                if heard || wait.elapsed() < Duration::from_millis(900) {
                    // Something came, or the stream ended.
                    return Ok(());
                }
            }
            Err(exam.still_open(&call))
        }),
        check(
            "silence-has-a-deadline",
            Part5,
            "Who says nothing is not kept for ever, and told nothing.",
        )
        .rule("RFC 9112 section 9.5")
        .read("part5.md#reading-and-writing")
        .why(
            "It may be a spare connection, and an answer to no \
                         request is taken for that to the next.",
        )
        .hint("A deadline, and then a close without a word.")
        .sends("nothing")
        .slow()
        .run_with(|exam| {
            let mut call = exam.line.call()?;
            let begun = Instant::now();
            if call.hears(exam.longest_wait())? {
                return Err(call.failure_at(0, "an answer to nothing"));
            }
            match begun.elapsed() < exam.longest_wait() {
                true => Ok(()),
                false => Err(exam.still_open(&call)),
            }
        }),
        check("deadline-anew", Part5, "Each request has its own time.")
            .read("part5.md#reading-and-writing")
            .why(
                "Somebody who uses the strikes politely is not cut \
                         off in the middle of the text.",
            )
            .hint("Begin the deadline anew after each response.")
            .sends("a POST, a pause of two seconds, a POST, a pause, a GET")
            .slow()
            .run_with(|exam| {
                let mut call = exam.line.call()?;
                for _ in 0..2 {
                    call.send(POST)?;
                    call.status("POST", 405)?;
                    sleep(Duration::from_secs(2));
                }
                call.send(GET)?;
                call.status("GET", 200).map(drop)
            }),
    ]
}
