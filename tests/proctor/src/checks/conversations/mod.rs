//! Conversations: what is right alone, and may go wrong beside something else that is.

mod changes;
mod junk;
mod oracle;
mod reader;
mod request;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use changes::Kind;
use oracle::{Oracle, Planted, same};
use request::{Body, Message, Request, Sends};

use crate::check::Ports::Each;
use crate::check::Procedure::Does;
use crate::check::Rule::{Must, See};
use crate::check::{Check, Exam, GET};
use crate::cover::cover;
use crate::draw::Draw;
use crate::line::{Call, Outcome};
use crate::response::Response;
use crate::stage::Stage::{Part3, Part5};
use crate::sweep::simplest;
use crate::target::Port;

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "any-junk-together",
        title: "What is refused is refused beside anything else, and so what is served.",
        since: Part3,
        ports: Each,
        rule: See("RFC 9112 section 9.3.2"),
        why: "A word means the same whatever stands before it, and however it is cut.",
        hint: "What do you know of a line, and what do you forget when it is over? Who \
            else can change it?",
        read: "part3.html#what-to-remember",
        procedure: Does {
            sends: "conversations in which any two of everything meet, one in another or \
                behind it: junk of eighteen kinds, GETs, empty lines, cuts, and callers \
                who say a little and wait, or leave",
            run: junk::any_junk_together,
        },
    },
    Check {
        id: "any-two-together",
        title: "What is right alone is right beside anything else that is.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9110 section 3.3 and RFC 9112 section 9.3.2"),
        why: "A request means the same whatever stands before it, however it is cut, and \
            whatever else it asks for.",
        hint: "What is kept from one request to the next, and what is decided before \
            something else has been looked at?",
        read: "part5.html#the-whole-request",
        procedure: Does {
            sends: "conversations in which any two of everything meet, in one request and \
                in two that follow each other: methods, targets, versions, Hosts, bodies, \
                conditions, ranges, codings, expectations, options, cuts; and each of \
                these requests alone",
            run: any_two_together,
        },
    },
    Check {
        id: "changed-and-served",
        title: "A request is taken for what stands in it, whatever else does.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 sections 2 to 7"),
        why: "What may be written in many ways is the same in each of them, and what is \
            another byte by byte is another.",
        hint: "Which byte has been looked at by nobody, or by two?",
        read: "part5.html#the-whole-request",
        procedure: Does {
            sends: "requests with a byte more, less or another anywhere, a line twice, \
                elsewhere or not at all, that are requests still; a GET behind; and the \
                same in its plainest form",
            run: |exam| changes::are_what_they_are(exam, Kind::Good),
        },
    },
    Check {
        id: "changed-and-refused",
        title: "What is no request any more is refused, whatever has been changed in it.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9112 section 2.2"),
        why: "What one server guesses another guesses otherwise, and between two guesses \
            there is room for a request that nobody sent.",
        hint: "Which byte has been looked at by nobody?",
        read: "part5.html#the-whole-request",
        procedure: Does {
            sends: "requests with a byte more, less or another anywhere, a line twice, \
                elsewhere or not at all, that are none any more; and a GET behind",
            run: |exam| changes::are_what_they_are(exam, Kind::Bad),
        },
    },
];

/// How many conversations there are at most: where connections stay; where they do not, and
/// there is less to meet; and over TLS, where each request alone costs a handshake.
const MOST: usize = 1000;
const MOST_OF_ONE_ANSWER: usize = 400;
const MOST_TLS: usize = 10;
/// How many requests one has at most. Up to Part 5 the fourth refusal is the last.
const LONGEST: usize = 6;
const LONGEST_OF_ONE_ANSWER: usize = 3;

fn any_two_together(exam: &Exam) -> Outcome {
    let has_files = exam.line.target.root.is_some();
    let draw = |draw: &mut Draw| Request::of(draw, exam.stage, has_files);
    let mut simplest_one = Draw::again(&[]);
    draw(&mut simplest_one);
    let width = simplest_one.of().len();
    let most = match exam.line.port {
        Port::Clear if exam.stays() => MOST,
        Port::Clear => MOST_OF_ONE_ANSWER,
        Port::Tls => MOST_TLS,
    };
    let most = most.min(exam.line.target.cases);
    let longest = if exam.stays() { LONGEST } else { LONGEST_OF_ONE_ANSWER };
    let ends = |request: &Request| {
        request.is_spoilt()
            || request.asks_to_end()
            || request.has_many_fields()
            || !exam.stays() && matches!(request.method, "GET" | "HEAD")
    };
    let all = cover(exam.line.target.seed, most, longest, draw, ends);
    let known = Known::default();
    simplest(exam, &all, width, |picks| {
        let requests = picks
            .chunks(width)
            .map(|picks| draw(&mut Draw::again(picks)))
            .collect();
        Conversation { exam, known: &known, requests }.hold()
    })
}

