//! Request lines: methods, what stands between words, versions, and how lines end.

use super::{CONTROLS, ODD_SPACES, with_byte, with_byte_or_letter};
use crate::check::Ports::Each;
use crate::check::Procedure::Does;
use crate::check::Rule::{See, Should};
use crate::check::{Check, GET};
use crate::draw::Draw;
use crate::stage::Stage::Part5;
use crate::sweep::{Case, sweep};

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "version-of-any-form",
        title: "A version is HTTP, a slash, a digit, a dot and a digit.",
        since: Part5,
        ports: Each,
        rule: Should("RFC 9112 sections 2.3 and 2.2"),
        why: "What comes near it is read as another version by somebody else.",
        hint: "In a pattern, an unescaped dot is any character, and \\d any digit \
            of any script. Eight bytes, compared one by one.",
        read: "part5.html#from-left-to-right",
        procedure: Does {
            sends: "what is almost a version, with several methods",
            run: |exam| sweep(exam, version_of_any_form),
        },
    },
    Check {
        id: "any-minor-version",
        title: "HTTP/1 with any digit behind it is served.",
        since: Part5,
        ports: Each,
        rule: Should("RFC 9110 section 6.2"),
        why: "A later minor version is read as the highest that one knows.",
        hint: "Look at the major version alone.",
        read: "part5.html#from-left-to-right",
        procedure: Does {
            sends: "HTTP/1.0 to HTTP/1.9",
            run: |exam| sweep(exam, any_minor_version),
        },
    },
    Check {
        id: "one-space-and-no-other",
        title: "Words of a request line are one space apart, and nothing else.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9112 section 3"),
        why: "There is a single space, and lenient splitting can lead to smuggling.",
        hint: "Splitting at whitespace is too kind, and so is stripping.",
        read: "part5.html#from-left-to-right",
        procedure: Does {
            sends: "tabs, controls, several spaces and none, at each place",
            run: |exam| sweep(exam, one_space_and_no_other),
        },
    },
    Check {
        id: "method-of-any-bytes",
        title: "A method with any byte in it that is no token's is refused with 400.",
        since: Part5,
        ports: Each,
        rule: Should("RFC 9112 sections 3.1 and 2.2"),
        why: "It is a token; 501 is for methods that could be some.",
        hint: "Letters and digits are ASCII's, and only those: isalnum() knows \
            more.",
        read: "part5.html#methods",
        procedure: Does {
            sends: "each byte that is no tchar, before, in and behind GET",
            run: |exam| sweep(exam, method_of_any_bytes),
        },
    },
    Check {
        id: "methods-nobody-knows",
        title: "Any other token is a method, and refused with 501.",
        since: Part5,
        ports: Each,
        rule: Should("RFC 9110 section 9.1"),
        why: "A method is told by all of its bytes, in their case.",
        hint: "Compare bytes, all of them, and expect any that a token has.",
        read: "part5.html#methods",
        procedure: Does {
            sends: "every method in other cases, with a letter less or more, and GET \
                with every byte that a token may have",
            run: |exam| sweep(exam, methods_nobody_knows),
        },
    },
    Check {
        id: "line-ends-of-any-form",
        title: "A line ends with CR LF, each of them, and with nothing else.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9112 section 2.2"),
        why: "It is one line or two, depending on who reads.",
        hint: "splitlines() splits at a dozen characters. Look for CR LF, and for \
            any other CR or LF.",
        read: "part5.html#from-left-to-right",
        procedure: Does {
            sends: "LF, CR, and what else is taken for a line's end, behind each \
                line of a head",
            run: |exam| sweep(exam, line_ends_of_any_form),
        },
    },
];

const NO_VERSIONS: &[&str] = &[
    "HTTP/1x1",
    "HTTP/1,1",
    "HTTP/1",
    "HTTP/11",
    "HTTP/1.",
    "HTTP/.1",
    "HTTP/",
    "HTTP",
    "HTTP/1.1.1",
    "HTTP/1.10",
    "HTTP/1.01",
    "HTTP/01.1",
    "HTTP/+1.1",
    "HTTP/1.+1",
    "HTTP/-1.1",
    "HTTP/1.1a",
    "HTTP/1.a",
    "HTTP/a.1",
    "xHTTP/1.1",
    "HTTPS/1.1",
    "http/1.1",
    "Http/1.1",
    "HTTp/1.1",
    "HTTP-1.1",
    "HTTP\\1.1",
    "HTTP//1.1",
    "HTTP/1.1/",
    "HTTP 1.1",
    "HTTP /1.1",
    "HTTP/ 1.1",
    "HTTP/1 .1",
    "HTTP/1. 1",
    "HTTP:1.1",
    "HTTP/1:1",
    "HTTP/1/1",
    "HTTP/1_1",
    "ICY/1.1",
    "HTTP/1.\u{661}",
    "HTTP/\u{661}.1",
    "HTTP/1.\u{ff11}",
    "HTTP/1.\u{b9}",
    "HTTP/1\u{b7}1",
    "\u{ff28}TTP/1.1",
    "HTTP/0.9",
    "HTTP/0.0",
    "HTTP/2.0",
    "HTTP/3.0",
    "HTTP/9.9",
    "HTTP/2",
    "HTTP/1.1;",
    "HTTP/1.1,HTTP/1.1",
    "HTTP/1.1\x00",
    "HTTP/1.1\x0b",
    "HTTP/1.1\x0c",
    "HTTP/1.1\x1f",
    "HTTP/1.1\u{a0}",
    "HTTP/1.1\u{85}",
    "HTTP/1.1 HTTP/1.1",
    "HTTP/1.1 x",
    "1.1",
    "/1.1",
];

