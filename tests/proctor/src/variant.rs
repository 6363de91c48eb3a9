//! Variants: a course's own rules in place of some of the book's, another set for each
//! group, so that no program that is in the book is an answer.
//!
//! A variant is a file of lines, `strikes 5` and the like, and behind an empty line the
//! text that is to be served. Students get the file, and so does proctor.

use std::fmt;
use std::str::FromStr;

use crate::check::Ports::Each;
use crate::check::Procedure::Does;
use crate::check::Rule::Ours;
use crate::check::{Check, Exam, GET, POST};
use crate::checks;
use crate::draw::Draw;
use crate::line::{Failure, Outcome};
use crate::stage::Stage::{Part1, Part3, Part4};
use crate::stage::{Speaks, Stage};

/// What differs from the book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// What whoever calls, or asks, is given.
    pub text: String,
    /// How many refusals a connection has, up to Part 5.5: the last of them ends it.
    pub strikes: usize,
    /// The longest head that is read, in bytes, up to the end of its empty line.
    pub longest_head: usize,
    /// Statuses of the book, and those that are sent in their place.
    pub statuses: Vec<(u16, u16)>,
}

/// The checks that a variant takes the place of: they know the book's numbers.
const WITHOUT: [&str; 4] = [
    "three-strikes-are-forgiven",
    "the-fourth-ends-it",
    "four-kinds-of-refusal",
    "says-close-at-the-fourth",
];

impl Variant {
    /// The variant of this number: the same number, the same variant.
    pub fn numbered(number: u64) -> Variant {
        let mut draw = Draw::by_lot(number);
        let strikes = 5 + draw.below(4);
        let longest_head = 9000 + 100 * draw.below(60);
        let statuses = vec![
            (405, draw.one(&[403, 406, 409, 418])),
            (431, draw.one(&[413, 422, 429])),
        ];
        let lines = OPENINGS.iter().map(|_| {
            let (who, what) = (draw.one(&OPENINGS), draw.one(&CLOSINGS));
            format!("{who} {what}\n")
        });
        let text =
            format!("Number {number} — on a port\n\n{}", lines.collect::<String>());
        Variant { text, strikes, longest_head, statuses }
    }

    /// What is said in place of a status of the book's; and what a status that is said
    /// stands for there.
    pub fn status(&self, status: u16) -> u16 {
        swapped(&self.statuses, status)
    }

    /// Which statuses stand for which of the book's, in words.
    pub fn statuses_in_words(&self) -> String {
        let pairs: Vec<String> = self
            .statuses
            .iter()
            .map(|(of_book, sent)| format!("{sent} stands for {of_book}"))
            .collect();
        format!("in this variant {}", pairs.join(", and "))
    }

    /// The checks that a server of a stage and of this variant must pass.
    pub fn checks(stage: Stage) -> Vec<&'static Check> {
        let of_book =
            checks::of(stage).filter(|check| !WITHOUT.contains(&check.id));
        let own = CHECKS.iter().filter(|check| match check.id {
            "strikes-of-the-variant" => stage.part().speaks == Speaks::HttpOnce,
            _ => check.since <= stage,
        });
        of_book.chain(own).collect()
    }
}

/// What stands for a status where pairs of them have changed places.
pub fn swapped(pairs: &[(u16, u16)], status: u16) -> u16 {
    let other = pairs.iter().find_map(|&(a, b)| match status {
        _ if status == a => Some(b),
        _ if status == b => Some(a),
        _ => None,
    });
    other.unwrap_or(status)
}

/// What texts are made of: a line each, by lot.
const OPENINGS: [&str; 6] = [
    "A caller in the morning",
    "The socket by the stairs",
    "Whoever rings at midnight",
    "The last byte of the letter",
    "A number on a door",
    "The kernel, half asleep,",
];
const CLOSINGS: [&str; 6] = [
    "asks for nothing and is served.",
    "keeps its place in the queue.",
    "is answered, late but whole.",
    "counts to the end and closes.",
    "forgets what it was told.",
    "says where it stops, and stops.",
];

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(f, "strikes {}", self.strikes)?;
        writeln!(f, "longest-head {}", self.longest_head)?;
        for (of_book, sent) in &self.statuses {
            writeln!(f, "status {of_book} {sent}")?;
        }
        write!(f, "\n{}", self.text)
    }
}

impl FromStr for Variant {
    type Err = String;

