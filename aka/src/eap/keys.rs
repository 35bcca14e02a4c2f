//! The keys of EAP-AKA (RFC 4187 §7) and EAP-SIM (RFC 4186 §7), and what all methods have of keys.

use core::fmt;

use sha1::{Digest, Sha1};
use zeroize::Zeroizing;

use super::{MacKey, Method, prf};
use crate::{
    Ck, Ik, Kc,
    kdf::eap_prime::{CkPrime, EapKeys, IkPrime},
    octets::wiped,
};

/// What comes of a master key MK, in EAP-AKA and EAP-SIM.
#[derive(Clone)]
pub struct MkKeys {
    mk: [u8; 20],
    k_encr: [u8; 16],
    k_aut: [u8; 16],
    msk: [[u8; 32]; 2],
    emsk: [[u8; 32]; 2],
}

wiped!(MkKeys: mk, k_encr, k_aut, msk, emsk);

impl MkKeys {
    /// Of a full authentication by EAP-AKA. `identity` is that of the last AT_IDENTITY, octet for
    /// octet, or else of EAP-Response/Identity.
    ///
    /// ```
    /// let keys = aka::eap::MkKeys::aka(
    ///     &"5349fbe098649f948f5d2e973a81c00f".parse()?,
    ///     &"9744871ad32bf9bbd1dd5ce54e3e2e5a".parse()?,
    ///     b"0555444333222111",
    /// );
    /// assert_eq!(keys.k_aut()[..4], [0x18, 0xc0, 0x44, 0x07]);
    /// # Ok::<(), aka::InvalidHex>(())
    /// ```
    pub fn aka(ck: &Ck, ik: &Ik, identity: &[u8]) -> Self {
        Self::of_mk(&digest([identity, ik.expose(), ck.expose()]))
    }

    /// Of a full authentication by EAP-SIM: two or three Kc, NONCE_MT, the server's version list
    /// and the peer's choice, octet for octet.
    pub fn sim<'k>(
        kcs: impl IntoIterator<Item = &'k Kc>,
        identity: &[u8],
        nonce_mt: &[u8; 16],
        (versions, selected): (&[[u8; 2]], u16),
    ) -> Self {
        let mut hash = Sha1::new();
        hash.update(identity);
        for kc in kcs {
            hash.update(kc.expose());
        }
        hash.update(nonce_mt);
        hash.update(versions.as_flattened());
        hash.update(selected.to_be_bytes());
        Self::of_mk(&finish(hash))
    }

    fn of_mk(mk: &Zeroizing<[u8; 20]>) -> Self {
        let mut keys = Self {
            mk: **mk,
            k_encr: [0; 16],
            k_aut: [0; 16],
            msk: [[0; 32]; 2],
            emsk: [[0; 32]; 2],
        };
        let places = keys.k_encr.iter_mut().chain(&mut keys.k_aut);
        let places = places.chain(keys.msk.as_flattened_mut());
        spread::<8>(mk, places.chain(keys.emsk.as_flattened_mut()));
        keys
    }

    /// Of a fast re-authentication: K_encr, K_aut and MK stay, MSK and EMSK are new
    /// (RFC 4187 §7, RFC 4186 §7).
    #[must_use]
    pub fn reauthenticate(&self, identity: &[u8], counter: u16, nonce_s: &[u8; 16]) -> Self {
        let xkey = digest([identity, &counter.to_be_bytes(), nonce_s, &self.mk]);
        let mut keys = self.clone();
        let places = keys.msk.as_flattened_mut().iter_mut();
        spread::<7>(&xkey, places.chain(keys.emsk.as_flattened_mut()));
        keys
    }

    /// Kept over a restart: they have no MSK.
    pub(super) const fn resumed(mk: &[u8; 20], k_encr: &[u8; 16], k_aut: &[u8; 16]) -> Self {
        Self {
            mk: *mk,
            k_encr: *k_encr,
            k_aut: *k_aut,
            msk: [[0; 32]; 2],
            emsk: [[0; 32]; 2],
        }
    }

    fn without_link_keys(&self) -> Self {
        Self::resumed(&self.mk, &self.k_encr, &self.k_aut)
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

impl fmt::Debug for MkKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MkKeys([redacted])")
    }
}

