//! Host: its forms, and how many of it there are.

use super::{
    CONTROLS, LETTERS, ODD_SPACES, at_the_ends, head, line, with_byte_between,
};
use crate::check::Ports::Each;
use crate::check::Procedure::Does;
use crate::check::Rule::{Must, See};
use crate::check::{Check, Exam, GET, NOT_DONE};
use crate::draw::Draw;
use crate::stage::Stage::Part5;
use crate::sweep::{Case, sweep};
use crate::target::Port;

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "host-of-any-form",
        title: "A Host that is none is refused, whatever the target and the version.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 section 3.2"),
        why: "Its value must be valid although a whole URI takes its place, and \
            although HTTP/1.0 could do without.",
        hint: "Check it before you ask whether you need it.",
        read: "part5.html#whom-it-is-for",
        procedure: Does {
            sends: "users, paths, odd ports and brackets, controls, each byte that is no \
                host's",
            run: |exam| sweep(exam, |draw| host_of_any_form(exam, draw)),
        },
    },
    Check {
        id: "host-of-nobody",
        title: "A Host without a name in it is refused.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9110 section 7.2"),
        why: "Its grammar allows that, for a URI without a host, and http has none of \
            those.",
        hint: "A name has at least one character.",
        read: "part5.html#rules-about-the-whole",
        procedure: Does {
            sends: "an empty Host, a port alone, a colon alone",
            run: |exam| sweep(exam, |draw| host_of_nobody(exam, draw)),
        },
    },
    Check {
        id: "host-of-good-form",
        title: "Every form that a Host may have is served.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9110 section 7.2 and RFC 3986 section 3.2.2"),
        why: "A name may have underscores and other marks, a port may be empty, and \
            an address stand in brackets.",
        hint: "reg-name is more than letters, digits and dots.",
        read: "part5.html#whom-it-is-for",
        procedure: Does {
            sends: "a_b, a.b., localhost:, [::1]: and the like, and each byte that may \
                stand in a name",
            run: |exam| sweep(exam, host_of_good_form),
        },
    },
    Check {
        id: "port-of-any-size",
        title: "A port is a number that a port can be, or nothing.",
        since: Part5,
        ports: Each,
        rule: See("RFC 3986 section 3.2.3"),
        why: "A number that wraps around is another port, and another server's.",
        hint: "From 0 to 65535, however many zeros stand before it.",
        read: "part5.html#whom-it-is-for",
        procedure: Does {
            sends: "ports around 0, 65535 and where integers end, in Host and in a URI",
            run: |exam| sweep(exam, |draw| port_of_any_size(exam, draw)),
        },
    },
    Check {
        id: "hosts-by-number",
        title: "One Host, in HTTP/1.0 perhaps none, and never two.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 section 3.2"),
        why: "One reader goes by the first and another by the last.",
        hint: "Count the lines, in every version and beside every target.",
        read: "part5.html#the-whole-request",
        procedure: Does {
            sends: "no Host, one, two and three, equal and different, near and \
                apart, in each version and beside a whole URI; and fields that only \
                look like one",
            run: |exam| {
                sweep(exam, |draw| hosts_by_number(exam, draw))?;
                sweep(exam, no_host_but_its_like)
            },
        },
    },
];

/// The root, in origin-form or as a whole URI.
fn target(exam: &Exam, draw: &mut Draw) -> &'static str {
    match (exam.line.port, draw.below(2)) {
        (_, 0) => "/",
        (Port::Clear, _) => "http://localhost/",
        (Port::Tls, _) => "https://localhost/",
    }
}

/// A method for a target, or OPTIONS for all that there are.
fn method(draw: &mut Draw, target: &'static str) -> (&'static str, &'static str) {
    match draw.one(&["GET", "HEAD", "POST", "OPTIONS"]) {
        "OPTIONS" => ("OPTIONS", "*"),
        method => (method, target),
    }
}

