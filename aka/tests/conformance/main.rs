//! The standards' own test data: files in `tests/vectors`, one named test for each case.
#![expect(clippy::panic, reason = "a malformed data file fails the test")]

mod gsm_milenage;
mod kdf;
mod milenage;
#[cfg(feature = "suci")]
mod suci;
mod tuak;
mod vectors;
#[cfg(feature = "xor-for-tests")]
mod xor;
