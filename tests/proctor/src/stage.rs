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

impl Stage {
    /// All of them, in the book's order.
    pub const ALL: [Stage; 7] = [
        Stage::Part1,
        Stage::Part2,
        Stage::Part3,
        Stage::Part4,
        Stage::Part5,
        Stage::Part5_5,
        Stage::Part6,
    ];

    /// Its name, as the book's program has it.
    pub const fn name(self) -> &'static str {
        match self {
            Stage::Part1 => "part1",
            Stage::Part2 => "part2",
            Stage::Part3 => "part3",
            Stage::Part4 => "part4",
            Stage::Part5 => "part5",
            Stage::Part5_5 => "part5_5",
            Stage::Part6 => "part6",
        }
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
        let found = Stage::ALL.into_iter().find(|stage| stage.name()[4..] == name);
        found.ok_or_else(|| {
            let names: Vec<&str> = Stage::ALL.iter().map(|it| it.name()).collect();
            format!("the stages are {}", names.join(", "))
        })
    }
}
