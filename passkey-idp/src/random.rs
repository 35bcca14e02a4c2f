//! Values that nobody guesses: identifiers of 128 random bits, secrets of 256.
//!
//! Both are written in base64url. An identifier may be shown; a secret is wiped, never printed,
//! never compared but by its [`Digest`], and only that digest is stored.

use std::fmt;

use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use strict_jws::{SecureRandom, base64};
use subtle::ConstantTimeEq as _;

/// The system gave no random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gave no random numbers")]
#[non_exhaustive]
pub struct NoRandomness;

/// Text is not an identifier or a secret of this kind; it is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a value that was issued here")]
#[non_exhaustive]
pub struct InvalidValue;

/// The SHA-256 of a value and of what it is for: what a store keeps of a secret.
///
/// `==` takes the same time whatever differs.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of `parts` for `purpose`: no other parts, and no other purpose, have the same.
    pub fn of(purpose: &str, parts: &[&[u8]]) -> Self {
        let mut context = Context::new(&SHA256);
        for part in std::iter::once(purpose.as_bytes()).chain(parts.iter().copied()) {
            let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
            context.update(&length.to_be_bytes());
            context.update(part);
        }
        Self::from(context.finish())
    }

    /// The SHA-256 of `octets` and nothing else.
    pub fn sha256(octets: &[u8]) -> Self {
        Self::from(ring::digest::digest(&SHA256, octets))
    }

    /// Its octets.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<ring::digest::Digest> for Digest {
    fn from(digest: ring::digest::Digest) -> Self {
        let mut octets = [0; 32];
        for (place, octet) in octets.iter_mut().zip(digest.as_ref()) {
            *place = *octet;
        }
        Self(octets)
    }
}

impl From<[u8; 32]> for Digest {
    fn from(octets: [u8; 32]) -> Self {
        Self(octets)
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Digest {}

impl fmt::Display for Digest {
    /// 43 symbols of base64url.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64::encode(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest([redacted])")
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

impl TryFrom<String> for Digest {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        octets(&text).map(Self)
    }
}

pub(crate) fn fill<const N: usize>(random: &dyn SecureRandom) -> Result<[u8; N], NoRandomness> {
    let mut octets = [0; N];
    random.fill(&mut octets).or(Err(NoRandomness))?;
    Ok(octets)
}

pub(crate) fn octets<const N: usize>(text: &str) -> Result<[u8; N], InvalidValue> {
    if text.len() != base64::encoded_len(N) {
        return Err(InvalidValue);
    }
    let octets = base64::decode(text.as_bytes()).or(Err(InvalidValue))?;
    octets.try_into().or(Err(InvalidValue))
}

/// Declares identifiers: 128 random bits that may be shown, in 22 symbols of base64url.
macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        #[serde(try_from = "String", into = "String")]
        pub struct $name([u8; 16]);

        impl $name {
            /// A new one.
            ///
            /// # Errors
            /// The system gave no random numbers.
            pub fn generate(
                random: &dyn strict_jws::SecureRandom,
            ) -> Result<Self, $crate::random::NoRandomness> {
                $crate::random::fill(random).map(Self)
            }

            /// Its octets.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }

            /// What a store names a row after, when the row must not tell the identifier.
            pub fn digest(&self) -> $crate::random::Digest {
                $crate::random::Digest::of(stringify!($name), &[&self.0])
            }
        }

        impl From<[u8; 16]> for $name {
            fn from(octets: [u8; 16]) -> Self {
                Self(octets)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::random::InvalidValue;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::random::octets(text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::random::InvalidValue;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&strict_jws::base64::encode(&self.0))
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    )+};
}

/// Declares secrets: 256 random bits in 43 symbols of base64url, each with a purpose of its own
/// that goes into its digest.
macro_rules! secrets {
    ($($(#[$doc:meta])* $name:ident = $purpose:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, zeroize::Zeroize, zeroize::ZeroizeOnDrop)]
        pub struct $name([u8; 32]);

        impl $name {
            /// A new one.
            ///
            /// # Errors
            /// The system gave no random numbers.
            pub fn generate(
                random: &dyn strict_jws::SecureRandom,
            ) -> Result<Self, $crate::random::NoRandomness> {
                $crate::random::fill(random).map(Self)
            }

            /// What a store keeps instead of it.
            pub fn digest(&self) -> $crate::random::Digest {
                $crate::random::Digest::of($purpose, &[&self.0])
            }

            /// Its octets, for whoever computes with it.
            pub const fn expose_bytes(&self) -> &[u8; 32] {
                &self.0
            }

            /// Its text, for whoever it is meant for.
            pub fn expose(&self) -> zeroize::Zeroizing<String> {
                zeroize::Zeroizing::new(strict_jws::base64::encode(&self.0))
            }
        }

        impl From<[u8; 32]> for $name {
            fn from(octets: [u8; 32]) -> Self {
                Self(octets)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::random::InvalidValue;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::random::octets(text).map(Self)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }
    )+};
}

pub(crate) use {identifiers, secrets};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use strict_jws::SystemRandom;

    use super::*;
    use crate::id::{ClientSecret, OrderSecret, UserId};

    #[test]
    fn identifiers_are_22_symbols_and_come_back_from_them() {
        let id = UserId::from([0xff; 16]);
        assert_eq!(id.to_string(), "_____________________w");
        assert_eq!("_____________________w".parse(), Ok(id));
        assert_eq!(format!("{id:?}"), "UserId(_____________________w)");
        assert_eq!(
            serde_json::to_string(&id).unwrap(),
            "\"_____________________w\""
        );
        for wrong in [
            "",
            "____________________w",
            "______________________",
            "AAAAAAAAAAAAAAAAAAAAAA==",
            "AAAAAAAAAAAAAAAAAAAAA ",
        ] {
            assert_eq!(wrong.parse::<UserId>(), Err(InvalidValue), "{wrong}");
        }
    }

    #[test]
    fn no_two_of_a_thousand_are_alike() {
        let random = SystemRandom::new();
        let ids: BTreeSet<_> = (0..1000)
            .map(|_| UserId::generate(&random).unwrap())
            .collect();
        assert_eq!(ids.len(), 1000);
    }

    #[test]
    fn a_secret_shows_itself_to_nobody_who_does_not_ask() {
        let secret = OrderSecret::from([7; 32]);
        assert_eq!(format!("{secret:?}"), "OrderSecret([redacted])");
        assert_eq!(format!("{:?}", secret.digest()), "Digest([redacted])");
        let text = secret.expose();
        assert_eq!(text.len(), 43);
        assert_eq!(
            text.parse::<OrderSecret>().unwrap().expose_bytes(),
            &[7; 32]
        );
    }

    #[test]
    fn digests_differ_by_purpose_and_by_how_the_parts_are_cut() {
        let octets = [7; 32];
        assert_ne!(
            OrderSecret::from(octets).digest(),
            ClientSecret::from(octets).digest()
        );
        assert_eq!(
            OrderSecret::from(octets).digest(),
            OrderSecret::from(octets).digest()
        );
        assert_ne!(
            Digest::of("p", &[b"ab", b"c"]),
            Digest::of("p", &[b"a", b"bc"])
        );
        assert_ne!(Digest::of("p", &[b"ab"]), Digest::of("pa", &[b"b"]));
    }

    #[test]
    fn a_digest_comes_back_from_json() {
        let digest = Digest::sha256(b"abc");
        let text = serde_json::to_string(&digest).unwrap();
        assert_eq!(text, "\"ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0\"");
        assert_eq!(serde_json::from_str::<Digest>(&text).unwrap(), digest);
    }
}
