//! The key derivation function of TS 33.220 §B.2: HMAC-SHA-256 over FC ‖ P0 ‖ L0 ‖ P1 ‖ L1 ...

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{Ck, Ik};

/// The function under a key that is taken in once.
#[derive(Clone)]
pub(crate) struct Kdf(Hmac<Sha256>);

impl Kdf {
    pub(crate) fn new(key: &[u8]) -> Self {
        Self(Hmac::new_from_slice(key).expect("HMAC takes keys of any length"))
    }

    /// Under CK ‖ IK.
    pub(crate) fn of_keys(ck: &Ck, ik: &Ik) -> Self {
        Self::new(&*joined(ck, ik))
    }

    /// Parameters have at most 65535 octets; all of ours are far shorter.
    pub(crate) fn derive(&self, fc: u8, parameters: &[&[u8]]) -> Zeroizing<[u8; 32]> {
        let mut mac = self.0.clone();
        mac.update(&[fc]);
        for parameter in parameters {
            let length = u16::try_from(parameter.len()).unwrap_or(u16::MAX);
            mac.update(parameter);
            mac.update(&length.to_be_bytes());
        }
        let mut output = mac.finalize().into_bytes();
        let derived = Zeroizing::new(output.0);
        zeroize::Zeroize::zeroize(&mut output.0);
        derived
    }

    /// The last 16 octets.
    pub(crate) fn derive_128(&self, fc: u8, parameters: &[&[u8]]) -> Zeroizing<[u8; 16]> {
        let (_, last) = split(&self.derive(fc, parameters));
        last
    }
}

/// CK ‖ IK.
pub(crate) fn joined(ck: &Ck, ik: &Ik) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    for (to, from) in key.iter_mut().zip(ck.expose().iter().chain(ik.expose())) {
        *to = *from;
    }
    key
}

/// The first and the last 16 octets.
pub(crate) fn split(octets: &[u8; 32]) -> (Zeroizing<[u8; 16]>, Zeroizing<[u8; 16]>) {
    let [first @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = *octets;
    let [_, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, last @ ..] = *octets;
    (Zeroizing::new(first), Zeroizing::new(last))
}
