//! What waits for GET RESPONSE.

use zeroize::Zeroize;

/// Up to 256 octets of an answer, wiped when they are gone.
#[derive(Debug)]
pub(super) struct Pending {
    octets: [u8; 256],
    from: usize,
    to: usize,
}

impl Pending {
    pub(super) const fn new() -> Self {
        Self {
            octets: [0; 256],
            from: 0,
            to: 0,
        }
    }

    /// Keeps `octets`, at most 256 of them, in place of what was there.
    pub(super) fn keep(&mut self, octets: &[u8]) {
        self.clear();
        for (to, from) in self.octets.iter_mut().zip(octets) {
            *to = *from;
        }
        self.to = octets.len().min(256);
    }

    pub(super) fn clear(&mut self) {
        if self.to > 0 {
            self.octets.zeroize();
        }
        (self.from, self.to) = (0, 0);
    }

    /// What is still there.
    pub(super) fn octets(&self) -> &[u8] {
        self.octets.get(self.from..self.to).unwrap_or_default()
    }

    /// Forgets the first `octets`, which went out.
    pub(super) fn sent(&mut self, octets: usize) {
        self.from = self.from.saturating_add(octets);
        if self.from >= self.to {
            self.clear();
        }
    }
}
