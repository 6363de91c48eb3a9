//! A request of many parts, each drawn from a list with the simplest first.

use std::time::{Duration, SystemTime};

use httpdate::{fmt_http_date, parse_http_date};

use crate::draw::Draw;
use crate::response::Response;
use crate::stage::Stage::{self, Part6};

/// What a request is made of.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    pub method: &'static str,
    pub path: &'static str,
    pub form: Form,
    pub version: &'static str,
    pub host: &'static [&'static str],
    pub body: Body,
    pub expects: Expects,
    pub connection: Options,
    pub sends: Sends,
    dress: Dress,
    others: Others,
    /// Whether what it asks for stands before what everybody asks.
    is_turned: bool,
    pub if_match: Tag,
    pub none_match: Tag,
    pub unmodified: When,
    pub modified: When,
    pub range: &'static str,
    pub if_range: IfRange,
    accepts: &'static str,
}

/// How a target is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Origin,
    Query,
    Absolute,
    AbsoluteQuery,
    Asterisk,
}

/// A body, and how it is framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    None,
    Empty,
    Short,
    /// It reads like a request.
    LikeOne,
    Long,
    /// It fills, with its head, a buffer of so many bytes.
    Fills(usize),
    Chunks,
    /// With extensions, zeros, capitals and trailers.
    DressedChunks,
    NoChunks,
    LongChunks,
    /// Where the first should end it does not.
    BadChunks,
}

/// What is expected before the body is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expects {
    Nothing,
    /// To go on, and the body waits for that.
    ToBeTold,
    /// To go on, and the body does not wait.
    Continue,
    Tea,
}

/// How it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sends {
    /// When what is before it has been answered.
    Apart,
    /// In one piece with what is before it.
    Joined,
    /// Cut in the middle of its head.
    Halves,
    /// Its body later.
    BodyLater,
    /// Around the end of its head, and at its own, byte by byte.
    Bytes,
    /// Its last byte later.
    LastByte,
    /// The end of its head between CR and LF.
    WithinCrlf,
    /// While somebody else has sent half of the same, who sends the rest later.
    Beside,
    /// When somebody else has sent half of the same, and left.
    BehindHalf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dress {
    Plain,
    LowerCase,
    UpperCase,
    NoSpace,
    Spaces,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Others {
    None,
    One,
    Many,
    Long,
    Upgrade,
    LikeThose,
}

/// An entity tag in a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    None,
    Its,
    InAList,
    Another,
    Any,
}

/// A date in a condition, by the change that it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    None,
    Then,
    Before,
    NoDate,
}

/// What the range is asked for of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfRange {
    None,
    Its,
    Another,
    Before,
}

/// What reads like a request, and is none.
pub const WITHIN: &str = "GET /within HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// What is in a long body: more than fits into any buffer.
const LONG: usize = 20_000;

const VERSE: &[&str] = &["/"];
const VERSE_AND_ECHO: &[&str] = &["/", "/echo"];
const FILES: &[&str] = &[
    "/",
    "/echo",
    "/a.txt",
    "/coded.txt",
    "/empty.txt",
    "/folder/",
    "/bare/",
    "/gzipped.txt",
    "/folder",
    "/none.txt",
    "/.hidden",
    "/folder/.hidden",
    "/.folder/file.txt",
    "/a%20b.txt",
    "/what%3F.txt",
    "/long.bin",
];

const GET_FIRST: [&str; 8] =
    ["GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE", "BREW"];
const POST_FIRST: [&str; 8] =
    ["POST", "GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE", "BREW"];

/// Options of a connection, line by line.
type Options = &'static [&'static str];

/// What a request says of how long its connection lasts: its version, and options.
const PERSISTENCE: &[(&str, Options)] = &[
    ("HTTP/1.1", &[]),
    ("HTTP/1.0", &["keep-alive"]),
    ("HTTP/1.0", &[]),
    ("HTTP/1.1", &["close"]),
    ("HTTP/1.1", &["keep-alive"]),
    ("HTTP/1.1", &["x", "Close"]),
    ("HTTP/1.1", &["te, , close ,y"]),
    ("HTTP/1.1", &["Keep-Alive, te, closed"]),
    ("HTTP/1.0", &["x", "Keep-Alive"]),
    ("HTTP/1.0", &["close", "keep-alive"]),
    ("HTTP/1.1", &[LONG_OPTION, "close"]),
];

