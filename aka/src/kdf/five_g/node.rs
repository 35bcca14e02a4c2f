//! Keys of nodes beside the first: dual connectivity, trusted Wi-Fi, relays.

use core::net::IpAddr;

use super::{AlgorithmKey, Kgnb, TrafficKey, algorithm_key};
use crate::{
    kdf::function::{Derived, Kdf},
    octets::secret_octets,
};

secret_octets! {
    /// K_SN of a secondary node: 32 octets (§A.16).
    Ksn, 32
}

secret_octets! {
    /// K_TIPSec, K_TNAP or K_FT: 32 octets (§A.22).
    TnapKey, 32
}

secret_octets! {
    /// K_IAB, the pre-shared key of an F1 interface: 32 octets (§A.23).
    Kiab, 32
}

/// What a [`TnapKey`] is for: the usage type distinguisher (§A.22).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "TS 33.501 §A.22 closes the set")]
pub enum TnapUse {
    /// K_TIPSec: IPsec between terminal and gateway.
    Ipsec,
    /// K_TNAP: the access point.
    AccessPoint,
    /// K_FT: fast transition between access points.
    FastTransition,
}

impl Kgnb {
    /// K_SN for a secondary node; a counter is never used twice with the same key (§A.16).
    pub fn ksn(&self, sn_counter: u16) -> Ksn {
        Ksn::new(*Kdf::new(self.expose()).derive(0x79, &[&sn_counter.to_be_bytes()]))
    }

    /// A key of trusted non-3GPP access, of K_TNGF or K_TWIF (§A.22).
    pub fn tnap_key(&self, of: TnapUse) -> TnapKey {
        let usage = match of {
            TnapUse::Ipsec => 1,
            TnapUse::AccessPoint => 2,
            TnapUse::FastTransition => 3,
        };
        TnapKey::new(*Kdf::new(self.expose()).derive(0x84, &[&[usage]]))
    }

    /// K_IAB between an IAB-donor and an IAB-node, by their addresses (§A.23).
    pub fn kiab(&self, donor: IpAddr, node: IpAddr) -> Kiab {
        Kiab::new(*kiab(self.expose(), donor, node))
    }
}

impl Ksn {
    /// An AS key for the algorithm with this identity, 0 to 15 (§A.8).
    pub fn algorithm_key(&self, purpose: AlgorithmKey, algorithm: u8) -> TrafficKey {
        algorithm_key(self.expose(), 0x69, purpose, algorithm)
    }

    /// K_IAB between an IAB-donor and an IAB-node in dual connectivity (§A.23).
    pub fn kiab(&self, donor: IpAddr, node: IpAddr) -> Kiab {
        Kiab::new(*kiab(self.expose(), donor, node))
    }
}

fn kiab(key: &[u8; 32], donor: IpAddr, node: IpAddr) -> Derived {
    let (donor, node) = (Octets::from(donor), Octets::from(node));
    Kdf::new(key).derive(0x83, &[donor.as_bytes(), node.as_bytes()])
}

/// An address as it goes over the wire.
enum Octets {
    V4([u8; 4]),
    V6([u8; 16]),
}

impl Octets {
    const fn as_bytes(&self) -> &[u8] {
        match self {
            Self::V4(octets) => octets,
            Self::V6(octets) => octets,
        }
    }
}

impl From<IpAddr> for Octets {
    fn from(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::V4(address.octets()),
            IpAddr::V6(address) => Self::V6(address.octets()),
        }
    }
}
