//! Content-Length: its forms, its sizes, and several of it; and bodies of any method.

use super::{CONTROLS, METHODS, ODD_SPACES, at_the_ends, head, host, line};
use crate::check::Ports::Each;
use crate::check::Procedure::Does;
use crate::check::Rule::Must;
use crate::check::{Check, Exam, NOT_DONE};
use crate::checks::framing::SMUGGLED;
use crate::draw::Draw;
use crate::stage::Stage::{Part5, Part6};
use crate::sweep::{Case, sweep};
use crate::target::Port;

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "body-of-any-method",
        title: "Whatever the method, a body is not taken for the next request.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 sections 6 and 9.3"),
        why: "Framing says whether there is a body, and the method says nothing of \
            it.",
        hint: "Is there a method that you believe to have no body?",
        read: "part5.html#where-a-body-ends",
        procedure: Does {
            sends: "each method with a body that reads like a GET, by length and in \
                chunks, to what is there and to what may not be, and with a condition; \
                and with what is refused for another reason",
            run: |exam| {
                sweep(exam, body_of_any_method)?;
                sweep(exam, |draw| body_of_what_is_refused(exam, draw))
            },
        },
    },
    Check {
        id: "length-of-any-form",
        title: "A Content-Length is digits, and nothing else is one.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 section 6.3"),
        why: "A number that one reader makes of it is another's smuggled request.",
        hint: "Number parsers take more than digits, and strip() more than spaces \
            and tabs. Look at the bytes first.",
        read: "part5.html#where-a-body-ends",
        procedure: Does {
            sends: "signs, underscores, prefixes, digits of other scripts, and \
                controls, alone and beside a good length",
            run: |exam| sweep(exam, length_of_any_form),
        },
    },
    Check {
        id: "length-of-any-size",
        title: "A Content-Length is never taken for a smaller one.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9110 section 8.6"),
        why: "A number that wraps around ends the body early, and the rest of it is \
            read as a request.",
        hint: "How many bits has your integer, and who looks at its overflow?",
        read: "part5.html#where-a-body-ends",
        procedure: Does {
            sends: "powers of two and of ten, and a little more, some with 300 zeros \
                before; then five bytes and what reads like a GET",
            run: |exam| sweep(exam, |draw| length_of_any_size(exam, draw)),
        },
    },
    Check {
        id: "lengths-that-differ",
        title: "Content-Lengths that differ are refused, wherever they stand.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 section 6.3"),
        why: "Each reader has a favourite: the first, the last, or the one that it \
            can read.",
        hint: "A map of fields keeps one of them. Keep a list, and look at all of \
            it.",
        read: "part5.html#where-a-body-ends",
        procedure: Does {
            sends: "two and three lengths, side by side, far apart, with a hundred \
                fields between them, and in one line",
            run: |exam| sweep(exam, lengths_that_differ),
        },
    },
    Check {
        id: "length-with-zeros",
        title: "A Content-Length may have zeros before it, and whitespace around.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9110 section 8.6"),
        why: "1*DIGIT has no rule against it.",
        hint: "Spaces and tabs, any number of either, on both sides.",
        read: "part5.html#where-a-body-ends",
        procedure: Does {
            sends: "0005, and 0, with and without whitespace; then a GET",
            run: |exam| sweep(exam, length_with_zeros),
        },
    },
];

fn body_of_any_method(draw: &mut Draw) -> Case<'static> {
    let method = match draw.below(METHODS.len() + 1) {
        index if index < METHODS.len() => METHODS[index],
        _ => "CONNECT",
    };
    let chunked = draw.below(2) == 1;
    let fields = match chunked {
        false => {
            let length = SMUGGLED.len().to_string();
            line(draw, "Content-Length", length.as_bytes())
        }
        true => line(draw, "Transfer-Encoding", b"chunked"),
    };
    // What says no in its own way may do so before the body is read.
    let asks = draw.one(&[
        "",
        "Expect: 100-continue",
        "Expect: tea",
        "If-None-Match: *",
        "If-Match: \"none\"",
    ]);
    let mut fields = vec![host(), fields];
    fields.extend((!asks.is_empty()).then(|| asks.as_bytes().to_vec()));
    let target = match draw.one(&["/", "/?x", "/none"]) {
        _ if method == "CONNECT" => "localhost:80",
        target => target,
    };
    let mut request = head(&format!("{method} {target} HTTP/1.1"), &fields);
    let body = match chunked {
        false => SMUGGLED.to_owned(),
        true => format!("{:x}\r\n{SMUGGLED}\r\n0\r\n\r\n", SMUGGLED.len()),
    };
    request.extend(body.bytes());
    Case::new(request, &[])
}

