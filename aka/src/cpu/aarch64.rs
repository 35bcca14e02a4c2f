//! What the operating system says about an ARMv8 processor.
//!
//! The configuration `aka_portable` (`RUSTFLAGS="--cfg aka_portable"`) makes every answer no.
#![expect(unsafe_code, reason = "inline assembly")]

use core::arch::asm;

/// The AES instructions, with Advanced SIMD beside them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Armv8Aes(());

cpufeatures::new!(aes_instructions, "aes");

impl Armv8Aes {
    pub(crate) fn detect() -> Option<Self> {
        let found = !cfg!(any(aka_portable, miri)) && aes_instructions::get();
        found.then_some(Self(()))
    }
}

/// Writes zeros over the vector registers, which hold keys until somebody does.
#[target_feature(enable = "neon")]
#[inline]
pub(crate) fn wipe_registers() {
    // SAFETY: Advanced SIMD is there; each register that is written is named as such.
    unsafe {
        asm!(
            "movi v0.2d, #0",
            "movi v1.2d, #0",
            "movi v2.2d, #0",
            "movi v3.2d, #0",
            "movi v4.2d, #0",
            "movi v5.2d, #0",
            "movi v6.2d, #0",
            "movi v7.2d, #0",
            "movi v8.2d, #0",
            "movi v9.2d, #0",
            "movi v10.2d, #0",
            "movi v11.2d, #0",
            "movi v12.2d, #0",
            "movi v13.2d, #0",
            "movi v14.2d, #0",
            "movi v15.2d, #0",
            "movi v16.2d, #0",
            "movi v17.2d, #0",
            "movi v18.2d, #0",
            "movi v19.2d, #0",
            "movi v20.2d, #0",
            "movi v21.2d, #0",
            "movi v22.2d, #0",
            "movi v23.2d, #0",
            "movi v24.2d, #0",
            "movi v25.2d, #0",
            "movi v26.2d, #0",
            "movi v27.2d, #0",
            "movi v28.2d, #0",
            "movi v29.2d, #0",
            "movi v30.2d, #0",
            "movi v31.2d, #0",
            out("v0") _, out("v1") _, out("v2") _, out("v3") _, out("v4") _, out("v5") _, out("v6") _, out("v7") _,
            out("v8") _, out("v9") _, out("v10") _, out("v11") _, out("v12") _, out("v13") _, out("v14") _, out("v15") _,
            out("v16") _, out("v17") _, out("v18") _, out("v19") _, out("v20") _, out("v21") _, out("v22") _, out("v23") _,
            out("v24") _, out("v25") _, out("v26") _, out("v27") _, out("v28") _, out("v29") _, out("v30") _, out("v31") _,
            options(nomem, nostack, preserves_flags)
        );
    }
}
