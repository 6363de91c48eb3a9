//! A request's body, as it comes.

use std::time::{Duration, Instant};

use super::Switch;
use super::conversation::Connection;
use super::framing::Framing;
use super::head::{
    Field, Head, Refusal, bad, is_python_space, is_tchar, is_token, refuse, trim,
};
use super::stream::Lack;

/// How much is still to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    Nothing,
    Bytes(u64),
    /// The line with a chunk's size.
    Size,
    Data(u64),
    DataEnd,
    Trailers {
        bytes: usize,
    },
}

#[derive(Debug)]
pub struct Incoming {
    left: Left,
    /// The client waits to be told to go on.
    pub awaited: bool,
    /// How many bytes have come.
    pub received: u64,
    extensions: usize,
    /// A trailer that a mistake has merged into the head said so.
    pub trailer_closes: bool,
    said_continue: bool,
    /// Nobody wants it: it is read so that what is behind it can be.
    pub is_unwanted: bool,
    pub trailers: Vec<u8>,
    /// Trailers that a mistake takes for fields of another head.
    pub fields: Vec<Field>,
    /// How many chunks there were.
    chunks: usize,
}

/// Why there is no more of it.
#[derive(Debug)]
pub enum Broken {
    Refused(Refusal),
    Lacking(Lack),
}

impl From<Refusal> for Broken {
    fn from(refusal: Refusal) -> Broken {
        Broken::Refused(refusal)
    }
}

type Next = Result<Option<Vec<u8>>, Broken>;

impl Incoming {
    pub fn of(head: &Head, awaited: bool) -> Incoming {
        let left = match head.framing {
            Framing::None => Left::Nothing,
            Framing::Length(length) => Left::Bytes(length),
            Framing::Chunked => Left::Size,
        };
        let awaited = awaited && left != Left::Nothing;
        Incoming {
            left,
            awaited,
            received: 0,
            extensions: 0,
            trailer_closes: false,
            said_continue: false,
            is_unwanted: false,
            trailers: Vec::new(),
            fields: Vec::new(),
            chunks: 0,
        }
    }

    pub fn is_over(&self) -> bool {
        self.left == Left::Nothing
    }

    /// How many bytes are to come, if that is known.
    pub fn length(&self) -> Option<u64> {
        match self.left {
            Left::Nothing => Some(0),
            Left::Bytes(length) => Some(length),
            _ => None,
        }
    }

    /// Reads the line of the first chunk's size, where there is one.
    pub fn first_size(
        &mut self,
        connection: &mut Connection,
    ) -> Result<(), Broken> {
        let deadline = Instant::now() + Duration::from_secs(10);
        while self.left == Left::Size {
            let (took, _) = self.decode(&connection.input, connection.s())?;
            connection.input.drain(..took);
            if self.left == Left::Size {
                connection.fill(deadline).map_err(Broken::Lacking)?;
            }
        }
        Ok(())
    }

    /// The next piece of it; nothing at its end.
    pub fn next(&mut self, connection: &mut Connection) -> Next {
        let s = connection.s();
        let patience = match s {
            _ if s.is("no-body-deadline") => 3600,
            _ if s.is("body-deadline-of-a-second") => 1,
            _ => 30,
        };
        let deadline = Instant::now() + Duration::from_secs(patience);
        loop {
            let (took, piece) = self.decode(&connection.input, s)?;
            connection.input.drain(..took);
            if let Some(piece) = piece {
                self.received += piece.len() as u64;
                self.awaited = false;
                return Ok(Some(piece));
            }
            if self.is_over() {
                return Ok(None);
            }
            if took > 0 {
                continue;
            }
            let never = s.is("never-continue")
                || (s.is("continue-for-lengths-alone") && self.length().is_none());
            if self.awaited && !self.said_continue && !never {
                self.said_continue = true;
                self.say_continue(connection)?;
            }
            connection.fill(deadline).map_err(Broken::Lacking)?;
            if s.is("chunks-in-one-read") && connection.input.len() < 8 {
                return bad("a chunk was expected").map_err(Broken::from);
            }
        }
    }

