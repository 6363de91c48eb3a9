//! Part 3: who asks is told, however the bytes arrive.

use std::thread::sleep;
use std::time::Duration;

use crate::check::{Check, Exam, GET, HEAD, POST, Then, check};
use crate::line::{Call, Failure, Outcome};
use crate::response::Fault;
use crate::stage::Stage::{self, Part3, Part5, Part5_5};

/// How something is refused that is no request, up to Part 4 and from Part 5 on.
fn junk_status(stage: Stage) -> u16 {
    if stage < Part5 { 405 } else { 400 }
}

/// How a method is refused that nobody has heard of.
fn unknown_status(stage: Stage) -> u16 {
    if stage < Part5 { 405 } else { 501 }
}

/// Sends a request in pieces, and wants the verse.
fn in_pieces(exam: &Exam, pieces: &[&[u8]], what: &str) -> Outcome {
    let mut call = exam.line.call()?;
    call.send_in_pieces(pieces.iter().copied())?;
    let served = call.status("GET", 200).map(drop);
    served.map_err(|failure| Failure {
        what: format!("{what}: {}", failure.what),
        ..failure
    })
}

/// Wants no fault of a sort in the heads of what comes to a GET and to a POST.
pub fn no_fault(exam: &Exam, fault: Fault, what: &str) -> Outcome {
    for request in [GET, POST] {
        let (call, response) = exam.any_response_to(request)?;
        if let Some((_, at)) = response.faults.iter().find(|it| it.0 == fault) {
            return Err(call.wrong(&response, *at, what));
        }
    }
    Ok(())
}

