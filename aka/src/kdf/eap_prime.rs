//! EAP-AKA': CK' and IK' (TS 33.402 §A.2), and the keys of EAP (RFC 9048 §3.3, §3.4).

use core::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::function::{Kdf, joined, split};
use crate::{
    Autn, Ck, Ik,
    octets::{secret_octets, wiped},
};

secret_octets! {
    /// CK': 16 octets.
    CkPrime, 16
}

secret_octets! {
    /// IK': 16 octets.
    IkPrime, 16
}

/// CK' and IK' for an access network, as AT_KDF_INPUT names it. Derive them exactly once: the
/// home does for EAP-AKA' (TS 33.402 §6.2), or the peer.
pub fn prime_keys(ck: &Ck, ik: &Ik, network_name: &[u8], autn: &Autn) -> (CkPrime, IkPrime) {
    let derived = Kdf::of_keys(ck, ik).derive(0x20, &[network_name, &autn.concealed_sqn()]);
    let (first, last) = split(&derived);
    (CkPrime::new(*first), IkPrime::new(*last))
}

/// What EAP-AKA' makes of CK' and IK' (RFC 9048 §3.3).
#[derive(Clone)]
pub struct EapKeys {
    /// K_encr, for AT_ENCR_DATA.
    k_encr: [u8; 16],
    /// K_aut, for AT_MAC.
    k_aut: [u8; 32],
    /// K_re, for fast re-authentication.
    k_re: [u8; 32],
    /// MSK.
    msk: [[u8; 32]; 2],
    /// EMSK.
    emsk: [[u8; 32]; 2],
}

wiped!(EapKeys: k_encr, k_aut, k_re, msk, emsk);

impl EapKeys {
    /// Of a full authentication; `identity` is that of the last AT_IDENTITY, octet for octet, or
    /// else of EAP-Response/Identity.
    pub fn derive(ck: &CkPrime, ik: &IkPrime, identity: &[u8]) -> Self {
        let key = joined(&Ck::new(*ck.expose()), &Ik::new(*ik.expose()));
        // PRF' = HMAC-SHA-256(K, IK' | CK'): the other way round than in CK ‖ IK
        let (ck, ik) = split(&key);
        let mut key = Zeroizing::new([0; 32]);
        for (to, from) in key.iter_mut().zip(ik.iter().chain(&*ck)) {
            *to = *from;
        }
        let seed = [&b"EAP-AKA'"[..], identity];
        let mut stream = Prf::new(&*key, &seed);
        let mut keys = Self {
            k_encr: [0; 16],
            k_aut: [0; 32],
            k_re: [0; 32],
            msk: [[0; 32]; 2],
            emsk: [[0; 32]; 2],
        };
        stream.fill(&mut keys.k_encr);
        stream.fill(&mut keys.k_aut);
        stream.fill(&mut keys.k_re);
        stream.fill(keys.msk.as_flattened_mut());
        stream.fill(keys.emsk.as_flattened_mut());
        keys
    }

    /// Of a fast re-authentication: K_encr, K_aut and K_re stay, MSK and EMSK are new
    /// (RFC 9048 §3.3).
    #[must_use]
    pub fn reauthenticate(&self, identity: &[u8], counter: u16, nonce_s: &[u8; 16]) -> Self {
        let counter = counter.to_be_bytes();
        let seed = [&b"EAP-AKA' re-auth"[..], identity, &counter, nonce_s];
        let mut stream = Prf::new(&self.k_re, &seed);
        let mut keys = self.clone();
        stream.fill(keys.msk.as_flattened_mut());
        stream.fill(keys.emsk.as_flattened_mut());
        keys
    }

    #[cfg(feature = "eap")]
    pub(crate) const fn without_link_keys(&self) -> Self {
        Self::resumed(&self.k_encr, &self.k_aut, &self.k_re)
    }

    /// Kept over a restart: they have no MSK.
    #[cfg(feature = "eap")]
    pub(crate) const fn resumed(k_encr: &[u8; 16], k_aut: &[u8; 32], k_re: &[u8; 32]) -> Self {
        Self {
            k_encr: *k_encr,
            k_aut: *k_aut,
            k_re: *k_re,
            msk: [[0; 32]; 2],
            emsk: [[0; 32]; 2],
        }
    }

    /// K_encr: 16 octets.
    pub const fn k_encr(&self) -> &[u8; 16] {
        &self.k_encr
    }

    /// K_aut: 32 octets.
    pub const fn k_aut(&self) -> &[u8; 32] {
        &self.k_aut
    }

    /// K_re: 32 octets.
    pub const fn k_re(&self) -> &[u8; 32] {
        &self.k_re
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

impl fmt::Debug for EapKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EapKeys([redacted])")
    }
}

/// PRF' (RFC 9048 §3.4.1): T1 = HMAC(K, S ‖ 01), T2 = HMAC(K, T1 ‖ S ‖ 02), ...
struct Prf<'a> {
    mac: Hmac<Sha256>,
    seed: &'a [&'a [u8]],
    block: Zeroizing<[u8; 32]>,
    used: usize,
    count: u8,
}

impl<'a> Prf<'a> {
    fn new(key: &[u8], seed: &'a [&'a [u8]]) -> Self {
        Self {
            mac: Hmac::new_from_slice(key).expect("HMAC takes keys of any length"),
            seed,
            block: Zeroizing::new([0; 32]),
            used: 32,
            count: 0,
        }
    }

    fn fill(&mut self, out: &mut [u8]) {
        for octet in out {
            if self.used == self.block.len() {
                self.next_block();
            }
            *octet = self.block.get(self.used).copied().unwrap_or_default();
            self.used += 1;
        }
    }

    fn next_block(&mut self) {
        let mut mac = self.mac.clone();
        if self.count > 0 {
            mac.update(&*self.block);
        }
        for part in self.seed {
            mac.update(part);
        }
        self.count += 1;
        mac.update(&[self.count]);
        *self.block = mac.finalize().into_bytes().0;
        self.used = 0;
    }
}
