//! Where messages end: as a second reader says, who has all bytes at once, and at
//! whatever places they are cut.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rohttp::h1::receiving::{Received, Receiving};
use rohttp::limits::Limits;

/// A message: where it begins and ends, and its content.
type Message = (usize, usize, Vec<u8>);

/// The messages in some bytes that come in two pieces, and whether a rule was broken
/// behind them.
fn messages(input: &[u8], cut: usize) -> (Vec<Message>, bool) {
    let limits = Limits::default();
    let (mut receiving, mut read) = (Receiving::default(), 0);
    let mut messages: Vec<Message> = Vec::new();
    let mut begun: Option<(usize, Vec<u8>, bool)> = None;
    for end in [cut, input.len()] {
        loop {
            let step = receiving.receive(&input[read..end.max(read)], &limits);
            let Ok((next, taken, received)) = step else { return (messages, true) };
            receiving = next;
            let start = read;
            read += taken;
            match received {
                None if taken == 0 => break,
                None => {}
                Some(Received::Head(head)) => {
                    messages.extend(begun.take().map(|(at, body, _)| (at, start, body)));
                    let has_body = head.body != rohttp::h1::BodyLength::None;
                    begun = Some((start, Vec::new(), has_body));
                }
                Some(Received::Data(data)) => {
                    let (_, body, _) = begun.as_mut().expect("a head is before it");
                    body.extend_from_slice(data);
                }
                Some(Received::End(_)) => {
                    let (at, body, _) = begun.take().expect("a head is before it");
                    messages.push((at, read, body));
                }
            }
        }
    }
    // One without a body ends with its head; of another, the end has not come.
    let last = begun.filter(|(_, _, has_body)| !has_body);
    messages.extend(last.map(|(at, body, _)| (at, read, body)));
    (messages, false)
}

/// The same, by somebody else: one message at the beginning of some bytes, of which
/// the head is known to be good. Nothing if it is not whole, or broken.
fn second_reader(input: &[u8]) -> Option<(usize, Vec<u8>)> {
    let mut fields = [httparse::EMPTY_HEADER; 100];
    let mut request = httparse::Request::new(&mut fields);
    let head = match request.parse(input) {
        Ok(httparse::Status::Complete(head)) => head,
        _ => return None,
    };
    let find = |name: &str| {
        let mut all = request.headers.iter();
        all.find(|it| it.name.eq_ignore_ascii_case(name))
    };
    let rest = &input[head..];
    if find("Transfer-Encoding").is_some() {
        let (length, body) = chunks(rest)?;
        return Some((head + length, body));
    }
    let length = match find("Content-Length") {
        None => 0,
        Some(field) => {
            let text = std::str::from_utf8(field.value).ok()?;
            // Several of one value are one.
            text.split(',').next()?.trim().parse().ok()?
        }
    };
    Some((head + length, rest.get(..length)?.to_vec()))
}

fn chunks(input: &[u8]) -> Option<(usize, Vec<u8>)> {
    let (mut at, mut body) = (0, Vec::new());
    loop {
        let size = httparse::parse_chunk_size(&input[at..]).ok()?;
        let httparse::Status::Complete((line, size)) = size else { return None };
        at += line;
        if size == 0 {
            break;
        }
        let size = usize::try_from(size).ok()?;
        body.extend_from_slice(input.get(at..at.checked_add(size)?)?);
        at += size;
        (input.get(at..at + 2)? == b"\r\n").then_some(())?;
        at += 2;
    }
    loop {
        let line = input[at..].windows(2).position(|it| it == b"\r\n")?;
        at += line + 2;
        if line == 0 {
            return Some((at, body));
        }
    }
}

fuzz_target!(|case: (u16, &[u8])| {
    let (cut, input) = case;
    let (whole, is_broken) = messages(input, 0);
    let cut = usize::from(cut) % (input.len() + 1);
    assert_eq!(messages(input, cut), (whole.clone(), is_broken), "cut at {cut}");
    for (at, end, body) in whole {
        let mut fields = [httparse::EMPTY_HEADER; 100];
        let head = httparse::Request::new(&mut fields).parse(&input[at..]);
        if head == Err(httparse::Error::Version) {
            // To us, and to RFC 9110 section 2.5, 1.7 is a 1.1 that can do more.
            continue;
        }
        let (length, content) = second_reader(&input[at..])
            .unwrap_or_else(|| panic!("another reader sees none at {at}"));
        assert_eq!((at + length, &content), (end, &body), "the message at {at}");
    }
});