const NO_HOSTS: &[&str] = &[
    "a b",
    "a, b",
    "localhost, localhost",
    "a/b",
    "a/",
    "/",
    "a?b",
    "a#b",
    "user@a",
    "@a",
    "http://a",
    "http://a/",
    "a:b",
    "a:80:80",
    "a:+80",
    "a:-1",
    "a: 80",
    "a :80",
    "a:8 0",
    "a:8_0",
    "a:0x50",
    "a:80a",
    "a:\u{668}\u{660}",
    "a:\u{b2}",
    "[::1",
    "::1",
    "::1]",
    "[::1]x",
    "[::1]80",
    "[::g]",
    "[]",
    "[]:80",
    "[127.0.0.1]",
    "[localhost]",
    "[fe80::1%eth0]",
    "[::1%1]",
    "[::1/128]",
    "[1::2::3]",
    "[1:2:3:4:5:6:7:8:9]",
    "[::12345]",
    "[::256.0.0.1]",
    "[::1]:x",
    "[[::1]]",
    "a[::1]",
    "<a>",
    "a\"b",
    "\"a\"",
    "a\\b",
    "a^b",
    "a`b",
    "a{b}",
    "a|b",
    "%",
    "a%",
    "a%2",
    "%zz",
    "\u{e9}",
    "a\u{e9}",
    "a\tb",
    "localhost localhost",
    "localhost\u{3000}",
];

/// Whether a byte may stand in a host's name: unreserved, or one of the sub-delims
/// (RFC 3986 section 3.2.2).
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte)
}

fn host_of_any_form(exam: &Exam, draw: &mut Draw) -> Case<'static> {
    let letters = LETTERS.iter().map(|it| it.as_bytes());
    let around =
        || CONTROLS.iter().chain(ODD_SPACES).copied().chain(letters.clone());
    let value = match draw.below(NO_HOSTS.len() + around().count() + 1) {
        form if form < NO_HOSTS.len() => NO_HOSTS[form].as_bytes().to_vec(),
        form if form == NO_HOSTS.len() => {
            // What ends a line, a name or a value is another matter.
            let bytes =
                (0..=255).filter(|it| !is_name(*it) && !b"\r\n%:".contains(it));
            let bytes: Vec<u8> = bytes.collect();
            with_byte_between(draw, b"ab", &bytes)
        }
        form => {
            let around = around().nth(form - NO_HOSTS.len() - 1);
            at_the_ends(draw, b"localhost", around.unwrap_or_default())
        }
    };
    let target = target(exam, draw);
    let version = draw.one(&["HTTP/1.1", "HTTP/1.0", "HTTP/1.9"]);
    let (method, target) = method(draw, target);
    let host = line(draw, "Host", &value);
    let request = head(&format!("{method} {target} {version}"), &[host]);
    Case::new(request, refused_in(version))
}

/// How what is wrong is refused in a version: which minor ones are spoken is another
/// check's affair.
fn refused_in(version: &str) -> &'static [u16] {
    match version {
        "HTTP/1.1" | "HTTP/1.0" => &[400],
        _ => &[400, 505],
    }
}

fn host_of_nobody(exam: &Exam, draw: &mut Draw) -> Case<'static> {
    let value = draw.one(&["", ":80", ":"]);
    let target = target(exam, draw);
    let version = draw.one(&["HTTP/1.1", "HTTP/1.0"]);
    let (method, target) = method(draw, target);
    let host = line(draw, "Host", value.as_bytes());
    Case::new(head(&format!("{method} {target} {version}"), &[host]), &[400])
}

/// As long as a name may be, and each of its parts.
const LONG: &str = "\
    aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.\
    bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.\
    ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc.\
    ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd";

