//! A recorded conversation over TLS 1.3, decrypted: what each byte of each record is.
//!
//! A record of one has the secrets that its client logged, each record as it was on the
//! wire, and below one that is encrypted what is in it. A test holds the one to the
//! other; here each byte is accounted for.

use std::mem;
use std::path::Path;

use fs_err as fs;

use crate::bytes::Range;
use crate::exchange;
use crate::kind::{Item, Kind, NOBODY, Way, kind};
use crate::{code, nearest};

/// Where the records are, from the repository's root: a file for each.
pub const FOLDER: &str = "tests/handshakes";
/// How long the seal is with which an encrypted record ends (RFC 8446 section 5.2).
pub const TAG: usize = 16;

/// Content types (RFC 8446 section 5.1).
const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;

/// A record that went over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Which way it went.
    pub way: Way,
    /// Its bytes as they were on the wire, its header first.
    pub wire: Vec<u8>,
    /// If it is encrypted: what is in it, and behind that what type that is of.
    pub plain: Option<Vec<u8>>,
}

impl Record {
    /// Its bytes, where they are encrypted as if they were not.
    ///
    /// # Errors
    /// If what is in it is not as long as it.
    pub fn decrypted(&self) -> Result<Vec<u8>, String> {
        let Some(plain) = &self.plain else {
            return Ok(self.wire.clone());
        };
        let seal = self.wire.len().checked_sub(TAG);
        let seal = seal.filter(|seal| *seal == 5 + plain.len());
        let seal = seal.ok_or("what is in a record is not as long as it")?;
        Ok([&self.wire[..5], plain, &self.wire[seal..]].concat())
    }
}

/// The records of a file's text, in order.
///
/// # Errors
/// If a line is none, or is no bytes.
pub fn records(text: &str) -> Result<Vec<Record>, String> {
    let mut records: Vec<Record> = Vec::new();
    for line in text.lines() {
        let (mark, hex) = line.split_once(' ').unwrap_or_default();
        let way = match mark {
            ">" => Way::Sent,
            "<" => Way::Received,
            "=" => {
                let of = records.last_mut().ok_or("nothing is decrypted")?;
                of.plain = Some(bytes(hex)?);
                continue;
            }
            // The key log's own lines.
            _ => continue,
        };
        records.push(Record { way, wire: bytes(hex)?, plain: None });
    }
    Ok(records)
}

/// Bytes that are written in hexadecimal.
///
/// # Errors
/// If they are not.
pub fn bytes(hex: &str) -> Result<Vec<u8>, String> {
    let digits = hex.as_bytes().chunks(2);
    let byte = |pair: &[u8]| {
        let pair = str::from_utf8(pair).ok().filter(|pair| pair.len() == 2);
        pair.and_then(|pair| u8::from_str_radix(pair, 16).ok())
    };
    digits.map(byte).collect::<Option<_>>().ok_or(format!("no bytes: {hex}"))
}

/// Two lanes of bytes: what was sent, and what came back.
///
/// # Errors
/// If there is no such record, or a byte of it is nothing that is known.
pub fn show(root: &Path, part: &str) -> Result<String, String> {
    let path = format!("{FOLDER}/{part}.txt");
    let text = fs::read_to_string(root.join(&path)).map_err(|_| {
        let near = nearest(part, ["part5_5"]);
        format!("{path} is not there{near}")
    })?;
    let wrong = |what: String| format!("{path}: {what}");
    let records = records(&text).map_err(wrong)?;
    let mut lanes = String::new();
    for (way, who) in [(Way::Sent, "was sent"), (Way::Received, "came back")] {
        let (mut ranges, mut lines, mut at) = (Vec::new(), String::new(), 0);
        for record in records.iter().filter(|record| record.way == way) {
            let bytes = record.decrypted().map_err(wrong)?;
            ranges.extend(read(record, &bytes).map_err(|(rest, what)| {
                let at = at + bytes.len() - rest;
                wrong(format!("byte {at} of what {who}: {what}"))
            })?);
            at += bytes.len();
            let hex = bytes.iter().map(|byte| format!("{byte:02x}"));
            let hex = hex.collect::<Vec<String>>().join(" ");
            lines.push_str(&code::line("", "", &hex));
        }
        let id = format!("tls-{part}-{}", way.name());
        lanes.push_str(&exchange::lane(&id, part, way, &ranges, "", &lines));
    }
    let caption = format!("on the wire: {part}, decrypted");
    Ok(format!(
        "<figure class=\"wire records hex\"><figcaption>{caption}</figcaption>{lanes}\
         </figure>\n"
    ))
}

