//! A conversation over TLS 1.3 as the book shows it: recorded, and decrypted with the
//! secrets that its client logged.
//!
//! No two are alike. `INSTA_UPDATE=always cargo test --test house records::` records
//! another.

use std::fmt::{Debug, Write as _};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::{env, fs};

use tokio_rustls::rustls::crypto::aws_lc_rs::cipher_suite::TLS13_AES_256_GCM_SHA384;
use tokio_rustls::rustls::crypto::aws_lc_rs::{self, kx_group};
use tokio_rustls::rustls::crypto::cipher::{
    AeadKey, InboundOpaqueMessage, Iv, MessageDecrypter,
};
use tokio_rustls::rustls::crypto::tls13::OkmBlock;
use tokio_rustls::rustls::crypto::{CryptoProvider, tls13::HkdfExpander};
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{
    ClientConnection, ContentType, KeyLog, ProtocolVersion, Stream,
};
use weave::book::Book;
use weave::bytes::Range;
use weave::index;
use weave::kind::{self, Way};
use weave::tls::{self, Record};

use crate::support::{Server, root, tls_config_with};

#[test]
fn what_the_book_says_of_the_records_is_what_the_key_log_makes_of_them() {
    let text = fs::read_to_string(path()).unwrap();
    let records = tls::records(&text).unwrap();
    assert!(records.iter().filter(|it| it.plain.is_some()).count() > 5, "{text}");
    assert_eq!(records, decrypted(&text));
}

/// What a handshake is made of does not change from one to the next.
#[test]
fn a_handshake_today_is_made_of_what_the_recorded_one_is() {
    let text = recorded();
    if env::var("INSTA_UPDATE").is_ok_and(|it| it == "always") {
        fs::write(path(), &text).unwrap();
    }
    let (now, then) = (text, fs::read_to_string(path()).unwrap());
    for way in [Way::Sent, Way::Received] {
        assert_eq!(kinds(&now, way), kinds(&then, way), "{way:?}");
    }
}

#[test]
fn a_byte_of_a_record_that_nobody_knows_is_not_shown() {
    let read = |hex: &str| {
        let wire = tls::bytes(hex).unwrap();
        let record = Record { way: Way::Sent, wire: wire.clone(), plain: None };
        tls::read(&record, &wire)
    };
    assert_eq!(read("140303000101").unwrap().len(), 4);
    for (hex, left) in [
        ("140303000101ff", 1),
        ("140303000201ff", 1),
        ("16030300040f000001", 0),
        ("16030300041e000000", 0),
        ("160303000a080000060004ffff0000", 4),
    ] {
        let (rest, what) = read(hex).unwrap_err();
        assert_eq!(rest, left, "{hex}: {what}");
    }
}

#[test]
fn what_has_a_say_in_a_handshake_stands_in_a_listing() {
    let book = Book::load(&root()).unwrap();
    let ways = [Way::Sent, Way::Received];
    let items = tls::KINDS.iter().flat_map(|kind| {
        ways.into_iter().filter_map(|way| kind.item("part5_5", way))
    });
    let mut count = 0;
    for (file, item) in items {
        let listing = index::listing_of(&book, file, item);
        assert!(listing.is_some(), "{item} in {file} is in no listing");
        count += 1;
    }
    assert!(count > 9, "{count}");
}

fn path() -> PathBuf {
    root().join(tls::FOLDER).join("part5_5.txt")
}

/// What the bytes are that went some way, each kind as often as it comes, in order of
/// their names: the client has its extensions in another order each time.
fn kinds(text: &str, way: Way) -> Vec<&'static str> {
    let records = tls::records(text).unwrap();
    let records = records.iter().filter(|record| record.way == way);
    let ranges = records.flat_map(|record| {
        let bytes = record.decrypted().unwrap();
        tls::read(record, &bytes).unwrap()
    });
    let kinds = ranges.map(|Range { kind, .. }| kind);
    let mut kinds: Vec<&str> = kinds.collect();
    assert!(kinds.iter().all(|key| kind::of_key(key).is_some()), "{kinds:?}");
    kinds.sort_unstable();
    kinds
}

/// Has a conversation with Part 5.5 and says how it went, as the record has it.
fn recorded() -> String {
    let server = Server::start("part5_5");
    let provider = CryptoProvider {
        cipher_suites: vec![TLS13_AES_256_GCM_SHA384],
        kx_groups: vec![kx_group::X25519],
        ..aws_lc_rs::default_provider()
    };
    let log = Arc::new(Log::default());
    let mut config =
        Arc::unwrap_or_clone(tls_config_with(provider, &server.root()));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.key_log = log.clone();
    let name = ServerName::try_from("localhost").unwrap();
    let mut client = ClientConnection::new(Arc::new(config), name).unwrap();
    let socket = TcpStream::connect(server.addresses.last().unwrap()).unwrap();
    let mut heard = Heard { socket, bytes: Vec::new() };
    let mut stream = Stream::new(&mut client, &mut heard);
    stream.write_all(b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    stream.read_to_end(&mut Vec::new()).unwrap();
    stream.conn.send_close_notify();
    stream.flush().unwrap();

    let mut text = log.0.lock().unwrap().clone();
    for (way, bytes) in heard.records() {
        let mark = if way == Way::Sent { ">" } else { "<" };
        writeln!(text, "{mark} {}", hex(&bytes)).unwrap();
    }
    let mut shown: String = text
        .lines()
        .filter(|it| !it.starts_with(['<', '>']))
        .map(|it| format!("{it}\n"))
        .collect();
    for Record { way, wire, plain } in decrypted(&text) {
        let mark = if way == Way::Sent { ">" } else { "<" };
        writeln!(shown, "{mark} {}", hex(&wire)).unwrap();
        if let Some(plain) = plain {
            writeln!(shown, "= {}", hex(&plain)).unwrap();
        }
    }
    shown
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a client logs, in the format of SSLKEYLOGFILE, and without its random bytes.
#[derive(Default)]
struct Log(Mutex<String>);

impl Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("Log")
    }
}

