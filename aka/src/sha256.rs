//! The compression function of SHA-256 (FIPS 180-4 §6.2.2), on one message or on two side by side,
//! and HMAC on it.

mod hmac;

#[cfg(target_arch = "x86_64")]
mod x86_64;

pub(crate) use hmac::{Hmac, Message};

use sha2::block_api::compress256;

use crate::octets::wiped;

/// What a message is taken in by.
type Block = [u8; 64];

/// The state between two blocks: as good as the key that went in.
#[derive(Clone)]
struct State([u32; 8]);

wiped!(State: 0);

impl State {
    /// H(0) of FIPS 180-4 §5.3.3.
    const INITIAL: [u32; 8] = [
        0x6a09_e667,
        0xbb67_ae85,
        0x3c6e_f372,
        0xa54f_f53a,
        0x510e_527f,
        0x9b05_688c,
        0x1f83_d9ab,
        0x5be0_cd19,
    ];

    fn compress(&mut self, block: &Block) {
        compress256(&mut self.0, core::slice::from_ref(block));
    }

    /// Each takes in a block of its own, in less time than in turn where the processor has the
    /// instructions: one state waits for itself half of the time.
    fn compress_two(states: [&mut Self; 2], blocks: [&Block; 2]) {
        #[cfg(target_arch = "x86_64")]
        if let Some(proof) = crate::cpu::ShaNi::detect() {
            return x86_64::compress_two(proof, states.map(|state| &mut state.0), blocks);
        }
        for (state, block) in states.into_iter().zip(blocks) {
            state.compress(block);
        }
    }

    /// The digest, as octets.
    #[inline]
    fn write_to(&self, octets: &mut [u8; 32]) {
        let (words, _) = octets.as_chunks_mut();
        for (place, word) in words.iter_mut().zip(self.0) {
            *place = word.to_be_bytes();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn in_turn(mut states: [[u32; 8]; 2], blocks: &[Block; 2]) -> [[u32; 8]; 2] {
        for (state, block) in states.iter_mut().zip(blocks) {
            compress256(state, core::slice::from_ref(block));
        }
        states
    }

    fn block() -> impl Strategy<Value = Block> {
        prop::array::uniform::<_, 64>(any::<u8>())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn two_side_by_side_are_as_in_turn(
            first: [u32; 8], second: [u32; 8], blocks in [block(), block()],
        ) {
            let (mut a, mut b) = (State(first), State(second));
            State::compress_two([&mut a, &mut b], [&blocks[0], &blocks[1]]);
            prop_assert_eq!([a.0, b.0], in_turn([first, second], &blocks));
        }
    }
}
