impl Sending {
    /// Appends content, as it is framed.
    ///
    /// # Errors
    /// If no content comes next, or less than that.
    pub fn data(self, output: &mut Output, data: Bytes) -> Result<Sending, Misuse> {
        let length = data.len() as u64;
        let next = match self {
            Sending::Length(left, then) if left > length => {
                Sending::Length(left - length, then)
            }
            Sending::Length(left, then) if left == length => Sending::after(then),
            Sending::UntilClose => Sending::UntilClose,
            Sending::Chunked(then) => {
                chunked::chunk(output, data);
                return Ok(Sending::Chunked(then));
            }
            other => return Err(other.misuse("content")),
        };
        output.push(data);
        Ok(next)
    }
}
