//! Field lines: which bytes may stand in names and values.

use super::{head, host, with_byte, with_byte_or_letter};
use crate::check::Ports::Each;
use crate::check::Procedure::Does;
use crate::check::Rule::{Must, See, Should};
use crate::check::{Check, GET};
use crate::checks::sweeps::request_lines::is_tchar;
use crate::draw::Draw;
use crate::stage::Stage::Part5;
use crate::sweep::{Case, sweep};

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "name-of-any-bytes",
        title: "A field name with any byte in it that is no token's is refused.",
        since: Part5,
        ports: Each,
        rule: Should("RFC 9112 sections 5 and 2.2"),
        why: "What one reader takes for a name another does not see, or sees as \
            Content-Length.",
        hint: "A name is not to be trimmed, and letters and digits are ASCII's.",
        read: "part5.html#names-and-values",
        procedure: Does {
            sends: "each byte that is no tchar, before, in and behind a name, in the \
                first field and a later one; and colons in front",
            run: |exam| {
                sweep(exam, name_of_any_bytes)?;
                sweep(exam, colons_in_front)
            },
        },
    },
    Check {
        id: "name-of-good-bytes",
        title: "A field name may have any byte of a token.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9110 sections 5.1 and 5.6.2"),
        why: "Fields that one does not know are to be ignored, and not refused.",
        hint: "Fifteen marks, besides letters and digits.",
        read: "part5.html#names-and-values",
        procedure: Does {
            sends: "each tchar, before, in and behind a name",
            run: |exam| sweep(exam, name_of_good_bytes),
        },
    },
    Check {
        id: "value-of-any-bytes",
        title: "A control character in a value is refused, wherever it stands.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9110 section 5.5"),
        why: "Control characters are dangerous to whoever reads on; at the ends of a \
            value too.",
        hint: "strip() takes away more than spaces and tabs. Look before you strip.",
        read: "part5.html#names-and-values",
        procedure: Does {
            sends: "each control, and CR alone, before, in and behind a value",
            run: |exam| sweep(exam, value_of_any_bytes),
        },
    },
    Check {
        id: "value-of-good-bytes",
        title: "A value may have any byte that is no control.",
        since: Part5,
        ports: Each,
        rule: Should("RFC 9110 section 5.5"),
        why: "They are opaque, and no reason to refuse.",
        hint: "A value need not be UTF-8, and may be empty.",
        read: "part5.html#names-and-values",
        procedure: Does {
            sends: "each byte of 0x20 to 0x7e and 0x80 to 0xff, and tab",
            run: |exam| sweep(exam, value_of_good_bytes),
        },
    },
    Check {
        id: "names-that-are-like-others",
        title: "A field is told by all of its name.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9110 section 5.1"),
        why: "Who takes Content_Length for Content-Length finds a body where others \
            find a request.",
        hint: "Compare names whole, without regard to case and to nothing else. CGI's \
            underscores are CGI's.",
        read: "part5.html#names-and-values",
        procedure: Does {
            sends: "names that are almost those of fields with a say, and a GET behind",
            run: |exam| {
                let status = exam.refusal_of("POST")?;
                sweep(exam, |draw| names_like_others(status, draw))
            },
        },
    },
    Check {
        id: "names-that-languages-have",
        title: "A word that a language has is a word like another.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9110 sections 5.1 and 9.1"),
        why: "Where a map is an object, constructor is in it before anything was put \
            there.",
        hint: "Use a map that has nothing but what you put into it; and do not look \
            for a function by a name that a client has chosen.",
        read: "part5.html#names-and-values",
        procedure: Does {
            sends: "constructor, __proto__, toString, length, None and others as names \
                of fields, once and twice, as methods, as options of Connection and as \
                codings",
            run: |exam| sweep(exam, a_language_has_it),
        },
    },
    Check {
        id: "upgrade-is-not-taken",
        title: "Whoever would rather speak something else is answered all the same.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9110 section 7.8"),
        why: "A server goes on with what it speaks, and may ignore that it could be \
            something else.",
        hint: "There is nothing to do.",
        read: "part5.html#names-and-values",
        procedure: Does {
            sends: "a GET with Upgrade: websocket, h2c, TLS/1.2 and others",
            run: |exam| sweep(exam, an_upgrade),
        },
    },
    Check {
        id: "no-field-by-escape",
        title: "Nothing in a target becomes a field of the response.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 section 11.1"),
        why: "Who can write lines into a response can write the whole of the next.",
        hint: "What is sent back, in Location too, is sent back encoded.",
        read: "part5.html#paths",
        procedure: Does {
            sends: "line ends and NUL in percent signs, and what reads like a field \
                behind them, in paths and queries",
            run: |exam| sweep(exam, an_escape),
        },
    },
];

