//! 5GS: the 5G home vector and the key hierarchy (TS 33.501 Annex A).
//!
//! ```
//! use aka::{Autn, Ck, Ik, Rand, Res, kdf::five_g::{HomeKeys, ServingNetworkName}};
//!
//! let ck: Ck = "b40ba9a3c58b2a05bbf0d987b21bf8cb".parse()?;
//! let ik: Ik = "f769bcd751044604127672711c6d3441".parse()?;
//! let autn: Autn = "55f328b43577b9b94a9ffac354dfafb3".parse()?;
//! let rand: Rand = "23553cbe9637a89d218ae64dae47bf35".parse()?;
//! let xres: Res = "a54211d5e3ba50bf".parse()?;
//! let network: ServingNetworkName = "5G:mnc093.mcc208.3gppnetwork.org".parse()?;
//!
//! // the home: CK and IK are taken in once for both; `HomeVector` does the same to a vector
//! let keys = HomeKeys::new(&ck, &ik, network);
//! let (kausf, xres_star) = keys.both(&rand, &autn, &xres);
//! // the serving network gets HXRES* and, when the answer fits it, KSEAF
//! let hxres_star = xres_star.hash(&rand);
//! let kamf = kausf.kseaf(&network).kamf("208930000000001", &[0, 0]);
//! # assert_eq!(format!("{:x}", hxres_star.hex()), "6970075e3c8245fdc2073003cf166279");
//! # assert_eq!(format!("{:x}", kamf.expose_hex()), "9d63b519775a92ca861ca6a50d848fa8ebf160ea7b73735a85b33737e73c55b4");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod home_vector;
mod mobility;
mod node;
mod serving_network;
mod update;

pub use home_vector::HomeVector;
pub use mobility::{InvalidCell, Mobility, TargetCell};
pub use node::{Kiab, Ksn, TnapKey, TnapUse};
pub use serving_network::{InvalidNid, InvalidServingNetwork, Nid, ServingNetworkName};
pub use update::{SorMac, UpuMac};

use core::fmt;

use sha2::{Digest, Sha256};

pub use super::eps::{AlgorithmKey, TrafficKey};
use super::{
    eps::algorithm_key,
    function::{Kdf, split},
};
use crate::{
    Autn, Ck, Ik, Rand, Res,
    octets::{public_octets, secret_octets},
};

secret_octets! {
    /// K_AUSF: 32 octets (§A.2).
    Kausf, 32
}

secret_octets! {
    /// K_SEAF: 32 octets (§A.6).
    Kseaf, 32
}

secret_octets! {
    /// K_AMF: 32 octets (§A.7).
    Kamf, 32
}

secret_octets! {
    /// K_gNB, K_ng-eNB, K_N3IWF, K_TNGF, K_TWIF or K_WAGF: 32 octets (§A.9).
    Kgnb, 32
}

secret_octets! {
    /// The next hop NH: 32 octets (§A.10).
    Nh, 32
}

secret_octets! {
    /// RES* or XRES*: 16 octets (§A.4).
    ResStar, 16
}

public_octets! {
    /// HRES* or HXRES*: 16 octets (§A.5).
    HresStar, 16
}

/// How the terminal is connected (§A.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "TS 33.501 §A.9 closes the set")]
pub enum AccessType {
    /// NR: the key is K_gNB.
    ThreeGpp,
    /// Wi-Fi, cable and the like: the key is K_N3IWF, K_TNGF, K_TWIF or K_WAGF.
    NonThreeGpp,
}

/// CK and IK for one serving network, taken in once for K_AUSF and XRES*.
#[derive(Clone)]
pub struct HomeKeys {
    kdf: Kdf,
    network: ServingNetworkName,
}

impl HomeKeys {
    /// Takes CK and IK in.
    pub fn new(ck: &Ck, ik: &Ik, network: ServingNetworkName) -> Self {
        let kdf = Kdf::of_keys(ck, ik);
        Self { kdf, network }
    }

    /// K_AUSF of 5G AKA (§A.2); that of EAP-AKA' comes from the EMSK, see [`Kausf::of_emsk`].
    pub fn kausf(&self, autn: &Autn) -> Kausf {
        let parameters: [&[u8]; 2] = [self.name(), &autn.concealed_sqn()];
        Kausf::new(*self.kdf.derive(0x6a, &parameters))
    }

    /// RES* of RES, or XRES* of XRES (§A.4).
    pub fn res_star(&self, rand: &Rand, res: &Res) -> ResStar {
        let parameters: [&[u8]; 3] = [self.name(), rand.as_bytes(), res.expose()];
        ResStar::new(*self.kdf.derive_128(0x6b, &parameters))
    }

    /// K_AUSF and RES* of RES, or XRES* of XRES: both in hardly more time than one of them.
    pub fn both(&self, rand: &Rand, autn: &Autn, res: &Res) -> (Kausf, ResStar) {
        let kausf: [&[u8]; 2] = [self.name(), &autn.concealed_sqn()];
        let res_star: [&[u8]; 3] = [self.name(), rand.as_bytes(), res.expose()];
        let (kausf, res_star) = self.kdf.derive_two((0x6a, &kausf), (0x6b, &res_star));
        (Kausf::new(*kausf), ResStar::new(res_star.last_half()))
    }

