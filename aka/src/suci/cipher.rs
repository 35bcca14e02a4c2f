//! What both profiles do with the secret they agreed on: ANSI-X9.63-KDF, AES-128 in CTR mode,
//! HMAC-SHA-256 cut to 64 bits (TS 33.501 §C.3.4).

use aes::{
    Aes128,
    cipher::{Array, BlockCipherEncrypt, KeyInit as _},
};
use hmac::{Hmac, Mac as _};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::SuciError;
use crate::octets::wiped;

const TAG_SIZE: usize = 8;

/// Encryption key ‖ initial counter block, and MAC key.
pub(super) struct Keys {
    encryption: [u8; 32],
    mac: [u8; 32],
}

wiped!(Keys: encryption, mac);

impl Keys {
    /// Two blocks of the key derivation function; the ephemeral public key is SharedInfo1.
    pub(super) fn derive(secret: &[u8; 32], ephemeral: &[u8]) -> Self {
        let block = |number: u32| {
            let digest = Sha256::new()
                .chain_update(secret)
                .chain_update(number.to_be_bytes())
                .chain_update(ephemeral);
            digest.finalize().0
        };
        Self {
            encryption: block(1),
            mac: block(2),
        }
    }

    /// Writes ciphertext and tag; returns how many octets that is.
    pub(super) fn seal(&self, plaintext: &[u8], output: &mut [u8]) -> Result<usize, SuciError> {
        let size = plaintext.len();
        let (ciphertext, rest) = output.split_at_mut_checked(size).ok_or(SuciError)?;
        let tag = rest.first_chunk_mut().ok_or(SuciError)?;
        ciphertext.copy_from_slice(plaintext);
        self.apply_key_stream(ciphertext);
        *tag = self.tag(ciphertext);
        Ok(size + TAG_SIZE)
    }

    /// Checks the tag before it decrypts.
    pub(super) fn open<'a>(
        &self,
        sealed: &[u8],
        plaintext: &'a mut [u8],
    ) -> Result<&'a [u8], SuciError> {
        let (ciphertext, tag) = sealed.split_last_chunk::<TAG_SIZE>().ok_or(SuciError)?;
        if !bool::from(self.tag(ciphertext).ct_eq(tag)) {
            return Err(SuciError);
        }
        let plaintext = plaintext.get_mut(..ciphertext.len()).ok_or(SuciError)?;
        plaintext.copy_from_slice(ciphertext);
        self.apply_key_stream(plaintext);
        Ok(plaintext)
    }

    fn apply_key_stream(&self, text: &mut [u8]) {
        let [key @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = self.encryption;
        let [_, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, counter @ ..] = self.encryption;
        let cipher = Aes128::new(&Array(key));
        let mut counter = u128::from_be_bytes(counter);
        for chunk in text.chunks_mut(16) {
            let mut stream = Array(counter.to_be_bytes());
            cipher.encrypt_block(&mut stream);
            for (octet, mask) in chunk.iter_mut().zip(stream.0) {
                *octet ^= mask;
            }
            counter = counter.wrapping_add(1);
        }
    }

    fn tag(&self, ciphertext: &[u8]) -> [u8; TAG_SIZE] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.mac).expect("any length will do");
        mac.update(ciphertext);
        let [
            tag @ ..,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
        ] = mac.finalize().into_bytes().0;
        tag
    }
}
