//! What fast re-authentication goes on from (RFC 4187 §5, RFC 4186 §5, RFC 9048 §3.3).

use core::fmt;

use zeroize::Zeroizing;

use super::{Method, MkKeys, SessionKeys};
use crate::kdf::eap_prime::EapKeys;

/// The keys of a full authentication, and how often they were used since.
///
/// Keep it beside the re-authentication identity that went with it; each use replaces both. Over a
/// restart it is kept as [octets](Resumption::to_bytes), which are as secret as the keys.
///
/// ```
/// # fn peer() -> Option<(aka::eap::Nai, aka::eap::Resumption)> { None }
/// use aka::eap::Resumption;
///
/// if let Some((identity, resumption)) = peer() {
///     let kept = resumption.to_bytes(); // seal it, write it down with the identity, start anew
///     let resumption = Resumption::from_bytes(&kept)?;
///     assert_eq!(resumption.to_bytes(), kept);
/// }
/// # Ok::<(), aka::eap::InvalidResumption>(())
/// ```
#[derive(Clone)]
pub struct Resumption {
    keys: SessionKeys,
    counter: u16,
}

impl Resumption {
    /// After a full authentication the counter is 1 (RFC 4187 §5.3).
    pub(super) fn new(keys: &SessionKeys) -> Self {
        Self {
            keys: keys.without_link_keys(),
            counter: 1,
        }
    }

    /// After a re-authentication with `used`; `None` when the counter is exhausted.
    pub(super) fn after(keys: &SessionKeys, used: u16) -> Option<Self> {
        let counter = used.checked_add(1)?;
        let keys = keys.without_link_keys();
        Some(Self { keys, counter })
    }

    /// What [`Resumption::to_bytes`] gave.
    ///
    /// # Errors
    /// [`InvalidResumption`], for anything else.
    pub fn from_bytes(octets: &[u8; Self::LENGTH]) -> Result<Self, InvalidResumption> {
        let [FORMAT, method, high, low, keys @ ..] = octets else {
            return Err(InvalidResumption);
        };
        let [Some(k_encr), Some(k_aut), Some(root)] =
            [0..16, 16..48, 48..80].map(|at| keys.get(at))
        else {
            return Err(InvalidResumption);
        };
        let of_mk = || Some(MkKeys::resumed(whole(root)?, whole(k_encr)?, whole(k_aut)?));
        let keys = match *method {
            of if of == Method::Sim.number() => of_mk().map(SessionKeys::Sim),
            of if of == Method::Aka.number() => of_mk().map(SessionKeys::Aka),
            of if of == Method::AkaPrime.number() => {
                let keys = [k_aut, root].map(whole);
                let [Some(k_aut), Some(k_re)] = keys else {
                    return Err(InvalidResumption);
                };
                let keys = EapKeys::resumed(whole(k_encr).ok_or(InvalidResumption)?, k_aut, k_re);
                Some(SessionKeys::AkaPrime(keys))
            }
            _ => None,
        };
        let counter = u16::from_be_bytes([*high, *low]);
        match keys {
            Some(keys) if counter > 0 => Ok(Self { keys, counter }),
            _ => Err(InvalidResumption),
        }
    }

    /// As octets, to be kept over a restart: they are keys, and are wiped with what holds them.
    pub fn to_bytes(&self) -> Zeroizing<[u8; Self::LENGTH]> {
        let mut octets = Zeroizing::new([0; Self::LENGTH]);
        let (head, keys) = octets.split_at_mut(4);
        let [high, low] = self.counter.to_be_bytes();
        head.copy_from_slice(&[FORMAT, self.method().number(), high, low]);
        let (k_encr, rest) = keys.split_at_mut(16);
        let (k_aut, root) = rest.split_at_mut(32);
        put(k_encr, self.keys.k_encr());
        match &self.keys {
            SessionKeys::Sim(keys) | SessionKeys::Aka(keys) => {
                put(k_aut, keys.k_aut());
                put(root, keys.mk());
            }
            SessionKeys::AkaPrime(keys) => {
                put(k_aut, keys.k_aut());
                put(root, keys.k_re());
            }
        }
        octets
    }

    /// How many octets [`Resumption::to_bytes`] gives.
    pub const LENGTH: usize = 84;

    pub(super) const fn keys(&self) -> &SessionKeys {
        &self.keys
    }

    /// The lowest counter that is still fresh.
    pub const fn counter(&self) -> u16 {
        self.counter
    }

    /// The method of the full authentication.
    pub const fn method(&self) -> Method {
        self.keys.method()
    }
}

impl fmt::Debug for Resumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Resumption([redacted])")
    }
}

/// These octets are no [`Resumption`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these octets were not kept by a peer or a server of this version")]
#[non_exhaustive]
pub struct InvalidResumption;

/// The first octet: how the others are laid out.
const FORMAT: u8 = 1;

fn put(place: &mut [u8], key: &[u8]) {
    for (to, from) in place.iter_mut().zip(key) {
        *to = *from;
    }
}

/// A key out of a place of its length or longer, the rest of which is zero.
fn whole<const N: usize>(place: &[u8]) -> Option<&[u8; N]> {
    let (key, rest) = place.split_first_chunk()?;
    rest.iter().all(|octet| *octet == 0).then_some(key)
}
