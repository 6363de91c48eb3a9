//! What each byte of a recorded exchange is: what was sent and what came back, read as
//! the part reads and writes it.

use std::mem;

/// Some bytes in a row that are one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// What they are, by the name that [`crate::kind`] has for it.
    pub kind: &'static str,
    /// How many there are.
    pub length: usize,
}

/// All bytes of an exchange.
#[derive(Debug, Default)]
pub struct Ranges {
    /// Of what was sent.
    pub sent: Vec<Range>,
    /// Of what came back.
    pub received: Vec<Range>,
}

/// What the bytes of an exchange are, in order and all of them, by what a part makes of
/// them.
///
/// # Errors
/// If something came back that is no response as HTTP has it.
pub fn read(part: &str, sent: &[u8], received: &[u8]) -> Result<Ranges, String> {
    let mut client = Lexer::of(part, sent);
    client.requests();
    let mut server = Lexer::of(part, received);
    server.responses(&client.methods).map_err(|_| {
        let at = server.length - server.rest.len();
        format!("byte {at} of what came back has no place in a response")
    })?;
    // Nobody reads what comes after the last answer.
    if server.is_last
        && let Some(&unread) = client.starts.get(server.answers)
    {
        client.forget_from(unread);
    }
    Ok(Ranges { sent: client.ranges, received: server.ranges })
}