impl KeyLog for Log {
    fn log(&self, label: &str, _: &[u8], secret: &[u8]) {
        writeln!(self.0.lock().unwrap(), "{label} {}", hex(secret)).unwrap();
    }
}

/// A stream, and what has gone over it.
struct Heard {
    socket: TcpStream,
    bytes: Vec<(Way, Vec<u8>)>,
}

impl Heard {
    fn hear(&mut self, way: Way, bytes: &[u8]) {
        match self.bytes.last_mut() {
            Some((last, heard)) if *last == way => heard.extend_from_slice(bytes),
            _ => self.bytes.push((way, bytes.to_vec())),
        }
    }

    /// The records, in the order in which they began.
    fn records(self) -> Vec<(Way, Vec<u8>)> {
        let mut records = Vec::new();
        let mut cut = [Vec::new(), Vec::new()];
        for (way, bytes) in self.bytes {
            let rest = &mut cut[way as usize];
            rest.extend_from_slice(&bytes);
            while let [_, _, _, high, low, ..] = rest[..] {
                let length = 5 + usize::from(u16::from_be_bytes([high, low]));
                if rest.len() < length {
                    break;
                }
                records.push((way, rest.drain(..length).collect()));
            }
        }
        assert!(cut.iter().all(Vec::is_empty), "a record is not whole");
        records
    }
}

impl Read for Heard {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.socket.read(buffer)?;
        self.hear(Way::Received, &buffer[..count]);
        Ok(count)
    }
}

impl Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.socket.write(bytes)?;
        self.hear(Way::Sent, &bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

/// The records of a text, decrypted with the secrets that are in it.
fn decrypted(text: &str) -> Vec<Record> {
    let mut records = tls::records(text).unwrap();
    for (way, who) in [(Way::Sent, "CLIENT"), (Way::Received, "SERVER")] {
        let keys = |phase: &str| {
            let label = format!("{who}_{phase} ");
            let secret = text.lines().find_map(|line| line.strip_prefix(&label));
            Keys::of(&tls::bytes(secret.unwrap()).unwrap())
        };
        let (mut keys, later) =
            (keys("HANDSHAKE_TRAFFIC_SECRET"), keys("TRAFFIC_SECRET_0"));
        let mut later = Some(later);
        for record in records.iter_mut().filter(|it| it.way == way) {
            if record.wire[0] != u8::from(ContentType::ApplicationData) {
                record.plain = None;
                continue;
            }
            let plain = keys.decrypt(&record.wire);
            // After its Finished a side has other keys (RFC 8446 section 7.1).
            let is_finished = plain.ends_with(&[u8::from(ContentType::Handshake)])
                && ends_with_finished(&plain);
            record.plain = Some(plain);
            if is_finished && let Some(later) = later.take() {
                keys = later;
            }
        }
    }
    records
}

/// Whether the last handshake message in a record is Finished: type 20, and as many bytes
/// as SHA-384 has.
fn ends_with_finished(plain: &[u8]) -> bool {
    let message = plain.len().checked_sub(1 + 48 + 4);
    message.is_some_and(|at| plain[at..].starts_with(&[20, 0, 0, 48]))
}

/// What one side encrypts with, and how many records it has.
struct Keys {
    decrypter: Box<dyn MessageDecrypter>,
    records: u64,
}

impl Keys {
    /// RFC 8446 section 7.3.
    fn of(secret: &[u8]) -> Keys {
        let suite = TLS13_AES_256_GCM_SHA384.tls13().unwrap();
        let expander = suite.hkdf_provider.expander_for_okm(&OkmBlock::new(secret));
        let key = AeadKey::from(expand::<32>(&*expander, "key"));
        let iv = Iv::new(expand::<12>(&*expander, "iv"));
        Keys { decrypter: suite.aead_alg.decrypter(key, iv), records: 0 }
    }

    /// What is in a record, with its type behind it; there is no padding.
    fn decrypt(&mut self, wire: &[u8]) -> Vec<u8> {
        let mut payload = wire[5..].to_vec();
        let message = InboundOpaqueMessage::new(
            ContentType::ApplicationData,
            ProtocolVersion::TLSv1_2,
            &mut payload,
        );
        let plain = self.decrypter.decrypt(message, self.records).unwrap();
        self.records += 1;
        [plain.payload, &[u8::from(plain.typ)]].concat()
    }
}

/// HKDF-Expand-Label without a context (RFC 8446 section 7.1).
fn expand<const LENGTH: usize>(
    expander: &dyn HkdfExpander,
    label: &str,
) -> [u8; LENGTH] {
    let mut key = [0; LENGTH];
    let label = format!("tls13 {label}");
    let lengths = [0, LENGTH as u8, label.len() as u8];
    expander.expand_slice(&[&lengths, label.as_bytes(), &[0]], &mut key).unwrap();
    key
}
