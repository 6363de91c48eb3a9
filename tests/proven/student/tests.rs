//! The student's server is right, and each of its switches changes what is on the wire.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, FileTimes};
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use proctor::queue;
use regex::bytes::Regex;
use socket2::SockRef;
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{
    CipherSuite, ClientConfig, ClientConnection, NamedGroup, RootCertStore,
    StreamOwned,
};

use super::{
    AGAIN, Area, EXERCISES, Entry, FOUND, FRESH, LAST, LAST_FIFTY, MISTAKES,
    Options, Rule, Stage, Student, Switch, UNSEEN, VARIANTS, mistakes, start,
};

/// The unswitched server, by what is sent and the statuses that come back.
const EXCHANGES: &[(Stage, &str, &str)] = &[
    (Stage::Part3, "GET / HTTP/1.1\\r\\n\\r\\n", "200"),
    (Stage::Part3, "GE{cut}T / HTTP/1.1\\r\\n\\r\\n", "200"),
    (Stage::Part3, "hm\\r\\nGET", "405"),
    (Stage::Part3, "hm\\r\\nGET / ", "405 200"),
    (Stage::Part3, "a\\nb\\nc\\nd\\nGET / ", "405 405 405 405"),
    (Stage::Part3, "PUT / HTTP/1.1\\r\\nA: b\\r\\n\\r\\nGET / ", "405 200"),
    (Stage::Part4, "HEAD / HTTP/1.1\\r\\n\\r\\n", "200"),
    (Stage::Part4, "[[x*9000]]", "431"),
    (Stage::Part4, "get /\\r\\nHEAD /\\r\\n\\r\\n", "405 200"),
    (Stage::Part5, "GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n", "200"),
    (Stage::Part5, "GET http://a HTTP/1.1\\r\\nHost: b\\r\\n\\r\\n", "200"),
    (
        Stage::Part5,
        "GET HTTP://a:/?x HTTP/1.9\\r\\nHost: [::1]:80\\r\\n\\r\\n",
        "200",
    ),
    (Stage::Part5, "GET https://a/ HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n", "421"),
    (Stage::Part5, "GET / HTTP/1.0\\r\\n\\r\\n", "200"),
    (Stage::Part5, "GET / HTTP/1.1\\r\\n\\r\\n", "400"),
    (Stage::Part5, "GET / HTTP/1.1\\r\\nHost: a\\r\\nHost: a\\r\\n\\r\\n", "400"),
    (Stage::Part5, "GET / HTTP/2.0\\r\\nHost: a\\r\\n\\r\\n", "505"),
    (Stage::Part5, "GET * HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n", "400"),
    (Stage::Part5, "OPTIONS * HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n", "405"),
    (Stage::Part5, "BREW / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n", "501"),
    (Stage::Part5, "GET /[[x*8192]] HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n", "414"),
    (
        Stage::Part5,
        "GET / HTTP/1.1\\r\\nHost: a\\r\\nX: [[y*17000]]\\r\\n\\r\\n",
        "431",
    ),
    (
        Stage::Part5,
        "PUT / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: +5\\r\\n\\r\\n",
        "400",
    ),
    (
        Stage::Part5,
        "PUT / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding: x\\r\\n\\r\\n",
        "400",
    ),
    (
        Stage::Part5,
        "PUT / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding: x, chunked\\r\\n\\r\\n",
        "501",
    ),
    (
        Stage::Part5,
        "PUT / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\nGET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n",
        "405 200",
    ),
    (
        Stage::Part6,
        "GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\nHEAD / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n",
        "200 200",
    ),
    (
        Stage::Part6,
        "GET / HTTP/1.1\\r\\nHost: a\\r\\nRange: bytes=-5\\r\\n\\r\\n",
        "206",
    ),
    (
        Stage::Part6,
        "GET / HTTP/1.1\\r\\nHost: a\\r\\nRange: bytes=9999-\\r\\n\\r\\n",
        "416",
    ),
    (
        Stage::Part6,
        "GET / HTTP/1.1\\r\\nHost: a\\r\\nIf-None-Match: *\\r\\n\\r\\n",
        "304",
    ),
    (
        Stage::Part6,
        "GET / HTTP/1.1\\r\\nHost: a\\r\\nIf-Match: \"x\"\\r\\n\\r\\n",
        "412",
    ),
    (
        Stage::Part6,
        "POST /echo HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 2\\r\\n\\r\\nhi",
        "200",
    ),
    (
        Stage::Part6,
        "POST /echo HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 3\\r\\n\\r\\nhi",
        "400",
    ),
    (
        Stage::Part6,
        "POST /echo HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n\
         2;a=\"b\"\\r\\nhi\\r\\n0\\r\\nX: y\\r\\n\\r\\nBREW / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n",
        "200 501",
    ),
    (
        Stage::Part6,
        "POST /echo HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n2\\r\\nhi!",
        "400",
    ),
    (
        Stage::Part6,
        "POST /echo HTTP/1.1\\r\\nHost: a\\r\\nExpect: 100-continue\\r\\n\
         Content-Length: 2\\r\\n\\r\\n{hear}hi",
        "100 200",
    ),
    (
        Stage::Part6,
        "GET / HTTP/1.1\\r\\nHost: a\\r\\nExpect: tea\\r\\n\\r\\n",
        "417",
    ),
];

