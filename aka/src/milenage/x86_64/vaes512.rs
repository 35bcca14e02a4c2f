//! Four subscribers in each 512-bit vector, on VAES with AVX-512.
#![expect(unsafe_code, reason = "entering functions compiled for AVX-512")]

use core::arch::x86_64::{
    __m512i, _mm256_set_m128i, _mm512_aesenc_epi128, _mm512_aesenclast_epi128, _mm512_bslli_epi128,
    _mm512_castsi256_si512, _mm512_inserti64x4, _mm512_set_epi64, _mm512_set1_epi32,
    _mm512_shuffle_epi8, _mm512_shuffle_epi32, _mm512_storeu_si512, _mm512_xor_si512,
};

use super::{
    aes_ni::load,
    side_by_side::{Jobs, LANES, Outs, deliver, side_by_side},
};
use crate::{
    batch::Job,
    cpu::{Vaes512, wipe_wide_registers},
    milenage::{
        Milenage,
        operations::{Octets, in1},
        standard::ROUND_CONSTANTS,
    },
};

/// Makes the vectors of all; the constants are the standard ones.
pub(in crate::milenage) fn vectors(_proof: Vaes512, jobs: &mut Jobs<'_>) {
    // SAFETY: the proof says that the processor has VAES, AVX-512 F and BW, and AES-NI.
    unsafe {
        vectors_here(jobs);
        wipe_wide_registers();
    }
}

type Wide = __m512i;
const PER_WIDE: usize = 4;

side_by_side!("vaes,avx512f,avx512bw,aes");

#[target_feature(enable = "vaes,avx512f,avx512bw,aes")]
#[inline]
fn gather([first, second, third, fourth]: &[Octets; PER_WIDE]) -> Wide {
    let low = _mm256_set_m128i(load(second), load(first));
    let high = _mm256_set_m128i(load(fourth), load(third));
    _mm512_inserti64x4::<1>(_mm512_castsi256_si512(low), high)
}

#[target_feature(enable = "vaes,avx512f,avx512bw,aes")]
#[inline]
fn scatter(wide: Wide, places: &mut [Octets; PER_WIDE]) {
    // SAFETY: 64 octets may be written there; the store may be unaligned.
    unsafe { _mm512_storeu_si512(places.as_mut_ptr().cast(), wide) }
}

#[target_feature(enable = "vaes,avx512f,avx512bw,aes")]
#[inline]
fn splat_word(word: i32) -> Wide {
    _mm512_set1_epi32(word)
}

/// The same in the last half of each block, and nothing in the first.
#[target_feature(enable = "vaes,avx512f,avx512bw,aes")]
#[inline]
fn splat_block(last: i64) -> Wide {
    _mm512_set_epi64(last, 0, last, 0, last, 0, last, 0)
}

#[target_feature(enable = "vaes,avx512f,avx512bw,aes")]
#[inline]
fn xor(a: Wide, b: Wide) -> Wide {
    _mm512_xor_si512(a, b)
}

#[target_feature(enable = "vaes,avx512f,avx512bw,aes")]
#[inline]
fn rotate<const ORDER: i32>(wide: Wide) -> Wide {
    _mm512_shuffle_epi32::<ORDER>(wide)
}

#[target_feature(enable = "vaes,avx512f,avx512bw,aes")]
#[inline]
fn round(state: Wide, key: Wide) -> Wide {
    _mm512_aesenc_epi128(state, key)
}

#[target_feature(enable = "vaes,avx512f,avx512bw,aes")]
#[inline]
fn last_round(state: Wide, key: Wide) -> Wide {
    _mm512_aesenclast_epi128(state, key)
}

#[target_feature(enable = "vaes,avx512f,avx512bw,aes")]
#[inline]
fn rotated_last_word(key: Wide) -> Wide {
    _mm512_shuffle_epi8(key, _mm512_set1_epi32(0x0c0f_0e0d))
}

#[target_feature(enable = "vaes,avx512f,avx512bw,aes")]
#[inline]
fn shift_by_4(key: Wide) -> Wide {
    _mm512_bslli_epi128::<4>(key)
}

#[target_feature(enable = "vaes,avx512f,avx512bw,aes")]
#[inline]
fn shift_by_8(key: Wide) -> Wide {
    _mm512_bslli_epi128::<8>(key)
}
