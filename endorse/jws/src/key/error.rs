//! Why a public key is refused.

use crate::base64::InvalidBase64;
use crate::json::InvalidJson;

/// Why a public key is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidKey {
    /// The text is not one PEM block of the expected label.
    #[error("not one PEM block with the label {expected}")]
    Pem {
        /// The label that was expected.
        expected: &'static str,
    },
    /// The octets are not the DER form of a SubjectPublicKeyInfo.
    #[error("not the DER form of a SubjectPublicKeyInfo")]
    Der,
    /// The key is of a kind that none of the algorithms uses: another type, curve, use or algorithm.
    #[error("{0} is for none of ES256, EdDSA and RS256")]
    Unsupported(Attribute),
    /// The RSA modulus has fewer than 2048 bits.
    #[error("the RSA modulus has {bits} bits, fewer than 2048")]
    ModulusTooSmall {
        /// How many it has.
        bits: usize,
    },
    /// The RSA modulus has more than 8192 bits.
    #[error("the RSA modulus has {bits} bits, more than 8192")]
    ModulusTooLarge {
        /// How many it has.
        bits: usize,
    },
    /// The RSA modulus is even.
    #[error("the RSA modulus is even")]
    EvenModulus,
    /// The RSA exponent is not an odd number from 65537 to 2^33 - 1.
    #[error("the RSA exponent is not an odd number from 65537 to 2^33 - 1")]
    Exponent,
    /// The coordinates are those of no point on the curve.
    #[error("the coordinates are those of no point on the curve")]
    NotOnCurve,
    /// The Ed25519 point has a small order, or is not written in its only form.
    #[error("the Ed25519 point has a small order or another form than its own")]
    SmallOrder,
    /// The JWK is not JSON.
    #[error("the JWK is no JSON document")]
    Json(#[source] InvalidJson),
    /// The JWK is no JSON object.
    #[error("the JWK is no JSON object")]
    NotAnObject,
    /// The JWK lacks a member.
    #[error("the JWK has no member {0}")]
    Missing(&'static str),
    /// A member of the JWK has another type than its own.
    #[error("the JWK's member {0} has the wrong type")]
    WrongType(&'static str),
    /// A member of the JWK is not base64url.
    #[error("the JWK's member {0} is not base64url")]
    Base64(&'static str, #[source] InvalidBase64),
    /// A member of the JWK has the wrong length, or superfluous leading zeros (RFC 7518 §2).
    #[error("the JWK's member {0} has the wrong length")]
    Length(&'static str),
    /// The JWK says what its type is, and the algorithm of another.
    #[error("the JWK's type and algorithm contradict each other")]
    Contradiction,
    /// The JWK has a member of a private key, which has no place here.
    #[error("the JWK holds a private key")]
    Private,
}

/// What tells that a key is for something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Attribute {
    /// The type (`kty`, or the algorithm of a SubjectPublicKeyInfo).
    Type,
    /// The curve (`crv`).
    Curve,
    /// The algorithm (`alg`).
    Algorithm,
    /// The use (`use`).
    Use,
    /// The operations (`key_ops`).
    Operations,
}

impl std::fmt::Display for Attribute {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Type => "the key's type",
            Self::Curve => "the key's curve",
            Self::Algorithm => "the key's algorithm",
            Self::Use => "the key's use",
            Self::Operations => "the key's operations",
        })
    }
}
