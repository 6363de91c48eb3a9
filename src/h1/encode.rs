//! From a response to bytes.

use super::Persistence;
use crate::message::Response;

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
