//! The keys of EAP-AKA (RFC 4187 §7), and what both methods have of keys.

use core::fmt;

use sha1::{Digest, Sha1};
use zeroize::Zeroizing;

use super::{MacKey, Method, prf};
use crate::{
    Ck, Ik,
    kdf::eap_prime::{CkPrime, EapKeys, IkPrime},
    octets::wiped,
};

/// What EAP-AKA makes of CK and IK in a full authentication (RFC 4187 §7).
#[derive(Clone)]
pub struct AkaKeys {
    mk: [u8; 20],
    k_encr: [u8; 16],
    k_aut: [u8; 16],
    msk: [[u8; 32]; 2],
    emsk: [[u8; 32]; 2],
}

wiped!(AkaKeys: mk, k_encr, k_aut, msk, emsk);

impl AkaKeys {
    /// `identity` is that of the last AT_IDENTITY, octet for octet, or else of
    /// EAP-Response/Identity.
    ///
    /// ```
    /// let keys = aka::eap::AkaKeys::derive(
    ///     &"5349fbe098649f948f5d2e973a81c00f".parse()?,
    ///     &"9744871ad32bf9bbd1dd5ce54e3e2e5a".parse()?,
    ///     b"0555444333222111",
    /// );
    /// assert_eq!(keys.k_aut()[..4], [0x18, 0xc0, 0x44, 0x07]);
    /// # Ok::<(), aka::InvalidHex>(())
    /// ```
    pub fn derive(ck: &Ck, ik: &Ik, identity: &[u8]) -> Self {
        let mut hash = Sha1::new();
        for part in [identity, ik.expose(), ck.expose()] {
            hash.update(part);
        }
        let mk = hash.finalize().0;
        let mut stream = Zeroizing::new([[0; 20]; 8]);
        prf::fill(&mk, &mut *stream);
        let mut keys = Self {
            mk,
            k_encr: [0; 16],
            k_aut: [0; 16],
            msk: [[0; 32]; 2],
            emsk: [[0; 32]; 2],
        };
        let places = keys.k_encr.iter_mut().chain(&mut keys.k_aut);
        let places = places.chain(keys.msk.as_flattened_mut());
        let places = places.chain(keys.emsk.as_flattened_mut());
        for (to, from) in places.zip(stream.as_flattened()) {
            *to = *from;
        }
        keys
    }

    /// The master key MK: 20 octets; fast re-authentication derives from it.
    pub const fn mk(&self) -> &[u8; 20] {
        &self.mk
    }

    /// K_encr, for AT_ENCR_DATA: 16 octets.
    pub const fn k_encr(&self) -> &[u8; 16] {
        &self.k_encr
    }

    /// K_aut, for AT_MAC: 16 octets.
    pub const fn k_aut(&self) -> &[u8; 16] {
        &self.k_aut
    }

    /// MSK: 64 octets.
    pub const fn msk(&self) -> &[u8] {
        self.msk.as_flattened()
    }

    /// EMSK: 64 octets.
    pub const fn emsk(&self) -> &[u8] {
        self.emsk.as_flattened()
    }
}

impl fmt::Debug for AkaKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AkaKeys([redacted])")
    }
}

/// The keys of a full authentication, of either method.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SessionKeys {
    /// Of EAP-AKA.
    Aka(AkaKeys),
    /// Of EAP-AKA'.
    AkaPrime(EapKeys),
}

impl SessionKeys {
    /// Of EAP-AKA.
    pub fn aka(ck: &Ck, ik: &Ik, identity: &[u8]) -> Self {
        Self::Aka(AkaKeys::derive(ck, ik, identity))
    }

    /// Of EAP-AKA', from keys that are already bound to the access network.
    pub fn aka_prime(ck: &CkPrime, ik: &IkPrime, identity: &[u8]) -> Self {
        Self::AkaPrime(EapKeys::derive(ck, ik, identity))
    }

    /// Which method they are of.
    pub const fn method(&self) -> Method {
        match self {
            Self::Aka(_) => Method::Aka,
            Self::AkaPrime(_) => Method::AkaPrime,
        }
    }

    /// MSK, for the link: 64 octets.
    pub const fn msk(&self) -> &[u8] {
        match self {
            Self::Aka(keys) => keys.msk(),
            Self::AkaPrime(keys) => keys.msk(),
        }
    }

    /// EMSK: 64 octets.
    pub const fn emsk(&self) -> &[u8] {
        match self {
            Self::Aka(keys) => keys.emsk(),
            Self::AkaPrime(keys) => keys.emsk(),
        }
    }

    /// K_aut, for AT_MAC.
    pub const fn mac_key(&self) -> MacKey<'_> {
        match self {
            Self::Aka(keys) => MacKey::Sha1(keys.k_aut()),
            Self::AkaPrime(keys) => MacKey::Sha256(keys.k_aut()),
        }
    }
}
