//! What a chapter asks of weave: a line of its own, `{{#name arguments}}`.

use crate::anatomy::Kind;
use crate::nearest;

/// One thing that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Directive {
    /// `{{#listing FILE}}`, or `{{#listing FILE ITEM, ITEM}}`: code. Without items,
    /// the whole file. `{{#listing FILE@MILESTONE ITEM, ITEM}}`: the same, with those
    /// that have a form of their own at that milestone in it. `{{#copy …}}`: code that
    /// is to be copied, and comes folded.
    Listing {
        /// The file, from the repository's root.
        file: String,
        /// The milestone whose forms are meant.
        milestone: Option<String>,
        /// Its items, by the names that [`crate::piece`] has for them. `use` is all
        /// imports, and a block's name all that is in it, but for what some listing
        /// of the book names on its own.
        items: Vec<String>,
        /// Whether it is to be copied.
        is_copied: bool,
    },
    /// `{{#milestone NAME}}`: what has been shown so far builds, and does what the
    /// session of this name says, which is run with what comes of it.
    Milestone {
        /// What the milestone and its session are called.
        name: String,
    },
    /// `{{#change FILE FILE}}`: what differs between two files.
    Change {
        /// The file as it was.
        old: String,
        /// The file that comes of it.
        new: String,
    },
    /// `{{#manifest}}`: what the chapter adds to Cargo.toml, but for the programs that
    /// it adds on their own, by `{{#manifest PROGRAM}}`.
    Manifest {
        /// The program's name.
        program: Option<String>,
    },
    /// `{{#wire PART NAME}}`, or `{{#wire PART NAME short}}`: a recorded exchange, all
    /// of it, or with long bodies cut visibly.
    Wire {
        /// Which part answered.
        part: String,
        /// What the exchange is called.
        name: String,
        /// Whether bodies are cut.
        short: bool,
    },
    /// `{{#cut PART NAME}}`: a recorded exchange, with what its reader knows after each
    /// byte.
    Cut {
        /// Which part answered.
        part: String,
        /// What the exchange is called.
        name: String,
    },
    /// `{{#broken PART NAME; NAME WHAT, NAME WHAT}}`: variants of a recorded exchange,
    /// and what is different in each.
    Broken {
        /// Which part answered.
        part: String,
        /// What the exchange is called.
        base: String,
        /// What its variants are called, and what is said of them.
        variants: Vec<(String, String)>,
    },
    /// `{{#session NAME}}`: a recorded terminal session.
    Session {
        /// What the session is called.
        name: String,
    },
    /// `{{#ask NAME STEP}}`: a command of a recorded session, counted from 1, and not
    /// what comes of it.
    Ask {
        /// What the session is called.
        name: String,
        /// Which of its commands.
        step: usize,
    },
    /// `{{#told NAME STEP}}`: what comes of it.
    Told {
        /// What the session is called.
        name: String,
        /// Which of its commands.
        step: usize,
    },
    /// `{{#anatomy PART NAME}}`: the response of a recorded exchange, drawn byte by byte.
    /// `{{#anatomy PART NAME request}}`: its request.
    Anatomy {
        /// Which part answered.
        part: String,
        /// What the exchange is called.
        name: String,
        /// Which of its messages.
        kind: Kind,
    },
    /// `{{#states FILE ENUM}}`: a state machine, drawn from the enum that it is.
    States {
        /// The file, from the repository's root.
        file: String,
        /// The enum.
        name: String,
    },
    /// `{{#handshake NAME}}`: the TLS messages of a recorded session, drawn.
    Handshake {
        /// What the session is called.
        name: String,
    },
    /// `{{#records PART}}`: each byte of a recorded conversation over TLS, decrypted.
    Records {
        /// The part that it is with.
        part: String,
    },
    /// `{{#figures NAME}}`, or `{{#figures NAME ROW, ROW}}`: what a benchmark measured,
    /// and on what machine. Without rows, all of them.
    Figures {
        /// What the record is called.
        name: String,
        /// What the rows begin with.
        rows: Vec<String>,
    },
    /// `{{#plot NAME}}`: what a benchmark saw over time, drawn.
    Plot {
        /// What the record is called.
        name: String,
    },
    /// `{{#dashboard NAME}}`: the dashboard, drawn of what a benchmark saw.
    Dashboard {
        /// What the record is called.
        name: String,
    },
    /// `{{#curves NAME}}`: how what a benchmark measured grows, drawn.
    Curves {
        /// What the record is called.
        name: String,
    },
    /// `{{#offer FILE}}`: a file to take away, shown and with a link that saves it.
    Offer {
        /// The file, from `book/starters`.
        file: String,
    },
    /// `{{#time SECTION, SECTION; NUMBER, NUMBER}}`: how long these sections take to read
    /// and these exercises to do.
    Time {
        /// Pages, or sections of theirs: `part3#the-idea`.
        sections: Vec<String>,
        /// Exercises, by their numbers.
        exercises: Vec<String>,
    },
    /// `{{#weeks}}`: the weeks that this chapter plans, at a glance.
    Weeks,
    /// `{{#files}}`: every file of the house, and where the book shows it.
    Files,
    /// `{{#exercises}}`: every exercise, and where it is.
    Exercises,
    /// `{{#sections}}`: every section of an RFC that is kept, where, and what holds the
    /// code to it.
    Sections,
    /// `{{#house}}`: the storeys, and the pages that stand in them.
    House,
}

