//! What happens next to an authorization request, until it has its answer.

use passkey_idp::application::{Application, ApplicationState};
use passkey_idp::id::{OrderId, OrderSecret, SessionSecret, UserId, ViewerSecret};
use passkey_idp::oauth::authorize::{
    AuthorizationRequest, Level, Next, Progress, RequestState, Session,
};
use passkey_idp::oauth::code::AuthorizationCode;
use passkey_idp::oauth::consent::Consent;
use passkey_idp::oauth::session::BrowserSession;
use passkey_idp::oauth::{Authentication, ErrorCode, OAuthError, Scope};
use passkey_idp::order::{Cause, Order, Placement, Status, What};
use passkey_idp::random::Digest;
use passkey_idp::store::{Commit, RowId, StoreError, StoreExt as _, Stored};
use passkey_idp::{Duration, Instant};

use super::super::session::SessionCookie;
use super::answer::Answer;
use super::hint;
use super::logout::farewell;
use crate::state::{App, now};

mod stop;

pub(super) use stop::Stop;

/// A browser with a request, or an API that stands for one.
pub(super) struct Passage<'a> {
    pub(super) app: &'a App,
    /// What the browser is known by; none for an API.
    pub(super) browser: Option<Digest>,
    pub(super) session: SessionCookie,
    /// The session that has begun on the way.
    pub(super) begun: Option<SessionSecret>,
    /// The languages that the client asks for.
    pub(super) locales: Option<String>,
    pub(super) now: Instant,
}

/// Where a request stands.
pub(super) enum Stage {
    /// The user signs in by this order.
    SignIn(OrderId, OrderSecret),
    /// The user is asked.
    Consent(Box<Question>),
    /// The client is told.
    Answer(Answer),
}

/// What a user is asked to let a client know.
pub(super) struct Question {
    pub(super) request: Stored<AuthorizationRequest>,
    pub(super) client: Application,
    pub(super) user: UserId,
    pub(super) scope: Scope,
}

impl<'a> Passage<'a> {
    /// That of a browser with this secret.
    pub(super) fn of_browser(app: &'a App, secret: &ViewerSecret, session: SessionCookie) -> Self {
        Self {
            browser: Some(secret.digest()),
            session,
            ..Self::of_api(app)
        }
    }

    /// That of an API, which has no cookies.
    pub(super) fn of_api(app: &'a App) -> Self {
        Self {
            app,
            browser: None,
            session: SessionCookie::default(),
            begun: None,
            locales: None,
            now: now(),
        }
    }

    /// Goes as far as it goes without the user.
    pub(super) async fn next(&mut self, id: &RowId) -> Result<Stage, Stop> {
        for _ in 0..ATTEMPTS {
            let request = self.request(id).await?;
            self.locales.clone_from(&request.body.ui_locales);
            if let Some(stage) = self.step(request).await? {
                return Ok(stage);
            }
        }
        Err(Stop::Over)
    }

    /// Takes the user's answer to a question that they were asked, and goes on.
    pub(super) async fn answered(&mut self, id: &RowId, allowed: bool) -> Result<Stage, Stop> {
        let question = match self.next(id).await? {
            Stage::Consent(question) => question,
            other @ (Stage::SignIn(..) | Stage::Answer(_)) => return Ok(other),
        };
        if !allowed {
            let denied = ErrorCode::AccessDenied.because("the user said no");
            return self
                .refuse(&question.request, denied)
                .await?
                .ok_or(Stop::Over);
        }
        let (request, user, client) = (&question.request, question.user, &question.client.id);
        let row = Consent::row_id(&user, client);
        let known = self.app.store.find::<Consent>(&row).await?;
        let progress = Progress {
            consented_by: Some(user),
            ..request.body.progress.clone()
        };
        let changes = vec![
            Application::require_active(client),
            request.go_on(progress),
            Consent::remember(known.as_ref(), user, client, &question.scope),
        ];
        self.app.store.commit(changes, self.now).await?;
        self.app
            .trace("browser", client.as_str(), "consent", "success");
        self.next(id).await
    }

    /// Tells the client that it does not get what it asked for; nothing if it has been told.
    pub(super) async fn refuse(
        &self,
        request: &Stored<AuthorizationRequest>,
        error: OAuthError,
    ) -> Result<Option<Stage>, Stop> {
        match self
            .app
            .store
            .commit(vec![request.answer()], self.now)
            .await?
        {
            Commit::Done(_) => {
                let client = request.body.client.as_str();
                self.app
                    .trace("browser", client, "authorize", error.code.name());
                Ok(Some(Stage::Answer(Answer::error(&request.body, error))))
            }
            Commit::Refused { .. } => Ok(None),
        }
    }

    /// The request, which is this browser's.
    async fn request(&self, id: &RowId) -> Result<Stored<AuthorizationRequest>, Stop> {
        let found = self.app.store.find::<AuthorizationRequest>(id).await?;
        let request = found.ok_or(Stop::Unknown)?;
        let progress = &request.body.progress;
        let owner = match (progress.browser, self.browser) {
            (None, None) => None,
            (None, Some(_)) => self.signer(progress).await?,
            (Some(browser), _) => Some(browser),
        };
        if owner != self.browser {
            return Err(Stop::Foreign);
        }
        if request.state != RequestState::Open || request.has_expired(self.now) {
            return Err(Stop::Over);
        }
        Ok(request)
    }

