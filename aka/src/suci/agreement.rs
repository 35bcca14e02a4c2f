//! The keys of the two profiles, and what they agree on (TS 33.501 §C.3.4).

use core::fmt;

use p256::elliptic_curve::sec1::ToSec1Point;
use zeroize::Zeroizing;

use super::{SuciError, cipher::Keys};

/// A home network's private key.
#[derive(Clone)]
pub struct HomeKey(Private);

#[derive(Clone)]
enum Private {
    A(x25519_dalek::StaticSecret),
    B(p256::SecretKey),
}

/// A home network's public key, as cards hold it.
#[derive(Clone)]
pub struct HomePublicKey(Public);

#[derive(Clone)]
enum Public {
    A(x25519_dalek::PublicKey),
    B(p256::PublicKey),
}

impl HomeKey {
    /// A key of profile A, Curve25519.
    pub fn profile_a(octets: [u8; 32]) -> Self {
        Self(Private::A(x25519_dalek::StaticSecret::from(octets)))
    }

    /// A key of profile B, secp256r1.
    ///
    /// # Errors
    /// [`SuciError`] when it is zero or not below the order of the curve.
    pub fn profile_b(octets: &[u8; 32]) -> Result<Self, SuciError> {
        match p256::SecretKey::from_slice(octets) {
            Ok(key) => Ok(Self(Private::B(key))),
            Err(_) => Err(SuciError),
        }
    }

    /// The key to put on cards.
    pub fn public_key(&self) -> HomePublicKey {
        HomePublicKey(match &self.0 {
            Private::A(key) => Public::A(key.into()),
            Private::B(key) => Public::B(key.public_key()),
        })
    }

    /// Reveals what a terminal concealed, into `plaintext`; returns the part that was written.
    ///
    /// # Errors
    /// [`SuciError`] when anything is wrong, or `plaintext` is too small.
    pub fn reveal<'a>(
        &self,
        scheme_output: &[u8],
        plaintext: &'a mut [u8],
    ) -> Result<&'a [u8], SuciError> {
        match &self.0 {
            Private::A(key) => {
                let (ephemeral, rest) = scheme_output.split_first_chunk().ok_or(SuciError)?;
                agree_a(key, &(*ephemeral).into(), ephemeral)?.open(rest, plaintext)
            }
            Private::B(key) => {
                let (ephemeral, rest) = scheme_output.split_first_chunk().ok_or(SuciError)?;
                agree_b(key, &point(ephemeral)?, ephemeral).open(rest, plaintext)
            }
        }
    }
}

impl HomePublicKey {
    /// A key of profile A.
    pub fn profile_a(octets: [u8; 32]) -> Self {
        Self(Public::A(octets.into()))
    }

    /// A key of profile B, compressed.
    ///
    /// # Errors
    /// [`SuciError`] when it is not a point of the curve.
    pub fn profile_b(octets: &[u8; 33]) -> Result<Self, SuciError> {
        Ok(Self(Public::B(point(octets)?)))
    }

    /// Conceals `plaintext` under the private key `ephemeral`, which must come fresh from a
    /// CSPRNG; returns the part of `output` that was written: the ephemeral public key of 32
    /// (A) or 33 (B) octets, as many octets as `plaintext`, and a tag of 8.
    ///
    /// # Errors
    /// [`SuciError`] when `ephemeral` is no key or `output` is too small.
    pub fn conceal<'a>(
        &self,
        ephemeral: &[u8; 32],
        plaintext: &[u8],
        output: &'a mut [u8],
    ) -> Result<&'a [u8], SuciError> {
        let size = match &self.0 {
            Public::A(home) => {
                let key = x25519_dalek::StaticSecret::from(*ephemeral);
                let public = x25519_dalek::PublicKey::from(&key);
                let (place, rest) = output.split_first_chunk_mut().ok_or(SuciError)?;
                *place = public.to_bytes();
                32 + agree_a(&key, home, place)?.seal(plaintext, rest)?
            }
            Public::B(home) => {
                let Ok(key) = p256::SecretKey::from_slice(ephemeral) else {
                    return Err(SuciError);
                };
                let (place, rest) = output.split_first_chunk_mut().ok_or(SuciError)?;
                *place = compressed(&key.public_key())?;
                33 + agree_b(&key, home, place).seal(plaintext, rest)?
            }
        };
        output.get(..size).ok_or(SuciError)
    }
}

/// Points of small order, which give the same secret to everybody, are refused.
fn agree_a(
    key: &x25519_dalek::StaticSecret,
    other: &x25519_dalek::PublicKey,
    ephemeral: &[u8; 32],
) -> Result<Keys, SuciError> {
    let shared = key.diffie_hellman(other);
    if shared.was_contributory() {
        Ok(Keys::derive(shared.as_bytes(), ephemeral))
    } else {
        Err(SuciError)
    }
}

/// `ephemeral` is the public key that goes over the air, whichever side this is.
fn agree_b(key: &p256::SecretKey, other: &p256::PublicKey, ephemeral: &[u8; 33]) -> Keys {
    let shared = p256::ecdh::diffie_hellman(key.to_nonzero_scalar(), other.as_affine());
    let secret = Zeroizing::new(shared.raw_secret_bytes().0);
    Keys::derive(&secret, ephemeral)
}

/// Checks that it is on the curve.
fn point(octets: &[u8; 33]) -> Result<p256::PublicKey, SuciError> {
    p256::PublicKey::from_sec1_bytes(octets).or(Err(SuciError))
}

fn compressed(key: &p256::PublicKey) -> Result<[u8; 33], SuciError> {
    let point = key.to_sec1_point(true);
    <[u8; 33]>::try_from(point.as_bytes()).or(Err(SuciError))
}

impl fmt::Debug for HomeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HomeKey([redacted])")
    }
}

impl fmt::Debug for HomePublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Public::A(_) => f.write_str("HomePublicKey(profile A)"),
            Public::B(_) => f.write_str("HomePublicKey(profile B)"),
        }
    }
}
