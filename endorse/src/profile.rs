//! The two kinds of token. Neither verifier takes the other's.

use strict_jws::{Algorithm, Header, KeyId, Policy, Signer};

use crate::{Refusal, Subject};

/// The `typ` of a native token.
pub const NATIVE_TYP: &str = "endorse+jwt";

/// What tells a token of one profile from one of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    Native,
    /// SORACOM Endorse's format, in which the subject is a constant.
    Soracom {
        subject: Subject,
    },
}

impl Profile {
    /// What a header must have.
    pub(crate) fn policy(&self) -> Policy {
        match self {
            Self::Native => Policy::typed(NATIVE_TYP),
            Self::Soracom { .. } => Policy::untyped(),
        }
    }

    pub(crate) fn typ(&self) -> Option<&'static str> {
        match self {
            Self::Native => Some(NATIVE_TYP),
            Self::Soracom { .. } => None,
        }
    }

    /// The claim that tells of the SIM.
    pub(crate) fn sim_claim(&self) -> &'static str {
        match self {
            Self::Native => "endorse",
            Self::Soracom { .. } => "soracom-endorse-claim",
        }
    }

    /// For how long a token lives, in seconds, unless something else is agreed on.
    pub(crate) fn lifetime(&self) -> u64 {
        match self {
            Self::Native => 300,
            Self::Soracom { .. } => 600,
        }
    }

    /// How many seconds before its issue a token is valid already.
    pub(crate) fn head_start(&self) -> u64 {
        match self {
            Self::Native => 0,
            Self::Soracom { .. } => 60,
        }
    }

    pub(crate) fn check_header(&self, header: &Header) -> Result<(), Refusal> {
        match self {
            Self::Native => Ok(()),
            Self::Soracom { .. } => check_soracom_key(header.algorithm(), header.key_id()),
        }
    }

    pub(crate) fn check_signer(&self, signer: &Signer) -> Result<(), Refusal> {
        match self {
            Self::Native => Ok(()),
            Self::Soracom { .. } => check_soracom_key(signer.algorithm(), signer.key_id()),
        }
    }

    /// Whether a subject and a SIM are those of this profile.
    pub(crate) fn check_claims(&self, claims: &crate::Claims) -> Result<(), Refusal> {
        match self {
            Self::Native => match claims.sim.method {
                Some(_) => Ok(()),
                None => Err(Refusal::MissingClaim("method")),
            },
            Self::Soracom { subject } if claims.subject != *subject => Err(Refusal::WrongSubject),
            Self::Soracom { .. } => match &claims.sim.imsi {
                Some(imsi) if imsi.as_str().len() != 15 => Err(Refusal::InvalidClaim("imsi")),
                _ => Ok(()),
            },
        }
    }
}

/// RS256, under `v1-`, 32 lower-case hexadecimal digits and `-x509.pem`.
fn check_soracom_key(algorithm: Algorithm, key_id: &KeyId) -> Result<(), Refusal> {
    let digits = key_id.as_str().strip_prefix("v1-");
    let digits = digits.and_then(|rest| rest.strip_suffix("-x509.pem"));
    let is_digit = |octet: u8| matches!(octet, b'0'..=b'9' | b'a'..=b'f');
    let named = digits.is_some_and(|digits| digits.len() == 32 && digits.bytes().all(is_digit));
    if named && algorithm == Algorithm::Rs256 {
        Ok(())
    } else {
        Err(Refusal::KeyOutsideProfile)
    }
}