    fn say_continue(&mut self, connection: &mut Connection) -> Result<(), Broken> {
        let s = connection.s();
        if s.is("continue-once-a-connection") && connection.since.said_continue {
            return Ok(());
        }
        connection.since.said_continue = true;
        if s.is("continue-is-left-in-the-buffer") {
            connection
                .since
                .unflushed
                .extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
            return Ok(());
        }
        if s.is("continue-after-a-while") {
            std::thread::sleep(Duration::from_secs(5));
        }
        let bytes: &[u8] = match s {
            _ if s.is("continue-without-its-line") => b"HTTP/1.1 100 Continue\r\n",
            _ if s.is("continue-with-length") => {
                b"HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n"
            }
            _ if s.is("continue-twice") => {
                b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
            }
            _ if s.is("continue-is-200") => {
                b"HTTP/1.1 200 Continue\r\nContent-Length: 0\r\n\r\n"
            }
            _ if s.is("continue-in-lower-case") => b"HTTP/1.1 100 continue\r\n\r\n",
            _ if s.is("continue-with-date") => {
                b"HTTP/1.1 100 \r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n"
            }
            _ => b"HTTP/1.1 100 Continue\r\n\r\n",
        };
        match s.is("continue-in-the-clear") {
            true => connection.write_to_the_socket(bytes),
            false => connection.write(bytes),
        }
        .map_err(Broken::Lacking)
    }

    /// Takes what it can of what has come.
    fn decode(
        &mut self,
        input: &[u8],
        s: Switch,
    ) -> Result<(usize, Option<Vec<u8>>), Broken> {
        match self.left {
            Left::Nothing => Ok((0, None)),
            Left::Bytes(left) => {
                let left = match s {
                    _ if s.is("body-and-a-byte") && self.received == 0 => left + 1,
                    _ if s.is("body-but-a-byte") && self.received == 0 => left - 1,
                    _ => left,
                };
                let count = match s.is("body-is-all-that-was-read") {
                    true if input.len() as u64 >= left => input.len() as u64,
                    _ => left.min(input.len() as u64),
                };
                if count == 0 {
                    return Ok((0, None));
                }
                let left = match s {
                    _ if s.is("body-is-all-that-was-read") => left.max(count),
                    // What one `recv` brought is the body.
                    _ if s.is("body-in-one-read") => count,
                    _ => left,
                };
                self.left = match left - count {
                    0 => Left::Nothing,
                    left => Left::Bytes(left),
                };
                Ok((count as usize, Some(input[..count as usize].to_vec())))
            }
            Left::Size => self.size(input, s),
            Left::Data(left) => {
                let count = left.min(input.len() as u64);
                if count == 0 {
                    return Ok((0, None));
                }
                if s.is("chunks-are-lines")
                    && let Some(end) = line_end(&input[..count as usize])
                {
                    return Ok(self.line_of_data(&input[..end]));
                }
                const END: &[u8] = b"0\r\n\r\n";
                let data = &input[..count as usize];
                if s.is("ends-at-0-crlf-crlf")
                    && let Some(end) = data.windows(5).position(|w| w == END)
                {
                    self.left = Left::Nothing;
                    return Ok((end + 5, Some(data[..end].to_vec())));
                }
                self.left = match left - count {
                    0 => Left::DataEnd,
                    left => Left::Data(left),
                };
                Ok((count as usize, Some(input[..count as usize].to_vec())))
            }
            Left::DataEnd => self.data_end(input, s),
            Left::Trailers { bytes } => self.trailer(input, bytes, s),
        }
    }

    /// A chunk that is over where its line is.
    fn line_of_data(&mut self, line: &[u8]) -> (usize, Option<Vec<u8>>) {
        if line.is_empty() {
            self.left = Left::Size;
            return (2, None);
        }
        self.left = Left::DataEnd;
        (line.len(), Some(line.to_vec()))
    }

