//! Chunks: sizes, extensions, ends and trailers held to their grammar, and bounded.

use super::request_lines::is_tchar;
use super::{CONTROLS, ODD_SPACES, at_the_ends, head, host};
use std::time::Duration;

use crate::check::Ports::Each;
use crate::check::Procedure::Does;
use crate::check::Rule::{Must, See, Should};
use crate::check::{Check, Exam, GET};
use crate::draw::Draw;
use crate::line::{End, Outcome};
use crate::response;
use crate::stage::Stage::Part6;
use crate::sweep::{Case, sweep};

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "chunk-size-of-any-form",
        title: "A chunk's size is hexadecimal digits, and nothing else is one.",
        since: Part6,
        ports: Each,
        rule: Should("RFC 9112 section 7.1"),
        why: "A number that one reader makes of it is another's smuggled request.",
        hint: "Number parsers take signs, prefixes, underscores and spaces. Look at \
            the bytes first.",
        read: "part6.html#chunks",
        procedure: Does {
            sends: "signs, prefixes, underscores, digits of other scripts, and \
                controls, in the first chunk, a later one and the last",
            run: |exam| sweep(exam, size_of_any_form),
        },
    },
    Check {
        id: "chunk-size-of-any-size",
        title: "A chunk's size is never taken for a smaller one.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9112 section 7.1"),
        why: "A number that wraps around ends the chunk early, and the rest of it is \
            read as a request.",
        hint: "How many bits has your integer, and who looks at its overflow?",
        read: "part6.html#chunks",
        procedure: Does {
            sends: "powers of two, and a little more; then five bytes, an end, and a \
                GET",
            run: |exam| sweep(exam, size_of_any_size),
        },
    },
    Check {
        id: "chunks-of-good-form",
        title: "Chunks are put together in every form that they may have.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9112 sections 7.1, 7.1.1 and 7.1.2"),
        why: "Zeros before a size, digits in either case, extensions and trailers \
            that one does not know change nothing.",
        hint: "An extension's value may be a quoted string, with anything in it; and \
            no trailer field has a say about a body that is over.",
        read: "part6.html#chunks",
        procedure: Does {
            sends: "sizes, extensions and trailers of every form, with each byte that \
                may stand in them, and some in two pieces; then a GET",
            run: |exam| {
                sweep(exam, chunks_of_good_form)?;
                sweep(exam, extension_of_good_bytes)?;
                sweep(exam, chunks_in_two_pieces)?;
                sweep(exam, content_of_any_bytes)
            },
        },
    },
    Check {
        id: "trailers-change-nothing",
        title: "What comes behind a body says nothing of the request before it.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9110 section 6.5.1"),
        why: "A proxy has looked at the head, and let through what that says.",
        hint: "Trailer fields are no header fields: keep them apart, or throw them away.",
        read: "part6.html#chunks",
        procedure: Does {
            sends: "a body in chunks, to / and to /echo, and behind it fields that would                 mean something in a head",
            run: |exam| sweep(exam, trailers_without_a_say),
        },
    },
    Check {
        id: "chunks-of-any-length",
        title: "Chunks may be of any length, and as many as there are.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9112 section 7.1"),
        why: "A chunk is longer than a buffer, or shorter than a line.",
        hint: "Count down what is left of a chunk, whatever a read brings. And what \
            you send in chunks ends as what you read.",
        read: "part6.html#chunks",
        procedure: Does {
            sends: "three thousand chunks of a byte, and some of 4096, of 20000 and of \
                100000, to /echo; then a GET",
            run: long_chunks,
        },
    },
    Check {
        id: "chunks-broken-late",
        title: "A body in chunks that breaks late is not answered as a whole one.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9112 section 8"),
        why: "What has begun to come back can't be taken back, but need not end well.",
        hint: "If a response has begun, end the connection without its last chunk.",
        read: "part6.html#hanging-up",
        procedure: Does {
            sends: "a chunk of 20000, then no chunk; and a chunk of 20000, then the end",
            run: |exam| {
                is_not_whole(exam, "zz\r\n")?;
                is_not_whole(exam, "5\r\nhelloXX0\r\n\r\n")?;
                is_not_whole(exam, "5\r\nhel")?;
                is_not_whole(exam, "")
            },
        },
    },
    Check {
        id: "chunk-extension-of-any-form",
        title: "An extension that is none is refused.",
        since: Part6,
        ports: Each,
        rule: See("RFC 9112 section 7.1.1"),
        why: "To skip to the line's end is to let anything stand there, another \
            line's end among it.",
        hint: "A semicolon, a name, and perhaps an equals sign and a value, which is \
            a token or stands in quotes.",
        read: "part6.html#chunks",
        procedure: Does {
            sends: "extensions without a name or a value, with quotes that do not end, \
                in each chunk; and each byte at each place where it may not stand",
            run: |exam| sweep(exam, extension_of_any_form),
        },
    },
    Check {
        id: "chunk-end-of-any-form",
        title: "Behind a chunk's data stand CR and LF, and nothing else.",
        since: Part6,
        ports: Each,
        rule: Should("RFC 9112 section 7.1"),
        why: "Who skips to a line's end, or skips two bytes whatever they are, reads \
            other chunks than others.",
        hint: "Read the two bytes, and compare them.",
        read: "part6.html#chunks",
        procedure: Does {
            sends: "LF, CR, both the wrong way round, spaces and other bytes, to \
                /echo and where nobody wants a body",
            run: |exam| sweep(exam, end_of_any_form),
        },
    },
    Check {
        id: "trailer-of-any-form",
        title: "Trailer fields are fields, and held to the same rules.",
        since: Part6,
        ports: Each,
        rule: Should("RFC 9112 section 7.1.2"),
        why: "What is skipped until an empty line may hold a request.",
        hint: "Read them with what reads a head's.",
        read: "part6.html#chunks",
        procedure: Does {
            sends: "lines without a colon, odd names, controls, folded lines, LF alone",
            run: |exam| sweep(exam, trailer_of_any_form),
        },
    },
    Check {
        id: "chunks-are-bounded",
        title: "Extensions and trailers are not read for ever.",
        since: Part6,
        ports: Each,
        rule: See("RFC 9112 section 7.1.1"),
        why: "They carry nothing, and a body of a few bytes can have gigabytes of \
            them.",
        hint: "Count what a body has of them in all, and not in each chunk.",
        read: "part6.html#chunks",
        procedure: Does {
            sends: "2 MB of one extension, of extensions in small chunks, and of \
                trailer fields; and sixty of these, of 4 KB each, to their end",
            run: |exam| {
                is_bounded(exam, "one extension", "1;a=", "bcdefghi")?;
                is_bounded(
                    exam,
                    "extensions of small chunks",
                    "",
                    &format!("1;a={}\r\nx\r\n", "b".repeat(120)),
                )?;
                is_bounded(exam, "trailer fields", "0\r\n", "A: bcdefgh\r\n")?;
                adds_up(exam)
            },
        },
    },
];

