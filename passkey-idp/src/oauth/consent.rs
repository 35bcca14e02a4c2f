//! What users have let clients know, so that they are asked once for each scope.

use serde::{Deserialize, Serialize};

use super::Scope;
use crate::application::ApplicationId;
use crate::id::UserId;
use crate::random::Digest;
use crate::store::{Change, Kind, Live, New, Record, RowId, Set, Stored, Where};
use crate::user::User;

/// What a user has let a client know, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Consent {
    /// The user.
    pub user: UserId,
    /// The client.
    pub client: ApplicationId,
    /// What it may have without asking again.
    pub scope: Scope,
}

impl Consent {
    /// Where it stands in a store.
    pub fn row_id(user: &UserId, client: &ApplicationId) -> RowId {
        let parts: [&[u8]; 2] = [user.as_bytes(), client.as_str().as_bytes()];
        Digest::of("consent", &parts).into()
    }

    /// What keeps that `user` lets `client` have `scope`, beside what is `known`; refused if that has
    /// changed since it was read.
    pub fn remember(
        known: Option<&Stored<Self>>,
        user: UserId,
        client: &ApplicationId,
        scope: &Scope,
    ) -> Change {
        let before = known.map(|known| known.body.scope.clone());
        let body = Self {
            user,
            client: client.clone(),
            scope: scope.and(&before.unwrap_or_default()),
        };
        if let Some(known) = known {
            let which = Where::id(known.id.clone()).version(known.version);
            Change::update(which, Set::body_only(&body))
        } else {
            let new = New::record(Self::row_id(&user, client), Live, &body);
            Change::insert(new.owned_by(User::row_id(&user)))
        }
    }
}

impl Record for Consent {
    const KIND: Kind = Kind::Consent;
    type State = Live;
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::Instant;
    use crate::store::conformance::{Harness, Threads};
    use crate::store::{MemoryStore, StoreExt as _};

    #[test]
    fn consent_grows_by_what_is_granted() {
        let now = Instant::from_unix_seconds(1_800_000_000);
        let harness = Harness::new(Arc::new(MemoryStore::new()), Threads);
        let (store, user) = (harness.store(), UserId::from([1; 16]));
        let client = "rp".parse().unwrap();
        let scope = |text: &str| text.parse::<Scope>().unwrap();
        let first = Consent::remember(None, user, &client, &scope("openid"));
        let kept = harness.run(store.apply::<Consent>(first, now));
        let kept = kept.unwrap().unwrap();
        let more = Consent::remember(Some(&kept), user, &client, &scope("profile"));
        let grown = harness.run(store.apply::<Consent>(more.clone(), now));
        assert_eq!(grown.unwrap().unwrap().body.scope, scope("openid profile"));
        let stale = harness.run(store.apply::<Consent>(more, now));
        assert!(stale.unwrap().is_none());
    }
}