/// What is answered before anybody thinks of a body; and options of a connection that
/// bear the names of fields, which are no option of ours to drop (RFC 9110 section 7.6.1).
fn body_of_what_is_refused(exam: &Exam, draw: &mut Draw) -> Case<'static> {
    let (scheme, other) = match exam.line.port {
        Port::Clear => ("http", "https"),
        Port::Tls => ("https", "http"),
    };
    let target = draw.one(&["/", "SAME://localhost/", "OTHER://localhost/"]);
    let target = target.replace("SAME", scheme).replace("OTHER", other);
    let asks = draw.one(&[
        "Range: bytes=99999999-",
        "Range: bytes=9-4, x",
        "Connection: content-length, transfer-encoding",
        "Connection: Content-Length",
        "Connection: Transfer-Encoding",
        "Connection: host, keep-alive",
        "Accept-Encoding: *;q=0",
        "Accept: nothing/known",
        "If-Unmodified-Since: Mon, 01 Jan 1900 00:00:00 GMT",
        "Content-Encoding: nothing-known",
        "Upgrade: h2c",
    ]);
    let method = draw.one(&["GET", "HEAD", "POST", "OPTIONS"]);
    let (framing, body) = match draw.below(2) {
        0 => {
            let length = format!("Content-Length: {}", SMUGGLED.len());
            (length, SMUGGLED.to_owned())
        }
        _ => {
            let body = format!("{:x}\r\n{SMUGGLED}\r\n0\r\n\r\n", SMUGGLED.len());
            ("Transfer-Encoding: chunked".to_owned(), body)
        }
    };
    let fields = [host(), asks.into(), framing.into()];
    let mut request = head(&format!("{method} {target} HTTP/1.1"), &fields);
    request.extend(body.bytes());
    Case::new(request, &[])
}

/// What languages read as a number, N being one.
const NO_NUMBERS: &[&str] = &[
    "+N", "-N", "", "N_0", "0_N", "0xN", "0XN", "0oN", "0bN", "N.0", "N.", ".N",
    "Ne0", "N;", "N;q=1", "\"N\"", "'N'", "N N", "N\t0", "N/1", "#N", "Nx", "xN",
    "+0N", "++N", "--N", "N,x", "x,N", "NL", "Nn", "(N)", "N%", "$N", "0N_0",
    "\u{665}", "\u{6f5}", "\u{96b}", "\u{ff15}", "\u{b2}", "\u{2075}", "\u{2464}",
    "1\u{660}", "NaN", "inf", "true", "five",
];

fn length_of_any_form(draw: &mut Draw) -> Case<'static> {
    let number = draw.one(&["0", "5", "44"]);
    let value =
        match draw.below(NO_NUMBERS.len() + CONTROLS.len() + ODD_SPACES.len()) {
            form if form < NO_NUMBERS.len() => {
                NO_NUMBERS[form].replace('N', number).into_bytes()
            }
            form => {
                let around = CONTROLS.iter().chain(ODD_SPACES);
                let around = around.copied().nth(form - NO_NUMBERS.len());
                at_the_ends(draw, number.as_bytes(), around.unwrap_or_default())
            }
        };
    let bad = line(draw, "Content-Length", &value);
    let good = format!("Content-Length: {number}").into_bytes();
    let fields = match draw.below(3) {
        0 => vec![host(), bad],
        1 => vec![host(), good, bad],
        _ => vec![bad, host(), good],
    };
    let method = draw.one(&["POST", "GET", "HEAD", "PUT", "DELETE", "OPTIONS"]);
    refused(method, &fields, &[400])
}