/// A body in chunks for what sends it back, and a GET behind it.
fn echo(body: &[u8]) -> Vec<u8> {
    with_body("POST /echo HTTP/1.1", body)
}

/// A request with a body in chunks, and a GET behind it.
fn with_body(request_line: &str, body: &[u8]) -> Vec<u8> {
    let fields = [host(), b"Transfer-Encoding: chunked".to_vec()];
    [&head(request_line, &fields), body, GET].concat()
}

/// A body with something for the size and extensions of one of its chunks, or of the
/// last, which is empty.
fn with_size(draw: &mut Draw, size: impl Fn(&str) -> Vec<u8>) -> Vec<u8> {
    let (five, none) = (size("5"), size("0"));
    let parts: [&[u8]; 5] = match draw.below(3) {
        0 => [b"", &five, b"\r\nhello\r\n", b"0", b"\r\n\r\n"],
        1 => [b"3\r\nabc\r\n", &five, b"\r\nhello\r\n", b"0", b"\r\n\r\n"],
        _ => [b"5\r\nhello\r\n", b"", b"", &none, b"\r\n\r\n"],
    };
    echo(&parts.concat())
}

fn size_of_any_form(draw: &mut Draw) -> Case<'static> {
    const NONE: &[&str] = &[
        "+N", "-N", "0xN", "0XN", "0_N", "N_", " N", "\tN", "N ", "N\t", "#N",
        "xN", "Nx", "Nh", "N.0", "N,", "N,N", "N N", "\"N\"", "", "g", "\u{665}",
        "\u{ff15}", "\u{b2}", "N\r", "+0N", "0x0N", "N\\", "N=",
    ];
    let around = || CONTROLS.iter().chain(ODD_SPACES).copied();
    let form = draw.below(NONE.len() + around().count());
    let ends = draw.below(3);
    let request = with_size(draw, |number| match NONE.get(form) {
        Some(text) => text.replace('N', number).into_bytes(),
        None => {
            let around = around().nth(form - NONE.len()).unwrap_or_default();
            at_the_ends(&mut Draw::again(&[ends]), number.as_bytes(), around)
        }
    });
    Case::new(request, &[400]).or_broken_off()
}

