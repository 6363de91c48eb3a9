//! A response, and how it is written down.

use std::fs::File;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::{Shared, Stage, Switch, VERSE};

/// What is sent behind a head.
#[derive(Debug, Clone)]
pub enum Content {
    Bytes(Vec<u8>),
    /// Pieces of files, and what stands between them.
    Pieces(Vec<Piece>),
    /// What has come of a request's body, and then the rest of it, as it comes.
    Echo {
        begin: Vec<u8>,
        length: Option<u64>,
    },
}

#[derive(Debug, Clone)]
pub enum Piece {
    Bytes(Vec<u8>),
    File(Arc<File>, Range<u64>),
}

impl Piece {
    pub fn len(&self) -> u64 {
        match self {
            Piece::Bytes(bytes) => bytes.len() as u64,
            Piece::File(_, range) => range.end - range.start,
        }
    }
}

impl Content {
    pub fn length(&self) -> Option<u64> {
        match self {
            Content::Bytes(bytes) => Some(bytes.len() as u64),
            Content::Pieces(pieces) => Some(pieces.iter().map(Piece::len).sum()),
            Content::Echo { length, .. } => *length,
        }
    }
}

#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub fields: Vec<(String, String)>,
    pub content: Content,
    /// It answers HEAD.
    pub head_only: bool,
}

/// How its content is framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    Nothing,
    AsItIs,
    Chunked,
}

/// How a listing begins.
pub const LISTING: &[u8] = b"<!DOCTYPE html><html lang=\"en\">";

/// 27 July 1987.
pub const VERSE_MODIFIED: u64 = 554_342_400;
pub const VERSE_TAG: &str = "verse-1";

impl Reply {
    pub fn new(status: u16, content: Vec<u8>) -> Reply {
        Reply {
            status,
            fields: Vec::new(),
            content: Content::Bytes(content),
            head_only: false,
        }
    }

    pub fn with(mut self, name: &str, value: impl Into<String>) -> Reply {
        self.fields.push((name.to_owned(), value.into()));
        self
    }

