//! A connection, as far as HTTP/1.1 is concerned. Its halves do not know of each
//! other, so that a response may begin before its request has ended, and the other
//! way round.

use bytes::Bytes;

use super::receiving::{Broken, Received, Receiving};
use super::sending::{Misuse, Sending};
use super::{Head, Persistence};
use crate::io::output::Output;
use crate::limits::Limits;
use crate::message::{Method, Response};

/// Both halves of a connection.
#[derive(Debug, Default)]
pub struct Connection {
    receiving: Receiving,
    sending: Sending,
}

impl Connection {
    /// Reads on in what has come and was not taken: how many bytes that takes, and
    /// what they are; nothing if more must come first.
    ///
    /// # Errors
    /// If it breaks a rule. Nothing is read after that.
    pub fn receive<'a>(
        &mut self,
        input: &'a [u8],
        limits: &Limits,
    ) -> Result<(usize, Option<Received<'a>>), Broken> {
        let receiving = std::mem::replace(&mut self.receiving, Receiving::Closed);
        let (next, taken, received) = receiving.receive(input, limits)?;
        self.receiving = next;
        Ok((taken, received))
    }

    /// Reads nothing any more: what comes is not worth it, or can't be told apart.
    pub fn stop_receiving(&mut self) {
        self.receiving = Receiving::Closed;
    }

    /// The method of the request whose head is being read, as soon as it is known.
    pub fn method(&self) -> Option<&Method> {
        match &self.receiving {
            Receiving::Head(parser) => parser.method(),
            _ => None,
        }
    }

    /// Whether it is a head that is read next.
    pub fn is_between_requests(&self) -> bool {
        matches!(self.receiving, Receiving::Head(_))
    }

    /// Whether a request can be answered that is still to come.
    pub fn is_open(&self) -> bool {
        self.sending == Sending::Idle
    }

    /// See [`Sending::expect_response`].
    ///
    /// # Errors
    /// As there; nothing is sent after one.
    pub fn expect_response(&mut self, head: &Head) -> Result<(), Misuse> {
        self.sending = self.take_sending().expect_response(head)?;
        Ok(())
    }

    /// See [`Sending::expect_refusal`].
    pub fn expect_refusal(&mut self) {
        self.sending = self.take_sending().expect_refusal();
    }

    /// See [`Sending::send_continue`].
    ///
    /// # Errors
    /// As there; nothing is sent after one.
    pub fn send_continue(&mut self, output: &mut Output) -> Result<(), Misuse> {
        self.sending = self.take_sending().send_continue(output)?;
        Ok(())
    }

    /// See [`Sending::respond`]. What comes back is the content that is to follow.
    ///
    /// # Errors
    /// As there; nothing is sent after one.
    pub fn respond<B>(
        &mut self,
        output: &mut Output,
        response: Response<Option<B>>,
        length: impl FnOnce(&B) -> Option<u64>,
        persistence: Persistence,
    ) -> Result<Option<B>, Misuse> {
        let sending = self.take_sending();
        let (next, content) =
            sending.respond(output, response, length, persistence)?;
        self.sending = next;
        Ok(content)
    }

    /// See [`Sending::data`].
    ///
    /// # Errors
    /// As there; nothing is sent after one.
    pub fn data(&mut self, output: &mut Output, data: Bytes) -> Result<(), Misuse> {
        self.sending = self.take_sending().data(output, data)?;
        Ok(())
    }

    /// See [`Sending::passed`].
    ///
    /// # Errors
    /// As there; nothing is sent after one.
    pub fn passed(&mut self, length: u64) -> Result<(), Misuse> {
        self.sending = self.take_sending().passed(length)?;
        Ok(())
    }

    /// See [`Sending::end`].
    ///
    /// # Errors
    /// As there; nothing is sent after one.
    pub fn end(&mut self, output: &mut Output) -> Result<(), Misuse> {
        self.sending = self.take_sending().end(output)?;
        Ok(())
    }

    fn take_sending(&mut self) -> Sending {
        std::mem::replace(&mut self.sending, Sending::Closed)
    }
}