    fn size(
        &mut self,
        input: &[u8],
        s: Switch,
    ) -> Result<(usize, Option<Vec<u8>>), Broken> {
        const TOO_MANY: Refusal =
            Refusal { status: 400, why: "too many chunk extensions" };
        let most = if s.is("chunk-extensions-without-limit") {
            usize::MAX
        } else {
            16 * 1024
        };
        let found = if lax_sizes(s) {
            lax_size_line(input, s)?
        } else {
            size_line(input, s)?
        };
        let Some(line) = found else {
            if self.extensions + input.len() > most {
                return Err(TOO_MANY.into());
            }
            if s.is("extension-in-one-read") && input.contains(&b';') {
                return bad("the line of a chunk's size must end with CRLF")
                    .map_err(Broken::from);
            }
            return Ok((0, None));
        };
        if !s.is("chunk-extensions-limited-by-the-line") {
            self.extensions += line.extensions;
        }
        if self.extensions > most || line.extensions > most {
            return Err(TOO_MANY.into());
        }
        self.chunks += 1;
        if s.is("a-thousand-chunks") && self.chunks > 990 {
            // RecursionError
            return refuse(0, "").map_err(Broken::from);
        }
        if s.is("chunks-of-4k") && line.size > 4096 {
            return bad("a chunk is too large").map_err(Broken::from);
        }
        self.left = match line.size {
            0 if line.extensions > 0 && s.is("last-chunk-has-no-extension") => {
                Left::DataEnd
            }
            0 => Left::Trailers { bytes: 0 },
            size if s.is("chunk-size-of-63-bits")
                && i64::try_from(size).is_err() =>
            {
                Left::DataEnd
            }
            size => Left::Data(size),
        };
        Ok((line.taken, None))
    }

    fn data_end(
        &mut self,
        input: &[u8],
        s: Switch,
    ) -> Result<(usize, Option<Vec<u8>>), Broken> {
        const END: Refusal =
            Refusal { status: 400, why: "a chunk must end where its size says" };
        let next = |left: Left, taken: usize, this: &mut Incoming| {
            this.left = left;
            Ok((taken, None))
        };
        match s {
            _ if s.is("chunk-end-in-one-read") && input.len() < 2 => {
                Err(END.into())
            }
            _ if s.is("chunk-end-not-looked-at")
                || (self.is_unwanted && s.is("unwanted-chunks-laxly")) =>
            {
                match input.len() {
                    0 | 1 => Ok((0, None)),
                    _ => next(Left::Size, 2, self),
                }
            }
            _ if s.is("chunk-end-is-the-next-line") => {
                match input.iter().position(|&b| b == b'\n') {
                    Some(end) => next(Left::Size, end + 1, self),
                    None => Ok((0, None)),
                }
            }
            _ if s.is("chunk-end-may-be-lf") && input.starts_with(b"\n") => {
                next(Left::Size, 1, self)
            }
            _ if s.is("chunk-end-may-be-missing")
                && input.first().is_some_and(|&b| b != b'\r') =>
            {
                next(Left::Size, 0, self)
            }
            _ if s.is("chunk-end-may-have-spaces") && input.starts_with(b" ") => {
                Ok((1, None))
            }
            _ => match input {
                [] | [b'\r'] => Ok((0, None)),
                [b'\r', b'\n', ..] if s.is("line-ends-stay-in-chunks") => {
                    self.left = Left::Size;
                    Ok((2, Some(b"\r\n".to_vec())))
                }
                [b'\r', b'\n', ..] if s.is("empty-pieces-are-chunks") => {
                    self.left = Left::Size;
                    Ok((2, Some(Vec::new())))
                }
                [b'\r', b'\n', ..] => next(Left::Size, 2, self),
                _ => Err(END.into()),
            },
        }
    }

