impl<S: Stream, P: Shutdown> Driver<'_, S, P> {
    /// Reads what is left of a request's content, if that is little and is there before
    /// long, so that another request can follow. If it breaks a rule, that is the response.
    async fn read_rest(
        &mut self,
        response: Response<Content>,
    ) -> (Response<Content>, Persistence) {
        let Limits { unwanted: most, unwanted_time, .. } = *self.server.limits;
        let before = self.body.received;
        let mut deadline = None;
        while self.body.progress != Progress::Over {
            let is_too_long = self.body.left.is_some_and(|left| left >= most)
                || self.body.received - before > most;
            if is_too_long {
                self.connection.stop_receiving();
                return (response, Persistence::Close);
            }
            let deadline =
                *deadline.get_or_insert_with(|| Instant::now() + unwanted_time);
            match timeout_at(deadline, self.next()).await {
                Ok(Ok(_)) => {}
                Ok(Err(BodyError::Refused(response))) => {
                    return (response.map(Content::from), Persistence::Close);
                }
                Ok(Err(BodyError::Io(_))) => return (response, Persistence::Close),
                Err(_) => {
                    self.connection.stop_receiving();
                    return (response, Persistence::Close);
                }
            }
        }
        (response, Persistence::KeepAlive)
    }
}
