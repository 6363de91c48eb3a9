//! What is seen while checks are being made.

use std::collections::BTreeSet;
use std::io::{IsTerminal, Write};
use std::ops::RangeInclusive;

use crate::run::Done;
use crate::target::Target;
use crate::{narrow, report};

/// Whether lines are drawn over on a terminal: not for those who want no escapes in
/// what they see (<https://no-color.org>).
fn draws(terminal: bool) -> bool {
    terminal && std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty())
}

/// What is seen while checks are being made.
#[derive(Debug)]
pub struct Progress {
    quiet: bool,
    terminal: bool,
    count: usize,
    done: usize,
    failed: usize,
    /// Why checks were skipped: each reason is said once.
    reasons: BTreeSet<String>,
}

/// As many lines a terminal has room for, if somebody has asked for so few checks.
const FEW: usize = 10;
/// How wide a terminal is that has room for the longest line.
const WIDE: usize = 100;
/// How wide text is on one that has not, and how narrow it gets.
const COLUMNS: RangeInclusive<usize> = 40..=80;

/// Text as wide as the terminal, where one is there, and too narrow for ours.
pub fn fit(text: &str) -> String {
    match width() {
        Some(width) => narrow::narrow(text, width),
        None => text.to_owned(),
    }
}

/// The most columns for text on standard output: there is a limit where that is a
/// terminal, and not a wide one.
fn width() -> Option<usize> {
    let stdout = std::io::stdout();
    let size = rustix::termios::tcgetwinsize(&stdout).ok()?;
    let columns = usize::from(size.ws_col);
    let is_narrow = stdout.is_terminal() && (1..WIDE).contains(&columns);
    is_narrow.then(|| columns.clamp(*COLUMNS.start(), *COLUMNS.end()))
}

impl Progress {
    /// Nothing yet, of so many; nothing at all for those who want it quiet.
    pub fn new(quiet: bool, count: usize) -> Progress {
        let terminal = draws(std::io::stderr().is_terminal());
        Progress {
            quiet,
            terminal,
            count,
            done: 0,
            failed: 0,
            reasons: BTreeSet::new(),
        }
    }

    /// Shows what came of a check.
    pub fn tell(&mut self, target: &Target, done: &Done) {
        self.done += 1;
        if self.quiet {
            return;
        }
        let failed = done.failure().is_some();
        self.failed += usize::from(failed);
        self.clear();
        if failed {
            anstream::println!("{}", fit(&report::failure(target, done, RED)));
        } else if let Some(why) = done.skipped() {
            if self.reasons.insert(why.to_owned()) {
                let skip = format!("skip {}: {why}\n", done.name());
                anstream::print!("{}", fit(&skip));
            } else if !self.terminal {
                anstream::println!("skip {}: likewise", done.name());
            }
        } else if !self.terminal || self.count <= FEW {
            anstream::println!("ok   {}", done.name());
        }
        if self.terminal {
            let _ = write!(
                std::io::stderr(),
                "{}/{} made, {} failed",
                self.done,
                self.count,
                self.failed
            );
        }
    }

    /// Takes the progress line away.
    fn clear(&self) {
        if self.terminal && !self.quiet {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }

    /// Takes away what is not to stay.
    pub fn end(&self) {
        self.clear();
    }
}

/// How a failure's first line begins; `anstream` leaves it out where nobody sees it.
const RED: (&str, &str) = ("\x1b[31;1m", "\x1b[0m");
