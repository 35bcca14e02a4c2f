//! JSON Web Keys (RFC 7517, RFC 7518 §6, RFC 8037 §2), public ones only.

use super::public::Material;
use super::rsa::RsaKey;
use super::{Attribute, InvalidKey, PublicKey};
use crate::json::{Kind, ObjectWriter, Value};
use crate::{Algorithm, base64};

/// Members of private and symmetric keys (RFC 7518 §6.2.2, §6.3.2, §6.4).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

pub(super) fn read(jwk: Value<'_>) -> Result<PublicKey, InvalidKey> {
    if jwk.kind() != Kind::Object {
        return Err(InvalidKey::NotAnObject);
    }
    if jwk.members().any(|(name, _)| PRIVATE.contains(&&*name)) {
        return Err(InvalidKey::Private);
    }
    check_purpose(jwk)?;
    let key = match &*required(jwk, "kty")? {
        "EC" => p256(jwk)?,
        "OKP" => ed25519(jwk)?,
        "RSA" => rsa(jwk)?,
        _ => return Err(InvalidKey::Unsupported(Attribute::Type)),
    };
    check_algorithm(jwk, key.algorithm())?;
    Ok(key)
}

/// The required members, in the order of RFC 7638 §3.2.
pub(super) fn write(material: &Material, object: &mut ObjectWriter) {
    match material {
        Material::P256(point) => {
            let (x, y) = point.split_at(33);
            let x = x.get(1..).unwrap_or_default();
            object.string("crv", "P-256").string("kty", "EC");
            object
                .string("x", &base64::encode(x))
                .string("y", &base64::encode(y));
        }
        Material::Ed25519(point) => {
            object.string("crv", "Ed25519").string("kty", "OKP");
            object.string("x", &base64::encode(point));
        }
        Material::Rsa(key) => {
            object
                .string("e", &base64::encode(key.exponent()))
                .string("kty", "RSA");
            object.string("n", &base64::encode(key.modulus()));
        }
    }
}

/// `use` and `key_ops`, where they are given, must speak of verifying signatures and nothing else.
fn check_purpose(jwk: Value<'_>) -> Result<(), InvalidKey> {
    if optional(jwk, "use")?.is_some_and(|purpose| purpose != "sig") {
        return Err(InvalidKey::Unsupported(Attribute::Use));
    }
    let Some(operations) = jwk.member("key_ops") else {
        return Ok(());
    };
    if operations.kind() != Kind::Array {
        return Err(InvalidKey::WrongType("key_ops"));
    }
    let mut operations = operations.elements().map(|operation| operation.string());
    if operations.next().flatten().as_deref() == Some("verify") && operations.next().is_none() {
        Ok(())
    } else {
        Err(InvalidKey::Unsupported(Attribute::Operations))
    }
}

fn check_algorithm(jwk: Value<'_>, algorithm: Algorithm) -> Result<(), InvalidKey> {
    let Some(name) = optional(jwk, "alg")? else {
        return Ok(());
    };
    match Algorithm::from_name(&name) {
        Some(named) if named == algorithm => Ok(()),
        Some(_) => Err(InvalidKey::Contradiction),
        None => Err(InvalidKey::Unsupported(Attribute::Algorithm)),
    }
}

fn p256(jwk: Value<'_>) -> Result<PublicKey, InvalidKey> {
    if required(jwk, "crv")? != "P-256" {
        return Err(InvalidKey::Unsupported(Attribute::Curve));
    }
    let [x, y] = [coordinate(jwk, "x")?, coordinate(jwk, "y")?];
    let mut point = [4; 65];
    for (to, from) in point.iter_mut().skip(1).zip(x.iter().chain(&y)) {
        *to = *from;
    }
    PublicKey::p256(point)
}

fn ed25519(jwk: Value<'_>) -> Result<PublicKey, InvalidKey> {
    if required(jwk, "crv")? != "Ed25519" {
        return Err(InvalidKey::Unsupported(Attribute::Curve));
    }
    PublicKey::ed25519(coordinate(jwk, "x")?)
}

fn rsa(jwk: Value<'_>) -> Result<PublicKey, InvalidKey> {
    let [modulus, exponent] = [number(jwk, "n")?, number(jwk, "e")?];
    Ok(PublicKey::new(Material::Rsa(RsaKey::new(
        &modulus, &exponent,
    )?)))
}

fn coordinate(jwk: Value<'_>, name: &'static str) -> Result<[u8; 32], InvalidKey> {
    octets(jwk, name)?
        .try_into()
        .or(Err(InvalidKey::Length(name)))
}

/// A Base64urlUInt (RFC 7518 §2): no leading zeros.
fn number(jwk: Value<'_>, name: &'static str) -> Result<Vec<u8>, InvalidKey> {
    let octets = octets(jwk, name)?;
    match octets.first() {
        Some(first) if *first != 0 => Ok(octets),
        _ => Err(InvalidKey::Length(name)),
    }
}

fn octets(jwk: Value<'_>, name: &'static str) -> Result<Vec<u8>, InvalidKey> {
    let text = required(jwk, name)?;
    base64::decode(text.as_bytes()).map_err(|cause| InvalidKey::Base64(name, cause))
}

type Text<'d> = std::borrow::Cow<'d, str>;

fn required<'d>(jwk: Value<'d>, name: &'static str) -> Result<Text<'d>, InvalidKey> {
    optional(jwk, name)?.ok_or(InvalidKey::Missing(name))
}

fn optional<'d>(jwk: Value<'d>, name: &'static str) -> Result<Option<Text<'d>>, InvalidKey> {
    match jwk.member(name) {
        Some(value) => value.string().map(Some).ok_or(InvalidKey::WrongType(name)),
        None => Ok(None),
    }
}