/// What the bytes of a record are, in order and all of them.
///
/// # Errors
/// How many bytes are left when one comes that is nothing that is known, and why.
pub fn read(record: &Record, bytes: &[u8]) -> Result<Vec<Range>, (usize, String)> {
    let mut lexer = Lexer { rest: bytes, after: 0, ranges: Vec::new() };
    match lexer.record(record.plain.is_some()) {
        Ok(()) if lexer.rest.is_empty() => Ok(lexer.ranges),
        Ok(()) => Err((lexer.rest.len(), "the record is over".into())),
        Err(what) => Err((lexer.rest.len() + lexer.after, what)),
    }
}

/// Takes bytes off what is left of a record, or of a part of it that has its length said.
struct Lexer<'a> {
    rest: &'a [u8],
    /// How many bytes come after that part.
    after: usize,
    ranges: Vec<Range>,
}

impl Lexer<'_> {
    fn record(&mut self, is_encrypted: bool) -> Result<(), String> {
        let outer = self.number("record-type", 1)?;
        self.take("record-version", 2)?;
        self.part("record-length", 2, |record| {
            if !is_encrypted {
                return record.content(outer as u8);
            }
            let content = record.rest.len().checked_sub(TAG + 1);
            let content = content.ok_or("there is no room for a seal")?;
            let inner = record.rest[content];
            record.within(content, |content| content.content(inner))?;
            record.take("inner-type", 1)?;
            record.take("seal", TAG)
        })
    }

    fn content(&mut self, content_type: u8) -> Result<(), String> {
        match content_type {
            CHANGE_CIPHER_SPEC => self.take("change-cipher-spec", 1),
            ALERT => {
                self.take("alert-level", 1)?;
                self.take("alert", 1)
            }
            HANDSHAKE => {
                while !self.rest.is_empty() {
                    self.message()?;
                }
                Ok(())
            }
            APPLICATION_DATA => self.take("application-data", self.rest.len()),
            other => Err(format!("there is no content type {other}")),
        }
    }

    /// A handshake message (RFC 8446 section 4).
    fn message(&mut self) -> Result<(), String> {
        let message = self.number("message-type", 1)?;
        self.part("message-length", 3, |body| match message {
            1 => body.client_hello(),
            2 => body.server_hello(),
            4 => body.ticket(),
            8 => body.extensions(),
            11 => body.certificate(),
            15 => {
                body.take("scheme", 2)?;
                body.part("length", 2, |it| it.all("signature"))
            }
            20 => body.all("verify-data"),
            other => Err(format!("there is no message {other}")),
        })
    }

    fn client_hello(&mut self) -> Result<(), String> {
        self.take("legacy-version", 2)?;
        self.take("random", 32)?;
        self.part("length", 1, |it| it.all("session-id"))?;
        self.part("length", 2, |it| it.each("cipher-suite", 2))?;
        self.part("length", 1, |it| it.all("compression"))?;
        self.extensions()
    }

    fn server_hello(&mut self) -> Result<(), String> {
        self.take("legacy-version", 2)?;
        self.take("random", 32)?;
        self.part("length", 1, |it| it.all("session-id"))?;
        self.take("cipher-suite", 2)?;
        self.take("compression", 1)?;
        self.extensions()
    }

    fn certificate(&mut self) -> Result<(), String> {
        self.part("length", 1, |it| it.all("context"))?;
        self.part("length", 3, |list| {
            while !list.rest.is_empty() {
                list.part("length", 3, |it| it.all("certificate"))?;
                list.extensions()?;
            }
            Ok(())
        })
    }

    fn ticket(&mut self) -> Result<(), String> {
        self.take("ticket-lifetime", 4)?;
        self.take("ticket-age", 4)?;
        self.part("length", 1, |it| it.all("ticket-nonce"))?;
        self.part("length", 2, |it| it.all("ticket"))?;
        self.extensions()
    }

    fn extensions(&mut self) -> Result<(), String> {
        self.part("extensions-length", 2, |list| {
            while !list.rest.is_empty() {
                let is_it = |it: &&([u8; 2], _)| list.rest.starts_with(&it.0);
                let known = EXTENSIONS.iter().find(is_it);
                let (_, key) = known.ok_or("nobody knows the extension")?;
                list.take(key, 2)?;
                list.part("length", 2, |it| it.all(key))?;
            }
            Ok(())
        })
    }

    fn take(&mut self, kind: &'static str, length: usize) -> Result<(), String> {
        let missing =
            || format!("{kind} has {length} bytes, and they are not there");
        self.rest = self.rest.get(length..).ok_or_else(missing)?;
        if length > 0 {
            self.ranges.push(Range { kind, length });
        }
        Ok(())
    }

    fn all(&mut self, kind: &'static str) -> Result<(), String> {
        self.take(kind, self.rest.len())
    }

    fn each(&mut self, kind: &'static str, length: usize) -> Result<(), String> {
        while !self.rest.is_empty() {
            self.take(kind, length)?;
        }
        Ok(())
    }

    /// Takes a number of so many bytes, the largest first.
    fn number(
        &mut self,
        kind: &'static str,
        length: usize,
    ) -> Result<usize, String> {
        let bytes = self.rest;
        self.take(kind, length)?;
        Ok(bytes[..length]
            .iter()
            .fold(0, |sum, &byte| sum << 8 | usize::from(byte)))
    }

    /// Takes a length, and what is as long, to its end.
    fn part(
        &mut self,
        kind: &'static str,
        length: usize,
        read: impl FnOnce(&mut Self) -> Result<(), String>,
    ) -> Result<(), String> {
        let length = self.number(kind, length)?;
        self.within(length, read)
    }

    fn within(
        &mut self,
        length: usize,
        read: impl FnOnce(&mut Self) -> Result<(), String>,
    ) -> Result<(), String> {
        let cut = self.rest.split_at_checked(length);
        let (part, rest) = cut.ok_or("a length goes beyond what is there")?;
        let outer = mem::replace(&mut self.rest, part).len();
        self.after += outer - length;
        read(self)?;
        if !self.rest.is_empty() {
            return Err("nobody knows what is left of it".into());
        }
        self.after -= outer - length;
        self.rest = rest;
        Ok(())
    }
}

