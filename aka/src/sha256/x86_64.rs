//! Two messages side by side on the SHA extensions of x86-64.
#![expect(unsafe_code, reason = "entering a function compiled for SHA")]

use core::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_blend_epi16, _mm_loadu_si128, _mm_set_epi32,
    _mm_set_epi64x, _mm_sha256msg1_epu32, _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32,
    _mm_shuffle_epi8, _mm_shuffle_epi32, _mm_storeu_si128,
};

use super::Block;
use crate::cpu::{ShaNi, wipe_registers};

pub(super) fn compress_two(_proof: ShaNi, states: [&mut [u32; 8]; 2], blocks: [&Block; 2]) {
    // SAFETY: the proof says that the processor has SHA and AVX.
    unsafe {
        compress(states, blocks);
        wipe_registers();
    }
}

#[target_feature(enable = "sha,avx")]
fn compress([first, second]: [&mut [u32; 8]; 2], [of_first, of_second]: [&Block; 2]) {
    let before = (Working::load(first), Working::load(second));
    let (mut a, mut b) = before;
    let (mut of_a, mut of_b) = (load_words(of_first), load_words(of_second));
    let (start, later) = ROUND_CONSTANTS.split_at(4);
    for (constants, (now_a, now_b)) in start.iter().zip(of_a.into_iter().zip(of_b)) {
        a = a.four_rounds(now_a, constants);
        b = b.four_rounds(now_b, constants);
    }
    for constants in later {
        (of_a, of_b) = (next_words(of_a), next_words(of_b));
        let ([.., now_a], [.., now_b]) = (of_a, of_b);
        a = a.four_rounds(now_a, constants);
        b = b.four_rounds(now_b, constants);
    }
    a.plus(before.0).store(first);
    b.plus(before.1).store(second);
}

/// A state as the instructions want it, A in the highest word.
#[derive(Clone, Copy)]
struct Working {
    abef: __m128i,
    cdgh: __m128i,
}

impl Working {
    #[target_feature(enable = "sha,avx")]
    #[inline]
    fn load(state: &[u32; 8]) -> Self {
        let [a, b, c, d, e, f, g, h] = state.map(u32::cast_signed);
        Self {
            abef: _mm_set_epi32(a, b, e, f),
            cdgh: _mm_set_epi32(c, d, g, h),
        }
    }

    #[target_feature(enable = "sha,avx")]
    #[inline]
    fn store(self, state: &mut [u32; 8]) {
        let feba = _mm_shuffle_epi32::<0b00_01_10_11>(self.abef);
        let dchg = _mm_shuffle_epi32::<0b10_11_00_01>(self.cdgh);
        let (halves, _) = state.as_chunks_mut::<4>();
        let made = [
            _mm_blend_epi16::<0xf0>(feba, dchg),
            _mm_alignr_epi8::<8>(dchg, feba),
        ];
        for (place, half) in halves.iter_mut().zip(made) {
            // SAFETY: 16 octets may be written there; the store may be unaligned.
            unsafe { _mm_storeu_si128(place.as_mut_ptr().cast(), half) };
        }
    }

    /// The instruction does two rounds and takes the lower half of its last argument.
    #[target_feature(enable = "sha,avx")]
    #[inline]
    fn four_rounds(self, words: __m128i, constants: &[u32; 4]) -> Self {
        let [k0, k1, k2, k3] = constants.map(u32::cast_signed);
        let sum = _mm_add_epi32(words, _mm_set_epi32(k3, k2, k1, k0));
        let cdgh = _mm_sha256rnds2_epu32(self.cdgh, self.abef, sum);
        let high = _mm_shuffle_epi32::<0b00_00_11_10>(sum);
        let abef = _mm_sha256rnds2_epu32(self.abef, cdgh, high);
        Self { abef, cdgh }
    }

    #[target_feature(enable = "sha,avx")]
    #[inline]
    fn plus(self, other: Self) -> Self {
        Self {
            abef: _mm_add_epi32(self.abef, other.abef),
            cdgh: _mm_add_epi32(self.cdgh, other.cdgh),
        }
    }
}

/// 16 words of the message schedule, the oldest first.
type Words = [__m128i; 4];

#[target_feature(enable = "sha,avx")]
#[inline]
fn load_words(block: &Block) -> Words {
    let swapped = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
    let mut words = [swapped; 4];
    let (quarters, _) = block.as_chunks::<16>();
    for (place, quarter) in words.iter_mut().zip(quarters) {
        // SAFETY: 16 octets may be read there; the load may be unaligned.
        let loaded = unsafe { _mm_loadu_si128(quarter.as_ptr().cast()) };
        *place = _mm_shuffle_epi8(loaded, swapped);
    }
    words
}

/// Four words further.
#[target_feature(enable = "sha,avx")]
#[inline]
fn next_words([w0, w1, w2, w3]: Words) -> Words {
    let sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8::<4>(w3, w2));
    [w1, w2, w3, _mm_sha256msg2_epu32(sum, w3)]
}

/// Four rounds in a row (FIPS 180-4 §4.2.2).
const ROUND_CONSTANTS: [[u32; 4]; 16] = [
    [0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5],
    [0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5],
    [0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3],
    [0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174],
    [0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc],
    [0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da],
    [0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7],
    [0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967],
    [0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13],
    [0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85],
    [0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3],
    [0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070],
    [0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5],
    [0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3],
    [0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208],
    [0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2],
];
