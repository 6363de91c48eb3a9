use crate::message::headers::is_tchar;

/// Parses one head out of bytes that arrive a few at a time.
#[derive(Debug, Default)]
pub struct Parser;

impl Parser {
    /// The first word of `input`, all that has come so far; none as long as its end
    /// is not there.
    ///
    /// # Errors
    /// If there can be no word.
    pub fn parse<'a>(
        &mut self,
        input: &'a [u8],
    ) -> Result<Option<&'a [u8]>, Error> {
        let mut cursor = Cursor { rest: input };
        match cursor.take_while(is_tchar) {
            Ok([]) => Err(Error::Method),
            Ok(word) => Ok(Some(word)),
            Err(Stop::Incomplete) => Ok(None),
        }
    }
}

/// Why a line can't be read to its end: no fault of anyone's.
pub(super) enum Stop {
    Incomplete,
}
