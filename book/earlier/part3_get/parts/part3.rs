/// Answers once, when it is known what the caller has said.
async fn answer(stream: &mut TcpStream) -> io::Result<()> {
    let mut reading = Reading::Start(0);
    let mut bytes = [0; 1024];
    loop {
        let count = stream.read(&mut bytes).await?;
        if count == 0 {
            return Ok(());
        }
        for &byte in &bytes[..count] {
            let (next, heard) = reading.next(byte);
            reading = next;
            match heard {
                Some(Heard::Get) => {
                    return stream
                        .write_all(&[FOUND, VERSE.as_bytes()].concat())
                        .await;
                }
                Some(Heard::Junk) => return stream.write_all(JUNK).await,
                None => {}
            }
        }
    }
}

/// What is known of the request so far: all that must be kept of the bytes that
/// have come, however few came at a time.
#[derive(Clone, Copy)]
enum Reading {
    /// At the start of a request, with so many bytes of `GET ` seen.
    Start(usize),
}

impl Reading {
    fn next(self, byte: u8) -> (Reading, Option<Heard>) {
        const WANTED: &[u8] = b"GET ";
        match (self, byte) {
            (Reading::Start(seen), byte) if byte == WANTED[seen] => {
                match seen + 1 == WANTED.len() {
                    true => (Reading::Start(0), Some(Heard::Get)),
                    false => (Reading::Start(seen + 1), None),
                }
            }
            (Reading::Start(_), _) => (Reading::Start(0), Some(Heard::Junk)),
        }
    }
}
