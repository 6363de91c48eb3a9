/// Parses one head out of bytes that arrive a few at a time.
///
/// The rules are applied from left to right, each at the byte that breaks it: how
/// the bytes were cut on their way makes no difference to the outcome. Lines that
/// have been read are not read again.
#[derive(Debug, Default)]
pub struct Parser {
    /// How many bytes have been read, whole lines all.
    read: usize,
    empty_lines: usize,
    method: Option<Method>,
    request_line: Option<(Method, Target, Version)>,
}

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
                None => self.request_line(&mut cursor, limits),
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
