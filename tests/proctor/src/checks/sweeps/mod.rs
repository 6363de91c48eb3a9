//! Rules over their whole dimension, in place of examples.

pub(super) mod chunks;
pub(super) mod codings;
pub(super) mod conditions;
pub(super) mod fields;
pub(super) mod hosts;
pub(super) mod interim;
pub(super) mod lengths;
pub(super) mod options;
pub(super) mod ranges;
pub(super) mod request_lines;
pub(super) mod responses;
pub(super) mod targets;

use crate::draw::Draw;

/// Methods: those that everybody knows, one that nobody does, and one that is none of
/// them for its case.
const METHODS: &[&str] = &[
    "GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "BREW",
    "get",
];

/// Whitespace that may stand around a value (RFC 9110 section 5.6.3).
const OWS: &[&str] = &["", " ", "\t", " \t ", "    "];

/// What some languages take for whitespace and HTTP does not, or throw away, and may not
/// stand in a field's value.
const CONTROLS: &[&[u8]] = &[
    b"\x0b", b"\x0c", b"\x00", b"\x01", b"\x08", b"\x1b", b"\x1c", b"\x1d",
    b"\x1e", b"\x1f", b"\x7f",
];

/// The same, which may stand in some field's value, and is no part of a number or a token.
const ODD_SPACES: &[&[u8]] = &[
    b"\x85",
    b"\xa0",
    b"\xff",
    "\u{85}".as_bytes(),
    "\u{a0}".as_bytes(),
    "\u{2003}".as_bytes(),
    "\u{3000}".as_bytes(),
    "\u{200b}".as_bytes(),
    "\u{feff}".as_bytes(),
];

/// Letters and digits of other scripts. A byte of 0x80 or more alone is no text, and
/// refused for that; these are, to a server that has decoded them as UTF-8.
const LETTERS: &[&str] = &["\u{e9}", "\u{aa}", "\u{663}", "\u{ff21}", "\u{1d7d8}"];

/// Letters that are others in the other case, to whoever asks Unicode: a sign for kelvin,
/// a long s, an i without its dot.
const FOLDED: [(&str, &str); 3] =
    [("k", "\u{212a}"), ("s", "\u{17f}"), ("i", "\u{131}")];

/// A word with such letters in it, for each that it can have.
fn folded(word: &str) -> Vec<String> {
    let others = FOLDED.iter().filter(|(letter, _)| word.contains(letter));
    others.map(|(letter, other)| word.replace(letter, other)).collect()
}

/// A word on two lines of one field, cut somewhere: it stands on neither.
fn on_two_lines(draw: &mut Draw, name: &str, word: &str) -> [Vec<u8>; 2] {
    let (one, other) = word.split_at(1 + draw.below(word.len() - 1));
    [one, other].map(|part| format!("{name}: {part}").into_bytes())
}

/// A head, of a request line and fields.
fn head(line: &str, fields: &[Vec<u8>]) -> Vec<u8> {
    let mut head = [line.as_bytes(), b"\r\n"].concat();
    for field in fields {
        head.extend_from_slice(field);
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    head
}

/// The Host field that all requests have which are about something else.
fn host() -> Vec<u8> {
    b"Host: localhost".to_vec()
}

/// A field's name in some case.
fn in_some_case(draw: &mut Draw, name: &str) -> String {
    match draw.below(3) {
        0 => name.to_owned(),
        1 => name.to_lowercase(),
        _ => name.to_uppercase(),
    }
}

/// A value with something at one of its ends, or both.
fn at_the_ends(draw: &mut Draw, value: &[u8], what: &[u8]) -> Vec<u8> {
    match draw.below(3) {
        0 => [what, value].concat(),
        1 => [value, what].concat(),
        _ => [what, value, what].concat(),
    }
}

/// A field line, with whitespace around its value.
fn line(draw: &mut Draw, name: &str, value: &[u8]) -> Vec<u8> {
    let name = in_some_case(draw, name);
    let (before, after) = (draw.one(&[" ", "", "\t", "  \t"]), draw.one(OWS));
    [name.as_bytes(), b":", before.as_bytes(), value, after.as_bytes()].concat()
}

/// Something, with one of these bytes in it, at its end or before: each at each place.
fn with_byte(draw: &mut Draw, whole: &[u8], all: &[u8]) -> Vec<u8> {
    let all: Vec<&[u8]> = all.chunks(1).collect();
    with_one(draw, whole, &all)
}

/// Something of two bytes or more, with one of these within it.
fn with_byte_between(draw: &mut Draw, whole: &[u8], all: &[u8]) -> Vec<u8> {
    let byte = all[draw.below(all.len())];
    let (before, after) = whole.split_at(whole.len() / 2);
    [before, &[byte], after].concat()
}

/// As `with_byte`, or with a letter or a digit of another script.
fn with_byte_or_letter(draw: &mut Draw, whole: &[u8], all: &[u8]) -> Vec<u8> {
    let all: Vec<&[u8]> =
        all.chunks(1).chain(LETTERS.iter().map(|it| it.as_bytes())).collect();
    with_one(draw, whole, &all)
}

fn with_one(draw: &mut Draw, whole: &[u8], all: &[&[u8]]) -> Vec<u8> {
    let pick = draw.below(3 * all.len());
    let one = all[pick % all.len()];
    let place = [whole.len() / 2, 0, whole.len()][pick / all.len()];
    let (before, after) = whole.split_at(place);
    [before, one, after].concat()
}
