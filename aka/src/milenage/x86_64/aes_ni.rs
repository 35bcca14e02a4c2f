//! One subscriber at a time, on AES-NI.
#![expect(unsafe_code, reason = "entering functions compiled for AES-NI")]

use core::arch::x86_64::{
    __m128i, _mm_aesenc_si128, _mm_aesenclast_si128, _mm_extract_epi64, _mm_loadu_si128,
    _mm_set_epi64x, _mm_set1_epi32, _mm_set1_epi64x, _mm_setzero_si128, _mm_shuffle_epi8,
    _mm_shuffle_epi32, _mm_slli_si128, _mm_storeu_si128, _mm_xor_si128,
};

use crate::{
    Ak, Amf, Autn, Auts, Mac, Rand, Sqn,
    algorithm::Response,
    cpu::{AesNi, wipe_registers},
    milenage::{
        operations::{Octets, anonymity_key, autn, in1, masked, operations, response},
        standard::{ROUND_CONSTANTS, standard},
    },
};

type Block = __m128i;

standard!(AesNi, #[target_feature(enable = "aes,avx")]);

#[target_feature(enable = "aes,avx")]
#[inline]
fn encrypt(schedule: &[Block; 11], block: Block) -> Block {
    let [first, middle @ .., last] = schedule;
    let mut state = xor(block, *first);
    for key in middle {
        state = _mm_aesenc_si128(state, *key);
    }
    _mm_aesenclast_si128(state, *last)
}

/// One step of the key schedule.
///
/// Where all four columns are the same, ShiftRows changes nothing and the last round of the cipher
/// is SubWord on each of them.
#[target_feature(enable = "aes,avx")]
#[inline]
fn next_round_key(key: Block, constant: u8) -> Block {
    let rotated_last = _mm_set1_epi32(0x0c0f_0e0d);
    let word = _mm_shuffle_epi8(key, rotated_last);
    let word = _mm_aesenclast_si128(word, _mm_set1_epi32(constant.into()));
    let key = xor(key, _mm_slli_si128::<4>(key));
    let key = xor(key, _mm_slli_si128::<8>(key));
    xor(key, word)
}

/// Bits 0 to 63, and 64 to 127.
#[target_feature(enable = "aes,avx")]
#[inline]
pub(super) fn halves(block: Block) -> (u64, u64) {
    let half = |little_endian: i64| little_endian.cast_unsigned().swap_bytes();
    (
        half(_mm_extract_epi64::<0>(block)),
        half(_mm_extract_epi64::<1>(block)),
    )
}

#[target_feature(enable = "aes,avx")]
#[inline]
fn doubled(half: u64) -> Block {
    _mm_set1_epi64x(half.swap_bytes().cast_signed())
}

#[target_feature(enable = "aes,avx")]
#[inline]
fn last_octet(octet: u8) -> Block {
    _mm_set_epi64x(i64::from(octet) << 56, 0)
}

#[target_feature(enable = "aes,avx")]
#[inline]
fn rotate_32(block: Block) -> Block {
    _mm_shuffle_epi32::<0b00_11_10_01>(block)
}

#[target_feature(enable = "aes,avx")]
#[inline]
fn rotate_64(block: Block) -> Block {
    _mm_shuffle_epi32::<0b01_00_11_10>(block)
}

#[target_feature(enable = "aes,avx")]
#[inline]
fn rotate_96(block: Block) -> Block {
    _mm_shuffle_epi32::<0b10_01_00_11>(block)
}

#[target_feature(enable = "aes,avx")]
#[inline]
pub(super) fn load(octets: &Octets) -> Block {
    // SAFETY: 16 octets may be read there; the load may be unaligned.
    unsafe { _mm_loadu_si128(octets.as_ptr().cast()) }
}

#[target_feature(enable = "aes,avx")]
#[inline]
pub(super) fn store(block: Block) -> Octets {
    let mut octets = [0; 16];
    // SAFETY: 16 octets may be written there; the store may be unaligned.
    unsafe { _mm_storeu_si128(octets.as_mut_ptr().cast(), block) };
    octets
}

#[target_feature(enable = "aes,avx")]
#[inline]
fn zero() -> Block {
    _mm_setzero_si128()
}

#[target_feature(enable = "aes,avx")]
#[inline]
fn xor(a: Block, b: Block) -> Block {
    _mm_xor_si128(a, b)
}
