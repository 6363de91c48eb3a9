/// Takes a chunked body apart as it arrives.
#[derive(Debug, Clone, Default)]
pub struct Decoder {
    part: Part,
    /// How many bytes of trailer fields have been read.
    trailer: usize,
    trailers: Headers,
}

impl Decoder {
    /// Reads on in `input`, which begins where the last call ended: how many bytes
    /// it took, and what they come to; none if more must come first. A line that has
    /// not come whole is left where it is.
    ///
    /// # Errors
    /// If `input` is not how a chunked body can go on within `limits`.
    pub fn decode<'a>(
        &mut self,
        input: &'a [u8],
        limits: &Limits,
    ) -> Result<(usize, Option<Decoded<'a>>), Error> {
        let mut cursor = Cursor { rest: input };
        loop {
            let left = cursor.rest.len();
            let piece = match self.part {
                Part::Size => self.size(&mut cursor),
                Part::Data(length) => self.data(&mut cursor, length),
                Part::End => self.end(&mut cursor),
                Part::Trailer => self.trailer(&mut cursor, limits),
            };
            match piece {
                Ok(None) => {}
                Ok(piece) => return Ok((input.len() - cursor.rest.len(), piece)),
                Err(Stop::Incomplete) => return Ok((input.len() - left, None)),
                Err(Stop::Broken(error)) => return Err(error),
            }
        }
    }

    /// chunk-size CRLF
    fn size<'a>(
        &mut self,
        cursor: &mut Cursor,
    ) -> Result<Option<Decoded<'a>>, Stop> {
        let size = chunk_size(cursor)?;
        cursor.line_end()?;
        self.part = match size {
            0 => Part::Trailer,
            size => Part::Data(size),
        };
        Ok(None)
    }
}
