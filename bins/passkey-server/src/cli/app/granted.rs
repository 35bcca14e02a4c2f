//! What was granted to an application: it goes with it, or would be another's who takes its name.

use anyhow::Result;
use passkey_idp::application::ApplicationId;
use passkey_idp::oauth::code::AuthorizationCode;
use passkey_idp::oauth::consent::Consent;
use passkey_idp::oauth::refresh::RefreshFamily;
use passkey_idp::store::{Change, List, PageSize, Record, Store, StoreExt as _, Where};

use crate::state::now;

/// Forgets codes, refresh tokens and consents of `client`.
pub(super) async fn forget(store: &dyn Store, client: &ApplicationId) -> Result<()> {
    forget_each::<AuthorizationCode>(store, |code| code.grant.client == *client).await?;
    forget_each::<RefreshFamily>(store, |family| family.grant.client == *client).await?;
    forget_each::<Consent>(store, |consent| consent.client == *client).await
}

async fn forget_each<R: Record>(store: &dyn Store, is_theirs: impl Fn(&R) -> bool) -> Result<()> {
    let mut after = None;
    loop {
        let list = List::of::<R>().after(after.as_ref()).limit(PageSize::MAX);
        let page = store.page::<R>(list).await?;
        for row in page.items.iter().filter(|row| is_theirs(&row.body)) {
            let gone = Change::delete(Where::<R>::id(row.id.clone()).even_if_expired());
            // whoever was faster has used it up or removed it
            let _outcome = store.commit(vec![gone], now()).await?;
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}
