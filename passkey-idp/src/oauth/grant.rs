//! What a user has granted a client, and how they showed who they are.

use serde::{Deserialize, Serialize};
use strict_jws::Thumbprint;

use super::authorize::Level;
use super::{Claim, Claims, Scope};
use crate::Instant;
use crate::application::{Application, ApplicationId};
use crate::credential::Credential;
use crate::id::{SessionId, UserId};
use crate::order::Outcome;
use crate::random::Digest;
use crate::store::{Change, RowId, Where};
use crate::user::User;

/// What a client may have, and for whom: what becomes a code, and then tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "flows elsewhere make it")]
pub struct Grant {
    /// The client.
    pub client: ApplicationId,
    /// What it may have.
    pub scope: Scope,
    /// Who has granted it, and how they signed in.
    pub authentication: Authentication,
    /// What the client wants to find in the ID token (`nonce`).
    pub nonce: Option<String>,
    /// Claims that it asked for one by one.
    #[serde(default)]
    pub claims: Claims,
    /// The key that its tokens are bound to (RFC 9449 §6).
    #[serde(with = "thumbprint", default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Thumbprint>,
}

/// How a user signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "flows elsewhere make it")]
pub struct Authentication {
    /// Who it is.
    pub user: UserId,
    /// The digest of the identifier of the passkey by which they showed it; nobody knows it of what was
    /// granted before it was kept.
    #[serde(default)]
    pub passkey: Option<Digest>,
    /// When they showed it (`auth_time`).
    pub at: Instant,
    /// The session of the browser, if it was in one (`sid`).
    pub session: Option<SessionId>,
    /// How strongly (`acr`).
    pub acr: String,
    /// By what means (`amr`, RFC 8176).
    pub amr: Vec<String>,
}

impl Grant {
    /// Refuses everything unless what it rests on stands: the [authentication](Authentication::stands),
    /// and a client that is there and not locked out.
    pub fn stands(&self) -> Vec<Change> {
        let mut changes = self.authentication.stands();
        changes.push(Application::require_active(&self.client));
        changes
    }

    /// Whether its ID tokens tell the user's name.
    pub fn tells_name(&self) -> bool {
        self.scope.contains("profile") && self.claims.id_token.contains(&Claim::Name)
    }
}

impl Authentication {
    /// By an order that was signed, in no session: with a key in software if it may be synced, and by
    /// two factors if the authenticator has verified its user (RFC 8176 §2).
    pub fn by(outcome: &Outcome) -> Self {
        let key = if outcome.may_be_synced { "swk" } else { "hwk" };
        let mut amr = vec![key.to_owned(), "user".to_owned()];
        if outcome.user_verified {
            amr.push(MULTI_FACTOR.to_owned());
        }
        Self {
            user: outcome.user,
            passkey: outcome.passkey,
            at: outcome.signed_at,
            session: None,
            acr: Level::Passkey.acr().to_owned(),
            amr,
        }
    }

    /// Refuses everything unless what it rests on stands: its user is there and not locked out, and they
    /// still have the passkey. Whatever is given in the user's name has to be committed with it.
    pub fn stands(&self) -> Vec<Change> {
        let passkey = |digest| Change::require(Where::<Credential>::id(RowId::from(digest)));
        let user = User::require_active(&self.user);
        std::iter::once(user)
            .chain(self.passkey.map(passkey))
            .collect()
    }

    /// Whether it rests on that passkey; where nobody knows, it may.
    pub fn rests_on(&self, passkey: &Digest) -> bool {
        self.passkey.is_none_or(|known| known == *passkey)
    }

    /// Whether the authenticator has verified its user, by PIN or biometrics.
    pub fn has_verified_user(&self) -> bool {
        self.amr.iter().any(|means| means == MULTI_FACTOR)
    }
}

const MULTI_FACTOR: &str = "mfa";

mod thumbprint {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer, de::Error as _};
    use strict_jws::Thumbprint;

    #[expect(clippy::ref_option, reason = "serde gives a reference to the field")]
    pub(super) fn serialize<S: Serializer>(
        key: &Option<Thumbprint>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        key.as_ref().map(ToString::to_string).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Thumbprint>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        let key = text.map(|text| text.parse().map_err(D::Error::custom));
        key.transpose()
    }
}
