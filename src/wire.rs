//! A connection's two halves, joined to a stream: bytes come in and go out here, and
//! nowhere else.

use std::future::ready;
use std::io;
use std::pin::pin;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::answer::{refusal, refuse, timed_out};
use crate::content::Content;
use crate::h1::connection::{Broken, Received, Receiving, Sending};
use crate::h1::{Body, is_blank};
use crate::message::{Response, Status};

/// How long a client may take to make room for more of a response.
pub const WRITE_DEADLINE: Duration = Duration::from_secs(30);
/// How long more of a body may take to arrive.
pub const BODY_DEADLINE: Duration = Duration::from_secs(30);
/// How much room is made for a request's head: most heads whole.
const HEAD_ROOM: usize = 2 * 1024;
/// How much room is made for a body.
const BODY_ROOM: usize = 64 * 1024;
/// How much output may gather before it must leave.
const OUTPUT_ROOM: usize = 64 * 1024;

/// How much of a file is read in one go.
const FILE_ROOM: usize = 256 * 1024;

/// Does something that waits for the client to make room, or gives up.
async fn in_time<T>(work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    let mut work = pin!(work);
    tokio::select! {
        biased;
        done = &mut work => done,
        // Mostly there is room, and no clock is needed to see it.
        () = ready(()) => timeout(WRITE_DEADLINE, work).await?,
    }
}

/// What has been read of a body.
pub struct Beginning {
    /// Its first bytes.
    pub data: Vec<u8>,
    /// Whether they are all.
    pub is_over: bool,
}

/// A stream, what has come from it and was not read, what is to go out and has not
/// left, and the state of both halves.
pub struct Wire<S> {
    stream: S,
    input: BytesMut,
    /// What is to go out.
    pub output: Vec<u8>,
    /// How much went out last: the next time, there is room for it at once.
    usual_output: usize,
    /// What is read next.
    pub receiving: Receiving,
    /// What is written next.
    pub sending: Sending,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    /// A wire over which nothing has gone.
    pub fn new(stream: S) -> Wire<S> {
        Wire {
            stream,
            input: BytesMut::new(),
            output: Vec::new(),
            usual_output: HEAD_ROOM,
            receiving: Receiving::default(),
            sending: Sending::default(),
        }
    }

    /// Reads on in what has come, and hands what it is to `then`; none if more must
    /// come first.
    pub fn receive<T>(
        &mut self,
        then: impl FnOnce(Received, &mut Sending, &mut Vec<u8>) -> T,
    ) -> Result<Option<T>, Broken> {
        let receiving = std::mem::replace(&mut self.receiving, Receiving::Closed);
        let (next, taken, received) = receiving.receive(&self.input)?;
        self.receiving = next;
        let result = received
            .map(|received| then(received, &mut self.sending, &mut self.output));
        self.input.advance(taken);
        Ok(result)
    }

    /// Takes the sending half from one state to the next.
    pub fn send(&mut self, step: impl FnOnce(Sending, &mut Vec<u8>) -> Sending) {
        let sending = std::mem::replace(&mut self.sending, Sending::Closed);
        if self.output.capacity() == 0 {
            self.output.reserve(self.usual_output);
        }
        self.sending = step(sending, &mut self.output);
    }

    /// Reads a body, or more than `most` bytes of it; or says what to say to one that
    /// can't be read.
    pub async fn read_body(
        &mut self,
        body: Body,
        most: usize,
    ) -> io::Result<Result<Beginning, Response>> {
        let mut beginning =
            Beginning { data: Vec::new(), is_over: body == Body::None };
        while !beginning.is_over && beginning.data.len() <= most {
            let read = self.receive(|received, _, _| match received {
                Received::Data(data) => beginning.data.extend_from_slice(data),
                Received::End(_) => beginning.is_over = true,
                Received::Head(_) => unreachable!("no head within a body"),
            });
            match read {
                Ok(Some(())) => {}
                Ok(None) => {
                    if let Err(response) = self.fill_body().await? {
                        return Ok(Err(response));
                    }
                }
                Err(broken) => return Ok(Err(refuse(broken.error))),
            }
        }
        Ok(Ok(beginning))
    }

