impl Parser {
    /// What can only be told of a head as a whole.
    fn finish(&mut self) -> Result<Head, Error> {
        let (method, target, version) =
            self.request_line.take().expect("fields follow a request line");
        let headers = std::mem::take(&mut self.headers);
        let body = framing::body_length(version, &headers)?;
        let request = Request::new(method, target, version, headers)?;
        let request = Arc::new(request);
        Ok(Head { request, body, length: self.read })
    }
}