    fn trailer(
        &mut self,
        input: &[u8],
        bytes: usize,
        s: Switch,
    ) -> Result<(usize, Option<Vec<u8>>), Broken> {
        let most =
            if s.is("trailers-without-limit") { usize::MAX } else { 16 * 1024 };
        if s.is("trailers-are-not-read") {
            // CRLF is skipped, whatever it is.
            return match input.len() {
                0 | 1 => Ok((0, None)),
                _ => {
                    self.left = Left::Nothing;
                    Ok((2, None))
                }
            };
        }
        if s.is("last-line-is-not-read") {
            self.left = Left::Nothing;
            return Ok((0, None));
        }
        let Some(end) = input.iter().position(|&b| b == b'\n') else {
            if bytes + input.len() > most {
                return refuse(431, "too many trailers").map_err(Broken::from);
            }
            if let [b' ' | b'\t', ..] = input
                && !(bytes == 0 && s.is("first-trailer-may-be-folded"))
            {
                return bad("a trailer must not begin with a space")
                    .map_err(Broken::from);
            }
            if s.is("trailer-in-one-read") && !b"\r".starts_with(input) {
                return bad("a line must end with CRLF").map_err(Broken::from);
            }
            return Ok((0, None));
        };
        if bytes == 0
            && s.is("first-trailer-may-be-folded")
            && matches!(input, [b' ' | b'\t', ..])
        {
            self.left = Left::Trailers { bytes: end + 1 };
            return Ok((end + 1, None));
        }
        let bytes = match s.is("trailers-bounded-by-the-line") {
            // How many there are is looked at, and how long each is.
            true => bytes + most / 100,
            false => bytes + end + 1,
        };
        if bytes > most {
            return refuse(431, "too many trailers").map_err(Broken::from);
        }
        let line = match input[..end].strip_suffix(b"\r") {
            Some(line) => line,
            None if s.is("trailers-end-in-lf") => &input[..end],
            None => return bad("a line must end with CRLF").map_err(Broken::from),
        };
        if line.is_empty() || s.is("one-trailer-line") {
            self.left = Left::Nothing;
            return Ok((end + 1, None));
        }
        if s.is("trailers-are-refused") {
            return bad("no trailers here").map_err(Broken::from);
        }
        self.trailer_line(line, s)?;
        self.left = Left::Trailers { bytes };
        Ok((end + 1, None))
    }

    fn trailer_line(&mut self, line: &[u8], s: Switch) -> Result<(), Refusal> {
        if s.is("trailers-are-not-looked-at") {
            return Ok(());
        }
        let colon = line.iter().position(|&b| b == b':');
        let (name, value) = match colon {
            Some(colon) => (&line[..colon], trim(&line[colon + 1..])),
            None => return bad("a trailer must have a colon"),
        };
        let name = match s.is("space-before-colon-in-trailers") {
            true => trim(name),
            false => name,
        };
        if value.is_empty() && s.is("a-trailer-has-a-value") {
            return bad("a trailer must have a value");
        }
        let is_value = |b: &u8| *b == b'\t' || (*b >= 0x20 && *b != 0x7f);
        if !is_token(name) || !value.iter().all(is_value) {
            return bad("a trailer is a field line");
        }
        if s.is("trailers-are-fields-of-the-head") {
            let name = name.to_ascii_lowercase();
            self.trailer_closes |=
                name == b"connection" && value.eq_ignore_ascii_case(b"close");
            if name == b"content-length" {
                return bad("two lengths");
            }
        }
        if s.is("trailers-go-to-the-next") {
            let name = String::from_utf8_lossy(name).into_owned();
            self.fields.push(Field { name, value: value.to_vec() });
        }
        if s.is("trailers-are-content") {
            self.trailers.extend_from_slice(line);
        }
        Ok(())
    }
}

fn line_end(data: &[u8]) -> Option<usize> {
    data.windows(2).position(|two| two == b"\r\n")
}

struct SizeLine {
    size: u64,
    taken: usize,
    extensions: usize,
}

const SIZE: &str = "a chunk must begin with its size";

