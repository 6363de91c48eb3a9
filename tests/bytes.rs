//! What the book says of each byte of an exchange, and whether our code would agree.

use std::fs;

use rohttp::h1::Error;
use rohttp::h1::receiving::Receiving;
use rohttp::limits::Limits;
use weave::book::Book;
use weave::exchange::{self, Exchange};
use weave::kind::{self, Way};
use weave::{bytes, index};

use crate::support::{bytes_of, recorded, root};

/// Every exchange on record.
fn exchanges() -> Vec<Exchange> {
    let mut exchanges = Vec::new();
    for folder in fs::read_dir(root().join(exchange::FOLDER)).unwrap() {
        let folder = folder.unwrap().path();
        let part = folder.file_name().unwrap().to_str().unwrap();
        for name in recorded(&folder).unwrap().keys() {
            exchanges.push(exchange::read(&root(), part, name).unwrap());
        }
    }
    assert!(exchanges.len() > 90, "{} exchanges", exchanges.len());
    exchanges
}

#[test]
fn each_byte_of_each_exchange_has_a_name() {
    for exchange in exchanges() {
        for way in [Way::Sent, Way::Received] {
            let shown: String = exchange.lines(way).collect();
            let ranges = match way {
                Way::Sent => &exchange.ranges.sent,
                Way::Received => &exchange.ranges.received,
            };
            let lengths = ranges.iter().map(|range| range.length);
            let what = format!("{}/{} {way:?}", exchange.part, exchange.name);
            assert_eq!(lengths.sum::<usize>(), bytes_of(&shown).len(), "{what}");
            for range in ranges {
                assert!(kind::of_key(range.kind).is_some(), "{what}: {range:?}");
                assert!(range.length > 0, "{what}: {range:?}");
            }
        }
    }
}

#[test]
fn the_byte_that_is_not_allowed_is_the_one_at_which_our_code_refuses() {
    let mut wrong = 0;
    for Exchange { part, name, text, ranges } in exchanges() {
        if matches!(&*part, "part1" | "part3" | "part4") {
            continue;
        }
        let sent = bytes::of_lines(&text, "> ").unwrap();
        let end = ranges.sent.iter().position(|range| range.kind == "wrong");
        let before = end.map(|end| &ranges.sent[..end]);
        let before = before.map(|it| it.iter().map(|range| range.length).sum());
        let refused = refusal(&sent).filter(|(_, error)| {
            is_a_bytes(*error) || *error == Error::TargetForm && before.is_some()
        });
        assert_eq!(before, refused.map(|it| it.0), "{part}/{name}: {refused:?}");
        wrong += usize::from(before.is_some());
    }
    assert!(wrong > 9, "{wrong} exchanges have a byte that is not allowed");
}

/// Whether a rule is about one byte, and where it stands.
fn is_a_bytes(error: Error) -> bool {
    use Error::*;
    !matches!(
        error,
        Request(_)
            | TargetForm
            | ContentLength
            | LengthAndCoding
            | TransferEncoding
            | UnknownCoding
            | UnsupportedVersion
    )
}

/// How many bytes had come before the one at which our code refused, and why it did.
fn refusal(sent: &[u8]) -> Option<(usize, Error)> {
    let (mut receiving, mut read) = (Receiving::default(), 0);
    for after in 1..=sent.len() {
        loop {
            match receiving.receive(&sent[read..after], &Limits::default()) {
                Ok((next, taken, received)) => {
                    receiving = next;
                    read += taken;
                    if received.is_none() {
                        break;
                    }
                }
                Err(broken) => return Some((after - 1, broken.error)),
            }
        }
    }
    None
}

#[test]
fn what_reads_or_writes_a_byte_stands_in_a_listing() {
    let book = Book::load(&root()).unwrap();
    let mut items = 0;
    for exchange in exchanges() {
        let Exchange { part, ranges, .. } = &exchange;
        let sent = ranges.sent.iter().map(|range| (Way::Sent, range));
        let received = ranges.received.iter().map(|range| (Way::Received, range));
        for (way, range) in sent.chain(received) {
            let kind = kind::of_key(range.kind).unwrap();
            let Some((file, item)) = kind.item(part, way) else {
                let is_nobodys = matches!(range.kind, "unread");
                assert!(is_nobodys, "{part} {way:?} {}: nobody's", range.kind);
                continue;
            };
            let listing = index::listing_of(&book, file, item);
            assert!(listing.is_some(), "{item} in {file} is in no listing");
            items += 1;
        }
    }
    assert!(items > 1000, "{items}");
}

#[test]
fn a_drawing_has_the_bytes_of_the_first_message_and_no_more() {
    let read = |part, name| exchange::read(&root(), part, name).unwrap();
    let several = read("part5", "four_refusals_then_get");
    let first = several.first("id", Way::Sent).unwrap();
    assert_eq!(
        first,
        "id=\"id\" data-of=\"part5 sent\" data-ranges=\"method 3 space 1 target 1 \
         space 1 version 8 line-end 2 name 4 colon 1 whitespace 1 host 1 line-end 2 \
         head-end 2\""
    );
    let first = several.first("id", Way::Received).unwrap();
    assert_eq!(first.matches("version").count(), 1, "{first}");
    assert!(first.ends_with(" body 45\""), "{first}");
    let junk = read("part3", "four_junks_then_get");
    assert_eq!(junk.first("id", Way::Sent), None);
}

#[test]
fn what_came_back_and_is_no_response_is_refused() {
    let read = |sent: &str, received: &str| {
        bytes::read("part5", sent.as_bytes(), received.as_bytes())
    };
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
    assert!(read("", &format!("{head}ok")).is_ok());
    for (received, at) in [
        ("HTTP/1.1  200 OK\r\n", 9),
        ("HTTP/1.1 200 OK\n", 15),
        ("HTTP/1.1 200 OK\r\nA : b\r\n", 18),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\noks", 40),
    ] {
        let expected = format!("byte {at} of what came back has no place");
        let said = read("", received).unwrap_err();
        assert!(said.starts_with(&expected), "{received:?}: {said}");
    }
}
