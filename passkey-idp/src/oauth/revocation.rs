//! Tokens that a client gives back (RFC 7009).

use super::AccessToken;
use super::refresh::{RefreshFamily, RefreshToken};
use crate::Instant;
use crate::application::ApplicationId;
use crate::id::FamilyId;
use crate::store::{Change, Commit, Store, StoreError, Stored, Where};

/// What revokes an access token, and that one only; nothing if it is not `client`'s.
pub fn of_access(token: &Stored<AccessToken>, client: &ApplicationId) -> Option<Change> {
    let is_its_own = token.body.grant.client == *client;
    is_its_own.then(|| Change::delete(Where::<AccessToken>::id(token.id.clone())))
}

/// What revokes a refresh token and everything that came with it; nothing if it is not `client`'s, or
/// not the one that is good now.
pub fn of_refresh(
    (family, token): (&Stored<RefreshFamily>, &RefreshToken),
    client: &ApplicationId,
    now: Instant,
) -> Option<Vec<Change>> {
    let is_its_own = family.body.grant.client == *client && family.is_current(token, now);
    is_its_own.then(|| all(&family.body.id))
}

/// What revokes all tokens of a family. It comes first, so that nothing joins it meanwhile.
pub fn all(family: &FamilyId) -> Vec<Change> {
    vec![
        RefreshFamily::revoke(family),
        Change::delete_owned::<AccessToken>(family.digest().into()),
    ]
}

/// Revokes all tokens of those families, some in a commit, so that others get their turn in between.
///
/// # Errors
/// [`StoreError`]; then some may be revoked.
pub async fn of_families<S: Store + ?Sized>(
    store: &S,
    families: &[&FamilyId],
    now: Instant,
) -> Result<(), StoreError> {
    for some in families.chunks(AT_ONCE) {
        let changes = some.iter().flat_map(|family| all(family)).collect();
        if let Commit::Done(_) = store.commit(changes, now).await? {
            continue;
        }
        // one of them has been swept meanwhile
        for family in some {
            store.commit(all(family), now).await?;
        }
    }
    Ok(())
}

const AT_ONCE: usize = 50;

#[cfg(test)]
mod tests;
