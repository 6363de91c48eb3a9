//! The same for what is no request, up to Part 4: junk of every kind, and a GET.

use super::request::{Message, Sends};
use crate::check::{Exam, GET, NOT_DONE};
use crate::cover::cover;
use crate::draw::Draw;
use crate::line::{Call, Outcome};
use crate::stage::Stage::{self, Part4};
use crate::sweep::simplest;

/// How many conversations there are at most.
const MOST: usize = 150;
/// The fourth refusal is the last.
const LONGEST: usize = 4;

/// Something that is said, and how.
#[derive(Debug, Clone, Copy)]
struct Said {
    kind: Kind,
    text: &'static [u8],
    before: &'static [u8],
    sends: Sends,
}

/// What it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Junk,
    Get,
    Head,
}

const SAID: &[(Kind, &[u8])] = &[
    (Kind::Junk, b"POST / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    (Kind::Get, GET),
    (Kind::Junk, b"hello?\r\n"),
    (Kind::Get, b"GET it\r\n\r\n"),
    (Kind::Get, b"GET / HTTP/1.1\r\nHost: a\r\nPOST: b\r\n\r\n"),
    (Kind::Head, b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    (Kind::Junk, b"see http/1.1\r\n"),
    (
        Kind::Junk,
        b"PUT / HTTP/1.1\r\nA: HTTP/\r\nGET : b\r\nGET / HTTP/1.1\r\n\r\n",
    ),
    (Kind::Junk, b"x HTHTTP/\r\nGET / HTTP/1.1\r\n\r\n"),
    (Kind::Junk, b"get / of me\r\n"),
    (Kind::Junk, b" GET / of me\r\n"),
    (Kind::Junk, b"GEGET / of me\r\n"),
    (Kind::Junk, b"a GET / of me\r\n"),
    (Kind::Junk, b"HEAP / HTTP/1.1\r\n\r\n"),
    (Kind::Junk, b"\xff\xfe\xc3\x28\r\n"),
    (Kind::Junk, b"a\0GET / of me\r\n"),
    (Kind::Junk, b"GET\0/ of me\r\n"),
    (Kind::Junk, b"/HTTP /1.1\r\n"),
    (Kind::Junk, &[b'x'; 5000]),
];

impl Said {
    fn of(draw: &mut Draw, stage: Stage) -> Said {
        let (kind, text) = draw.one(SAID);
        let before = draw.one(&[&b""[..], b"\r\n", b"\r\n\r\n\r\n"]);
        let sends = draw.one(&[
            Sends::Apart,
            Sends::Joined,
            Sends::Halves,
            Sends::Bytes,
            Sends::LastByte,
            Sends::WithinCrlf,
            Sends::Beside,
            Sends::BehindHalf,
        ]);
        // HEAD is known from Part 4 on.
        let kind = match kind {
            Kind::Head if stage < Part4 => Kind::Junk,
            kind => kind,
        };
        Said { kind, text, before, sends }
    }

    /// As it is sent. What is long has its line's end yet to come.
    fn message(&self) -> Message {
        let end: &[u8] = if self.text.ends_with(b"\n") { b"" } else { b"\r\n" };
        let bytes = [self.before, self.text, end].concat();
        Message { body_at: bytes.len(), bytes }
    }

    /// So much of it as is no request yet, whatever it is going to be.
    fn half(&self) -> usize {
        self.before.len() + 2
    }
}

pub fn any_junk_together(exam: &Exam) -> Outcome {
    let draw = |draw: &mut Draw| Said::of(draw, exam.stage);
    let most = MOST.min(exam.line.target.cases);
    let ends = |said: &Said| said.kind != Kind::Junk;
    let all = cover(exam.line.target.seed, most, longest(exam), draw, ends);
    let mut simplest_one = Draw::again(&[]);
    draw(&mut simplest_one);
    let width = simplest_one.of().len();
    let verse = exam.served()?;
    simplest(exam, &all, width, |picks| {
        let said = picks.chunks(width).map(|it| draw(&mut Draw::again(it)));
        hold(exam, &verse, &said.collect::<Vec<_>>())
    })
}

/// How many there are at most: with the last refusal the connection is over.
fn longest(exam: &Exam) -> usize {
    let variant = exam.line.target.variant.as_ref();
    variant.map_or(LONGEST, |variant| variant.strikes)
}

fn hold(exam: &Exam, verse: &[u8], all: &[Said]) -> Outcome {
    let mut call = exam.line.call()?;
    let (mut piece, mut unanswered) = (Vec::new(), Vec::new());
    let mut beside = Vec::new();
    let flush = |call: &mut Call, piece: &mut Vec<u8>| {
        call.wait_until_read();
        call.send(std::mem::take(piece))
    };
    for said in all {
        let Message { bytes, .. } = said.message();
        if said.sends != Sends::Joined && !unanswered.is_empty() {
            flush(&mut call, &mut piece)?;
            answers(&mut call, verse, &mut unanswered)?;
        }
        beside.extend(half(exam, said)?.map(|other| (other, said)));
        let mut from = 0;
        for at in said.message().cuts_by(said.sends) {
            piece.extend(&bytes[from..at]);
            flush(&mut call, &mut piece)?;
            from = at;
        }
        piece.extend(&bytes[from..]);
        unanswered.push(*said);
    }
    let is_over = all.len() == longest(exam)
        || all.last().is_some_and(|said| said.kind != Kind::Junk);
    if is_over {
        // Behind what ends it, something that must not be answered.
        piece.extend(b"HELP / HTTP/1.1\r\n\r\n");
    }
    flush(&mut call, &mut piece)?;
    answers(&mut call, verse, &mut unanswered)?;
    if !is_over {
        call.finish();
    }
    super::nothing_is_answered(&mut call)?;
    exam.line.forget(&call);
    for (mut other, said) in beside {
        other.send(&said.message().bytes[said.half()..])?;
        answers(&mut other, verse, &mut vec![*said])?;
        exam.line.forget(&other);
    }
    Ok(())
}

/// Somebody else who has said a little of something, where there is to be somebody who
/// stays.
fn half(exam: &Exam, said: &Said) -> Outcome<Option<Call>> {
    if !matches!(said.sends, Sends::Beside | Sends::BehindHalf) {
        return Ok(None);
    }
    let mut other = exam.line.call()?;
    other.send(&said.message().bytes[..said.half()])?;
    other.wait_until_read();
    if said.sends == Sends::Beside {
        return Ok(Some(other));
    }
    other.finish();
    other.drain()?;
    exam.line.forget(&other);
    Ok(None)
}

/// Wants each to be answered as it is alone.
fn answers(call: &mut Call, verse: &[u8], unanswered: &mut Vec<Said>) -> Outcome {
    for said in unanswered.drain(..) {
        match said.kind {
            Kind::Junk => drop(call.any_status("", NOT_DONE)?),
            Kind::Head => drop(call.status("HEAD", 200)?),
            Kind::Get => {
                let response = call.status("GET", 200)?;
                call.content(&response, verse)?;
            }
        }
    }
    Ok(())
}
