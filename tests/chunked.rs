//! Bodies in chunks: what they come to, at every cut, and what is refused.

use proptest::prelude::*;
use rohttp::h1::Error;
use rohttp::h1::chunked::{Decoded, Decoder};
use rohttp::io::output::Output;
use rohttp::limits::Limits;
use rohttp::message::Headers;

use crate::states::{bytes, chunked};
use crate::support::{Case, cases};

/// What a chunked body comes to: its content and its trailer fields.
type Outcome = Result<Option<(Vec<u8>, Vec<String>)>, Error>;

/// Decodes bytes that come in pieces, `cuts` saying how many have come each time;
/// and how many it took.
fn decode(input: &[u8], cuts: impl IntoIterator<Item = usize>) -> (Outcome, usize) {
    let (mut decoder, mut content, mut read) = (Decoder::default(), Vec::new(), 0);
    let limits = Limits::default();
    for cut in cuts.into_iter().chain([input.len()]) {
        loop {
            let input = &input[read..cut.max(read)];
            let (taken, piece) = match decoder.decode(input, &limits) {
                Ok(step) => step,
                Err(error) => return (Err(error), 0),
            };
            read += taken;
            match piece {
                None => break,
                Some(Decoded::Data(data)) => content.extend_from_slice(data),
                Some(Decoded::End(trailers)) => {
                    return (Ok(Some((content, lines(&trailers)))), read);
                }
            }
        }
    }
    (Ok(None), read)
}

fn lines(headers: &Headers) -> Vec<String> {
    let line = |(name, value): &(_, _)| {
        let (name, value): (
            &rohttp::message::FieldName,
            &rohttp::message::FieldValue,
        ) = (name, value);
        format!("{}: {}", name.as_str(), String::from_utf8_lossy(value.as_bytes()))
    };
    headers.iter().map(line).collect()
}

/// Holds a chunked body to its outcome: whole, cut at each place, byte by byte, and
/// with more bytes after it.
fn check_chunked(name: &str, input: &[u8], expected: Result<&str, &str>) {
    let (whole, read) = decode(input, []);
    let shown =
        whole.clone().map_err(|error| format!("{error:?}")).map(|decoded| {
            let (content, trailers) =
                decoded.unwrap_or_else(|| panic!("{name}: incomplete"));
            let content = String::from_utf8(content).unwrap();
            [vec![content], trailers].concat().join("|")
        });
    assert_eq!(shown.as_deref().map_err(String::as_str), expected, "{name}");
    // Long inputs differ from short ones only in the middle of what repeats.
    let step = input.len() / 512 + 1;
    if whole.is_ok() {
        assert_eq!(read, input.len(), "{name}: length");
        for end in (0..input.len()).step_by(step) {
            assert_eq!(
                decode(&input[..end], []).0,
                Ok(None),
                "{name}: first {end}"
            );
        }
    }
    for cut in (0..input.len()).step_by(step) {
        assert_eq!(decode(input, [cut]).0, whole, "{name}: cut at {cut}");
    }
    assert_eq!(decode(input, 0..input.len()).0, whole, "{name}: by bytes");
    let longer = [input, b"GET / HTTP/1.1\r\n"].concat();
    assert_eq!(decode(&longer, []), (whole, read), "{name}: with bytes after it");
}

#[test]
fn chunks_are_put_together() {
    for Case { name, expected, bytes } in
        cases(include_str!("tables/valid_chunks.txt"))
    {
        check_chunked(&name, &bytes, Ok(&expected));
    }
}

#[test]
fn chunks_that_break_a_rule_are_refused() {
    for Case { name, expected, bytes } in
        cases(include_str!("tables/broken_chunks.txt"))
    {
        check_chunked(&name, &bytes, Err(&expected));
    }
}

#[test]
fn what_goes_with_chunks_is_limited() {
    let limits = Limits::default();
    let (most_extensions, most_trailers) =
        (limits.chunk_extensions, limits.head.bytes);
    let extension =
        |length| format!("3;{}\r\nabc\r\n0\r\n\r\n", "x".repeat(length - 1));
    let most = extension(most_extensions);
    check_chunked("as many extensions as may be", most.as_bytes(), Ok("abc"));
    let endless = format!("3;{}", "x".repeat(most_extensions + 10));
    let dribble = format!("1;{}\r\na\r\n", "x".repeat(1000)).repeat(20);
    let trailer = format!("0\r\nX: {}", "y".repeat(most_trailers));
    let trailers = format!("0\r\n{}", "X: y\r\n".repeat(101));
    for (name, input, error) in [
        ("one extension more", &extension(most_extensions + 1), "ChunkExtensions"),
        ("an endless extension", &endless, "ChunkExtensions"),
        ("extensions by the dribble", &dribble, "ChunkExtensions"),
        ("an endless trailer", &trailer, "TooLarge"),
        ("trailers without end", &trailers, "TooManyFields"),
    ] {
        check_chunked(name, input.as_bytes(), Err(error));
    }
}

proptest! {
    /// What is written in chunks is read as it was, and httparse agrees on the sizes.
    #[test]
    fn chunks_survive_the_way_there(
        pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..20),
        step in 1_usize..50,
    ) {
        let mut sending = chunked();
        let mut output = Output::default();
        for piece in &pieces {
            let start = output.len();
            sending = sending.data(&mut output, piece.clone().into()).unwrap();
            if !piece.is_empty() {
                let size = httparse::parse_chunk_size(&bytes(&output)[start..]).unwrap();
                let httparse::Status::Complete((_, size)) = size else { panic!() };
                prop_assert_eq!(size, piece.len() as u64);
            }
        }
        sending.end(&mut output).unwrap();
        let output = bytes(&output);
        let (decoded, read) = decode(&output, (0..output.len()).step_by(step));
        prop_assert_eq!(decoded, Ok(Some((pieces.concat(), Vec::new()))));
        prop_assert_eq!(read, output.len());
    }

    /// No bytes make the decoder panic, or differ by how they are cut.
    #[test]
    fn any_chunks_come_to_something(
        input in prop::collection::vec(prop::sample::select(b"01a;=\r\n \0x\xff".to_vec()), 0..60),
        cut in 0_usize..60,
    ) {
        let (whole, _) = decode(&input, []);
        prop_assert_eq!(decode(&input, [cut.min(input.len())]).0, whole.clone());
        prop_assert_eq!(decode(&input, 0..input.len()).0, whole);
    }
}