/// chunk-size [ chunk-ext ] CRLF, from left to right; nothing if it is not all there.
fn size_line(input: &[u8], s: Switch) -> Result<Option<SizeLine>, Refusal> {
    let most = match s {
        _ if s.is("chunk-size-of-four-digits") => 4,
        _ if s.is("chunk-size-of-eight-digits") => 8,
        _ => 16,
    };
    let is_digit = |b: &&u8| match s.is("chunk-size-in-lower-case") {
        true => matches!(b, b'0'..=b'9' | b'a'..=b'f'),
        false => b.is_ascii_hexdigit(),
    };
    let digits = input.iter().take_while(is_digit).count();
    if digits > most || (digits == 0 && !input.is_empty()) {
        return bad(SIZE);
    }
    if digits == input.len() {
        return Ok(None);
    }
    let text = str::from_utf8(&input[..digits]).unwrap_or("");
    let Ok(size) = u64::from_str_radix(text, 16) else { return bad(SIZE) };
    if s.is("chunk-size-without-leading-zeros")
        && text.len() > 1
        && text.starts_with('0')
    {
        return bad(SIZE);
    }
    let mut at = digits;
    loop {
        match extension(&input[at..], s)? {
            Extension::More => return Ok(None),
            Extension::One(_) if at > digits && s.is("one-extension-alone") => {
                return bad("a chunk extension is a name and perhaps a value");
            }
            Extension::One(length) => at += length,
            Extension::End => break,
        }
    }
    match &input[at..] {
        [] | [b'\r'] => Ok(None),
        [b'\r', b'\n', ..] => {
            Ok(Some(SizeLine { size, taken: at + 2, extensions: at - digits }))
        }
        _ => bad("the line of a chunk's size must end with CRLF"),
    }
}

enum Extension {
    More,
    One(usize),
    End,
}

/// BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ]
fn extension(input: &[u8], s: Switch) -> Result<Extension, Refusal> {
    const BAD: &str = "a chunk extension is a name and perhaps a value";
    let spaces = |at: usize| {
        let rest = input.get(at..).unwrap_or_default();
        at + rest.iter().take_while(|b| b" \t".contains(b)).count()
    };
    let token = |at: usize| {
        let rest = input.get(at..).unwrap_or_default();
        let is_one = |b: &&u8| is_tchar(**b) || is_lax_tchar(**b, s);
        at + rest.iter().take_while(is_one).count()
    };
    let is_between = |b: &&u8| b" \t".contains(b) || is_lax_space(**b, s);
    let at = input.iter().take_while(is_between).count();
    match input.get(at) {
        None => return Ok(Extension::More),
        Some(b';') if s.is("no-chunk-extensions") => return bad(BAD),
        Some(b';') if at > 0 && s.is("no-space-before-extensions") => {
            return bad(BAD);
        }
        Some(b';') => {}
        Some(_) if at > 0 => return bad(BAD),
        Some(_) => return Ok(Extension::End),
    }
    let start = spaces(at + 1);
    if start > at + 1 && s.is("no-space-before-extensions") {
        return bad(BAD);
    }
    let end = token(start);
    let is_word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    let name = input.get(start..end).unwrap_or_default();
    if !name.iter().all(is_word) && s.is("extension-names-are-words") {
        return bad(BAD);
    }
    match input.get(end) {
        None => return Ok(Extension::More),
        Some(_) if end == start => return bad(BAD),
        Some(_) => {}
    }
    let equals = spaces(end);
    match input.get(equals) {
        None => return Ok(Extension::More),
        Some(b'=') => {}
        Some(_) => return Ok(Extension::One(end)),
    }
    let value = spaces(equals + 1);
    match input.get(value) {
        None => Ok(Extension::More),
        Some(b'"') if s.is("no-quoted-extensions") => bad(BAD),
        Some(b'"') => quoted(input, value + 1, s),
        Some(_) => match token(value) {
            end if end == input.len() => Ok(Extension::More),
            end if end == value => bad(BAD),
            end => Ok(Extension::One(end)),
        },
    }
}