/// A POST, which gets this status, with a field that is almost another.
fn names_like_others(status: u16, draw: &mut Draw) -> Case<'static> {
    let (name, value) = draw.one(&[
        ("Content-Length", "44"),
        ("Content-Length", "x"),
        ("Transfer-Encoding", "chunked"),
        ("Transfer-Encoding", "x"),
        ("Host", "other"),
        ("Expect", "tea"),
    ]);
    let name = match draw.below(9) {
        0 => name.replace('-', "_"),
        1 => format!("X-{name}"),
        2 => format!("{name}s"),
        3 => format!("{name}-X"),
        4 => format!("HTTP_{name}"),
        5 => name.replace('-', ""),
        6 => name.replace('-', "."),
        7 => name.replace('-', "--"),
        _ => name.get(..name.len() - 1).unwrap_or_default().to_owned(),
    };
    // Host has no hyphen to be replaced.
    let name =
        if name == "Host" || name == "Expect" { "Hosts".into() } else { name };
    let field = format!("{name}: {value}").into_bytes();
    let mut request = match draw.below(2) {
        0 => head("POST / HTTP/1.1", &[host(), field]),
        _ => head("POST / HTTP/1.1", &[field, host()]),
    };
    request.extend(GET);
    Case::new(request, &[status]).then(&[200])
}

fn a_language_has_it(draw: &mut Draw) -> Case<'static> {
    let word = draw.one(&[
        "constructor",
        "__proto__",
        "prototype",
        "toString",
        "valueOf",
        "hasOwnProperty",
        "length",
        "__class__",
        "__init__",
        "__dict__",
        "__len__",
        "items",
        "keys",
        "get",
        "push",
        "None",
        "null",
        "nil",
        "undefined",
        "true",
        "NaN",
        "0",
        "-1",
    ]);
    let field = |line: String| vec![host(), line.into_bytes()];
    let (line, fields, statuses): (_, _, &[u16]) = match draw.below(5) {
        0 => ("GET / HTTP/1.1".to_owned(), field(format!("{word}: x")), &[200]),
        1 => {
            let fields = field(format!("{word}: x\r\n{word}: y"));
            ("GET / HTTP/1.1".to_owned(), fields, &[200])
        }
        2 => {
            let fields = field(format!("Connection: {word}"));
            ("GET / HTTP/1.1".to_owned(), fields, &[200])
        }
        // How it is refused is another check's affair.
        3 => (format!("{word} / HTTP/1.1"), vec![host()], &[400, 405, 501]),
        _ => {
            let fields = field(format!("Transfer-Encoding: {word}, chunked"));
            ("POST / HTTP/1.1".to_owned(), fields, &[400, 501])
        }
    };
    Case::new(head(&line, &fields), statuses)
}

fn an_upgrade(draw: &mut Draw) -> Case<'static> {
    let protocol = draw.one(&[
        "websocket",
        "h2c",
        "TLS/1.2",
        "HTTP/2.0",
        "HTTP/3",
        "x, websocket",
        "",
    ]);
    let fields = [
        host(),
        format!("Upgrade: {protocol}").into_bytes(),
        draw.one(&["Connection: Upgrade", "Connection: x, upgrade", "A: b"]).into(),
        draw.one(&["HTTP2-Settings: AAMAAABk", "Sec-WebSocket-Version: 13"]).into(),
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==".to_vec(),
    ];
    let method = draw.one(&["GET", "HEAD"]);
    Case::new(head(&format!("{method} / HTTP/1.1"), &fields), &[200])
}

