//! Tokens that a client gives back (RFC 7009).

use super::AccessToken;
use super::refresh::{RefreshFamily, RefreshToken};
use crate::Instant;
use crate::application::ApplicationId;
use crate::id::FamilyId;
use crate::store::{Change, Stored, Where};

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

#[cfg(test)]
mod tests;
