/// A queue of bytes.
#[derive(Debug, Default)]
pub struct Output {
    /// What was written into it, up to `taken` gone already.
    buffer: Vec<u8>,
    taken: usize,
}

impl Output {
    /// Appends what `write` writes, which must only append.
    pub fn write(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.buffer);
    }

    /// Appends bytes that are shared.
    pub fn push(&mut self, bytes: Bytes) {
        self.buffer.extend_from_slice(&bytes);
    }
}

impl Buf for Output {
    fn remaining(&self) -> usize {
        self.buffer.len() - self.taken
    }

    fn chunk(&self) -> &[u8] {
        self.buffer.get(self.taken..).unwrap_or_default()
    }

    fn advance(&mut self, count: usize) {
        self.taken += count;
    }
}
