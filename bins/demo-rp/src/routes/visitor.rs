//! Who is looking at a page.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Redirect, Response};
use server_kit::browser::cookie;

use crate::oidc::Person;
use crate::state::{App, now};

/// A browser, by its cookie if it has one.
pub(super) struct Visitor {
    pub(super) cookie: Option<String>,
}

impl FromRequestParts<Arc<App>> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        let cookie = cookie(&parts.headers, name(app)).map(str::to_owned);
        Ok(Self { cookie })
    }
}

impl Visitor {
    pub(super) fn person(&self, app: &App) -> Option<Person> {
        app.sessions.person(self.cookie.as_deref()?, now())
    }
}

/// Somebody who has signed in; others are led to the first page.
pub(super) struct SignedIn(pub(super) Person);

impl FromRequestParts<Arc<App>> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let Ok(visitor) = Visitor::from_request_parts(parts, app).await;
        let person = visitor.person(app);
        person
            .map(Self)
            .ok_or_else(|| Redirect::to("/").into_response())
    }
}

/// What makes a browser keep `cookie`, or forget it where it is empty.
pub(super) fn kept(app: &App, cookie: &str) -> [(header::HeaderName, String); 1] {
    let secure = if app.is_https() { "; Secure" } else { "" };
    let gone = if cookie.is_empty() { "; Max-Age=0" } else { "" };
    let name = name(app);
    let value = format!("{name}={cookie}; Path=/; HttpOnly; SameSite=Lax{secure}{gone}");
    [(header::SET_COOKIE, value)]
}

/// Under TLS a name that no sibling domain can set.
fn name(app: &App) -> &'static str {
    if app.is_https() {
        "__Host-demo-rp"
    } else {
        "demo-rp"
    }
}
