use crate::message::{Method, Target};

/// Parses one head out of bytes that arrive a few at a time.
#[derive(Debug, Default)]
pub struct Parser {
    method: Option<Method>,
}

impl Parser {
    /// Reads on. `input` is all that has come so far; none as long as the end of the
    /// second word is not among it.
    ///
    /// # Errors
    /// If the bytes that have come can't be the beginning of any request.
    pub fn parse(
        &mut self,
        input: &[u8],
    ) -> Result<Option<(Method, Target)>, Error> {
        let mut cursor = Cursor { rest: input };
        match self.request_line(&mut cursor) {
            Ok(line) => Ok(Some(line)),
            Err(Stop::Broken(error)) => Err(error),
            Err(Stop::Incomplete) => Ok(None),
        }
    }

    /// request-line = method SP request-target SP HTTP-version (section 3)
    fn request_line(
        &mut self,
        cursor: &mut Cursor,
    ) -> Result<(Method, Target), Stop> {
        let method = cursor.take_while(is_tchar)?;
        cursor.expect(b' ', Error::Method)?;
        // The first time around: what costs more than a look is done once.
        let method = match self.method.take() {
            None => Method::parse(method).ok_or(Error::Method)?,
            Some(method) => method,
        };
        let method = self.method.insert(method);

        let target = cursor.take_while(is_target_byte)?;
        cursor.expect(b' ', Error::TargetByte)?;
        let target = str::from_utf8(target).map_err(|_| Error::TargetByte)?;
        let target = Target::parse(method, target).ok_or(Error::TargetForm)?;
        Ok((method.clone(), target))
    }
}
