//! Answers to the exercises of Part 3.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};

/// What a caller turns out to have said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    Get,
    Head,
    Junk,
}

/// 3.5: what is known of a request that may be a GET or a HEAD.
#[derive(Debug, Clone, Copy)]
pub enum Reading {
    /// At the start of a request, with these bytes seen: a word, as far as it goes.
    Start(&'static [u8]),
    /// Within a line of junk, with so many bytes of `HTTP/` just seen.
    Junk(usize),
    /// In the field lines of junk that speaks HTTP.
    Fields { empty: bool },
}

impl Reading {
    pub fn next(self, byte: u8) -> (Reading, Option<Heard>) {
        const WORDS: [(&[u8], Heard); 2] =
            [(b"GET ", Heard::Get), (b"HEAD ", Heard::Head)];
        const VERSION: &[u8] = b"HTTP/";
        match (self, byte) {
            (Reading::Start([]), b'\r' | b'\n') => (self, None),
            (Reading::Start(seen), byte) => {
                let goes_on = |word: &[u8]| {
                    word.strip_prefix(seen).is_some_and(|rest| rest[0] == byte)
                };
                match WORDS.iter().find(|(word, _)| goes_on(word)) {
                    Some((word, heard)) if word.len() == seen.len() + 1 => {
                        (Reading::Start(b""), Some(*heard))
                    }
                    Some((word, _)) => {
                        (Reading::Start(&word[..seen.len() + 1]), None)
                    }
                    // It was junk all along, and is looked at again as junk.
                    None => {
                        let line = seen.iter().chain([&byte]);
                        let junk = line.fold(Reading::Junk(0), |reading, &byte| {
                            reading.next(byte).0
                        });
                        (junk, Some(Heard::Junk))
                    }
                }
            }

            (Reading::Junk(seen), b'\n') if seen == VERSION.len() => {
                (Reading::Fields { empty: true }, None)
            }
            (Reading::Junk(_), b'\n') => (Reading::Start(b""), None),
            (Reading::Junk(seen), _) if seen == VERSION.len() => (self, None),
            (Reading::Junk(seen), byte) if byte == VERSION[seen] => {
                (Reading::Junk(seen + 1), None)
            }
            (Reading::Junk(_), b'H') => (Reading::Junk(1), None),
            (Reading::Junk(_), _) => (Reading::Junk(0), None),

            (Reading::Fields { empty: true }, b'\n') => (Reading::Start(b""), None),
            (Reading::Fields { .. }, b'\n') => {
                (Reading::Fields { empty: true }, None)
            }
            (Reading::Fields { .. }, b'\r') => (self, None),
            (Reading::Fields { .. }, _) => (Reading::Fields { empty: false }, None),
        }
    }
}

/// 3.6: hears one thing after the other, up to a GET; its state is where it waits.
pub async fn hear<R>(mut input: R, mut tell: impl FnMut(Heard)) -> io::Result<()>
where
    R: AsyncRead + Unpin,
{
    while let Some(wrong) = wrong_byte(&mut input).await? {
        tell(Heard::Junk);
        if says_http(&mut input, wrong).await? {
            skip_fields(&mut input).await?;
        }
    }
    tell(Heard::Get);
    Ok(())
}

/// The first byte that is not what `GET ` has in its place, if there is one.
async fn wrong_byte<R: AsyncRead + Unpin>(input: &mut R) -> io::Result<Option<u8>> {
    let mut byte = input.read_u8().await?;
    while matches!(byte, b'\r' | b'\n') {
        byte = input.read_u8().await?;
    }
    if byte != b'G' {
        return Ok(Some(byte));
    }
    for &wanted in b"ET " {
        byte = input.read_u8().await?;
        if byte != wanted {
            return Ok(Some(byte));
        }
    }
    Ok(None)
}

/// Whether `HTTP/` is in what is left of a line, from its next byte on.
async fn says_http<R>(input: &mut R, mut byte: u8) -> io::Result<bool>
where
    R: AsyncRead + Unpin,
{
    const VERSION: &[u8] = b"HTTP/";
    let mut seen = 0;
    while byte != b'\n' {
        seen = match byte {
            _ if seen == VERSION.len() => seen,
            byte if byte == VERSION[seen] => seen + 1,
            b'H' => 1,
            _ => 0,
        };
        byte = input.read_u8().await?;
    }
    Ok(seen == VERSION.len())
}

async fn skip_fields<R: AsyncRead + Unpin>(input: &mut R) -> io::Result<()> {
    let mut empty = true;
    loop {
        match input.read_u8().await? {
            b'\n' if empty => return Ok(()),
            b'\n' => empty = true,
            b'\r' => {}
            _ => empty = false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::{Client, Server};

    /// What is heard in input that is there as a whole, up to the first word of
    /// `words`.
    fn in_one_piece(mut input: &[u8], words: &[(&[u8], Heard)]) -> Vec<Heard> {
        let mut heard = Vec::new();
        loop {
            input = after_line_ends(input);
            if let Some((_, word)) = words.iter().find(|w| input.starts_with(w.0)) {
                heard.push(*word);
                return heard;
            }
            if words.iter().any(|(word, _)| word.starts_with(input)) {
                return heard;
            }
            heard.push(Heard::Junk);
            let Some(line) = input.iter().position(|&byte| byte == b'\n') else {
                return heard;
            };
            let (junk, rest) = input.split_at(line + 1);
            input = rest;
            if !junk.windows(5).any(|bytes| bytes == b"HTTP/") {
                continue;
            }
            loop {
                let Some(line) = input.iter().position(|&byte| byte == b'\n')
                else {
                    return heard;
                };
                let (field, rest) = input.split_at(line);
                input = &rest[1..];
                if field.iter().all(|&byte| byte == b'\r') {
                    break;
                }
            }
        }
    }

    fn after_line_ends(input: &[u8]) -> &[u8] {
        let start = input.iter().position(|byte| !b"\r\n".contains(byte));
        &input[start.unwrap_or(input.len())..]
    }

    /// Every row of up to five of the pieces that matter.
    fn inputs() -> Vec<Vec<u8>> {
        const PIECES: [&[u8]; 11] = [
            b"\n", b"\r", b"G", b"GET ", b"HEAD ", b"H", b"HE", b"HT", b"TP/",
            b"HTTP/", b"x",
        ];
        let mut inputs = vec![Vec::new()];
        let mut last = 0..1;
        for _ in 0..5 {
            for index in last.clone() {
                for piece in PIECES {
                    let input = [&inputs[index], piece].concat();
                    inputs.push(input);
                }
            }
            last = last.end..inputs.len();
        }
        inputs
    }

    #[test]
    fn get_and_head_are_known_from_each_other_and_from_junk() {
        let words: [(&[u8], Heard); 2] =
            [(b"GET ", Heard::Get), (b"HEAD ", Heard::Head)];
        for input in inputs() {
            let mut reading = Reading::Start(b"");
            let mut all = Vec::new();
            for &byte in &input {
                let (next, heard) = reading.next(byte);
                reading = next;
                all.extend(heard);
                if matches!(heard, Some(Heard::Get | Heard::Head)) {
                    break;
                }
            }
            assert_eq!(
                all,
                in_one_piece(&input, &words),
                "{}",
                input.escape_ascii()
            );
        }
    }

    #[tokio::test]
    async fn a_state_may_be_a_place_in_the_code() {
        for input in inputs() {
            let mut all = Vec::new();
            let _ = hear(&input[..], |heard| all.push(heard)).await;
            let wanted = in_one_piece(&input, &[(b"GET ", Heard::Get)]);
            assert_eq!(all, wanted, "{}", input.escape_ascii());
        }
    }

    #[test]
    fn an_h_begins_http_whatever_went_before_it() {
        let server = Server::start("part3");
        for line in ["HTTP/1.1", "GEHTTP/1.1", "xHTTP/1.1", "xHHTTP/1.1", "HTHTTP/"]
        {
            let mut client = Client::clear(server.addresses[0]);
            client.send(format!("{line}\r\na: b\r\n\r\nGET ").as_bytes());
            let said = String::from_utf8(client.read_to_end()).unwrap();
            assert_eq!(said.matches(" 405 ").count(), 1, "{line}");
            assert_eq!(said.matches(" 200 ").count(), 1, "{line}");
        }
    }
}