fn size_of_any_size(draw: &mut Draw) -> Case<'static> {
    let bits = draw.one(&[32, 16, 24, 31, 48, 53, 63, 64, 96]);
    let more = draw.one(&[5_u128, 0, 6]);
    let size = match draw.below(3) {
        0 => format!("{:x}", (1_u128 << bits) + more),
        1 => format!("{:x}", (1_u128 << bits) - 1),
        _ => format!("1{}{more:x}", "0".repeat(bits)),
    };
    let before = draw.one(&["", "3\r\nabc\r\n"]);
    // If it counted as nothing, that would be all.
    let behind = draw.one(&["hello\r\n0\r\n\r\n", "\r\n0\r\n\r\n", "\r\n"]);
    let body = format!("{before}{size}\r\n{behind}");
    Case::new(echo(body.as_bytes()), &[]).or_nothing().or_broken_off()
}

fn chunks_of_good_form(draw: &mut Draw) -> Case<'static> {
    let (size, data) = draw.one(&[
        ("5", "hello"),
        ("a", "0123456789"),
        ("A", "0123456789"),
        ("1f", "0123456789012345678901234567890"),
        ("1F", "0123456789012345678901234567890"),
        ("1", "\n"),
    ]);
    let zeros = draw.one(&["", "0", "000", "0000000000"]);
    let extension = draw.one(&[
        "",
        ";a",
        ";a=b",
        ";a=\"b\"",
        ";a=\"\"",
        ";a=\"x;y=z\"",
        ";a=\"\\\"\"",
        ";a;b",
        ";a=b;c=\"d\"",
        " ;a",
        "; a",
        " ; a = b",
        "\t;\ta\t=\t\"b\"",
        ";a=\"\u{e9}\"",
    ]);
    let last = draw.one(&["0", "00", "0000000000000000"]);
    let trailers = draw.one(&[
        "",
        "X: y\r\n",
        "X:\r\n",
        "X: y\r\nZ: y\r\n",
        "x:y\r\n",
        "X: \t y \t\r\n",
        "X: \u{e9}\r\n",
        "Content-Length: 5\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Host: a b\r\n",
        "Connection: close\r\n",
        "Expect: tea\r\n",
    ]);
    let place = draw.below(3);
    let extended = |here: usize| if place == here { extension } else { "" };
    let body = format!(
        "3{}\r\nabc\r\n{zeros}{size}{}\r\n{data}\r\n{last}{}\r\n{trailers}\r\n",
        extended(1),
        extended(0),
        extended(2),
    );
    let content = format!("abc{data}").into_bytes();
    Case::new(echo(body.as_bytes()), &[200])
        .that(move |call, response| call.content(response, &content))
        .then(&[200])
}

/// What would change the response if it stood in the head.
const WOULD_MATTER: &[&str] = &[
    "Content-Type: text/html",
    "Range: bytes=0-0",
    "If-None-Match: *",
    "If-Match: \"x\"",
    "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT",
    "If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT",
    "Expect: 100-continue",
    "Accept-Encoding: gzip",
    "Content-Encoding: gzip",
    "Connection: close",
    "Host: a",
];

