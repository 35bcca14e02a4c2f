//! The randomness of one conversation, from a seed of the caller's.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// HMAC-SHA-256 of a count under the seed, cut to what a nonce or an IV has.
#[derive(Clone)]
pub(super) struct Random {
    seed: Zeroizing<[u8; 32]>,
    count: u8,
}

impl Random {
    /// `seed` is fresh, and of nobody else's use.
    pub(super) fn new(seed: &[u8; 32]) -> Self {
        Self {
            seed: Zeroizing::new(*seed),
            count: 0,
        }
    }

    /// A conversation takes a handful, so the count never comes round.
    pub(super) fn draw(&mut self) -> [u8; 16] {
        self.count = self.count.wrapping_add(1);
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&*self.seed)
            .expect("HMAC takes keys of any length");
        mac.update(&[self.count]);
        let whole = mac.finalize().into_bytes();
        *whole.first_chunk().expect("16 of 32")
    }
}
