//! Eight subscribers at a time, two in each 256-bit vector, on VAES.
#![expect(unsafe_code, reason = "entering functions compiled for VAES")]

use core::arch::x86_64::{
    __m128i, __m256i, _mm256_aesenc_epi128, _mm256_aesenclast_epi128, _mm256_bslli_epi128,
    _mm256_castsi256_si128, _mm256_extracti128_si256, _mm256_set_epi64x, _mm256_set_m128i,
    _mm256_set1_epi32, _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_shuffle_epi32,
    _mm256_xor_si256,
};

use super::aes_ni::{ROUND_CONSTANTS, halves, load, store};
use crate::{
    Autn,
    algorithm::Response,
    batch::Job,
    cpu::Vaes,
    milenage::{
        Milenage,
        operations::{Octets, autn, in1, response},
    },
};

/// How many subscribers go through together.
pub(in crate::milenage) const LANES: usize = 8;

/// Delivers the challenges of all, in order; the constants are the standard ones.
pub(in crate::milenage) fn challenges(
    _proof: Vaes,
    jobs: &Jobs<'_>,
    deliver: &mut impl FnMut(Autn, Response),
) {
    // SAFETY: the proof says that the processor has VAES, AVX2 and AES-NI.
    unsafe { challenges_here(jobs, deliver) }
}

type Jobs<'a> = [Job<'a, Milenage>; LANES];

/// The same block of all lanes.
type Blocks = [__m256i; LANES / 2];

/// The expanded keys of all lanes, and their OPc.
struct Keyed {
    schedule: [Blocks; 11],
    opc: Blocks,
}

/// OUT1 to OUT4 of all lanes.
struct Outs([Blocks; 4]);

#[target_feature(enable = "vaes,avx2,aes")]
fn challenges_here(jobs: &Jobs<'_>, deliver: &mut impl FnMut(Autn, Response)) {
    let Outs([out1, out2, out3, out4]) = &outs(jobs);
    let (pairs, _) = jobs.as_chunks::<2>();
    let outs = out1.iter().zip(out2).zip(out3).zip(out4);
    for (jobs, (((out1, out2), out3), out4)) in pairs.iter().zip(outs) {
        let [out1, out2, out3, out4] = [out1, out2, out3, out4].map(|out| *out);
        let low = [low(out1), low(out2), low(out3), low(out4)];
        let high = [high(out1), high(out2), high(out3), high(out4)];
        for (job, [out1, out2, out3, out4]) in jobs.iter().zip([low, high]) {
            let ((mac, _), (ak, res)) = (halves(out1), halves(out2));
            let response = response(res, store(out3), store(out4));
            deliver(autn(job.sqn, ak, job.amf, mac), response);
        }
    }
}

#[target_feature(enable = "vaes,avx2,aes")]
fn outs(jobs: &Jobs<'_>) -> Outs {
    let keyed = Keyed::expand(jobs);
    let [mut rand, mut in1s] = [zero(), zero()];
    let (pairs, _) = jobs.as_chunks::<2>();
    for ((rand, both), [low, high]) in rand.iter_mut().zip(&mut in1s).zip(pairs) {
        *rand = pair(low.rand.as_bytes(), high.rand.as_bytes());
        let [low, high] = [low, high].map(|job| in1(job.sqn, job.amf).swap_bytes().cast_signed());
        *both = _mm256_set_epi64x(high, high, low, low);
    }
    let temp = keyed.encrypt(xor(rand, keyed.opc));
    let masked = xor(temp, keyed.opc);
    let rotated = rotate::<0b01_00_11_10>(xor(in1s, keyed.opc));
    Outs([
        keyed.out(xor(temp, rotated), 0),
        keyed.out(masked, 1),
        keyed.out(rotate::<0b00_11_10_01>(masked), 2),
        keyed.out(rotate::<0b01_00_11_10>(masked), 4),
    ])
}