    /// The browser where the user has signed in for a request that came over an API.
    async fn signer(&self, progress: &Progress) -> Result<Option<Digest>, Stop> {
        let Some(row) = &progress.order else {
            return Ok(None);
        };
        let order = self.app.store.find::<Order>(row).await?;
        Ok(order.and_then(|order| order.body.answered_to()))
    }

    /// One step; nothing if the request has to be read again.
    async fn step(&mut self, request: Stored<AuthorizationRequest>) -> Result<Option<Stage>, Stop> {
        let body = &request.body;
        if let (Some(token), None) = (&body.id_token_hint, body.progress.user) {
            return match hint::subject(self.app, token, &body.client) {
                Ok(user) => {
                    self.go_on(&request, |progress| progress.user = Some(user))
                        .await
                }
                Err(error) => self.refuse(&request, error).await,
            };
        }
        if let (Some(row), None) = (&body.progress.order, &body.progress.authentication) {
            return self.signed(&request, row).await;
        }
        self.decide(request).await
    }

    async fn decide(&self, request: Stored<AuthorizationRequest>) -> Result<Option<Stage>, Stop> {
        let (app, body) = (self.app, &request.body);
        let client = app.store.find::<Application>(&body.client.row_id()).await?;
        let client = client.filter(|client| client.state == ApplicationState::Active);
        let client = client.ok_or(Stop::Unknown)?.body;
        let open = self.open().await?;
        let fresh = body.progress.authentication.clone();
        let fresh = fresh.filter(|fresh| goes_on(fresh, open.as_ref()));
        let is_fresh = fresh.is_some();
        let remembered = || Some(open.as_ref()?.body.authentication.clone());
        let authentication = fresh.or_else(remembered);
        let consent = match &authentication {
            Some(known) => {
                let row = Consent::row_id(&known.user, &client.id);
                app.store.find::<Consent>(&row).await?
            }
            None => None,
        };
        let session = Session {
            authentication: authentication.as_ref(),
            consent: consent.as_ref().map(|consent| &consent.body.scope),
            expected_user: body.progress.user,
            is_fresh,
            has_consented: authentication
                .as_ref()
                .is_some_and(|known| body.progress.consented_by == Some(known.user)),
        };
        match (body.next(&client.client, session, self.now), authentication) {
            (Next::Grant, Some(known)) => self.grant(&request, known, open.as_ref()).await,
            (Next::Consent(scope), Some(known)) => Ok(Some(Stage::Consent(Box::new(Question {
                client,
                user: known.user,
                scope,
                request,
            })))),
            (Next::Refuse(error), _) => self.refuse(&request, error).await,
            (Next::SignIn | Next::Grant | Next::Consent(_), _) => {
                let known = open.map(|open| open.body.authentication.user);
                self.sign_in(&request, known).await
            }
        }
    }

    /// The browser's session: the one that has begun on the way, or the one that it brought.
    async fn open(&self) -> Result<Option<Stored<BrowserSession>>, StoreError> {
        match &self.begun {
            Some(begun) => {
                SessionCookie::of(begun.clone())
                    .open(self.app, self.now)
                    .await
            }
            None => self.session.open(self.app, self.now).await,
        }
    }

    /// Places the order by which the user signs in; `known` is who the browser knows already.
    async fn sign_in(
        &self,
        request: &Stored<AuthorizationRequest>,
        known: Option<UserId>,
    ) -> Result<Option<Stage>, Stop> {
        let (app, body) = (self.app, &request.body);
        let mut placement = Placement::new(body.client.clone(), What::SignIn);
        if let Some((user, offer)) = hint::requested(app, body, known).await? {
            placement.requested_user = Some(user);
            placement.offer = offer;
        }
        placement.user_verification = body.user_verification();
        placement.redirect = Some(body.redirect_uri.clone());
        placement.lapse = LAPSE;
        placement.cause = Some(Cause::Authorization(request.id.clone()));
        let placed = placement.place(&app.sealer, &app.random, self.now)?;
        let progress = Progress {
            order: Some(Order::row_id(&placed.id)),
            authentication: None,
            ..body.progress.clone()
        };
        let changes = vec![request.go_on(progress), placed.change];
        Ok(match app.store.commit(changes, self.now).await? {
            Commit::Done(_) => Some(Stage::SignIn(placed.id, placed.secret)),
            Commit::Refused { .. } => None,
        })
    }

    /// Sees what has become of the order by which the user was to sign in.
    async fn signed(
        &mut self,
        request: &Stored<AuthorizationRequest>,
        row: &RowId,
    ) -> Result<Option<Stage>, Stop> {
        let order = self.app.store.find::<Order>(row).await?;
        let order = order.ok_or(Stop::Over)?;
        match order.status(self.now) {
            Status::Pending | Status::Viewed => Err(Stop::Waiting),
            Status::Signed if is_answer_to(&order.body, &request.body) => {
                self.signed_in(request, &order).await
            }
            Status::Signed | Status::Rejected => self.refuse(request, REJECTED).await,
            Status::Collected | Status::Cancelled | Status::Expired => {
                self.refuse(request, LATE).await
            }
        }
    }

