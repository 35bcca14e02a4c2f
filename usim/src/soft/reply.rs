//! Where an answer is written: the caller's buffer, from its front.

use crate::apdu::StatusWord;

/// The data of an answer as it grows; no octet is allocated.
#[derive(Debug)]
pub(super) struct Reply<'b> {
    buffer: &'b mut [u8],
    size: usize,
    overflowed: bool,
}

impl<'b> Reply<'b> {
    pub(super) const fn new(buffer: &'b mut [u8]) -> Self {
        Self {
            buffer,
            size: 0,
            overflowed: false,
        }
    }

    pub(super) fn put(&mut self, octets: &[u8]) {
        let end = self.size.saturating_add(octets.len());
        match self.buffer.get_mut(self.size..end) {
            Some(free) => {
                free.copy_from_slice(octets);
                self.size = end;
            }
            None => self.overflowed = true,
        }
    }

    /// Writes a tag, the length of what `write` puts, and that (up to 255 octets).
    pub(super) fn nest(&mut self, tag: u8, write: impl FnOnce(&mut Self)) {
        self.put(&[tag, 0]);
        let start = self.size;
        write(self);
        let length = u8::try_from(self.size.saturating_sub(start));
        let place = start.checked_sub(1).and_then(|at| self.buffer.get_mut(at));
        match (length, place) {
            (Ok(length), Some(place)) => *place = length,
            _ => self.overflowed = true,
        }
    }

    /// Drops all but the first `size` octets.
    pub(super) fn truncate(&mut self, size: usize) {
        self.size = self.size.min(size);
    }

    /// Ends with the status word; `None` when the buffer was too small.
    pub(super) fn finish(mut self, status: StatusWord) -> Option<usize> {
        self.put(&[status.sw1(), status.sw2()]);
        (!self.overflowed).then_some(self.size)
    }

    pub(super) fn octets(&self) -> &[u8] {
        self.buffer.get(..self.size).unwrap_or_default()
    }

    pub(super) const fn len(&self) -> usize {
        self.size
    }
}
