//! ID tokens that come back as hints.

use strict_jws::json::{Bounds, Document};
use strict_jws::{KeySet, Policy};

use crate::application::ApplicationId;
use crate::id::{SessionId, UserId};

/// What an ID token says that was issued here, expired or not (OpenID Connect Core §3.1.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IdToken {
    /// The client that it was issued for (`aud`).
    pub client: ApplicationId,
    /// Whose it is (`sub`).
    pub user: UserId,
    /// The session that it came of (`sid`).
    pub session: Option<SessionId>,
}

/// A token is no ID token of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an ID token that was issued here")]
#[non_exhaustive]
pub struct InvalidIdToken;

impl IdToken {
    /// Reads one that `issuer` has signed with one of `keys`; a token of another kind is none.
    ///
    /// # Errors
    /// [`InvalidIdToken`]
    pub fn read(token: &str, keys: &KeySet, issuer: &str) -> Result<Self, InvalidIdToken> {
        let verified = keys.verify(token, &Policy::untyped_or_jwt());
        let verified = verified.or(Err(InvalidIdToken))?;
        let claims =
            Document::parse(verified.payload(), Bounds::PAYLOAD).or(Err(InvalidIdToken))?;
        let claims = claims.root();
        let text = |name| claims.member(name).and_then(|value| value.string());
        let is_ours = text("iss").is_some_and(|said| said == issuer);
        let client = text("aud").and_then(|client| client.parse().ok());
        let user = text("sub").and_then(|user| user.parse().ok());
        let session = text("sid").and_then(|session| session.parse().ok());
        match (client, user) {
            (Some(client), Some(user)) if is_ours => Ok(Self {
                client,
                user,
                session,
            }),
            _ => Err(InvalidIdToken),
        }
    }
}
