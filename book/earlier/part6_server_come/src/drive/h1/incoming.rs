impl<S: Stream, P: Shutdown> Body for Driver<'_, S, P> {
    fn length(&self) -> Option<u64> {
        // We don't count yet.
        None
    }

    async fn next(&mut self) -> Result<Option<Bytes>, BodyError> {
        while self.body.progress != Progress::Over {
            let received =
                self.connection.receive(self.io.input(), &self.server.limits);
            match received {
                Ok((taken, Some(Received::Data(data)))) => {
                    // The data are the last of what is taken.
                    let count = data.len();
                    self.io.consume(taken - count);
                    return Ok(Some(self.io.take(count)));
                }
                Ok((_, None)) => {
                    return Err(io::Error::from(io::ErrorKind::WouldBlock).into());
                }
                Ok((taken, Some(Received::End(_) | Received::Head(_)))) => {
                    self.io.consume(taken);
                    self.body.progress = Progress::Over;
                }
                Err(broken) => {
                    let response = Box::new(broken.error.response());
                    self.body.progress = Progress::Over;
                    return Err(BodyError::Refused(response));
                }
            }
        }
        Ok(None)
    }
}
