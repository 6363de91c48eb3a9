//! Transfer-Encoding: what it may be, how it may be written, over how many lines.

use super::lengths::refused;
use super::{
    CONTROLS, ODD_SPACES, at_the_ends, folded, head, host, line, on_two_lines,
};
use crate::check::Ports::Each;
use crate::check::Procedure::Does;
use crate::check::Rule::{Must, See};
use crate::check::{Check, GET};
use crate::checks::framing::SMUGGLED;
use crate::draw::Draw;
use crate::stage::Stage::Part5;
use crate::sweep::{Case, sweep};

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "coding-of-any-form",
        title: "What is not chunked, once and last, is refused.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 sections 6.3 and 6.1"),
        why: "Who takes something for chunked that another does not finds another \
            end of the body.",
        hint: "Put all lines together, split at commas, take spaces and tabs away, \
            and compare what is left.",
        read: "part5.html#where-a-body-ends",
        procedure: Does {
            sends: "codings that are like chunked, beside it, or not there, over one \
                line and several; and the word cut in two, a line for each half",
            run: |exam| {
                sweep(exam, coding_of_any_form)?;
                sweep(exam, coding_that_seems)
            },
        },
    },
    Check {
        id: "coding-that-is-chunked",
        title: "chunked is chunked in any case, with whitespace or an empty element.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 section 7 and RFC 9110 section 5.6.1"),
        why: "Codings differ not by case, and a list may have nothing between two \
            commas.",
        hint: "An empty element of a list is to be skipped.",
        read: "part5.html#where-a-body-ends",
        procedure: Does {
            sends: "CHUNKED and the like, over one line and several; then a GET",
            run: |exam| {
                let post = ("POST", exam.refusal_of("POST")?);
                let put = ("PUT", exam.refusal_of("PUT")?);
                let delete = ("DELETE", exam.refusal_of("DELETE")?);
                let methods = [post, put, delete];
                sweep(exam, |draw| coding_that_is_chunked(&methods, draw))
            },
        },
    },
    Check {
        id: "coding-beside-a-length",
        title: "Any Transfer-Encoding beside any Content-Length is refused.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9112 section 6.3"),
        why: "It is how smuggling is done: even a coding that is empty, or one that \
            you don't know, decides for somebody.",
        hint: "Ask whether the field is there, and not what it comes to.",
        read: "part5.html#where-a-body-ends",
        procedure: Does {
            sends: "a coding and a length, in either order, near and apart",
            run: |exam| sweep(exam, coding_beside_a_length),
        },
    },
];

/// Codings that are not chunked, or not once and last.
const NOT_CHUNKED: &[&str] = &[
    "xchunked",
    "chunkedx",
    "chunke",
    "chunked;q=1",
    "chunked;",
    "chunked x",
    "x chunked",
    "\"chunked\"",
    "'chunked'",
    "chunked, chunked",
    "chunked,gzip",
    "chunked, identity",
    "identity",
    "gzip",
    "gzip, chunked",
    "identity, chunked",
    "x, chunked",
    "chunked/1.1",
    "chunked=1",
    "chunked:",
    "c hunked",
    "chun\tked",
    "chunked\\",
    "0",
    "none",
    "",
    ",",
];

