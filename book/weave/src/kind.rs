//! What the bytes of an exchange can be: how each kind is called, the rule that asks for
//! it, and which item of our code reads or writes it.

use crate::tls;

/// A kind of bytes.
#[derive(Debug)]
pub struct Kind {
    /// How it is called in the page's data.
    pub key: &'static str,
    /// What it is.
    pub name: &'static str,
    /// The rule that asks for it; empty if none does.
    pub rule: &'static str,
    /// What reads it, from Part 5 on, if it is sent.
    sent: Item,
    /// What writes it, likewise, if it comes back.
    received: Item,
}

/// An item: its file, and its name there as a listing has it. Nobody's, if both are
/// empty.
pub type Item = (&'static str, &'static str);

pub(crate) const NOBODY: Item = ("", "");

/// Which way bytes went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// To the server, which reads them.
    Sent,
    /// Back from it, as it has written them.
    Received,
}

impl Way {
    /// What it is called in the page's data.
    pub fn name(self) -> &'static str {
        if self == Way::Sent { "sent" } else { "received" }
    }
}

/// A row of the table below: key, name, rule, what reads it and what writes it.
pub(crate) const fn kind(
    key: &'static str,
    name: &'static str,
    rule: &'static str,
    sent: Item,
    received: Item,
) -> Kind {
    Kind { key, name, rule, sent, received }
}

const REQUEST_LINE: Item = ("src/h1/parse.rs", "Parser::request_line");
const VERSION: Item = ("src/h1/parse.rs", "Cursor::http_version");
const LINE_END: Item = ("src/h1/parse.rs", "Cursor::line_end");
const FIELD_LINE: Item = ("src/h1/parse.rs", "field_line");
const VALUE: Item = ("src/message/headers.rs", "FieldValue::parse");
const ENCODE: Item = ("src/h1/encode.rs", "head");
const CHUNK: Item = ("src/h1/chunked.rs", "chunk");
const EVALUATE: Item = ("src/resource/conditional.rs", "evaluate");
const REPRESENTATION: Item =
    ("src/resource/representation.rs", "Representation::new");

/// All kinds but the values of fields that our code knows by name.
#[rustfmt::skip]
const KINDS: [Kind; 23] = [
    kind("method", "method", "RFC 9112 section 3.1",
        ("src/message/method.rs", "Method::parse"), NOBODY),
    kind("space", "SP, a single space", "RFC 9112 section 3",
        REQUEST_LINE, ENCODE),
    kind("target", "request target", "RFC 9112 section 3.2",
        ("src/message/target.rs", "Target::parse"), NOBODY),
    kind("version", "version", "RFC 9112 section 2.3", VERSION, ENCODE),
    kind("status", "status code", "RFC 9110 section 15",
        NOBODY, ("src/message/status.rs", "Status::code")),
    kind("reason", "reason phrase", "RFC 9112 section 4",
        NOBODY, ("src/message/status.rs", "Status::reason")),
    kind("line-end", "CRLF, the end of a line", "RFC 9112 section 2.2",
        LINE_END, ENCODE),
    kind("head-end", "CRLF on a line of its own, the end of the fields",
        "RFC 9112 section 2.1", FIELD_LINE, ENCODE),
    kind("before", "an empty line before a request, which is skipped",
        "RFC 9112 section 2.2", REQUEST_LINE, NOBODY),
    kind("name", "field name", "RFC 9110 section 5.1",
        ("src/message/headers.rs", "FieldName::parse"), ENCODE),
    kind("colon", "colon, right after the name", "RFC 9112 section 5.1",
        FIELD_LINE, ENCODE),
    kind("whitespace", "OWS, optional whitespace, no part of the value",
        "RFC 9112 section 5.1", ("src/message/headers.rs", "trim"), ENCODE),
    kind("value", "field value", "RFC 9110 section 5.5", VALUE, ENCODE),
    kind("body", "body", "RFC 9112 section 6",
        ("src/h1/receiving.rs", "Receiving::receive"),
        ("src/h1/sending.rs", "Sending::data")),
    kind("chunk-size", "chunk size, in hexadecimal", "RFC 9112 section 7.1",
        ("src/h1/chunked.rs", "chunk_size"), CHUNK),
    kind("chunk-extension", "chunk extension", "RFC 9112 section 7.1.1",
        ("src/h1/chunked.rs", "chunk_extension"), NOBODY),
    kind("chunk-data", "chunk data", "RFC 9112 section 7.1",
        ("src/h1/chunked.rs", "Decoder::data"), CHUNK),
    kind("chunk-end", "CRLF, the end of a chunk", "RFC 9112 section 7.1",
        ("src/h1/chunked.rs", "Decoder::end"), CHUNK),
    kind("junk", "not HTTP: a line of junk", "", NOBODY, NOBODY),
    kind("unheard", "the rest of a request, and nobody listens: GET was enough", "",
        NOBODY, NOBODY),
    kind("wrong", "not allowed here", "", ("src/h1/error.rs", "Error"), NOBODY),
    kind("unread", "not read: the last answer has been given", "", NOBODY, NOBODY),
    kind("text", "not HTTP: text, up to the end of the connection", "",
        NOBODY, ("src/verse.rs", "VERSE")),
];

