//! Recorded sessions, as a terminal showed them.

use crate::code;
use crate::html::{escape, pre};
use crate::session::{Session, Step};

/// A terminal session: what was typed, and what came of it.
pub fn show(caption: &str, session: &Session) -> String {
    pre("session", caption, &text(session))
}

/// The session of a milestone, which has its name for an id.
pub fn milestone(name: &str, caption: &str, session: &Session) -> String {
    let figure = pre("session milestone", caption, &text(session));
    figure.replacen("<figure ", &format!("<figure id=\"{name}\" "), 1)
}

fn text(session: &Session) -> String {
    let step = |step: &Step| typed(&step.command) + &printed(&step.output);
    session.steps.iter().map(step).collect()
}

/// A command, of which it is to be guessed what comes.
pub fn ask(step: &Step) -> String {
    pre("session", "what will come of it?", &typed(&step.command))
}

/// What came of a command.
pub fn tell(step: &Step) -> String {
    let text = match &*step.output {
        "" => code::line("", "", "<i>(nothing)</i>"),
        output => printed(output),
    };
    pre("session", "in a terminal", &text)
}

/// What was typed: without its prompt, it is to be copied.
fn typed(command: &str) -> String {
    code::line("typed", "", &format!("<i>$ </i>{}", escape(command)))
}

/// What was printed, with what is masked set apart.
fn printed(output: &str) -> String {
    let masked = |line| escape(line).replace('‹', "<i>‹").replace('›', "›</i>");
    output.lines().map(|line| code::line("", line, &masked(line))).collect()
}
