//! SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) of the three kinds of key.

use super::der::{self, BIT_STRING, OBJECT_IDENTIFIER, SEQUENCE};
use super::public::Material;
use super::rsa::RsaKey;
use super::{Attribute, InvalidKey, PublicKey};

/// id-ecPublicKey (RFC 5480 §2.1.1).
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// secp256r1 (RFC 5480 §2.1.1.1).
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
/// id-Ed25519 (RFC 8410 §3).
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
/// rsaEncryption (RFC 3279 §2.3.1).
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// The parameters of rsaEncryption.
const NULL: &[u8] = &[0x05, 0x00];

pub(super) fn read(der: &[u8]) -> Result<PublicKey, InvalidKey> {
    let (identifier, key) = split(der).ok_or(InvalidKey::Der)?;
    let (algorithm, parameters) =
        der::read(identifier, OBJECT_IDENTIFIER).ok_or(InvalidKey::Der)?;
    let public = match algorithm {
        EC_PUBLIC_KEY => p256(parameters, key)?,
        ED25519 => PublicKey::ed25519(key.try_into().or(Err(InvalidKey::Der))?)?,
        RSA_ENCRYPTION => PublicKey::new(Material::Rsa(RsaKey::from_der(key)?)),
        _ => return Err(InvalidKey::Unsupported(Attribute::Type)),
    };
    // One key, one form: whatever else there was would be lost here.
    if public.to_spki() == der {
        Ok(public)
    } else {
        Err(InvalidKey::Der)
    }
}

pub(super) fn write(material: &Material) -> Vec<u8> {
    let (algorithm, parameters, key) = match material {
        Material::P256(point) => {
            let curve = der::write(OBJECT_IDENTIFIER, P256);
            (EC_PUBLIC_KEY, curve, point.to_vec())
        }
        Material::Ed25519(point) => (ED25519, Vec::new(), point.to_vec()),
        Material::Rsa(key) => (RSA_ENCRYPTION, NULL.to_vec(), key.to_der()),
    };
    let algorithm = der::write(OBJECT_IDENTIFIER, algorithm);
    let identifier = der::write(SEQUENCE, &[algorithm, parameters].concat());
    let key = der::write(BIT_STRING, &[&[0], &*key].concat());
    der::write(SEQUENCE, &[identifier, key].concat())
}

fn p256(parameters: &[u8], key: &[u8]) -> Result<PublicKey, InvalidKey> {
    let (curve, _) = der::read(parameters, OBJECT_IDENTIFIER).ok_or(InvalidKey::Der)?;
    if curve != P256 {
        return Err(InvalidKey::Unsupported(Attribute::Curve));
    }
    PublicKey::p256(key.try_into().or(Err(InvalidKey::Der))?)
}

/// The content of the AlgorithmIdentifier, and the octets of the key.
fn split(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (info, _) = der::read(der, SEQUENCE)?;
    let (identifier, rest) = der::read(info, SEQUENCE)?;
    let (bits, _) = der::read(rest, BIT_STRING)?;
    Some((identifier, bits.strip_prefix(&[0])?))
}
