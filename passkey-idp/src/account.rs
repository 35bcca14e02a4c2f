//! What becomes of users and their passkeys after they were registered.
//!
//! ```
//! use passkey_idp::account::{self, AccountError};
//! use passkey_idp::id::UserId;
//! use passkey_idp::store::MemoryStore;
//! use passkey_idp::Instant;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let store = MemoryStore::new();
//! let now = Instant::from(std::time::SystemTime::now());
//! let removed = account::remove_user(&store, &UserId::from([1; 16]), now).await;
//! assert!(matches!(removed, Err(AccountError::Unknown)));
//! # Ok(())
//! # }
//! ```

use crate::Instant;
use crate::credential::Credential;
use crate::id::UserId;
use crate::store::{
    Change, Commit, Kind, RowId, Set, Store, StoreError, StoreExt as _, Stored, Where,
};
use crate::user::{Name, User};
use crate::webauthn::CredentialId;

/// Why an account stays as it is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccountError {
    /// There is no such user, or no such passkey of theirs: nobody is told which.
    #[error("there is no such user or passkey")]
    Unknown,
    /// It is the last passkey: without it the user could not come back.
    #[error("it is the user's last passkey")]
    LastPasskey,
    /// The name is empty, or longer than 64 characters.
    #[error("a name has 1 to 64 characters")]
    Name,
    /// Others changed it all the time; it may be tried again.
    #[error("the account is being changed by others")]
    Contended,
    /// The store gives no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Removes a passkey of `user`, unless it is their last.
///
/// # Errors
/// [`AccountError`]; then nothing has changed.
pub async fn remove_passkey<S: Store + ?Sized>(
    store: &S,
    user: &UserId,
    id: &CredentialId,
    now: Instant,
) -> Result<(), AccountError> {
    for _ in 0..ATTEMPTS {
        let passkey = passkey_of(store, user, id).await?;
        let owner = store.find::<User>(&User::row_id(user)).await?;
        let owner = owner.ok_or(AccountError::Unknown)?;
        if owner.body.passkeys <= 1 {
            return Err(AccountError::LastPasskey);
        }
        let passkeys = owner.body.passkeys.saturating_sub(1);
        let which = Where::<User>::id(owner.id).version(owner.version);
        let one_less = Set::body_only(&User {
            passkeys,
            ..owner.body
        });
        let changes = vec![
            Change::update(which, one_less),
            Change::delete(Where::<Credential>::id(passkey.id)),
        ];
        if let Commit::Done(_) = store.commit(changes, now).await? {
            return Ok(());
        }
    }
    Err(AccountError::Contended)
}

/// Calls a passkey of `user` otherwise.
///
/// # Errors
/// [`AccountError`]; then nothing has changed.
pub async fn rename_passkey<S: Store + ?Sized>(
    store: &S,
    user: &UserId,
    id: &CredentialId,
    name: &str,
    now: Instant,
) -> Result<Stored<Credential>, AccountError> {
    let name: Name = name.parse().or(Err(AccountError::Name))?;
    for _ in 0..ATTEMPTS {
        let passkey = passkey_of(store, user, id).await?;
        let which = Where::<Credential>::id(passkey.id).version(passkey.version);
        let renamed = Credential {
            name: name.clone().into(),
            ..passkey.body
        };
        if let Some(renamed) = store.update(which, Set::body_only(&renamed), now).await? {
            return Ok(renamed);
        }
    }
    Err(AccountError::Contended)
}

/// Removes a user with their passkeys, sessions, consents, codes, refresh tokens and ways back. Evidence stays for as long as
/// it was to be kept: others rely on it.
///
/// # Errors
/// [`AccountError`]; then nothing has changed.
pub async fn remove_user<S: Store + ?Sized>(
    store: &S,
    user: &UserId,
    now: Instant,
) -> Result<(), AccountError> {
    let row = User::row_id(user);
    let mut changes = vec![Change::delete(Where::<User>::id(row.clone()))];
    changes.extend(OWNED.map(|kind| Change::DeleteOwned(kind, row.clone())));
    let tokens = RowId::from(user.digest());
    changes.extend(GRANTED.map(|kind| Change::DeleteOwned(kind, tokens.clone())));
    match store.commit(changes, now).await? {
        Commit::Done(_) => Ok(()),
        Commit::Refused { .. } => Err(AccountError::Unknown),
    }
}

async fn passkey_of<S: Store + ?Sized>(
    store: &S,
    user: &UserId,
    id: &CredentialId,
) -> Result<Stored<Credential>, AccountError> {
    let row: RowId = Credential::row_id(id);
    let found = store.find::<Credential>(&row).await?;
    found
        .filter(|passkey| passkey.body.user == *user)
        .ok_or(AccountError::Unknown)
}

/// What goes with a user.
const OWNED: [Kind; 4] = [
    Kind::Credential,
    Kind::Session,
    Kind::Consent,
    Kind::Recovery,
];

/// What was granted in a user's name; it stands under the digest of their identifier.
const GRANTED: [Kind; 2] = [Kind::RefreshFamily, Kind::AuthorizationCode];

/// How often what others change is read again; of 64 at once, each sees another's success.
const ATTEMPTS: usize = 64;

#[cfg(test)]
mod tests;