/// The bytes that an exchange's lines show, of those with a mark.
///
/// # Errors
/// If there is an escape that means none.
pub fn of_lines(exchange: &str, mark: &str) -> Result<Vec<u8>, String> {
    let shown: String =
        exchange.lines().filter_map(|line| line.strip_prefix(mark)).collect();
    let (mut bytes, mut rest) = (Vec::new(), shown.as_str());
    while let Some((before, escape)) = rest.split_once('\\') {
        bytes.extend_from_slice(before.as_bytes());
        let hex = escape.strip_prefix('x').and_then(|it| it.get(..2));
        let (byte, length) = match (escape.as_bytes().first(), hex) {
            (_, Some(hex)) => (u8::from_str_radix(hex, 16).ok(), 3),
            (Some(b'r'), _) => (Some(b'\r'), 1),
            (Some(b'n'), _) => (Some(b'\n'), 1),
            (Some(b't'), _) => (Some(b'\t'), 1),
            (Some(b'\\'), _) => (Some(b'\\'), 1),
            _ => (None, 0),
        };
        bytes.push(byte.ok_or_else(|| format!("no byte is \\{escape}"))?);
        rest = &escape[length..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    Ok(bytes)
}

/// Why a message is not read to its end.
enum Stop {
    /// There is no more of it.
    Ended,
    /// The next byte cannot stand there.
    Broken,
}

/// What is known of a head.
#[derive(Default)]
struct Head {
    lengths: Vec<usize>,
    is_chunked: bool,
    closes: bool,
}

/// Takes bytes off what is left, and says what they are.
struct Lexer<'a> {
    part: &'a str,
    rest: &'a [u8],
    length: usize,
    ranges: Vec<Range>,
    /// Where each request begins, and its method as far as it has one.
    starts: Vec<usize>,
    methods: Vec<&'a [u8]>,
    /// How many requests have been answered, and whether no other will be.
    answers: usize,
    is_last: bool,
}

impl<'a> Lexer<'a> {
    fn of(part: &'a str, bytes: &'a [u8]) -> Lexer<'a> {
        Lexer {
            part,
            rest: bytes,
            length: bytes.len(),
            ranges: Vec::new(),
            starts: Vec::new(),
            methods: Vec::new(),
            answers: 0,
            is_last: false,
        }
    }

    /// Reads requests up to the byte at which a server must refuse, which is called so;
    /// what follows that is not read.
    fn requests(&mut self) {
        while !self.rest.is_empty() {
            self.starts.push(self.length - self.rest.len());
            self.methods.push(b"");
            if let Err(Stop::Broken) = self.request() {
                self.take("wrong", 1);
                self.take("unread", self.rest.len());
            }
        }
    }

    fn request(&mut self) -> Result<(), Stop> {
        let is_early = matches!(self.part, "part3" | "part4");
        if is_early {
            self.any("before", |byte| b"\r\n".contains(&byte));
        }
        while self.rest.starts_with(b"\r") {
            self.exactly("before", b"\r\n")?;
        }
        let line = self.rest.split_inclusive(|&byte| byte == b'\n').next();
        let line = line.unwrap_or_default();
        if self.part == "part3" && line.starts_with(b"GET ") {
            self.take("method", 3);
            self.take("space", 1);
            self.take("unheard", self.rest.len());
            return Ok(());
        }
        if is_early && !line.windows(5).any(|it| it == b"HTTP/") {
            self.take("junk", line.len());
            return Ok(());
        }
        let method = self.some("method", is_token_byte)?;
        *self.methods.last_mut().expect("a request has begun") = method;
        self.exactly("space", b" ")?;
        self.some("target", is_target_byte)?;
        self.exactly("space", b" ")?;
        self.exactly("version", b"HTTP/0.0")?;
        self.exactly("line-end", b"\r\n")?;
        let head = self.fields()?;
        match head.lengths[..] {
            [] if head.is_chunked => self.chunks(),
            [length] if !head.is_chunked => {
                self.take("body", length.min(self.rest.len()));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Reads responses to requests of these methods.
    fn responses(&mut self, methods: &[&[u8]]) -> Result<(), Stop> {
        if !self.rest.starts_with(b"HTTP/") {
            self.take("text", self.rest.len());
        }
        while !self.rest.is_empty() {
            self.exactly("version", b"HTTP/0.0")?;
            self.exactly("space", b" ")?;
            let status = &self.rest[..self.rest.len().min(3)];
            self.exactly("status", b"000")?;
            self.exactly("space", b" ")?;
            self.any("reason", is_field_byte);
            self.exactly("line-end", b"\r\n")?;
            let head = self.fields()?;
            if status.starts_with(b"1") {
                continue;
            }
            let is_for_head = methods.get(self.answers) == Some(&&b"HEAD"[..]);
            self.answers += 1;
            // The fourth is the last that Part 3 forgives, and it does not say so.
            self.is_last = head.closes || self.part == "part3" && self.answers == 4;
            match head.lengths[..] {
                _ if is_for_head || matches!(status, b"204" | b"304") => {}
                _ if head.is_chunked => self.chunks()?,
                [length, ..] => self.take("body", length.min(self.rest.len())),
                [] => self.take("body", self.rest.len()),
            }
        }
        Ok(())
    }

    /// Field lines, and the empty one that ends them.
    fn fields(&mut self) -> Result<Head, Stop> {
        let mut head = Head::default();
        while !self.rest.starts_with(b"\r") {
            let name = self.some("name", is_token_byte)?.to_ascii_lowercase();
            self.exactly("colon", b":")?;
            self.any("whitespace", is_blank);
            let line = self.rest.iter().take_while(|byte| is_field_byte(**byte));
            let value = self.rest[..line.count()].trim_ascii_end();
            self.take(crate::kind::of_field(&name), value.len());
            self.any("whitespace", is_blank);
            self.exactly("line-end", b"\r\n")?;
            let value = String::from_utf8_lossy(value);
            match &name[..] {
                b"content-length" => head.lengths.extend(value.parse::<usize>()),
                b"transfer-encoding" => head.is_chunked = value == "chunked",
                b"connection" => head.closes |= value == "close",
                _ => {}
            }
        }
        self.exactly("head-end", b"\r\n")?;
        Ok(head)
    }

    /// A chunked body, with its trailer.
    fn chunks(&mut self) -> Result<(), Stop> {
        loop {
            let digits =
                self.some("chunk-size", |byte| byte.is_ascii_hexdigit())?;
            let digits = String::from_utf8_lossy(digits);
            let size = usize::from_str_radix(&digits, 16).unwrap_or(usize::MAX);
            self.any("chunk-extension", is_field_byte);
            self.exactly("line-end", b"\r\n")?;
            if size == 0 {
                return self.fields().map(|_| ());
            }
            self.take("chunk-data", size.min(self.rest.len()));
            self.exactly("chunk-end", b"\r\n")?;
        }
    }

    fn take(&mut self, kind: &'static str, length: usize) {
        self.rest = &self.rest[length..];
        if length > 0 {
            self.ranges.push(Range { kind, length });
        }
    }

    /// Takes all bytes that are so.
    fn any(&mut self, kind: &'static str, is: fn(u8) -> bool) -> &'a [u8] {
        let count = self.rest.iter().take_while(|byte| is(**byte)).count();
        let taken = &self.rest[..count];
        self.take(kind, count);
        taken
    }

    /// Takes all bytes that are so, one at least.
    fn some(
        &mut self,
        kind: &'static str,
        is: fn(u8) -> bool,
    ) -> Result<&'a [u8], Stop> {
        match self.any(kind, is) {
            [] => Err(self.stop()),
            taken => Ok(taken),
        }
    }

    /// Takes these bytes, of which a 0 is any digit.
    fn exactly(&mut self, kind: &'static str, bytes: &[u8]) -> Result<(), Stop> {
        let is = |&(found, wanted): &(&u8, &u8)| match wanted {
            b'0' => found.is_ascii_digit(),
            wanted => found == wanted,
        };
        let count = self.rest.iter().zip(bytes).take_while(is).count();
        self.take(kind, count);
        if count == bytes.len() { Ok(()) } else { Err(self.stop()) }
    }

    fn stop(&self) -> Stop {
        if self.rest.is_empty() { Stop::Ended } else { Stop::Broken }
    }

    /// What begins at some byte has not been read after all.
    fn forget_from(&mut self, at: usize) {
        let mut before = 0;
        let is_read = |range: &Range| {
            let is_read = before < at;
            before += range.length;
            is_read
        };
        let mut ranges = mem::take(&mut self.ranges).into_iter();
        self.ranges = ranges.by_ref().take_while(is_read).collect();
        self.ranges.push(Range { kind: "unread", length: self.length - at });
    }
}

/// Whether a byte may stand in a token (RFC 9110 section 5.6.2).
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Whether a byte may stand in a request target, as our code has it.
fn is_target_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\"#<>".contains(&byte)
}

/// Whether a byte may stand in a field's value (RFC 9110 section 5.5).
fn is_field_byte(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'~' | 0x80..)
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}
