//! Connection: its options, over any number of lines.

use super::{OWS, folded, head, host, in_some_case, on_two_lines};
use crate::check::Ports::Each;
use crate::check::Procedure::Does;
use crate::check::Rule::{Must, Should};
use crate::check::{Check, Exam, GET, NOT_DONE};
use crate::draw::Draw;
use crate::line::{Call, Outcome};
use crate::response::Response;
use crate::stage::Stage::{Part5, Part6};
use crate::sweep::{Case, sweep};

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "close-anywhere",
        title: "close is heard wherever it stands among the options.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 section 9.6"),
        why: "Connection is a list, over as many lines as there are, and its words \
            differ not by case.",
        hint: "Put all lines together, split at commas, take spaces and tabs away, \
            and compare without regard to case.",
        read: "part5.html#whether-more-may-follow",
        procedure: Does {
            sends: "close first, last and between, over one line and several; and a \
                GET behind",
            run: |exam| sweep(exam, |draw| close_anywhere(exam, draw)),
        },
    },
    Check {
        id: "close-and-no-other",
        title: "What is not close does not close.",
        since: Part5,
        ports: Each,
        rule: Should("RFC 9112 section 9.3"),
        why: "closed is another word, and so is close in another field.",
        hint: "Compare each word whole, and of this field alone.",
        read: "part5.html#whether-more-may-follow",
        procedure: Does {
            sends: "options that have close in them, or half of it on each of two \
                lines, and other fields that say it; and a GET behind",
            run: |exam| {
                sweep(exam, |draw| close_and_no_other(exam, draw))?;
                sweep(exam, |draw| close_that_seems(exam, draw))
            },
        },
    },
    Check {
        id: "keep-alive-and-no-other",
        title: "HTTP/1.0 is kept for keep-alive, in Connection, and for nothing else.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9112 sections 9.3 and C.2.2"),
        why: "Who does not know of it waits for the end, and a proxy that passes a \
            field on does not.",
        hint: "Compare each word whole, and of this field alone.",
        read: "part6.html#two-halves",
        procedure: Does {
            sends: "HTTP/1.0 with words that are like keep-alive, and with fields that \
                are like Connection; and a GET behind",
            run: |exam| {
                sweep(exam, keep_alive_and_no_other)?;
                sweep(exam, keep_alive_that_seems)
            },
        },
    },
];

fn keep_alive_and_no_other(draw: &mut Draw) -> Case<'static> {
    let line = draw.one(&[
        "Proxy-Connection: keep-alive",
        "X-Connection: keep-alive",
        "Keep-Alive: timeout=5",
        "Connections: keep-alive",
        "Connection: keepalive",
        "Connection: keep-alives",
        "Connection: xkeep-alive",
        "Connection: keep_alive",
        "Connection: keep",
        "Connection: close",
        "Connection: close, keep-alive",
        "Connection: keep-alive, close",
        "Connection:",
    ]);
    let method = draw.one(&["GET", "HEAD", "BREW"]);
    let line = line.as_bytes().to_vec();
    let mut request = head(&format!("{method} / HTTP/1.0"), &[host(), line]);
    request.extend(GET);
    Case::new(request, if method == "BREW" { &[501] } else { &[200] })
}

/// What becomes a word if lines are strung together, or letters are Unicode's.
fn that_seems(draw: &mut Draw, word: &str) -> Vec<Vec<u8>> {
    match draw.below(2) {
        0 => on_two_lines(draw, "Connection", word).to_vec(),
        _ => {
            let words = folded(word);
            let word = &words[draw.below(words.len())];
            vec![format!("Connection: {word}").into_bytes()]
        }
    }
}

fn keep_alive_that_seems(draw: &mut Draw) -> Case<'static> {
    let fields = [&[host()][..], &that_seems(draw, "keep-alive")].concat();
    Case::new([&head("GET / HTTP/1.0", &fields), GET].concat(), &[200])
}

fn close_that_seems(exam: &Exam, draw: &mut Draw) -> Case<'static> {
    let fields = [&[host()][..], &that_seems(draw, "close")].concat();
    let (method, statuses) = lasting(exam);
    let request = head(&format!("{method} / HTTP/1.1"), &fields);
    Case::new([&request, GET].concat(), statuses).that(stays).then(&[200])
}

/// A request after which a connection of this stage stays, if nobody wants otherwise.
fn lasting(exam: &Exam) -> (&'static str, &'static [u16]) {
    if exam.stays() { ("GET", &[200]) } else { ("POST", NOT_DONE) }
}

fn close_anywhere(exam: &Exam, draw: &mut Draw) -> Case<'static> {
    let close = draw.one(&["close", "Close", "CLOSE", "clOSe"]);
    let other = draw.one(&["x", "keep-alive", "te", "closed", ""]);
    let comma = [draw.one(OWS), ",", draw.one(OWS)].concat();
    let options = match draw.below(4) {
        0 => close.to_owned(),
        1 => format!("{close}{comma}{other}"),
        2 => format!("{other}{comma}{close}"),
        _ => format!("{other}{comma}{close}{comma}{other}"),
    };
    let name = in_some_case(draw, "Connection");
    let (before, after) = (draw.one(&[" ", "", "\t"]), draw.one(OWS));
    let line = format!("{name}:{before}{options}{after}").into_bytes();
    let another = format!("Connection: {other}").into_bytes();
    let fields = match draw.below(4) {
        0 => vec![host(), line],
        1 => vec![host(), another, line],
        2 => vec![line, host(), another],
        _ => vec![host(), another.clone(), line, another],
    };
    let (method, statuses) = lasting(exam);
    let mut request = head(&format!("{method} / HTTP/1.1"), &fields);
    request.extend(GET);
    Case::new(request, statuses)
}

fn close_and_no_other(exam: &Exam, draw: &mut Draw) -> Case<'static> {
    let name = draw.one(&[
        "Connection",
        "X-Connection",
        "Connections",
        "Keep-Alive",
        "Proxy-Connection",
    ]);
    let option = match name {
        "Connection" => draw.one(&[
            "x",
            "closed",
            "xclose",
            "close-x",
            "x-close",
            "clos",
            "close_",
            "keep-alive",
            "Keep-Alive",
            "",
            ",",
            "x, closed",
        ]),
        _ => "close",
    };
    let name = in_some_case(draw, name);
    let line = format!("{name}: {option}").into_bytes();
    let (method, statuses) = lasting(exam);
    let mut request = head(&format!("{method} / HTTP/1.1"), &[host(), line]);
    request.extend(GET);
    Case::new(request, statuses).that(stays).then(&[200])
}

/// Wants a response not to be the last.
fn stays(call: &Call, response: &Response) -> Outcome {
    match response.says_close() {
        false => Ok(()),
        true => {
            let what = "this is going to be closed, and nobody asked for it";
            Err(call.wrong(response, response.last_line(), what))
        }
    }
}
