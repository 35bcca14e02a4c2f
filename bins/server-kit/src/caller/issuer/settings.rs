//! Trusted issuers as the settings write them down.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use endorse::{
    Audience, Binding, IssuerId, NATIVE_TYP, Verifier,
    dpop::ProofCheck,
    keys::{Cached, Https, JwksFile, JwksUrl, KeySource, PemFolder, PemRepository, Trust},
};
use serde::{Deserialize, Serialize};
use strict_jws::Policy;

use super::{AccessTokens, FromStr, IssuerError, Way, fs, system_time};
use crate::caller::{EntryError, entry::inline_table};

/// One `[[token-issuer]]` of the settings: whose tokens are taken, and what they allow at the most.
///
/// ```
/// use server_kit::caller::TokenIssuer;
///
/// let issuer: TokenIssuer = r#"{ name = "id", issuer = "https://id.example",
///     audience = "https://sim.example", keys = "https://id.example/jwks.json",
///     scopes = ["sim:read"] }"#.replace('\n', " ").parse()?;
/// assert_eq!(issuer.name(), "id");
/// # Ok::<(), server_kit::caller::EntryError>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TokenIssuer {
    name: String,
    issuer: String,
    audience: String,
    keys: String,
    #[serde(default)]
    profile: TokenProfile,
    scopes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    only: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subjects: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ca: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_lifetime: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bound: Option<bool>,
}

/// What kind of tokens an issuer gives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum TokenProfile {
    /// OAuth access tokens of `typ` `at+jwt` (RFC 9068).
    #[default]
    AccessToken,
    /// The same claims, by issuers that write `typ` `JWT` or none: nothing but the audience tells
    /// such a token from an ID token.
    Jwt,
    /// Tokens of an endorse server.
    Endorse,
    /// Tokens in the format of SORACOM Endorse.
    Soracom,
}

/// About whom tokens in SORACOM's format are.
const SORACOM_SUBJECT: &str = "soracom-endorse";

/// How many seconds an access token may live unless the settings say otherwise.
const ACCESS_TOKEN_LIFETIME: u64 = 3600;

impl TokenProfile {
    pub(super) const fn policy(self) -> Policy {
        match self {
            Self::AccessToken => Policy::typed("at+jwt"),
            Self::Jwt => Policy::untyped_or_jwt(),
            Self::Endorse => Policy::typed(NATIVE_TYP),
            Self::Soracom => Policy::untyped(),
        }
    }
}

impl TokenIssuer {
    /// The issuer's name, for the audit trail.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn profile(&self) -> TokenProfile {
        self.profile
    }

    pub(super) fn scopes(&self) -> &[String] {
        &self.scopes
    }

    pub(super) fn resources(&self) -> Option<&Vec<String>> {
        self.only.as_ref()
    }

    /// Whether somebody of these names is taken.
    pub(super) fn takes(&self, subject: &str, alias: Option<&str>) -> bool {
        let Some(subjects) = &self.subjects else {
            return true;
        };
        let mut subjects = subjects.iter().map(String::as_str);
        subjects.any(|listed| listed == subject || Some(listed) == alias)
    }

    pub(super) fn way(
        &self,
        keys: Arc<dyn KeySource>,
        proofs: ProofCheck,
    ) -> Result<Way, IssuerError> {
        let (issuer, audience): (IssuerId, Audience) =
            (self.issuer.parse()?, self.audience.parse()?);
        let binding = match self.bound {
            Some(true) => Binding::Required,
            Some(false) | None => Binding::AsIssued,
        };
        let verifier = match self.profile {
            TokenProfile::AccessToken | TokenProfile::Jwt => {
                return Ok(Way::AccessTokens(AccessTokens {
                    issuer,
                    audience,
                    keys,
                    policy: self.profile.policy(),
                    max_lifetime: self.max_lifetime.unwrap_or(ACCESS_TOKEN_LIFETIME),
                    binding,
                    proofs,
                }));
            }
            TokenProfile::Endorse => Verifier::native(issuer, audience, keys),
            TokenProfile::Soracom => {
                Verifier::soracom(issuer, audience, SORACOM_SUBJECT.parse()?, keys)
            }
        };
        let verifier = verifier.with_binding(binding, proofs);
        Ok(Way::Endorsements(match self.max_lifetime {
            Some(seconds) => verifier.with_max_lifetime(seconds),
            None => verifier,
        }))
    }

    /// A JWK set, or PEM files each under its `kid`: in a file or folder, or behind a URL.
    pub(super) fn key_source(&self) -> Result<Arc<dyn KeySource>, IssuerError> {
        let path = Path::new(&self.keys);
        if self.keys.contains("://") {
            return self.remote_keys(path.extension().is_some_and(|end| end == "json"));
        }
        let keys: Arc<dyn KeySource> = if path.is_dir() {
            Arc::new(Cached::new(PemFolder::new(path)))
        } else {
            Arc::new(Cached::new(JwksFile::new(path)))
        };
        keys.refresh(None, system_time())?;
        Ok(keys)
    }

    fn remote_keys(&self, is_set: bool) -> Result<Arc<dyn KeySource>, IssuerError> {
        let ca = self.ca.as_ref().map(fs::read_to_string);
        let ca = ca.transpose().map_err(IssuerError::Ca)?;
        let https = Https::new(ca.as_deref().map_or(Trust::Public, Trust::Only))?;
        let is_set = is_set || self.profile != TokenProfile::Soracom;
        Ok(if is_set {
            Arc::new(Cached::new(JwksUrl::new(&self.keys, https)?))
        } else {
            Arc::new(Cached::new(PemRepository::new(&self.keys, https)?))
        })
    }
}

impl FromStr for TokenIssuer {
    type Err = EntryError;

    /// Reads an inline table: `{ name = "id", issuer = "https://id.example", ... }`.
    fn from_str(text: &str) -> Result<Self, EntryError> {
        Ok(inline_table(text)?)
    }
}
