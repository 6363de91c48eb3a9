/// A request's content, as far as it has come.
#[derive(Default)]
pub(super) struct Incoming {
    pub(super) progress: Progress,
}

#[derive(Default, PartialEq, Eq)]
pub(super) enum Progress {
    Coming,
    #[default]
    Over,
}

impl Incoming {
    /// The content that comes after a head.
    pub(super) fn of(head: &Head) -> Incoming {
        let progress = match head.body {
            BodyLength::None => Progress::Over,
            BodyLength::Known(_) | BodyLength::Chunked => Progress::Coming,
        };
        Incoming { progress }
    }
}
