//! Removing an application with everything that was granted to it: whoever takes its name later must
//! not take that over.
//!
//! Grants stand among those of their users, in any number, and so cannot go in one commit. The
//! application is first locked out for good ([`ApplicationState::Removed`]), and from then on nothing
//! is granted to it, since every grant is committed with [`Application::require_active`]. Then its
//! grants go, and last itself. Whatever ends that in between, the next removal of the same name finishes
//! it, and until then the name is taken.

use super::{Application, ApplicationId, ApplicationState};
use crate::Instant;
use crate::oauth::AccessToken;
use crate::oauth::code::AuthorizationCode;
use crate::oauth::consent::Consent;
use crate::oauth::refresh::RefreshFamily;
use crate::store::{
    Change, Commit, Kind, List, PageSize, Record, Set, Store, StoreError, StoreExt as _, Stored,
    Where,
};

/// Why an application is not removed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RemovalError {
    /// There is none of that name.
    #[error("no application has this name")]
    Unknown,
    /// Others changed it all the time; it may be tried again.
    #[error("the application is being changed by others")]
    Contended,
    /// The store gives no answer; it may be tried again.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Removes an application with its certificates, requests, codes, tokens and consents, or finishes that
/// where it was begun. Evidence stays for as long as it was to be kept: others rely on it.
///
/// # Errors
/// [`RemovalError`]; for [`RemovalError::Store`] it may have been begun.
pub async fn remove<S: Store + ?Sized>(
    store: &S,
    id: &ApplicationId,
    now: Instant,
) -> Result<(), RemovalError> {
    lock_out(store, id, now).await?;
    forget_granted(store, id, now).await?;
    let row = id.row_id();
    let which = Where::<Application>::id(row.clone()).state_in(&[ApplicationState::Removed]);
    let mut changes = vec![Change::delete(which)];
    changes.extend(OWNED.map(|kind| Change::DeleteOwned(kind, row.clone())));
    // refused if another removal was faster
    store.commit(changes, now).await?;
    Ok(())
}

async fn lock_out<S: Store + ?Sized>(
    store: &S,
    id: &ApplicationId,
    now: Instant,
) -> Result<(), RemovalError> {
    for _ in 0..ATTEMPTS {
        let found = store.find::<Application>(&id.row_id()).await?;
        let found = found.ok_or(RemovalError::Unknown)?;
        if found.state == ApplicationState::Removed {
            return Ok(());
        }
        let certificates = found.body.free_certificates();
        let which = Where::<Application>::id(found.id).version(found.version);
        let removed = Set::state(ApplicationState::Removed).body(&Application {
            secrets: Vec::new(),
            certificates: Vec::new(),
            ..found.body
        });
        let mut changes = vec![Change::update(which, removed)];
        changes.extend(certificates);
        if let Commit::Done(_) = store.commit(changes, now).await? {
            return Ok(());
        }
    }
    Err(RemovalError::Contended)
}

async fn forget_granted<S: Store + ?Sized>(
    store: &S,
    id: &ApplicationId,
    now: Instant,
) -> Result<(), StoreError> {
    let codes = |code: &Stored<AuthorizationCode>| code.body.grant.client == *id;
    forget(store, now, codes, |_| None).await?;
    let families = |family: &Stored<RefreshFamily>| family.body.grant.client == *id;
    let tokens = |family: &Stored<RefreshFamily>| {
        Some(Change::delete_owned::<AccessToken>(family.id.clone()))
    };
    forget(store, now, families, tokens).await?;
    let consents = |consent: &Stored<Consent>| consent.body.client == *id;
    forget(store, now, consents, |_| None).await
}

/// Forgets what is `theirs`, and with each what `also` names.
async fn forget<R: Record, S: Store + ?Sized>(
    store: &S,
    now: Instant,
    theirs: impl Fn(&Stored<R>) -> bool,
    also: impl Fn(&Stored<R>) -> Option<Change>,
) -> Result<(), StoreError> {
    let mut after = None;
    loop {
        let list = List::of::<R>().after(after.as_ref()).limit(PageSize::MAX);
        let page = store.page::<R>(list).await?;
        for row in page.items.iter().filter(|row| theirs(row)) {
            let gone = Change::delete(Where::<R>::id(row.id.clone()).even_if_expired());
            let changes = also(row).into_iter().chain([gone]).collect();
            // refused if it has gone by itself meanwhile
            store.commit(changes, now).await?;
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

/// What stands under the application's own name.
const OWNED: [Kind; 4] = [
    Kind::Order,
    Kind::AuthorizationRequest,
    Kind::DeviceGrant,
    Kind::Backchannel,
];

/// How often what others change is read again.
const ATTEMPTS: usize = 64;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::application::conformance;
    use crate::store::MemoryStore;
    use crate::store::conformance::{Harness, Threads};

    fn harness() -> Harness<Threads> {
        Harness::new(Arc::new(MemoryStore::new()), Threads)
    }

    #[test]
    fn a_removal_that_is_cut_off_anywhere_is_finished_by_the_next() {
        conformance::a_removal_that_is_cut_off_anywhere_is_finished_by_the_next(&harness());
    }

    #[test]
    fn an_application_that_is_being_removed_is_granted_nothing() {
        conformance::an_application_that_is_being_removed_is_granted_nothing(&harness());
    }

    #[test]
    fn nobody_removes_what_is_not_there() {
        let harness = harness();
        let id = "nobody".parse().unwrap();
        let now = Instant::from_unix_seconds(1_800_000_000);
        let removed = harness.run(remove(harness.store(), &id, now));
        assert!(matches!(removed, Err(RemovalError::Unknown)));
    }
}
