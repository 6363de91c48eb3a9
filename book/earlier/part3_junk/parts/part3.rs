/// What is known of the request so far: all that must be kept of the bytes that
/// have come, however few came at a time.
#[derive(Clone, Copy)]
enum Reading {
    /// At the start of a request, with so many bytes of `GET ` seen.
    Start(usize),
    /// Within a line of junk.
    Junk,
}

impl Reading {
    fn next(self, byte: u8) -> (Reading, Option<Heard>) {
        const WANTED: &[u8] = b"GET ";
        match (self, byte) {
            // Empty lines before a request are nothing (RFC 9112 section 2.2).
            (Reading::Start(0), b'\r' | b'\n') => (Reading::Start(0), None),
            (Reading::Start(seen), byte) if byte == WANTED[seen] => {
                match seen + 1 == WANTED.len() {
                    true => (Reading::Start(0), Some(Heard::Get)),
                    false => (Reading::Start(seen + 1), None),
                }
            }
            (Reading::Start(_), b'\n') => (Reading::Start(0), Some(Heard::Junk)),
            (Reading::Start(_), _) => (Reading::Junk, Some(Heard::Junk)),

            (Reading::Junk, b'\n') => (Reading::Start(0), None),
            (Reading::Junk, _) => (Reading::Junk, None),
        }
    }
}