    fn from_str(file: &str) -> Result<Variant, String> {
        let (lines, text) = file
            .split_once("\n\n")
            .ok_or("there is no text behind an empty line")?;
        let mut variant = Variant {
            text: text.to_owned(),
            strikes: 4,
            longest_head: 0,
            statuses: Vec::new(),
        };
        for line in lines.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let number = |index: usize| {
                let word = words.get(index).and_then(|word| word.parse().ok());
                word.ok_or_else(|| format!("{line}: this is no line of a variant"))
            };
            match words.first() {
                Some(&"strikes") => variant.strikes = number(1)?,
                Some(&"longest-head") => variant.longest_head = number(1)?,
                Some(&"status") => {
                    let status = |index| number(index).map(|it| it as u16);
                    variant.statuses.push((status(1)?, status(2)?));
                }
                _ => return Err(format!("{line}: this is no line of a variant")),
            }
        }
        // The other checks send three strikes at most, and heads of up to 8 KiB.
        match variant {
            Variant { strikes: ..4, .. } => {
                Err("four strikes are the fewest".into())
            }
            Variant { longest_head: ..9000, .. } => {
                Err("9000 bytes are the least for the longest head".into())
            }
            variant => Ok(variant),
        }
    }
}

/// Its own checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "text-of-the-variant",
        title: "What is served is the variant's text.",
        since: Part1,
        ports: Each,
        rule: Ours,
        why: "Each group has a text of its own.",
        hint: "It is what stands behind the empty line of the file, to the last byte.",
        read: "teaching.html#what-to-hand-out",
        procedure: Does {
            sends: "a call, or a GET",
            run: |exam| {
                let wanted = &variant(exam)?.text;
                let served = exam.served()?;
                match served == wanted.as_bytes() {
                    true => Ok(()),
                    false => {
                        let (got, wanted) = (served.len(), wanted.len());
                        let what = format!(
                            "{got} bytes, and not the {wanted} of the text"
                        );
                        Err(Failure::new(what))
                    }
                }
            },
        },
    },
    Check {
        id: "strikes-of-the-variant",
        title: "So many refusals end it as the variant says, and not one fewer.",
        since: Part3,
        ports: Each,
        rule: Ours,
        why: "Each group has a number of its own.",
        hint: "Count, write the last refusal, and close.",
        read: "teaching.html#what-to-hand-out",
        procedure: Does {
            sends: "POSTs and a GET in one piece, one fewer than end it; then as many",
            run: |exam| {
                let strikes = variant(exam)?.strikes;
                let mut call = exam.line.call()?;
                call.send([&POST.repeat(strikes - 1), GET].concat())?;
                for _ in 1..strikes {
                    call.status("POST", 405)?;
                }
                call.status("GET", 200)?;
                let mut call = exam.line.call()?;
                call.send([&POST.repeat(strikes), GET].concat())?;
                for _ in 0..strikes {
                    call.status("POST", 405)?;
                }
                call.ends()
            },
        },
    },
    Check {
        id: "longest-head-of-the-variant",
        title: "A head is served up to the variant's length, and no further.",
        since: Part4,
        ports: Each,
        rule: Ours,
        why: "Each group has a number of its own.",
        hint: "The length is that of the head up to the end of its empty line.",
        read: "teaching.html#what-to-hand-out",
        procedure: Does {
            sends: "a head of that length, and one of a byte more",
            run: |exam| {
                let length = variant(exam)?.longest_head;
                exam.response_to(&head(length), 200)
                    .map_err(|failure| failure.of("of that length"))?;
                exam.response_to(&head(length + 1), 431)
                    .map_err(|failure| failure.of("of a byte more"))?;
                Ok(())
            },
        },
    },
];

fn variant<'a>(exam: &'a Exam) -> Outcome<&'a Variant> {
    let variant = exam.line.target.variant.as_ref();
    variant.ok_or_else(|| {
        Failure::new("this is for a variant: say with --variant which")
    })
}

/// A GET with a head of so many bytes.
pub fn head(length: usize) -> Vec<u8> {
    let (begin, end) = ("GET / HTTP/1.1\r\nHost: localhost\r\nX: ", "\r\n\r\n");
    let padding = "x".repeat(length - begin.len() - end.len());
    format!("{begin}{padding}{end}").into_bytes()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Variant;

    #[test]
    fn a_variant_is_read_as_it_was_written_and_no_two_are_alike() {
        let mut seen = BTreeSet::new();
        for number in 1..=200 {
            let variant = Variant::numbered(number);
            let file = variant.to_string();
            assert_eq!(file.parse(), Ok(variant));
            assert!(seen.insert(file), "{number} is another's");
        }
    }

    #[test]
    fn what_is_no_variant_is_told() {
        for (file, what) in [
            ("strikes 5", "no text"),
            ("strikes many\n\ntext", "strikes many: this is no line"),
            ("stripes 5\n\ntext", "stripes 5: this is no line"),
            ("strikes 2\nlongest-head 9000\n\ntext", "four strikes"),
            ("strikes 5\n\ntext", "9000 bytes"),
        ] {
            let error = file.parse::<Variant>().unwrap_err();
            assert!(error.contains(what), "{error}");
        }
    }
}
