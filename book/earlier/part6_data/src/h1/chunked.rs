/// Takes a chunked body apart as it arrives.
#[derive(Debug, Clone, Default)]
pub struct Decoder {
    part: Part,
}

/// What comes next in a chunked body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Part {
    /// A chunk's size and extensions.
    #[default]
    Size,
    /// So many bytes of a chunk's data.
    Data(u64),
}

/// What a chunked body goes on with.
#[derive(Debug, PartialEq, Eq)]
pub enum Decoded<'a> {
    /// Content.
    Data(&'a [u8]),
}

impl Decoder {
    /// Reads on in `input`, which begins where the last call ended: how many bytes
    /// it took, and what they come to; none if more must come first.
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
        self.part = Part::Data(size);
        Ok(None)
    }

    /// As much of the chunk as there is.
    fn data<'a>(
        &mut self,
        cursor: &mut Cursor<'a>,
        length: u64,
    ) -> Result<Option<Decoded<'a>>, Stop> {
        cursor.peek()?;
        let here = usize::try_from(length).unwrap_or(usize::MAX);
        let (data, rest) = cursor.rest.split_at(here.min(cursor.rest.len()));
        cursor.rest = rest;
        self.part = match length - data.len() as u64 {
            0 => Part::Size,
            length => Part::Data(length),
        };
        Ok(Some(Decoded::Data(data)))
    }
}