fn host_of_good_form(draw: &mut Draw) -> Case<'static> {
    const NAMES: &[&str] = &[
        "localhost",
        "LOCALHOST",
        "a",
        "a.b",
        "a.b.",
        "a_b",
        "_",
        "a-b",
        "-a",
        "1",
        "127.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[2001:db8::1]",
        "[2001:DB8::A]",
        "xn--bcher-kva",
        "%61",
        "a%20b",
        LONG,
    ];
    let name = match draw.below(NAMES.len() + 1) {
        index if index < NAMES.len() => NAMES[index].as_bytes().to_vec(),
        _ => {
            let bytes: Vec<u8> = (0..=255).filter(|it| is_name(*it)).collect();
            with_byte_between(draw, b"ab", &bytes)
        }
    };
    let port = draw.one(&["", ":", ":80", ":0080", ":65535", ":1"]);
    let host = line(draw, "Host", &[&name, port.as_bytes()].concat());
    let version = draw.one(&["HTTP/1.1", "HTTP/1.0"]);
    Case::new(head(&format!("GET / {version}"), &[host]), &[200])
}

fn port_of_any_size(exam: &Exam, draw: &mut Draw) -> Case<'static> {
    let (port, fits) = draw.one(&[
        ("65536", false),
        ("99999", false),
        ("65616", false),
        ("4294967376", false),
        ("18446744073709551696", false),
        ("99999999999999999999999999", false),
        ("65535", true),
        ("32768", true),
        ("80", true),
        ("1", true),
        ("0", true),
        ("000000000000000000000000080", true),
    ]);
    let scheme = if exam.line.port == Port::Tls { "https" } else { "http" };
    let (target, host) = match draw.below(2) {
        0 => ("/".to_owned(), format!("Host: localhost:{port}")),
        _ => (format!("{scheme}://localhost:{port}/"), "Host: a".to_owned()),
    };
    let request = head(&format!("GET {target} HTTP/1.1"), &[host.into_bytes()]);
    Case::new(request, if fits { &[200] } else { &[400] })
}

/// Proxies write some of these, and to whoever is none they say nothing.
fn no_host_but_its_like(draw: &mut Draw) -> Case<'static> {
    const LIKES: &[&str] = &[
        "X-Forwarded-Host: localhost",
        "Forwarded: host=localhost",
        "X-Host: localhost",
        "X-Original-Host: localhost",
        "X-HTTP-Host-Override: localhost",
        "Host-Override: localhost",
        "Hosts: localhost",
        "Hos: localhost",
        ":authority: localhost",
        "Authority: localhost",
        "Origin: http://localhost",
        "Referer: http://localhost/",
        "From: localhost",
    ];
    let like = draw.one(LIKES);
    let method = draw.one(&["GET", "HEAD", "POST"]);
    let request = head(&format!("{method} / HTTP/1.1"), &[like.into()]);
    Case::new(request, &[400])
}

fn hosts_by_number(exam: &Exam, draw: &mut Draw) -> Case<'static> {
    let version = draw.one(&["HTTP/1.1", "HTTP/1.0", "HTTP/1.2"]);
    let target = target(exam, draw);
    let (method, target) = method(draw, target);
    let shape = draw.below(6);
    let mut host = |value: &[u8]| line(draw, "Host", value);
    let apart = b"A: b".to_vec();
    let hosts = match shape {
        0 => vec![apart],
        1 => vec![host(b"localhost"), host(b"localhost")],
        2 => vec![host(b"localhost"), apart, host(b"other")],
        3 => vec![host(b"localhost"), host(b"")],
        4 => vec![host(b""), host(b"localhost")],
        _ => vec![host(b"a"), host(b"a"), host(b"a")],
    };
    let mut request = head(&format!("{method} {target} {version}"), &hosts);
    request.extend(GET);
    match (shape, version, method) {
        // There it is closed behind it, which is another check's affair.
        (0, "HTTP/1.0", "POST") => Case::new(request, NOT_DONE).then(&[200]),
        (0, "HTTP/1.0", "OPTIONS") => {
            Case::new(request, &[200, 204, 403, 405, 501]).then(&[200])
        }
        (0, "HTTP/1.0", _) => Case::new(request, &[200]).then(&[200]),
        _ => Case::new(request, refused_in(version)),
    }
}
