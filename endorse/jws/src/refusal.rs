//! Why a token is refused.

use crate::base64::InvalidBase64;
use crate::json::InvalidJson;
use crate::{Algorithm, InvalidKey};

/// Why a token is refused; for the caller and the log, not for whoever presented it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// There is nothing.
    #[error("the token is empty")]
    Empty,
    /// It is longer than the policy allows.
    #[error("the token is longer than {limit} octets")]
    TooLong {
        /// The policy's limit in octets.
        limit: usize,
    },
    /// It holds octets outside ASCII.
    #[error("the token is not ASCII")]
    NotAscii,
    /// It has not exactly two dots.
    #[error("the token has not exactly three parts")]
    Parts,
    /// A part is not base64url.
    #[error("the {0} is not base64url")]
    Base64(Part, #[source] InvalidBase64),
    /// The header is no JSON document.
    #[error("the header is no JSON document")]
    HeaderJson(#[source] InvalidJson),
    /// The header is no JSON object.
    #[error("the header is no JSON object")]
    HeaderNotAnObject,
    /// The header has a member that would change what verification means.
    #[error("the header has the member {0}")]
    ForbiddenMember(&'static str),
    /// The header has a member that is none of `alg`, `kid` and `typ`.
    #[error("the header has an unknown member")]
    UnknownMember,
    /// The header lacks a member.
    #[error("the header has no member {0}")]
    MissingMember(&'static str),
    /// A member of the header is not a string.
    #[error("the header's member {0} is not a string")]
    WrongType(&'static str),
    /// The header's `alg` is none of `ES256`, `EdDSA` and `RS256`.
    #[error("the header's algorithm is none of ES256, EdDSA and RS256")]
    UnsupportedAlgorithm,
    /// The header's `kid` is not a [`KeyId`](crate::KeyId).
    #[error("the header's kid is not a key identifier")]
    InvalidKeyId,
    /// The header's `typ` is not what the policy expects.
    #[error("the token is of another type than expected")]
    UnexpectedTyp,
    /// No key has the header's `kid`.
    #[error("no key has the token's kid")]
    UnknownKey,
    /// The header's `alg` is not that of the key.
    #[error("the header says {header}, and the key is for {key}")]
    AlgorithmMismatch {
        /// What the header says.
        header: Algorithm,
        /// What the key is for.
        key: Algorithm,
    },
    /// The signature is not the key's on this token.
    #[error("the signature does not verify")]
    Signature,
    /// The key that the header carries is refused.
    #[error("the key in the header is refused")]
    EmbeddedKey(#[source] InvalidKey),
}

/// A part of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "RFC 7515 §7.1 has closed the set")]
pub enum Part {
    /// The first part.
    Header,
    /// The second part.
    Payload,
    /// The third part.
    Signature,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Header => "header",
            Self::Payload => "payload",
            Self::Signature => "signature",
        })
    }
}
