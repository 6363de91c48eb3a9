//! The stages that a server can be held to.

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
}

/// What there is to know of a stage.
#[derive(Debug)]
pub struct Part {
    /// Which it is.
    pub stage: Stage,
    /// Its name, as the book's program has it.
    pub name: &'static str,
    /// The pages of the book that are about it, the one with its exercises last.
    pub pages: &'static [&'static str],
    /// Where its server speaks in the clear, if nobody says otherwise.
    pub clear: &'static str,
    /// Where it speaks TLS, if it does.
    pub tls: Option<&'static str>,
    /// How many checks are made side by side, if nobody says otherwise: one where the
    /// server takes one caller at a time.
    pub jobs: usize,
}

const CLEAR: &str = "localhost:1337";
const TLS: &str = "localhost:1972";

/// The stages, in the book's order.
pub const PARTS: [Part; 7] = [
    Part {
        stage: Stage::Part1,
        name: "part1",
        pages: &["part1.html"],
        clear: CLEAR,
        tls: None,
        jobs: 1,
    },
    Part {
        stage: Stage::Part2,
        name: "part2",
        pages: &["part2.html"],
        clear: CLEAR,
        tls: None,
        jobs: 4,
    },
    Part {
        stage: Stage::Part3,
        name: "part3",
        pages: &["part3.html"],
        clear: CLEAR,
        tls: None,
        jobs: 4,
    },
    Part {
        stage: Stage::Part4,
        name: "part4",
        pages: &["part4.html"],
        clear: CLEAR,
        tls: None,
        jobs: 4,
    },
    Part {
        stage: Stage::Part5,
        name: "part5",
        pages: &["part5.html"],
        clear: CLEAR,
        tls: None,
        jobs: 4,
    },
    Part {
        stage: Stage::Part5_5,
        name: "part5_5",
        pages: &["part5_5.html"],
        clear: CLEAR,
        tls: Some(TLS),
        jobs: 4,
    },
    Part {
        stage: Stage::Part6,
        name: "part6",
        pages: &["part6.html", "part6_files.html", "part6_server.html"],
        clear: CLEAR,
        tls: Some(TLS),
        jobs: 4,
    },
];

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
    use super::PARTS;

    #[test]
    fn each_stage_has_its_own_row() {
        for (index, part) in PARTS.iter().enumerate() {
            assert_eq!(part.stage as usize, index);
            assert_eq!(part.name.parse(), Ok(part.stage));
        }
    }
}