    /// Sends back what comes of a body, to its end, and adds up in `length`
    /// how many bytes. A body that can't be read to its end is an error, as the
    /// response can't be ended then.
    pub async fn send_back(&mut self, length: &mut u64) -> io::Result<()> {
        loop {
            let is_over = self.receive(|received, sending, output| {
                let now = std::mem::take(sending);
                match received {
                    Received::Data(data) => {
                        *length += data.len() as u64;
                        *sending = now.content(output, data);
                        false
                    }
                    Received::End(_) => {
                        *sending = now.end(output);
                        true
                    }
                    Received::Head(_) => unreachable!("no head within a body"),
                }
            });
            match is_over.map_err(|broken| io::Error::other(broken.error))? {
                Some(true) => return Ok(()),
                Some(false) if self.output.len() < OUTPUT_ROOM => {}
                Some(false) => self.flush().await?,
                None => {
                    let filled = self.fill_body().await?;
                    filled.map_err(|_| io::ErrorKind::UnexpectedEof)?;
                }
            }
        }
    }

    /// Waits for more of a body; or says what to say if nothing comes.
    async fn fill_body(&mut self) -> io::Result<Result<(), Response>> {
        self.flush().await?;
        Ok(match timeout(BODY_DEADLINE, self.read()).await {
            Ok(Ok(0)) => {
                Err(refusal(Status::BAD_REQUEST, "the body ends before it is over"))
            }
            Ok(count) => count.map(|_| ()).map(Ok)?,
            Err(_) => Err(timed_out()),
        })
    }

    /// Sends the content of a response whose head has been written, if there is to
    /// be any, and adds up in `length` how many bytes. Files are read where that makes nobody else wait.
    pub async fn send_content(
        &mut self,
        mut content: Content,
        length: &mut u64,
    ) -> io::Result<()> {
        while let Sending::Length(..) = self.sending {
            let mut output = std::mem::take(&mut self.output);
            let is_in_file = content.is_in_file();
            let read = move || {
                let count = content.read(&mut output, FILE_ROOM);
                (content, output, count)
            };
            let count;
            (content, self.output, count) = match is_in_file {
                true => spawn_blocking(read).await?,
                false => read(),
            };
            let count = count?;
            self.send(|sending, _| sending.sent(count));
            *length += count as u64;
            if self.output.len() >= OUTPUT_ROOM {
                self.flush().await?;
            }
        }
        Ok(())
    }

    /// Whether nothing has come that was not read, or nothing that counts.
    pub fn is_idle(&self) -> bool {
        is_blank(&self.input)
    }

    /// Waits for more to come in: how much; 0 at the end of the stream.
    pub async fn read(&mut self) -> io::Result<usize> {
        let room = match self.receiving {
            Receiving::Head(_) => HEAD_ROOM,
            _ => BODY_ROOM,
        };
        if self.input.is_empty() && self.input.capacity() > room {
            // Who waits for a head needs less than who has read a body.
            self.input = BytesMut::new();
        }
        self.input.reserve(room);
        self.stream.read_buf(&mut self.input).await
    }

    /// Lets out what is to go out, as fast as the client makes room.
    pub async fn flush(&mut self) -> io::Result<()> {
        let mut rest = &self.output[..];
        while !rest.is_empty() {
            let count = in_time(self.stream.write(rest)).await?;
            if count == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            rest = &rest[count..];
        }
        if !self.output.is_empty() {
            in_time(self.stream.flush()).await?;
        }
        self.usual_output = self.output.len();
        self.output.clear();
        if self.output.capacity() > HEAD_ROOM {
            self.output = Vec::new();
        }
        Ok(())
    }

    /// The stream, when all has been said.
    pub fn into_stream(self) -> S {
        self.stream
    }
}