    pub fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields.iter();
        let found = fields.find(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// A refusal, with its reason in words.
    pub fn error(status: u16, why: &str, s: Switch) -> Reply {
        match s {
            _ if s.is("errors-without-content") => Reply::new(status, Vec::new()),
            _ if s.is("errors-in-html") => {
                let page = format!("<!doctype html><title>{status}</title>{why}\n");
                Reply::new(status, page.into_bytes())
                    .with("Content-Type", "text/html")
            }
            _ if s.is("errors-in-json") => {
                let text = format!("{{\"status\":{status}}}");
                Reply::new(status, text.into_bytes())
                    .with("Content-Type", "application/json")
            }
            _ => {
                let text = format!("{status} {}: {why}\n", reason(status));
                Reply::new(status, text.into_bytes())
                    .with("Content-Type", "text/plain; charset=utf-8")
            }
        }
    }

    /// The verse, as it is at a stage from part 4 on.
    pub fn verse(shared: &Shared) -> Reply {
        let s = shared.s;
        let mut text = shared.text().to_owned();
        if s.is("verse-in-crlf") {
            text = text.replace('\n', "\r\n");
        }
        let mut reply = Reply::new(200, text.into_bytes());
        if s.is("exercise-4.3") {
            reply = Reply::new(200, super::exercises::in_utf16(VERSE));
        }
        let media_type = match s {
            _ if s.is("exercise-4.3") => Some("text/plain; charset=\"UTF-16\""),
            _ if s.is("type-missing") => None,
            _ if s.is("type-latin1") => Some("text/plain; charset=iso-8859-1"),
            _ if s.is("type-without-charset") => Some("text/plain"),
            _ if s.is("type-html") => Some("text/html; charset=utf-8"),
            _ if s.is("type-without-slash") => Some("text"),
            _ if s.is("charset-in-capitals") => Some("text/plain; charset=UTF-8"),
            _ if s.is("charset-in-quotes") => Some("text/plain;charset=\"utf-8\""),
            _ => Some("text/plain; charset=utf-8"),
        };
        if let Some(media_type) = media_type {
            reply = reply.with("Content-Type", media_type);
        }
        if s.is("type-twice") {
            reply = reply.with("Content-Type", "text/html");
        }
        if let Some(date) = last_modified(shared) {
            reply = reply.with("Last-Modified", date);
        }
        if shared.stage >= Stage::Part6 {
            if let Some(tag) = tag_field(VERSE_TAG, s) {
                reply = reply.with("ETag", tag);
            }
            if !s.is_any(&["no-accept-ranges", "no-ranges"]) {
                reply = reply.with("Accept-Ranges", accept_ranges(s));
            }
        }
        reply
    }

    /// Leaves out the content, since HEAD was asked.
    pub fn for_head(&mut self, s: Switch) {
        if !s.is("head-with-body") {
            self.head_only = true;
        }
        if self.status == 200 && s.is("head-is-204") {
            self.status = 204;
        }
    }

    /// All of a response whose content is in memory.
    pub fn bytes(&self, shared: &Shared, connection: Option<&str>) -> Vec<u8> {
        let (mut out, sent) = self.head(shared, connection, (1, 1));
        if let (Content::Bytes(content), true) =
            (&self.content, sent != Sent::Nothing)
        {
            match sent {
                Sent::Chunked => out.extend(chunks(content, shared.s)),
                _ => out.extend_from_slice(content),
            }
        }
        if shared.s.is("line-behind-each-body") {
            out.extend_from_slice(b"\r\n");
        }
        if self.head_only && shared.s.is("head-with-last-chunk") {
            out.extend_from_slice(b"0\r\n\r\n");
        }
        out
    }

    /// The head, and how the content is to be sent behind it.
    pub fn head(
        &self,
        shared: &Shared,
        connection: Option<&str>,
        version: (u8, u8),
    ) -> (Vec<u8>, Sent) {
        let s = shared.s;
        let mut fields = self.dated(shared);
        fields.extend(self.fields.iter().cloned());
        let bare = (self.status == 304 && !s.is("304-with-body"))
            || (self.status == 204 && !s.is("204-with-body"));
        let length = self.content.length();
        let wants_chunks = self.status == 200
            && s.is_any(&[
                "chunked-content",
                "chunked-with-trailers",
                "chunked-in-sevens",
                "chunked-with-extensions",
                "codings-in-capitals",
            ]);
        let wants_chunks =
            wants_chunks || (s.is("errors-in-chunks") && self.status >= 400);
        let speaks_chunks = version >= (1, 1) || s.is("chunks-for-1.0");
        let forced =
            s.is("chunks-for-1.0") && version < (1, 1) && self.status == 200;
        let by_close = length.is_none() && !speaks_chunks;
        let to_end = self.status == 200
            && connection == Some("close")
            && s.is("length-by-the-end");
        let chunked = ((length.is_none() || wants_chunks) && speaks_chunks
            || forced)
            && !bare
            && !to_end
            && !s.is("echo-of-chunks-without-framing");
        let mut sent = match () {
            () if bare || self.head_only => Sent::Nothing,
            () if chunked => Sent::Chunked,
            () => Sent::AsItIs,
        };
        if chunked {
            let name =
                if s.is("codings-in-capitals") { "Chunked" } else { "chunked" };
            fields.push(("Transfer-Encoding".to_owned(), name.to_owned()));
        } else if let Some(length) = length
            && !to_end
        {
            fields.extend(self.length_fields(length, bare, s));
        }
        if by_close || to_end {
            sent = if self.head_only { Sent::Nothing } else { Sent::AsItIs };
        }
        if s.is("keep-alive-and-close") && connection != Some("keep-alive") {
            fields.push(("Connection".to_owned(), "keep-alive".to_owned()));
        }
        if let Some(connection) = connection {
            fields.push(("Connection".to_owned(), connection.to_owned()));
        }
        embellish(&mut fields, s);
        let status = (self.status, reason(self.status));
        let mut out = match self.status {
            200 if s.is("early-hints") && version >= (1, 1) => {
                b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n".to_vec()
            }
            _ if s.is("hints-for-1.0") && version < (1, 1) => {
                b"HTTP/1.1 103 Early Hints\r\n\r\n".to_vec()
            }
            _ if s.is("processing-first") && version >= (1, 1) => {
                b"HTTP/1.1 102 Processing\r\n\r\n".to_vec()
            }
            400.. if s.is("hints-before-errors") && version >= (1, 1) => {
                b"HTTP/1.1 103 Early Hints\r\n\r\n".to_vec()
            }
            _ => Vec::new(),
        };
        let lines = lines_for(status, &fields, s, version);
        out.extend(lines);
        (out, sent)
    }

    fn dated(&self, shared: &Shared) -> Vec<(String, String)> {
        let s = shared.s;
        let without = match self.status {
            _ if s.is("no-date") => true,
            405 => s.is("405-without-date"),
            400 => s.is("400-without-date"),
            501 => s.is("501-without-date"),
            304 => s.is("304-without-date"),
            206 => s.is("206-without-date"),
            412 | 416 | 417 => s.is("412-without-date"),
            408 | 414 | 431 | 505 => s.is("431-without-date"),
            404 | 301 => s.is("404-without-date"),
            _ => false,
        };
        match without {
            true => Vec::new(),
            false => date_field(shared).into_iter().collect(),
        }
    }

    fn length_fields(
        &self,
        length: u64,
        bare: bool,
        s: Switch,
    ) -> Vec<(String, String)> {
        let field = |value: String| ("Content-Length".to_owned(), value);
        let bytes = match &self.content {
            Content::Bytes(bytes) => bytes.as_slice(),
            _ => &[],
        };
        let is_verse = bytes == VERSE.as_bytes();
        if self.field("Content-Length").is_some() {
            // A mistake has said it already.
            return Vec::new();
        }
        if s.is("parts-length-of-the-data")
            && let Content::Pieces(pieces) = &self.content
            && pieces.len() > 1
        {
            let data =
                pieces.iter().skip(1).step_by(2).map(Piece::len).sum::<u64>();
            return vec![field(data.to_string())];
        }
        if s.is("206-length-of-the-whole")
            && let Some(range) = self.field("Content-Range")
            && self.status == 206
            && let Some((_, whole)) = range.split_once('/')
        {
            return vec![field(whole.to_owned())];
        }
        if s.is("listing-length-by-characters") && bytes.starts_with(LISTING) {
            let count = String::from_utf8_lossy(bytes).chars().count();
            return vec![field(count.to_string())];
        }
        if bare {
            let said = (self.status == 304 && s.is("304-length-0"))
                || (self.status == 204 && s.is("204-length-0"));
            let whole = self.status == 304 && s.is("304-length-of-the-whole");
            return match (said, whole) {
                (true, _) => vec![field("0".to_owned())],
                (_, true) => vec![field(VERSE.len().to_string())],
                _ => Vec::new(),
            };
        }
        match s {
            _ if s.is("length-by-characters") => {
                let count = String::from_utf8_lossy(bytes).chars().count();
                vec![field(
                    if bytes.is_empty() { length } else { count as u64 }
                        .to_string(),
                )]
            }
            _ if s.is("length-and-two") && is_verse => {
                vec![field((length + 2).to_string())]
            }
            _ if s.is("length-short") && is_verse => {
                vec![field((length - 1).to_string())]
            }
            _ if s.is("length-twice-unequal") && is_verse => {
                vec![field(length.to_string()), field((length + 4).to_string())]
            }
            _ if s.is("length-twice") => {
                vec![field(length.to_string()), field(length.to_string())]
            }
            _ if s.is("length-in-hex") => vec![field(format!("{length:#x}"))],
            _ if s.is("length-with-unit") => vec![field(format!("{length} bytes"))],
            _ if s.is("length-with-commas") && length > 999 => {
                vec![field(format!("{},{:03}", length / 1000, length % 1000))]
            }
            _ if s.is("length-and-coding-out") && is_verse => vec![
                field(length.to_string()),
                ("Transfer-Encoding".to_owned(), "chunked".to_owned()),
            ],
            _ if s.is("length-padded") => vec![field(format!("{length:08}"))],
            _ if self.head_only && s.is("head-without-length") => Vec::new(),
            _ if self.head_only && s.is("head-length-0") => {
                vec![field("0".to_owned())]
            }
            _ if self.head_only
                && s.is("head-of-errors-length-0")
                && self.status >= 400 =>
            {
                vec![field("0".to_owned())]
            }
            _ if self.status == 405 && s.is("405-without-length") => Vec::new(),
            _ if self.status == 405 && s.is("length-of-the-last-one") => {
                vec![field(VERSE.len().to_string())]
            }
            _ if self.status == 400 && s.is("400-without-length") => Vec::new(),
            _ if self.status == 200
                && length == 0
                && s.is("empty-without-length") =>
            {
                Vec::new()
            }
            _ => vec![field(length.to_string())],
        }
    }
}

/// Changes that students may make, and some that they may not, to all fields at once.
fn embellish(fields: &mut Vec<(String, String)>, s: Switch) {
    let mut push =
        |name: &str, value: &str| fields.push((name.to_owned(), value.to_owned()));
    match s {
        _ if s.is("server-field") => push("Server", "student/0.1 (Unix) really"),
        _ if s.is("keep-alive-field") => push("Keep-Alive", "timeout=5, max=100"),
        _ if s.is("extra-fields") => {
            push("X-Frame-Options", "DENY");
            push("X-Empty", "");
            push("Set-Cookie", "a=b; Path=/");
            push("Set-Cookie", "c=d; Path=/");
            push("Via", "1.1 student");
        }
        _ if s.is("hundred-fields") => {
            (0..80).for_each(|i| push(&format!("X-{i}"), "y"))
        }
        _ if s.is("high-bytes-out") => push("X-Name", "Zoë"),
        _ if s.is("host-in-responses") => push("Host", "localhost"),
        _ if s.is("date-twice") => {
            if let Some(date) = fields.iter().find(|(n, _)| n == "Date").cloned() {
                fields.push(date);
            }
        }
        _ if s.is("vary-on-everything") => push("Vary", "*"),
        _ if s.is("cache-control-field") => push("Cache-Control", "no-cache"),
        _ if s.is("age-field") => push("Age", "0"),
        _ if s.is("alt-svc-field") => push("Alt-Svc", "clear"),
        _ => {}
    }
    if s.is("fields-in-reverse") {
        fields.reverse();
    }
    if s.is("fields-by-name") {
        fields.sort();
    }
    if s.is("allow-on-several-lines")
        && let Some(at) = fields.iter().position(|(n, _)| n == "Allow")
    {
        let (_, value) = fields.remove(at);
        let lines = value.split(", ").map(|m| ("Allow".to_owned(), m.to_owned()));
        fields.extend(lines.collect::<Vec<_>>());
    }
    if s.is("allow-without-spaces") || s.is("allow-with-empty-elements") {
        for (_, value) in fields.iter_mut().filter(|(n, _)| n == "Allow") {
            *value = match s.is("allow-without-spaces") {
                true => value.replace(", ", ","),
                false => format!(", {} ,", value.replace(", ", " , ")),
            };
        }
    }
    if s.is("close-in-a-list") || s.is("close-in-capitals") {
        for (_, value) in fields.iter_mut().filter(|(_, v)| v == "close") {
            let text = if s.is("close-in-a-list") { "foo, close" } else { "Close" };
            text.clone_into(value);
        }
    }
}

/// A status line, fields, an empty line.
pub fn lines(
    status: (u16, &str),
    fields: &[(String, String)],
    s: Switch,
) -> Vec<u8> {
    let mut fields = fields.to_vec();
    embellish(&mut fields, s);
    lines_for(status, &fields, s, (1, 1))
}

fn lines_for(
    (code, phrase): (u16, &str),
    fields: &[(String, String)],
    s: Switch,
    asked_in: (u8, u8),
) -> Vec<u8> {
    let end = match s {
        _ if s.is("lines-end-in-lf") => "\n",
        _ if s.is("lines-end-in-cr") => "\r",
        _ => "\r\n",
    };
    let phrase = match s {
        _ if s.is("empty-reason") => "",
        _ if s.is("other-reasons") => "As You Like It",
        _ if s.is("reasons-in-utf8") => "Schön",
        _ => phrase,
    };
    let version = match s {
        _ if s.is("echoes-the-version") => {
            format!("HTTP/{}.{}", asked_in.0, asked_in.1)
        }
        _ if s.is("answers-1.0-in-1.0") && asked_in == (1, 0) => {
            "HTTP/1.0".to_owned()
        }
        _ if s.is("answers-in-1.0") => "HTTP/1.0".to_owned(),
        _ if s.is("answers-in-1.2") => "HTTP/1.2".to_owned(),
        _ if s.is("version-in-lower-case-out") => "http/1.1".to_owned(),
        _ => "HTTP/1.1".to_owned(),
    };
    let mut out = match s {
        _ if s.is("no-space-behind-the-code") => format!("{version} {code}{end}"),
        _ if s.is("two-spaces-out") => format!("{version}  {code} {phrase}{end}"),
        _ if s.is("status-without-version") => format!("HTTP {code} {phrase}{end}"),
        _ => format!("{version} {code} {phrase}{end}"),
    };
    for (name, value) in fields {
        let name = match s {
            _ if s.is("lower-case-names") => name.to_lowercase(),
            _ if s.is("upper-case-names") => name.to_uppercase(),
            _ => name.clone(),
        };
        let line = match s {
            _ if s.is("no-space-behind-the-colon") => format!("{name}:{value}"),
            _ if s.is("spaces-around-values") => format!("{name}: \t {value} \t"),
            _ if s.is("space-before-colon-out") => format!("{name} : {value}"),
            _ if s.is("underscores-in-names-out") => {
                format!("{}: {value}", name.replace('-', "_"))
            }
            _ => format!("{name}: {value}"),
        };
        out.push_str(&line);
        out.push_str(end);
    }
    if s.is("empty-field-line-out") {
        out.push_str(": nothing\r\n");
    }
    out.push_str(end);
    out.into_bytes()
}

/// Content in chunks.
pub fn chunks(content: &[u8], s: Switch) -> Vec<u8> {
    let size = if s.is("chunked-in-sevens") { 7 } else { 500 };
    let mut out = Vec::new();
    for piece in content.chunks(size) {
        out.extend(chunk(piece, s));
    }
    out.extend(last_chunk(s));
    out
}

pub fn chunk(piece: &[u8], s: Switch) -> Vec<u8> {
    let size = match s {
        _ if s.is("chunked-with-extensions") => {
            format!("{:X};a=\"b;c\";d", piece.len())
        }
        _ if s.is("chunked-in-sevens") => format!("{:04x}", piece.len()),
        _ if s.is("chunk-sizes-out-in-decimal") => piece.len().to_string(),
        _ if s.is("chunk-sizes-out-by-characters") => {
            format!("{:x}", String::from_utf8_lossy(piece).chars().count())
        }
        _ if s.is("chunk-sizes-out-with-0x") => format!("{:#x}", piece.len()),
        _ => format!("{:x}", piece.len()),
    };
    let end: &[u8] =
        if s.is("chunks-out-without-their-end") { b"" } else { b"\r\n" };
    [size.as_bytes(), b"\r\n", piece, end].concat()
}

pub fn last_chunk(s: Switch) -> Vec<u8> {
    match s {
        _ if s.is("chunked-with-trailers") => {
            b"0\r\nX-Checksum: 1\r\n\r\n".to_vec()
        }
        _ if s.is("last-chunk-missing") => Vec::new(),
        _ if s.is("last-chunk-without-its-line") => b"0\r\n".to_vec(),
        _ => b"0\r\n\r\n".to_vec(),
    }
}

pub fn accept_ranges(s: Switch) -> &'static str {
    match s {
        _ if s.is("accept-ranges-none") => "none",
        _ if s.is("accept-ranges-byte") => "byte",
        _ => "bytes",
    }
}