fn coding_of_any_form(draw: &mut Draw) -> Case<'static> {
    let around = || CONTROLS.iter().chain(ODD_SPACES).copied();
    let value = match draw.below(NOT_CHUNKED.len() + around().count()) {
        form if form < NOT_CHUNKED.len() => NOT_CHUNKED[form].as_bytes().to_vec(),
        form => {
            let around = around().nth(form - NOT_CHUNKED.len());
            at_the_ends(draw, b"chunked", around.unwrap_or_default())
        }
    };
    let bad = line(draw, "Transfer-Encoding", &value);
    // Alone, each is wrong; beside another line, each that is there at all.
    let is_there = !value.iter().all(|byte| b",".contains(byte));
    let another = match draw.below(3) {
        0 => None,
        _ if is_there => Some(b"Transfer-Encoding: chunked".to_vec()),
        _ => Some(b"Transfer-Encoding:".to_vec()),
    };
    let method = draw.one(&["POST", "GET", "HEAD", "PUT"]);
    let version = draw.one(&["HTTP/1.1", "HTTP/1.0"]);
    let mut fields = vec![host(), bad];
    let place = draw.one(&[1, 0, 2]);
    another.into_iter().for_each(|another| fields.insert(place, another));
    let mut request = head(&format!("{method} / {version}"), &fields);
    request.extend(b"0\r\n\r\n");
    request.extend(SMUGGLED.bytes());
    // A coding that is not known may be called so; and HTTP/1.0 has none at all, so that
    // the connection must end, and not more (RFC 9112 section 6.1).
    match version {
        "HTTP/1.0" => Case::new(request, &[]),
        _ => Case::new(request, &[400, 501]),
    }
}

/// What becomes chunked if lines are strung together, or letters are Unicode's.
fn coding_that_seems(draw: &mut Draw) -> Case<'static> {
    let fields = match draw.below(2) {
        0 => on_two_lines(draw, "Transfer-Encoding", "chunked").to_vec(),
        _ => {
            let words = folded("chunked");
            let word = &words[draw.below(words.len())];
            vec![format!("Transfer-Encoding: {word}").into_bytes()]
        }
    };
    let method = draw.one(&["POST", "GET"]);
    let fields = [&[host()][..], &fields].concat();
    let mut request = head(&format!("{method} / HTTP/1.1"), &fields);
    request.extend(b"0\r\n\r\n");
    request.extend(SMUGGLED.bytes());
    Case::new(request, &[400, 501])
}

/// Of methods and how they are refused, one with a coding that is chunked.
fn coding_that_is_chunked(
    methods: &[(&'static str, u16)],
    draw: &mut Draw,
) -> Case<'static> {
    let value = draw.one(&[
        "chunked",
        "CHUNKED",
        "Chunked",
        "cHuNKeD",
        ",chunked",
        "chunked,",
        ", ,\tchunked ,",
    ]);
    let mut fields =
        vec![host(), line(draw, "Transfer-Encoding", value.as_bytes())];
    match draw.below(3) {
        0 => {}
        1 => fields.insert(1, b"Transfer-Encoding:".to_vec()),
        _ => fields.push(b"Transfer-Encoding: ,".to_vec()),
    }
    let (method, status) = draw.one(methods);
    let mut request = head(&format!("{method} / HTTP/1.1"), &fields);
    request.extend(b"5\r\nhello\r\n0\r\n\r\n");
    request.extend(GET);
    Case::new(request, &[status]).then(&[200])
}

fn coding_beside_a_length(draw: &mut Draw) -> Case<'static> {
    let coding = draw.one(&[
        "chunked",
        "CHUNKED",
        "xchunked",
        "gzip",
        "gzip, chunked",
        "identity",
        "",
        ",",
        "chunked, x",
    ]);
    // 501 is for a coding that is not known (RFC 9112 section 6.1), and as good.
    let statuses: &[u16] = match coding.eq_ignore_ascii_case("chunked") {
        true => &[400],
        false => &[400, 501],
    };
    let length = draw.one(&["5", "0", "44", "05"]);
    let coding = line(draw, "Transfer-Encoding", coding.as_bytes());
    let length = line(draw, "Content-Length", length.as_bytes());
    let apart = b"A: b".to_vec();
    let fields = match draw.below(4) {
        0 => vec![host(), coding, length],
        1 => vec![host(), length, coding],
        2 => vec![coding, host(), apart, length],
        _ => vec![length, host(), apart, coding],
    };
    let method = draw.one(&["POST", "GET", "HEAD"]);
    refused(method, &fields, statuses)
}
