//! The end of a session.

use std::collections::HashSet;
use std::marker::PhantomData;

use passkey_idp::application::{Application, ApplicationId};
use passkey_idp::delivery::{Delivery, Message, Sealing};
use passkey_idp::id::UserId;
use passkey_idp::oauth::Authentication;
use passkey_idp::oauth::code::AuthorizationCode;
use passkey_idp::oauth::logout::Ending;
use passkey_idp::oauth::refresh::RefreshFamily;
use passkey_idp::oauth::revocation;
use passkey_idp::oauth::session::BrowserSession;
use passkey_idp::random::Digest;
use passkey_idp::store::{
    Change, Commit, List, PageSize, Record, RowId, StoreError, StoreExt as _, Stored,
};
use passkey_idp::user::User;
use passkey_idp::{Duration, Instant};

use super::super::error::Failure;
use super::super::progress::Stop;
use super::super::token::issuer;
use crate::state::App;

/// Ends `session` with the tokens that came of it, and puts down what its clients will be told. It ends at once and
/// for good; the rest is finished later if something stops it.
pub(super) async fn say(
    app: &App,
    session: &Stored<BrowserSession>,
    now: Instant,
) -> Result<(), Stop> {
    if let Commit::Done(_) = app.store.commit(session.leave(), now).await? {
        app.trace("browser", "session", "sign out", "success");
        settle(app, session, now).await?;
    }
    // otherwise it has ended elsewhere at the same time
    Ok(())
}

/// What ends `session` when `user` signs in at its browser: for good, if that is somebody else. What is left of it has
/// to be [seen to](settle) then.
pub(in super::super) fn instead(session: &Stored<BrowserSession>, user: UserId) -> Vec<Change> {
    if user == session.body.authentication.user {
        vec![session.end()]
    } else {
        session.leave()
    }
}

/// Sees to what is left of a session that has ended, if it has ended for good.
async fn settle(app: &App, session: &Stored<BrowserSession>, now: Instant) -> Result<(), Stop> {
    match app.store.find::<Ending>(&session.id).await? {
        Some(ending) => finish(app, &ending, now).await,
        None => Ok(()),
    }
}

/// The same for whoever goes on in any case: what cannot be done now is done later.
pub(in super::super) async fn settle_or_leave(
    app: &App,
    session: &Stored<BrowserSession>,
    now: Instant,
) {
    if let Err(stop) = settle(app, session, now).await {
        tracing::warn!(reason = %stop, "what is left of a session stays for a while");
    }
}

/// Finishes what was begun a minute ago or earlier.
pub(crate) async fn resume(app: &App, now: Instant) -> Result<(), StoreError> {
    let mut endings = Pages::<Ending>::all(app);
    while let Some(page) = endings.next().await? {
        let left = page
            .iter()
            .filter(|left| left.created_at.plus(A_WHILE) <= now);
        for ending in left {
            if let Err(stop) = finish(app, ending, now).await {
                tracing::warn!(reason = %stop, "what is left of a session stays for a while");
            }
        }
    }
    Ok(())
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
    let mut families = Pages::<RefreshFamily>::of(app, user.digest().into());
    while let Some(page) = families.next().await? {
        let alive = page.iter().filter(|family| family.is_alive(now));
        let rest = alive.filter(|family| family.body.grant.authentication.rests_on(passkey));
        let rest: Vec<_> = rest.map(|family| &family.body.id).collect();
        revocation::of_families(&*app.store, &rest, now).await?;
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
    let mut sessions = Pages::<BrowserSession>::of(app, User::row_id(user));
    while let Some(page) = sessions.next().await? {
        for session in page {
            if session.is_open(now) && meant(&session.body.authentication) {
                say(app, &session, now).await?;
            }
        }
    }
    Ok(())
}

/// Codes first: what they are exchanged for meanwhile is among the families that are read afterwards.
async fn finish(app: &App, ending: &Stored<Ending>, now: Instant) -> Result<(), Stop> {
    let left = &ending.body;
    let mut codes = Pages::<AuthorizationCode>::of(app, left.owner());
    while let Some(page) = codes.next().await? {
        for withdrawn in left.withdraw(&page, now) {
            app.store.commit(vec![withdrawn], now).await?;
        }
    }
    let mut told = HashSet::new();
    let mut families = Pages::<RefreshFamily>::of(app, left.owner());
    while let Some(page) = families.next().await? {
        revocation::of_families(&*app.store, &left.families(&page, now), now).await?;
        for client in left.clients(&page) {
            if told.insert(client.clone()) {
                let message = message(app, client, left, now).await?;
                // refused if it was put down before
                app.store.commit(message.into_iter().collect(), now).await?;
            }
        }
    }
    app.store.commit(vec![ending.finish()], now).await?;
    Ok(())
}

/// All of one kind, or all that stands under a name, page by page.
struct Pages<'a, R> {
    app: &'a App,
    owner: Option<RowId>,
    after: Option<RowId>,
    is_over: bool,
    kind: PhantomData<R>,
}

impl<'a, R: Record> Pages<'a, R> {
    const fn all(app: &'a App) -> Self {
        Self {
            app,
            owner: None,
            after: None,
            is_over: false,
            kind: PhantomData,
        }
    }

    fn of(app: &'a App, owner: RowId) -> Self {
        Self {
            owner: Some(owner),
            ..Self::all(app)
        }
    }

    async fn next(&mut self) -> Result<Option<Vec<Stored<R>>>, StoreError> {
        if self.is_over {
            return Ok(None);
        }
        let list = List::of::<R>().after(self.after.as_ref());
        let list = List {
            owner: self.owner.as_ref(),
            ..list.limit(PageSize::MAX)
        };
        let page = self.app.store.page::<R>(list).await?;
        self.is_over = page.next.is_none();
        self.after = page.next;
        Ok(Some(page.items))
    }
}

/// What tells `client`, if it wants to be told.
async fn message(
    app: &App,
    client: &ApplicationId,
    left: &Ending,
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
    let token = issuer.logout_token(client, &left.session, &app.random, now)?;
    let message = Message::form(format!("logout_token={token}"));
    let sealing = Sealing {
        sealer: &app.sealer,
        random: &app.random,
    };
    let delivery = Delivery::new(client.clone(), endpoint, &message, sealing)?;
    Ok(Some(delivery.insert(&left.farewell_id(client), now)))
}

/// After that long nobody is at it any more.
const A_WHILE: Duration = Duration::from_seconds(60);
