use super::parse::{Cursor, Stop};

/// Takes a chunked body apart as it arrives.
#[derive(Debug, Clone, Default)]
pub struct Decoder {
    size: Option<u64>,
}

impl Decoder {
    /// Reads on in `input`: how many bytes it took.
    ///
    /// # Errors
    /// If `input` is not how a chunked body can go on.
    pub fn decode(&mut self, input: &[u8]) -> Result<usize, Error> {
        if self.size.is_some() {
            return Ok(0);
        }
        let mut cursor = Cursor { rest: input };
        match self.size(&mut cursor) {
            Ok(()) => Ok(input.len() - cursor.rest.len()),
            Err(Stop::Incomplete) => Ok(0),
            Err(Stop::Broken(error)) => Err(error),
        }
    }

    /// chunk-size CRLF
    fn size(&mut self, cursor: &mut Cursor) -> Result<(), Stop> {
        let size = chunk_size(cursor)?;
        cursor.line_end()?;
        self.size = Some(size);
        Ok(())
    }
}
