/// What is read next.
#[derive(Debug)]
pub enum Receiving {
    /// A request's head, of which some may have been read.
    Head(Parser),
    /// Nothing any more.
    Closed,
}

/// What has been read.
#[derive(Debug)]
pub enum Received {
    /// A request. If it has a body, that comes next.
    Head(Head),
}

/// How reading goes on: in which state, after how many bytes, and what they were;
/// nothing if more must come first.
pub type Step = (Receiving, usize, Option<Received>);

impl Receiving {
    /// Reads on in `input`, which begins with the first byte that was not taken.
    ///
    /// # Errors
    /// If `input` breaks a rule, or goes beyond `limits`.
    pub fn receive(self, input: &[u8], limits: &Limits) -> Result<Step, Error> {
        match self {
            Receiving::Head(mut parser) => {
                let Some(head) = parser.parse(input, &limits.head)? else {
                    return Ok((Receiving::Head(parser), 0, None));
                };
                let next = match head.body {
                    BodyLength::None => Receiving::Head(Parser::default()),
                    _ => Receiving::Closed,
                };
                Ok((next, head.length, Some(Received::Head(head))))
            }
            Receiving::Closed => Ok((Receiving::Closed, 0, None)),
        }
    }
}