fn digest<const N: usize>(parts: [&[u8]; N]) -> Zeroizing<[u8; 20]> {
    let mut hash = Sha1::new();
    for part in parts {
        hash.update(part);
    }
    finish(hash)
}

/// Straight into a place that is wiped.
fn finish(hash: Sha1) -> Zeroizing<[u8; 20]> {
    let mut digest = Zeroizing::new([0; 20]);
    hash.finalize_into((&mut *digest).into());
    digest
}

/// Fills places from the generator's first `N` blocks.
fn spread<'p, const N: usize>(key: &[u8; 20], places: impl Iterator<Item = &'p mut u8>) {
    let mut stream = Zeroizing::new([[0; 20]; N]);
    prf::fill(key, &mut *stream);
    for (to, from) in places.zip(stream.as_flattened()) {
        *to = *from;
    }
}

/// The keys of an authentication, of any method.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SessionKeys {
    /// Of EAP-SIM.
    Sim(MkKeys),
    /// Of EAP-AKA.
    Aka(MkKeys),
    /// Of EAP-AKA'.
    AkaPrime(EapKeys),
}

impl SessionKeys {
    /// Of EAP-AKA.
    pub fn aka(ck: &Ck, ik: &Ik, identity: &[u8]) -> Self {
        Self::Aka(MkKeys::aka(ck, ik, identity))
    }

    /// Of EAP-AKA', from keys that are already bound to the access network.
    pub fn aka_prime(ck: &CkPrime, ik: &IkPrime, identity: &[u8]) -> Self {
        Self::AkaPrime(EapKeys::derive(ck, ik, identity))
    }

    /// Of a fast re-authentication under these keys.
    #[must_use]
    pub fn reauthenticate(&self, identity: &[u8], counter: u16, nonce_s: &[u8; 16]) -> Self {
        match self {
            Self::Sim(keys) => Self::Sim(keys.reauthenticate(identity, counter, nonce_s)),
            Self::Aka(keys) => Self::Aka(keys.reauthenticate(identity, counter, nonce_s)),
            Self::AkaPrime(keys) => Self::AkaPrime(keys.reauthenticate(identity, counter, nonce_s)),
        }
    }

    /// Without MSK and EMSK, which have done their work.
    pub(super) fn without_link_keys(&self) -> Self {
        match self {
            Self::Sim(keys) => Self::Sim(keys.without_link_keys()),
            Self::Aka(keys) => Self::Aka(keys.without_link_keys()),
            Self::AkaPrime(keys) => Self::AkaPrime(keys.without_link_keys()),
        }
    }

    /// Which method they are of.
    pub const fn method(&self) -> Method {
        match self {
            Self::Sim(_) => Method::Sim,
            Self::Aka(_) => Method::Aka,
            Self::AkaPrime(_) => Method::AkaPrime,
        }
    }

    /// MSK, for the link: 64 octets.
    pub const fn msk(&self) -> &[u8] {
        match self {
            Self::Sim(keys) | Self::Aka(keys) => keys.msk(),
            Self::AkaPrime(keys) => keys.msk(),
        }
    }

    /// EMSK: 64 octets.
    pub const fn emsk(&self) -> &[u8] {
        match self {
            Self::Sim(keys) | Self::Aka(keys) => keys.emsk(),
            Self::AkaPrime(keys) => keys.emsk(),
        }
    }

    /// K_encr, for AT_ENCR_DATA: 16 octets.
    pub const fn k_encr(&self) -> &[u8; 16] {
        match self {
            Self::Sim(keys) | Self::Aka(keys) => keys.k_encr(),
            Self::AkaPrime(keys) => keys.k_encr(),
        }
    }

    /// K_aut, for AT_MAC.
    pub const fn mac_key(&self) -> MacKey<'_> {
        match self {
            Self::Sim(keys) | Self::Aka(keys) => MacKey::Sha1(keys.k_aut()),
            Self::AkaPrime(keys) => MacKey::Sha256(keys.k_aut()),
        }
    }
}
