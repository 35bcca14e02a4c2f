//! Public keys of passkeys (RFC 9053 §7, RFC 8230 §4, WebAuthn §5.8.5).

use std::fmt;

use ring::agreement;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, RSA_PKCS1_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::{Deserialize, Serialize};
use strict_jws::base64;
use strict_jws::json::ObjectWriter;

use super::Malformed;
use super::cbor::{Order, Value};

/// A signature algorithm of COSE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
}

impl Algorithm {
    /// What new passkeys are asked for, the first one first: what ceremonies verify.
    pub const OFFERED: [Self; 3] = [Self::Es256, Self::Es384, Self::Rs256];

    const ALL: [Self; 5] = [
        Self::Es256,
        Self::EdDsa,
        Self::Es384,
        Self::Ps256,
        Self::Rs256,
    ];

    /// Its name (IANA COSE Algorithms).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
            Self::Es384 => "ES384",
            Self::Ps256 => "PS256",
            Self::Rs256 => "RS256",
        }
    }

    /// Its number (IANA COSE Algorithms).
    pub const fn number(self) -> i64 {
        match self {
            Self::Es256 => -7,
            Self::EdDsa => -8,
            Self::Es384 => -35,
            Self::Ps256 => -37,
            Self::Rs256 => -257,
        }
    }

    fn from_number(number: i64) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.number() == number)
    }
}

/// A public key in the form that its authenticator gave it, which has been checked: the canonical
/// form, a point on the curve, a modulus of 2048 to 8192 bits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CoseKey {
    octets: Box<[u8]>,
    algorithm: Algorithm,
    material: Material,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Material {
    /// The uncompressed point (SEC 1 §2.3.3).
    Point(Box<[u8]>),
    Ed25519(strict_jws::PublicKey),
    Rsa {
        modulus: Box<[u8]>,
        exponent: Box<[u8]>,
    },
}

impl CoseKey {
    /// Reads a key that is all of `octets`.
    ///
    /// # Errors
    /// [`Malformed`] for another form, another kind of key, and a weak one.
    pub fn parse(octets: &[u8]) -> Result<Self, Malformed> {
        let value = Value::parse(octets, Order::Canonical)?;
        Self::read(octets, &value)
    }

    /// Reads the key that `octets` begin with, and returns what follows it.
    pub(super) fn parse_first(octets: &[u8]) -> Result<(Self, &[u8]), Malformed> {
        let (value, rest) = Value::parse_first(octets, Order::Canonical)?;
        let own = octets
            .get(..octets.len().saturating_sub(rest.len()))
            .unwrap_or_default();
        Ok((Self::read(own, &value)?, rest))
    }

    fn read(octets: &[u8], value: &Value<'_>) -> Result<Self, Malformed> {
        let number = integer(value, ALG)?;
        let algorithm = Algorithm::from_number(number).ok_or(Malformed("unknown algorithm"))?;
        let material = match algorithm {
            Algorithm::Es256 => p256(value)?,
            Algorithm::Es384 => p384(value)?,
            Algorithm::EdDsa => ed25519(value)?,
            Algorithm::Rs256 | Algorithm::Ps256 => rsa(value)?,
        };
        Ok(Self {
            octets: octets.into(),
            algorithm,
            material,
        })
    }

    /// The algorithm of its signatures.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Its COSE form.
    pub const fn octets(&self) -> &[u8] {
        &self.octets
    }

    pub(super) const fn material(&self) -> &Material {
        &self.material
    }

    /// Whether `signature` is this key's on `message`, in the form of WebAuthn §6.5.5 (DER for ECDSA).
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            Material::Ed25519(key) => key.verifies(message, signature),
            Material::Point(point) => {
                let algorithm = if self.algorithm == Algorithm::Es384 {
                    &ECDSA_P384_SHA384_ASN1
                } else {
                    &ECDSA_P256_SHA256_ASN1
                };
                UnparsedPublicKey::new(algorithm, point)
                    .verify(message, signature)
                    .is_ok()
            }
            Material::Rsa { modulus, exponent } => {
                let key = RsaPublicKeyComponents {
                    n: modulus,
                    e: exponent,
                };
                let algorithm = if self.algorithm == Algorithm::Ps256 {
                    &RSA_PSS_2048_8192_SHA256
                } else {
                    &RSA_PKCS1_2048_8192_SHA256
                };
                key.verify(algorithm, message, signature).is_ok()
            }
        }
    }
}

impl fmt::Debug for CoseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CoseKey({:?})", self.algorithm)
    }
}

impl From<CoseKey> for String {
    fn from(key: CoseKey) -> Self {
        base64::encode(&key.octets)
    }
}

