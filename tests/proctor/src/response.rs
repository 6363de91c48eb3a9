//! Responses as they come: read leniently, so that one mistake is complained of by
//! one check, and with all that is wrong in their syntax noted.

use std::ops::Range;

/// The longest head that is read.
const MAX_HEAD: usize = 64 * 1024;

/// A response, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Where it begins in all that came; what follows counts from there.
    pub start: usize,
    /// Its version, as written.
    pub version: String,
    /// Its status code.
    pub status: u16,
    /// Where that stands.
    pub status_at: usize,
    /// Its fields, in order.
    pub fields: Vec<Field>,
    /// Where its body is.
    pub body: Range<usize>,
    /// The body.
    pub content: Vec<u8>,
    /// How many bytes it has in all.
    pub length: usize,
    /// Whether it is over because the stream is.
    pub until_end: bool,
    /// What is wrong with the way it is written, and where.
    pub faults: Vec<(Fault, usize)>,
    /// The statuses of the interim responses that came before it.
    pub interim: Vec<u16>,
}

/// A field line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name, as written.
    pub name: String,
    /// Its value, without whitespace around it.
    pub value: String,
    /// Where the line begins.
    pub at: usize,
    /// Where the value begins.
    pub value_at: usize,
}

/// Something that RFC 9112 does not allow in the head of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The version is not HTTP/1.1.
    Version,
    /// There is no space after the status code.
    Space,
    /// A line ends with LF alone.
    LineEnd,
    /// A field name is no token, or there is no colon behind it.
    Name,
    /// A field value has a control character in it.
    Value,
}

impl Response {
    /// The fields of a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Field> {
        self.fields.iter().filter(|it| it.name.eq_ignore_ascii_case(name))
    }

    /// The first field of a name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))
    }

    /// Whether a field has a word in its list.
    pub fn lists(&self, name: &str, word: &str) -> bool {
        self.all(name).any(|field| {
            field.value.split(',').any(|it| it.trim().eq_ignore_ascii_case(word))
        })
    }

    /// Whether it says that the connection is closed behind it.
    pub fn says_close(&self) -> bool {
        self.lists("Connection", "close")
    }

    /// Whether nothing can follow it: it says so, or is of a version in which nothing
    /// does, unless it says so (RFC 9112 section 9.3).
    pub fn is_last(&self) -> bool {
        let stays =
            self.version != "HTTP/1.0" || self.lists("Connection", "keep-alive");
        self.says_close() || !stays
    }

    /// Whether it is sent in chunks.
    pub fn is_chunked(&self) -> bool {
        self.lists("Transfer-Encoding", "chunked")
    }

    /// Where the empty line is that ends its head: there stands what is missing in it.
    pub fn last_line(&self) -> usize {
        self.body.start.saturating_sub(2)
    }
}

/// Where a head ends, empty line and all.
fn head_length(input: &[u8]) -> Option<usize> {
    let mut length = 0;
    for line in input.split_inclusive(|&byte| byte == b'\n') {
        length += line.len();
        if length > 2 && matches!(line, b"\r\n" | b"\n") {
            return Some(length);
        }
    }
    None
}

/// Reads a response; `over` says that nothing more will come. None if it is not
/// whole; where it can't be one, and why.
pub fn parse(
    input: &[u8],
    method: &str,
    over: bool,
) -> Result<Option<Response>, (usize, String)> {
    let begin = b"HTTP/";
    if let Some(at) = begin.iter().zip(input).position(|(a, b)| a != b) {
        return Err((
            at,
            "a response begins with HTTP/1.1, and this does not".into(),
        ));
    }
    let Some(head) = head_length(input) else {
        return match input.len() > MAX_HEAD {
            true => Err((MAX_HEAD, "the head does not end".into())),
            false => Ok(None),
        };
    };
    let mut response = parse_head(&input[..head])?;
    let bodiless =
        method == "HEAD" || matches!(response.status, 100..200 | 204 | 304);
    if !bodiless && response.is_chunked() {
        let body =
            chunked(&input[head..]).map_err(|(at, what)| (head + at, what))?;
        let Some((content, length)) = body else { return Ok(None) };
        response.body = head..head + length;
        response.content = content;
        response.length = head + length;
        return Ok(Some(response));
    }
    let length = match bodiless {
        true => Some(0),
        false => content_length(&response)?,
    };
    response.until_end = length.is_none();
    let end = match length {
        Some(length) if input.len() - head < length => return Ok(None),
        Some(length) => head + length,
        None if over => input.len(),
        None => return Ok(None),
    };
    response.body = head..end;
    response.content = input[head..end].to_vec();
    response.length = end;
    Ok(Some(response))
}

/// The status of a response whose head is there, and where it stands.
pub fn status(input: &[u8]) -> Option<(u16, usize)> {
    let head = parse_head(&input[..head_length(input)?]).ok()?;
    Some((head.status, head.status_at))
}

