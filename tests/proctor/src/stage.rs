//! The stages that a server can be held to, and all that is known of each, in a table:
//! the book's pages, its README and the tests of its programs are held to it too.

use std::fmt;
use std::str::FromStr;

/// A part of the book, and what its server does on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Whoever connects gets the verse: no HTTP, one caller at a time.
    Part1,
    /// The same, for everyone at once.
    Part2,
    /// Who asks with `GET ` gets it, who says anything else is told so.
    Part3,
    /// Responses have heads, and say how long they are.
    Part4,
    /// Requests are read, and refused by the rule that they break.
    Part5,
    /// The same over TLS on a second port.
    Part5_5,
    /// Connections stay, bodies are read, and what is served has validators.
    Part6,
    /// It goes on whatever clients do.
    Part7,
    /// The same, faster.
    Part8,
}

/// What there is to know of a stage.
#[derive(Debug)]
pub struct Part {
    /// Which it is.
    pub stage: Stage,
    /// Its name, as the book's program has it.
    pub name: &'static str,
    /// The book's programs of this stage, the one with its name last.
    pub programs: &'static [&'static str],
    /// The storey of the book's house that it stands on.
    pub storey: &'static str,
    /// The pages of the book that are about it, the one with its exercises last.
    pub pages: &'static [&'static str],
    /// What its server makes of a connection.
    pub speaks: Speaks,
    /// Where its server speaks in the clear, if nobody says otherwise.
    pub clear: &'static str,
    /// Where it speaks TLS, if it does.
    pub tls: Option<&'static str>,
    /// How many checks are made side by side, if nobody says otherwise: one where the
    /// server takes one caller at a time.
    pub jobs: usize,
    /// The recorded exchanges that the book's programs are held to: folders of the
    /// repository's `tests/exchanges`.
    pub exchanges: &'static [&'static str],
}

/// What a server makes of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaks {
    /// It says a text to whoever connects.
    Text,
    /// It speaks HTTP until it has said its text.
    HttpOnce,
    /// It speaks HTTP for as long as nobody ends it.
    Http,
}

/// A program of the book's.
#[derive(Debug, Clone, Copy)]
pub struct Program {
    /// Its name.
    pub name: &'static str,
    /// The part that it is of.
    pub part: &'static Part,
}

const CLEAR: &str = "localhost:1337";
const TLS: &str = "localhost:1972";

/// The stages, in the book's order.
pub const PARTS: &[Part] = &[
    Part {
        stage: Stage::Part1,
        name: "part1",
        programs: &["part1"],
        storey: "I",
        pages: &["part1.html", "part1_daemon.html"],
        speaks: Speaks::Text,
        clear: CLEAR,
        tls: None,
        jobs: 1,
        exchanges: &["part1"],
    },
    Part {
        stage: Stage::Part2,
        name: "part2",
        programs: &["part2_threads", "part2"],
        storey: "I",
        pages: &["part2.html"],
        speaks: Speaks::Text,
        clear: CLEAR,
        tls: None,
        jobs: 4,
        exchanges: &["part1"],
    },
    Part {
        stage: Stage::Part3,
        name: "part3",
        programs: &["part3"],
        storey: "I",
        pages: &["part3.html"],
        speaks: Speaks::HttpOnce,
        clear: CLEAR,
        tls: None,
        jobs: 4,
        exchanges: &["part3"],
    },
    Part {
        stage: Stage::Part4,
        name: "part4",
        programs: &["part4"],
        storey: "I",
        pages: &["part4.html"],
        speaks: Speaks::HttpOnce,
        clear: CLEAR,
        tls: None,
        jobs: 4,
        exchanges: &["part4"],
    },
    Part {
        stage: Stage::Part5,
        name: "part5",
        programs: &["part5"],
        storey: "I",
        pages: &["part5.html"],
        speaks: Speaks::HttpOnce,
        clear: CLEAR,
        tls: None,
        jobs: 4,
        exchanges: &["part5"],
    },
    Part {
        stage: Stage::Part5_5,
        name: "part5_5",
        programs: &["part5_5"],
        storey: "II",
        pages: &["part5_5.html"],
        speaks: Speaks::HttpOnce,
        clear: CLEAR,
        tls: Some(TLS),
        jobs: 4,
        exchanges: &["part5", "part5_5"],
    },
    Part {
        stage: Stage::Part6,
        name: "part6",
        programs: &["part6"],
        storey: "III",
        pages: &["part6.html", "part6_files.html", "part6_server.html"],
        speaks: Speaks::Http,
        clear: CLEAR,
        tls: Some(TLS),
        jobs: 4,
        exchanges: &["part6"],
    },
    Part {
        stage: Stage::Part7,
        name: "part7",
        programs: &["part7"],
        storey: "IV",
        pages: &[
            "part7.html",
            "part7_renewal.html",
            "part7_restart.html",
            "part7_privileges.html",
            "part7_metrics.html",
            "part7_server.html",
        ],
        speaks: Speaks::Http,
        clear: CLEAR,
        tls: Some(TLS),
        jobs: 4,
        exchanges: &["part6"],
    },
    Part {
        stage: Stage::Part8,
        name: "part8",
        programs: &["part8"],
        storey: "V",
        pages: &["part8.html"],
        speaks: Speaks::Http,
        clear: CLEAR,
        tls: Some(TLS),
        jobs: 4,
        exchanges: &["part6"],
    },
];