#[test]
fn the_server_without_a_switch_answers_as_the_book_says() {
    let mut servers = Servers::default();
    let status = Regex::new(r"HTTP/1\.1 (\d{3})").unwrap();
    for (stage, sent, statuses) in EXCHANGES {
        let address = servers.at(stage.name(), Switch::NONE);
        let came = talk(address, sent);
        let found: Vec<String> = status
            .captures_iter(&came)
            .map(|found| String::from_utf8_lossy(&found[1]).into_owned())
            .collect();
        assert_eq!(found.join(" "), statuses.trim(), "{}: {sent}", stage.name());
    }
}

/// A row of `witnesses.txt`.
struct Witness<'a> {
    id: &'a str,
    stage: &'a str,
    sent: &'a str,
    right: &'a str,
    switched: &'a str,
}

fn witnesses() -> Vec<Witness<'static>> {
    let rows = include_str!("witnesses.txt").lines();
    let rows = rows.filter(|row| !row.is_empty() && !row.starts_with('#'));
    let witness = |row: &'static str| {
        let cells: Vec<&str> = row.split(" | ").collect();
        let [id, stage, sent, right, switched] = cells[..] else { panic!("{row}") };
        Witness { id, stage, sent, right, switched }
    };
    rows.map(witness).collect()
}