/// Extensions by their number (RFC 8446 section 4.2), and what is in them.
const EXTENSIONS: [([u8; 2], &str); 10] = [
    ([0, 0], "server-name"),
    ([0, 5], "status-request"),
    ([0, 10], "supported-groups"),
    ([0, 11], "point-formats"),
    ([0, 13], "signature-algorithms"),
    ([0, 16], "alpn"),
    ([0, 23], "extended-master-secret"),
    ([0, 43], "supported-versions"),
    ([0, 45], "psk-modes"),
    ([0, 51], "key-share"),
];

const ACCEPTOR: Item = ("src/net/tls.rs", "acceptor");
const READ: Item = ("src/certs/read.rs", "read");

/// What bytes are in TLS. rustls reads and writes them; an item is named where ours has
/// a say.
#[rustfmt::skip]
pub const KINDS: [Kind; 37] = [
    kind("record-type", "content type of a record: 16 a handshake message, 14 a \
        ChangeCipherSpec, 17 something encrypted", "RFC 8446 section 5.1", NOBODY, NOBODY),
    kind("record-version", "a version that no longer means anything",
        "RFC 8446 section 5.1", NOBODY, NOBODY),
    kind("record-length", "length of the record", "RFC 8446 section 5.1", NOBODY, NOBODY),
    kind("inner-type", "content type of what was encrypted: 16 handshake, 17 \
        application data, 15 an alert", "RFC 8446 section 5.2", NOBODY, NOBODY),
    kind("seal", "the seal on what was encrypted, and on the header: the one thing here \
        that is shown as it went", "RFC 8446 section 5.2", NOBODY, NOBODY),
    kind("change-cipher-spec", "ChangeCipherSpec, which means nothing",
        "RFC 8446 appendix D.4", NOBODY, NOBODY),
    kind("alert-level", "level of an alert, which no longer counts",
        "RFC 8446 section 6", NOBODY, NOBODY),
    kind("alert", "description of an alert: 00 is close_notify, nothing more will come",
        "RFC 8446 section 6.1", NOBODY, ("src/io/close.rs", "close")),
    kind("application-data", "HTTP", "RFC 8446 section 5",
        ("src/h1/parse.rs", "Parser::parse"), ("src/h1/encode.rs", "head")),
    kind("message-type", "type of a handshake message: 01 ClientHello, 02 ServerHello, 04 \
        NewSessionTicket, 08 EncryptedExtensions, 0b Certificate, 0f CertificateVerify, \
        14 Finished", "RFC 8446 section 4", NOBODY, NOBODY),
    kind("message-length", "length of the message", "RFC 8446 section 4", NOBODY, NOBODY),
    kind("length", "length of what comes next", "RFC 8446 section 3.4", NOBODY, NOBODY),
    kind("legacy-version", "version, as TLS 1.2 said it; the real one is an extension",
        "RFC 8446 section 4.1.2", NOBODY, NOBODY),
    kind("random", "32 random bytes, so that no two conversations are alike",
        "RFC 8446 section 4.1.2", NOBODY, NOBODY),
    kind("session-id", "a session's name, as TLS 1.2 had it, for those who look for one",
        "RFC 8446 section 4.1.2", NOBODY, NOBODY),
    kind("cipher-suite", "cipher suite: how to encrypt, and how to hash; 1302 is AES-256 \
        in GCM, with SHA-384", "RFC 8446 appendix B.4", ACCEPTOR, ACCEPTOR),
    kind("compression", "compression: none", "RFC 8446 section 4.1.2", NOBODY, NOBODY),
    kind("extensions-length", "length of all extensions", "RFC 8446 section 4.2",
        NOBODY, NOBODY),
    kind("server-name", "server_name: whom the client means to speak to",
        "RFC 6066 section 3", NOBODY, NOBODY),
    kind("status-request", "status_request: has the certificate been revoked?",
        "RFC 8446 section 4.4.2.1", NOBODY, NOBODY),
    kind("supported-groups", "supported_groups: in which groups a key can be agreed on",
        "RFC 8446 section 4.2.7", ACCEPTOR, NOBODY),
    kind("point-formats", "ec_point_formats, which TLS 1.2 asks for",
        "RFC 8422 section 5.1.2", NOBODY, NOBODY),
    kind("signature-algorithms", "signature_algorithms: which signatures the client can \
        check", "RFC 8446 section 4.2.3", NOBODY, NOBODY),
    kind("alpn", "ALPN: what can be spoken within",
        "RFC 7301 section 3.1", ACCEPTOR, ACCEPTOR),
    kind("extended-master-secret", "extended_master_secret, which TLS 1.2 asks for",
        "RFC 7627 section 5.1", NOBODY, NOBODY),
    kind("supported-versions", "supported_versions: 0304 is TLS 1.3",
        "RFC 8446 section 4.2.1", ACCEPTOR, ACCEPTOR),
    kind("psk-modes", "psk_key_exchange_modes: how a ticket may be used",
        "RFC 8446 section 4.2.9", NOBODY, NOBODY),
    kind("key-share", "key_share: a group, and one side's half of the key",
        "RFC 8446 section 4.2.8", ACCEPTOR, ACCEPTOR),
    kind("context", "what asked for the certificate", "RFC 8446 section 4.4.2",
        NOBODY, NOBODY),
    kind("certificate", "a certificate", "RFC 8446 section 4.4.2", NOBODY, READ),
    kind("scheme", "how it is signed", "RFC 8446 section 4.4.3", NOBODY, READ),
    kind("signature", "signature over all that was said so far", "RFC 8446 section 4.4.3",
        NOBODY, READ),
    kind("verify-data", "Finished: a checksum of all that was said so far, which takes \
        the key to make", "RFC 8446 section 4.4.4", NOBODY, NOBODY),
    kind("ticket-lifetime", "for how many seconds the ticket is good",
        "RFC 8446 section 4.6.1", NOBODY, ACCEPTOR),
    kind("ticket-age", "a number that hides how old the ticket is",
        "RFC 8446 section 4.6.1", NOBODY, NOBODY),
    kind("ticket-nonce", "what tells the ticket's key from others'",
        "RFC 8446 section 4.6.1", NOBODY, NOBODY),
    kind("ticket", "a ticket: what the server wants to be told next time",
        "RFC 8446 section 4.6.1", NOBODY, ACCEPTOR),
];