/// A head that is refused for how it says that it has a body, and nothing behind it is
/// read.
pub(super) fn refused(
    method: &str,
    fields: &[Vec<u8>],
    statuses: &[u16],
) -> Case<'static> {
    let mut request = head(&format!("{method} / HTTP/1.1"), fields);
    request.extend(SMUGGLED.bytes());
    Case::new(request, statuses)
}

/// Where integers end, in bits, and a power of ten beyond each.
fn length_of_any_size(exam: &Exam, draw: &mut Draw) -> Case<'static> {
    let bits = draw.one(&[32, 8, 16, 24, 31, 48, 52, 53, 63, 64, 65, 96, 127]);
    let extra = draw.one(&[5_u128, 0, 1, 6]);
    // A buffer for a value has 255 bytes, to some.
    let zeros = draw.one(&[0, 1, 16, 300]);
    let number = match draw.below(4) {
        // As a number of so many bits, it is what follows the head.
        0 => ((1_u128 << bits) + extra).to_string(),
        1 => ((1_u128 << bits) - 1).to_string(),
        // As so many digits too.
        2 => format!("1{}{extra}", "0".repeat(bits)),
        _ => format!("{}{}", (1_u128 << bits) + extra, "0".repeat(20)),
    };
    let length = format!("Content-Length: {}{number}", "0".repeat(zeros));
    let length = length.into_bytes();
    let method = draw.one(&["POST", "GET", "PUT", "HEAD"]);
    let mut request = head(&format!("{method} / HTTP/1.1"), &[host(), length]);
    request.extend(b"hello");
    request.extend(SMUGGLED.bytes());
    // Who reads no bodies need not have a number as large, but has nothing to say
    // against one that fits, unless it is long.
    let fits = number.parse::<u64>().is_ok_and(|it| it < 1 << 63) && zeros < 300;
    let statuses: &[u16] = match fits && exam.stage < Part6 {
        true => &[200, 403, 405, 413, 501],
        false => &[],
    };
    Case::new(request, statuses).or_nothing()
}

fn lengths_that_differ(draw: &mut Draw) -> Case<'static> {
    let (one, other) =
        draw.one(&[("5", "6"), ("44", "0"), ("0", "44"), ("5", "50")]);
    let method = draw.one(&["POST", "GET", "HEAD"]);
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let apart = b"A: b".to_vec();
    let list = |separator: &str| [one, separator.as_bytes(), other].concat();
    let shape = draw.below(8);
    let between = if shape == 7 { draw.one(&[100, 250]) } else { 0 };
    let mut length = |value: &[u8]| line(draw, "Content-Length", value);
    let fields = match shape {
        0 => vec![host(), length(one), length(other)],
        1 => vec![length(one), host(), apart, length(other)],
        2 => vec![host(), length(one), length(one), length(other)],
        3 => vec![host(), length(one), length(other), length(one)],
        4 => vec![host(), length(&list(", "))],
        5 => vec![host(), length(&list(","))],
        6 => vec![host(), length(one), length(&[one, b", ", other].concat())],
        _ => {
            let mut fields = vec![host(), length(one)];
            fields.extend(std::iter::repeat_n(apart, between));
            fields.push(length(other));
            fields
        }
    };
    // So many may be too many, which is to be said: what is left out of them is what
    // smuggling is done with (RFC 9110 section 5.4).
    let statuses: &[u16] = if between > 0 { &[400, 431, 413] } else { &[400] };
    refused(method, &fields, statuses)
}

fn length_with_zeros(draw: &mut Draw) -> Case<'static> {
    let (number, body) =
        draw.one(&[("5", "hello"), ("0", ""), ("10", "hellohello")]);
    let zeros = draw.one(&["", "0", "000", "0000000000000000000000"]);
    let method = draw.one(&["POST", "PUT"]);
    let length =
        line(draw, "Content-Length", format!("{zeros}{number}").as_bytes());
    let mut request = head(&format!("{method} / HTTP/1.1"), &[host(), length]);
    request.extend(body.bytes());
    request.extend(crate::check::GET);
    Case::new(request, NOT_DONE).then(&[200])
}
