//! What is to go out and has not left.

use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::{Buf, Bytes};

/// Bytes up to this many are copied: for a body of 1 KiB, `writev` of two pieces took
/// the kernel 8 % more of a request's time than `write` of one.
const COPIED: usize = 2048;
/// How much room is kept for what is written next: most heads whole.
const KEPT: usize = 2 * 1024;

/// A queue of bytes: some written into it, some shared with whoever holds them, and
/// those are never copied. All that is in it can leave in one vectored write.
#[derive(Debug, Default)]
pub struct Output {
    /// What was written into it, up to `taken` gone already.
    buffer: Vec<u8>,
    taken: usize,
    segments: VecDeque<Segment>,
    length: usize,
    /// How much was written into it the last time: then there is room for it at once.
    usual: usize,
}

#[derive(Debug)]
enum Segment {
    /// So many bytes of the buffer, after those of the segments before.
    Buffered(usize),
    Shared(Bytes),
}

impl Output {
    /// Appends what `write` writes, which must only append.
    pub fn write(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        if self.buffer.capacity() == 0 {
            self.buffer.reserve(self.usual.max(KEPT));
        }
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
        if bytes.len() <= COPIED {
            return self.write(|buffer| buffer.extend_from_slice(&bytes));
        }
        self.length += bytes.len();
        self.segments.push_back(Segment::Shared(bytes));
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Holds no memory until something is written, if there is nothing left.
    pub fn rest(&mut self) {
        if self.is_empty() {
            self.buffer = Vec::new();
        }
    }

    /// What is in the first segment, and in those after it.
    fn slices(&self) -> impl Iterator<Item = &[u8]> {
        let mut buffered = self.buffer.get(self.taken..).unwrap_or_default();
        self.segments.iter().map(move |segment| match segment {
            Segment::Shared(bytes) => &bytes[..],
            Segment::Buffered(length) => {
                let (slice, rest) = buffered.split_at(*length);
                buffered = rest;
                slice
            }
        })
    }
}

impl Buf for Output {
    fn remaining(&self) -> usize {
        self.length
    }

    fn chunk(&self) -> &[u8] {
        self.slices().next().unwrap_or_default()
    }

    fn chunks_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let mut count = 0;
        for (slice, bytes) in slices.iter_mut().zip(self.slices()) {
            *slice = IoSlice::new(bytes);
            count += 1;
        }
        count
    }

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
        if self.segments.is_empty() {
            self.usual = self.buffer.len();
            self.taken = 0;
            self.buffer.clear();
            if self.buffer.capacity() > KEPT {
                self.buffer = Vec::new();
            }
        }
    }
}
