//! Request targets: their bytes, and their forms for each method.

use super::{LETTERS, METHODS};
use crate::check::Ports::Each;
use crate::check::Procedure::Does;
use crate::check::Rule::{Must, Ours, See, Should};
use crate::check::{Check, Exam};
use crate::draw::Draw;
use crate::stage::Stage::Part5;
use crate::sweep::{Case, sweep};
use crate::target::Port;

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "target-of-any-bytes",
        title: "A target with a byte that is no URI's is refused with 400.",
        since: Part5,
        ports: Each,
        rule: Should("RFC 9112 section 3.2"),
        why: "Whoever reads on takes such a byte for an end, or for something that \
            it is like.",
        hint: "Controls, quotes, angle brackets, # and all from 0x7f up are \
            written with a percent sign.",
        read: "part5.html#paths",
        procedure: Does {
            sends: "each such byte, at the beginning, in the middle and at the end \
                of a path and of a query, alone and in a whole URI",
            run: |exam| {
                sweep(exam, target_of_any_bytes)?;
                sweep(exam, |draw| uri_of_any_bytes(exam, draw))
            },
        },
    },
    Check {
        id: "target-of-good-bytes",
        title: "Any byte that may stand in a path or a query may stand there.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 3986 sections 3.3 and 3.4"),
        why: "A client that keeps to the grammar is not to be refused for it.",
        hint: "unreserved / pct-encoded / sub-delims / : / @, and in a query / \
            and ? too.",
        read: "part5.html#paths",
        procedure: Does {
            sends: "each of them, and a whole URI within a path and a query",
            run: |exam| sweep(exam, target_of_good_bytes),
        },
    },
    Check {
        id: "query-as-it-comes",
        title: "A query is let through as browsers send it.",
        since: Part5,
        ports: Each,
        rule: Ours,
        why: "Somebody has typed a search. What it means is for whoever reads it to say, \
            and here nobody does.",
        hint: "Look for what may follow a percent sign in the path, and not in all of \
            the target.",
        read: "part5.html#paths",
        procedure: Does {
            sends: "percent signs with nothing behind them, with one digit and with \
                none; and braces, bars, carets, backquotes and backslashes; in a query",
            run: |exam| sweep(exam, query_as_it_comes),
        },
    },
    Check {
        id: "absolute-form-of-any-kind",
        title: "A whole URI is read in every form that it may have.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 section 3.2.2 and RFC 9110 section 4.2"),
        why: "The scheme and the host differ not by case, the port may be empty, and \
            the path too.",
        hint: "Split at ://, then at the first / or ?, and then the port off.",
        read: "part5.html#targets",
        procedure: Does {
            sends: "HTTP://localhost, http://localhost:?x, http://[::1]/ and the like",
            run: |exam| sweep(exam, |draw| absolute_form(exam, draw)),
        },
    },
    Check {
        id: "absolute-form-of-no-kind",
        title: "A URI of another scheme, with a user, or with no host is refused.",
        since: Part5,
        ports: Each,
        rule: Should("RFC 9112 section 3.2 and RFC 9110 sections 4.2 and 7.4"),
        why: "It is for somebody else, or for nobody.",
        hint: "startswith() is satisfied by more than the scheme, and @ is no \
            host's.",
        read: "part5.html#targets",
        procedure: Does {
            sends: "ftp://, httpx://, http:/, http://, user@ and the like",
            run: |exam| sweep(exam, absolute_form_of_no_kind),
        },
    },
    Check {
        id: "form-fits-method",
        title: "Each form of a target goes with its methods, and with no other.",
        since: Part5,
        ports: Each,
        rule: Should("RFC 9112 sections 3.2.3, 3.2.4 and 3.2"),
        why: "The asterisk is for OPTIONS, and a host with a port for CONNECT.",
        hint: "Which form is allowed depends on the method, for every method.",
        read: "part5.html#targets",
        procedure: Does {
            sends: "*, localhost:80, and what is no target, with every method",
            run: |exam| sweep(exam, form_fits_method),
        },
    },
    Check {
        id: "connect-to-anything",
        title: "CONNECT wants a host, a colon and a port, and is refused without.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9112 section 3.2.3"),
        why: "An empty or invalid port must be rejected (RFC 9110 section 9.3.6), and \
            a path is no authority.",
        hint: "Authority-form is host, colon, port, and nothing else.",
        read: "part5.html#targets",
        procedure: Does {
            sends: "CONNECT with a path, a URI, an asterisk, no port, and odd ports",
            run: |exam| sweep(exam, connect_to_anything),
        },
    },
];

