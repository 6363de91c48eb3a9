//! From a response to bytes.

use std::io::Write;

use super::Connection;
use crate::date::ImfFixdate;
use crate::message::{Method, Response};

/// Room for a head of ours; one that is longer costs a copy, no more.
const HEAD: usize = 512;

/// Writes a response to a request of the given method, if that is known, as it
/// goes out: a status line with its space before the reason (RFC 9112 section 4),
/// Date, the response's own fields, how long the body is and whether the
/// connection closes, an empty line; then the body, and not a byte after it. After
/// HEAD the head is the same, and there is no body (RFC 9110 section 9.3.2).
pub fn encode(
    response: &Response,
    method: Option<&Method>,
    connection: Connection,
    date: &ImfFixdate,
) -> Vec<u8> {
    let Response { status, headers, body } = response;
    let mut bytes = Vec::with_capacity(HEAD + body.len());
    let mut head = || {
        write!(bytes, "HTTP/1.1 {} {}\r\nDate: ", status.code(), status.reason())?;
        bytes.write_all(date)?;
        for (name, value) in headers.iter() {
            write!(bytes, "\r\n{}: ", name.as_str())?;
            bytes.write_all(value.as_bytes())?;
        }
        write!(bytes, "\r\nContent-Length: {}\r\n", body.len())?;
        match connection {
            Connection::Open => bytes.write_all(b"\r\n"),
            Connection::Close => bytes.write_all(b"Connection: close\r\n\r\n"),
        }
    };
    head().expect("writing to memory does not fail");
    if method != Some(&Method::Head) {
        bytes.extend_from_slice(body);
    }
    bytes
}