/// An option that nobody knows, longer than some buffers.
const LONG_OPTION: &str = "\
    an-option-that-nobody-knows-an-option-that-nobody-knows-an-option-that-nobody-\
    knows-an-option-that-nobody-knows-an-option-that-nobody-knows-an-option-that-\
    nobody-knows-an-option-that-nobody-knows-an-option-that-nobody-knows-an-option-\
    that-nobody-knows-an-option-that-nobody-knows, x";

impl Request {
    /// Draws one for a stage, of a server that serves files, or not.
    pub fn of(draw: &mut Draw, stage: Stage, has_files: bool) -> Request {
        let paths = match (stage < Part6, has_files) {
            (true, _) => VERSE,
            (_, false) => VERSE_AND_ECHO,
            (_, true) => FILES,
        };
        let path = draw.one(paths);
        // What sends back what it is sent does that for POST.
        let method = draw.one(match path {
            "/echo" => &POST_FIRST,
            _ => &GET_FIRST,
        });
        let (version, connection) = draw.one(PERSISTENCE);
        let body = draw.one(&[
            Body::None,
            Body::Short,
            Body::Chunks,
            Body::Empty,
            Body::LikeOne,
            Body::DressedChunks,
            Body::NoChunks,
            Body::Long,
            Body::LongChunks,
            Body::Fills(8192),
            Body::Fills(16_384),
            Body::BadChunks,
        ]);
        let expects = draw.one(&[
            Expects::Nothing,
            Expects::ToBeTold,
            Expects::Continue,
            Expects::Tea,
        ]);
        let accepts = draw.one(&[
            "",
            "gzip",
            "br;q=0.5, gzip;q=0.1",
            "identity",
            "gzip;q=0, *;q=0.5",
        ]);
        // Codings are of what has some; and who waits has something to send, to what reads
        // it.
        let (path, method, body) = match (expects, body) {
            (Expects::ToBeTold, _) if paths.contains(&"/echo") => {
                let is_none = matches!(body, Body::None | Body::Empty);
                ("/echo", "POST", if is_none { Body::Short } else { body })
            }
            (Expects::ToBeTold, Body::None | Body::Empty) => {
                (path, method, Body::Short)
            }
            _ if has_files && path == "/" && !accepts.is_empty() => {
                ("/coded.txt", method, body)
            }
            _ => (path, method, body),
        };
        Request {
            method,
            path,
            form: draw.one(&[
                Form::Origin,
                Form::Query,
                Form::Absolute,
                Form::AbsoluteQuery,
                Form::Asterisk,
            ]),
            version,
            host: draw.one(&[
                &["localhost"],
                &["LOCALHOST:80"],
                &["127.0.0.1:8080"],
                &["[::1]"],
                &[],
                &["localhost", "localhost"],
            ]),
            body,
            expects,
            connection,
            sends: draw.one(&[
                Sends::Apart,
                Sends::Joined,
                Sends::Halves,
                Sends::BodyLater,
                Sends::Bytes,
                Sends::LastByte,
                Sends::WithinCrlf,
                Sends::Beside,
                Sends::BehindHalf,
            ]),
            dress: draw.one(&[
                Dress::Plain,
                Dress::LowerCase,
                Dress::UpperCase,
                Dress::NoSpace,
                Dress::Spaces,
            ]),
            others: draw.one(&[
                Others::None,
                Others::One,
                Others::Many,
                Others::Long,
                Others::Upgrade,
                Others::LikeThose,
            ]),
            is_turned: draw.below(2) == 1,
            if_match: draw.one(&[
                Tag::None,
                Tag::Its,
                Tag::InAList,
                Tag::Another,
                Tag::Any,
            ]),
            none_match: draw.one(&[
                Tag::None,
                Tag::Its,
                Tag::InAList,
                Tag::Another,
                Tag::Any,
            ]),
            unmodified: draw.one(&[When::None, When::Then, When::Before]),
            modified: draw.one(&[
                When::None,
                When::Then,
                When::Before,
                When::NoDate,
            ]),
            range: draw.one(&[
                "",
                "bytes=0-3",
                "bytes=1-",
                "bytes=-1",
                "bytes=99999999-",
                "bytes=LENGTH-",
                "bytes=0-0,2-2",
                "bytes=0-0,LENGTH-",
                "bytes=9-4",
                "lines=0-3",
            ]),
            if_range: draw.one(&[
                IfRange::None,
                IfRange::Its,
                IfRange::Another,
                IfRange::Before,
            ]),
            accepts,
        }
    }

