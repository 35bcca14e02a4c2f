//! Why a token is refused.

use strict_jws::json::InvalidJson;

/// Why a token is refused: for the service and its log. Whoever presented it learns `invalid_token`
/// and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// There is no token.
    #[error("there is no token")]
    NoToken,
    /// There is more than one token.
    #[error("there is more than one token")]
    SeveralTokens,
    /// The form, the header or the signature is wrong, or the key is unknown.
    #[error(transparent)]
    Token(#[from] strict_jws::Refusal),
    /// The key's name or algorithm is not one that the profile has.
    #[error("the profile has no such key")]
    KeyOutsideProfile,
    /// The payload is no JSON document.
    #[error("the payload is no JSON document")]
    PayloadJson(#[source] InvalidJson),
    /// The payload is no JSON object.
    #[error("the payload is no JSON object")]
    PayloadNotAnObject,
    /// A claim is missing.
    #[error("the claim {0} is missing")]
    MissingClaim(&'static str),
    /// A claim has another type than its own.
    #[error("the claim {0} has the wrong type")]
    WrongType(&'static str),
    /// A claim has a value that such a claim cannot have.
    #[error("the claim {0} has an impossible value")]
    InvalidClaim(&'static str),
    /// Another issuer than the expected one.
    #[error("another issuer than expected")]
    WrongIssuer,
    /// Another audience than the expected one.
    #[error("another audience than expected")]
    WrongAudience,
    /// Another subject than the expected one.
    #[error("another subject than expected")]
    WrongSubject,
    /// The token has expired.
    #[error("the token has expired")]
    Expired,
    /// The token is not valid yet.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// The token was issued in the future.
    #[error("the token was issued in the future")]
    IssuedInFuture,
    /// The token expires before it was issued.
    #[error("the token expires before it was issued")]
    ExpiresBeforeIssued,
    /// The token lives longer than the verifier allows.
    #[error("the token lives longer than {max} seconds")]
    LivesTooLong {
        /// How long the verifier allows, in seconds.
        max: u64,
    },
    /// The token has no nonce, or another than the expected one.
    #[error("the token has not the expected nonce")]
    Nonce,
    /// The token has been presented before.
    #[error("the token has been presented before")]
    Replayed,
    /// Whether the token has been presented before cannot be told now.
    #[error("the store of presented tokens fails")]
    StoreFails,
    /// The SIM is not allowed, or not in this device.
    #[error("the SIM is not allowed, or not in this device")]
    SimNotAllowed,
    /// The token is bound to a key, and no proof of it was presented.
    #[error("the token is bound to a key of which there is no proof")]
    ProofMissing,
    /// The token is not bound to a key, as the verifier demands.
    #[error("the token is not bound to a key")]
    NotBound,
    /// The proof of the key is refused.
    #[error("the proof of the key is refused")]
    Proof(#[source] crate::dpop::ProofRefusal),
    /// The token has been revoked, or its status list says something unknown.
    #[error("the token has been revoked")]
    Revoked,
    /// Whether the token has been revoked cannot be told now.
    #[error("the status of the token is unknown")]
    StatusUnknown,
    /// A policy of the service's own refuses it.
    #[error("a policy refuses: {0}")]
    Policy(&'static str),
}

impl Refusal {
    /// Whether a fresh set of keys might change it.
    pub fn is_unknown_key(&self) -> bool {
        *self == Self::Token(strict_jws::Refusal::UnknownKey)
    }

    /// Whether it is the proof of a key that is missing or wrong, and not the token (RFC 9449 §5, §7.1).
    pub fn is_about_proof(&self) -> bool {
        matches!(self, Self::ProofMissing | Self::NotBound | Self::Proof(_))
    }

    /// The field `WWW-Authenticate` of an answer 401 (RFC 6750 §3, RFC 9449 §7.1): it tells nothing of
    /// the reason.
    pub fn challenge(&self) -> &'static str {
        if *self == Self::NoToken {
            "Bearer"
        } else if self.is_about_proof() {
            "DPoP error=\"invalid_token\", algs=\"ES256 EdDSA\""
        } else {
            "Bearer error=\"invalid_token\""
        }
    }
}
