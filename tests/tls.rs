//! Part 5.5's other port: whom clients trust, what is negotiated, how it ends.

use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::Certificate;
use reqwest::blocking::{Client as Reqwest, ClientBuilder};
use rohttp::verse::VERSE;
use tokio_rustls::rustls::client::ResolvesClientCert;
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{
    ALL_VERSIONS, ClientConfig, HandshakeKind, NamedGroup, ProtocolVersion,
    SignatureScheme,
};

use crate::support::{Client, GET, PATIENCE, Server, tls_config, tls_config_with};

/// A client that trusts the given roots and none besides.
fn reqwest(roots: Vec<Certificate>) -> ClientBuilder {
    let _ = aws_lc_rs::default_provider().install_default();
    Reqwest::builder().tls_certs_only(roots).timeout(PATIENCE).no_proxy()
}

fn root(server: &Server) -> Certificate {
    Certificate::from_pem(&std::fs::read(server.root()).unwrap()).unwrap()
}

#[test]
fn clients_that_trust_the_minted_root_are_served_by_every_name_and_family() {
    let server = Server::start_with("part5_5", &[]);
    let [_, _, v4, v6] = server.addresses[..] else {
        panic!("two ports, two families")
    };
    let urls = [format!("https://{v4}/"), format!("https://{v6}/")];
    let client = reqwest(vec![root(&server)]).build().unwrap();
    for url in &urls {
        let response = client.get(url).send().unwrap();
        assert_eq!(response.status(), 200, "{url}");
        assert_eq!(response.content_length(), Some(VERSE.len() as u64));
        assert_eq!(response.text().unwrap(), VERSE);
    }
    for address in [v4, v6] {
        let client = reqwest(vec![root(&server)]).resolve("localhost", address);
        let url = format!("https://localhost:{}/", address.port());
        let response = client.build().unwrap().get(url).send().unwrap();
        assert_eq!(response.text().unwrap(), VERSE, "{address}");
    }
    let head = client.head(&urls[0]).send().unwrap();
    assert_eq!(head.headers()["content-length"], VERSE.len().to_string());
    assert_eq!(head.text().unwrap(), "");
    let post = client.post(&urls[0]).body("hello").send().unwrap();
    assert_eq!(post.status(), 405);
    assert_eq!(post.headers()["allow"], "GET, HEAD");
}

#[test]
fn clients_that_trust_another_root_or_want_another_name_are_not() {
    let server = Server::start("part5_5");
    let address = server.addresses[1];
    let url = format!("https://{address}/");
    let fails = |client: ClientBuilder, url: &str| {
        let error = client.build().unwrap().get(url).send().unwrap_err();
        format!("{error:?}")
    };
    // Another server's root, minted as this one's was.
    let other = Server::start("part5_5");
    let why = fails(reqwest(vec![root(&other)]), &url);
    assert!(why.contains("UnknownIssuer"), "{why}");
    let why = fails(reqwest(vec![]), &url);
    assert!(why.contains("UnknownIssuer"), "{why}");
    let client = reqwest(vec![root(&server)]).resolve("example.com", address);
    let why = fails(client, &format!("https://example.com:{}/", address.port()));
    assert!(why.contains("NotValidForName"), "{why}");
}

#[test]
fn versions_1_2_and_1_3_are_spoken_and_resumed() {
    let server = Server::start("part5_5");
    for (version, expected) in
        [(&TLS12, ProtocolVersion::TLSv1_2), (&TLS13, ProtocolVersion::TLSv1_3)]
    {
        let config = tls_config(&server.root(), &[version]);
        for kind in [HandshakeKind::Full, HandshakeKind::Resumed] {
            let mut client = Client::tls(server.addresses[1], &config).unwrap();
            client.send(GET);
            assert!(client.read_to_end().ends_with(VERSE.as_bytes()));
            let Client::Tls(stream) = &client else { panic!("it is TLS") };
            assert_eq!(stream.conn.protocol_version(), Some(expected));
            assert_eq!(stream.conn.handshake_kind(), Some(kind), "{expected:?}");
        }
    }
}

#[test]
fn post_quantum_key_exchange_is_taken_where_it_is_offered_and_never_needed() {
    let server = Server::start("part5_5");
    let group = |config: &Arc<ClientConfig>| {
        let client = Client::tls(server.addresses[1], config).unwrap();
        let Client::Tls(stream) = &client else { panic!("it is TLS") };
        stream.conn.negotiated_key_exchange_group().unwrap().name()
    };
    for (offered, expected) in [
        (aws_lc_rs::kx_group::X25519MLKEM768, NamedGroup::X25519MLKEM768),
        (aws_lc_rs::kx_group::X25519, NamedGroup::X25519),
        (aws_lc_rs::kx_group::SECP256R1, NamedGroup::secp256r1),
    ] {
        let provider = CryptoProvider {
            kx_groups: vec![offered],
            ..aws_lc_rs::default_provider()
        };
        let config = tls_config_with(provider, &server.root());
        assert_eq!(group(&config), expected);
    }
}

#[test]
fn alpn_is_http_1_or_nothing() {
    let server = Server::start("part5_5");
    let negotiate = |offered: &[&[u8]]| {
        let mut config =
            ClientConfig::clone(&tls_config(&server.root(), ALL_VERSIONS));
        config.alpn_protocols = offered.iter().map(|name| name.to_vec()).collect();
        let client = Client::tls(server.addresses[1], &Arc::new(config));
        client.map_err(|error| error.to_string()).map(|client| {
            let Client::Tls(stream) = &client else { panic!("it is TLS") };
            stream.conn.alpn_protocol().map(<[u8]>::to_vec)
        })
    };
    assert_eq!(negotiate(&[]), Ok(None));
    assert_eq!(negotiate(&[b"h2", b"http/1.1"]), Ok(Some(b"http/1.1".to_vec())));
    // `curl --http1.0` offers this alone.
    assert_eq!(negotiate(&[b"http/1.0"]), Ok(Some(b"http/1.0".to_vec())));
    assert_eq!(
        negotiate(&[b"http/1.0", b"http/1.1"]),
        Ok(Some(b"http/1.1".to_vec()))
    );
    let refused = negotiate(&[b"h2"]).unwrap_err();
    assert!(refused.contains("NoApplicationProtocol"), "{refused}");
}

