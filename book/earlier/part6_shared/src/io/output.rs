/// A queue of bytes, in pieces that are shared with whoever holds them and are never
/// copied.
#[derive(Debug, Default)]
pub struct Output {
    segments: VecDeque<Bytes>,
    length: usize,
}

impl Output {
    /// Appends what `write` writes, which must only append.
    pub fn write(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let mut written = Vec::new();
        write(&mut written);
        self.push(written.into());
    }

    /// Appends bytes that are shared.
    pub fn push(&mut self, bytes: Bytes) {
        self.length += bytes.len();
        self.segments.push_back(bytes);
    }
}

impl Buf for Output {
    fn chunk(&self) -> &[u8] {
        self.segments.front().map_or(&[], |bytes| &bytes[..])
    }

    fn advance(&mut self, mut count: usize) {
        self.length -= count;
        while count > 0 {
            let bytes = self.segments.front_mut().expect("there are as many bytes");
            let here = count.min(bytes.len());
            bytes.advance(here);
            count -= here;
            if bytes.is_empty() {
                self.segments.pop_front();
            }
        }
    }
}
