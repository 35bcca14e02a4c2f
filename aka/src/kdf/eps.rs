//! EPS: from CK and IK to the keys of NAS and AS (TS 33.401 Annex A).
//!
//! ```
//! use aka::{Autn, Ck, Ik, Plmn, kdf::eps::{self, AlgorithmKey}};
//!
//! let ck: Ck = "b40ba9a3c58b2a05bbf0d987b21bf8cb".parse()?;
//! let ik: Ik = "f769bcd751044604127672711c6d3441".parse()?;
//! let autn: Autn = "55f328b43577b9b94a9ffac354dfafb3".parse()?;
//!
//! let kasme = eps::kasme(&ck, &ik, &Plmn::new("208", "93")?, &autn);
//! let integrity = kasme.algorithm_key(AlgorithmKey::NasIntegrity, 2);
//! let kenb = kasme.kenb(0);
//! # assert_eq!(format!("{:x}", kenb.expose_hex()), "1221d2b558e3f2403b6115b5e103535f72c300cede7b330b7975d0da633eaa0e");
//! # assert_eq!(integrity.expose().len(), 16);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use super::function::Kdf;
use crate::{Autn, Ck, Ik, Plmn, octets::secret_octets};

secret_octets! {
    /// K_ASME: 32 octets (§A.2).
    Kasme, 32
}

secret_octets! {
    /// K_eNB, or K_eNB*: 32 octets (§A.3, §A.5).
    Kenb, 32
}

secret_octets! {
    /// The next hop NH: 32 octets (§A.4).
    Nh, 32
}

secret_octets! {
    /// A key for one algorithm: 16 octets (§A.7).
    TrafficKey, 16
}

/// What a [`TrafficKey`] is for: the algorithm type distinguisher (§A.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "TS 33.401 §A.7 closes the set")]
pub enum AlgorithmKey {
    /// K_NASenc.
    NasEncryption,
    /// K_NASint.
    NasIntegrity,
    /// K_RRCenc.
    RrcEncryption,
    /// K_RRCint.
    RrcIntegrity,
    /// K_UPenc.
    UserPlaneEncryption,
    /// K_UPint.
    UserPlaneIntegrity,
}

impl AlgorithmKey {
    pub(super) const fn distinguisher(self) -> u8 {
        match self {
            Self::NasEncryption => 1,
            Self::NasIntegrity => 2,
            Self::RrcEncryption => 3,
            Self::RrcIntegrity => 4,
            Self::UserPlaneEncryption => 5,
            Self::UserPlaneIntegrity => 6,
        }
    }
}

/// K_ASME for the serving network (§A.2).
pub fn kasme(ck: &Ck, ik: &Ik, serving_network: &Plmn, autn: &Autn) -> Kasme {
    let parameters: [&[u8]; 2] = [&serving_network.to_bytes(), &autn.concealed_sqn()];
    Kasme::new(*Kdf::of_keys(ck, ik).derive(0x10, &parameters))
}

impl Kasme {
    /// K_eNB for the uplink NAS COUNT (§A.3).
    pub fn kenb(&self, uplink_nas_count: u32) -> Kenb {
        let count = uplink_nas_count.to_be_bytes();
        Kenb::new(*Kdf::new(self.expose()).derive(0x11, &[&count]))
    }

    /// NH after the initial K_eNB (§A.4).
    pub fn first_nh(&self, kenb: &Kenb) -> Nh {
        Nh::new(*Kdf::new(self.expose()).derive(0x12, &[kenb.expose()]))
    }

    /// NH after another (§A.4).
    pub fn next_nh(&self, nh: &Nh) -> Nh {
        Nh::new(*Kdf::new(self.expose()).derive(0x12, &[nh.expose()]))
    }

    /// A NAS key for the algorithm with this identity, 0 to 15 (§A.7).
    pub fn algorithm_key(&self, purpose: AlgorithmKey, algorithm: u8) -> TrafficKey {
        algorithm_key(self.expose(), 0x15, purpose, algorithm)
    }
}

impl Kenb {
    /// K_eNB* of K_eNB at a handover (§A.5).
    #[must_use]
    pub fn star(&self, pci: u16, earfcn_dl: u32) -> Self {
        star(self.expose(), pci, earfcn_dl)
    }

    /// An AS key for the algorithm with this identity, 0 to 15 (§A.7).
    pub fn algorithm_key(&self, purpose: AlgorithmKey, algorithm: u8) -> TrafficKey {
        algorithm_key(self.expose(), 0x15, purpose, algorithm)
    }
}

impl Nh {
    /// K_eNB* of NH at a handover (§A.5).
    pub fn star(&self, pci: u16, earfcn_dl: u32) -> Kenb {
        star(self.expose(), pci, earfcn_dl)
    }
}

/// EARFCN-DL has 2 octets, and 3 where it does not fit in them; it is below 2^18.
fn star(key: &[u8; 32], pci: u16, earfcn_dl: u32) -> Kenb {
    let [_, octets @ ..] = earfcn_dl.to_be_bytes();
    let earfcn_dl = match &octets {
        [0, short @ ..] => &short[..],
        long => &long[..],
    };
    let parameters: [&[u8]; 2] = [&pci.to_be_bytes(), earfcn_dl];
    Kenb::new(*Kdf::new(key).derive(0x13, &parameters))
}

pub(super) fn algorithm_key(
    key: &[u8; 32],
    fc: u8,
    purpose: AlgorithmKey,
    algorithm: u8,
) -> TrafficKey {
    let parameters: [&[u8]; 2] = [&[purpose.distinguisher()], &[algorithm]];
    TrafficKey::new(*Kdf::new(key).derive_128(fc, &parameters))
}
