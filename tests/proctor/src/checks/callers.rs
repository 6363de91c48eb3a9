//! Callers: those who leave, those who stay, and many at once.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::check::Ports::Each;
use crate::check::Procedure::{Does, Timed, Waits};
use crate::check::Rule::{Ours, See};
use crate::check::{Check, Exam, GET};
use crate::line::{Call, Failure, Outcome};
use crate::stage::Stage::{Part1, Part2, Part3};

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "next-caller",
        title: "Caller after caller is served.",
        since: Part1,
        ports: Each,
        rule: Ours,
        why: "A server is a loop around accept.",
        hint: "Does the loop go on after a caller has been served?",
        read: "part1.html#the-loop",
        procedure: Does {
            sends: "nothing; from Part 3 on a GET; a hundred times in a row",
            run: |exam| {
                for number in 1..=100 {
                    exam.served().map_err(|failure| {
                        failure.of(&format!("caller {number} of a hundred"))
                    })?;
                }
                Ok(())
            },
        },
    },
    Check {
        id: "caller-who-leaves",
        title: "Callers who hang up at once harm nobody.",
        since: Part1,
        ports: Each,
        rule: Ours,
        why: "Writing to somebody who has left is an error, and an everyday one.",
        hint: "An error with one caller ends that conversation, not the loop.",
        read: "part1.html#saying-it-and-stopping",
        procedure: Does {
            sends: "nothing, and then the end",
            run: |exam| {
                for _ in 0..20 {
                    drop(exam.line.call_socket()?);
                }
                exam.served().map(drop)
            },
        },
    },
    Check {
        id: "caller-who-resets",
        title: "Callers who reset the connection harm nobody.",
        since: Part1,
        ports: Each,
        rule: See("RFC 9293 section 3.5.3"),
        why: "A reset makes reads and writes, and on some systems accept, fail.",
        hint: "Look at where an error can end the loop around accept.",
        read: "part1.html#saying-it-and-stopping",
        procedure: Does {
            sends: "nothing, and then a reset",
            run: |exam| {
                for _ in 0..20 {
                    exam.line.call_socket()?.reset();
                }
                exam.served().map(drop)
            },
        },
    },
    Check {
        id: "caller-who-half-closes",
        title: "A caller who will say nothing more is still answered.",
        since: Part1,
        ports: Each,
        rule: See("RFC 9293 section 3.6"),
        why: "The two directions of a connection end each by itself.",
        hint: "The end of what you read is no reason not to write.",
        read: "part1.html#saying-it-and-stopping",
        procedure: Does {
            sends: "the end of our half; from Part 3 on behind a GET",
            run: |exam| {
                let mut call = exam.line.call()?;
                exam.ask(&mut call)?;
                call.finish();
                exam.verse(&mut call).map(drop)
            },
        },
    },
    Check {
        id: "queue",
        title: "Callers who come together are all served.",
        since: Part1,
        ports: Each,
        rule: See("POSIX listen"),
        why: "Whoever is not served yet waits in the kernel's queue.",
        hint: "Is the backlog that listen is given at least a few dozen?",
        read: "part1.html#the-loop",
        procedure: Does {
            sends: "nothing; from Part 3 on a GET; twenty callers, all connected \
                before the first reads",
            run: |exam| {
                let mut calls = Vec::new();
                for _ in 0..20 {
                    calls.push(exam.line.call()?);
                }
                for mut call in calls {
                    exam.ask(&mut call)?;
                    exam.verse(&mut call)?;
                }
                Ok(())
            },
        },
    },
    Check {
        id: "caller-who-stays",
        title: "A caller who does not hang up is left before long.",
        since: Part1,
        ports: Each,
        rule: Ours,
        why: "One caller at a time: the others wait for this one.",
        hint: "Wait for the caller's end, but with a deadline of a second or two.",
        read: "part1.html#breaking-it",
        procedure: Does {
            sends: "nothing; reads the text, and stays",
            run: |exam| {
                let mut stays = exam.line.call()?;
                stays.hears(exam.soon())?;
                exam.served()
                    .map(drop)
                    .map_err(|failure| failure.of("the next caller waits in vain"))
            },
        },
    },
    Check {
        id: "caller-who-talks-on",
        title: "A caller who goes on talking is left before long.",
        since: Part1,
        ports: Each,
        rule: Ours,
        why: "Whoever sends a byte now and then would have the server for themselves.",
        hint: "A deadline for each read begins anew with each byte. Have one for the \
            whole goodbye.",
        read: "part1.html#breaking-it",
        procedure: Waits {
            sends: "a byte every half second, for as long as it takes for the next \
                caller to be served",
            run: |exam| {
                let mut talks = exam.line.call()?;
                talks.hears(exam.soon())?;
                let mut next = exam.line.call()?;
                exam.ask(&mut next)?;
                let begun = Instant::now();
                while begun.elapsed() < exam.longest_wait() {
                    let _ = talks.send(b"x");
                    if next.hears(Duration::from_millis(500))? {
                        return Ok(());
                    }
                }
                Err(next.failure("somebody else talks on, and this caller waits"))
            },
        },
    },
    Check {
        id: "last-come-first-served",
        title: "The last to come is served while all before it wait.",
        since: Part2,
        ports: Each,
        rule: Ours,
        why: "Waiting is not working. Answers demanded in reverse order of arrival \
            can't come from a queue.",
        hint: "One caller, one thread or task: accept must not wait for anything \
            but callers.",
        read: "part2.html#the-idea",
        procedure: Does {
            sends: "twenty callers; each asks only when the one who came after it \
                has been served",
            run: |exam| {
                let mut calls = calls(exam, 20)?;
                // From Part 3 on an answer is asked for; before, it only has to be there.
                let mut served = Vec::new();
                while let Some(mut call) = calls.pop() {
                    exam.ask(&mut call)?;
                    let failed = |failure: Failure| {
                        failure
                            .of("the others are still there, and this caller waits")
                    };
                    exam.verse(&mut call).map_err(failed)?;
                    served.push(call);
                }
                Ok(())
            },
        },
    },
    Check {
        id: "everyone-at-once",
        title: "Three hundred callers at once are all served.",
        since: Part2,
        ports: Each,
        rule: Ours,
        why: "They come in bursts, and the queue has to hold them.",
        hint: "A long backlog, and an accept loop that does nothing else.",
        read: "part2.html#listening",
        procedure: Timed {
            sends: "three hundred callers, all connected before the first asks",
            run: |exam| {
                let mut calls = calls(exam, 300)?;
                for call in &mut calls {
                    exam.ask(call)?;
                }
                calls.iter_mut().try_for_each(|call| exam.verse(call).map(drop))
            },
        },
    },
    Check {
        id: "who-stays-alone",
        title: "Callers who have the text and stay delay nobody.",
        since: Part2,
        ports: Each,
        rule: Ours,
        why: "Their time is their own, and so is that of the others.",
        hint: "Wait for a caller's end in that caller's thread or task.",
        read: "part2.html#the-idea",
        procedure: Timed {
            sends: "thirty callers who take the text and do not hang up, then one \
                more",
            run: |exam| {
                let mut stay = calls(exam, 30)?;
                for call in &mut stay {
                    exam.ask(call)?;
                    call.hears(exam.soon())?;
                }
                let begun = Instant::now();
                exam.served().map_err(|failure| {
                    failure.of("thirty callers stay, and the next waits")
                })?;
                match begun.elapsed() < Duration::from_secs(1) {
                    true => Ok(()),
                    false => Err(Failure::new(format!(
                        "thirty callers stay, and the next waited for {:.1} s",
                        begun.elapsed().as_secs_f64()
                    ))),
                }
            },
        },
    },
    Check {
        id: "no-pause",
        title: "A server that is not busy serves at once.",
        since: Part2,
        ports: Each,
        rule: Ours,
        why: "A sleep after each accept is a limit on how many are served.",
        hint: "accept waits by itself; nothing has to be slept for.",
        read: "part2.html#what-the-original-did-here",
        procedure: Timed {
            sends: "twelve callers, one after the other, who must all be served \
                within two seconds, in one of three rounds",
            run: |exam| {
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
            },
        },
    },
    Check {
        id: "resets-by-the-dozen",
        title: "A burst of resets harms nobody.",
        since: Part2,
        ports: Each,
        rule: See("RFC 9293 section 3.5.3"),
        why: "accept and every read may fail, and the loop goes on.",
        hint: "Which error ends the loop around accept? None should.",
        read: "part2.html#running-out",
        procedure: Does {
            sends: "fifty callers who reset at once, while another waits for its \
                text",
            run: |exam| {
                let mut patient = exam.line.call()?;
                let resets = (0..50).map(|_| exam.line.call_socket());
                let resets: Vec<Call> = resets.collect::<Outcome<_>>()?;
                resets.into_iter().for_each(Call::reset);
                exam.ask(&mut patient)?;
                exam.verse(&mut patient)?;
                exam.served().map(drop)
            },
        },
    },
    Check {
        id: "both-families",
        title: "It listens on IPv4 and on IPv6.",
        since: Part2,
        ports: Each,
        rule: See("RFC 6724"),
        why: "A client that looks up localhost gets both, and may begin with \
            either.",
        hint: "One listening socket for each of 127.0.0.1 and ::1.",
        read: "part2.html#listening",
        procedure: Does {
            sends: "a call to each address that the host's name stands for",
            run: |exam| {
                let endpoint = match (exam.line.port, &exam.line.target.tls) {
                    (crate::target::Port::Tls, Some(tls)) => &tls.endpoint,
                    _ => &exam.line.target.clear,
                };
                if !endpoint.is_name() {
                    let why = format!("{} is one address", endpoint.name);
                    return Err(Failure::skip(why));
                }
                endpoint.addresses.iter().try_for_each(|&address| {
                    exam.line.call_address(address).map(drop)
                })
            },
        },
    },
    Check {
        id: "slow-typist",
        title: "Somebody who types slowly delays nobody, and is served.",
        since: Part3,
        ports: Each,
        rule: Ours,
        why: "Reading is a wait like any other.",
        hint: "Read in the caller's own thread or task.",
        read: "part3.html#answering",
        procedure: Does {
            sends: "a GET in four pieces, with another caller served between them",
            run: |exam| {
                let mut slow = exam.line.call()?;
                for piece in GET.chunks(GET.len().div_ceil(4)) {
                    slow.send(piece)?;
                    sleep(Duration::from_millis(50));
                    exam.served()
                        .map_err(|failure| failure.of("somebody else is typing"))?;
                }
                slow.status("GET", 200).map(drop)
            },
        },
    },
    Check {
        id: "silence-delays-nobody",
        title: "Callers who say nothing delay nobody.",
        since: Part3,
        ports: Each,
        rule: Ours,
        why: "They wait alone.",
        hint: "accept, then read elsewhere.",
        read: "part2.html#the-idea",
        procedure: Does {
            sends: "fifty callers who say nothing, then one who asks",
            run: |exam| {
                let silent: Outcome<Vec<Call>> =
                    (0..50).map(|_| exam.line.call_socket()).collect();
                let _silent = silent?;
                exam.served().map(drop)
            },
        },
    },
];

/// Calls so many times, and keeps the lines open.
fn calls(exam: &Exam, count: usize) -> Outcome<Vec<Call>> {
    (0..count).map(|_| exam.line.call()).collect()
}