fn trailers_without_a_say(draw: &mut Draw) -> Case<'static> {
    const OF_TYPE: &str = "text/plain; charset=us-ascii";
    let trailer = draw.one(WOULD_MATTER);
    let trailers = match draw.below(3) {
        0 => format!("{trailer}\r\n"),
        1 => format!("X: y\r\n{trailer}\r\n"),
        _ => format!("{trailer}\r\nX: y\r\n"),
    };
    let body = format!("5\r\nhello\r\n0\r\n{trailers}\r\n");
    if draw.below(2) == 0 {
        return Case::new(with_body("GET / HTTP/1.1", body.as_bytes()), &[200])
            .then(&[200]);
    }
    let of_type = format!("Content-Type: {OF_TYPE}");
    let fields = [host(), of_type.into(), b"Transfer-Encoding: chunked".to_vec()];
    let head = head("POST /echo HTTP/1.1", &fields);
    Case::new([&head, body.as_bytes(), GET].concat(), &[200])
        .that(|call, response| {
            call.content(response, b"hello")?;
            let field = call.field(response, "Content-Type")?;
            match field.value == OF_TYPE {
                true => Ok(()),
                false => {
                    let what = format!("its head said {OF_TYPE}");
                    Err(call.wrong(response, field.value_at, what))
                }
            }
        })
        .then(&[200])
}

/// An extension with any byte at any place where it may stand.
fn extension_of_good_bytes(draw: &mut Draw) -> Case<'static> {
    let all = with_each_byte(true);
    let extension = &all[draw.below(all.len())];
    Case::new(with_size(draw, |size| [size.as_bytes(), extension].concat()), &[200])
        .then(&[200])
}

/// A body that comes in two pieces: how it was cut on its way means nothing.
fn chunks_in_two_pieces(draw: &mut Draw) -> Case<'static> {
    const BODY: &[u8] = b"3;a=\"b \\\"c\"\r\nabc\r\n\
        05 ; d = e;f\r\nhello\r\n0;g\r\nX: y\r\nZ: \r\n\r\n";
    let rest = 1 + draw.below(BODY.len());
    Case::new(echo(BODY), &[200])
        .holding_back(GET.len() + rest)
        .that(move |call, response| call.content(response, b"abchello"))
        .then(&[200])
}

/// A body that is text to some, in chunks or with a length: what is counted is bytes.
fn content_of_any_bytes(draw: &mut Draw) -> Case<'static> {
    let piece = draw.one(&[
        &b"\xc3\xa9"[..],
        b"\xe2\x82\xac",
        b"\xf0\x9f\xa7\xad",
        b"\xef\xbb\xbfa",
        b"e\xcc\x81",
        b"\xff\xfe",
        b"\xc3",
        b"\0",
        b"\r\n",
        b"\n",
        b"\x1a",
        b"%41+",
        b"{\"a\":",
    ]);
    let content = piece.repeat(draw.one(&[1, 2, 40, 12_000]));
    let request = match draw.below(3) {
        0 => {
            let length = format!("Content-Length: {}", content.len()).into_bytes();
            let head = head("POST /echo HTTP/1.1", &[host(), length]);
            [&head, &content[..], GET].concat()
        }
        // In one chunk, and in two that part a character.
        whole => {
            let (one, other) = content.split_at(if whole == 1 { 0 } else { 1 });
            let chunk = |it: &[u8]| {
                [format!("{:x}\r\n", it.len()).as_bytes(), it, b"\r\n"].concat()
            };
            let chunks = [one, other].into_iter().filter(|it| !it.is_empty());
            let body = chunks.map(chunk).collect::<Vec<_>>().concat();
            echo(&[&body, &b"0\r\n\r\n"[..]].concat())
        }
    };
    Case::new(request, &[200])
        .that(move |call, response| call.content(response, &content))
        .then(&[200])
}

/// A place in a chunk's extension: what stands around a byte there, and which bytes may
/// (RFC 9112 section 7.1.1, and RFC 9110 sections 5.6.3 and 5.6.4).
struct Place {
    around: &'static str,
    takes: fn(u8) -> bool,
}

