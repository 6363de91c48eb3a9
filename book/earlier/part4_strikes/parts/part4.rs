/// Answers until the caller gets the verse, has struck out, or hangs up.
async fn answer(stream: &mut TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut input = Vec::new();
    let mut strikes = 0;
    loop {
        let response = match read_head(stream, &mut input).await? {
            Heard::None => return Ok(()),
            Heard::Get => verse() + VERSE,
            // The same head, to the letter, and nothing after it.
            Heard::Head => verse(),
            Heard::Junk if strikes + 1 < LAST_STRIKE => {
                strikes += 1;
                stream.write_all(head(JUNK, ALLOW, NotLast).as_bytes()).await?;
                continue;
            }
            Heard::Junk => head(JUNK, ALLOW, Last),
        };
        return stream.write_all(response.as_bytes()).await;
    }
}

/// What a caller can send, as far as this part cares.
enum Heard {
    Get,
    Head,
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
        // Empty lines before a request are nothing (RFC 9112 section 2.2).
        let content = input.iter().position(|byte| !b"\r\n".contains(byte));
        input.drain(..content.unwrap_or(input.len()));

        if let Some(length) = head_length(input) {
            let head: Vec<u8> = input.drain(..length).collect();
            return Ok(match &head[..] {
                [b'G', b'E', b'T', b' ', ..] => Heard::Get,
                [b'H', b'E', b'A', b'D', b' ', ..] => Heard::Head,
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
    let length = VERSE.len();
    let fields = format!(
        "Content-Type: text/plain; charset=utf-8\r\n\
         Content-Length: {length}\r\n"
    );
    head("200 OK", &fields, Last)
}

/// A status line, the fields that every response has, and `fields`.
fn head(status: &str, fields: &str, connection: Connection) -> String {
    let close = match connection {
        Last => "Connection: close\r\n",
        NotLast => "",
    };
    format!("HTTP/1.1 {status}\r\n{fields}{close}\r\n")
}
