//! AES-128 from crate `aes`: without key-dependent tables on every machine.

use aes::{
    Aes128,
    cipher::{Array, BlockCipherEncrypt, KeyInit},
};
use zeroize::ZeroizeOnDrop;

/// The expanded key; the crate wipes it on drop.
#[derive(Clone)]
pub(super) struct Cipher(Aes128);

impl Cipher {
    pub(super) fn new(key: &[u8; 16]) -> Self {
        Self(Aes128::new(&Array(*key)))
    }

    pub(super) fn encrypt(&self, block: [u8; 16]) -> [u8; 16] {
        let mut block = Array(block);
        self.0.encrypt_block(&mut block);
        block.0
    }
}

impl ZeroizeOnDrop for Cipher {}
