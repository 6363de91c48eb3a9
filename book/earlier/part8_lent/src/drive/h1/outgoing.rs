impl<S: Stream, P: Shutdown> Driver<'_, S, P> {
    /// Sends what comes next of a file, as long as that makes nobody wait, and keeps
    /// none of it: what the client does not take is read again.
    async fn pass(&mut self, content: &mut Content) -> Result<(), Failure> {
        let patience = self.server.limits.write;
        let mut room = CONTENT_ROOM;
        while let Some((file, range)) = content.next_file() {
            let most = room.min((range.end - range.start) as usize);
            let read = |into: &mut [u8]| {
                content::read_into_at_once(file, range.start, into)
            };
            let Some(count) = self.io.pass(most, read, patience).await? else {
                break;
            };
            content.skip(count as u64);
            self.connection.passed(count as u64)?;
            self.sent += count as u64;
            // Who takes all that is offered is offered more.
            room = if count == most { (2 * room).min(LENT) } else { CONTENT_ROOM };
        }
        Ok(())
    }
}
