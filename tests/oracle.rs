//! Part 6, and hyper's client: what it sends is understood, what it gets it
//! understands, and both of it on one connection, however the bytes are cut.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::client::conn::http1;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use proptest::prelude::*;
use rohttp::verse::VERSE;

use crate::connections::start;

/// What a client asks for, and how.
#[derive(Debug, Clone)]
struct Ask {
    method: &'static str,
    path: &'static str,
    fields: Vec<(&'static str, &'static str)>,
    /// A range, as it is asked for.
    range: Option<(usize, usize)>,
    content: Content,
}

/// A body in pieces, with its length told beforehand or not.
#[derive(Debug, Clone)]
struct Content {
    pieces: VecDeque<Vec<u8>>,
    is_chunked: bool,
}

impl Body for Content {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = self.pieces.pop_front();
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece.into()))))
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        match self.is_chunked {
            true => SizeHint::default(),
            false => SizeHint::with_exact(
                self.pieces.iter().map(Vec::len).sum::<usize>() as u64,
            ),
        }
    }
}

fn ask() -> impl Strategy<Value = Ask> {
    let piece = prop::collection::vec(any::<u8>(), 1..2_000);
    let pieces = prop::collection::vec(piece, 0..6);
    let content = (pieces, any::<bool>()).prop_map(|(pieces, is_chunked)| {
        Content { pieces: pieces.into(), is_chunked }
    });
    let range = prop::option::of((0_usize..1_500, 0_usize..1_500));
    let methods = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "BREW"];
    let fields = prop::sample::subsequence(
        vec![
            ("If-None-Match", "*"),
            ("If-Match", "\"other\""),
            ("If-Modified-Since", "Mon, 27 Jul 1987 00:00:00 GMT"),
            ("Expect", "100-continue"),
            ("Accept-Encoding", "gzip"),
            ("Cookie", "a=b"),
        ],
        0..=3,
    );
    (
        prop::sample::select(methods.to_vec()),
        prop::sample::select(vec!["/", "/echo"]),
        fields,
        range,
        content,
    )
        .prop_map(|(method, path, mut fields, range, content)| {
            if (method, path) != ("POST", "/echo") {
                // Who expects to be asked for a body that nobody wants is refused, and
                // the connection closed: that is told elsewhere.
                fields.retain(|(name, _)| *name != "Expect");
            }
            Ask { method, path, fields, range, content }
        })
}

impl Ask {
    fn request(&self) -> Request<Content> {
        let mut request = Request::builder()
            .method(self.method)
            .uri(self.path)
            .header("Host", "a");
        for (name, value) in &self.fields {
            request = request.header(*name, *value);
        }
        if let Some((first, last)) = self.range {
            request = request.header("Range", format!("bytes={first}-{last}"));
        }
        request.body(self.content.clone()).unwrap()
    }

    fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(given, _)| *given == name)
    }

    /// What is to come back: the status, and the content.
    fn expected(&self) -> (u16, Vec<u8>) {
        let nothing = Vec::new;
        match (self.method, self.path) {
            ("BREW", _) => (501, nothing()),
            ("OPTIONS", _) => (200, nothing()),
            ("POST", "/echo") => {
                (200, self.content.pieces.iter().flatten().copied().collect())
            }
            ("GET" | "HEAD", "/") if self.has("If-Match") => (412, nothing()),
            ("GET" | "HEAD", "/")
                if self.has("If-None-Match") || self.has("If-Modified-Since") =>
            {
                (304, nothing())
            }
            ("HEAD", "/") => (200, nothing()),
            ("GET", "/") => match self.range {
                Some((first, last)) if first <= last => {
                    match VERSE.as_bytes().get(first..) {
                        None | Some([]) => (416, nothing()),
                        Some(rest) => {
                            (206, rest[..rest.len().min(last + 1 - first)].into())
                        }
                    }
                }
                _ => (200, VERSE.into()),
            },
            _ => (405, nothing()),
        }
    }

    /// Holds a response's head and content to what was asked.
    fn check(&self, head: &Response<()>, content: &[u8]) {
        let (status, expected) = self.expected();
        assert_eq!(head.status().as_u16(), status, "{self:?}: {head:?}");
        if head.status().is_success() {
            assert_eq!(content, expected, "{self:?}: {head:?}");
        }
        let told = head.headers().get("Content-Length");
        let told =
            told.map(|value| value.to_str().unwrap().parse::<usize>().unwrap());
        match head.status() {
            StatusCode::NOT_MODIFIED => assert!(content.is_empty()),
            StatusCode::OK if self.method == "HEAD" => {
                assert_eq!(told, Some(VERSE.len()), "{self:?}: {head:?}")
            }
            _ if told.is_some() && self.method != "HEAD" => {
                assert_eq!(told, Some(content.len()), "{self:?}: {head:?}")
            }
            _ => {}
        }
    }
}

/// Asks all of it on one connection, which stays until the last is answered.
async fn converse(asks: &[Ask], room: usize) {
    let (stream, _ending) = start(room);
    let (mut client, connection) =
        http1::handshake(TokioIo::new(stream)).await.unwrap();
    let connection = tokio::spawn(connection);
    for (at, ask) in asks.iter().enumerate() {
        let mut request = ask.request();
        if at + 1 == asks.len() {
            request.headers_mut().insert("Connection", "close".parse().unwrap());
        }
        client.ready().await.unwrap();
        let response = client.send_request(request).await.unwrap();
        let (head, body) = response.into_parts();
        let content = body.collect().await.unwrap().to_bytes();
        ask.check(&Response::from_parts(head, ()), &content);
    }
    // It has parsed all that came, and the end is where it should be.
    connection.await.unwrap().unwrap();
}

proptest! {
    #[test]
    fn hyper_and_we_understand_each_other(
        asks in prop::collection::vec(ask(), 1..8),
        room in 1_usize..3_000,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.unwrap().block_on(converse(&asks, room));
    }
}