    /// The same target for the same codings, and nothing else about it: with a body, if
    /// the method is one that has some.
    pub fn plain(&self) -> Vec<u8> {
        let mut text = format!(
            "{} {} {}\r\nHost: localhost\r\n",
            self.method,
            if self.form == Form::Asterisk { "*" } else { self.path },
            self.version,
        );
        if !self.accepts.is_empty() {
            text += &format!("Accept-Encoding: {}\r\n", self.accepts);
        }
        text += match self.method {
            "POST" | "PUT" => "Content-Length: 5\r\n\r\nhello",
            _ => "\r\n",
        };
        text.into_bytes()
    }

    /// The same, as a GET: what HEAD is compared with.
    pub fn plain_get(&self) -> Vec<u8> {
        Request { method: "GET", ..*self }.plain()
    }

    /// As it is sent, of what is there.
    pub fn message(&self, scheme: &str, there: &Response) -> Message {
        let target = match self.form {
            Form::Origin => self.path.to_owned(),
            Form::Query => format!("{}?u=http://b/c.js&m=d@e/", self.path),
            Form::Absolute => format!("{scheme}://localhost{}", self.path),
            Form::AbsoluteQuery => {
                format!("{scheme}://LOCALHOST{}?a/b.png", self.path)
            }
            Form::Asterisk => "*".into(),
        };
        let line = format!("{} {target} {}\r\n", self.method, self.version);
        let mut fields = self.others();
        let asked = self.conditions(there);
        let at = if self.is_turned { 0 } else { fields.len() };
        fields.splice(at..at, asked);
        let hosts = self.host.iter().map(|it| ("Host", (*it).to_owned()));
        let at = if self.is_turned { fields.len() } else { 0 };
        fields.splice(at..at, hosts);
        let of_length = |length: usize| ("Content-Length", length.to_string());
        let framing = match self.body {
            Body::None => None,
            Body::Empty => Some(of_length(0)),
            Body::Short | Body::LikeOne | Body::Long => {
                Some(of_length(self.content().len()))
            }
            // So many digits.
            Body::Fills(_) => Some(of_length(10_000)),
            Body::DressedChunks => Some(("Transfer-Encoding", ", Chunked,".into())),
            _ => Some(("Transfer-Encoding", "chunked".into())),
        };
        fields.extend(framing);
        let write = |(name, value): &(&str, String)| self.dress.line(name, value);
        let head: String = fields.iter().map(write).collect();
        let head = format!("{line}{head}\r\n");
        match self.body {
            Body::Fills(size) => {
                // Less than 1000 bytes would be a digit less.
                let length = size.saturating_sub(head.len()).clamp(1000, 99_999);
                let length = if length < 10_000 { length + 1 } else { length };
                let head = head.replace("10000", &length.to_string());
                Message::new(head, "x".repeat(length))
            }
            _ => Message::new(head, self.body_as_sent()),
        }
    }

    fn others(&self) -> Vec<(&'static str, String)> {
        let one = |name, value: &str| (name, value.to_owned());
        match self.others {
            Others::None => Vec::new(),
            Others::One => vec![one("X-Other", "a \"b\", c=\u{e9}")],
            Others::Many => vec![one("X-Other", "x"); 120],
            Others::Long => vec![("Cookie", "c".repeat(4000))],
            Others::Upgrade => {
                vec![one("Upgrade", "websocket"), one("TE", "trailers")]
            }
            Others::LikeThose => vec![
                one("X-Content-Length", "7"),
                one("Range-If", "bytes=5-6"),
                one("Hosts", "a b"),
                one("Connection-X", "close"),
                one("Expected", "tea"),
                one("Keep-Alive", "close"),
                one("Content-Type", "text/html"),
            ],
        }
    }