impl TryFrom<String> for CoseKey {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        let octets = base64::decode(text.as_bytes()).or(Err(Malformed("not base64url")))?;
        Self::parse(&octets)
    }
}

fn p256(value: &Value<'_>) -> Result<Material, Malformed> {
    let [x, y] = coordinates(value, P256, 32)?;
    let mut jwk = ObjectWriter::new();
    jwk.string("crv", "P-256").string("kty", "EC");
    jwk.string("x", &base64::encode(x))
        .string("y", &base64::encode(y));
    strict_jws::PublicKey::from_jwk(jwk.finish().as_bytes()).or(Err(NO_POINT))?;
    Ok(Material::Point([&[4], x, y].concat().into()))
}

/// A key agreement checks its peer's point; what is agreed on is forgotten.
fn p384(value: &Value<'_>) -> Result<Material, Malformed> {
    let [x, y] = coordinates(value, P384, 48)?;
    let point = [&[4], x, y].concat();
    let algorithm = &agreement::ECDH_P384;
    let own = agreement::EphemeralPrivateKey::generate(algorithm, &SystemRandom::new());
    let peer = agreement::UnparsedPublicKey::new(algorithm, &point);
    own.and_then(|own| agreement::agree_ephemeral(own, &peer, |_| ()))
        .or(Err(NO_POINT))?;
    Ok(Material::Point(point.into()))
}

fn coordinates<'a>(
    value: &Value<'a>,
    curve: i64,
    length: usize,
) -> Result<[&'a [u8]; 2], Malformed> {
    expect(value, EC2, 5)?;
    if integer(value, CRV)? != curve {
        return Err(Malformed("the curve is not the algorithm's"));
    }
    let coordinates = [bytes(value, X)?, bytes(value, Y)?];
    if coordinates.iter().any(|octets| octets.len() != length) {
        return Err(Malformed("a coordinate has the wrong length"));
    }
    Ok(coordinates)
}

fn ed25519(value: &Value<'_>) -> Result<Material, Malformed> {
    expect(value, OKP, 4)?;
    if integer(value, CRV)? != ED25519 {
        return Err(Malformed("the curve is not the algorithm's"));
    }
    let mut jwk = ObjectWriter::new();
    jwk.string("crv", "Ed25519").string("kty", "OKP");
    jwk.string("x", &base64::encode(bytes(value, X)?));
    let key = strict_jws::PublicKey::from_jwk(jwk.finish().as_bytes());
    key.map(Material::Ed25519)
        .or(Err(Malformed("the point is unfit for signatures")))
}

fn rsa(value: &Value<'_>) -> Result<Material, Malformed> {
    expect(value, RSA, 4)?;
    let (modulus, exponent) = (bytes(value, N)?, bytes(value, E)?);
    let mut jwk = ObjectWriter::new();
    jwk.string("e", &base64::encode(exponent))
        .string("kty", "RSA");
    jwk.string("n", &base64::encode(modulus));
    strict_jws::PublicKey::from_jwk(jwk.finish().as_bytes())
        .or(Err(Malformed("the RSA key is weak or written otherwise")))?;
    Ok(Material::Rsa {
        modulus: modulus.into(),
        exponent: exponent.into(),
    })
}

/// The key type, and no parameters but the required ones (WebAuthn §6.5.1.1).
fn expect(value: &Value<'_>, key_type: i64, members: usize) -> Result<(), Malformed> {
    if integer(value, KTY)? != key_type {
        Err(Malformed("the key type is not the algorithm's"))
    } else if value.members() != Some(members) {
        Err(Malformed("the key has other parameters than its own"))
    } else {
        Ok(())
    }
}

fn integer(value: &Value<'_>, label: i64) -> Result<i64, Malformed> {
    value.label(label).and_then(Value::integer).ok_or(MISSING)
}

fn bytes<'a>(value: &Value<'a>, label: i64) -> Result<&'a [u8], Malformed> {
    value.label(label).and_then(Value::bytes).ok_or(MISSING)
}

const NO_POINT: Malformed = Malformed("the coordinates are those of no point on the curve");
const MISSING: Malformed = Malformed("a parameter of the key is missing");
const KTY: i64 = 1;
const ALG: i64 = 3;
const CRV: i64 = -1;
const X: i64 = -2;
const Y: i64 = -3;
const N: i64 = -1;
const E: i64 = -2;
const OKP: i64 = 1;
const EC2: i64 = 2;
const RSA: i64 = 3;
const P256: i64 = 1;
const P384: i64 = 2;
const ED25519: i64 = 6;

#[cfg(test)]
mod tests;