impl Keyed {
    #[target_feature(enable = "vaes,avx2,aes")]
    #[inline]
    fn expand(jobs: &Jobs<'_>) -> Self {
        let [mut key, mut opc] = [zero(), zero()];
        let (pairs, _) = jobs.as_chunks::<2>();
        for ((key, opc), jobs) in key.iter_mut().zip(&mut opc).zip(pairs) {
            let [low, high] = jobs.map(|job| job.algorithm);
            *key = pair(low.k.expose(), high.k.expose());
            *opc = pair(low.opc.expose(), high.opc.expose());
        }
        let mut schedule = [zero(); 11];
        schedule[0] = key;
        for (slot, constant) in schedule.iter_mut().skip(1).zip(ROUND_CONSTANTS) {
            for block in &mut key {
                *block = next_round_key(*block, constant);
            }
            *slot = key;
        }
        Self { schedule, opc }
    }

    /// E(rotated ⊕ c) ⊕ OPc.
    #[target_feature(enable = "vaes,avx2,aes")]
    #[inline]
    fn out(&self, mut rotated: Blocks, constant: i64) -> Blocks {
        let constant = _mm256_set_epi64x(constant << 56, 0, constant << 56, 0);
        for block in &mut rotated {
            *block = _mm256_xor_si256(*block, constant);
        }
        xor(self.encrypt(rotated), self.opc)
    }

    #[target_feature(enable = "vaes,avx2,aes")]
    #[inline]
    fn encrypt(&self, blocks: Blocks) -> Blocks {
        let [first, middle @ .., last] = &self.schedule;
        let mut state = xor(blocks, *first);
        for keys in middle {
            for (block, key) in state.iter_mut().zip(keys) {
                *block = _mm256_aesenc_epi128(*block, *key);
            }
        }
        for (block, key) in state.iter_mut().zip(last) {
            *block = _mm256_aesenclast_epi128(*block, *key);
        }
        state
    }
}

impl Drop for Keyed {
    fn drop(&mut self) {
        // SAFETY: a value exists only where there is AVX2.
        let zero = unsafe { zero() };
        self.schedule = [zero; 11];
        self.opc = zero;
        zeroize::optimization_barrier(self);
    }
}

impl Drop for Outs {
    fn drop(&mut self) {
        // SAFETY: a value exists only where there is AVX2.
        self.0 = [unsafe { zero() }; 4];
        zeroize::optimization_barrier(self);
    }
}

/// One step of the key schedule, as for one subscriber.
#[target_feature(enable = "vaes,avx2,aes")]
#[inline]
fn next_round_key(key: __m256i, constant: i32) -> __m256i {
    let rotated_last = _mm256_set1_epi32(0x0c0f_0e0d);
    let word = _mm256_shuffle_epi8(key, rotated_last);
    let word = _mm256_aesenclast_epi128(word, _mm256_set1_epi32(constant));
    let key = _mm256_xor_si256(key, _mm256_bslli_epi128::<4>(key));
    let key = _mm256_xor_si256(key, _mm256_bslli_epi128::<8>(key));
    _mm256_xor_si256(key, word)
}

#[target_feature(enable = "vaes,avx2,aes")]
#[inline]
fn zero() -> Blocks {
    [_mm256_setzero_si256(); LANES / 2]
}

#[target_feature(enable = "vaes,avx2,aes")]
#[inline]
fn pair(low: &Octets, high: &Octets) -> __m256i {
    _mm256_set_m128i(load(high), load(low))
}

#[target_feature(enable = "vaes,avx2,aes")]
#[inline]
fn low(blocks: __m256i) -> __m128i {
    _mm256_castsi256_si128(blocks)
}

#[target_feature(enable = "vaes,avx2,aes")]
#[inline]
fn high(blocks: __m256i) -> __m128i {
    _mm256_extracti128_si256::<1>(blocks)
}

#[target_feature(enable = "vaes,avx2,aes")]
#[inline]
fn rotate<const ORDER: i32>(mut blocks: Blocks) -> Blocks {
    for block in &mut blocks {
        *block = _mm256_shuffle_epi32::<ORDER>(*block);
    }
    blocks
}

#[target_feature(enable = "vaes,avx2,aes")]
#[inline]
fn xor(mut a: Blocks, b: Blocks) -> Blocks {
    for (a, b) in a.iter_mut().zip(b) {
        *a = _mm256_xor_si256(*a, b);
    }
    a
}
