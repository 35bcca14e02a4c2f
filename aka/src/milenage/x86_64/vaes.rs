//! Two subscribers in each 256-bit vector, on VAES.
#![expect(unsafe_code, reason = "entering functions compiled for VAES")]

use core::arch::x86_64::{
    __m256i, _mm256_aesenc_epi128, _mm256_aesenclast_epi128, _mm256_bslli_epi128,
    _mm256_set_epi64x, _mm256_set_m128i, _mm256_set1_epi32, _mm256_shuffle_epi8,
    _mm256_shuffle_epi32, _mm256_storeu_si256, _mm256_xor_si256,
};

use super::{
    aes_ni::load,
    side_by_side::{Jobs, LANES, Outs, deliver, side_by_side},
};
use crate::{
    batch::Job,
    cpu::{Vaes, wipe_registers},
    milenage::{
        Milenage,
        operations::{Octets, in1},
        standard::ROUND_CONSTANTS,
    },
};

/// Makes the vectors of all; the constants are the standard ones.
pub(in crate::milenage) fn vectors(_proof: Vaes, jobs: &mut Jobs<'_>) {
    // SAFETY: the proof says that the processor has VAES, AVX2 and AES-NI.
    unsafe {
        vectors_here(jobs);
        wipe_registers();
    }
}

type Wide = __m256i;
const PER_WIDE: usize = 2;

side_by_side!("vaes,avx2,aes");

#[target_feature(enable = "vaes,avx2,aes")]
#[inline]
fn gather([low, high]: &[Octets; PER_WIDE]) -> Wide {
    _mm256_set_m128i(load(high), load(low))
}

#[target_feature(enable = "vaes,avx2,aes")]
#[inline]
fn scatter(wide: Wide, places: &mut [Octets; PER_WIDE]) {
    // SAFETY: 32 octets may be written there; the store may be unaligned.
    unsafe { _mm256_storeu_si256(places.as_mut_ptr().cast(), wide) }
}

#[target_feature(enable = "vaes,avx2,aes")]
#[inline]
fn splat_word(word: i32) -> Wide {
    _mm256_set1_epi32(word)
}

/// The same in the last half of each block, and nothing in the first.
#[target_feature(enable = "vaes,avx2,aes")]
#[inline]
fn splat_block(last: i64) -> Wide {
    _mm256_set_epi64x(last, 0, last, 0)
}

#[target_feature(enable = "vaes,avx2,aes")]
#[inline]
fn xor(a: Wide, b: Wide) -> Wide {
    _mm256_xor_si256(a, b)
}

#[target_feature(enable = "vaes,avx2,aes")]
#[inline]
fn rotate<const ORDER: i32>(wide: Wide) -> Wide {
    _mm256_shuffle_epi32::<ORDER>(wide)
}

#[target_feature(enable = "vaes,avx2,aes")]
#[inline]
fn round(state: Wide, key: Wide) -> Wide {
    _mm256_aesenc_epi128(state, key)
}

#[target_feature(enable = "vaes,avx2,aes")]
#[inline]
fn last_round(state: Wide, key: Wide) -> Wide {
    _mm256_aesenclast_epi128(state, key)
}

#[target_feature(enable = "vaes,avx2,aes")]
#[inline]
fn rotated_last_word(key: Wide) -> Wide {
    _mm256_shuffle_epi8(key, _mm256_set1_epi32(0x0c0f_0e0d))
}

#[target_feature(enable = "vaes,avx2,aes")]
#[inline]
fn shift_by_4(key: Wide) -> Wide {
    _mm256_bslli_epi128::<4>(key)
}

#[target_feature(enable = "vaes,avx2,aes")]
#[inline]
fn shift_by_8(key: Wide) -> Wide {
    _mm256_bslli_epi128::<8>(key)
}