#[test]
fn what_is_meant_for_tls_is_not_served_in_the_clear() {
    let server = Server::start("part5_5");
    let request = b"GET https://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut clear = Client::clear(server.addresses[0]);
    clear.send(request);
    clear.half_close();
    assert!(clear.read_to_end().starts_with(b"HTTP/1.1 421 "));
    let config = tls_config(&server.root(), ALL_VERSIONS);
    let tls = Client::tls(server.addresses[1], &config).unwrap();
    assert!(tls.ask(request).starts_with(b"HTTP/1.1 200 OK\r\n"));
}

#[test]
fn clients_are_not_asked_for_a_certificate() {
    #[derive(Debug, Default)]
    struct Asked(AtomicBool);
    impl ResolvesClientCert for Asked {
        fn resolve(
            &self,
            _: &[&[u8]],
            _: &[SignatureScheme],
        ) -> Option<Arc<CertifiedKey>> {
            self.0.store(true, Ordering::Relaxed);
            None
        }
        fn has_certs(&self) -> bool {
            true
        }
    }
    let server = Server::start("part5_5");
    for version in ALL_VERSIONS {
        let asked = Arc::new(Asked::default());
        let mut config =
            ClientConfig::clone(&tls_config(&server.root(), &[version]));
        config.client_auth_cert_resolver = asked.clone();
        Client::tls(server.addresses[1], &Arc::new(config)).unwrap().ask(GET);
        assert!(!asked.0.load(Ordering::Relaxed), "{version:?}");
    }
}

/// A ClientHello (RFC 5246 section 7.4.1.2) of an old version: 32 random bytes, no
/// session, the suite that every TLS 1.1 client has, no compression, and perhaps
/// the extension that says how signatures may be made.
fn old_hello(minor: u8, extension: bool) -> Vec<u8> {
    let signatures = [0, 8, 0, 13, 0, 4, 0, 2, 4, 3];
    let hello = [&[3, minor][..], &[7; 32], &[0, 0, 2, 0, 0x2f, 1, 0]].concat();
    let hello = [&hello[..], if extension { &signatures } else { &[] }].concat();
    let message = [&[1, 0, 0, hello.len() as u8][..], &hello].concat();
    [&[22, 3, 1, 0, message.len() as u8][..], &message].concat()
}

#[test]
fn older_versions_are_turned_away_with_an_alert() {
    let server = Server::start("part5_5");
    // Fatal (2), and as RFC 8446 section 6 numbers them: protocol_version, or
    // handshake_failure where rustls misses the extension before it comes to that.
    for (extension, alert) in [(true, 70), (false, 40)] {
        for minor in [1, 2] {
            let mut client = Client::clear(server.addresses[1]);
            client.send(&old_hello(minor, extension));
            let said = client.read_to_end();
            assert_eq!(said, [21, 3, 3, 0, 2, 2, alert], "3.{minor}, {extension}");
        }
    }
}

#[test]
fn what_is_not_tls_gets_an_alert_and_a_close() {
    let server = Server::start("part5_5");
    for text in [GET, b"SSH-2.0-x\r\n"] {
        let words = Client::clear(server.addresses[1]).ask(text);
        let words = String::from_utf8(words).unwrap();
        assert!(words.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{words}");
        assert!(words.contains("this port speaks TLS"), "{words}");
    }
    for garbage in [&b"\0\0\0\0\0\0\0\0"[..], b"\x80\x2e\x01\0\x02"] {
        let alert = Client::clear(server.addresses[1]).ask(garbage);
        assert_eq!(alert.first(), Some(&21), "{garbage:?}: {alert:?}");
    }
    // And half a record, then nothing more: no hang.
    let mut client = Client::clear(server.addresses[1]);
    client.send(b"\x16\x03");
    client.half_close();
    client.read_to_end();
}

#[test]
fn the_end_is_announced_with_close_notify() {
    let server = Server::start("part5_5");
    for version in [&TLS12, &TLS13] {
        let config = tls_config(&server.root(), &[version]);
        let mut client = Client::tls(server.addresses[1], &config).unwrap();
        client.send(GET);
        let Client::Tls(stream) = &mut client else { panic!("it is TLS") };
        let mut bytes = Vec::new();
        // A cut would be ErrorKind::UnexpectedEof here.
        stream.read_to_end(&mut bytes).unwrap();
        assert!(bytes.ends_with(VERSE.as_bytes()));
        let _ = stream.sock.flush();
    }
}

#[test]
fn a_client_that_leaves_without_close_notify_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Server::command("part5_5", folder.path());
    command.args(["--host", "127.0.0.1"]);
    let server = Server::spawn(command, folder);
    let config = tls_config(&server.root(), ALL_VERSIONS);
    for _ in 0..3 {
        let mut client = Client::tls(server.addresses[1], &config).unwrap();
        client.send(&GET[..7]);
        drop(client);
    }
    let client = Client::tls(server.addresses[1], &config).unwrap();
    assert!(client.ask(GET).ends_with(VERSE.as_bytes()));
    let said = server.stderr();
    assert!(!said.contains("WARN") && !said.contains("ERROR"), "{said}");
}
