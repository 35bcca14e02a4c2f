//! A public key that has been checked.

use std::fmt;

use ring::digest::{SHA256, digest};
use ring::signature::{ECDSA_P256_SHA256_FIXED, ED25519, UnparsedPublicKey};

use super::rsa::RsaKey;
use super::{InvalidKey, jwk, p256, pem, small_order, spki};
use crate::json::{Bounds, Document, ObjectWriter, Value};
use crate::{Algorithm, base64};

/// A public key for verifying signatures; it fixes the algorithm.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    material: Material,
}

/// What a key consists of.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Material {
    /// The uncompressed point (SEC 1 §2.3.3).
    P256([u8; 65]),
    /// The encoded point (RFC 8032 §5.1.2).
    Ed25519([u8; 32]),
    Rsa(RsaKey),
}

impl PublicKey {
    /// From the DER form of a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7).
    ///
    /// # Errors
    /// [`InvalidKey`] for another kind of key, a weak one, and any other form.
    pub fn from_spki(der: &[u8]) -> Result<Self, InvalidKey> {
        spki::read(der)
    }

    /// From the PEM form of a SubjectPublicKeyInfo: one block `PUBLIC KEY`.
    ///
    /// # Errors
    /// [`InvalidKey`] as for [`PublicKey::from_spki`], and for a certificate.
    pub fn from_pem(text: &str) -> Result<Self, InvalidKey> {
        Self::from_spki(&pem::decode(text, "PUBLIC KEY")?)
    }

    /// From a JWK (RFC 7517, RFC 7518 §6, RFC 8037 §2).
    ///
    /// # Errors
    /// [`InvalidKey`] for another kind of key, a weak one, a private one, and any other form.
    pub fn from_jwk(text: &[u8]) -> Result<Self, InvalidKey> {
        let document = Document::parse(text, Bounds::PAYLOAD).map_err(InvalidKey::Json)?;
        jwk::read(document.root())
    }

    pub(crate) fn from_jwk_value(value: Value<'_>) -> Result<Self, InvalidKey> {
        jwk::read(value)
    }

    pub(super) fn p256(point: [u8; 65]) -> Result<Self, InvalidKey> {
        if !p256::is_on_curve(&point) {
            return Err(InvalidKey::NotOnCurve);
        }
        Ok(Self::new(Material::P256(point)))
    }

    pub(super) fn ed25519(point: [u8; 32]) -> Result<Self, InvalidKey> {
        if small_order::is_unfit(&point) {
            return Err(InvalidKey::SmallOrder);
        }
        Ok(Self::new(Material::Ed25519(point)))
    }

    pub(super) fn new(material: Material) -> Self {
        Self { material }
    }

    /// The algorithm whose signatures it verifies.
    pub fn algorithm(&self) -> Algorithm {
        match self.material {
            Material::P256(_) => Algorithm::Es256,
            Material::Ed25519(_) => Algorithm::EdDsa,
            Material::Rsa(_) => Algorithm::Rs256,
        }
    }

    /// Whether `signature` is this key's on `message`, in the form of RFC 7518 §3.3, §3.4 and
    /// RFC 8037 §3.1.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let verified = match &self.material {
            Material::P256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            Material::Ed25519(point) => {
                UnparsedPublicKey::new(&ED25519, point).verify(message, signature)
            }
            Material::Rsa(key) => key.verify(message, signature),
        };
        verified.is_ok()
    }

    /// The DER form of its SubjectPublicKeyInfo.
    pub fn to_spki(&self) -> Vec<u8> {
        spki::write(&self.material)
    }

    /// Its SubjectPublicKeyInfo as a PEM block `PUBLIC KEY`.
    pub fn to_pem(&self) -> String {
        pem::encode(&self.to_spki(), "PUBLIC KEY")
    }

    /// Its JWK with the required members only, in the order of RFC 7638 §3.
    pub fn to_jwk(&self) -> String {
        let mut object = ObjectWriter::new();
        self.describe(&mut object);
        object.finish()
    }

    /// Writes the required members of its JWK.
    pub(crate) fn describe(&self, object: &mut ObjectWriter) {
        jwk::write(&self.material, object);
    }

    /// The SHA-256 thumbprint of its JWK (RFC 7638), which `jkt` holds (RFC 9449 §6.1).
    pub fn thumbprint(&self) -> Thumbprint {
        let mut octets = [0; 32];
        octets.copy_from_slice(digest(&SHA256, self.to_jwk().as_bytes()).as_ref());
        Thumbprint(octets)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({} {})", self.algorithm(), self.thumbprint())
    }
}

/// The SHA-256 thumbprint of a JWK (RFC 7638); it prints as 43 symbols of base64url.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Thumbprint([u8; 32]);

impl Thumbprint {
    /// Its octets.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64::encode(&self.0))
    }
}

impl std::str::FromStr for Thumbprint {
    type Err = InvalidThumbprint;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let octets = base64::decode(text.as_bytes()).ok();
        let octets = octets.and_then(|octets| octets.try_into().ok());
        octets.map(Self).ok_or(InvalidThumbprint)
    }
}

/// Text is not a thumbprint: 43 symbols of base64url.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a thumbprint has 43 symbols of base64url")]
#[non_exhaustive]
pub struct InvalidThumbprint;
