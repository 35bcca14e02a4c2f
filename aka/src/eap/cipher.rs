//! AES-128 in CBC mode, over whole blocks (RFC 4187 §10.12).

use aes::{
    Aes128,
    cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit},
};

/// What does not fill a block stays as it is; nobody asks for that.
pub(super) fn encrypt(key: &[u8; 16], iv: &[u8; 16], data: &mut [u8]) {
    let cipher = Aes128::new(&Array(*key));
    let mut last = *iv;
    let (blocks, _) = data.as_chunks_mut::<16>();
    for block in blocks {
        let mut next = Array(mixed(block, &last));
        cipher.encrypt_block(&mut next);
        last = next.0;
        *block = last;
    }
}

/// Undoes [`encrypt`].
pub(super) fn decrypt(key: &[u8; 16], iv: &[u8; 16], data: &mut [u8]) {
    let cipher = Aes128::new(&Array(*key));
    let mut last = *iv;
    let (blocks, _) = data.as_chunks_mut::<16>();
    for block in blocks {
        let mut clear = Array(*block);
        cipher.decrypt_block(&mut clear);
        *block = mixed(&clear.0, &core::mem::replace(&mut last, *block));
    }
}

fn mixed(one: &[u8; 16], other: &[u8; 16]) -> [u8; 16] {
    (u128::from_ne_bytes(*one) ^ u128::from_ne_bytes(*other)).to_ne_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_blocks_of_sp_800_38a_f_2_1_come_out_and_go_back() {
        let mut octets = [[0; 16]; 4];
        let hexes = [
            "2b7e151628aed2a6abf7158809cf4f3c",
            "000102030405060708090a0b0c0d0e0f",
            "6bc1bee22e409f96e93d7e117393172a",
            "ae2d8a571e03ac9c9eb76fac45af8e51",
        ];
        for (to, from) in octets.iter_mut().zip(hexes) {
            hex::decode_to_slice(from, to).unwrap();
        }
        let [key, iv, clear @ ..] = octets;
        let mut data = clear;
        encrypt(&key, &iv, data.as_flattened_mut());
        assert_eq!(
            hex::encode(data.as_flattened()),
            "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
        );
        decrypt(&key, &iv, data.as_flattened_mut());
        assert_eq!(data, clear);
    }
}
