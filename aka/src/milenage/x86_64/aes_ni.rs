//! One subscriber at a time, on AES-NI.
#![expect(unsafe_code, reason = "entering functions compiled for AES-NI")]

use core::arch::x86_64::{
    __m128i, _mm_aesenc_si128, _mm_aesenclast_si128, _mm_extract_epi64, _mm_loadu_si128,
    _mm_set_epi64x, _mm_set1_epi32, _mm_set1_epi64x, _mm_setzero_si128, _mm_shuffle_epi8,
    _mm_shuffle_epi32, _mm_slli_si128, _mm_storeu_si128, _mm_xor_si128,
};

use crate::{
    Amf, Autn, Auts, Mac, Rand, Sqn,
    algorithm::Response,
    cpu::{AesNi, wipe_registers},
    milenage::operations::{Octets, autn, in1, masked, operations, response},
};

/// A subscriber's expanded key and OPc; a value exists only where there is AES-NI.
#[derive(Clone)]
pub(in crate::milenage) struct Keyed(Expanded);

/// Enters a function compiled for AES-NI; what it leaves in the vector registers is wiped.
macro_rules! enter {
    ($call:expr) => {{
        // SAFETY: the caller holds the proof, or a value that was made with it.
        unsafe {
            let made = $call;
            wipe_registers();
            made
        }
    }};
}

impl Keyed {
    pub(in crate::milenage) fn new(_proof: AesNi, k: &Octets, opc: &Octets) -> Self {
        Self(enter!(Expanded::new(k, opc)))
    }

    pub(in crate::milenage) fn respond(&self, rand: &Rand) -> Response {
        enter!(self.0.respond(rand))
    }

    pub(in crate::milenage) fn challenge(
        &self,
        rand: &Rand,
        sqn: Sqn,
        amf: Amf,
    ) -> (Autn, Response) {
        enter!(self.0.challenge(rand, sqn, amf))
    }

    pub(in crate::milenage) fn open_auts(&self, rand: &Rand, auts: &Auts) -> (Sqn, Mac) {
        enter!(self.0.open_auts(rand, auts))
    }

    pub(in crate::milenage) fn open_autn(&self, rand: &Rand, autn: &Autn) -> (Sqn, Mac, Response) {
        enter!(self.0.open_autn(rand, autn))
    }

    pub(in crate::milenage) fn auts(&self, rand: &Rand, sqn_ms: Sqn) -> Auts {
        enter!(self.0.auts(rand, sqn_ms))
    }
}

#[derive(Clone)]
struct Expanded {
    schedule: [__m128i; 11],
    opc: __m128i,
}

impl Expanded {
    #[target_feature(enable = "aes,avx")]
    fn new(k: &Octets, opc: &Octets) -> Self {
        let mut schedule = [_mm_setzero_si128(); 11];
        let mut key = load(k);
        schedule[0] = key;
        for (slot, constant) in schedule.iter_mut().skip(1).zip(ROUND_CONSTANTS) {
            key = next_round_key(key, constant);
            *slot = key;
        }
        let opc = load(opc);
        Self { schedule, opc }
    }

    /// TEMP = E(RAND ⊕ OPc).
    #[target_feature(enable = "aes,avx")]
    #[inline]
    fn temp(&self, rand: __m128i) -> __m128i {
        self.encrypt(xor(rand, self.opc))
    }

    /// r1 = 64, c1 = 0.
    #[target_feature(enable = "aes,avx")]
    #[inline]
    fn out1(&self, temp: __m128i, in1: __m128i) -> __m128i {
        let rotated = _mm_shuffle_epi32::<0b01_00_11_10>(xor(in1, self.opc));
        xor(self.encrypt(xor(temp, rotated)), self.opc)
    }

    /// r2 = 0, c2 = 1.
    #[target_feature(enable = "aes,avx")]
    #[inline]
    fn out2(&self, temp: __m128i) -> __m128i {
        self.out(xor(temp, self.opc), 1)
    }

