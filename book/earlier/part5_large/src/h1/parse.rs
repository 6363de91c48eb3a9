impl Parser {
    /// Reads on. `input` is all that has come so far, from the head's first byte;
    /// none as long as the head's end is not among it.
    ///
    /// # Errors
    /// If the bytes that have come can't be the beginning of any request that keeps
    /// within `limits`.
    pub fn parse(
        &mut self,
        input: &[u8],
        limits: &HeadLimits,
    ) -> Result<Option<Head>, Error> {
        let window = input.get(..limits.bytes).unwrap_or(input);
        loop {
            let rest = window.get(self.read..).unwrap_or_default();
            let mut cursor = Cursor { rest };
            let line = match self.request_line {
                None => self.request_line(&mut cursor),
                Some(_) => cursor.line_end().map(|()| true),
            };
            let head_is_over = match line {
                Ok(head_is_over) => head_is_over,
                Err(Stop::Broken(error)) => return Err(error),
                Err(Stop::Incomplete) if window.len() == limits.bytes => {
                    return Err(Error::TooLarge);
                }
                Err(Stop::Incomplete) => return Ok(None),
            };
            self.read += rest.len() - cursor.rest.len();
            if head_is_over {
                return self.finish().map(Some);
            }
        }
    }
}