    /// The browser has a session from now on.
    async fn signed_in(
        &mut self,
        request: &Stored<AuthorizationRequest>,
        order: &Stored<Order>,
    ) -> Result<Option<Stage>, Stop> {
        let (app, now) = (self.app, self.now);
        let outcome = order.body.outcome.as_ref().ok_or(Stop::Over)?;
        let mut changes = order.collect(&request.body.client, now)?;
        let mut replaced = None;
        let authentication = if self.browser.is_some() {
            let started = match self.open().await? {
                Some(before) => {
                    changes.extend(farewell::instead(&before, outcome.user));
                    let renewed = before.renewed(outcome, &app.random, now)?;
                    replaced = Some(before);
                    renewed
                }
                None => BrowserSession::start(outcome, &app.random, now)?,
            };
            changes.push(started.change);
            self.begun = Some(started.secret);
            started.authentication
        } else {
            Authentication::by(outcome)
        };
        let progress = Progress {
            authentication: Some(authentication),
            ..request.body.progress.clone()
        };
        changes.push(request.go_on(progress));
        match (app.store.commit(changes, now).await?, replaced) {
            (Commit::Refused { .. }, _) => self.begun = None,
            (Commit::Done(_), Some(before)) => farewell::settle_or_leave(app, &before, now).await,
            (Commit::Done(_), None) => {}
        }
        Ok(None)
    }

    async fn grant(
        &self,
        request: &Stored<AuthorizationRequest>,
        mut known: Authentication,
        session: Option<&Stored<BrowserSession>>,
    ) -> Result<Option<Stage>, Stop> {
        let (app, body, now) = (self.app, &request.body, self.now);
        let mut changes = known.stands();
        let standing = changes.len();
        let level = body.acr(&known).unwrap_or(Level::Passkey);
        level.acr().clone_into(&mut known.acr);
        let issued = AuthorizationCode::issue(body, known, body.scope.clone(), &app.random, now)?;
        changes.extend([request.answer(), issued.change]);
        changes.extend(session.map(Stored::vouch));
        match app.store.commit(changes, now).await? {
            Commit::Done(_) => {
                app.trace("browser", body.client.as_str(), "authorize", "success");
                Ok(Some(Stage::Answer(Answer::code(body, &issued.code))))
            }
            Commit::Refused { at } if at < standing => self.refuse(request, GONE).await,
            Commit::Refused { .. } => Ok(None),
        }
    }

    async fn go_on(
        &self,
        request: &Stored<AuthorizationRequest>,
        change: impl FnOnce(&mut Progress),
    ) -> Result<Option<Stage>, Stop> {
        let mut progress = request.body.progress.clone();
        change(&mut progress);
        let changes = vec![request.go_on(progress)];
        self.app.store.commit(changes, self.now).await?;
        Ok(None)
    }
}

/// Whether the session has not ended that began when the user signed in, if one did.
fn goes_on(known: &Authentication, open: Option<&Stored<BrowserSession>>) -> bool {
    known.session.is_none() || known.session == open.map(|open| open.body.id)
}

/// Whether whoever has signed stands for the browser that asks: they used it, or have answered the
/// code and the number that it showed. Otherwise a stranger could have been sent its order.
fn is_answer_to(order: &Order, request: &AuthorizationRequest) -> bool {
    let browser = request.progress.browser;
    browser.is_none() || order.answered_to() == browser
}

/// Where the answer to a request goes that came over an API, as an address.
pub(in super::super) async fn settled(app: &App, id: &RowId) -> Option<String> {
    let mut passage = Passage::of_api(app);
    let stage = match passage.next(id).await {
        Ok(Stage::Consent(question)) => {
            let error = ErrorCode::ConsentRequired.because("the user has not consented");
            passage.refuse(&question.request, error).await
        }
        Ok(stage) => Ok(Some(stage)),
        Err(stop) => Err(stop),
    };
    match stage {
        Ok(Some(Stage::Answer(answer))) => Some(answer.address(&app.settings.origin)),
        Ok(_) => None,
        // it is a browser's: that one has to bring it
        Err(Stop::Foreign) => Some(format!("{}/authorize/{id}", app.settings.origin)),
        Err(stop) => {
            tracing::info!(reason = %stop, "an authorization request has no answer");
            None
        }
    }
}

const REJECTED: OAuthError = ErrorCode::AccessDenied.because("the user did not sign in");
const LATE: OAuthError = ErrorCode::AccessDenied.because("nobody signed in in time");
const GONE: OAuthError = ErrorCode::AccessDenied.because("the user or their passkey is gone");
/// How long an order is remembered that nobody has signed: anybody can have one placed, and as many as they like, and
/// its request asks for it no longer.
const LAPSE: Duration = Duration::from_seconds(15 * 60);
/// How often what others change is read again; more than a request has steps.
const ATTEMPTS: usize = 8;