/// What is missing of a response that has begun.
pub fn missing(input: &[u8], method: &str) -> String {
    let Some(head) = head_length(input) else {
        return "the response has no end to its head: an empty line".into();
    };
    let Ok(response) = parse_head(&input[..head]) else {
        return "the response has no status".into();
    };
    if response.is_chunked() {
        return "the last of the chunks is missing, which has no bytes".into();
    }
    match content_length(&response).ok().flatten().filter(|_| method != "HEAD") {
        Some(length) => format!(
            "{length} bytes of body are promised, and {} came",
            input.len() - head
        ),
        None => "the response gives no length, so it goes on until the end of the \
                 connection"
            .into(),
    }
}

fn content_length(response: &Response) -> Result<Option<usize>, (usize, String)> {
    let mut lengths = response.all("Content-Length");
    let Some(field) = lengths.next() else { return Ok(None) };
    if let Some(other) = lengths.find(|other| other.value != field.value) {
        return Err((other.at, "two Content-Lengths that differ".into()));
    }
    let digits = !field.value.is_empty()
        && field.value.bytes().all(|byte| byte.is_ascii_digit());
    match field.value.parse() {
        Ok(length) if digits => Ok(Some(length)),
        _ => Err((field.value_at, "a Content-Length is a number in digits".into())),
    }
}

fn parse_head(head: &[u8]) -> Result<Response, (usize, String)> {
    let mut response = Response {
        start: 0,
        version: String::new(),
        status: 0,
        status_at: 0,
        fields: Vec::new(),
        body: 0..0,
        content: Vec::new(),
        length: 0,
        until_end: false,
        faults: Vec::new(),
        interim: Vec::new(),
    };
    let mut at = 0;
    for line in head.split_inclusive(|&byte| byte == b'\n') {
        let text = line.strip_suffix(b"\r\n");
        if text.is_none() {
            response.faults.push((Fault::LineEnd, at + line.len() - 1));
        }
        let text = text.unwrap_or(&line[..line.len() - 1]);
        if at == 0 {
            status_line(&mut response, text)?;
        } else if !text.is_empty() {
            field_line(&mut response, text, at);
        }
        at += line.len();
    }
    Ok(response)
}

fn status_line(
    response: &mut Response,
    line: &[u8],
) -> Result<(), (usize, String)> {
    let text = String::from_utf8_lossy(line);
    let mut words = text.splitn(3, ' ');
    response.version = words.next().unwrap_or_default().to_owned();
    response.status_at = (response.version.len() + 1).min(line.len());
    let status = words.next().unwrap_or_default();
    response.status =
        status.parse().ok().filter(|status| (100..600).contains(status)).ok_or(
            (response.status_at, "no status code of three digits".to_owned()),
        )?;
    if response.version != "HTTP/1.1" {
        response.faults.push((Fault::Version, 0));
    }
    if words.next().is_none() {
        response.faults.push((Fault::Space, line.len()));
    }
    Ok(())
}

fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn field_line(response: &mut Response, line: &[u8], at: usize) {
    let name_length = line.iter().take_while(|&&byte| is_tchar(byte)).count();
    let colon = line.iter().position(|&byte| byte == b':');
    if name_length == 0 || colon != Some(name_length) {
        response.faults.push((Fault::Name, at + name_length));
    }
    let Some(colon) = colon else { return };
    let value = &line[colon + 1..];
    let is_control = |&byte: &u8| byte < 0x20 && byte != b'\t' || byte == 0x7f;
    if let Some(index) = value.iter().position(is_control) {
        response.faults.push((Fault::Value, at + colon + 1 + index));
    }
    let space = value.len() - value.trim_ascii_start().len();
    response.fields.push(Field {
        name: String::from_utf8_lossy(line[..colon].trim_ascii()).into_owned(),
        value: String::from_utf8_lossy(value.trim_ascii()).into_owned(),
        at,
        value_at: at + colon + 1 + space,
    });
}

/// The content of a chunked body, and how long that was in chunks.
type Chunked = (Vec<u8>, usize);

/// Puts a chunked body together; none if it is not
/// whole, or where it is no such body.
fn chunked(body: &[u8]) -> Result<Option<Chunked>, (usize, String)> {
    let (mut content, mut at) = (Vec::new(), 0);
    let line_at = |at: usize| {
        let line = body[at..].split_inclusive(|&byte| byte == b'\n').next()?;
        line.ends_with(b"\n").then(|| (line, at + line.len()))
    };
    loop {
        let Some((line, next)) = line_at(at) else { return Ok(None) };
        let digits = String::from_utf8_lossy(line);
        let digits = digits.split([';', '\r', '\n']).next().unwrap_or_default();
        let Ok(size) = usize::from_str_radix(digits.trim(), 16) else {
            return Err((at, "a chunk begins with its size in hexadecimal".into()));
        };
        at = next;
        if size == 0 {
            break;
        }
        let Some(data) = body.get(at..).filter(|rest| rest.len() > size + 1) else {
            return Ok(None);
        };
        if &data[size..size + 2] != b"\r\n" {
            return Err((at + size, "CRLF stands at the end of a chunk".into()));
        }
        content.extend_from_slice(&data[..size]);
        at += size + 2;
    }
    // Trailer fields, to the empty line.
    loop {
        let Some((line, next)) = line_at(at) else { return Ok(None) };
        at = next;
        if matches!(line, b"\r\n" | b"\n") {
            return Ok(Some((content, at)));
        }
    }
}
