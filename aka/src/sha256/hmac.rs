//! HMAC-SHA-256 (RFC 2104) under a key that is taken in once.

use sha2::{Digest, Sha256};

use super::{Block, State};

/// The key, taken in.
#[derive(Clone)]
pub(crate) struct Hmac {
    inner: State,
    outer: State,
}

impl Hmac {
    #[inline]
    pub(crate) fn new(key: &[u8]) -> Self {
        let mut pads = Blocks([[0; 64]; 2]);
        let [inner_pad, outer_pad] = &mut pads.0;
        match inner_pad.get_mut(..key.len()) {
            Some(place) => place.copy_from_slice(key),
            None => digest_into(key, inner_pad),
        }
        *outer_pad = inner_pad.map(|octet| octet ^ 0x5c);
        *inner_pad = inner_pad.map(|octet| octet ^ 0x36);
        let (mut inner, mut outer) = (State(State::INITIAL), State(State::INITIAL));
        State::compress_two([&mut inner, &mut outer], [inner_pad, outer_pad]);
        Self { inner, outer }
    }

    /// An empty message to be authenticated.
    #[inline]
    pub(crate) fn message(&self) -> Message<'_> {
        Message {
            hmac: self,
            state: self.inner.clone(),
            blocks: Blocks([[0; 64]; 3]),
            used: 0,
            flushed: 0,
        }
    }
}

/// A key longer than a block.
#[cold]
fn digest_into(key: &[u8], block: &mut Block) {
    for (to, from) in block.iter_mut().zip(Sha256::digest(key).0) {
        *to = from;
    }
}

/// Wiped on drop by a few wide stores.
struct Blocks<const N: usize>([Block; N]);

impl<const N: usize> Drop for Blocks<N> {
    #[inline]
    fn drop(&mut self) {
        self.0 = [[0; 64]; N];
        zeroize::optimization_barrier(self);
    }
}

/// A message that is being written. It stays where it is, so that no copy of it is left behind.
pub(crate) struct Message<'a> {
    hmac: &'a Hmac,
    state: State,
    /// The first two are taken in when they are full: padding always finds room.
    blocks: Blocks<3>,
    used: usize,
    flushed: u64,
}

const FULL: usize = 128;

impl Message<'_> {
    #[inline]
    pub(crate) fn write(&mut self, octets: &[u8]) {
        let end = self.used + octets.len();
        let free = self.blocks.0.as_flattened_mut().get_mut(..FULL);
        match free.and_then(|free| free.get_mut(self.used..end)) {
            Some(place) => {
                place.copy_from_slice(octets);
                self.used = end;
            }
            None => self.write_long(octets),
        }
    }

    /// The code; the message is used up.
    #[inline]
    pub(crate) fn code(&mut self, code: &mut [u8; 32]) {
        let count = self.pad();
        for step in 0..=count {
            if let Some((state, block)) = self.step(step, count) {
                state.compress(block);
            }
        }
        self.state.write_to(code);
    }

    /// The codes of both, worked out side by side.
    #[inline]
    pub(crate) fn codes([a, b]: [&mut Self; 2], [code_a, code_b]: [&mut [u8; 32]; 2]) {
        let (count_a, count_b) = (a.pad(), b.pad());
        for step in 0..=count_a.max(count_b) {
            match (a.step(step, count_a), b.step(step, count_b)) {
                (Some((a, of_a)), Some((b, of_b))) => State::compress_two([a, b], [of_a, of_b]),
                (Some((state, block)), None) | (None, Some((state, block))) => {
                    state.compress(block);
                }
                (None, None) => {}
            }
        }
        a.state.write_to(code_a);
        b.state.write_to(code_b);
    }

    /// Pads the message (FIPS 180-4 §5.1.1), the block of the key counted in, and says how many
    /// blocks are left of it.
    #[inline]
    fn pad(&mut self) -> usize {
        let length = (64 + self.flushed + u64::try_from(self.used).unwrap_or_default()) * 8;
        let size = (self.used + 9).next_multiple_of(64);
        let octets = self.blocks.0.as_flattened_mut();
        if let Some(end) = octets.get_mut(self.used) {
            *end = 0x80;
        }
        if let Some(place) = octets.get_mut(size - 8..size) {
            place.copy_from_slice(&length.to_be_bytes());
        }
        size / 64
    }

    /// What is to be compressed in this step: `count` blocks of the message, then the digest of
    /// them under the outer key, then nothing.
    #[inline]
    fn step(&mut self, step: usize, count: usize) -> Option<(&mut State, &Block)> {
        if step == count {
            self.turn_outside();
        }
        let place = if step < count { step } else { 0 };
        let block = self.blocks.0.get(place).filter(|_| step <= count)?;
        Some((&mut self.state, block))
    }

    #[inline]
    fn turn_outside(&mut self) {
        const BITS: u64 = (64 + 32) * 8;
        let [block, ..] = &mut self.blocks.0;
        *block = [0; 64];
        if let Some((digest, [end, ..])) = block.split_first_chunk_mut() {
            self.state.write_to(digest);
            *end = 0x80;
        }
        if let Some(place) = block.last_chunk_mut() {
            *place = BITS.to_be_bytes();
        }
        self.state.0 = self.hmac.outer.0;
    }

    #[cold]
    fn write_long(&mut self, octets: &[u8]) {
        for octet in octets {
            if self.used == FULL {
                self.flush();
            }
            if let Some(place) = self.blocks.0.as_flattened_mut().get_mut(self.used) {
                *place = *octet;
            }
            self.used += 1;
        }
    }

    fn flush(&mut self) {
        let [first, second, _] = &self.blocks.0;
        self.state.compress(first);
        self.state.compress(second);
        self.blocks.0 = [[0; 64]; 3];
        self.used = 0;
        self.flushed += 128;
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use hmac::{KeyInit, Mac};
    use proptest::prelude::*;

    use super::*;

    fn expected(key: &[u8], message: &[u8]) -> Vec<u8> {
        let mut mac = hmac::Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(message);
        mac.finalize().into_bytes().to_vec()
    }

    fn octets(most: usize) -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(any::<u8>(), 0..most)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn any_key_and_message_give_the_code_of_another_implementation(
            key in octets(130), first in octets(300), second in octets(150), cut: prop::sample::Index,
        ) {
            let hmac = Hmac::new(&key);
            let written = |octets: &[u8]| {
                let mut message = hmac.message();
                let (front, back) = octets.split_at(cut.index(octets.len() + 1));
                message.write(front);
                message.write(back);
                message
            };
            let mut codes = [[0; 32]; 2];
            let [one, other] = &mut codes;
            written(&first).code(one);
            prop_assert_eq!(&one[..], expected(&key, &first));
            Message::codes([&mut written(&first), &mut written(&second)], [one, other]);
            prop_assert_eq!(&one[..], expected(&key, &first));
            prop_assert_eq!(&other[..], expected(&key, &second));
        }
    }
}