/// Every such place, with an X where the byte is.
const WITHIN: [Place; 6] = [
    Place { around: "X;a", takes: |it| b" \t".contains(&it) },
    Place { around: ";X", takes: is_tchar },
    Place { around: ";aXb", takes: |it| is_tchar(it) || b"=;".contains(&it) },
    Place { around: ";a=bXc", takes: |it| is_tchar(it) || it == b';' },
    Place { around: ";a=\"bXc\"", takes: |it| is_text(it) && it != b'"' },
    Place { around: ";a=\"\\X\"", takes: is_text },
];

/// Whether a byte may stand in a quoted string, behind a backslash at least.
fn is_text(byte: u8) -> bool {
    byte == b'\t' || !byte.is_ascii_control()
}

/// Every extension with a byte at a place that takes it, or with one that it does not.
fn with_each_byte(are_taken: bool) -> Vec<Vec<u8>> {
    // Of what is no ASCII, any is as good as another.
    let bytes = || (0..128).chain([0x80, 0xa0, 0xe9, 0xff]);
    let of_place = |place: &'static Place| {
        let (before, after) = place.around.split_once('X').unwrap_or_default();
        // The ends of lines are another matter; a digit more is another size, and before
        // a name there may be whitespace.
        let others: &[u8] = match before {
            "" => b"\r\n;0123456789abcdefABCDEF",
            ";" => b"\r\n \t",
            _ => b"\r\n",
        };
        let fits = |byte: &u8| (place.takes)(*byte) == are_taken;
        let bytes = bytes().filter(fits).filter(|byte| !others.contains(byte));
        bytes.map(move |byte| {
            [before.as_bytes(), &[byte], after.as_bytes()].concat()
        })
    };
    WITHIN.iter().flat_map(of_place).collect()
}

/// Wants chunks of these lengths to come back, and a GET behind them to be served.
fn long_chunks(exam: &Exam) -> Outcome {
    for (size, count) in
        [(1, 3000), (4095, 3), (4096, 3), (20_000, 2), (100_000, 2)]
    {
        let chunk = [&format!("{size:x}\r\n").into_bytes(), &vec![b'x'; size][..]];
        let body = [&chunk.concat(), &b"\r\n"[..]].concat().repeat(count);
        let mut call = exam.line.call()?;
        call.send(echo(&[&body, &b"0\r\n\r\n"[..]].concat()))?;
        let response = call.status("POST", 200)?;
        call.content(&response, &vec![b'x'; size * count])?;
        exam.serves_next(&mut call, &response)?;
        exam.line.forget(&call);
    }
    Ok(())
}

/// Wants a body that goes on so behind a long chunk to get no answer that is whole,
/// unless it is a refusal.
fn is_not_whole(exam: &Exam, rest: &str) -> Outcome {
    let mut call = exam.line.call()?;
    call.send(head(
        "POST /echo HTTP/1.1",
        &[host(), b"Transfer-Encoding: chunked".to_vec()],
    ))?;
    call.send(format!("4e20\r\n{}\r\n{rest}", "x".repeat(20_000)))?;
    call.finish();
    let (_, end) = call.read_to_end("the connection stays open after the body")?;
    let is_over = end == End::Closed;
    let mut at = 0;
    while let Ok(Some(whole)) = response::parse(&call.got()[at..], "POST", is_over)
    {
        if (200..400).contains(&whole.status) && !whole.until_end {
            let what = "this is a whole response, and the body was none";
            return Err(call.failure_at(at + whole.status_at, what));
        }
        at += whole.length;
    }
    Ok(())
}

fn extension_of_any_form(draw: &mut Draw) -> Case<'static> {
    const NONE: &[&str] = &[
        ";",
        "; ",
        ";=b",
        ";a=",
        ";a=\"b",
        ";a=b c",
        ";a b",
        ";(",
        ";a=(",
        ";a=\"b\"c",
        "a",
        ",a",
        "=a",
        ";a=\"\u{1}\"",
        ";\u{1}",
        ";a=\u{7f}",
        ";a=\"\\",
        ";a\u{0}",
        ";a=\u{e9}",
        ";\u{e9}",
        ";a\n",
        ";a\r",
        ";a=b\u{b}",
        ";;",
        ";a ",
        ";a=b\t",
    ];
    let mut all: Vec<Vec<u8>> =
        NONE.iter().map(|it| it.as_bytes().to_vec()).collect();
    all.extend(with_each_byte(false));
    let extension = &all[draw.below(all.len())];
    let request = with_size(draw, |number| [number.as_bytes(), extension].concat());
    // An a is one digit more, of a chunk that ends early.
    let ends_early = extension == b"a";
    Case::new(request, &[400]).or_broken_off().or_nothing_if(ends_early)
}

