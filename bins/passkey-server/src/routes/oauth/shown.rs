//! A token that a client shows, of whichever kind it is: the form tells them apart, so that no hint is
//! needed (RFC 7662 §2.1, RFC 7009 §2.1).

use passkey_idp::Instant;
use passkey_idp::oauth::AccessToken;
use passkey_idp::oauth::refresh::{RefreshFamily, RefreshToken};
use passkey_idp::store::{StoreError, StoreExt as _, Stored};

use super::bearer;
use crate::state::App;

/// What a text is; codes, ID tokens and everything else is nothing here.
pub(super) enum Shown {
    Access(Box<Stored<AccessToken>>),
    Refresh(Box<Stored<RefreshFamily>>, RefreshToken),
    Nothing,
}

impl Shown {
    /// Finds it.
    pub(super) async fn find(app: &App, text: &str, now: Instant) -> Result<Self, StoreError> {
        if let Some(token) = bearer::find(app, text, now).await? {
            return Ok(Self::Access(Box::new(token)));
        }
        let Ok(token) = text.parse::<RefreshToken>() else {
            return Ok(Self::Nothing);
        };
        let row = RefreshFamily::row_id(token.family());
        let found = app.store.find::<RefreshFamily>(&row).await?;
        Ok(found.map_or(Self::Nothing, |family| {
            Self::Refresh(Box::new(family), token)
        }))
    }
}
