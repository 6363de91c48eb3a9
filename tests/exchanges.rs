//! Every exchange on record: what each part answers to it, byte for byte, on each of
//! its ports, however the bytes are cut.
//!
//! The file is the exchange: its `>` lines are what is sent, its `<` lines what came
//! back. To add one, write a file with `>` lines alone, and have the rest recorded:
//! `INSTA_UPDATE=always cargo test --test house exchanges::`.

use std::path::Path;
use std::{fs, thread};

use proctor::stage::{Program, Stage, program, programs};
use proptest::prelude::*;

use crate::support::{Client, Server, bytes_of, exchange, recorded, root, visible};

/// The folders whose exchanges are cut in two at each place, too: they are about little
/// else.
const CUT_EVERYWHERE: [&str; 2] = ["part3", "part4"];

/// The folder whose exchanges take place in the clear alone: they are about that.
const IN_THE_CLEAR: &str = "part5_5";

/// What is sent in this one is too long for a page: a test elsewhere sends it.
pub const TOO_LONG: (&str, &str) = ("part4", "431");

/// Whether the body has come by the time it could be asked for is not the server's to
/// choose: in this one it may say 100 or not.
const MAY_ASK: (&str, &str) = ("part6", "expect_continue_and_the_body_at_once");

#[test]
fn each_part_answers_as_recorded_on_each_of_its_ports() {
    thread::scope(|scope| {
        for Program { name, .. } in programs() {
            scope.spawn(|| hold_to_record(name, &Server::start(name)));
        }
    });
}

#[test]
fn limits_are_answered_by_their_status() {
    let request = |target: usize, fields: usize, value: usize| {
        let fields = "X: y\r\n".repeat(fields);
        format!(
            "GET /{} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
             V: {}\r\n{fields}\r\n",
            "a".repeat(target),
            "v".repeat(value)
        )
    };
    for program in programs().filter(|it| it.part.stage >= Stage::Part5) {
        let server = Server::start(program.name);
        for (request, status) in [
            (request(8191, 97, 0), 200),
            (request(8192, 0, 0), 414),
            (request(0, 98, 0), 431),
            (request(0, 0, 16_384), 431),
            ("x".repeat(100_000), 431),
            (format!("GET /{}", "x".repeat(100_000)), 414),
        ] {
            for client in Client::of_each_port(&server) {
                let answer =
                    String::from_utf8(client.ask(request.as_bytes())).unwrap();
                let expected = format!("HTTP/1.1 {status} ");
                assert!(answer.starts_with(&expected), "{status}: {answer}");
                let closes = answer.contains("\r\nConnection: close\r\n");
                assert!(closes, "{answer}");
            }
        }
    }
}

/// Holds a server to all that its part is on record for.
pub fn hold_to_record(part: &str, server: &Server) {
    for folder in program(part).part.exchanges {
        for (name, sent) in
            recorded(&root().join("tests/exchanges").join(folder)).unwrap()
        {
            if (*folder, &*name) != TOO_LONG {
                hold(server, folder, &name, &sent);
            }
        }
    }
}

/// Holds a server to one exchange, wherever and in whatever pieces it takes place.
fn hold(server: &Server, folder: &str, name: &str, sent: &[u8]) {
    let mut first = None;
    for pieces in pieces(folder, sent) {
        for mut client in clients(folder, server) {
            pieces.iter().for_each(|piece| client.send(piece));
            client.half_close();
            let mut shown = exchange(sent, &client.read_to_end());
            if (folder, name) == MAY_ASK {
                shown =
                    shown.replace("< HTTP/1.1 100 Continue\\r\\n\n< \\r\\n\n", "");
            }
            match &first {
                None => assert_recorded(folder, name, first.insert(shown)),
                Some(first) => assert_eq!(
                    shown,
                    *first,
                    "{folder}/{name} in {} pieces, the first of {}",
                    pieces.len(),
                    pieces.first().map_or(0, |piece| piece.len()),
                ),
            }
        }
    }
}

/// A connection to each port on which a folder's exchanges take place.
fn clients(folder: &str, server: &Server) -> Vec<Client> {
    match folder == IN_THE_CLEAR {
        true => vec![Client::clear(server.addresses[0])],
        false => Client::of_each_port(server),
    }
}

/// The pieces in which a folder's bytes are sent: whole first, then by single bytes.
fn pieces<'a>(folder: &str, bytes: &'a [u8]) -> Vec<Vec<&'a [u8]>> {
    let mut ways = vec![vec![bytes], bytes.chunks(1).collect()];
    if CUT_EVERYWHERE.contains(&folder) {
        ways.extend((1..bytes.len()).map(|cut| {
            let (first, second) = bytes.split_at(cut);
            vec![first, second]
        }));
    }
    ways
}

/// Holds an exchange to its file, or records it where insta is told to.
pub fn assert_recorded(folder: &str, name: &str, exchange: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new("exchanges").join(folder));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, exchange));
}

#[test]
fn a_folder_with_nothing_in_it_or_something_else_is_no_record() {
    let folder = tempfile::tempdir().unwrap();
    let none = recorded(folder.path()).unwrap_err();
    assert!(none.starts_with("there is nothing in "), "{none}");
    fs::write(folder.path().join("get.snap"), "> GET /\\r\\n\n").unwrap();
    let one = recorded(folder.path()).unwrap();
    assert_eq!(one, [("get".to_owned(), b"GET /\r\n".to_vec())].into());
    fs::write(folder.path().join("get.txt"), "> GET /\\r\\n\n").unwrap();
    let other = recorded(folder.path()).unwrap_err();
    assert!(other.ends_with("get.txt is not read"), "{other}");
}

#[test]
fn what_cannot_be_seen_is_shown() {
    let bytes = b"a b\t\\x41\r\n\0\x7f\xff\xc2\xa0\xc3\xa9";
    let shown = "a b\\t\\\\x41\\r\\n\n\\x00\\x7f\\xff\\xc2\\xa0\u{e9}";
    assert_eq!(visible(bytes), shown);
    assert_eq!(bytes_of(shown), bytes);
}

#[test]
#[should_panic(expected = "no escape is \\q")]
fn what_is_no_escape_is_not_sent() {
    bytes_of("GET \\q");
}

proptest! {
    #[test]
    fn what_is_shown_is_what_is_sent(text in ".{0,9}", bytes in prop::collection::vec(any::<u8>(), 0..9)) {
        let bytes = [text.as_bytes(), b"\\\r\n", &bytes].concat();
        prop_assert_eq!(bytes_of(&visible(&bytes)), bytes);
    }
}
