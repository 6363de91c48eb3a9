use super::framing::{self, BodyLength};

/// A head that has arrived whole.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Head {
    /// The request that it makes, to be handed around.
    pub request: Arc<Request>,
    /// How long what follows it is.
    pub body: BodyLength,
    /// Its own length in bytes, empty lines before it included.
    pub length: usize,
}

impl Parser {
    /// What can only be told of a head as a whole.
    fn finish(&mut self) -> Result<Head, Error> {
        let (method, target, version) =
            self.request_line.take().expect("fields follow a request line");
        let headers = std::mem::take(&mut self.headers);
        let body = framing::body_length(&headers)?;
        let request = Request::new(method, target, version, headers)?;
        let request = Arc::new(request);
        Ok(Head { request, body, length: self.read })
    }
}
