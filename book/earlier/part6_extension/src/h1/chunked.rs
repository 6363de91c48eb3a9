use crate::message::headers::is_tchar;

impl Decoder {
    /// chunk-size \[ chunk-ext \] CRLF
    fn size<'a>(
        &mut self,
        cursor: &mut Cursor,
    ) -> Result<Option<Decoded<'a>>, Stop> {
        let size = chunk_size(cursor)?;
        // What does not begin as an extension may as well be a size gone wrong.
        let mut otherwise = Error::ChunkSize;
        while chunk_extension(cursor, otherwise)? {
            otherwise = Error::LineEnd;
        }
        cursor.line_end()?;
        self.part = match size {
            0 => Part::Trailer,
            size => Part::Data(size),
        };
        Ok(None)
    }
}

/// One of them; or there is none, as the line ends here.
fn chunk_extension(text: &mut Cursor, otherwise: Error) -> Result<bool, Stop> {
    if text.peek()? == b'\r' {
        return Ok(false);
    }
    bad_whitespace(text)?;
    text.expect(b';', otherwise)?;
    bad_whitespace(text)?;
    token(text)?;
    let after_name = text.rest;
    bad_whitespace(text)?;
    if text.peek()? != b'=' {
        // The whitespace is the next one's.
        text.rest = after_name;
        return Ok(true);
    }
    text.expect(b'=', Error::ChunkExtension)?;
    bad_whitespace(text)?;
    token(text)?;
    Ok(true)
}
