//! A private key.

use std::fmt;

use ring::rand::SecureRandom;
use ring::rsa::KeyPair as RsaKeyPair;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
};

use super::public::Material;
use super::rsa::RsaKey;
use super::{PublicKey, pem};
use crate::Algorithm;

/// A private key for signing. `Debug` shows its public half.
pub struct SigningKey {
    pair: Pair,
    public: PublicKey,
}

enum Pair {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(Box<RsaKeyPair>),
}

/// Why a private key is refused. What is wrong with it is not told: it might tell of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSigningKey {
    /// The text is not one PEM block `PRIVATE KEY`.
    #[error("not one PEM block with the label PRIVATE KEY")]
    Pem,
    /// The octets are no PKCS#8 form of a P-256, Ed25519 or RSA key of 2048 to 4096 bits.
    #[error("not the PKCS#8 form of a P-256, Ed25519 or RSA key of 2048 to 4096 bits")]
    Pkcs8,
    /// Such a key cannot be made here: RSA keys come from elsewhere.
    #[error(
        "RSA keys are not made here: use `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072`"
    )]
    NotGenerated,
    /// The system gave no randomness.
    #[error("the system gave no randomness")]
    Randomness,
}

/// A signature could not be made: the system gave no randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature could not be made")]
#[non_exhaustive]
pub struct SigningFailed;

impl From<ring::error::Unspecified> for SigningFailed {
    fn from(_: ring::error::Unspecified) -> Self {
        Self
    }
}

impl SigningKey {
    /// From PKCS#8 (RFC 5208, RFC 5958) in DER.
    ///
    /// # Errors
    /// [`InvalidSigningKey::Pkcs8`]
    pub fn from_pkcs8(der: &[u8], random: &dyn SecureRandom) -> Result<Self, InvalidSigningKey> {
        let p256 = || EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der, random);
        let pair = if let Ok(pair) = p256() {
            Pair::P256(pair)
        } else if let Ok(pair) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der) {
            Pair::Ed25519(pair)
        } else if let Ok(pair) = RsaKeyPair::from_pkcs8(der) {
            Pair::Rsa(Box::new(pair))
        } else {
            return Err(InvalidSigningKey::Pkcs8);
        };
        let public = pair.public().ok_or(InvalidSigningKey::Pkcs8)?;
        Ok(Self { pair, public })
    }

    /// From PKCS#8 as a PEM block `PRIVATE KEY`.
    ///
    /// # Errors
    /// [`InvalidSigningKey`]
    pub fn from_pem(text: &str, random: &dyn SecureRandom) -> Result<Self, InvalidSigningKey> {
        let der = pem::decode(text, "PRIVATE KEY").or(Err(InvalidSigningKey::Pem))?;
        Self::from_pkcs8(&der, random)
    }

    /// A new key in PEM, to be kept and given to [`SigningKey::from_pem`].
    ///
    /// # Errors
    /// [`InvalidSigningKey::NotGenerated`] for RSA.
    pub fn generate_pem(
        algorithm: Algorithm,
        random: &dyn SecureRandom,
    ) -> Result<String, InvalidSigningKey> {
        let pkcs8 = match algorithm {
            Algorithm::Es256 => {
                EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, random)
            }
            Algorithm::EdDsa => Ed25519KeyPair::generate_pkcs8(random),
            Algorithm::Rs256 => return Err(InvalidSigningKey::NotGenerated),
        };
        let pkcs8 = pkcs8.or(Err(InvalidSigningKey::Randomness))?;
        Ok(pem::encode(pkcs8.as_ref(), "PRIVATE KEY"))
    }

    /// Its public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The algorithm of its signatures.
    pub fn algorithm(&self) -> Algorithm {
        self.public.algorithm()
    }

    /// Its signature on `message`, in the form of RFC 7518 §3.3, §3.4 and RFC 8037 §3.1.
    ///
    /// # Errors
    /// [`SigningFailed`]
    pub fn sign(
        &self,
        message: &[u8],
        random: &dyn SecureRandom,
    ) -> Result<Signature, SigningFailed> {
        let fixed = |signature: ring::signature::Signature| Signature(Octets::Fixed(signature));
        match &self.pair {
            Pair::P256(pair) => pair.sign(random, message).map(fixed).or(Err(SigningFailed)),
            Pair::Ed25519(pair) => Ok(fixed(pair.sign(message))),
            Pair::Rsa(pair) => {
                let mut octets = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, random, message, &mut octets)
                    .or(Err(SigningFailed))?;
                Ok(Signature(Octets::Long(octets)))
            }
        }
    }
}

impl Pair {
    fn public(&self) -> Option<PublicKey> {
        let material = match self {
            Self::P256(pair) => Material::P256(pair.public_key().as_ref().try_into().ok()?),
            Self::Ed25519(pair) => Material::Ed25519(pair.public_key().as_ref().try_into().ok()?),
            Self::Rsa(pair) => Material::Rsa(RsaKey::from_der(pair.public_key().as_ref()).ok()?),
        };
        Some(PublicKey::new(material))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({:?})", self.public)
    }
}

/// A signature's octets.
#[derive(Debug)]
pub struct Signature(Octets);

enum Octets {
    Fixed(ring::signature::Signature),
    Long(Vec<u8>),
}

impl AsRef<[u8]> for Signature {
    fn as_ref(&self) -> &[u8] {
        match &self.0 {
            Octets::Fixed(signature) => signature.as_ref(),
            Octets::Long(octets) => octets,
        }
    }
}

impl fmt::Debug for Octets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[signature]")
    }
}