fn end_of_any_form(draw: &mut Draw) -> Case<'static> {
    let end = draw.one(&[
        "", "\n", "\r", "\n\r", "XX", "\r\r", "\n\n", "\r\r\n", " \r\n", "x\r\n",
        "\r\n ", "\0\0", "\r\n\r\n", "  ",
    ]);
    let body = match draw.below(2) {
        0 => format!("5\r\nhello{end}0\r\n\r\n"),
        _ => format!("3\r\nabc\r\n5\r\nhello{end}2\r\nab\r\n0\r\n\r\n"),
    };
    match draw.below(2) {
        0 => Case::new(echo(body.as_bytes()), &[400]).or_broken_off(),
        // Who does not want it may answer before it is read; and then it is the last.
        _ => Case::new(with_body("GET / HTTP/1.1", body.as_bytes()), &[]),
    }
}

fn trailer_of_any_form(draw: &mut Draw) -> Case<'static> {
    let line = draw.one(&[
        "X",
        "X : y",
        ": y",
        " X: y",
        "\tX: y",
        "X(: y",
        "X\u{e9}: y",
        "X: \u{0}",
        "X: y\rz",
        "X: y\nZ: z",
        "X\n",
        "X: \u{7f}",
        "GET / HTTP/1.1",
        "\"X\": y",
    ]);
    let lines = match draw.below(3) {
        0 => format!("{line}\r\n"),
        1 => format!("A: b\r\n{line}\r\n"),
        _ => format!("{line}\r\nA: b\r\n"),
    };
    let body = format!("5\r\nhello\r\n0\r\n{lines}\r\n");
    Case::new(echo(body.as_bytes()), &[400]).or_broken_off()
}

/// Wants trailer fields of which each is short enough to be refused, or hung up on, for
/// what they are together.
fn adds_up(exam: &Exam) -> Outcome {
    let field = format!("A: {}\r\n", "b".repeat(4000));
    let mut call = exam.line.call()?;
    call.send(head(
        "POST /echo HTTP/1.1",
        &[host(), b"Transfer-Encoding: chunked".to_vec()],
    ))?;
    call.send(b"0\r\n")?;
    for _ in 0..60 {
        // What is refused need not be read on.
        if call.send(&field).is_err() || call.has_ended() {
            return Ok(());
        }
    }
    // What streams has begun already, and need not end well.
    if call.send(b"\r\n").is_err()
        || !call.hears(exam.soon())?
        || call.breaks_off("POST")?
    {
        return Ok(());
    }
    let response = call.response("POST")?;
    match response.status {
        400.. => Ok(()),
        _ => {
            let what =
                "240 KB of trailer fields are too many, however short each is";
            Err(call.wrong(&response, response.status_at, what))
        }
    }
}

/// How much is sent at most of what should have an end.
const ENDLESS: usize = 2 * 1024 * 1024;

/// Wants a body that goes on like this to be refused, or hung up on, before long.
fn is_bounded(exam: &Exam, of: &str, begin: &str, more: &str) -> Outcome {
    let mut call = exam.line.call()?;
    call.send(head(
        "POST /echo HTTP/1.1",
        &[host(), b"Transfer-Encoding: chunked".to_vec()],
    ))?;
    call.send(begin)?;
    let piece = more.repeat(1 + 16_384 / more.len());
    for _ in 0..ENDLESS / piece.len() {
        // What is refused need not be read on.
        if call.send(&piece).is_err()
            || call.hears(Duration::from_millis(1))?
            || call.has_ended()
        {
            return Ok(());
        }
    }
    match call.ends_within(exam.soon())? || !call.got().is_empty() {
        true => Ok(()),
        false => Err(call.failure(format!("2 MB of {of}, and it still reads on"))),
    }
}
