impl Receiving {
    /// Reads on in `input`, which begins with the first byte that was not taken. How
    /// it was cut on its way makes no difference.
    ///
    /// # Errors
    /// If `input` breaks a rule, or goes beyond `limits`.
    pub fn receive<'a>(
        self,
        input: &'a [u8],
        limits: &Limits,
    ) -> Result<Step<'a>, Broken> {
        match self {
            Receiving::Head(mut parser) => {
                match parser.parse(input, &limits.head) {
                    Ok(None) => Ok((Receiving::Head(parser), 0, None)),
                    Ok(Some(head)) => {
                        let next = match head.body {
                            BodyLength::None => Receiving::Head(Parser::default()),
                            BodyLength::Known(length) => Receiving::Length(length),
                            BodyLength::Chunked => {
                                Receiving::Chunked(Decoder::default())
                            }
                        };
                        let length = head.length;
                        Ok((next, length, Some(Received::Head(head))))
                    }
                    Err(error) => {
                        let method = parser.method().cloned();
                        Err(Broken { error, method })
                    }
                }
            }
            Receiving::Length(0) => {
                let end = Received::End(Headers::default());
                Ok((Receiving::Head(Parser::default()), 0, Some(end)))
            }
            Receiving::Length(length) => {
                let here = usize::try_from(length).unwrap_or(usize::MAX);
                let data = input.get(..here).unwrap_or(input);
                let next = Receiving::Length(length - data.len() as u64);
                let received = (!data.is_empty()).then_some(Received::Data(data));
                Ok((next, data.len(), received))
            }
            Receiving::Chunked(mut decoder) => {
                let (taken, piece) = decoder.decode(input)?;
                let data = piece.map(|Decoded::Data(it)| Received::Data(it));
                Ok((Receiving::Chunked(decoder), taken, data))
            }
            Receiving::Closed => Ok((Receiving::Closed, 0, None)),
        }
    }
}
