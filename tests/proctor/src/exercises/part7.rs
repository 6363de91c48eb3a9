//! The exercises of Part 7.

use std::collections::BTreeMap;
use std::time::Instant;

use super::Judged::{ByHand, Replaces};
use super::{Exercise, Rubric};
use crate::check::Ports::Each;
use crate::check::Procedure::Does;
use crate::check::Rule::Ours;
use crate::check::{Check, Exam};
use crate::line::{Call, Outcome};
use crate::response::Response;
use crate::stage::Stage::Part7;

/// The exercises.
pub const EXERCISES: &[Exercise] = &[
    Exercise {
        number: "7.1",
        stage: Part7,
        one_at_a_time: false,
        judged: ByHand(Rubric([
            "how many connections 4096 descriptors are, worked out, and how many for one \
             address",
            "the counts at which a crowd got its first 503, for both",
            "what the descriptors that are kept back are for",
        ])),
    },
    Exercise {
        number: "7.2",
        stage: Part7,
        one_at_a_time: false,
        judged: ByHand(Rubric([
            "a caller from an address that has called nobody is turned away",
            "how many addresses that took, and which limits say so",
            "why one address fewer does not keep that caller out",
        ])),
    },
    Exercise {
        number: "7.3",
        stage: Part7,
        one_at_a_time: false,
        judged: ByHand(Rubric([
            "what can be read: all releases, what is beside the certificate, /proc/self",
            "what can be written: the logs and files beside them, and nothing made shorter",
            "what needs no opening: sockets and connections, and the key in memory",
        ])),
    },
    Exercise {
        number: "7.4",
        stage: Part7,
        // What others ask meanwhile would be counted, too.
        one_at_a_time: true,
        judged: Replaces(&[COUNTED_BY_METHOD]),
    },
];

const COUNTED_BY_METHOD: Check = Check {
    id: "counted-by-method",
    title: "Requests are counted by method, and nobody can make a series of their own.",
    since: Part7,
    ports: Each,
    rule: Ours,
    why: "Each label that a client makes up is a series for weeks, until memory ends.",
    hint: "Labels from a list of your own, and one more for all that is not on it.",
    read: "part7_metrics.html#a-short-list",
    procedure: Does {
        sends: "GET /metrics; fifty methods that nobody knows, three HEADs; GET /metrics \
            until they are counted",
        run: |exam| {
            const UNKNOWN: u64 = 50;
            const HEADS: u64 = 3;
            let (_, _, before) = counted(exam)?;
            for number in 0..UNKNOWN {
                asked(exam, &format!("KETTLE{number}"))?;
            }
            for _ in 0..HEADS {
                asked(exam, "HEAD")?;
            }
            // Some count when they have answered, and so after we have heard it.
            let begun = Instant::now();
            loop {
                let (call, response, after) = counted(exam)?;
                let more = |label: &str| {
                    let of =
                        |counts: &Counts| counts.get(label).copied().unwrap_or(0);
                    of(&after).saturating_sub(of(&before))
                };
                let made_up = after.keys().find(|it| it.starts_with("KETTLE"));
                let complaint = match made_up {
                    Some(label) => {
                        format!("{label} is a label, and a client's word")
                    }
                    None if (more("other"), more("HEAD")) == (UNKNOWN, HEADS)
                        && more("GET") > 0 =>
                    {
                        return Ok(());
                    }
                    None if begun.elapsed() < exam.soon() => {
                        exam.line.forget(&call);
                        continue;
                    }
                    None => format!(
                        "of {UNKNOWN} other, {HEADS} HEAD and some GET there are {}, {} \
                         and {} more",
                        more("other"),
                        more("HEAD"),
                        more("GET")
                    ),
                };
                return Err(call.wrong(&response, response.body.start, complaint));
            }
        },
    },
};

/// How many requests there have been, by method.
type Counts = BTreeMap<String, u64>;

/// Asks with a method, whatever comes of it.
fn asked(exam: &Exam, method: &str) -> Outcome {
    let request = format!("{method} / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let (call, _) = exam.any_response_to(request.as_bytes())?;
    exam.line.forget(&call);
    Ok(())
}

/// What a server says that it has counted.
fn counted(exam: &Exam) -> Outcome<(Call, Response, Counts)> {
    let request = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let (call, response) = exam.response_to(request, 200)?;
    let mut counts = Counts::new();
    for line in String::from_utf8_lossy(&response.content).lines() {
        let labels = line.strip_prefix("requests_total{");
        let series = labels.and_then(|it| it.rsplit_once('}'));
        let Some((labels, count)) = series else { continue };
        let label =
            labels.split_once("method=\"").and_then(|it| it.1.split_once('"'));
        if let (Some((label, _)), Ok(count)) = (label, count.trim().parse::<u64>())
        {
            *counts.entry(label.to_owned()).or_default() += count;
        }
    }
    match counts.is_empty() {
        true => {
            let what = "there is no line of requests_total{method=\"…\"}";
            Err(call.wrong(&response, response.body.start, what))
        }
        false => Ok((call, response, counts)),
    }
}