/// An ETag.
pub fn tag_field(tag: &str, s: Switch) -> Option<String> {
    match s {
        _ if s.is("no-etag") => None,
        _ if s.is("etag-without-quotes") => Some(tag.to_owned()),
        _ if s.is("etag-in-single-quotes") => Some(format!("'{tag}'")),
        _ if s.is("etag-weak-in-lower-case") => Some(format!("w/\"{tag}\"")),
        _ if s.is("weak-tags") => Some(format!("W/\"{tag}\"")),
        _ if s.is("etag-of-the-time") => {
            let now =
                SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            Some(format!("\"{tag}-{}\"", now.as_nanos()))
        }
        _ => Some(format!("\"{tag}\"")),
    }
}

pub fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        304 => "Not Modified",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        414 => "URI Too Long",
        416 => "Range Not Satisfiable",
        417 => "Expectation Failed",
        421 => "Misdirected Request",
        426 => "Upgrade Required",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        505 => "HTTP Version Not Supported",
        _ => "",
    }
}

/// Date, as it is now.
pub fn date_field(shared: &Shared) -> Option<(String, String)> {
    let s = shared.s;
    if s.is("no-date") {
        return None;
    }
    let now = match s {
        _ if s.is("date-of-the-start") => shared.started,
        _ if s.is("date-local-as-gmt") => {
            SystemTime::now() + Duration::from_secs(7200)
        }
        _ if s.is("date-of-tomorrow") => {
            SystemTime::now() + Duration::from_secs(86_400)
        }
        _ if s.is("date-to-the-minute") => {
            let now =
                SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            UNIX_EPOCH + Duration::from_secs(now.as_secs() / 60 * 60)
        }
        _ if s.is("date-1970") => UNIX_EPOCH,
        _ => SystemTime::now(),
    };
    Some(("Date".to_owned(), date(now, s)))
}

