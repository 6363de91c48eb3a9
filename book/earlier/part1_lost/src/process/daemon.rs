/// The process that serves.
#[must_use]
pub struct Process {
    greeting: String,
    launcher: Option<Launcher>,
}