/// The book's programs, in its order.
pub fn programs() -> impl Iterator<Item = Program> {
    let of = |part: &'static Part| {
        part.programs.iter().map(move |&name| Program { name, part })
    };
    PARTS.iter().flat_map(of)
}

/// The program of this name.
///
/// # Panics
/// If there is none.
pub fn program(name: &str) -> Program {
    let found = programs().find(|program| program.name == name);
    found.unwrap_or_else(|| panic!("the table of parts has no program {name}"))
}

impl Part {
    /// Its name as the book's text has it: `Part 5.5`.
    pub fn title(&self) -> String {
        self.name.replacen("part", "Part ", 1).replace('_', ".")
    }

    /// Whether its server speaks HTTP.
    pub fn speaks_http(&self) -> bool {
        self.speaks != Speaks::Text
    }

    /// What to say for the text and the end of the connection.
    pub fn last_request(&self) -> &'static [u8] {
        match self.speaks {
            Speaks::Text => b"",
            Speaks::HttpOnce => b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            Speaks::Http => {
                b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            }
        }
    }
}

impl Stage {
    /// All of them, in the book's order.
    pub fn all() -> impl DoubleEndedIterator<Item = Stage> {
        PARTS.iter().map(|part| part.stage)
    }

    /// What there is to know of it.
    pub fn part(self) -> &'static Part {
        &PARTS[self as usize]
    }

    /// Its name, as the book's program has it.
    pub fn name(self) -> &'static str {
        self.part().name
    }

    /// The one before it.
    pub fn before(self) -> Option<Stage> {
        Stage::all().rfind(|&stage| stage < self)
    }

    /// The last one.
    pub const LAST: Stage = PARTS[PARTS.len() - 1].stage;

    /// Their names, in words.
    pub fn names() -> String {
        let names: Vec<&str> = PARTS.iter().map(|part| part.name).collect();
        names.join(", ")
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Stage {
    type Err = String;

    /// Reads `part3`, and `3` too.
    fn from_str(text: &str) -> Result<Stage, String> {
        let name = text.strip_prefix("part").unwrap_or(text).replace('.', "_");
        let found = Stage::all().find(|stage| stage.name()[4..] == name);
        found.ok_or_else(|| format!("the stages are {}", Stage::names()))
    }
}

#[cfg(test)]
mod tests {
    use super::{PARTS, Stage};
    use crate::{checks, exercises};

    #[test]
    fn each_stage_has_its_own_row() {
        for (index, part) in PARTS.iter().enumerate() {
            assert_eq!(part.stage as usize, index);
            assert_eq!(part.name.parse(), Ok(part.stage));
            assert_eq!(part.programs.last(), Some(&part.name));
        }
    }

    /// A stage without checks would be passed by anybody.
    #[test]
    fn each_stage_brings_in_checks_and_exercises() {
        for stage in Stage::all() {
            assert!(
                checks::all().any(|check| check.since == stage),
                "no check is new in {stage}: tests/proctor/src/checks has them"
            );
            assert!(
                exercises::all().any(|exercise| exercise.stage == stage),
                "{stage} has no exercises: tests/proctor/src/exercises has them"
            );
        }
    }
}