/// What else may stand between a size and its semicolon. What ends the line, never does.
fn is_lax_space(byte: u8, s: Switch) -> bool {
    let is_word = byte.is_ascii_alphanumeric() || byte == b'_';
    match byte {
        b'\r' | b'\n' | b';' => false,
        _ if s.is("size-and-no-word") => !is_word,
        0x0b | 0x0c if s.is("size-and-any-space") => true,
        0xa0 => s.is("size-and-any-space"),
        _ if s.is("size-and-punctuation") => byte.is_ascii_punctuation(),
        _ if s.is("size-and-a-range") => (b'\t'..=b' ').contains(&byte),
        _ => false,
    }
}

/// What else may stand in an extension's name.
fn is_lax_tchar(byte: u8, s: Switch) -> bool {
    match byte {
        _ if s.is("extensions-in-latin1") => char::from(byte).is_alphanumeric(),
        0xff => s.is("table-of-255-bytes"),
        _ => false,
    }
}

fn quoted(input: &[u8], start: usize, s: Switch) -> Result<Extension, Refusal> {
    let mut at = start;
    loop {
        if s.is("quoted-pairs-end-it") && input.get(at) == Some(&b'\\') {
            at += 1;
            continue;
        }
        if s.is("semicolons-split-quotes") && input.get(at) == Some(&b';') {
            return bad("a quoted string must end");
        }
        match (input.get(at), input.get(at + 1)) {
            (None, _) | (Some(b'\\'), None) => return Ok(Extension::More),
            (Some(b'"'), _) => return Ok(Extension::One(at + 1)),
            (Some(b'\\'), Some(b'\t' | b' '..=b'~' | 0x80..)) => at += 2,
            (Some(b'\\'), Some(byte))
                if s.is("any-byte-behind-a-backslash")
                    && !b"\r\n".contains(byte) =>
            {
                at += 2;
            }
            (Some(b'\t' | b' '..=b'[' | b']'..=b'~' | 0x80..), _) => at += 1,
            _ => return bad("a quoted string must have no controls in it"),
        }
    }
}

const LAX_SIZES: &[&str] = &[
    "chunk-size-with-a-plus",
    "chunk-size-with-a-minus",
    "chunk-size-with-0x",
    "chunk-size-with-underscores",
    "chunk-size-stripped",
    "chunk-size-modulo-2-32",
    "chunk-size-modulo-2-64",
    "chunk-size-may-be-empty",
    "chunk-size-in-decimal",
    "chunk-size-until-no-digit",
    "chunk-size-in-any-script",
    "last-chunk-is-a-zero",
    "last-chunk-begins-with-zero",
    "chunk-line-ends-in-lf",
    "chunk-line-ends-in-cr",
    "any-chunk-extension",
    "lf-in-chunk-extensions",
    "chunk-extension-without-semicolon",
    "chunk-size-behind-an-empty-line",
];

fn lax_sizes(s: Switch) -> bool {
    s.is_any(LAX_SIZES)
}

