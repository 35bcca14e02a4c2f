//! Callers who bring a token of an issuer that the settings trust: an OAuth access token, or the
//! word of an endorse server for a SIM.

use std::{fs, str::FromStr, sync::Arc};

use endorse::{
    Endorsement, MemorySingleUse, Presented, Refusal, UnixTime, Verifier,
    dpop::{ProofCheck, ProofOf},
    keys::KeySource,
};
use strict_jws::{Policy, Unverified};

use super::{Authenticator, Caller, Credential, EntryError};
use access_token::{AccessToken, AccessTokens};
pub use settings::{TokenIssuer, TokenProfile};

mod access_token;
mod settings;

/// Why a trusted issuer's tokens cannot be verified.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssuerError {
    /// Its name, the audience or the subject is none.
    #[error(transparent)]
    Name(#[from] endorse::InvalidName),
    /// Its certificate cannot be read.
    #[error("ca cannot be read")]
    Ca(#[source] std::io::Error),
    /// Its certificate is none.
    #[error("ca")]
    Trust(#[from] endorse::keys::InvalidTrust),
    /// Its keys' place is none.
    #[error("keys")]
    Place(#[from] endorse::keys::InvalidUrl),
    /// Its keys are not where they should be, or are none.
    #[error("keys")]
    Keys(#[from] endorse::keys::KeySourceError),
}

/// Knows callers by the tokens of one issuer.
#[derive(Debug)]
pub struct Issued {
    settings: TokenIssuer,
    keys: Arc<dyn KeySource>,
    way: Way,
    now: fn() -> UnixTime,
}

/// How its tokens are verified.
#[derive(Debug)]
enum Way {
    Endorsements(Verifier),
    AccessTokens(AccessTokens),
}

/// What a good token says of its bearer.
struct Bearer {
    subject: String,
    /// Other names under which the settings may list them.
    alias: Option<String>,
    /// `None`: whatever the settings allow.
    scopes: Option<Vec<String>>,
    sims: Option<Vec<String>>,
}

impl Issued {
    /// With another clock.
    #[must_use]
    pub fn with_clock(self, now: fn() -> UnixTime) -> Self {
        Self { now, ..self }
    }

    fn new(settings: &TokenIssuer) -> Result<Self, IssuerError> {
        let keys = settings.key_source()?;
        let proofs = ProofCheck::new().once(Arc::new(MemorySingleUse::default()));
        Ok(Self {
            way: settings.way(Arc::clone(&keys), proofs)?,
            keys,
            settings: settings.clone(),
            now: system_time,
        })
    }

    fn verify(&self, token: &str, proof: Option<ProofOf<'_>>) -> Result<Bearer, Refusal> {
        let now = (self.now)();
        match &self.way {
            Way::AccessTokens(tokens) => Ok(tokens.verify(token, proof, now)?.into()),
            Way::Endorsements(verifier) => {
                let mut presented = Presented::new(token);
                if let Some(proof) = proof {
                    presented = presented.with_proof(proof);
                }
                Ok(verifier.verify(presented, now)?.into())
            }
        }
    }

    /// The caller, as far as both the token and the settings allow it to go.
    fn caller(&self, bearer: &Bearer) -> Option<Caller> {
        if !self
            .settings
            .takes(&bearer.subject, bearer.alias.as_deref())
        {
            tracing::debug!(
                issuer = self.settings.name(),
                "a subject is not on the list"
            );
            return None;
        }
        let name = format!("{}:{}", self.settings.name(), bearer.subject);
        let is_told = |scope: &&String| {
            let told = bearer.scopes.as_ref();
            told.is_none_or(|told| told.contains(scope))
        };
        let scopes = self.settings.scopes().iter().filter(is_told);
        let mut caller = Caller::new(&name, scopes.cloned());
        let lists = [self.settings.resources(), bearer.sims.as_ref()];
        for only in lists.into_iter().flatten() {
            caller = caller.only(only.iter().cloned());
        }
        Some(caller)
    }

    fn policy(&self) -> Policy {
        match &self.way {
            Way::AccessTokens(tokens) => tokens.policy(),
            Way::Endorsements(_) => self.settings.profile().policy(),
        }
    }
}

impl Authenticator for Issued {
    fn identify(&self, credential: &Credential<'_>) -> Option<Caller> {
        let (token, proof) = match credential {
            Credential::Bearer(token) => (*token, None),
            Credential::Bound(bound) => (
                bound.token,
                Some(ProofOf::new(bound.proof, bound.method, bound.url)),
            ),
            Credential::Certificate(_) => return None,
        };
        match self.verify(token, proof) {
            Ok(bearer) => self.caller(&bearer),
            Err(reason) => {
                tracing::debug!(issuer = self.settings.name(), %reason, "a token is refused");
                None
            }
        }
    }

    fn lacks_keys(&self, token: &str) -> bool {
        let unknown = |token: Unverified<'_>| self.keys.find(token.header().key_id()).is_none();
        let parsed = Unverified::parse(token, &self.policy());
        parsed.is_ok_and(|token| self.keys.is_due((self.now)()) || unknown(token))
    }

    fn has_old_keys(&self) -> bool {
        self.keys.is_aging((self.now)())
    }

    fn fetch_keys(&self, token: &str) {
        let parsed = Unverified::parse(token, &self.policy()).ok();
        let wanted = parsed.as_ref().map(|token| token.header().key_id());
        if let Err(error) = self.keys.refresh(wanted, (self.now)()) {
            let error: &dyn std::error::Error = &error;
            let issuer = self.settings.name();
            tracing::warn!(issuer, error, "the keys of an issuer cannot be fetched");
        }
    }
}

impl TokenIssuer {
    /// What knows callers by this issuer's tokens.
    ///
    /// Keys in files are read at once, those behind a URL when the first token comes.
    ///
    /// # Errors
    /// A scope is not one of `known_scopes`, a name or place is none, keys cannot be read.
    pub fn authenticator(&self, known_scopes: &[&str]) -> Result<Issued, EntryError> {
        super::entry::check_scopes(self.name(), self.scopes(), known_scopes)?;
        Issued::new(self).map_err(|source| EntryError::Issuer {
            name: self.name().to_owned(),
            source,
        })
    }
}

impl From<Endorsement> for Bearer {
    fn from(endorsement: Endorsement) -> Self {
        let imsi = endorsement.sim().imsi.as_ref();
        Self {
            subject: endorsement.subject().to_string(),
            alias: imsi.map(|imsi| imsi.as_str().to_owned()),
            scopes: None,
            sims: None,
        }
    }
}

impl From<AccessToken> for Bearer {
    fn from(token: AccessToken) -> Self {
        Self {
            subject: token.subject,
            alias: None,
            scopes: Some(token.scopes),
            sims: token.sims,
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the edge where the clock is read"
)]
fn system_time() -> UnixTime {
    std::time::SystemTime::now().into()
}
