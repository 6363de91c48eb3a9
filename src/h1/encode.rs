//! From a response to bytes.

use std::io::{self, Write};

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
    let mut head = || -> io::Result<()> {
        let status = response.status;
        write!(bytes, "HTTP/1.1 {} {}\r\nDate: ", status.code(), status.reason())?;
        bytes.write_all(date)?;
        for (name, value) in response.headers.iter() {
            write!(bytes, "\r\n{}: ", name.as_str())?;
            bytes.write_all(value.as_bytes())?;
        }
        match body {
            Body::None => {}
            Body::Length(length) => write!(bytes, "\r\nContent-Length: {length}")?,
            Body::Chunked => write!(bytes, "\r\nTransfer-Encoding: chunked")?,
        }
        if connection == Connection::Close {
            write!(bytes, "\r\nConnection: close")?;
        }
        bytes.write_all(b"\r\n\r\n")
    };
    head().expect("writing to memory does not fail");
}
