use crate::message::Response;

/// What is written next.
#[derive(Debug, Default, PartialEq, Eq)]
pub enum Sending {
    /// Nothing: there is no request without its response.
    #[default]
    Idle,
    /// The response to a request.
    Response(Pending),
    /// Nothing any more.
    Closed,
}

/// What a request has to say about the response that is to come.
#[derive(Debug, PartialEq, Eq)]
pub struct Pending {
    persistence: Persistence,
}

impl Sending {
    /// A request has come, to which a response is now expected.
    pub fn expect_response(self, head: &Head) -> Sending {
        match self {
            Sending::Idle => {
                Sending::Response(Pending { persistence: head.persistence })
            }
            other => other,
        }
    }

    /// Writes the response's head. Afterwards the connection closes if the client
    /// wants it to.
    pub fn respond(self, output: &mut Output, response: &Response<()>) -> Sending {
        let Sending::Response(pending) = self else { return self };
        let then = pending.persistence;
        output.write(|buffer| encode::head(buffer, response, then));
        Sending::after(then)
    }
}
