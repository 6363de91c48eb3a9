use std::time::Duration;

/// Answers until the caller gets the verse, or hangs up.
async fn answer(stream: &mut TcpStream) -> io::Result<()> {
    let mut input = Vec::new();
    let response = match read_head(stream, &mut input).await? {
        Heard::None => return Ok(()),
        Heard::Get => verse() + VERSE,
        Heard::Junk => head(JUNK, ALLOW),
    };
    stream.write_all(response.as_bytes()).await
}

/// What a caller can send, as far as this part cares.
enum Heard {
    Get,
    Junk,
    /// The stream ended, and no request with it.
    None,
}

/// Reads up to the end of the next head, and takes it out of `input`.
async fn read_head(
    stream: &mut TcpStream,
    input: &mut Vec<u8>,
) -> io::Result<Heard> {
    loop {
        if let Some(length) = head_length(input) {
            let head: Vec<u8> = input.drain(..length).collect();
            return Ok(match &head[..] {
                [b'G', b'E', b'T', b' ', ..] => Heard::Get,
                _ => Heard::Junk,
            });
        }
        if stream.read_buf(input).await? == 0 {
            return Ok(Heard::None);
        }
    }
}

/// The head that describes the verse: its length in bytes, not in characters.
fn verse() -> String {
    head("200 OK", &format!("Content-Length: {}\r\n", VERSE.len()))
}

/// A status line, the fields that every response has, and `fields`.
fn head(status: &str, fields: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{fields}Connection: close\r\n\r\n")
}
