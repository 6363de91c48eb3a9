//! Part 2: everyone at once.

use std::time::{Duration, Instant};

use crate::check::{Check, Exam, Ports, check};
use crate::line::{Call, Failure, Outcome};
use crate::stage::Stage::Part2;

/// Calls so many times, and keeps the lines open.
fn calls(exam: &Exam, count: usize) -> Outcome<Vec<Call>> {
    (0..count).map(|_| exam.line.call()).collect()
}

fn blame(failure: Failure, what: &str) -> Failure {
    Failure { what: format!("{what}: {}", failure.what), ..failure }
}

pub fn checks() -> Vec<Check> {
    vec![
        check(
            "last-come-first-served",
            Part2,
            "The last to come is served while all before it wait.",
        )
        .read("part2.md#the-idea")
        .why(
            "Waiting is not working. Answers demanded in \
                         reverse order of arrival can't come from a queue.",
        )
        .hint(
            "One caller, one thread or task: accept must not \
                         wait for anything but callers.",
        )
        .sends(
            "twenty callers; each asks only when the one who \
                         came after it has been served",
        )
        .run_with(|exam| {
            let mut calls = calls(exam, 20)?;
            // From Part 3 on an answer is asked for; before, it only has to be there.
            let mut served = Vec::new();
            while let Some(mut call) = calls.pop() {
                exam.ask(&mut call)?;
                let failed = |failure| {
                    blame(
                        failure,
                        "the others are still there, and this caller waits",
                    )
                };
                exam.verse(&mut call).map_err(failed)?;
                served.push(call);
            }
            Ok(())
        }),
        check(
            "everyone-at-once",
            Part2,
            "Three hundred callers at once are all served.",
        )
        .read("part2.md#listening")
        .why("They come in bursts, and the queue has to hold them.")
        .hint("A long backlog, and an accept loop that does nothing else.")
        .sends("three hundred callers, all connected before the first asks")
        .run_with(|exam| {
            let mut calls = calls(exam, 300)?;
            for call in &mut calls {
                exam.ask(call)?;
            }
            calls.iter_mut().try_for_each(|call| exam.verse(call).map(drop))
        }),
        check(
            "who-stays-alone",
            Part2,
            "Callers who have the text and stay delay nobody.",
        )
        .read("part2.md#the-idea")
        .why("Their time is their own, and so is that of the others.")
        .hint("Wait for a caller's end in that caller's thread or task.")
        .sends("thirty callers who take the text and do not hang up, then one more")
        .run_with(|exam| {
            let mut stay = calls(exam, 30)?;
            for call in &mut stay {
                exam.ask(call)?;
                call.hears(exam.soon())?;
            }
            let begun = Instant::now();
            exam.served().map_err(|failure| {
                blame(failure, "thirty callers stay, and the next waits")
            })?;
            match begun.elapsed() < Duration::from_secs(1) {
                true => Ok(()),
                false => Err(Failure::new(format!(
                    "thirty callers stay, and the next waited for {:.1} s",
                    begun.elapsed().as_secs_f64()
                ))),
            }
        }),
        check("no-pause", Part2, "A server that is not busy serves at once.")
            .read("part2.md#what-the-original-did-here")
            .why("A sleep after each accept is a limit on how many are served.")
            .hint("accept waits by itself; nothing has to be slept for.")
            .sends(
                "twelve callers, one after the other, who must all \
                         be served within two seconds, in one of three rounds",
            )
            .run_with(|exam| {
                let mut quickest = Duration::MAX;
                // Once may be the machine, which has other checks to make.
                for _ in 0..3 {
                    let begun = Instant::now();
                    for _ in 0..12 {
                        exam.served()?;
                    }
                    quickest = quickest.min(begun.elapsed());
                    if quickest < Duration::from_secs(2) {
                        return Ok(());
                    }
                }
                Err(Failure::new(format!(
                    "twelve callers in a row took {:.1} s",
                    quickest.as_secs_f64()
                )))
            }),
        check("resets-by-the-dozen", Part2, "A burst of resets harms nobody.")
            .rule("RFC 9293 section 3.5.3")
            .read("part2.md#running-out")
            .why("accept and every read may fail, and the loop goes on.")
            .hint("Which error ends the loop around accept? None should.")
            .sends(
                "fifty callers who reset at once, while another waits for its text",
            )
            .run_with(|exam| {
                let mut patient = exam.line.call()?;
                let resets = (0..50).map(|_| exam.line.call_socket());
                let resets: Vec<Call> = resets.collect::<Outcome<_>>()?;
                resets.into_iter().for_each(Call::reset);
                exam.ask(&mut patient)?;
                exam.verse(&mut patient)?;
                exam.served().map(drop)
            }),
        check("both-families", Part2, "It listens on IPv4 and on IPv6.")
            .rule("RFC 6724")
            .read("part2.md#listening")
            .why(
                "A client that looks up localhost gets both, and \
                         may begin with either.",
            )
            .hint("One listening socket for each of 127.0.0.1 and ::1.")
            .sends("a call to each address that the host's name stands for")
            .on(Ports::Each)
            .run_with(|exam| {
                let endpoint = match (exam.line.port, &exam.line.target.tls) {
                    (crate::target::Port::Tls, Some(tls)) => &tls.endpoint,
                    _ => &exam.line.target.clear,
                };
                // Who gives an address wants that one.
                let mut addresses =
                    endpoint.addresses.iter().filter(|_| endpoint.is_name());
                addresses.try_for_each(|&address| {
                    exam.line.call_address(address).map(drop)
                })
            }),
    ]
}
