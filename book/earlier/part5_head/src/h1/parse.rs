use crate::message::{Headers, Method, Request, Target, Version};

/// A head that has arrived whole.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Head {
    /// The request that it makes, to be handed around.
    pub request: Arc<Request>,
    /// Its own length in bytes.
    pub length: usize,
}

/// Parses one head out of bytes that arrive a few at a time.
///
/// The rules are applied from left to right, each at the byte that breaks it: how
/// the bytes were cut on their way makes no difference to the outcome. Lines that
/// have been read are not read again.
#[derive(Debug, Default)]
pub struct Parser {
    /// How many bytes have been read, whole lines all.
    read: usize,
    method: Option<Method>,
    request_line: Option<(Method, Target, Version)>,
}

impl Parser {
    /// Reads on. `input` is all that has come so far, from the head's first byte;
    /// none as long as the head's end is not among it.
    ///
    /// # Errors
    /// If the bytes that have come can't be the beginning of any request.
    pub fn parse(&mut self, input: &[u8]) -> Result<Option<Head>, Error> {
        loop {
            let rest = input.get(self.read..).unwrap_or_default();
            let mut cursor = Cursor { rest };
            let line = match self.request_line {
                None => self.request_line(&mut cursor),
                Some(_) => cursor.line_end().map(|()| true),
            };
            let head_is_over = match line {
                Ok(head_is_over) => head_is_over,
                Err(Stop::Broken(error)) => return Err(error),
                Err(Stop::Incomplete) => return Ok(None),
            };
            self.read += rest.len() - cursor.rest.len();
            if head_is_over {
                return self.finish().map(Some);
            }
        }
    }

    /// request-line = method SP request-target SP HTTP-version (section 3)
    fn request_line(&mut self, cursor: &mut Cursor) -> Result<bool, Stop> {
        let method = cursor.take_while(is_tchar)?;
        cursor.expect(b' ', Error::Method)?;
        // The first time around: what costs more than a look is done once.
        let method = match self.method.take() {
            None => Method::parse(method).ok_or(Error::Method)?,
            Some(method) => method,
        };
        let method = self.method.insert(method);

        let target = cursor.take_while(is_target_byte)?;
        if matches!(cursor.peek()?, b'\r' | b'\n') {
            return Err(Error::Version.into());
        }
        cursor.expect(b' ', Error::TargetByte)?;
        let target = str::from_utf8(target).map_err(|_| Error::TargetByte)?;
        let target = Target::parse(method, target).ok_or(Error::TargetForm)?;

        let version = cursor.http_version()?;
        cursor.line_end()?;
        self.request_line = Some((method.clone(), target, version));
        Ok(false)
    }

    /// What can only be told of a head as a whole.
    fn finish(&mut self) -> Result<Head, Error> {
        let (method, target, version) =
            self.request_line.take().expect("fields follow a request line");
        let request = Request::new(method, target, version, Headers::default())?;
        let request = Arc::new(request);
        Ok(Head { request, length: self.read })
    }
}