/// The line as it is read by those who look for its end first.
fn lax_size_line(input: &[u8], s: Switch) -> Result<Option<SizeLine>, Refusal> {
    let crlf = input.windows(2).position(|w| w == b"\r\n");
    let lf = input.iter().position(|&b| b == b'\n');
    let cr = input.iter().position(|&b| b == b'\r');
    let (end, taken) = match (crlf, lf, cr) {
        (_, Some(lf), _) if s.is("chunk-line-ends-in-lf") => {
            (if input[..lf].ends_with(b"\r") { lf - 1 } else { lf }, lf + 1)
        }
        (_, _, Some(cr))
            if s.is("chunk-line-ends-in-cr") && cr + 1 < input.len() =>
        {
            (cr, cr + 1 + usize::from(input[cr + 1] == b'\n'))
        }
        (_, Some(lf), _)
            if crlf.is_none_or(|crlf| crlf > lf)
                && !s.is("lf-in-chunk-extensions") =>
        {
            return bad("a line must end with CRLF");
        }
        (Some(crlf), ..) => (crlf, crlf + 2),
        _ => return Ok(None),
    };
    let line = &input[..end];
    if s.is("chunk-size-behind-an-empty-line") && line.is_empty() {
        return match lax_size_line(&input[taken..], s)? {
            Some(rest) => Ok(Some(SizeLine { taken: rest.taken + taken, ..rest })),
            None => Ok(None),
        };
    }
    let semicolon = line.iter().position(|&b| b == b';').unwrap_or(line.len());
    let (digits, extensions) = (&line[..semicolon], &line[semicolon..]);
    let strict = |digits: &[u8]| {
        let valid = !digits.is_empty()
            && digits.len() <= 16
            && digits.iter().all(u8::is_ascii_hexdigit);
        let text = str::from_utf8(digits).unwrap_or("");
        u64::from_str_radix(text, 16).ok().filter(|_| valid)
    };
    let is_extension = extensions.is_empty()
        || size_line(&[b"0", extensions, b"\r\n"].concat(), Switch::NONE).is_ok();
    let is_lax = s.is_any(&["any-chunk-extension", "lf-in-chunk-extensions"]);
    if !is_extension && !is_lax {
        return bad("a chunk extension is a name and perhaps a value");
    }
    let text = String::from_utf8_lossy(digits).into_owned();
    let size = match s {
        _ if s.is("chunk-size-with-a-plus") => {
            strict(digits.strip_prefix(b"+").unwrap_or(digits))
        }
        _ if s.is("chunk-size-with-a-minus") => match digits.strip_prefix(b"-") {
            Some(rest) => strict(rest),
            None => strict(digits),
        },
        _ if s.is("chunk-size-with-0x") => {
            let hex = text
                .strip_prefix("0x")
                .or(text.strip_prefix("0X"))
                .unwrap_or(&text);
            strict(hex.as_bytes())
        }
        _ if s.is("chunk-size-with-underscores") => {
            strict(text.replace('_', "").as_bytes())
        }
        _ if s.is("chunk-size-stripped") => {
            strict(super::head::trim_of(digits, is_python_space))
        }
        _ if s.is("chunk-size-modulo-2-32") => {
            hex(digits).map(|n| n as u64 & 0xffff_ffff)
        }
        _ if s.is("chunk-size-modulo-2-64") => hex(digits).map(|n| n as u64),
        _ if s.is("chunk-size-may-be-empty") && digits.is_empty() => Some(0),
        _ if s.is("chunk-size-in-decimal") => text.parse().ok(),
        _ if s.is("chunk-size-until-no-digit") => {
            let end = digits
                .iter()
                .position(|b| !b.is_ascii_hexdigit())
                .unwrap_or(digits.len());
            strict(&digits[..end])
        }
        _ if s.is("chunk-size-in-any-script") => {
            let digit = |c: char| match c as u32 {
                n @ 0xff10..=0xff19 => char::from_digit(n - 0xff10, 10),
                n @ 0x660..=0x669 => char::from_digit(n - 0x660, 10),
                _ => Some(c),
            };
            let text: String = text.chars().filter_map(digit).collect();
            strict(text.as_bytes())
        }
        // Any other run of zeros is data of no bytes.
        _ if s.is("last-chunk-is-a-zero") => match strict(digits) {
            Some(0) if digits != b"0" => return bad(SIZE),
            size => size,
        },
        _ if s.is("last-chunk-begins-with-zero") => match digits {
            [b'0', ..] => Some(0),
            _ => strict(digits),
        },
        _ if s.is("chunk-extension-without-semicolon") => {
            strict(text.split(' ').next().unwrap_or("").as_bytes())
        }
        _ => strict(trim_before_extension(digits, extensions)),
    };
    match size {
        Some(size) => {
            Ok(Some(SizeLine { size, taken, extensions: extensions.len() }))
        }
        None => bad(SIZE),
    }
}

fn trim_before_extension<'a>(digits: &'a [u8], extensions: &[u8]) -> &'a [u8] {
    if extensions.is_empty() { digits } else { trim(digits) }
}

fn hex(digits: &[u8]) -> Option<u128> {
    let valid = !digits.is_empty()
        && digits.len() <= 31
        && digits.iter().all(u8::is_ascii_hexdigit);
    u128::from_str_radix(str::from_utf8(digits).ok()?, 16).ok().filter(|_| valid)
}
