//! What a SIM is asked for, and what the server keeps of its vector.

use aka::network::Vector;
use aka::{Autn, Ck, Ik, Rand, Res};
use endorse::confirm::{AkaRun, ConfirmationSecret};
use zeroize::Zeroizing;

use crate::store::Secret;

/// What a SIM is asked for. A vector serves one purpose: what one dialect reveals is of no use in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Purpose {
    /// Key confirmation: neither RES nor CK nor IK is kept.
    Confirmation,
    /// SORACOM's Keys API: RES comes back, and CK signs what follows.
    KeysApi,
    /// EAP-AKA.
    Eap,
}

/// A SIM's challenge, and the keys that its purpose needs.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a challenge and its keys")]
pub struct Posed {
    /// RAND.
    pub rand: Rand,
    /// AUTN.
    pub autn: Autn,
    /// What is kept of the rest of the vector.
    pub keys: PurposeKeys,
}

/// What is kept of a vector's keys; the others are wiped at once.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "one for each purpose")]
pub enum PurposeKeys {
    /// For [`Purpose::Confirmation`].
    Confirmation(ConfirmationSecret),
    /// For [`Purpose::KeysApi`].
    KeysApi {
        /// The answer that proves the SIM.
        xres: Res,
        /// What signs afterwards.
        ck: Ck,
    },
    /// For [`Purpose::Eap`].
    Eap {
        /// The answer that proves the SIM.
        xres: Res,
        /// The cipher key.
        ck: Ck,
        /// The integrity key.
        ik: Ik,
    },
}

impl Purpose {
    /// Its name in a store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Confirmation => "confirmation",
            Self::KeysApi => "keys-api",
            Self::Eap => "eap",
        }
    }

    /// What is kept of a vector for it.
    pub fn of(self, vector: Vector) -> Posed {
        let Vector {
            rand,
            xres,
            ck,
            ik,
            autn,
        } = vector;
        let keys = match self {
            Self::Confirmation => {
                let run = AkaRun {
                    rand: rand.as_bytes(),
                    autn: autn.as_bytes(),
                    ck: ck.expose(),
                    ik: ik.expose(),
                };
                PurposeKeys::Confirmation(ConfirmationSecret::derive(run))
            }
            Self::KeysApi => PurposeKeys::KeysApi { xres, ck },
            Self::Eap => PurposeKeys::Eap { xres, ck, ik },
        };
        Posed { rand, autn, keys }
    }

    /// Reads what [`Posed::to_octets`] wrote for this purpose.
    pub fn read(self, octets: &[u8]) -> Option<Posed> {
        let (rand, rest) = octets.split_first_chunk()?;
        let (autn, rest) = rest.split_first_chunk()?;
        let keys = match self {
            Self::Confirmation => {
                let secret = ConfirmationSecret::from_octets(rest.try_into().ok()?);
                PurposeKeys::Confirmation(secret)
            }
            Self::KeysApi => {
                let (ck, xres) = rest.split_first_chunk()?;
                PurposeKeys::KeysApi {
                    xres: Res::from_slice(xres).ok()?,
                    ck: Ck::new(*ck),
                }
            }
            Self::Eap => {
                let (ck, rest) = rest.split_first_chunk()?;
                let (ik, xres) = rest.split_first_chunk()?;
                PurposeKeys::Eap {
                    xres: Res::from_slice(xres).ok()?,
                    ck: Ck::new(*ck),
                    ik: Ik::new(*ik),
                }
            }
        };
        Some(Posed {
            rand: Rand::new(*rand),
            autn: Autn::new(*autn),
            keys,
        })
    }
}

impl Posed {
    /// Its octets, for a store that keeps them secret.
    pub fn to_octets(&self) -> Secret {
        let mut octets = Zeroizing::new(Vec::with_capacity(80));
        octets.extend_from_slice(self.rand.as_bytes());
        octets.extend_from_slice(self.autn.as_bytes());
        match &self.keys {
            PurposeKeys::Confirmation(secret) => octets.extend_from_slice(secret.expose()),
            PurposeKeys::KeysApi { xres, ck } => {
                octets.extend_from_slice(ck.expose());
                octets.extend_from_slice(xres.expose());
            }
            PurposeKeys::Eap { xres, ck, ik } => {
                octets.extend_from_slice(ck.expose());
                octets.extend_from_slice(ik.expose());
                octets.extend_from_slice(xres.expose());
            }
        }
        octets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector() -> Vector {
        Vector {
            rand: Rand::new([1; 16]),
            xres: Res::from_f2([5; 8]),
            ck: Ck::new([3; 16]),
            ik: Ik::new([4; 16]),
            autn: Autn::new([2; 16]),
        }
    }

    #[test]
    fn what_is_kept_is_read_again() {
        for (purpose, size) in [
            (Purpose::Confirmation, 64),
            (Purpose::KeysApi, 56),
            (Purpose::Eap, 72),
        ] {
            let octets = purpose.of(vector()).to_octets();
            assert_eq!(octets.len(), size, "{purpose:?}");
            let read = purpose.read(&octets).unwrap();
            assert_eq!(*read.to_octets(), *octets, "{purpose:?}");
        }
    }

    #[test]
    fn nothing_is_read_that_was_kept_for_something_else() {
        let octets = Purpose::Confirmation.of(vector()).to_octets();
        assert!(Purpose::Confirmation.read(&octets[..63]).is_none());
        assert!(Purpose::KeysApi.read(&octets[..50]).is_none());
        assert!(Purpose::Eap.read(&octets[..40]).is_none());
    }

    #[test]
    fn confirmation_keeps_neither_ck_nor_ik_nor_res() {
        let octets = Purpose::Confirmation.of(vector()).to_octets();
        for secret in [[3; 8], [4; 8], [5; 8]] {
            assert!(octets.windows(8).all(|window| window != secret));
        }
    }
}
