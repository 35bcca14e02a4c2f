//! The home of the default card: it makes challenges.

use aka::{
    Amf, Autn, Imsi, Milenage, Opc, Rand, Sqn,
    network::{Home, MemoryStore, Request},
};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

/// RAND of TS 35.208 test set 1, whose RES, CK and IK the tests know.
pub(crate) const RAND: &str = "23553cbe9637a89d218ae64dae47bf35";
pub(crate) const RES: &str = "a54211d5e3ba50bf";
pub(crate) const CK: &str = "b40ba9a3c58b2a05bbf0d987b21bf8cb";
pub(crate) const IK: &str = "f769bcd751044604127672711c6d3441";

/// An authentication centre with one subscriber.
pub(crate) struct Centre {
    home: Home<MemoryStore<Imsi>>,
    milenage: Milenage,
    imsi: Imsi,
}

impl Centre {
    pub(crate) fn new() -> Self {
        let imsi = "001010000000001".parse().unwrap();
        let k = "465b5ce8b199b49faa5f0a2ee238a6bc".parse().unwrap();
        let opc: Opc = "cd63cb71954a9f4e48a5994e37a02baf".parse().unwrap();
        Self {
            home: Home::new(MemoryStore::new().with(imsi, Sqn::ZERO)),
            milenage: Milenage::new(&k, &opc),
            imsi,
        }
    }

    /// A fresh AUTN, in hex, for the RAND of test set 1.
    pub(crate) fn autn(&self) -> String {
        let rand: Rand = RAND.parse().unwrap();
        let request = Request::new(rand, Amf::SEPARATED);
        let vector = self.home.vector(&self.milenage, &self.imsi, request);
        format!("{:x}", vector.unwrap().autn.hex())
    }

    /// A fresh AUTN for GBA on the card: its MAC is crossed with a digest of IK, so that no other
    /// use of the card can answer it (TS 33.220 §5.3.2).
    pub(crate) fn gba_autn(&self) -> String {
        let autn = hex::decode(self.autn()).unwrap();
        let ik = hex::decode(IK).unwrap();
        let mask = digest(&SHA1_FOR_LEGACY_USE_ONLY, &ik);
        let (rest, mac) = autn.split_at(8);
        let mac = mac.iter().zip(mask.as_ref()).map(|(a, b)| a ^ b);
        hex::encode([rest.to_vec(), mac.collect()].concat())
    }

    /// The query of a fresh challenge.
    pub(crate) fn challenge(&self) -> String {
        format!("/?type=rand-autn&rand={RAND}&autn={}", self.autn())
    }

    /// The body of a fresh challenge in the typed dialects.
    pub(crate) fn body(&self) -> String {
        format!(r#"{{"rand":"{RAND}","autn":"{}"}}"#, self.autn())
    }

    /// Whether the home takes an AUTS for the RAND of test set 1.
    pub(crate) fn takes(&self, auts: &str) -> bool {
        let (rand, auts) = (RAND.parse().unwrap(), auts.parse().unwrap());
        let done = self
            .home
            .resynchronise(&self.milenage, &self.imsi, &rand, &auts);
        done.is_ok()
    }
}

/// An AUTN with a wrong MAC.
pub(crate) fn wrong_autn() -> String {
    format!("{:x}", Autn::new([0x5a; 16]).hex())
}