    /// What is asked of what is there, and how.
    fn conditions(&self, there: &Response) -> Vec<(&'static str, String)> {
        let mut fields = Vec::new();
        let mut add = |name, value: Option<String>| {
            fields.extend(value.map(|value| (name, value)));
        };
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        add("If-Range", self.if_range(there));
        let length = there.content.len().to_string();
        add("Range", some(&self.range.replace("LENGTH", &length)));
        add("If-Modified-Since", self.modified.date(there));
        add("If-None-Match", self.none_match.text(there));
        add("If-Unmodified-Since", self.unmodified.date(there));
        add("If-Match", self.if_match.text(there));
        add("Accept-Encoding", some(self.accepts));
        for options in self.connection {
            add("Connection", some(options));
        }
        add(
            "Expect",
            match self.expects {
                Expects::Nothing => None,
                Expects::ToBeTold | Expects::Continue => some("100-continue"),
                Expects::Tea => some("tea"),
            },
        );
        fields
    }

    fn if_range(&self, there: &Response) -> Option<String> {
        match self.if_range {
            IfRange::None => None,
            IfRange::Its => Tag::Its.text(there),
            IfRange::Another => Tag::Another.text(there),
            IfRange::Before => When::Before.date(there),
        }
    }

    /// What is in its body; how much fills a buffer depends on its head.
    pub fn content(&self) -> Vec<u8> {
        match self.body {
            Body::Short | Body::Chunks => b"hello".to_vec(),
            // What ends in the middle of it is no end.
            Body::DressedChunks => b"hello0\r\n\r\n, world".to_vec(),
            Body::LikeOne => WITHIN.into(),
            Body::Long | Body::LongChunks => {
                (0..LONG).map(|at| b'a' + (at % 23) as u8).collect()
            }
            _ => Vec::new(),
        }
    }

    fn body_as_sent(&self) -> Vec<u8> {
        match self.body {
            Body::Chunks => b"5\r\nhello\r\n0\r\n\r\n".into(),
            Body::DressedChunks => {
                b"5;a=\"b;c\"\r\nhello\r\n00C ;d\r\n0\r\n\r\n, world\r\n\
                0;e=f\r\nX-Trailer: GET / HTTP/1.1\r\n\r\n"
                    .into()
            }
            Body::NoChunks => b"0\r\n\r\n".into(),
            Body::BadChunks => b"5\r\nhello!!0\r\n\r\n".into(),
            Body::LongChunks => {
                let content = self.content();
                let chunks = content.chunks(1001).flat_map(|chunk| {
                    let size = format!("{:X}\r\n", chunk.len());
                    [size.as_bytes(), chunk, b"\r\n"].concat()
                });
                chunks.chain(b"0\r\n\r\n".iter().copied()).collect()
            }
            _ => self.content(),
        }
    }

    /// Whether it is framed in chunks.
    pub fn is_chunked(&self) -> bool {
        use Body::{BadChunks, Chunks, DressedChunks, LongChunks, NoChunks};
        let all = [BadChunks, Chunks, DressedChunks, LongChunks, NoChunks];
        all.contains(&self.body)
    }

    /// Whether a Connection field of it has this option.
    pub fn has_option(&self, option: &str) -> bool {
        let options = self.connection.iter().flat_map(|line| line.split(','));
        options.into_iter().any(|it| it.trim().eq_ignore_ascii_case(option))
    }

    /// Whether it is the last on its connection, by what it says (RFC 9112 section 9.3).
    pub fn asks_to_end(&self) -> bool {
        let stays = self.version == "HTTP/1.1" || self.has_option("keep-alive");
        self.has_option("close") || !stays
    }

    /// Whether nothing may be answered behind it, whatever is said to it: it asks for that,
    /// or where it ends is not to be known (RFC 9112 sections 6.1 and 6.3).
    pub fn is_final(&self) -> bool {
        let has_odd_end = self.version == "HTTP/1.0" && self.is_chunked();
        self.asks_to_end() || has_odd_end || self.body == Body::BadChunks
    }

    /// Whether it has more fields than everybody reads.
    pub fn has_many_fields(&self) -> bool {
        self.others == Others::Many
    }

    /// Which codings of content may come to it (RFC 9110 section 12.5.3).
    pub fn accepts(&self, coding: &str) -> bool {
        match self.accepts {
            "gzip" => coding == "gzip",
            "br;q=0.5, gzip;q=0.1" => ["br", "gzip"].contains(&coding),
            "identity" => false,
            "gzip;q=0, *;q=0.5" => coding != "gzip",
            _ => true,
        }
    }

