/// A request's content, as far as it has come.
#[derive(Default)]
pub(super) struct Incoming {
    /// How many bytes are to come, if that is known.
    pub(super) left: Option<u64>,
    pub(super) progress: Progress,
    /// How many bytes have come.
    pub(super) received: u64,
}

impl Incoming {
    /// The content that comes after a head.
    pub(super) fn of(head: &Head) -> Incoming {
        let (left, progress) = match head.body {
            BodyLength::None => (Some(0), Progress::Over),
            BodyLength::Known(length) => (Some(length), Progress::Coming),
            BodyLength::Chunked => (None, Progress::Coming),
        };
        Incoming { left, progress, received: 0 }
    }

    fn take(&mut self, count: usize) {
        self.received += count as u64;
        self.left = self.left.map(|left| left.saturating_sub(count as u64));
    }
}

impl<S: Stream, P: Shutdown> Driver<'_, S, P> {
    /// Waits for more of a request's content to arrive.
    async fn fill_body(&mut self) -> Result<(), BodyError> {
        let mut came: io::Result<usize> =
            self.io.flush(self.server.limits.write).await;
        if let Ok(0) = came {
            came = self.io.fill(BODY_ROOM).await;
        }
        if came? > 0 {
            return Ok(());
        }
        self.connection.stop_receiving();
        self.body.progress = Progress::Over;
        let why = "the body ends before it is over";
        let refused = Response::error(Status::BAD_REQUEST, why);
        Err(BodyError::Refused(Box::new(refused)))
    }
}