#[test]
fn each_switch_changes_what_its_witness_says() {
    let witnesses = witnesses();
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut servers = Servers::default();
                while let Some(witness) =
                    witnesses.get(next.fetch_add(1, Ordering::SeqCst))
                {
                    // On a busy machine, what was said in two pieces may come as one.
                    let mut bears = || bears_witness(&mut servers, witness);
                    if let Err(why) =
                        bears().or_else(|_| bears()).or_else(|_| bears())
                    {
                        wrong.lock().unwrap().push(why);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn bears_witness(servers: &mut Servers, witness: &Witness) -> Result<(), String> {
    let Witness { id, stage, sent, .. } = witness;
    let switch =
        Switch::named(id).ok_or(format!("{id}: there is no such switch"))?;
    let right = talk(servers.at(stage, Switch::NONE), sent);
    let switched = talk(servers.at(stage, switch), sent);
    servers.forget(stage, switch);
    let found =
        first_difference(&without_chance(&right), &without_chance(&switched));
    match found {
        Some((right, switched))
            if right == witness.right && switched == witness.switched =>
        {
            Ok(())
        }
        Some((right, switched)) => Err(format!("{id}: {right} | {switched}")),
        None => Err(format!("{id}: no difference")),
    }
}

#[test]
fn most_switches_have_a_witness() {
    let witnessed: BTreeSet<&str> =
        witnesses().iter().map(|witness| witness.id).collect();
    let of =
        |table: &[Entry]| table.iter().filter(|e| witnessed.contains(e.id)).count();
    assert!(of(MISTAKES) > 600, "{}", of(MISTAKES));
    assert!(of(VARIANTS) > 100, "{}", of(VARIANTS));
}

#[test]
fn a_switch_has_one_entry_and_is_asked_for() {
    let mut ids = BTreeMap::new();
    for entry in mistakes().chain(VARIANTS) {
        *ids.entry(entry.id).or_insert(0) += 1;
        assert!(entry.stages.0 <= entry.stages.1, "{}", entry.id);
        assert!(!entry.sentence.is_empty(), "{}", entry.id);
    }
    for &id in EXERCISES {
        *ids.entry(id).or_insert(0) += 1;
    }
    let twice: Vec<_> = ids.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
    let source = source();
    let unasked: Vec<_> =
        ids.keys().filter(|id| !source.contains(&format!("\"{id}\""))).collect();
    assert!(unasked.is_empty(), "{unasked:?}");
    let asked = regex::Regex::new(r#"\.is\(\s*"([^"]+)"\s*\)"#).unwrap();
    let unknown: BTreeSet<&str> = asked
        .captures_iter(&source)
        .map(|found| found.get(1).unwrap().as_str())
        .filter(|id| !ids.contains_key(id))
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    assert!(VARIANTS.iter().all(|entry| entry.rule == Rule::Rfc));
    let of_the_rfcs = mistakes().filter(|entry| entry.rule == Rule::Rfc);
    assert!(of_the_rfcs.count() > 500);
    let areas: BTreeSet<Area> = mistakes().map(|entry| entry.area).collect();
    assert_eq!(areas.len(), 22, "{areas:?}");
    assert!(MISTAKES.len() >= 250 && LAST.len() >= 50);
    assert!(UNSEEN.len() == 50 && FRESH.len() == 50 && AGAIN.len() == 50);
    assert_eq!(LAST_FIFTY.len(), 50);
    assert!(FOUND.len() >= 25);
    assert!(VARIANTS.len() >= 60);
}

/// All that asks for switches.
fn source() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/proven/student");
    let mut source = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_table = [
            "mistakes.rs",
            "last.rs",
            "unseen.rs",
            "fresh.rs",
            "found.rs",
            "again.rs",
            "last_fifty.rs",
            "variants.rs",
            "tests.rs",
        ];
        if name.ends_with(".rs") && !is_table.contains(&name.as_str()) {
            source += &fs::read_to_string(path).unwrap();
        }
    }
    source
}

/// The form of an IMF-fixdate.
const DATE: &str = r"(?i)\r\ndate: (?-i)[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\r\n";

#[test]
fn dates_are_wrong_when_they_are_to_be() {
    const ANY: &[&str] = &[
        "date-asctime",
        "date-iso",
        "date-utc",
        "date-offset",
        "date-without-zone",
        "date-in-german",
        "date-rfc850",
        "date-of-two-digits",
    ];
    let get = "GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n";
    let date = Regex::new(DATE).unwrap();
    let right = start(Stage::Part4, Switch::NONE, Options::default()).unwrap();
    assert!(date.is_match(&talk(right.clear, get)));
    let german = Regex::new("(?i)date: (So|Mo|Di|Mi|Do|Fr|Sa),").unwrap();
    for id in ANY {
        let student =
            start(Stage::Part4, Switch::named(id).unwrap(), Options::default())
                .unwrap();
        let came = talk(student.clear, get);
        assert!(!date.is_match(&came) || german.is_match(&came), "{id}");
    }
}

#[test]
fn over_tls_certificates_protocols_and_ends_are_as_switched() {
    let right = start(Stage::Part5_5, Switch::NONE, Options::default()).unwrap();
    let call = call(&right, &[]).unwrap();
    assert!(call.text.starts_with(b"HTTP/1.1 200") && call.end == End::Notified);
    let spoken = over_tls("", &[b"http/1.1"]).unwrap();
    assert_eq!(spoken.protocol.as_deref(), Some(&b"http/1.1"[..]));
    assert!(over_tls("", &[b"h2"]).is_err());

    for id in [
        "certificate-of-another-name",
        "certificate-expired",
        "certificate-from-tomorrow",
        "certificate-vouches-for-itself",
        "certificate-with-a-common-name-alone",
        "certificate-of-the-address-alone",
        "certificate-with-a-wildcard",
        "certificate-for-clients",
        "certificate-without-its-chain",
        "chain-in-the-wrong-order",
        "alpn-wanted",
    ] {
        assert!(over_tls(id, &[]).is_err(), "{id}");
    }
    for id in ["certificate-of-ecdsa-p384", "chain-with-its-root", "no-tickets"] {
        assert!(over_tls(id, &[]).is_ok(), "{id}");
    }
    let spoken = over_tls("alpn-says-h2", &[b"h2"]).unwrap();
    assert_eq!(spoken.protocol.as_deref(), Some(&b"h2"[..]));
    assert_eq!(over_tls("alpn-not-answered", &[b"h2"]).unwrap().protocol, None);
    assert_eq!(over_tls("no-close-notify", &[]).unwrap().end, End::Cut);
    let long = format!("{GET}X: {}\r\n\r\n", "y".repeat(3000));
    let said = |id: &str| {
        let switch = Switch::named(id).unwrap_or(Switch::NONE);
        let student = start(Stage::Part5_5, switch, Options::default())?;
        say(&student, &[], long.as_bytes())
    };
    assert!(said("").unwrap().text.starts_with(b"HTTP/1.1 200"));
    assert!(said("select-before-a-read").is_err());
}

#[test]
fn half_a_greeting_is_waited_with_unless_switched() {
    let is_left = |id: &str| {
        let switch = Switch::named(id).unwrap_or(Switch::NONE);
        let student = start(Stage::Part5_5, switch, Options::default()).unwrap();
        let mut socket = TcpStream::connect(student.tls.unwrap()).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
        socket.write_all(&[22, 3, 1]).unwrap();
        socket.read(&mut [0]).is_ok_and(|count| count == 0)
    };
    assert!(!is_left(""));
    assert!(is_left("hello-in-one-read"));
}

const GET: &str = "GET / HTTP/1.1\r\nHost: localhost\r\n";

#[derive(Debug, PartialEq, Eq)]
enum End {
    Notified,
    Cut,
}

#[derive(Debug)]
struct Call {
    text: Vec<u8>,
    end: End,
    protocol: Option<Vec<u8>>,
}

fn over_tls(id: &str, protocols: &[&[u8]]) -> Result<Call, std::io::Error> {
    let switch = Switch::named(id).unwrap_or(Switch::NONE);
    call(&start(Stage::Part5_5, switch, Options::default())?, protocols)
}

/// A GET over TLS, to its end.
fn call(student: &Student, protocols: &[&[u8]]) -> Result<Call, std::io::Error> {
    say(student, protocols, format!("{GET}\r\n").as_bytes())
}

/// Says something over TLS, and hears what there is to hear.
fn say(
    student: &Student,
    protocols: &[&[u8]],
    request: &[u8],
) -> Result<Call, std::io::Error> {
    let mut stream = connected(student, protocols)?;
    stream.write_all(request)?;
    hear(stream)
}

fn hear(mut stream: OverTls) -> Result<Call, std::io::Error> {
    let mut text = Vec::new();
    let end = match stream.read_to_end(&mut text) {
        Ok(_) => End::Notified,
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => End::Cut,
        Err(error) => return Err(error),
    };
    let protocol = stream.conn.alpn_protocol().map(<[u8]>::to_vec);
    Ok(Call { text, end, protocol })
}

type OverTls = StreamOwned<ClientConnection, TcpStream>;

fn connected(
    student: &Student,
    protocols: &[&[u8]],
) -> Result<OverTls, std::io::Error> {
    connected_by(student, protocols, aws_lc_rs::default_provider())
}

/// Connects with what a client can do in cryptography.
fn connected_by(
    student: &Student,
    protocols: &[&[u8]],
    provider: CryptoProvider,
) -> Result<OverTls, std::io::Error> {
    let mut roots = RootCertStore::empty();
    for root in rustls_pemfile::certs(&mut student.root_ca_pem.as_bytes()) {
        roots.add(root?).map_err(std::io::Error::other)?;
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .map_err(std::io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols =
        protocols.iter().map(|protocol| protocol.to_vec()).collect();
    let name = ServerName::try_from("localhost").unwrap();
    let client = ClientConnection::new(Arc::new(config), name)
        .map_err(std::io::Error::other)?;
    let socket = TcpStream::connect(student.tls.unwrap())?;
    socket.set_read_timeout(Some(Duration::from_secs(5)))?;
    Ok(StreamOwned::new(client, socket))
}

/// A server with a switch.
fn with(id: &str, stage: Stage) -> Student {
    let switch = Switch::named(id).unwrap_or(Switch::NONE);
    start(stage, switch, Options::default()).unwrap()
}

#[test]
fn over_tls_records_schemes_and_protocols_are_as_switched() {
    assert_eq!(over_tls("alpn-if-there-is-one", &[b"h2"]).unwrap().protocol, None);
    let both = over_tls("alpn-if-there-is-one", &[b"h2", b"http/1.1"]).unwrap();
    assert_eq!(both.protocol.as_deref(), Some(&b"http/1.1"[..]));

    let of_the_uri = |id: &str| {
        let request = b"GET https://localhost/ HTTP/1.1\r\nHost: localhost\r\n\
                        Connection: close\r\n\r\n";
        say(&with(id, Stage::Part5_5), &[], request).unwrap().text
    };
    assert!(of_the_uri("").starts_with(b"HTTP/1.1 200"));
    assert!(of_the_uri("https-is-421-everywhere").starts_with(b"HTTP/1.1 421"));

    // The rest comes when the first half was read: that, whoever ends then shows by ending.
    let in_halves = |id: &str, wait: fn(&mut OverTls)| {
        let student = with(id, Stage::Part5_5);
        let mut stream = connected(&student, &[]).unwrap();
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock).unwrap();
        }
        // Its tickets: it has read the handshake to the end, and nothing with it.
        assert!(stream.conn.read_tls(&mut stream.sock).unwrap() > 0);
        stream.conn.process_new_packets().unwrap();
        stream.conn.writer().write_all(format!("{GET}\r\n").as_bytes()).unwrap();
        let mut record = Vec::new();
        stream.conn.write_tls(&mut record).unwrap();
        let (first, rest) = record.split_at(record.len() / 2);
        stream.sock.write_all(first).unwrap();
        wait(&mut stream);
        let _ = stream.sock.write_all(rest);
        hear(stream).map_or(Vec::new(), |call| call.text)
    };
    let sent: fn(&mut OverTls) = |stream| queue::wait(&stream.sock);
    assert!(in_halves("", sent).starts_with(b"HTTP/1.1 200"));
    let ended: fn(&mut OverTls) = |stream| {
        while stream.conn.read_tls(&mut stream.sock).is_ok_and(|read| read > 0) {}
    };
    assert!(in_halves("half-a-record-is-the-end", ended).is_empty());

    let echoed = |id: &str| {
        let body = "x".repeat(20_000);
        let request = format!(
            "POST /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Length: 20000\r\n\r\n{body}"
        );
        say(&with(id, Stage::Part6), &[], request.as_bytes()).unwrap().text.len()
    };
    assert!(echoed("") > 20_000);
    assert_eq!(echoed("one-record-is-all"), 16 * 1024);

    let without_host = |id: &str| {
        let request = b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n";
        say(&with(id, Stage::Part5_5), &[], request).unwrap().text
    };
    assert!(without_host("").starts_with(b"HTTP/1.1 400"));
    assert!(without_host("host-unchecked-over-tls").starts_with(b"HTTP/1.1 200"));

    let expecting = |id: &str| {
        let student = with(id, Stage::Part6);
        let mut stream = connected(&student, &[])?;
        let head = "POST /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
                    Expect: 100-continue\r\nContent-Length: 2\r\n\r\n";
        stream.write_all(head.as_bytes())?;
        let mut first = [0; 12];
        stream.read_exact(&mut first)?;
        stream.write_all(b"hi")?;
        hear(stream).map(|_| first)
    };
    assert_eq!(&expecting("").unwrap(), b"HTTP/1.1 100");
    assert!(expecting("continue-in-the-clear").is_err());
}

#[test]
fn over_tls_refusals_and_the_next_request_are_as_switched() {
    let refused = |id: &str| say(&with(id, Stage::Part5_5), &[], b"GET /\r\n\r\n");
    assert!(refused("").unwrap().text.starts_with(b"HTTP/1.1 400"));
    assert!(refused("refusals-in-the-clear").is_err());

    let answers_to_two = |id: &str| {
        let request = format!("{GET}\r\n{GET}Connection: close\r\n\r\n");
        let text = say(&with(id, Stage::Part6), &[], request.as_bytes());
        let text = String::from_utf8(text.unwrap().text).unwrap();
        let said = text.matches("Connection: close").count();
        (text.matches("HTTP/1.1 200").count(), said)
    };
    assert_eq!(answers_to_two(""), (2, 1));
    assert_eq!(answers_to_two("over-tls-one-and-gone"), (1, 0));
}

#[test]
fn what_each_tls_must_know_is_known_unless_switched() {
    let p256 = |provider: &mut CryptoProvider| {
        provider.kx_groups.retain(|it| it.name() == NamedGroup::secp256r1);
    };
    let aes128 = |provider: &mut CryptoProvider| {
        let wanted = CipherSuite::TLS13_AES_128_GCM_SHA256;
        provider.cipher_suites.retain(|it| it.suite() == wanted);
    };
    let any = |_: &mut CryptoProvider| {};
    let is_answered = |id: &str, alone: fn(&mut CryptoProvider)| {
        let mut provider = aws_lc_rs::default_provider();
        alone(&mut provider);
        let student = with(id, Stage::Part5_5);
        let mut stream = connected_by(&student, &[], provider).unwrap();
        stream.write_all(format!("{GET}\r\n").as_bytes()).is_ok()
            && hear(stream).is_ok_and(|it| it.text.starts_with(b"HTTP/1.1 200"))
    };
    assert!(is_answered("", p256));
    assert!(is_answered("", aes128));
    assert!(!is_answered("x25519-alone", p256));
    assert!(is_answered("x25519-alone", any));
    assert!(!is_answered("aes-256-alone", aes128));
    assert!(is_answered("aes-256-alone", any));
}

#[test]
fn what_was_not_there_may_come_and_what_was_opened_is_closed_unless_switched() {
    let of = |id: &str| {
        let tree = tree();
        let www = tree.path().join("www");
        let options = Options { root: Some(www.clone()), ..Options::default() };
        let switch = Switch::named(id).unwrap_or(Switch::NONE);
        let student = start(Stage::Part6, switch, options).unwrap();
        talk(student.clear, "GET /new HTTP/1.0\\r\\n\\r\\n");
        fs::write(www.join("new"), "x").unwrap();
        let came = talk(student.clear, "HEAD /new HTTP/1.0\\r\\n\\r\\n");
        let kept = student.shared.kept.lock().unwrap().len();
        (came.starts_with(b"HTTP/1.1 200"), kept)
    };
    assert_eq!(of(""), (true, 0));
    assert_eq!(of("misses-are-kept"), (false, 0));
    assert_eq!(of("keeps-the-file-of-a-head"), (true, 1));
}

#[test]
fn what_comes_behind_the_end_is_read_past_unless_switched() {
    let is_cut = |id: &str| {
        let student = with(id, Stage::Part1);
        let mut socket = TcpStream::connect(student.clear).unwrap();
        let mut verse = Vec::new();
        socket.read_to_end(&mut verse).unwrap();
        // More than all buffers hold.
        (0..1024).any(|_| socket.write_all(&[b'x'; 16 * 1024]).is_err())
    };
    assert!(!is_cut(""));
    assert!(is_cut("drains-one-read"));
}

#[test]
fn who_has_gone_before_being_accepted_harms_nobody_unless_switched() {
    let next_is_served = |id: &str| {
        let student = with(id, Stage::Part1);
        let mut first = TcpStream::connect(student.clear).unwrap();
        first.read_to_end(&mut Vec::new()).unwrap();
        let second = TcpStream::connect(student.clear).unwrap();
        SockRef::from(&second).set_linger(Some(Duration::ZERO)).unwrap();
        drop(second);
        drop(first);
        let mut third = TcpStream::connect(student.clear).unwrap();
        third.read(&mut [0; 64]).is_ok_and(|count| count > 0)
    };
    assert!(next_is_served(""));
    assert!(!next_is_served("peer-is-asked-for"));
}

#[test]
fn each_is_answered_unless_switched() {
    for stage in [Stage::Part3, Stage::Part5, Stage::Part6] {
        let is_answered = |id: &str| {
            let student = with(id, stage);
            let mut first = TcpStream::connect(student.clear).unwrap();
            first.write_all(b"PUT / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
            assert!(first.read(&mut [0; 512]).unwrap() > 0);
            let mut second = TcpStream::connect(student.clear).unwrap();
            second.write_all(b"PUT / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
            assert!(second.read(&mut [0; 512]).unwrap() > 0);
            first.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
            first.shutdown(Shutdown::Write).unwrap();
            first.read(&mut [0; 64]).is_ok_and(|count| count > 0)
        };
        assert!(is_answered(""), "{stage:?}");
        assert!(!is_answered("answers-the-last-caller"), "{stage:?}");
    }
}

#[test]
fn a_date_is_of_its_response_unless_switched() {
    fn date(socket: &mut TcpStream) -> String {
        socket.write_all(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        let mut head = vec![0; 4096];
        let count = socket.read(&mut head).unwrap();
        let head = String::from_utf8_lossy(&head[..count]).into_owned();
        let mut lines = head.lines().filter_map(|it| it.strip_prefix("Date: "));
        lines.next().unwrap().to_owned()
    }
    let is_kept = |id: &str| {
        let student = with(id, Stage::Part6);
        let connect = || TcpStream::connect(student.clear).unwrap();
        let mut socket = connect();
        let at_first = date(&mut socket);
        while date(&mut connect()) == at_first {}
        date(&mut socket) == at_first
    };
    assert!(!is_kept(""));
    assert!(is_kept("date-of-the-connection"));
}

#[test]
fn a_file_that_changes_is_another_unless_switched() {
    let before_and_after = |id: &str| {
        let tree = tree();
        let www = tree.path().join("www");
        let options = Options { root: Some(www.clone()), ..Options::default() };
        let switch = Switch::named(id).unwrap_or(Switch::NONE);
        let student = start(Stage::Part6, switch, options).unwrap();
        let get = || {
            let came = talk(student.clear, "GET /a.txt HTTP/1.0\\r\\n\\r\\n");
            let text = String::from_utf8_lossy(&came).into_owned();
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            let tag = head.lines().find(|it| it.starts_with("ETag: ")).unwrap();
            (tag.to_owned(), body.to_owned())
        };
        let before = get();
        fs::write(www.join("a.txt"), "0123456789").unwrap();
        let after = get();
        (before.0 == after.0, before.1 == after.1)
    };
    assert_eq!(before_and_after(""), (false, false));
    assert_eq!(before_and_after("tags-are-kept"), (true, false));
    assert_eq!(before_and_after("bytes-are-kept"), (false, true));
}

#[test]
fn who_stays_keeps_others_waiting_only_when_switched() {
    const PATIENCE: Duration = Duration::from_millis(800);
    let waits = |id: &str| {
        let student = start(
            Stage::Part2,
            Switch::named(id).unwrap_or(Switch::NONE),
            Options::default(),
        )
        .unwrap();
        let stay: Vec<TcpStream> =
            (0..9).map(|_| TcpStream::connect(student.clear).unwrap()).collect();
        thread::sleep(Duration::from_millis(50));
        let mut socket = TcpStream::connect(student.clear).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let served = socket.read(&mut [0; 64]).is_ok_and(|count| count > 0);
        drop(stay);
        !served
    };
    assert!(!waits(""));
    for id in [
        "one-at-a-time",
        "pool-of-four",
        "turns-away-the-ninth",
        "accept-then-sleep",
    ] {
        assert!(waits(id), "{id}");
    }
}

/// The servers of a thread, each started once.
#[derive(Default)]
struct Servers {
    started: BTreeMap<(String, &'static str), (Student, Option<tempfile::TempDir>)>,
}

impl Servers {
    /// Where one listens, by the stage, or the tree that it serves.
    fn at(&mut self, stage: &str, switch: Switch) -> SocketAddr {
        let key = (stage.to_owned(), switch.0);
        let (student, _) = self.started.entry(key).or_insert_with(|| {
            let serves_files = ["files", "listing"].contains(&stage);
            let tree = serves_files.then(tree);
            let options = Options {
                root: tree.as_ref().map(|tree| tree.path().join("www")),
                listing: stage == "listing",
                echo: stage == "listing",
                ..Options::default()
            };
            let stage = Stage::ALL.into_iter().find(|s| s.name() == stage);
            let student = start(stage.unwrap_or(Stage::Part6), switch, options);
            (student.unwrap(), tree)
        });
        student.clear
    }

    fn forget(&mut self, stage: &str, switch: Switch) {
        self.started.remove(&(stage.to_owned(), switch.0));
    }
}

/// A tree of files, and what lies outside of it.
fn tree() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let www = folder.path().join("www");
    let long = "z".repeat(200_000);
    let files: &[(&str, &str)] = &[
        ("a.txt", "abcdefghij"),
        ("index.html", "<p>index"),
        ("sub/index.html", "sub"),
        ("empty/x", "x"),
        ("empty/.h", "h"),
        ("empty/<b>&\"c", "x"),
        ("empty/javascript:x", "x"),
        ("empty/sub/x", "x"),
        ("spaced/a b", "x"),
        (".git/config", "secret"),
        (".env", "secret"),
        (".well-known/x", "wk"),
        ("key.pem", "secret"),
        ("KEY.PEM", "secret"),
        ("n.txt", "0123456789"),
        ("n.txt.gz", "GZ"),
        ("only.txt.gz", "GZ"),
        ("k.txt", "0123456789"),
        ("k.txt.gz/x", "x"),
        ("m.txt", "xxxx"),
        ("m.txt.br", "BR"),
        ("m.txt.gz", "GZ"),
        ("UP.HTML", "x"),
        ("x.tar.gz", "x"),
        ("jquery.min.js", "x"),
        ("nothing", "x"),
        ("%41", "x"),
        ("a b", "sp"),
        ("é.txt", "e"),
        ("a", "x"),
        ("zero", ""),
        ("a.unknownx", "x"),
        ("big", &long),
        ("b\\d/x", "x"),
        ("noslash/index.html", "x"),
        ("a..b", "x"),
        ("s p/index.html", "x"),
        ("accents/é", "x"),
        ("lead/x", "x"),
        ("odd/x", "x"),
        ("marks/5%41", "x"),
        ("marks/a?b", "x"),
        ("html", "x"),
        ("../secret", "secret"),
        ("../www-private/secret", "secret"),
    ];
    let time = UNIX_EPOCH + Duration::new(1_000_000_000, 123_456_789);
    for (name, content) in files {
        let path = www.join(name);
        fs::create_dir_all(&www).unwrap();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        set_time(&path, time);
    }
    for (target, name) in
        [("../secret", "out"), ("a.txt", "in"), ("../www-private", "private")]
    {
        std::os::unix::fs::symlink(target, www.join(name)).unwrap();
    }
    fs::create_dir(www.join("hollow")).unwrap();
    std::os::unix::fs::symlink("none", www.join("odd/broken")).unwrap();
    std::os::unix::fs::symlink("../../secret", www.join("lead/index.html"))
        .unwrap();
    folder
}

fn set_time(path: &Path, time: SystemTime) {
    let file = File::options().append(true).open(path).unwrap();
    file.set_times(FileTimes::new().set_modified(time)).unwrap();
}

/// What each of those hears who call one after the other.
fn talk(address: SocketAddr, text: &str) -> Vec<u8> {
    text.split("{again}").flat_map(|text| talk_once(address, text)).collect()
}

/// Sends what `text` stands for, what is behind a cut when the rest has been read, ends,
/// and reads to the end.
fn talk_once(address: SocketAddr, text: &str) -> Vec<u8> {
    let mut socket = TcpStream::connect(address).unwrap();
    socket.set_nodelay(true).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let mut came = Vec::new();
    for (n, part) in text.split("{hear}").enumerate() {
        if n > 0 {
            came.extend(heard(&socket));
        }
        for (n, piece) in part.split("{cut}").enumerate() {
            if n > 0 {
                queue::wait(&socket);
            }
            // Who has been hung up on by now gets no more in.
            if socket.write_all(&unescaped(piece)).is_err() {
                break;
            }
        }
    }
    let _ = socket.shutdown(Shutdown::Write);
    let _ = socket.read_to_end(&mut came);
    came
}

/// What the server says before we go on, if it says something within a second.
fn heard(mut socket: &TcpStream) -> Vec<u8> {
    let patience = socket.read_timeout().unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    let mut bytes = vec![0; 4096];
    let count = socket.read(&mut bytes).unwrap_or_default();
    bytes.truncate(count);
    socket.set_read_timeout(patience).unwrap();
    bytes
}

/// `\r`, `\n`, `\t`, `\xff`, and `[[x*9]]`.
fn unescaped(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some((repeated, after)) = repetition(rest) {
            out.extend(repeated);
            rest = after;
            continue;
        }
        let length = match (first, rest.as_bytes().get(1)) {
            ('\\', Some(b'x')) => {
                out.push(u8::from_str_radix(&rest[2..4], 16).unwrap());
                4
            }
            ('\\', Some(byte)) => {
                out.push(match byte {
                    b'r' => b'\r',
                    b'n' => b'\n',
                    b't' => b'\t',
                    other => *other,
                });
                2
            }
            _ => {
                out.extend(first.to_string().bytes());
                first.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    out
}

fn repetition(text: &str) -> Option<(Vec<u8>, &str)> {
    let (within, after) = text.strip_prefix("[[")?.split_once("]]")?;
    let (unit, count) = within.rsplit_once('*')?;
    Some((unescaped(unit).repeat(count.parse().ok()?), after))
}

/// A transcript without what differs from run to run.
fn without_chance(came: &[u8]) -> Vec<u8> {
    static BOUNDARY: LazyLock<Regex> =
        LazyLock::new(|| Regex::new("[0-9a-f]{32}").unwrap());
    static NOW: LazyLock<Regex> = LazyLock::new(|| {
        let weekday_to_year = "[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} 2[0-9]{3}";
        let time = "[0-9]{2}:[0-9]{2}:[0-9]{2} GMT";
        Regex::new(&format!("(?i)(date: ?){weekday_to_year} {time}(\r?\n)"))
            .unwrap()
    });
    let came = BOUNDARY.replace_all(came, &b"BOUNDARY"[..]);
    NOW.replace_all(&came, &b"${1}now${2}"[..]).into_owned()
}

/// The first line at which two transcripts part.
fn first_difference(right: &[u8], other: &[u8]) -> Option<(String, String)> {
    let mut right = right.split(|&b| b == b'\n');
    let mut other = other.split(|&b| b == b'\n');
    loop {
        match (right.next(), other.next()) {
            (None, None) => return None,
            (a, b) if a == b => {}
            (a, b) => return Some((shown(a), shown(b))),
        }
    }
}

fn shown(line: Option<&[u8]>) -> String {
    let Some(line) = line else { return "(nothing more)".to_owned() };
    let mut text = String::new();
    for &byte in &line[..line.len().min(60)] {
        match byte {
            b'|' => text += "\\x7c",
            b'\\' => text += "\\\\",
            b'\t' => text += "\\t",
            b'\r' => text += "\\r",
            b' '..=b'~' => text.push(byte as char),
            _ => text += &format!("\\x{byte:02x}"),
        }
    }
    match text.trim() {
        "" => "(an empty line)".to_owned(),
        text => text.to_owned(),
    }
}
