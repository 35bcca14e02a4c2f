//! CPUID, as the manuals of Intel (volume 2A) and AMD (volume 3) describe it.
//!
//! The configuration `aka_portable` (`RUSTFLAGS="--cfg aka_portable"`) makes every answer no;
//! `aka_widest="128"` and `aka_widest="256"` leave out what works on wider vectors.
#![expect(unsafe_code, reason = "CPUID and XGETBV are intrinsics")]

mod registers;

pub(crate) use registers::{wipe_registers, wipe_wide_registers};

use core::{
    arch::x86_64::{__cpuid, __cpuid_count, _xgetbv},
    sync::atomic::{AtomicU8, Ordering::Relaxed},
};

/// A type whose values prove that the processor has the features, and how to get one.
macro_rules! proof {
    ($(#[$doc:meta])* $name:ident, $bit:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct $name(());

        impl $name {
            pub(crate) fn detect() -> Option<Self> {
                (features() & $bit != 0).then_some(Self(()))
            }
        }
    };
}

proof! {
    /// AES-NI and AVX.
    AesNi, AES_NI
}
proof! {
    /// AVX2.
    Avx2, AVX2
}
proof! {
    /// AES on 256-bit vectors, with AES-NI and AVX2 beside it.
    Vaes, VAES
}
proof! {
    /// AES on 512-bit vectors: VAES, AES-NI, and AVX-512 F, VL, BW and DQ.
    Vaes512, VAES_512
}
proof! {
    /// The SHA extensions, with AVX beside them.
    ShaNi, SHA_NI
}
proof! {
    /// AVX-512 F, VL, BW and DQ.
    Avx512, AVX512
}

const KNOWN: u8 = 1;
const AES_NI: u8 = 1 << 1;
const AVX2: u8 = 1 << 2;
const VAES: u8 = 1 << 3;
const AVX512: u8 = 1 << 4;
const VAES_512: u8 = 1 << 5;
const SHA_NI: u8 = 1 << 6;

/// What may be used of what is there.
const ALLOWED: u8 = if cfg!(any(aka_portable, miri)) {
    0
} else if cfg!(aka_widest = "128") {
    AES_NI | SHA_NI
} else if cfg!(aka_widest = "256") {
    AES_NI | SHA_NI | AVX2 | VAES
} else {
    u8::MAX
};

fn features() -> u8 {
    static FOUND: AtomicU8 = AtomicU8::new(0);
    let found = FOUND.load(Relaxed);
    if found & KNOWN != 0 {
        return found;
    }
    let found = KNOWN | if ALLOWED == 0 { 0 } else { ask() & ALLOWED };
    FOUND.store(found, Relaxed);
    found
}

fn ask() -> u8 {
    let basic = __cpuid(1).ecx;
    let saved = saved_registers(basic);
    if !all(basic, &[25, 28]) || !all(saved, &[1, 2]) {
        return 0;
    }
    if __cpuid(0).eax < 7 {
        return AES_NI;
    }
    let extended = __cpuid_count(7, 0);
    let found = |feature, bit| if feature { bit } else { 0 };
    let narrow = AES_NI | found(all(extended.ebx, &[29]), SHA_NI);
    if !all(extended.ebx, &[5]) {
        return narrow;
    }
    let vaes = all(extended.ecx, &[9]);
    let wide = all(extended.ebx, &[16, 17, 30, 31]) && all(saved, &[5, 6, 7]);
    narrow | AVX2 | found(vaes, VAES) | found(wide, AVX512) | found(vaes && wide, VAES_512)
}

/// The register sets that the operating system saves, XCR0.
fn saved_registers(basic: u32) -> u32 {
    const OSXSAVE: u32 = 27;
    if !all(basic, &[OSXSAVE]) {
        return 0;
    }
    // SAFETY: OSXSAVE is set, so XGETBV exists and XCR0 may be read.
    let saved = unsafe { xcr0() };
    u32::try_from(saved & 0xff).unwrap_or_default()
}

#[target_feature(enable = "xsave")]
fn xcr0() -> u64 {
    // SAFETY: register 0 exists wherever the instruction does.
    unsafe { _xgetbv(0) }
}

fn all(word: u32, bits: &[u32]) -> bool {
    bits.iter().all(|bit| word >> bit & 1 == 1)
}
