/// A queue of bytes: some written into it, some shared with whoever holds them, and
/// those are never copied. All that is in it can leave in one vectored write.
#[derive(Debug, Default)]
pub struct Output {
    /// What was written into it, up to `taken` gone already.
    buffer: Vec<u8>,
    taken: usize,
    segments: VecDeque<Segment>,
    length: usize,
}

impl Output {
    /// Appends what `write` writes, which must only append.
    pub fn write(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let before = self.buffer.len();
        write(&mut self.buffer);
        let added = self.buffer.len().saturating_sub(before);
        self.length += added;
        match self.segments.back_mut() {
            Some(Segment::Buffered(length)) => *length += added,
            _ if added > 0 => self.segments.push_back(Segment::Buffered(added)),
            _ => {}
        }
    }

    /// Appends bytes that are shared.
    pub fn push(&mut self, bytes: Bytes) {
        self.length += bytes.len();
        self.segments.push_back(Segment::Shared(bytes));
    }
}

impl Buf for Output {
    fn advance(&mut self, mut count: usize) {
        self.length -= count;
        while count > 0 {
            let segment =
                self.segments.front_mut().expect("there are as many bytes");
            let left = match segment {
                Segment::Shared(bytes) => {
                    let here = count.min(bytes.len());
                    bytes.advance(here);
                    count -= here;
                    bytes.len()
                }
                Segment::Buffered(length) => {
                    let here = count.min(*length);
                    *length -= here;
                    self.taken += here;
                    count -= here;
                    *length
                }
            };
            if left == 0 {
                self.segments.pop_front();
            }
        }
    }
}