const NAMES: [&str; 26] = [
    "listing",
    "copy",
    "milestone",
    "change",
    "manifest",
    "wire",
    "cut",
    "broken",
    "session",
    "ask",
    "told",
    "anatomy",
    "states",
    "handshake",
    "records",
    "figures",
    "plot",
    "dashboard",
    "curves",
    "offer",
    "time",
    "weeks",
    "files",
    "exercises",
    "sections",
    "house",
];

/// Reads one line of a chapter: none if it asks for nothing, or what is wrong with
/// how it asks.
pub fn parse(line: &str) -> Option<Result<Directive, String>> {
    let inner = line.trim().strip_prefix("{{#")?;
    let name = inner.split([' ', '}']).next().unwrap_or_default();
    let Some(inner) = inner.strip_suffix("}}") else {
        return Some(Err("a directive ends with }} on its own line".into()));
    };
    let arguments = inner[name.len()..].trim();
    let mut words = arguments.split_whitespace().map(str::to_owned);
    let directive = match (name, words.next(), words.next(), words.next()) {
        ("listing" | "copy", Some(file), ..) => {
            let items = list(&arguments[file.len()..]);
            let (file, milestone) = match file.split_once('@') {
                Some((file, milestone)) => (file.into(), Some(milestone.into())),
                None => (file, None),
            };
            let is_copied = name == "copy";
            Directive::Listing { file, milestone, items, is_copied }
        }
        ("milestone", Some(name), None, _) => Directive::Milestone { name },
        ("change", Some(old), Some(new), None) => Directive::Change { old, new },
        ("manifest", program, None, _) => Directive::Manifest { program },
        ("wire", Some(part), Some(name), None) => {
            Directive::Wire { part, name, short: false }
        }
        ("wire", Some(part), Some(name), Some(word)) if word == "short" => {
            Directive::Wire { part, name, short: true }
        }
        ("cut", Some(part), Some(name), None) => Directive::Cut { part, name },
        ("broken", Some(part), Some(base), Some(_)) => {
            let (_, variants) = arguments.split_once(';').unwrap_or_default();
            let variant = |it: String| {
                let (name, what) = it.split_once(' ').unwrap_or((&it, &it));
                (name.to_owned(), what.to_owned())
            };
            let variants = list(variants).into_iter().map(variant).collect();
            let base = base.trim_end_matches(';').to_owned();
            Directive::Broken { part, base, variants }
        }
        ("session", Some(name), None, _) => Directive::Session { name },
        (which @ ("ask" | "told"), Some(name), Some(step), None) => {
            let Ok(step) = step.parse() else {
                return Some(Err(format!("{step} is no number of a step")));
            };
            match which {
                "ask" => Directive::Ask { name, step },
                _ => Directive::Told { name, step },
            }
        }
        ("anatomy", Some(part), Some(name), None) => {
            Directive::Anatomy { part, name, kind: Kind::Response }
        }
        ("anatomy", Some(part), Some(name), Some(word)) if word == "request" => {
            Directive::Anatomy { part, name, kind: Kind::Request }
        }
        ("states", Some(file), Some(name), None) => {
            Directive::States { file, name }
        }
        ("records", Some(part), None, _) => Directive::Records { part },
        ("handshake", Some(name), None, _) => Directive::Handshake { name },
        ("figures", Some(name), ..) => {
            let rows = list(&arguments[name.len()..]);
            Directive::Figures { name, rows }
        }
        ("plot", Some(name), None, _) => Directive::Plot { name },
        ("dashboard", Some(name), None, _) => Directive::Dashboard { name },
        ("curves", Some(name), None, _) => Directive::Curves { name },
        ("offer", Some(file), None, _) => Directive::Offer { file },
        ("time", Some(_), ..) => {
            let (sections, exercises) =
                arguments.split_once(';').unwrap_or((arguments, ""));
            let (sections, exercises) = (list(sections), list(exercises));
            Directive::Time { sections, exercises }
        }
        ("weeks", None, ..) => Directive::Weeks,
        ("files", None, ..) => Directive::Files,
        ("exercises", None, ..) => Directive::Exercises,
        ("sections", None, ..) => Directive::Sections,
        ("house", None, ..) => Directive::House,
        (name, ..) if NAMES.contains(&name) => {
            return Some(Err(format!(
                "{name} takes other arguments than {arguments:?}"
            )));
        }
        (name, ..) => {
            let near = nearest(name, NAMES);
            return Some(Err(format!("there is no directive {name}{near}")));
        }
    };
    Some(Ok(directive))
}

/// What stands between commas, those within brackets aside: an import has some.
fn list(text: &str) -> Vec<String> {
    let mut depth = 0;
    let items = text.split(|character| {
        match character {
            '{' | '(' | '<' => depth += 1,
            '}' | ')' | '>' => depth -= 1,
            _ => {}
        }
        character == ',' && depth == 0
    });
    let items = items.map(str::trim).filter(|item| !item.is_empty());
    items.map(str::to_owned).collect()
}