/// A date as a student writes one.
fn date(time: SystemTime, s: Switch) -> String {
    let d = Civil::of(time);
    let (day, month) = (WEEKDAYS[d.weekday], MONTHS[d.month - 1]);
    let clock = format!("{:02}:{:02}:{:02}", d.hour, d.minute, d.second);
    let year = d.year;
    match s {
        _ if s.is("date-with-one-digit") => {
            let clock = format!("{}:{}:{}", d.hour, d.minute, d.second);
            format!("{day}, {} {month} {year} {clock} GMT", d.day)
        }
        // %e, and %k for the hour
        _ if s.is("date-with-a-space") => {
            let clock = format!("{:2}:{:02}:{:02}", d.hour, d.minute, d.second);
            format!("{day}, {:2} {month} {year} {clock} GMT", d.day)
        }
        _ if s.is("date-asctime") => {
            format!("{day} {month} {:2} {clock} {year}", d.day)
        }
        _ if s.is("date-rfc850") => {
            let long = ["Sun", "Mon", "Tues", "Wednes", "Thurs", "Fri", "Satur"]
                [d.weekday];
            format!("{long}day, {:02}-{month}-{:02} {clock} GMT", d.day, year % 100)
        }
        _ if s.is("date-iso") => {
            format!("{year}-{:02}-{:02}T{clock}Z", d.month, d.day)
        }
        _ if s.is("date-utc") => {
            format!("{day}, {:02} {month} {year} {clock} UTC", d.day)
        }
        _ if s.is("date-offset") => {
            format!("{day}, {:02} {month} {year} {clock} +0000", d.day)
        }
        _ if s.is("date-without-zone") => {
            format!("{day}, {:02} {month} {year} {clock}", d.day)
        }
        _ if s.is("date-in-german") => {
            let day = ["So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"][d.weekday];
            format!("{day}, {:02} {month} {year} {clock} GMT", d.day)
        }
        _ if s.is("date-of-another-weekday") => {
            let day = WEEKDAYS[(d.weekday + 1) % 7];
            format!("{day}, {:02} {month} {year} {clock} GMT", d.day)
        }
        _ if s.is("date-of-another-month") => {
            format!(
                "{day}, {:02} {} {year} {clock} GMT",
                d.day,
                MONTHS[(d.month + 10) % 12]
            )
        }
        _ if s.is("date-in-twelve-hours") => {
            let hour = (d.hour + 11) % 12 + 1;
            let clock = format!("{hour:02}:{:02}:{:02}", d.minute, d.second);
            format!("{day}, {:02} {month} {year} {clock} GMT", d.day)
        }
        _ if s.is("date-of-two-digits") => {
            format!("{day}, {:02} {month} {:02} {clock} GMT", d.day, year % 100)
        }
        _ if s.is("date-in-lower-case") => {
            format!("{day}, {:02} {month} {year} {clock} gmt", d.day).to_lowercase()
        }
        _ if s.is("date-in-capitals") => {
            format!("{day}, {:02} {month} {year} {clock} GMT", d.day).to_uppercase()
        }
        _ => format!("{day}, {:02} {month} {year} {clock} GMT", d.day),
    }
}

