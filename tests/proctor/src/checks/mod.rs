//! The checks, subject by subject.

use crate::check::Check;
use crate::stage::Stage;

/// A GET with some more fields.
macro_rules! get {
    ($fields:expr) => {
        concat!("GET / HTTP/1.1\r\nHost: localhost\r\n", $fields, "\r\n").as_bytes()
    };
}

/// A POST of chunks, to what sends them back.
macro_rules! chunks {
    ($body:expr) => {
        concat!(
            "POST /echo HTTP/1.1\r\nHost: localhost\r\n",
            "Transfer-Encoding: chunked\r\n\r\n",
            $body
        )
        .as_bytes()
    };
}

mod bodies;
mod callers;
mod changing;
mod chunks;
mod conditions;
mod connections;
mod conversations;
mod crowds;
mod dates;
mod deadlines;
mod endings;
mod ends;
pub(crate) mod files;
mod fields;
mod framing;
mod handshakes;
mod heads;
mod hosts;
mod junk;
mod limits;
mod listings;
mod methods;
mod pieces;
mod ranges;
mod refusals;
mod request_line;
mod resources;
mod sweeps;
mod targets;
mod text;
mod tls;

/// The tables, in the book's order within each stage.
const TABLES: [&[Check]; 41] = [
    text::CHECKS,
    callers::CHECKS,
    methods::CHECKS,
    heads::CHECKS,
    dates::CHECKS,
    pieces::CHECKS,
    junk::CHECKS,
    refusals::CHECKS,
    ends::CHECKS,
    limits::CHECKS,
    request_line::CHECKS,
    targets::CHECKS,
    hosts::CHECKS,
    fields::CHECKS,
    framing::CHECKS,
    sweeps::request_lines::CHECKS,
    sweeps::targets::CHECKS,
    sweeps::hosts::CHECKS,
    sweeps::fields::CHECKS,
    sweeps::lengths::CHECKS,
    sweeps::codings::CHECKS,
    sweeps::options::CHECKS,
    sweeps::responses::CHECKS,
    conversations::CHECKS,
    deadlines::CHECKS,
    tls::CHECKS,
    handshakes::CHECKS,
    connections::CHECKS,
    bodies::CHECKS,
    chunks::CHECKS,
    conditions::CHECKS,
    ranges::CHECKS,
    sweeps::chunks::CHECKS,
    sweeps::conditions::CHECKS,
    sweeps::ranges::CHECKS,
    sweeps::interim::CHECKS,
    files::CHECKS,
    listings::CHECKS,
    changing::CHECKS,
    resources::CHECKS,
    crowds::CHECKS,
];

/// Checks, and those whose place they take from their stage on.
const INSTEAD: &[(&str, &[&str])] = &[
    ("who-stays-alone", &["caller-who-stays"]),
    ("get-is-served", &["no-http-yet"]),
    ("get-ends-it", &["ends"]),
    ("head-is-answered", &["head-is-no-get"]),
    ("long-head", &["four-bytes-will-do"]),
    ("target-without-slash", &["any-word-behind-get"]),
    (
        "stays",
        &[
            "get-ends-it",
            "one-text-is-all",
            "says-close",
            "the-fourth-ends-it",
            "says-close-at-the-fourth",
            "four-kinds-of-refusal",
        ],
    ),
    ("any-two-together", &["any-junk-together"]),
    ("options-allowed", &["options-asterisk"]),
    ("a-change-is-seen-soon", &["a-changed-file-is-another"]),
];

/// The check that a server fails which says nothing at all.
pub const FIRST: &Check = &text::CHECKS[0];

/// All checks, in the book's order; but what ends the server comes last.
pub fn all() -> impl Iterator<Item = &'static Check> {
    let of = |stage| {
        let all = TABLES.into_iter().flatten();
        all.filter(move |check| check.since == stage)
    };
    Stage::all().flat_map(of).chain(endings::CHECKS)
}

/// Those that a server of a stage must pass.
pub fn of(stage: Stage) -> impl Iterator<Item = &'static Check> {
    all().filter(move |check| check.holds_for(stage))
}

/// The last stage that has the check of this name: the one before something takes its
/// place.
pub(crate) fn until(id: &str) -> Stage {
    let next = INSTEAD.iter().find(|(_, before)| before.contains(&id));
    let next = next.and_then(|(next, _)| all().find(|check| check.id == *next));
    let before = next.and_then(|next| next.since.before());
    before.unwrap_or(Stage::LAST)
}

#[cfg(test)]
mod tests {
    use super::{INSTEAD, all};
    use crate::check::{Level, Rule};

    #[test]
    fn what_takes_a_place_comes_later() {
        for (next, before) in INSTEAD {
            let find = |id: &str| all().find(|check| check.id == id).expect(id);
            for id in *before {
                assert!(find(id).since < find(next).since, "{next}, {id}");
                assert_eq!(find(next).since.before(), Some(find(id).until()));
            }
        }
    }

    /// What the RFCs leave to servers is asked for by the book, and says so.
    #[test]
    fn what_is_ours_cites_nobody_as_if_they_asked_for_it() {
        for id in [
            "bare-lf",
            "bare-lf-in-a-field",
            "two-spaces",
            "too-long-head",
            "endless-head",
            "version-2",
            "half-a-head-has-a-deadline",
            "folded",
            "one-range",
        ] {
            let check = all().find(|check| check.id == id).expect(id);
            assert_eq!(check.rule.level(), Level::Ours, "{id}");
            assert!(check.rule.to_string().starts_with("ours, see RFC "), "{id}");
        }
        for check in all() {
            let (Rule::Must(source) | Rule::Should(source)) = check.rule else {
                continue;
            };
            assert!(source.starts_with("RFC ") && source.contains(" section"));
        }
    }
}
