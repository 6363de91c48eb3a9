//! Field lines: which bytes may stand in names and values.

use super::{head, host, with_byte};
use crate::check::Check;
use crate::check::Ports::Each;
use crate::check::Procedure::Does;
use crate::check::Rule::{Must, See, Should};
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
                first field and a later one",
            run: |exam| sweep(exam, name_of_any_bytes),
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
];

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
    let byte = draw.one(&all);
    let name = draw.one(&["Ab", "Content-Length", "Transfer-Encoding"]);
    let mut field = with_byte(draw, name.as_bytes(), byte);
    field.extend(b": 0");
    Case::new(get_with(draw, field), &[400])
}

fn name_of_good_bytes(draw: &mut Draw) -> Case<'static> {
    let all: Vec<u8> = (0..=255).filter(|&it| is_tchar(it)).collect();
    let byte = draw.one(&all);
    let mut field = with_byte(draw, b"Ab", byte);
    field.extend(b": c");
    Case::new(get_with(draw, field), &[200])
}

fn value_of_any_bytes(draw: &mut Draw) -> Case<'static> {
    let controls = (0..32).filter(|it| !b"\t\n".contains(it));
    let all: Vec<u8> = controls.chain([0x7f]).collect();
    let byte = draw.one(&all);
    let value = draw.one(&["bc", "", "b, c"]);
    let name = draw.one(&["A", "Cookie", "Connection", "Accept"]);
    let value = with_byte(draw, value.as_bytes(), byte);
    let space = draw.one(&[" ", "", "\t"]);
    let field = [name.as_bytes(), b":", space.as_bytes(), &value].concat();
    Case::new(get_with(draw, field), &[400])
}

fn value_of_good_bytes(draw: &mut Draw) -> Case<'static> {
    let all: Vec<u8> =
        [b'\t'].into_iter().chain(0x20..=0x7e).chain(0x80..=0xff).collect();
    let byte = draw.one(&all);
    let value = draw.one(&["bc", ""]);
    let value = with_byte(draw, value.as_bytes(), byte);
    let field = [b"A: ", &value[..]].concat();
    Case::new(get_with(draw, field), &[200])
}
