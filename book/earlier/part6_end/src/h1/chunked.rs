/// What comes next in a chunked body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Part {
    /// A chunk's size and extensions.
    #[default]
    Size,
    /// So many bytes of a chunk's data.
    Data(u64),
    /// The line end behind a chunk's data.
    End,
}

impl Decoder {
    /// Reads on in `input`, which begins where the last call ended: how many bytes
    /// it took, and what they come to; none if more must come first. A line that has
    /// not come whole is left where it is.
    ///
    /// # Errors
    /// If `input` is not how a chunked body can go on.
    pub fn decode<'a>(
        &mut self,
        input: &'a [u8],
    ) -> Result<(usize, Option<Decoded<'a>>), Error> {
        let mut cursor = Cursor { rest: input };
        loop {
            let left = cursor.rest.len();
            let piece = match self.part {
                Part::Size => self.size(&mut cursor),
                Part::Data(length) => self.data(&mut cursor, length),
                Part::End => self.end(&mut cursor),
            };
            match piece {
                Ok(None) => {}
                Ok(piece) => return Ok((input.len() - cursor.rest.len(), piece)),
                Err(Stop::Incomplete) => return Ok((input.len() - left, None)),
                Err(Stop::Broken(error)) => return Err(error),
            }
        }
    }
}
