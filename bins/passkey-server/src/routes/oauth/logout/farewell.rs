//! The end of a session.

use passkey_idp::Instant;
use passkey_idp::application::{Application, ApplicationId};
use passkey_idp::delivery::{Delivery, Message, Sealing};
use passkey_idp::oauth::code::AuthorizationCode;
use passkey_idp::oauth::refresh::RefreshFamily;
use passkey_idp::oauth::session::BrowserSession;
use passkey_idp::store::{
    Change, Commit, List, PageSize, Record, StoreError, StoreExt as _, Stored,
};

use super::super::progress::Stop;
use super::super::token::issuer;
use crate::state::App;

/// Ends `session` with the tokens that came of it, and puts down what its clients will be told: all of
/// it or nothing, and once.
pub(super) async fn say(
    app: &App,
    session: &Stored<BrowserSession>,
    now: Instant,
) -> Result<(), Stop> {
    for _ in 0..ATTEMPTS {
        let codes = owned::<AuthorizationCode>(app, session).await?;
        let families = owned::<RefreshFamily>(app, session).await?;
        let mut changes = session.end_with(&codes, &families);
        for client in session.clients(&families) {
            changes.extend(message(app, client, session, now).await?);
        }
        match app.store.commit(changes, now).await? {
            Commit::Done(_) => {
                app.trace("browser", "session", "sign out", "success");
                return Ok(());
            }
            // it has ended elsewhere at the same time
            Commit::Refused { at: 0 } => return Ok(()),
            Commit::Refused { .. } => {}
        }
    }
    Err(Stop::Over)
}

/// The codes or tokens of the session's user: whichever came of it are among them.
async fn owned<R: Record>(
    app: &App,
    session: &Stored<BrowserSession>,
) -> Result<Vec<Stored<R>>, StoreError> {
    let owner = session.body.authentication.user.digest().into();
    let (mut found, mut after) = (Vec::new(), None);
    for _ in 0..MOST_PAGES {
        let list = List::of::<R>().owned_by(&owner);
        let list = list.after(after.as_ref()).limit(PageSize::MAX);
        let page = app.store.page::<R>(list).await?;
        found.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(found)
}

/// What tells `client`, if it wants to be told.
async fn message(
    app: &App,
    client: &ApplicationId,
    session: &Stored<BrowserSession>,
    now: Instant,
) -> Result<Option<Change>, Stop> {
    let known = app.store.find::<Application>(&client.row_id()).await?;
    let registered = known.map(|known| known.body.client).unwrap_or_default();
    let Some(endpoint) = registered.backchannel_logout_uri else {
        return Ok(None);
    };
    let keys = app.keys.now();
    let signer = keys.signer_of(registered.id_token_alg.as_deref());
    let issuer = issuer(app, signer);
    let token = issuer.logout_token(client, &session.body, &app.random, now)?;
    let message = Message::form(format!("logout_token={token}"));
    let sealing = Sealing {
        sealer: &app.sealer,
        random: &app.random,
    };
    let delivery = Delivery::new(client.clone(), endpoint, &message, sealing)?;
    Ok(Some(delivery.insert(&session.farewell_id(client), now)))
}

/// How often tokens that change meanwhile are read again.
const ATTEMPTS: usize = 5;
/// Ten thousand rows: more than anybody has.
const MOST_PAGES: usize = 10;
