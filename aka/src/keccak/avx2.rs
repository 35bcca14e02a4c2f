//! Four states in 256-bit vectors.
#![expect(unsafe_code, reason = "entering a function compiled for AVX2")]

use core::arch::x86_64::{
    __m256i, _mm256_andnot_si256, _mm256_extract_epi64, _mm256_or_si256, _mm256_set_epi64x,
    _mm256_set1_epi64x, _mm256_sllv_epi64, _mm256_srlv_epi64, _mm256_xor_si256,
};

use super::{State, rounds::rounds};
use crate::cpu::{Avx2, wipe_registers};

pub(super) fn permute4(_proof: Avx2, states: &mut [State; 4]) {
    // SAFETY: the proof says that the processor has AVX2.
    unsafe {
        permute(states);
        wipe_registers();
    }
}

#[target_feature(enable = "avx2")]
fn permute(states: &mut [State; 4]) {
    let [s0, s1, s2, s3] = states;
    let mut lanes = [splat(0); 25];
    for (lane, (((w0, w1), w2), w3)) in lanes
        .iter_mut()
        .zip(s0.iter().zip(&*s1).zip(&*s2).zip(&*s3))
    {
        let [w0, w1, w2, w3] = [w0, w1, w2, w3].map(|word| word.cast_signed());
        *lane = _mm256_set_epi64x(w3, w2, w1, w0);
    }
    lanes = all_rounds(lanes);
    for (lane, (((w0, w1), w2), w3)) in lanes.iter().zip(s0.iter_mut().zip(s1).zip(s2).zip(s3)) {
        *w0 = _mm256_extract_epi64::<0>(*lane).cast_unsigned();
        *w1 = _mm256_extract_epi64::<1>(*lane).cast_unsigned();
        *w2 = _mm256_extract_epi64::<2>(*lane).cast_unsigned();
        *w3 = _mm256_extract_epi64::<3>(*lane).cast_unsigned();
    }
}

rounds!(__m256i, "avx2");

#[target_feature(enable = "avx2")]
#[inline]
fn splat(constant: u64) -> __m256i {
    _mm256_set1_epi64x(constant.cast_signed())
}

#[target_feature(enable = "avx2")]
#[inline]
fn xor(a: __m256i, b: __m256i) -> __m256i {
    _mm256_xor_si256(a, b)
}

#[target_feature(enable = "avx2")]
#[inline]
fn xor3(a: __m256i, b: __m256i, c: __m256i) -> __m256i {
    xor(xor(a, b), c)
}

#[target_feature(enable = "avx2")]
#[inline]
fn chi(a: __m256i, b: __m256i, c: __m256i) -> __m256i {
    xor(a, _mm256_andnot_si256(b, c))
}

#[target_feature(enable = "avx2")]
#[inline]
fn rotate_left<const N: u32>(a: __m256i) -> __m256i {
    let (left, right) = (splat(u64::from(N)), splat(u64::from(64 - N)));
    _mm256_or_si256(_mm256_sllv_epi64(a, left), _mm256_srlv_epi64(a, right))
}