/// The values of fields, by the field's name in lower case.
#[rustfmt::skip]
const FIELDS: [Kind; 18] = [
    kind("accept-ranges", "value of Accept-Ranges", "RFC 9110 section 14.3",
        VALUE, REPRESENTATION),
    kind("allow", "value of Allow", "RFC 9110 section 10.2.1",
        VALUE, ("src/site/mod.rs", "Site::allowed")),
    kind("connection", "value of Connection", "RFC 9110 section 7.6.1",
        ("src/h1/framing.rs", "persistence"), ENCODE),
    kind("content-length", "value of Content-Length", "RFC 9110 section 8.6",
        ("src/h1/framing.rs", "number"),
        ("src/message/response.rs", "Response::finish")),
    kind("content-range", "value of Content-Range", "RFC 9110 section 14.4",
        VALUE, ("src/resource/range.rs", "content_range")),
    kind("content-type", "value of Content-Type", "RFC 9110 section 8.3",
        VALUE, ("src/message/fields.rs", "FieldValue::TEXT_PLAIN")),
    kind("date", "value of Date", "RFC 9110 section 6.6.1",
        VALUE, ("src/date.rs", "imf_fixdate")),
    kind("etag", "value of ETag", "RFC 9110 section 8.8.3", VALUE, REPRESENTATION),
    kind("expect", "value of Expect", "RFC 9110 section 10.1.1",
        ("src/message/request.rs", "Request::expectation"), NOBODY),
    kind("host", "value of Host", "RFC 9110 section 7.2",
        ("src/message/request.rs", "host"), NOBODY),
    kind("if-match", "value of If-Match", "RFC 9110 section 13.1.1",
        EVALUATE, NOBODY),
    kind("if-modified-since", "value of If-Modified-Since", "RFC 9110 section 13.1.3",
        EVALUATE, NOBODY),
    kind("if-none-match", "value of If-None-Match", "RFC 9110 section 13.1.2",
        EVALUATE, NOBODY),
    kind("if-unmodified-since", "value of If-Unmodified-Since", "RFC 9110 section 13.1.4",
        EVALUATE, NOBODY),
    kind("last-modified", "value of Last-Modified", "RFC 9110 section 8.8.2",
        VALUE, REPRESENTATION),
    kind("range", "value of Range", "RFC 9110 section 14.2",
        ("src/resource/range.rs", "select"), NOBODY),
    kind("transfer-encoding", "value of Transfer-Encoding", "RFC 9112 section 6.1",
        ("src/h1/framing.rs", "chunked"),
        ("src/h1/sending.rs", "Sending::respond")),
    kind("x-content-type-options", "value of X-Content-Type-Options", "the Fetch Standard",
        VALUE, ("src/site/echo.rs", "echo")),
];

/// Every kind.
pub fn all() -> impl Iterator<Item = &'static Kind> {
    KINDS.iter().chain(&FIELDS).chain(&tls::KINDS)
}

/// The kind that has a name in the page's data.
pub fn of_key(key: &str) -> Option<&'static Kind> {
    all().find(|kind| kind.key == key)
}

/// What the value of a field is, whose name is given in lower case.
pub fn of_field(name: &[u8]) -> &'static str {
    let known = FIELDS.iter().find(|kind| kind.key.as_bytes() == name);
    known.map_or("value", |kind| kind.key)
}

impl Kind {
    /// What reads or writes bytes of this kind in a part, if that is any item's own
    /// business. Parts 3 and 4 have another idea of a request than those after them.
    pub fn item(&self, part: &str, way: Way) -> Option<Item> {
        const PART_3: &str = "parts/part3.rs";
        const PART_4: &str = "parts/part4.rs";
        let item = match (part, way, self.key) {
            ("part3" | "part4", Way::Received, "body") => ("src/verse.rs", "VERSE"),
            ("part3", Way::Sent, "unheard" | "unread") => (PART_3, "answer"),
            ("part3", Way::Sent, _) => (PART_3, "Reading::next"),
            ("part3", Way::Received, _) => (PART_3, "answer"),
            ("part4", Way::Sent, "before" | "method") => (PART_4, "read_head"),
            ("part4", Way::Sent, "unread") => (PART_4, "answer"),
            ("part4", Way::Sent, _) => (PART_4, "head_length"),
            ("part4", Way::Received, "last-modified" | "content-type") => {
                (PART_4, "verse")
            }
            ("part4", Way::Received, "allow") => (PART_4, "ALLOW"),
            ("part4", Way::Received, _) => (PART_4, "head"),
            ("part5", Way::Sent, "unread") => ("parts/part5/main.rs", "exchange"),
            ("part5", Way::Sent, "body") => ("parts/part5/answer.rs", "Reply::to"),
            ("part5" | "part5_5", Way::Received, "body") => {
                ("src/h1/encode.rs", "whole")
            }
            ("part5" | "part5_5", Way::Received, "allow") => {
                ("parts/part5/answer.rs", "answer")
            }
            ("part5" | "part5_5", Way::Received, "last-modified") => {
                ("parts/part5/answer.rs", "verse")
            }
            (_, Way::Sent, _) => self.sent,
            (_, Way::Received, _) => self.received,
        };
        (item != NOBODY).then_some(item)
    }
}
