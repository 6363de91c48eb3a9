impl<S: Stream, P: Shutdown> Driver<'_, S, P> {
    /// Reads what has come of a request's content, so that another request can follow.
    /// If it breaks a rule, that is the response.
    async fn read_rest(
        &mut self,
        response: Response<Content>,
    ) -> (Response<Content>, Persistence) {
        while self.body.progress != Progress::Over {
            match self.next().await {
                Ok(_) => {}
                Err(BodyError::Refused(response)) => {
                    return (response.map(Content::from), Persistence::Close);
                }
                Err(BodyError::Io(_)) => {
                    self.connection.stop_receiving();
                    return (response, Persistence::Close);
                }
            }
        }
        (response, Persistence::KeepAlive)
    }
}