    fn name(&self) -> &[u8] {
        self.network.as_str().as_bytes()
    }
}

impl fmt::Debug for HomeKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HomeKeys([redacted])")
    }
}

impl ResStar {
    /// HRES* of RES*, or HXRES* of XRES* (§A.5).
    pub fn hash(&self, rand: &Rand) -> HresStar {
        let digest = Sha256::new()
            .chain_update(rand.as_bytes())
            .chain_update(self.expose());
        let (_, last) = split(&digest.finalize().0);
        HresStar::new(*last)
    }

    /// Whether both are the same, in constant time.
    pub fn verify(&self, other: &Self) -> bool {
        subtle::ConstantTimeEq::ct_eq(self, other).into()
    }
}

impl Kausf {
    /// K_AUSF of EAP-AKA': the first 256 bits of the EMSK (§6.1.3.1).
    pub fn of_emsk(emsk: &[u8; 64]) -> Self {
        let mut kausf = zeroize::Zeroizing::new([0; 32]);
        for (to, from) in kausf.iter_mut().zip(emsk) {
            *to = *from;
        }
        Self::new(*kausf)
    }

    /// K_SEAF (§A.6).
    pub fn kseaf(&self, network: &ServingNetworkName) -> Kseaf {
        let name = network.as_str().as_bytes();
        Kseaf::new(*Kdf::new(self.expose()).derive(0x6c, &[name]))
    }
}

impl Kseaf {
    /// K_AMF (§A.7) for the SUPI as §A.7.0 wants it, of an IMSI the digits alone; ABBA is 0000
    /// unless somebody says otherwise.
    pub fn kamf(&self, supi: &str, abba: &[u8]) -> Kamf {
        Kamf::new(*Kdf::new(self.expose()).derive(0x6d, &[supi.as_bytes(), abba]))
    }
}

impl Kamf {
    /// K_gNB or K_N3IWF for the uplink NAS COUNT (§A.9).
    pub fn kgnb(&self, uplink_nas_count: u32, access: AccessType) -> Kgnb {
        let access = match access {
            AccessType::ThreeGpp => 1,
            AccessType::NonThreeGpp => 2,
        };
        let parameters: [&[u8]; 2] = [&uplink_nas_count.to_be_bytes(), &[access]];
        Kgnb::new(*Kdf::new(self.expose()).derive(0x6e, &parameters))
    }

    /// NH after the initial K_gNB (§A.10).
    pub fn first_nh(&self, kgnb: &Kgnb) -> Nh {
        Nh::new(*Kdf::new(self.expose()).derive(0x6f, &[kgnb.expose()]))
    }

    /// NH after another (§A.10).
    pub fn next_nh(&self, nh: &Nh) -> Nh {
        Nh::new(*Kdf::new(self.expose()).derive(0x6f, &[nh.expose()]))
    }

    /// A NAS key for the algorithm with this identity, 0 to 15 (§A.8).
    pub fn algorithm_key(&self, purpose: AlgorithmKey, algorithm: u8) -> TrafficKey {
        algorithm_key(self.expose(), 0x69, purpose, algorithm)
    }

    /// K_NASenc and K_NASint (§A.8); K_AMF is taken in once for both.
    pub fn nas_keys(&self, encryption: u8, integrity: u8) -> [TrafficKey; 2] {
        let kdf = Kdf::new(self.expose());
        let keys = [
            (AlgorithmKey::NasEncryption, encryption),
            (AlgorithmKey::NasIntegrity, integrity),
        ];
        keys.map(|(purpose, algorithm)| keyed(&kdf, purpose, algorithm))
    }
}

/// The keys of the radio between a terminal and its node (§A.8).
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "TS 33.501 §A.8 closes the set")]
pub struct RadioKeys {
    /// K_RRCenc.
    pub rrc_encryption: TrafficKey,
    /// K_RRCint.
    pub rrc_integrity: TrafficKey,
    /// K_UPenc.
    pub user_plane_encryption: TrafficKey,
    /// K_UPint.
    pub user_plane_integrity: TrafficKey,
}

impl Kgnb {
    /// All keys of the radio for one pair of algorithms (§A.8); K_gNB is taken in once for them.
    pub fn radio_keys(&self, encryption: u8, integrity: u8) -> RadioKeys {
        let kdf = Kdf::new(self.expose());
        RadioKeys {
            rrc_encryption: keyed(&kdf, AlgorithmKey::RrcEncryption, encryption),
            rrc_integrity: keyed(&kdf, AlgorithmKey::RrcIntegrity, integrity),
            user_plane_encryption: keyed(&kdf, AlgorithmKey::UserPlaneEncryption, encryption),
            user_plane_integrity: keyed(&kdf, AlgorithmKey::UserPlaneIntegrity, integrity),
        }
    }

    /// An AS key for the algorithm with this identity, 0 to 15 (§A.8).
    pub fn algorithm_key(&self, purpose: AlgorithmKey, algorithm: u8) -> TrafficKey {
        algorithm_key(self.expose(), 0x69, purpose, algorithm)
    }
}

fn keyed(kdf: &Kdf, purpose: AlgorithmKey, algorithm: u8) -> TrafficKey {
    let parameters: [&[u8]; 2] = [&[purpose.distinguisher()], &[algorithm]];
    TrafficKey::new(*kdf.derive_128(0x69, &parameters))
}
