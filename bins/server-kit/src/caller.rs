//! Who calls, and what they may do.
//!
//! A [`Guard`] asks its [`Authenticator`]s one after the other: [`Tokens`] knows bearer tokens by
//! their digests, [`Certificates`] knows client certificates that the TLS layer has verified,
//! [`Issued`] knows the tokens of a trusted issuer.
//! Another way of authentication is another implementation of the trait.

use std::{collections::BTreeSet, sync::Arc};

use axum::http::StatusCode;

use crate::problem::Problem;

pub use certificate::{Certificates, PeerCertificate};
pub use entry::{Entry, EntryError, read_entries};
pub use guard::{Authenticator, BoundToken, Credential, Guard, Shown};
pub use issuer::{Issued, IssuerError, TokenIssuer, TokenProfile};
pub use new_token::{CallerScopes, NewToken, NoToken, TokenCommand};
pub use options::CallerOptions;
pub use token::{Token, Tokens};

mod certificate;
mod entry;
mod guard;
mod issuer;
mod new_token;
mod options;
mod token;

/// Somebody who may do something.
///
/// ```
/// use server_kit::caller::{Caller, Denied};
///
/// let lab = Caller::new("lab", ["sim:read"]).only(["sim-1"]);
/// assert!(lab.may("sim:read").is_ok());
/// assert_eq!(lab.may("sim:apdu"), Err(Denied::Scope("sim:apdu")));
/// assert_eq!(lab.reaches(["sim-2"]), Err(Denied::Resource));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    name: Arc<str>,
    scopes: Arc<BTreeSet<String>>,
    /// Each list narrows the one before.
    only: Vec<Arc<BTreeSet<String>>>,
}

/// Why a caller is turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Denied {
    /// Nothing says who calls.
    #[error("no credentials")]
    Missing,
    /// The token or the certificate is nobody's.
    #[error("unknown credentials")]
    Unknown,
    /// The token that is bound to a key is nobody's, or the proof of its key is wrong.
    #[error("unknown credentials, or a wrong proof of their key")]
    Unproven,
    /// The caller lacks this scope.
    #[error("the scope {0} is missing")]
    Scope(&'static str),
    /// The caller may not use this resource.
    #[error("this caller may not use it")]
    Resource,
}

impl Caller {
    /// A caller with a name for the audit trail and scopes, for every resource.
    pub fn new<S: Into<String>>(name: &str, scopes: impl IntoIterator<Item = S>) -> Self {
        Self {
            name: name.into(),
            scopes: Arc::new(scopes.into_iter().map(Into::into).collect()),
            only: Vec::new(),
        }
    }

    /// The same caller, for these resources only, of those that it was for before.
    #[must_use]
    pub fn only<S: Into<String>>(mut self, resources: impl IntoIterator<Item = S>) -> Self {
        let resources = resources.into_iter().map(Into::into).collect();
        self.only.push(Arc::new(resources));
        self
    }

    /// The name for the audit trail and the rate limit.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the caller may do what `scope` names.
    ///
    /// # Errors
    /// The caller lacks the scope.
    pub fn may(&self, scope: &'static str) -> Result<(), Denied> {
        if self.scopes.contains(scope) {
            Ok(())
        } else {
            Err(Denied::Scope(scope))
        }
    }

    /// Whether the caller may use the resource that goes by any of `names`.
    ///
    /// # Errors
    /// The caller is bound to other resources.
    pub fn reaches<'a>(
        &self,
        names: impl IntoIterator<Item = &'a str, IntoIter: Clone>,
    ) -> Result<(), Denied> {
        let names = names.into_iter();
        let holds = |only: &Arc<BTreeSet<String>>| names.clone().any(|name| only.contains(name));
        if self.only.iter().all(holds) {
            Ok(())
        } else {
            Err(Denied::Resource)
        }
    }
}

impl Denied {
    /// What the field `WWW-Authenticate` says (RFC 6750 §3, RFC 9449 §7.1).
    fn challenge(self) -> Option<String> {
        match self {
            Self::Missing => Some("Bearer".to_owned()),
            Self::Unknown => Some("Bearer error=\"invalid_token\"".to_owned()),
            Self::Unproven => Some("DPoP error=\"invalid_token\", algs=\"ES256 EdDSA\"".to_owned()),
            Self::Scope(scope) => Some(format!(
                "Bearer error=\"insufficient_scope\", scope=\"{scope}\""
            )),
            Self::Resource => None,
        }
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        let (status, code) = match denied {
            Denied::Missing => (StatusCode::UNAUTHORIZED, "no_credentials"),
            Denied::Unknown | Denied::Unproven => (StatusCode::UNAUTHORIZED, "unknown_credentials"),
            Denied::Scope(_) => (StatusCode::FORBIDDEN, "scope_missing"),
            Denied::Resource => (StatusCode::FORBIDDEN, "not_yours"),
        };
        let problem = Self::new(status, code, denied.to_string());
        match denied.challenge() {
            Some(challenge) => problem.challenge(challenge),
            None => problem,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_without_a_list_reaches_everything() {
        assert_eq!(Caller::new("a", ["s"]).reaches(["x"]), Ok(()));
    }

    #[test]
    fn a_caller_with_a_list_reaches_a_resource_by_any_of_its_names() {
        let caller = Caller::new("a", ["s"]).only(["alias"]);
        assert_eq!(caller.reaches(["reader", "alias"]), Ok(()));
        assert_eq!(caller.reaches(["reader"]), Err(Denied::Resource));
    }

    #[test]
    fn two_lists_let_through_what_is_on_both_by_whatever_name() {
        let caller = Caller::new("a", ["s"]).only(["alias", "x"]).only(["0"]);
        assert_eq!(caller.reaches(["alias", "0"]), Ok(()));
        assert_eq!(caller.reaches(["x", "1"]), Err(Denied::Resource));
    }

    #[test]
    fn a_caller_with_an_empty_list_reaches_nothing() {
        let caller = Caller::new("a", ["s"]).only::<String>([]);
        assert_eq!(caller.reaches(["x"]), Err(Denied::Resource));
    }

    #[test]
    fn who_is_unknown_gets_401_and_who_may_not_gets_403() {
        let answers = [
            (Denied::Missing, 401, "no_credentials"),
            (Denied::Unknown, 401, "unknown_credentials"),
            (Denied::Unproven, 401, "unknown_credentials"),
            (Denied::Scope("sim:apdu"), 403, "scope_missing"),
            (Denied::Resource, 403, "not_yours"),
        ];
        for (denied, status, code) in answers {
            let problem = Problem::from(denied);
            assert_eq!((problem.status().as_u16(), problem.code()), (status, code));
        }
    }

    #[test]
    fn who_is_turned_away_learns_how_to_come_in() {
        for (denied, challenge) in [
            (Denied::Missing, Some("Bearer")),
            (Denied::Unknown, Some("Bearer error=\"invalid_token\"")),
            (
                Denied::Unproven,
                Some("DPoP error=\"invalid_token\", algs=\"ES256 EdDSA\""),
            ),
            (
                Denied::Scope("sim:apdu"),
                Some("Bearer error=\"insufficient_scope\", scope=\"sim:apdu\""),
            ),
            (Denied::Resource, None),
        ] {
            let headers = Problem::from(denied).headers();
            let told = headers.iter().find(|(name, _)| name == "www-authenticate");
            let told = told.map(|(_, value)| value.to_str().unwrap());
            assert_eq!(told, challenge, "{denied:?}");
        }
    }
}
