//! From a response to bytes.

use std::borrow::Cow;

use super::Persistence;
use crate::date::ImfFixdate;
use crate::message::{Method, Response};

/// A response to a request of the given method, if that is known, as it goes out: a
/// head, and then as many bytes as it says.
pub fn whole(
    response: Response,
    method: Option<&Method>,
    persistence: Persistence,
    date: &ImfFixdate,
) -> Vec<u8> {
    let length = |body: &Cow<[u8]>| Some(body.len() as u64);
    let response = response.finish(method, length, date);
    let mut bytes = Vec::new();
    head(&mut bytes, &response, persistence);
    bytes.extend_from_slice(&response.body.unwrap_or_default());
    bytes
}

/// Appends a response's head: a status line with its space before the reason (RFC
/// 9112 section 4), the fields, whether the connection closes, an empty line.
pub fn head<B>(
    output: &mut Vec<u8>,
    response: &Response<B>,
    persistence: Persistence,
) {
    let mut put = |parts: &[&[u8]]| {
        parts.iter().for_each(|part| output.extend_from_slice(part));
    };
    let status = response.status;
    let code = status.code().to_string();
    put(&[b"HTTP/1.1 ", code.as_bytes(), b" ", status.reason().as_bytes()]);
    for (name, value) in response.headers.iter() {
        put(&[b"\r\n", name.as_str().as_bytes(), b": ", value.as_bytes()]);
    }
    if persistence == Persistence::Close {
        put(&[b"\r\nConnection: close"]);
    }
    put(&[b"\r\n\r\n"]);
}