/// What has been answered to requests alone.
#[derive(Default)]
struct Known(Mutex<BTreeMap<Vec<u8>, Response>>);

impl Known {
    /// The response to a request in one piece, on a connection of its own.
    fn alone(&self, exam: &Exam, method: &str, bytes: &[u8]) -> Outcome<Response> {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(bytes) {
            return Ok(known.clone());
        }
        let mut call = exam.line.call()?;
        call.send(bytes)?;
        call.finish_when_answered();
        let response = call.response(method)?;
        exam.line.forget(&call);
        lock().insert(bytes.to_vec(), response.clone());
        Ok(response)
    }
}

/// Some requests, one after the other.
struct Conversation<'a> {
    exam: &'a Exam<'a>,
    known: &'a Known,
    requests: Vec<Request>,
}

/// A request of a conversation, and what is known of it.
struct Turn {
    request: Request,
    message: Message,
    plain: Response,
    there: Response,
}

/// What comes next on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Another,
    Nothing,
}

impl Conversation<'_> {
    fn hold(&self) -> Outcome {
        let turns: Outcome<Vec<Turn>> =
            self.requests.iter().map(|request| self.turn(request)).collect();
        let turns = turns?;
        let mut rest = &turns[..];
        while !rest.is_empty() {
            let mut call = self.exam.line.call()?;
            let answered = self.on_one_connection(&mut call, rest)?;
            self.exam.line.forget(&call);
            rest = &rest[answered..];
        }
        Ok(())
    }

    fn turn(&self, request: &Request) -> Outcome<Turn> {
        let Conversation { exam, known, .. } = self;
        let there = known.alone(exam, "GET", &request.plain_get())?;
        let plain = known.alone(exam, request.method, &request.plain())?;
        let scheme = match exam.line.port {
            Port::Clear => "http",
            Port::Tls => "https",
        };
        let message = request.message(scheme, &there);
        Ok(Turn { request: *request, message, plain, there })
    }

    /// Says as much as is answered on one connection: how many requests that is. A server
    /// may say of any response that it is the last.
    fn on_one_connection(&self, call: &mut Call, turns: &[Turn]) -> Outcome<usize> {
        let mut answered = 0;
        while answered < turns.len() {
            let rest = &turns[answered..];
            let joined = rest[1..].iter();
            let joined = joined.take_while(|it| it.request.sends == Sends::Joined);
            let together = &rest[..=joined.count()];
            let is_last = together.len() == rest.len();
            let (count, next) = self.together(call, together, is_last)?;
            answered += count;
            if next == Next::Nothing {
                return Ok(answered);
            }
        }
        call.finish();
        call.nothing_follows()?;
        Ok(answered)
    }

    /// Sends some requests without a pause, and reads what comes back: how many have been
    /// answered.
    fn together(
        &self,
        call: &mut Call,
        turns: &[Turn],
        is_last: bool,
    ) -> Outcome<(usize, Next)> {
        let (mut answered, mut piece, mut is_first) = (0, Vec::new(), true);
        let others: Outcome<Vec<Option<Call>>> =
            turns.iter().map(|turn| self.half(turn)).collect();
        let others = others?;
        let mut send = |call: &mut Call, piece: &mut Vec<u8>| {
            if !is_first {
                call.wait_until_read();
            }
            is_first = false;
            call.send(std::mem::take(piece))
        };
        for (index, turn) in turns.iter().enumerate() {
            let mut from = 0;
            for at in turn.message.cuts_of(&turn.request) {
                piece.extend(&turn.message.bytes[from..at]);
                send(call, &mut piece)?;
                from = at;
                if !turn.request.waits() {
                    continue;
                }
                let (count, next) = self.answers(call, &turns[answered..index])?;
                answered += count;
                if next == Next::Nothing {
                    return Ok((answered, next));
                }
                if let Some(response) = no_continue(call, turn.request.method)? {
                    turn.oracle(self.exam).judge(call, &response)?;
                    return Ok((answered + 1, Next::Nothing));
                }
            }
            piece.extend(&turn.message.bytes[from..]);
        }
        // Behind what ends it, something that must not be answered.
        if is_last && turns.last().is_some_and(|it| it.request.is_final()) {
            piece.extend(GET);
        }
        send(call, &mut piece)?;
        let (count, next) = self.answers(call, &turns[answered..])?;
        for (other, turn) in others.into_iter().zip(turns) {
            let Some(mut other) = other else { continue };
            other.send(&turn.message.bytes[turn.half()..])?;
            other.finish_when_answered();
            let response = other.response(turn.request.method)?;
            turn.oracle(self.exam).judge(&other, &response)?;
            self.exam.line.forget(&other);
        }
        Ok((answered + count, next))
    }

    /// Somebody else who has said half of a request, where there is to be somebody who
    /// stays.
    fn half(&self, turn: &Turn) -> Outcome<Option<Call>> {
        let Turn { request, message, .. } = turn;
        let says_half = matches!(request.sends, Sends::Beside | Sends::BehindHalf);
        if !says_half || request.is_spoilt() {
            return Ok(None);
        }
        let mut other = self.exam.line.call()?;
        other.send(&message.bytes[..turn.half()])?;
        other.wait_until_read();
        if request.sends == Sends::Beside {
            return Ok(Some(other));
        }
        other.finish();
        other.drain()?;
        self.exam.line.forget(&other);
        Ok(None)
    }

    fn answers(&self, call: &mut Call, turns: &[Turn]) -> Outcome<(usize, Next)> {
        for (index, turn) in turns.iter().enumerate() {
            if self.answer(call, turn)? == Next::Nothing {
                return Ok((index + 1, Next::Nothing));
            }
        }
        Ok((turns.len(), Next::Another))
    }

    /// Reads the response to a request; and nothing behind it, where there must be
    /// nothing.
    fn answer(&self, call: &mut Call, turn: &Turn) -> Outcome<Next> {
        let request = turn.request;
        if request.body == Body::BadChunks && call.breaks_off(request.method)? {
            return Ok(Next::Nothing);
        }
        let response = call.response(request.method)?;
        let oracle = turn.oracle(self.exam);
        oracle.judge(call, &response)?;
        if request.is_spoilt() || oracle.is_too_much(&response) {
            call.finish();
            match request.is_final() {
                true => nothing_is_answered(call)?,
                false => call.nothing_follows_the_last()?,
            }
            return Ok(Next::Nothing);
        }
        self.is_as_alone(call, turn, &response)?;
        if request.asks_to_end() {
            nothing_is_answered(call)?;
            return Ok(Next::Nothing);
        }
        // Up to Part 5 what is served ends it, which is another check's affair.
        if !self.exam.stays() && response.status < 400 {
            return Ok(Next::Nothing);
        }
        if response.is_last() {
            call.finish();
            call.nothing_follows_the_last()?;
            return Ok(Next::Nothing);
        }
        // In HTTP/1.0 who stays should say so, and who does not need not.
        let is_old = request.version == "HTTP/1.0";
        match is_old && !response.lists("Connection", "keep-alive") {
            true => Ok(Next::Nothing),
            false => Ok(Next::Another),
        }
    }

    /// Wants a response to be what it is on a connection of its own.
    fn is_as_alone(
        &self,
        call: &Call,
        turn: &Turn,
        response: &Response,
    ) -> Outcome {
        let Turn { request, message, .. } = turn;
        let bytes = &message.bytes;
        let alone = self.known.alone(self.exam, request.method, bytes)?;
        if alone.status != response.status {
            let what = format!("alone and in one piece it gets {}", alone.status);
            return Err(call.wrong(response, response.status_at, what));
        }
        same(call, response, &alone, "alone and in one piece it gets")
    }
}