/// A date as it ought to be.
pub fn imf(time: SystemTime) -> String {
    date(time, Switch::NONE)
}

/// What is said of the verse's age.
fn last_modified(shared: &Shared) -> Option<String> {
    let s = shared.s;
    let time = UNIX_EPOCH + Duration::from_secs(VERSE_MODIFIED);
    match s {
        _ if s.is("no-last-modified") => None,
        _ if s.is("last-modified-iso") => Some("1987-07-27T00:00:00Z".to_owned()),
        _ if s.is("last-modified-with-offset") => {
            Some("Mon, 27 Jul 1987 02:00:00 +0200".to_owned())
        }
        _ if s.is("last-modified-seconds") => Some(VERSE_MODIFIED.to_string()),
        _ if s.is("last-modified-now") => Some(imf(SystemTime::now())),
        _ if s.is("last-modified-tomorrow") => {
            Some(imf(SystemTime::now() + Duration::from_secs(86_400)))
        }
        _ if s.is("last-modified-of-another-weekday") => {
            Some("Sun, 27 Jul 1987 00:00:00 GMT".to_owned())
        }
        _ if s.is("last-modified-rfc850") => {
            Some("Monday, 27-Jul-87 00:00:00 GMT".to_owned())
        }
        _ => Some(date(time, s)),
    }
}

const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
    "Dec",
];

struct Civil {
    year: u64,
    month: usize,
    day: u64,
    weekday: usize,
    hour: u64,
    minute: u64,
    second: u64,
}

impl Civil {
    /// The year begins in March, so that the leap day is its last.
    fn of(time: SystemTime) -> Civil {
        let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let days = seconds / 86_400;
        let since = days + 719_468;
        let era = since / 146_097;
        let of_era = since % 146_097;
        let years =
            (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * years + years / 4 - years / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        Civil {
            year: years + era * 400 + u64::from(month <= 2),
            month: month as usize,
            day,
            weekday: ((days + 4) % 7) as usize,
            hour: seconds / 3600 % 24,
            minute: seconds / 60 % 60,
            second: seconds % 60,
        }
    }
}