fn version_of_any_form(draw: &mut Draw) -> Case<'static> {
    let version = draw.one(NO_VERSIONS);
    let method = draw.one(&["GET", "HEAD", "POST"]);
    let target = draw.one(&["/", "/?x"]);
    let request = format!("{method} {target} {version}\r\nHost: localhost\r\n\r\n");
    // Of those that are some, it may be said that they are not spoken here.
    Case::new(request, &[400, 505])
}

fn any_minor_version(draw: &mut Draw) -> Case<'static> {
    let minor = draw.below(10);
    let method = draw.one(&["GET", "HEAD"]);
    let request = format!("{method} / HTTP/1.{minor}\r\nHost: localhost\r\n\r\n");
    Case::new(request, &[200]).that(|call, response| {
        match response.version == "HTTP/1.1" {
            true => Ok(()),
            false => {
                let what = "a response says what its server speaks: HTTP/1.1";
                Err(call.wrong(response, 0, what))
            }
        }
    })
}

fn one_space_and_no_other(draw: &mut Draw) -> Case<'static> {
    const APART: &[&[u8]] = &[b"  ", b"\t", b" \t", b"\t ", b"   ", b"\r", b" \r"];
    let all: Vec<&[u8]> =
        APART.iter().chain(CONTROLS).chain(ODD_SPACES).copied().collect();
    let apart = all[draw.below(all.len())];
    let method = draw.one(&["GET", "HEAD", "POST"]).as_bytes();
    let parts: [&[u8]; 7] = match draw.below(5) {
        0 => [b"", method, apart, b"/", b" ", b"HTTP/1.1", b""],
        1 => [b"", method, b" ", b"/", apart, b"HTTP/1.1", b""],
        2 => [b"", method, b" ", b"/", b" ", b"HTTP/1.1", apart],
        // A method that is empty, or a target.
        3 if apart == b"  " => [b"", b"", b" ", b"/", b" ", b"HTTP/1.1", b""],
        3 => [b"", method, b" ", b"", b" ", b"HTTP/1.1", b""],
        _ => [apart, method, b" ", b"/", b" ", b"HTTP/1.1", b""],
    };
    let mut request = parts.concat();
    request.extend(b"\r\nHost: localhost\r\n\r\n");
    Case::new(request, &[400])
}

/// Whether a byte may stand in a token (RFC 9110 section 5.6.2).
pub fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn method_of_any_bytes(draw: &mut Draw) -> Case<'static> {
    let all: Vec<u8> =
        (0..=255).filter(|&it| !is_tchar(it) && !b"\r\n ".contains(&it)).collect();
    let word = draw.one(&["GET", "POST", "BREW"]);
    let mut request = with_byte_or_letter(draw, word.as_bytes(), &all);
    request.extend(b" / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    Case::new(request, &[400])
}

/// Methods that some server or other knows.
const KNOWN: &[&str] = &[
    "GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "TRACE", "CONNECT", "PATCH",
];

fn methods_nobody_knows(draw: &mut Draw) -> Case<'static> {
    const WORDS: &[&str] =
        &["G", "GETGET", "HEADER", "brew", "0", "-", "!#$%&'*+-.^_`|~"];
    let word = match draw.below(WORDS.len() + 2) {
        index if index < WORDS.len() => WORDS[index].as_bytes().to_vec(),
        index if index == WORDS.len() => {
            let method = draw.one(KNOWN);
            let title = || method[..1].to_owned() + &method[1..].to_lowercase();
            let word = match draw.below(6) {
                0 => method.to_lowercase(),
                1 => title(),
                2 => method[..1].to_lowercase() + &method[1..],
                3 => method[..method.len() - 1].to_owned(),
                4 => format!("{method}X"),
                _ => format!("X{method}"),
            };
            word.into_bytes()
        }
        _ => {
            let all: Vec<u8> = (0..=255).filter(|&it| is_tchar(it)).collect();
            with_byte(draw, b"GET", &all)
        }
    };
    let request = [&word[..], b" / HTTP/1.1\r\nHost: localhost\r\n\r\n"].concat();
    Case::new(request, &[501])
}

fn line_ends_of_any_form(draw: &mut Draw) -> Case<'static> {
    let end = draw.one(&[
        &b"\n"[..],
        b"\r",
        b"\n\r",
        b"\r\r\n",
        b"\x0b",
        b"\x0c",
        b"\x1c",
        b"\x1e",
        b"\x00",
        b"\xc2\x85",
        b"\xe2\x80\xa8",
    ]);
    let method = draw.one(&["GET", "HEAD", "POST"]);
    let place = draw.below(5);
    let first = format!("{method} / HTTP/1.1");
    let lines = [&first, "Host: localhost", "A: b", ""];
    // Before a request, an empty line may stand too, if it ends as others do.
    let mut request = if place == 4 { end.to_vec() } else { Vec::new() };
    for (index, line) in lines.into_iter().enumerate() {
        request.extend(line.bytes());
        request.extend(if index == place { end } else { b"\r\n" });
    }
    if place != 3 {
        request.extend(GET);
    }
    Case::new(request, &[400]).or_nothing_if(place == 3)
}
