//! Browsers that have signed in: a cookie, and what is kept under its digest.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use passkey_idp::Instant;
use passkey_idp::credential::Credential;
use passkey_idp::id::SessionSecret;
use passkey_idp::oauth::Authentication;
use passkey_idp::oauth::session::BrowserSession;
use passkey_idp::store::{StoreError, StoreExt as _, Stored};
use server_kit::browser::cookie;

use crate::state::App;

/// What a browser shows of its session: nothing, or a secret.
#[derive(Clone, Debug, Default)]
pub(super) struct SessionCookie(Option<SessionSecret>);

impl FromRequestParts<Arc<App>> for SessionCookie {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        let shown = cookie(&parts.headers, name(app));
        Ok(Self(shown.and_then(|text| text.parse().ok())))
    }
}

impl SessionCookie {
    /// The cookie of a session that has just begun.
    pub(super) const fn of(secret: SessionSecret) -> Self {
        Self(Some(secret))
    }

    /// The session that goes on at `now`, if there is one; it ends with the passkey that it began with.
    pub(super) async fn open(
        &self,
        app: &App,
        now: Instant,
    ) -> Result<Option<Stored<BrowserSession>>, StoreError> {
        let Some(secret) = &self.0 else {
            return Ok(None);
        };
        let row = BrowserSession::row_id(secret);
        let found = app.store.find::<BrowserSession>(&row).await?;
        let Some(open) = found.filter(|session| session.is_open(now)) else {
            return Ok(None);
        };
        let has_passkey = has_passkey(app, &open.body.authentication).await?;
        Ok(has_passkey.then_some(open))
    }
}

/// Whether the user still has the passkey by which they signed in.
pub(super) async fn has_passkey(app: &App, known: &Authentication) -> Result<bool, StoreError> {
    let Some(passkey) = known.passkey else {
        return Ok(true);
    };
    let found = app.store.find::<Credential>(&passkey.into()).await?;
    Ok(found.is_some())
}

/// The cookie of a session that begins.
pub(super) fn begun(app: &App, secret: &SessionSecret) -> String {
    let seconds = BrowserSession::LIFETIME.as_seconds();
    cookie_of(app, &secret.expose(), seconds)
}

/// The cookie that takes the place of a session's when it ends.
pub(super) fn ended(app: &App) -> String {
    cookie_of(app, "", 0)
}

fn cookie_of(app: &App, value: &str, seconds: u64) -> String {
    let secure = if app.is_https() { "; Secure" } else { "" };
    let name = name(app);
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

/// Under TLS a name that no sibling domain can set.
fn name(app: &App) -> &'static str {
    if app.is_https() {
        "__Host-session"
    } else {
        "session"
    }
}