/// A request for a target, with Host.
fn request(method: &str, target: &[u8]) -> Vec<u8> {
    let end = b" HTTP/1.1\r\nHost: localhost\r\n\r\n";
    [method.as_bytes(), b" ", target, end].concat()
}

/// Text with an `X` in it, and something in its place.
fn in_place(text: &str, what: &[u8]) -> Vec<u8> {
    let (before, after) = text.split_once('X').unwrap_or((text, ""));
    [before.as_bytes(), what, after.as_bytes()].concat()
}

fn target_of_any_bytes(draw: &mut Draw) -> Case<'static> {
    target_with_a_bad_byte("", draw)
}

/// The same in a whole URI, which somebody may read by another branch.
fn uri_of_any_bytes(exam: &Exam, draw: &mut Draw) -> Case<'static> {
    let scheme = match exam.line.port {
        Port::Clear => "http",
        Port::Tls => "https",
    };
    target_with_a_bad_byte(&format!("{scheme}://localhost"), draw)
}

fn target_with_a_bad_byte(before: &str, draw: &mut Draw) -> Case<'static> {
    // Some that are whitespace to somebody end the target, which is another check's.
    let controls = (1..=8).chain(14..32).chain([0]).chain(0x7f..=0xff);
    let bytes = b"\"<>#".iter().copied().chain(controls).map(|it| vec![it]);
    let letters = LETTERS.iter().map(|it| it.as_bytes().to_vec());
    let all: Vec<Vec<u8>> = bytes.chain(letters).collect();
    // And a percent sign is followed by two digits, of sixteen.
    const NO_ESCAPES: &[&str] =
        &["%", "%4", "%zz", "%4z", "%z4", "%%", "%-1", "%+1", "%0x", "%u0041"];
    const PLACES: &[&str] = &["/X", "/aXg", "/a/bX", "/?X", "/?aXg", "/a?bX"];
    let (bad, places) = match draw.below(all.len() + NO_ESCAPES.len()) {
        index if index < all.len() => (all[index].clone(), PLACES),
        // A query is for whoever asked for it, and need not be decoded.
        index => (NO_ESCAPES[index - all.len()].into(), &PLACES[..3]),
    };
    let place = draw.one(places);
    let method = draw.one(&["GET", "HEAD", "POST"]);
    let target = [before.as_bytes(), &in_place(place, &bad)].concat();
    Case::new(request(method, &target), &[400])
}

fn target_of_good_bytes(draw: &mut Draw) -> Case<'static> {
    const GOOD: &[u8] = b"a-._~!$&'()*+,;=:@Z09/?";
    let all: Vec<Vec<u8>> = GOOD
        .iter()
        .map(|&byte| vec![byte])
        .chain(["%20", "%2F", "%2f", "%C3%A9", "%ff"].map(Vec::from))
        .chain(["..", ".", "../..", "%2e%2e", "a/.."].map(Vec::from))
        .chain(["http://b/"].map(Vec::from))
        .collect();
    let good = all[draw.below(all.len())].clone();
    let place = draw.one(&["/?aXb", "/?X", "/X", "/aXb", "/aX", "/X/a"]);
    let target = in_place(place, &good);
    // What is not there is not refused for its form; a way out of the root may be.
    let statuses = [200, 301, 302, 307, 308, 403, 404, 400];
    let statuses = match leaves_the_root(&target) {
        true => &statuses[..],
        false => &statuses[..statuses.len() - 1],
    };
    Case::new(request("GET", &target), statuses)
}

fn query_as_it_comes(draw: &mut Draw) -> Case<'static> {
    let odd = draw.one(&[
        "%", "%2", "%zz", "%%", "50%", "%2g", "{x}", "|", "^", "`", "\\", "[]",
    ]);
    let place = draw.one(&["/?X", "/?a=X", "/?a=X&b=c", "/?X=a", "/?a?X"]);
    let method = draw.one(&["GET", "HEAD"]);
    let target = in_place(place, odd.as_bytes());
    Case::new(request(method, &target), &[200])
}

