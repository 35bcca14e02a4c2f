//! What this processor can do, found out once, and the proofs that it can.

#[cfg(target_arch = "x86_64")]
pub(crate) use x86_64::{
    AesNi, Avx2, Avx512, ShaNi, Vaes, Vaes512, wipe_registers, wipe_wide_registers,
};

#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
pub(crate) use aarch64::{Armv8Aes, wipe_registers};

#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
mod aarch64;
#[cfg(target_arch = "x86_64")]
mod x86_64;
