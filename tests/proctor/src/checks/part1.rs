//! Part 1: whoever calls gets the verse, and then the end of the stream.

use std::thread::sleep;
use std::time::Duration;

use crate::check::{Check, GET, check};
use crate::line::Failure;
use crate::stage::Stage::{Part1, Part2};

pub fn checks() -> Vec<Check> {
    vec![
        check("answers", Part1, "Whoever calls gets a text.")
            .read("part1.md#saying-it-and-stopping")
            .why("It is what the server is for.")
            .hint("Accept the caller, write the text to their stream, flush it.")
            .sends("nothing; from Part 3 on a GET")
            .run_with(|exam| exam.served().map(drop)),
        check("text-is-utf8", Part1, "The text is UTF-8.")
            .read("part1.md#saying-it-and-stopping")
            .why("Bytes that are no text in any encoding we have named are noise.")
            .hint("Encode the text once, when the program starts.")
            .sends("nothing; from Part 3 on a GET")
            .run_with(|exam| {
                let mut call = exam.line.call()?;
                exam.ask(&mut call)?;
                let text = exam.verse(&mut call)?;
                match str::from_utf8(&text) {
                    Ok(_) => Ok(()),
                    Err(error) => {
                        let before = call.got().len() - text.len();
                        let at = before + error.valid_up_to();
                        Err(call.failure_at(at, "this byte is not UTF-8"))
                    }
                }
            }),
        check("same-for-everyone", Part1, "Everyone gets the same text.")
            .read("part1.md#saying-it-and-stopping")
            .why("A caller who is told something else has somebody else's text.")
            .hint("Is something kept between callers that should not be?")
            .sends("nothing; from Part 3 on a GET")
            .run_with(|exam| {
                let first = exam.served()?;
                for _ in 0..3 {
                    let mut call = exam.line.call()?;
                    exam.ask(&mut call)?;
                    let text = exam.verse(&mut call)?;
                    if text != first {
                        let pairs = text.iter().zip(&first);
                        let same = pairs.take_while(|(a, b)| a == b).count();
                        let at = call.got().len() - text.len() + same;
                        return Err(call.failure_at(
                            at,
                            "the first caller was told otherwise",
                        ));
                    }
                }
                Ok(())
            }),
        check("ends", Part1, "After the text the stream ends.")
            .until(Part2)
            .rule("RFC 9293 section 3.6")
            .read("part1.md#saying-it-and-stopping")
            .why("Without an end the caller can't know that it has heard all.")
            .hint("Shut down the writing side when all is written, then close.")
            .sends("nothing; from Part 3 on a GET")
            .run_with(|exam| {
                let mut call = exam.line.call()?;
                exam.ask(&mut call)?;
                exam.verse(&mut call)?;
                call.read_to_end("the connection stays open after the text")
                    .map(drop)
            }),
        check(
            "ends-in-order",
            Part1,
            "The stream ends with a FIN and not with a reset.",
        )
        .rule("RFC 9293 section 3.6")
        .read("part1.md#saying-it-and-stopping")
        .why("A reset can destroy what the caller has not read yet.")
        .hint("Sockets that are closed with bytes unread are reset: read first.")
        .sends("a few bytes that nobody asked for; from Part 3 on behind a GET")
        .run_with(|exam| {
            let mut call = exam.line.call()?;
            exam.ask(&mut call)?;
            call.send(b"hello?\r\n")?;
            exam.verse(&mut call)?;
            call.ends_without_reset()
        }),
        check(
            "talkative-caller",
            Part1,
            "A caller who talks all the while gets the text whole.",
        )
        .rule("RFC 9112 section 9.6")
        .read("part1.md#saying-it-and-stopping")
        .why("What is unread at the close makes the kernel reset the connection.")
        .hint(
            "After the last byte, say that it was the last; \
                         read until the caller leaves, for a second or two; \
                         then close.",
        )
        .sends("200 KB that nobody asked for; from Part 3 on behind a GET")
        .run_with(|exam| {
            let expected = exam.served()?;
            for _ in 0..5 {
                let mut call = exam.line.call()?;
                exam.ask(&mut call)?;
                for _ in 0..50 {
                    call.send([b'x'; 4096])?;
                }
                let text = exam.verse(&mut call)?;
                if text != expected {
                    let what = format!(
                        "{} bytes of text came, of {}",
                        text.len(),
                        expected.len()
                    );
                    return Err(call.failure(what));
                }
            }
            Ok(())
        }),
        check("next-caller", Part1, "Caller after caller is served.")
            .read("part1.md#the-loop")
            .why("A server is a loop around accept.")
            .hint("Does the loop go on after a caller has been served?")
            .sends("nothing; from Part 3 on a GET; a hundred times in a row")
            .run_with(|exam| {
                for number in 1..=100 {
                    exam.served().map_err(|failure| Failure {
                        what: format!(
                            "caller {number} of a hundred: {}",
                            failure.what
                        ),
                        ..failure
                    })?;
                }
                Ok(())
            }),
        check(
            "caller-who-leaves",
            Part1,
            "Callers who hang up at once harm nobody.",
        )
        .read("part1.md#saying-it-and-stopping")
        .why("Writing to somebody who has left is an error, and an everyday one.")
        .hint("An error with one caller ends that conversation, not the loop.")
        .sends("nothing, and then the end")
        .run_with(|exam| {
            for _ in 0..20 {
                drop(exam.line.call_socket()?);
            }
            exam.served().map(drop)
        }),
        check(
            "caller-who-resets",
            Part1,
            "Callers who reset the connection harm nobody.",
        )
        .rule("RFC 9293 section 3.5.3")
        .read("part1.md#saying-it-and-stopping")
        .why("A reset makes reads and writes, and on some systems accept, fail.")
        .hint("Look at where an error can end the loop around accept.")
        .sends("nothing, and then a reset")
        .run_with(|exam| {
            for _ in 0..20 {
                exam.line.call_socket()?.reset();
            }
            exam.served().map(drop)
        }),
        check(
            "caller-who-half-closes",
            Part1,
            "A caller who will say nothing more is still answered.",
        )
        .rule("RFC 9293 section 3.6")
        .read("part1.md#saying-it-and-stopping")
        .why("The two directions of a connection end each by itself.")
        .hint("The end of what you read is no reason not to write.")
        .sends("the end of our half; from Part 3 on behind a GET")
        .run_with(|exam| {
            let mut call = exam.line.call()?;
            exam.ask(&mut call)?;
            call.finish();
            exam.verse(&mut call).map(drop)
        }),
        check(
            "late-reader",
            Part1,
            "A caller who is slow to read gets all of it, and an end in order.",
        )
        .rule("RFC 9112 section 9.6")
        .read("part1.md#saying-it-and-stopping")
        .why(
            "What is written may still be on its way when the \
                         server has had enough.",
        )
        .hint(
            "Leave a caller a second to read what it was sent, \
                         and close rather than reset.",
        )
        .sends("nothing; from Part 3 on a GET; and reads half a second later")
        .run_with(|exam| {
            let expected = exam.served()?;
            let mut call = exam.line.call()?;
            exam.ask(&mut call)?;
            sleep(Duration::from_millis(500));
            let text = exam.verse(&mut call)?;
            if text != expected {
                return Err(call.failure("the text is not whole"));
            }
            call.ends_without_reset()
        }),
        check("queue", Part1, "Callers who come together are all served.")
            .rule("POSIX listen")
            .read("part1.md#the-loop")
            .why("Whoever is not served yet waits in the kernel's queue.")
            .hint("Is the backlog that listen is given at least a few dozen?")
            .sends(
                "nothing; from Part 3 on a GET; twenty callers, all \
                         connected before the first reads",
            )
            .run_with(|exam| {
                let mut calls = Vec::new();
                for _ in 0..20 {
                    calls.push(exam.line.call()?);
                }
                for mut call in calls {
                    exam.ask(&mut call)?;
                    exam.verse(&mut call)?;
                }
                Ok(())
            }),
        check(
            "caller-who-stays",
            Part1,
            "A caller who does not hang up is left before long.",
        )
        .until(Part1)
        .read("part1.md#breaking-it")
        .why("One caller at a time: the others wait for this one.")
        .hint("Wait for the caller's end, but with a deadline of a second or two.")
        .sends("nothing; reads the text, and stays")
        .run_with(|exam| {
            let mut stays = exam.line.call()?;
            stays.hears(exam.soon())?;
            exam.served().map(drop).map_err(|failure| Failure {
                what: format!("the next caller waits in vain: {}", failure.what),
                ..failure
            })
        }),
        check("no-http-yet", Part1, "What is said is the text and no HTTP.")
            .until(Part2)
            .read("part1.md#trying-it")
            .why("Nobody has asked anything, so nothing is answered.")
            .hint("The status line comes with Part 3.")
            .sends("a GET, which nobody reads")
            .run_with(|exam| {
                let mut call = exam.line.call()?;
                call.send(GET)?;
                let (text, _) =
                    call.read_to_end("the connection stays open after the text")?;
                match text.starts_with(b"HTTP/") {
                    true => Err(call.failure_at(0, "this is HTTP")),
                    false => Ok(()),
                }
            }),
    ]
}
