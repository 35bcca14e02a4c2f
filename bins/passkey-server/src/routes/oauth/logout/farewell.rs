//! The end of a session.

use passkey_idp::Instant;
use passkey_idp::application::{Application, ApplicationId};
use passkey_idp::delivery::{Delivery, Message, Sealing};
use passkey_idp::id::UserId;
use passkey_idp::oauth::Authentication;
use passkey_idp::oauth::code::AuthorizationCode;
use passkey_idp::oauth::refresh::RefreshFamily;
use passkey_idp::oauth::revocation;
use passkey_idp::oauth::session::BrowserSession;
use passkey_idp::random::Digest;
use passkey_idp::store::{
    Change, Commit, List, PageSize, Record, RowId, StoreError, StoreExt as _, Stored,
};
use passkey_idp::user::User;

use super::super::error::Failure;
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
    let mut session = session.clone();
    for _ in 0..ATTEMPTS {
        let changes = words(app, &session, now).await?;
        if let Commit::Done(_) = app.store.commit(changes, now).await? {
            app.trace("browser", "session", "sign out", "success");
            return Ok(());
        }
        let again = app.store.find::<BrowserSession>(&session.id).await?;
        match again.filter(|again| again.is_open(now)) {
            Some(again) => session = again,
            // it has ended elsewhere at the same time
            None => return Ok(()),
        }
    }
    Err(Stop::Over)
}

/// What ends `session` when `user` signs in at its browser: with all that came of it, if that is somebody
/// else.
pub(in super::super) async fn instead(
    app: &App,
    session: &Stored<BrowserSession>,
    user: UserId,
    now: Instant,
) -> Result<Vec<Change>, Stop> {
    if user == session.body.authentication.user {
        Ok(vec![session.end()])
    } else {
        words(app, session, now).await
    }
}

/// Ends the sessions of a user who is to be removed, so that their clients are told.
pub(in super::super::super) async fn of_user(
    app: &App,
    user: &UserId,
    now: Instant,
) -> Result<(), Failure> {
    Ok(sessions(app, user, now, |_| true).await?)
}

/// Ends whatever came of a passkey that is gone: sessions, codes and tokens, those for the user's absence
/// included.
pub(in super::super::super) async fn of_passkey(
    app: &App,
    user: &UserId,
    passkey: &Digest,
    now: Instant,
) -> Result<(), Failure> {
    sessions(app, user, now, |known| known.rests_on(passkey)).await?;
    for family in owned::<RefreshFamily>(app, &user.digest().into()).await? {
        if family.is_alive(now) && family.body.grant.authentication.rests_on(passkey) {
            app.store
                .commit(revocation::all(&family.body.id), now)
                .await?;
        }
    }
    Ok(())
}

/// Ends those sessions of a user that are `meant`.
async fn sessions(
    app: &App,
    user: &UserId,
    now: Instant,
    meant: impl Fn(&Authentication) -> bool,
) -> Result<(), Stop> {
    for session in owned::<BrowserSession>(app, &User::row_id(user)).await? {
        if session.is_open(now) && meant(&session.body.authentication) {
            say(app, &session, now).await?;
        }
    }
    Ok(())
}

/// What ends `session`, and what its clients will be told.
async fn words(
    app: &App,
    session: &Stored<BrowserSession>,
    now: Instant,
) -> Result<Vec<Change>, Stop> {
    let owner = session.body.authentication.user.digest().into();
    let codes = owned::<AuthorizationCode>(app, &owner).await?;
    let families = owned::<RefreshFamily>(app, &owner).await?;
    let mut changes = session.end_with(&codes, &families);
    for client in session.clients(&families) {
        changes.extend(message(app, client, session, now).await?);
    }
    Ok(changes)
}

/// All that stands under a user's name.
async fn owned<R: Record>(app: &App, owner: &RowId) -> Result<Vec<Stored<R>>, StoreError> {
    let (mut found, mut after) = (Vec::new(), None);
    for _ in 0..MOST_PAGES {
        let list = List::of::<R>().owned_by(owner);
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
