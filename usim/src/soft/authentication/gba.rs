//! GBA_U on the card (TS 33.220 §5.3.2, annex B).

use aka::{Autn, Ck, Ik, Mac, Rand};
use ring::{digest, hmac};

use crate::KsExtNaf;

/// Ks of the last bootstrapping, and its RAND.
pub(super) struct Bootstrapped {
    ks: hmac::Key,
    rand: Rand,
}

impl Bootstrapped {
    /// Ks = CK ‖ IK.
    pub(super) fn new(rand: Rand, ck: &Ck, ik: &Ik) -> Self {
        let mut ks = zeroize::Zeroizing::new([0; 32]);
        for (to, from) in ks.iter_mut().zip(ck.expose().iter().chain(ik.expose())) {
            *to = *from;
        }
        Self {
            ks: hmac::Key::new(hmac::HMAC_SHA256, &*ks),
            rand,
        }
    }

    /// Ks_ext_NAF = KDF(Ks, "gba-me", RAND, IMPI, NAF_ID), with FC = 01 (annex B.3).
    pub(super) fn external_key(&self, naf_id: &[u8], impi: &[u8]) -> KsExtNaf {
        let mut context = hmac::Context::with_key(&self.ks);
        context.update(&[0x01]);
        for parameter in [b"gba-me", self.rand.as_bytes().as_slice(), impi, naf_id] {
            let length = u16::try_from(parameter.len()).unwrap_or(u16::MAX);
            context.update(parameter);
            context.update(&length.to_be_bytes());
        }
        let tag = context.sign();
        KsExtNaf::new(tag.as_ref().try_into().expect("HMAC-SHA-256 has 32 octets"))
    }
}

impl std::fmt::Debug for Bootstrapped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bootstrapped([redacted])")
    }
}

/// The AUTN that the home made, from the one that the BSF sends: MAC = MAC* ⊕ Trunc(SHA-1(IK)).
pub(super) fn unmask(autn: &Autn, ik: &Ik) -> Autn {
    let mask = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, ik.expose());
    let mut mac = *autn.mac().as_bytes();
    for (octet, mask) in mac.iter_mut().zip(mask.as_ref()) {
        *octet ^= mask;
    }
    Autn::from_parts(autn.concealed_sqn(), autn.amf(), Mac::new(mac))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_naf_key_is_that_of_the_kdf_of_ts_33_220() {
        let ck = "b40ba9a3c58b2a05bbf0d987b21bf8cb".parse().unwrap();
        let ik = "f769bcd751044604127672711c6d3441".parse().unwrap();
        let rand = "23553cbe9637a89d218ae64dae47bf35".parse().unwrap();
        let naf_id = b"xcap.ims.mnc093.mcc208.pub.3gppnetwork.org\x01\x00\x00\x00\x02";
        let impi = b"208930000000001@ims.mnc093.mcc208.3gppnetwork.org";
        let key = Bootstrapped::new(rand, &ck, &ik).external_key(naf_id, impi);
        assert_eq!(
            hex::encode(key.expose()),
            "819864403a24fee3dc28d858404032f7304afaf457e6683b8d9fb2a6f45af4b7"
        );
    }

    #[test]
    fn unmasking_twice_gives_the_token_back() {
        let ik = Ik::new([7; 16]);
        let autn = Autn::new([9; 16]);
        let masked = unmask(&autn, &ik);
        assert_ne!(masked.mac(), autn.mac());
        assert_eq!(masked.concealed_sqn(), autn.concealed_sqn());
        assert_eq!(unmask(&masked, &ik), autn);
    }
}
