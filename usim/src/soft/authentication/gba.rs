//! GBA_U on the card (TS 33.220 §5.3.2).

use aka::{
    Ck, Ik, Rand,
    kdf::gba::{Ks, NafKey},
};

use crate::KsExtNaf;

/// Ks of the last bootstrapping, and its RAND.
#[derive(Debug)]
pub(super) struct Bootstrapped {
    ks: Ks,
    rand: Rand,
}

impl Bootstrapped {
    pub(super) fn new(rand: Rand, ck: &Ck, ik: &Ik) -> Self {
        let ks = Ks::new(ck, ik);
        Self { ks, rand }
    }

    /// Ks_ext_NAF (annex B.3).
    pub(super) fn external_key(&self, naf_id: &[u8], impi: &[u8]) -> KsExtNaf {
        let key = self
            .ks
            .naf_key_of_octets(NafKey::Me, &self.rand, impi, naf_id);
        KsExtNaf::new(*key.expose())
    }
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
}
