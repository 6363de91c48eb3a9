//! A head: at whatever place it is cut, it is the same, and httparse reads it alike.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rohttp::h1::{Error, Head, Parser};
use rohttp::limits::HeadLimits;

fn parse(input: &[u8], cuts: &[usize]) -> Result<Option<Head>, Error> {
    let (mut parser, limits) = (Parser::default(), HeadLimits::default());
    for &cut in cuts {
        match parser.parse(&input[..cut], &limits) {
            Ok(None) => {}
            known => return known,
        }
    }
    parser.parse(input, &limits)
}

fuzz_target!(|case: (u16, &[u8])| {
    let (cut, input) = case;
    let whole = parse(input, &[]);
    let cut = usize::from(cut) % (input.len() + 1);
    assert_eq!(parse(input, &[cut]), whole, "cut at {cut}");
    if input.len() < 200 {
        let each: Vec<usize> = (0..input.len()).collect();
        assert_eq!(parse(input, &each), whole, "byte by byte");
    }
    if let Ok(Some(head)) = whole {
        read_alike(input, &head);
    }
});

fn read_alike(input: &[u8], head: &Head) {
    let mut fields = [httparse::EMPTY_HEADER; 100];
    let mut other = httparse::Request::new(&mut fields);
    let status = other.parse(input);
    if status == Err(httparse::Error::Version) {
        // To us, and to RFC 9110 section 2.5, 1.7 is a 1.1 that can do more.
        return;
    }
    assert_eq!(status, Ok(httparse::Status::Complete(head.length)));
    assert_eq!(other.method, Some(head.request.method.as_str()));
    assert_eq!(other.headers.len(), head.request.headers.len());
    for (theirs, (name, value)) in
        other.headers.iter().zip(head.request.headers.iter())
    {
        assert_eq!(theirs.name, name.as_str());
        // httparse leaves tabs and spaces at the end of a value.
        assert_eq!(theirs.value.trim_ascii(), value.as_bytes().trim_ascii());
    }
}
