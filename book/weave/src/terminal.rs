//! Recorded sessions, as a terminal showed them.

use std::fmt::Write;

use crate::html::{escape, pre};
use crate::session::{Session, Step};

/// A terminal session: what was typed, and what came of it.
pub fn show(session: &Session) -> String {
    pre("session", "in a terminal", &text(session))
}

/// The session of a milestone, which has its name for an id.
pub fn milestone(name: &str, caption: &str, session: &Session) -> String {
    let figure = pre("session milestone", caption, &text(session));
    figure.replacen("<figure ", &format!("<figure id=\"{name}\" "), 1)
}

fn text(session: &Session) -> String {
    let mut text = String::new();
    for step in &session.steps {
        let _ = writeln!(text, "<b>$ {}</b>", escape(&step.command));
        text.push_str(&printed(&step.output));
    }
    text.truncate(text.trim_end_matches('\n').len());
    text
}

/// A command, of which it is to be guessed what comes.
pub fn ask(step: &Step) -> String {
    let line = format!("<b>$ {}</b>", escape(&step.command));
    pre("session", "what will come of it?", &line)
}

/// What came of a command.
pub fn tell(step: &Step) -> String {
    let text = match &*step.output {
        "" => "<i>nothing</i>".to_owned(),
        output => printed(output),
    };
    pre("session", "in a terminal", &text)
}

/// What was printed, with what is masked set apart.
fn printed(output: &str) -> String {
    escape(output).replace('‹', "<i>‹").replace('›', "›</i>")
}
