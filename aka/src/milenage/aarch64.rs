//! One subscriber at a time, on the AES instructions of ARMv8.
#![expect(unsafe_code, reason = "entering functions compiled for AES")]

use core::arch::aarch64::{
    uint8x16_t, vaeseq_u8, vaesmcq_u8, vdupq_n_u8, vdupq_n_u32, vdupq_n_u64, veorq_u8, vextq_u8,
    vgetq_lane_u64, vld1q_u8, vqtbl1q_u8, vreinterpretq_u8_u32, vreinterpretq_u8_u64,
    vreinterpretq_u64_u8, vsetq_lane_u8, vst1q_u8,
};

use super::{
    operations::{Octets, anonymity_key, autn, in1, masked, operations, response},
    standard::{ROUND_CONSTANTS, standard},
};
use crate::{
    Ak, Amf, Autn, Auts, Mac, Rand, Sqn,
    algorithm::Response,
    cpu::{Armv8Aes, wipe_registers},
};

type Block = uint8x16_t;

standard!(Armv8Aes, #[target_feature(enable = "neon,aes")]);

/// The instruction adds a key first, so the last key is added by hand.
#[target_feature(enable = "neon,aes")]
#[inline]
fn encrypt(schedule: &[Block; 11], block: Block) -> Block {
    let [middle @ .., before_last, last] = schedule;
    let mut state = block;
    for key in middle {
        state = vaesmcq_u8(vaeseq_u8(state, *key));
    }
    xor(vaeseq_u8(state, *before_last), *last)
}

/// One step of the key schedule.
///
/// Where all four columns are the same, ShiftRows changes nothing and the instruction is SubWord
/// on each of them.
#[target_feature(enable = "neon,aes")]
#[inline]
fn next_round_key(key: Block, constant: u8) -> Block {
    let rotated_last = vreinterpretq_u8_u32(vdupq_n_u32(0x0c0f_0e0d));
    let word = vaeseq_u8(vqtbl1q_u8(key, rotated_last), zero());
    let word = xor(word, vreinterpretq_u8_u32(vdupq_n_u32(u32::from(constant))));
    let key = xor(key, vextq_u8::<12>(zero(), key));
    let key = xor(key, vextq_u8::<8>(zero(), key));
    xor(key, word)
}

/// Bits 0 to 63, and 64 to 127.
#[target_feature(enable = "neon,aes")]
#[inline]
fn halves(block: Block) -> (u64, u64) {
    let words = vreinterpretq_u64_u8(block);
    (
        vgetq_lane_u64::<0>(words).swap_bytes(),
        vgetq_lane_u64::<1>(words).swap_bytes(),
    )
}

#[target_feature(enable = "neon,aes")]
#[inline]
fn doubled(half: u64) -> Block {
    vreinterpretq_u8_u64(vdupq_n_u64(half.swap_bytes()))
}

#[target_feature(enable = "neon,aes")]
#[inline]
fn last_octet(octet: u8) -> Block {
    vsetq_lane_u8::<15>(octet, zero())
}

#[target_feature(enable = "neon,aes")]
#[inline]
fn rotate_32(block: Block) -> Block {
    vextq_u8::<4>(block, block)
}

#[target_feature(enable = "neon,aes")]
#[inline]
fn rotate_64(block: Block) -> Block {
    vextq_u8::<8>(block, block)
}

#[target_feature(enable = "neon,aes")]
#[inline]
fn rotate_96(block: Block) -> Block {
    vextq_u8::<12>(block, block)
}

#[target_feature(enable = "neon,aes")]
#[inline]
fn load(octets: &Octets) -> Block {
    // SAFETY: 16 octets may be read there.
    unsafe { vld1q_u8(octets.as_ptr()) }
}

#[target_feature(enable = "neon,aes")]
#[inline]
fn store(block: Block) -> Octets {
    let mut octets = [0; 16];
    // SAFETY: 16 octets may be written there.
    unsafe { vst1q_u8(octets.as_mut_ptr(), block) };
    octets
}

#[target_feature(enable = "neon,aes")]
#[inline]
fn zero() -> Block {
    vdupq_n_u8(0)
}

#[target_feature(enable = "neon,aes")]
#[inline]
fn xor(a: Block, b: Block) -> Block {
    veorq_u8(a, b)
}
