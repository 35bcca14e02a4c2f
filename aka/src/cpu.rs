//! What this processor can do, found out once, and the proofs that it can.

#[cfg(target_arch = "x86_64")]
pub(crate) use x86_64::{
    AesNi, Avx2, Avx512, ShaNi, Vaes, Vaes512, wipe_registers, wipe_wide_registers,
};

#[cfg(target_arch = "x86_64")]
mod x86_64;