    /// Whether something is wrong with it.
    pub fn is_spoilt(&self) -> bool {
        let has_odd_end = self.version == "HTTP/1.0" && self.is_chunked();
        let is_of_all = self.form == Form::Asterisk && self.method != "OPTIONS";
        has_odd_end
            || is_of_all
            || self.has_bad_host()
            || self.body == Body::BadChunks
    }

    /// Whether it has two Hosts, or none where there must be one (RFC 9112 section 3.2).
    pub fn has_bad_host(&self) -> bool {
        match self.host.len() {
            0 => self.version == "HTTP/1.1",
            count => count > 1,
        }
    }

    /// Whether it waits to be told to go on.
    pub fn waits(&self) -> bool {
        self.expects == Expects::ToBeTold && self.version == "HTTP/1.1"
    }
}

impl Dress {
    fn line(self, name: &str, value: &str) -> String {
        match self {
            Dress::Plain => format!("{name}: {value}\r\n"),
            Dress::LowerCase => format!("{}: {value}\r\n", name.to_lowercase()),
            Dress::UpperCase => format!("{}: {value}\r\n", name.to_uppercase()),
            Dress::NoSpace => format!("{name}:{value}\r\n"),
            Dress::Spaces => format!("{name}:\t {value} \t\r\n"),
        }
    }
}

impl Tag {
    fn text(self, there: &Response) -> Option<String> {
        let tag = there.field("ETag").map_or("\"none\"", |field| &*field.value);
        match self {
            Tag::None => None,
            Tag::Its => Some(tag.to_owned()),
            // Longer than some buffers are for a value.
            Tag::InAList => Some("\"x,y\", W/\"z\" ,".repeat(18) + tag),
            Tag::Another => Some("\"another\"".to_owned()),
            Tag::Any => Some("*".to_owned()),
        }
    }

    /// Whether it is that of what is there, by the weak comparison or the strong one
    /// (RFC 9110 section 8.8.3.2).
    pub fn matches(self, there: &Response, strongly: bool) -> bool {
        let tag = there.field("ETag").map(|field| &*field.value);
        match self {
            Tag::None | Tag::Another => false,
            Tag::Any => true,
            Tag::Its | Tag::InAList => {
                tag.is_some_and(|tag| !(strongly && tag.starts_with("W/")))
            }
        }
    }
}

impl When {
    fn date(self, there: &Response) -> Option<String> {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        let modified = modified(there).unwrap_or(SystemTime::UNIX_EPOCH + DAY);
        match self {
            When::None => None,
            When::Then => Some(fmt_http_date(modified)),
            When::Before => Some(fmt_http_date(modified - DAY)),
            When::NoDate => Some("yesterday".to_owned()),
        }
    }
}

/// When something was modified, if it says so.
pub fn modified(there: &Response) -> Option<SystemTime> {
    parse_http_date(&there.field("Last-Modified")?.value).ok()
}

/// A request as it is sent.
#[derive(Debug)]
pub struct Message {
    pub bytes: Vec<u8>,
    /// Where its body begins.
    pub body_at: usize,
}

impl Message {
    fn new(head: String, body: impl Into<Vec<u8>>) -> Message {
        let body_at = head.len();
        Message { bytes: [head.into_bytes(), body.into()].concat(), body_at }
    }

    /// Where it is cut, and its body waits for an answer.
    pub fn cuts_of(&self, request: &Request) -> Vec<usize> {
        let sends = match request.waits() {
            true => Sends::BodyLater,
            false => request.sends,
        };
        self.cuts_by(sends)
    }

    /// The same of one that waits for nothing.
    pub fn cuts_by(&self, sends: Sends) -> Vec<usize> {
        let (body_at, end) = (self.body_at, self.bytes.len());
        let around = |at: usize, before: usize, behind: usize| {
            at.saturating_sub(before)..=end.min(at + behind)
        };
        let mut cuts = match sends {
            Sends::Apart | Sends::Joined | Sends::Beside | Sends::BehindHalf => {
                Vec::new()
            }
            Sends::Halves => vec![body_at / 2],
            Sends::BodyLater => vec![body_at],
            Sends::Bytes => {
                around(body_at, 5, 20).chain(around(end, 6, 0)).collect()
            }
            Sends::LastByte => vec![end - 1],
            Sends::WithinCrlf => vec![body_at - 1],
        };
        cuts.retain(|&at| at > 0 && at < end);
        cuts.sort_unstable();
        cuts.dedup();
        cuts
    }
}