fn an_escape(draw: &mut Draw) -> Case<'static> {
    let end = draw.one(&["%0d%0a", "%0D%0A", "%0a", "%0d", "%0d%0a%0d%0a", "%00"]);
    let place = draw.one(&["/X", "/?X", "/folder?X", "/X/..", "//X", "/folderX/"]);
    let target = place.replace('X', &format!("{end}Smuggled:%20yes"));
    let method = draw.one(&["GET", "HEAD", "POST", "BREW"]);
    let request = head(&format!("{method} {target} HTTP/1.1"), &[host()]);
    Case::new(request, &[]).that(|call, response| {
        match (response.field("Smuggled"), response.faults.first()) {
            (Some(field), _) => {
                Err(call.wrong(response, field.at, "this stood in the target"))
            }
            (None, Some((_, at))) => {
                Err(call.wrong(response, *at, "the target has broken this line"))
            }
            (None, None) => Ok(()),
        }
    })
}

/// A GET with a field, before Host or behind it.
fn get_with(draw: &mut Draw, field: Vec<u8>) -> Vec<u8> {
    let fields = match draw.below(2) {
        0 => [host(), field],
        _ => [field, host()],
    };
    head("GET / HTTP/1.1", &fields)
}

fn name_of_any_bytes(draw: &mut Draw) -> Case<'static> {
    let all: Vec<u8> =
        (0..=255).filter(|&it| !is_tchar(it) && !b"\r\n:".contains(&it)).collect();
    let name = draw.one(&["Ab", "Content-Length", "Transfer-Encoding"]);
    let mut field = with_byte_or_letter(draw, name.as_bytes(), &all);
    field.extend(b": 0");
    Case::new(get_with(draw, field), &[400])
}

/// A field that has no name before its first colon, but what might be one behind it.
fn colons_in_front(draw: &mut Draw) -> Case<'static> {
    let field = draw.one(&[
        "Ab: 0",
        "Host: localhost",
        "Content-Length: 0",
        "Transfer-Encoding: chunked",
        "Connection: close",
    ]);
    let colons = draw.one(&[":", "::", ": ", ":\t", ":,", ":;"]);
    let field = format!("{colons}{field}").into_bytes();
    let request = match draw.below(2) {
        0 => get_with(draw, field),
        // As if it were the only Host.
        _ => head("GET / HTTP/1.1", &[field]),
    };
    Case::new(request, &[400])
}

fn name_of_good_bytes(draw: &mut Draw) -> Case<'static> {
    let all: Vec<u8> = (0..=255).filter(|&it| is_tchar(it)).collect();
    let mut field = with_byte(draw, b"Ab", &all);
    field.extend(b": c");
    Case::new(get_with(draw, field), &[200])
}

fn value_of_any_bytes(draw: &mut Draw) -> Case<'static> {
    let controls = (0..32).filter(|it| !b"\t\n".contains(it));
    let all: Vec<u8> = controls.chain([0x7f]).collect();
    let value = draw.one(&["bc", "", "b, c"]);
    let name = draw.one(&["A", "Cookie", "Connection", "Accept"]);
    let value = with_byte(draw, value.as_bytes(), &all);
    let space = draw.one(&[" ", "", "\t"]);
    let field = [name.as_bytes(), b":", space.as_bytes(), &value].concat();
    Case::new(get_with(draw, field), &[400])
}

fn value_of_good_bytes(draw: &mut Draw) -> Case<'static> {
    let all: Vec<u8> =
        [b'\t'].into_iter().chain(0x20..=0x7e).chain(0x80..=0xff).collect();
    let value = draw.one(&["bc", ""]);
    let value = with_byte(draw, value.as_bytes(), &all);
    let field = [b"A: ", &value[..]].concat();
    Case::new(get_with(draw, field), &[200])
}