/// Whether a target's path goes up further than it went down.
fn leaves_the_root(target: &[u8]) -> bool {
    let path = target.split(|&byte| byte == b'?').next().unwrap_or_default();
    let mut depth = 0;
    path[1..].split(|&byte| byte == b'/').any(|segment| {
        match segment {
            b".." | b"%2e%2e" => depth -= 1,
            b"" | b"." => {}
            _ => depth += 1,
        }
        depth < 0
    })
}

fn absolute_form(exam: &Exam, draw: &mut Draw) -> Case<'static> {
    let scheme = match (exam.line.port, draw.below(3)) {
        (Port::Clear, 0) => "http",
        (Port::Clear, 1) => "HTTP",
        (Port::Clear, _) => "Http",
        (Port::Tls, 0) => "https",
        (Port::Tls, 1) => "HTTPS",
        (Port::Tls, _) => "Https",
    };
    let authority = draw.one(&[
        "localhost",
        "localhost:",
        "localhost:80",
        "LOCALHOST",
        "127.0.0.1",
        "127.0.0.1:80",
        "[::1]",
        "[::1]:",
        "[::1]:80",
        "a_b",
        "a-b.c",
        "a~b",
        "%61",
        "a.",
        "1",
    ]);
    let path =
        draw.one(&["/", "", "?x", "/?x", "/?x=://y", "?", "?x/y", "?/", "?:@"]);
    let method = draw.one(&["GET", "HEAD"]);
    let target = format!("{scheme}://{authority}{path}");
    Case::new(request(method, target.as_bytes()), &[200])
}

fn absolute_form_of_no_kind(draw: &mut Draw) -> Case<'static> {
    let target = draw.one(&[
        "ftp://localhost/",
        "ws://localhost/",
        "file:///",
        "file://localhost/",
        "httpx://localhost/",
        "xhttp://localhost/",
        "httpss://localhost/",
        "http+x://localhost/",
        "htt://localhost/",
        "http:/localhost/",
        "http:localhost/",
        "http:",
        "http:/",
        "http://",
        "http:///",
        "http://:80/",
        "http://?x",
        "://localhost/",
        "localhost/",
        "http//localhost/",
        "http;//localhost/",
        "http://user@localhost/",
        "http://a:b@localhost/",
        "http://@localhost/",
        "http://localhost:x/",
        "http://localhost:+80/",
        "http://localhost:-1/",
        "http://localhost:8_0/",
        "http://localhost:80:80/",
        "http://[::1/",
        "http://::1/",
        "http://[::1]x/",
        "http://[x]/",
        "http://[fe80::1%eth0]/",
        "http://[]/",
        "http://local^host/",
        "http://local|host/",
        "http://local\\host/",
        "http://%zz/",
        "http://localhost/#x",
        "http://localhost/x?y#z",
        "http://localhost#x",
        "http://a%/",
    ]);
    let method = draw.one(&["GET", "HEAD", "POST"]);
    // 421 is for who is not spoken for here.
    Case::new(request(method, target.as_bytes()), &[400, 421])
}

fn form_fits_method(draw: &mut Draw) -> Case<'static> {
    let target = draw.one(&[
        "*",
        "localhost:80",
        "localhost",
        "a",
        "index.html",
        "./",
        "../",
        "**",
        "*/",
        "?x",
        ";",
        "*?x",
        "\\",
        "%2f",
        "%2F/",
        "127.0.0.1:80",
        "[::1]:80",
        ":80",
    ]);
    let methods: Vec<&str> = METHODS
        .iter()
        .copied()
        // What is not known may be refused for that.
        .filter(|&it| {
            !(it == "OPTIONS" && target == "*" || it == "BREW" || it == "get")
        })
        .collect();
    let method = draw.one(&methods);
    Case::new(request(method, target.as_bytes()), &[400])
}

fn connect_to_anything(draw: &mut Draw) -> Case<'static> {
    let target = draw.one(&[
        "/",
        "*",
        "localhost",
        "localhost:",
        ":80",
        ":",
        "localhost:x",
        "localhost:+80",
        "localhost:-80",
        "localhost:8_0",
        "localhost:80x",
        "localhost:80/",
        "localhost:80?x",
        "http://localhost/",
        "http://localhost:80/",
        "user@localhost:80",
        "localhost:80:80",
        "[::1]",
        "[::1:80",
        "::1:80",
        "/localhost:80",
        "localhost:80,a:80",
        "",
    ]);
    Case::new(request("CONNECT", target.as_bytes()), &[400])
}
