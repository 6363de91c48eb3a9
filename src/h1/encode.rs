//! From a response to bytes.

use super::{Body, Connection};
use crate::date::ImfFixdate;
use crate::message::{Method, Response};

/// Room for a head of ours; one that is longer costs a copy, no more.
const HEAD: usize = 512;

/// Writes a response to a request of the given method, if that is known, as it
/// goes out: a head, and then as many bytes as it says. After HEAD the head is the
/// same, and there is no body (RFC 9110 section 9.3.2).
pub fn encode(
    response: &Response,
    method: Option<&Method>,
    connection: Connection,
    date: &ImfFixdate,
) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEAD + response.body.len());
    let length = Body::Length(response.body.len() as u64);
    head(&mut bytes, response, length, connection, date);
    if method != Some(&Method::Head) {
        bytes.extend_from_slice(&response.body);
    }
    bytes
}

/// Writes a response's head: a status line with its space before the reason (RFC
/// 9112 section 4), Date, the response's own fields, how the body is framed and
/// whether the connection closes, an empty line.
pub(super) fn head<B>(
    bytes: &mut Vec<u8>,
    response: &Response<B>,
    body: Body,
    connection: Connection,
    date: &ImfFixdate,
) {
    let mut put = |parts: &[&[u8]]| {
        parts.iter().for_each(|part| bytes.extend_from_slice(part));
    };
    let status = response.status;
    let code = status.code().to_string();
    put(&[b"HTTP/1.1 ", code.as_bytes(), b" ", status.reason().as_bytes()]);
    put(&[b"\r\nDate: ", date]);
    for (name, value) in response.headers.iter() {
        put(&[b"\r\n", name.as_str().as_bytes(), b": ", value.as_bytes()]);
    }
    match body {
        Body::None => {}
        Body::Length(length) => {
            put(&[b"\r\nContent-Length: ", length.to_string().as_bytes()]);
        }
        Body::Chunked => put(&[b"\r\nTransfer-Encoding: chunked"]),
    }
    if connection == Connection::Close {
        put(&[b"\r\nConnection: close"]);
    }
    put(&[b"\r\n\r\n"]);
}