    /// r3 = 32, c3 = 2.
    #[target_feature(enable = "aes,avx")]
    #[inline]
    fn out3(&self, temp: __m128i) -> __m128i {
        self.out(_mm_shuffle_epi32::<0b00_11_10_01>(xor(temp, self.opc)), 2)
    }

    /// r4 = 64, c4 = 4.
    #[target_feature(enable = "aes,avx")]
    #[inline]
    fn out4(&self, temp: __m128i) -> __m128i {
        self.out(_mm_shuffle_epi32::<0b01_00_11_10>(xor(temp, self.opc)), 4)
    }

    /// r5 = 96, c5 = 8.
    #[target_feature(enable = "aes,avx")]
    #[inline]
    fn out5(&self, temp: __m128i) -> __m128i {
        self.out(_mm_shuffle_epi32::<0b10_01_00_11>(xor(temp, self.opc)), 8)
    }

    #[target_feature(enable = "aes,avx")]
    #[inline]
    fn out(&self, rotated: __m128i, constant: i64) -> __m128i {
        let constant = _mm_set_epi64x(constant << 56, 0);
        xor(self.encrypt(xor(rotated, constant)), self.opc)
    }

    #[target_feature(enable = "aes,avx")]
    #[inline]
    fn encrypt(&self, block: __m128i) -> __m128i {
        let [first, middle @ .., last] = &self.schedule;
        let mut state = xor(block, *first);
        for key in middle {
            state = _mm_aesenc_si128(state, *key);
        }
        _mm_aesenclast_si128(state, *last)
    }
}

operations!(Expanded, #[target_feature(enable = "aes,avx")]);

impl Drop for Expanded {
    fn drop(&mut self) {
        // SAFETY: SSE2 belongs to x86-64.
        let zero = unsafe { _mm_setzero_si128() };
        self.schedule = [zero; 11];
        self.opc = zero;
        zeroize::optimization_barrier(self);
    }
}

/// The constants of the key schedule (FIPS 197 §5.2).
pub(super) const ROUND_CONSTANTS: [i32; 10] =
    [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x1b, 0x36];

/// One step of the key schedule.
///
/// Where all four columns are the same, ShiftRows changes nothing and the last round of the cipher
/// is SubWord on each of them.
#[target_feature(enable = "aes,avx")]
#[inline]
fn next_round_key(key: __m128i, constant: i32) -> __m128i {
    let rotated_last = _mm_set1_epi32(0x0c0f_0e0d);
    let word = _mm_shuffle_epi8(key, rotated_last);
    let word = _mm_aesenclast_si128(word, _mm_set1_epi32(constant));
    let key = xor(key, _mm_slli_si128::<4>(key));
    let key = xor(key, _mm_slli_si128::<8>(key));
    xor(key, word)
}

/// Bits 0 to 63, and 64 to 127.
#[target_feature(enable = "aes,avx")]
#[inline]
pub(super) fn halves(block: __m128i) -> (u64, u64) {
    let half = |little_endian: i64| little_endian.cast_unsigned().swap_bytes();
    (
        half(_mm_extract_epi64::<0>(block)),
        half(_mm_extract_epi64::<1>(block)),
    )
}

#[target_feature(enable = "aes,avx")]
#[inline]
fn doubled(half: u64) -> __m128i {
    _mm_set1_epi64x(half.swap_bytes().cast_signed())
}

#[target_feature(enable = "aes,avx")]
#[inline]
pub(super) fn load(octets: &Octets) -> __m128i {
    // SAFETY: 16 octets may be read there; the load may be unaligned.
    unsafe { _mm_loadu_si128(octets.as_ptr().cast()) }
}

#[target_feature(enable = "aes,avx")]
#[inline]
pub(super) fn store(block: __m128i) -> Octets {
    let mut octets = [0; 16];
    // SAFETY: 16 octets may be written there; the store may be unaligned.
    unsafe { _mm_storeu_si128(octets.as_mut_ptr().cast(), block) };
    octets
}

#[target_feature(enable = "aes,avx")]
#[inline]
fn xor(a: __m128i, b: __m128i) -> __m128i {
    _mm_xor_si128(a, b)
}
