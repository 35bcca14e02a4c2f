//! What stands in a password's place.

use alloc::vec::Vec;
use core::fmt;

use base64ct::{Base64, Encoding as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::Md5;
use zeroize::{Zeroize as _, Zeroizing};

use crate::{Ck, Ik, Res, kdf::gba::KsNaf};

/// A password of octets, wiped on drop.
#[derive(Clone)]
pub struct Password(Zeroizing<Vec<u8>>);

impl Password {
    /// RES as it is (RFC 3310 §3.3): AKAv1.
    pub fn of_res(res: &Res) -> Self {
        Self(Zeroizing::new(res.expose().to_vec()))
    }

    /// PRF(RES ‖ IK ‖ CK, "http-digest-akav2-password") in base64 (RFC 4169 §3): AKAv2. Another
    /// protocol that runs AKA with the same card does not get hold of it.
    pub fn akav2(res: &Res, ik: &Ik, ck: &Ck) -> Self {
        let mut key = Zeroizing::new([0; Res::MAX_SIZE + Ik::SIZE + Ck::SIZE]);
        let mut size = 0;
        let octets = res.expose().iter().chain(ik.expose()).chain(ck.expose());
        for (to, from) in key.iter_mut().zip(octets) {
            *to = *from;
            size += 1;
        }
        let key = key.get(..size).unwrap_or_default();
        let mut mac = Hmac::<Md5>::new_from_slice(key).expect("HMAC takes keys of any length");
        mac.update(b"http-digest-akav2-password");
        let mut derived = mac.finalize().into_bytes();
        let password = Self::of_base64(&derived);
        derived.zeroize();
        password
    }

    /// Ks_NAF or Ks_ext_NAF in base64 (TS 24.109 §5.2.2).
    pub fn of_ks_naf(key: &KsNaf) -> Self {
        Self::of_base64(key.expose())
    }

    /// None at all, beside an AUTS (RFC 3310 §3.4).
    pub fn empty() -> Self {
        Self(Zeroizing::new(Vec::new()))
    }

    /// Any other.
    pub fn of_octets(octets: &[u8]) -> Self {
        Self(Zeroizing::new(octets.to_vec()))
    }

    pub(super) fn expose(&self) -> &[u8] {
        &self.0
    }

    fn of_base64(octets: &[u8]) -> Self {
        Self(Zeroizing::new(Base64::encode_string(octets).into_bytes()))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password([redacted])")
    }
}