impl Turn {
    fn oracle(&self, exam: &Exam) -> Oracle<'_> {
        let Turn { request, message, plain, there } = self;
        let root = exam.line.target.root.as_ref();
        let planted = root.and_then(|_| Planted::at(request.path));
        let (request, stage) = (*request, exam.stage);
        Oracle { stage, request, message, plain, there, planted }
    }

    /// Half of its head.
    fn half(&self) -> usize {
        self.message.body_at / 2
    }
}

/// What is answered to who waits with a body, if it is not to go on.
fn no_continue(call: &mut Call, method: &str) -> Outcome<Option<Response>> {
    loop {
        let response = call.next_response(method)?;
        match response.status {
            100 => return Ok(None),
            102..200 => {}
            _ => return Ok(Some(response)),
        }
    }
}

/// Wants the stream to end with nothing more, in whatever way: a GET may be unread.
fn nothing_is_answered(call: &mut Call) -> Outcome {
    if call.hears_more(call.patience())? {
        let what = "more, behind what ends the connection (RFC 9112 section 9.6)";
        return Err(call.failure(what));
    }
    match call.has_ended() {
        true => Ok(()),
        false => Err(call.failure(
            "the connection stays open, behind what ends it (RFC 9112 section 9.6)",
        )),
    }
}