pub fn checks() -> Vec<Check> {
    let get = crate::report::visible(GET);
    let post = crate::report::visible(POST);
    vec![
        check("get-is-served", Part3, "GET is answered with 200 and the text.")
            .rule("RFC 9110 section 9.3.1")
            .read("part3.md#answering")
            .why("It is what is asked for.")
            .hint("A status line, an empty line, the text.")
            .sends(&get)
            .run_with(|exam| {
                let (call, response) = exam.get()?;
                match response.content.is_empty() {
                    true => Err(call.wrong(
                        &response,
                        response.body.start,
                        "there is no text",
                    )),
                    false => Ok(()),
                }
            }),
        check("version", Part3, "The status line begins with HTTP/1.1.")
            .rule("RFC 9112 section 2.3")
            .read("part3.md#answering")
            .why("It tells the client what the server can do.")
            .hint("Exactly these eight bytes: upper case, no spaces.")
            .sends(format!("{get}and {post}"))
            .run_with(|exam| {
                no_fault(exam, Fault::Version, "the version is not HTTP/1.1")
            }),
        check("status-line-space", Part3, "A space follows the status code.")
            .rule("RFC 9112 section 4")
            .read("part4.md#a-response")
            .why("The reason phrase may be missing, the space before it may not.")
            .hint("HTTP/1.1 200 OK, or HTTP/1.1 200 with a space at its end.")
            .sends(format!("{get}and {post}"))
            .run_with(|exam| {
                no_fault(
                    exam,
                    Fault::Space,
                    "a space is missing here, after the status code",
                )
            }),
        check("line-ends", Part3, "Each line of a head ends with CR LF.")
            .rule("RFC 9112 section 2.1")
            .read("part4.md#a-response")
            .why(
                "Clients may forgive a lone LF; those between you \
                         and them may not.",
            )
            .hint(
                "Your language's line end is likely to be LF alone: write \\r\\n.",
            )
            .sends(format!("{get}and {post}"))
            .run_with(|exam| {
                no_fault(exam, Fault::LineEnd, "this LF has no CR before it")
            }),
        check("get-ends-it", Part3, "After the text the connection is closed.")
            .until(Part5_5)
            .rule("RFC 9112 section 9.6")
            .read("part3.md#answering")
            .why(
                "So far the end of the stream is the end of the \
                         text, and one text is all.",
            )
            .hint("Close in stages, as in Part 1.")
            .sends(&get)
            .run_with(|exam| exam.get()?.0.ends()),
        check(
            "get-cut-in-two",
            Part3,
            "A GET that comes in two pieces is one GET, wherever it is cut.",
        )
        .rule("RFC 9293 section 2.2")
        .read("part3.md#the-idea")
        .why("TCP is a stream, not messages: one read is not one request.")
        .hint("Keep what was read so far, and read on until you know.")
        .sends(format!("{get}cut in two at each place where it can be cut"))
        .run_with(|exam| {
            (1..GET.len()).try_for_each(|cut| {
                let (first, second) = GET.split_at(cut);
                let mut call = exam.line.call()?;
                call.send(first)?;
                // Let it be read by itself, if the server is so inclined.
                if cut % 8 == 2 && call.hears(Duration::from_millis(30))? && cut < 4
                {
                    return Err(call.failure_at(0, "an answer to half a word"));
                }
                call.send(second)?;
                call.status("GET", 200).map(drop).map_err(|failure| Failure {
                    what: format!("cut after {cut} bytes: {}", failure.what),
                    ..failure
                })
            })
        }),
        check("get-by-bytes", Part3, "A GET that comes a byte at a time is a GET.")
            .rule("RFC 9293 section 2.2")
            .read("part3.md#what-to-remember")
            .why("The surest way of not depending on the cuts is not to see them.")
            .hint("Keep what was read so far, and read on until you know.")
            .sends(format!("{get}byte by byte"))
            .run_with(|exam| {
                let bytes: Vec<&[u8]> = GET.chunks(1).collect();
                in_pieces(exam, &bytes, "byte by byte")
            }),
        check(
            "late-second-half",
            Part3,
            "The second half of a GET may come later.",
        )
        .rule("RFC 9293 section 2.2")
        .read("part3.md#the-idea")
        .why("A pause is not an end.")
        .hint(
            "Only the end of the stream, or a deadline, says \
                         that nothing more will come.",
        )
        .sends(format!("{get}cut after GE, with half a second between"))
        .run_with(|exam| {
            let mut call = exam.line.call()?;
            call.send(&GET[..2])?;
            call.stays_silent(Duration::from_millis(500))?;
            call.send(&GET[2..])?;
            call.status("GET", 200).map(drop)
        }),
        check("get-is-a-word", Part3, "GETX is not GET.")
            .rule("RFC 9110 section 9.1")
            .read("part3.md#what-to-remember")
            .why(
                "A longer word that begins with the right letters is another word.",
            )
            .hint("Compare the method up to the space behind it.")
            .sends("GETX / HTTP/1.1, Host: localhost, and an empty line")
            .run_with(|exam| {
                let request = b"GETX / HTTP/1.1\r\nHost: localhost\r\n\r\n";
                exam.response_to(request, unknown_status(exam.stage)).map(drop)
            }),
        check("get-is-upper-case", Part3, "get is not GET.")
            .rule("RFC 9110 section 9.1")
            .read("part3.md#what-to-remember")
            .why("Methods are told apart by case.")
            .hint("Compare bytes, with no regard for what they look like.")
            .sends("get / HTTP/1.1, Host: localhost, and an empty line")
            .run_with(|exam| {
                let request = b"get / HTTP/1.1\r\nHost: localhost\r\n\r\n";
                exam.response_to(request, unknown_status(exam.stage)).map(drop)
            }),
        check("post-is-refused", Part3, "POST is answered with 405.")
            .rule("RFC 9110 section 15.5.6")
            .read("part3.md#answering")
            .why("It is a request, and not one that we do.")
            .hint("405 Method Not Allowed.")
            .sends(&post)
            .run_with(|exam| exam.response_to(POST, 405).map(drop)),
        check("junk-is-refused", Part3, "What is no request is told so.")
            .read("part3.md#the-idea")
            .why("Whoever says something wrong learns it, and is not left waiting.")
            .hint("405 up to Part 4; 400 from Part 5 on, which reads requests.")
            .sends("hello?, and the end of a line")
            .run_with(|exam| {
                exam.response_to(b"hello?\r\n", junk_status(exam.stage)).map(drop)
            }),
        check(
            "refused-and-welcome",
            Part3,
            "After a 405 the connection stays, and a GET on it is served.",
        )
        .rule("RFC 9112 section 9.3")
        .read("part3.md#answering")
        .why("Three strikes: the first is forgiven.")
        .hint(
            "Go on reading. And say in the 405 that no body \
                         follows, with Content-Length: 0, or the client \
                         waits for one.",
        )
        .sends(format!("{post}and, when it is answered, {get}"))
        .refuses_then(POST, 405, Then::Stays),
        check(
            "refused-and-served-in-one-piece",
            Part3,
            "A GET right behind what is refused is served.",
        )
        .rule("RFC 9112 section 9.3.2")
        .read("part3.md#the-idea")
        .why(
            "The request is in the buffer, behind the junk. It \
                         must not be thrown away with it.",
        )
        .hint("Take out of the buffer what you have dealt with, and nothing else.")
        .sends(format!("{post}{get}in one piece"))
        .run_with(|exam| {
            let mut call = exam.line.call()?;
            call.send([POST, GET].concat())?;
            call.status("POST", 405)?;
            call.status("GET", 200).map(drop)
        }),
        check("refused-and-served-by-bytes", Part3, "The same, however it is cut.")
            .rule("RFC 9293 section 2.2")
            .read("part3.md#the-idea")
            .why("The answer depends on the bytes alone.")
            .hint("Try it with one byte of buffer.")
            .sends(format!("{post}{get}byte by byte"))
            .run_with(|exam| {
                let mut call = exam.line.call()?;
                let both = [POST, GET].concat();
                call.send_in_pieces(both.chunks(1))?;
                call.status("POST", 405)?;
                call.status("GET", 200).map(drop)
            }),
        check(
            "three-strikes-are-forgiven",
            Part3,
            "After three refusals a GET is still served.",
        )
        .read("part3.md#answering")
        .why("The fourth ends it, and not the third.")
        .hint("Count what was refused before this one.")
        .sends(format!("{post}three times, and {get}"))
        .run_with(|exam| {
            let mut call = exam.line.call()?;
            for _ in 0..3 {
                call.send(POST)?;
                call.status("POST", 405)?;
            }
            call.send(GET)?;
            call.status("GET", 200).map(drop)
        }),
        check("the-fourth-ends-it", Part3, "The fourth refusal is the last.")
            .until(Part5_5)
            .read("part3.md#answering")
            .why(
                "A server that answers anything, for ever, is there \
                         for whoever has the most time.",
            )
            .hint("Count, write the fourth 405, and close.")
            .sends(format!("{post}four times, and {get}in one piece"))
            .run_with(|exam| {
                let mut call = exam.line.call()?;
                call.send([POST, POST, POST, POST, GET].concat())?;
                for _ in 0..4 {
                    call.status("POST", 405)?;
                }
                call.ends()
            }),
        check(
            "fields-are-part-of-it",
            Part3,
            "A request is refused once, and not line by line.",
        )
        .rule("RFC 9112 section 2.1")
        .read("part3.md#what-to-remember")
        .why("Its field lines belong to it, up to the empty one.")
        .hint("What says HTTP/ in its first line goes on to an empty line.")
        .sends("a PUT with three fields, and a GET behind it")
        .run_with(|exam| {
            let mut call = exam.line.call()?;
            let put =
                b"PUT / HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nA: b\r\n\r\n";
            call.send([put, GET].concat())?;
            call.status("PUT", 405)?;
            call.status("GET", 200).map(drop)
        }),
        check(
            "empty-lines-before",
            Part3,
            "Empty lines before a request are nothing.",
        )
        .rule("RFC 9112 section 2.2")
        .read("part3.md#what-to-remember")
        .why("Some clients send one too many after a body.")
        .hint("Skip CR LF where a request would begin.")
        .serves([&b"\r\n\r\n"[..], GET].concat()),
        check(
            "one-text-is-all",
            Part3,
            "Of two GETs in one piece one is answered.",
        )
        .until(Part5_5)
        .read("part3.md#answering")
        .why("The text ends the conversation.")
        .hint("When the text has been said, stop reading requests.")
        .sends(format!("{get}twice in one piece"))
        .run_with(|exam| {
            let mut call = exam.line.call()?;
            call.send([GET, GET].concat())?;
            let response = call.status("GET", 200)?;
            // Without a length, a second response would pass for text.
            let second =
                response.content.windows(9).position(|it| it == b"HTTP/1.1 ");
            match second {
                Some(at) => {
                    let at = response.body.start + at;
                    Err(call.wrong(&response, at, "a second response"))
                }
                None => call.ends(),
            }
        }),
        check("nothing-said", Part3, "Who leaves without a word is told nothing.")
            .rule("RFC 9112 section 9.6")
            .read("part3.md#answering")
            .why("There is no request to answer.")
            .hint("At the end of the stream, with nothing read, close.")
            .sends("the end of our half, and nothing else")
            .run_with(|exam| {
                let mut call = exam.line.call()?;
                call.finish();
                call.ends()
            }),
        check(
            "half-a-word",
            Part3,
            "Who leaves in the middle of a word is not kept.",
        )
        .rule("RFC 9112 section 9.6")
        .read("part3.md#answering")
        .why("At the end of the stream there is no more to wait for.")
        .hint("A read that returns no bytes is the end. Do not read again.")
        .sends("GE, and the end of our half")
        .run_with(|exam| {
            let mut call = exam.line.call()?;
            call.send(b"GE")?;
            call.finish();
            let (said, _) =
                call.read_to_end("the connection stays open after our end")?;
            match said.windows(4).any(|it| it == b" 200") {
                true => {
                    Err(call.failure_at(0, "half a word was taken for a request"))
                }
                false => Ok(()),
            }
        }),
        check(
            "not-utf8",
            Part3,
            "Bytes that are no text are refused like other junk.",
        )
        .rule("RFC 9112 section 2.2")
        .read("part3.md#any-byte-at-all")
        .why(
            "A message is a sequence of octets, and whatever \
                         decodes it first can fail.",
        )
        .hint("Look at bytes. If your language throws at bad UTF-8, don't decode.")
        .sends("0xFF 0xFE, and the end of a line")
        .run_with(|exam| {
            let status = junk_status(exam.stage);
            exam.response_to(b"\xff\xfe\r\n", status).map(drop)
        }),
        check("nul", Part3, "A NUL is a byte like any other.")
            .rule("RFC 9112 section 2.2")
            .read("part3.md#any-byte-at-all")
            .why(
                "Where strings end with NUL, what comes behind it \
                         is not looked at.",
            )
            .hint("Use lengths, not terminators.")
            .sends("0x00, GET, and the end of a line")
            .run_with(|exam| {
                let status = junk_status(exam.stage);
                exam.response_to(b"\0GET / HTTP/1.1\r\n\r\n", status).map(drop)
            }),
        check(
            "every-byte",
            Part3,
            "Whatever byte comes first, nobody is left hanging.",
        )
        .rule("RFC 9112 section 2.2")
        .read("part3.md#any-byte-at-all")
        .why("There are 256 of them, and each will come.")
        .hint("Which byte raises an error that nobody catches?")
        .sends(
            "each of the 256 bytes, followed by a line end and the end of our half",
        )
        .run_with(|exam| {
            let mut all: Vec<(u8, Call)> = Vec::new();
            for byte in 0..=255 {
                let mut call = exam.line.call()?;
                call.send([byte, b'\r', b'\n'])?;
                call.finish();
                all.push((byte, call));
                // A few at a time, so as not to ask for another thing.
                if all.len() == 16 || byte == 255 {
                    for (byte, mut call) in all.drain(..) {
                        let missed = format!(
                            "after the byte {byte:#04x} the connection stays open"
                        );
                        let (said, _) = call.read_to_end(&missed)?;
                        let is_refusal = said.starts_with(b"HTTP/1.1 4");
                        if !said.is_empty()
                            && !is_refusal
                            && said.starts_with(b"HTTP/1.1 ")
                        {
                            let what =
                                format!("the byte {byte:#04x} is no request");
                            return Err(call.failure_at(9, what));
                        }
                    }
                }
            }
            exam.served().map(drop)
        }),
        check("endless-line", Part3, "A line without an end harms nobody.")
            .read("part3.md#any-byte-at-all")
            .why("Whatever is kept of it, somebody will send more.")
            .hint("Keep a number, or set a limit.")
            .sends("a million bytes and no line end, then another caller")
            .run_with(|exam| {
                let mut call = exam.line.call()?;
                for _ in 0..16 {
                    call.send(vec![b'x'; 64 * 1024])?;
                }
                exam.served()?;
                let response = call.response("")?;
                let statuses: &[u16] = match exam.stage {
                    Stage::Part4 => &[431],
                    stage if stage >= Part5 => &[400, 414, 431],
                    _ => &[405],
                };
                match statuses.contains(&response.status) {
                    true => Ok(()),
                    false => {
                        let what = format!(
                            "status {} is not one of {statuses:?}",
                            response.status
                        );
                        Err(call.wrong(&response, response.status_at, what))
                    }
                }
            }),
        check(
            "slow-typist",
            Part3,
            "Somebody who types slowly delays nobody, and is served.",
        )
        .read("part3.md#answering")
        .why("Reading is a wait like any other.")
        .hint("Read in the caller's own thread or task.")
        .sends(format!(
            "{get}in four pieces, with another caller served between them"
        ))
        .run_with(|exam| {
            let mut slow = exam.line.call()?;
            for piece in GET.chunks(GET.len().div_ceil(4)) {
                slow.send(piece)?;
                sleep(Duration::from_millis(50));
                exam.served().map_err(|failure| Failure {
                    what: format!("somebody else is typing: {}", failure.what),
                    ..failure
                })?;
            }
            slow.status("GET", 200).map(drop)
        }),
        check(
            "silence-delays-nobody",
            Part3,
            "Callers who say nothing delay nobody.",
        )
        .read("part2.md#the-idea")
        .why("They wait alone.")
        .hint("accept, then read elsewhere.")
        .sends("fifty callers who say nothing, then one who asks")
        .run_with(|exam| {
            let silent: Outcome<Vec<Call>> =
                (0..50).map(|_| exam.line.call_socket()).collect();
            let _silent = silent?;
            exam.served().map(drop)
        }),
        check("head-is-no-get", Part3, "HEAD is not taken for GET before Part 4.")
            .until(Part3)
            .read("part3.md#answering")
            .why("Only GET is known so far.")
            .hint("Compare the whole word.")
            .sends(crate::report::visible(HEAD))
            .run_with(|exam| exam.response_to(HEAD, 405).map(drop)),
        check("answered-in-one-go", Part3, "A short answer is not held back.")
            .rule("RFC 9293 section 3.7.4")
            .read("part3.md#answering")
            .why(
                "Two small writes, and Nagle's rule holds back the \
                         second for as long as the client does not \
                         acknowledge the first.",
            )
            .hint("Write head and body at once, or set TCP_NODELAY.")
            .sends(format!("{post}twice in one piece, thirty times"))
            .run_with(|exam| {
                let mut times = Vec::new();
                for _ in 0..30 {
                    let mut call = exam.line.call()?;
                    call.acknowledge_late();
                    let begun = std::time::Instant::now();
                    call.send([POST, POST].concat())?;
                    call.status("POST", 405)?;
                    call.status("POST", 405)?;
                    times.push(begun.elapsed());
                }
                times.sort();
                match times[times.len() / 2] < Duration::from_millis(30) {
                    true => Ok(()),
                    false => Err(Failure::new(format!(
                        "half of them took longer than {} ms",
                        times[times.len() / 2].as_millis()
                    ))),
                }
            }),
        check(
            "end-is-clean",
            Part3,
            "The connection of a GET is not reset, whatever came behind it.",
        )
        .rule("RFC 9112 section 9.6")
        .read("part1.md#saying-it-and-stopping")
        .why("A browser has sent fields that nobody read.")
        .hint("Read what is left before closing.")
        .sends(format!("{get}and 4 KB more"))
        .run_with(|exam| {
            let mut call = exam.line.call()?;
            call.send([GET, &[b'x'; 4096]].concat())?;
            call.status("GET", 200)?;
            call.ends_without_reset()
        }),
    ]
}
