//! Signing in and out.

use std::error::Error;
use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use server_kit::form::Form;
use server_kit::listen::Peer;

use super::visitor::{Visitor, kept};
use crate::oidc::{Answer, Person, SignInError};
use crate::pages::{self, Message};
use crate::session::Owner;
use crate::state::{App, now};

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/sign-in", get(begin))
        .route("/callback", get(finish))
        .route("/sign-out", post(sign_out))
}

async fn begin(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    peer: Option<Extension<Peer>>,
) -> Response {
    let owner = Owner::at(peer.as_deref());
    match app.oidc.begin().await {
        Ok((pending, onward)) => {
            let cookie = visitor.cookie.as_deref();
            let cookie = app.sessions.begin(cookie, owner, pending, now());
            (kept(&app, &cookie), Redirect::to(onward.as_str())).into_response()
        }
        Err(error) => failed(&app, &error),
    }
}

/// The browser is back, with an answer for one of the sign-ins that it has begun.
async fn finish(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    let Some(cookie) = &visitor.cookie else {
        return failed(&app, &SignInError::OtherState);
    };
    match finished(&app, cookie, query.as_deref().unwrap_or_default()).await {
        Ok(person) => {
            let cookie = app.sessions.signed_in(cookie, person, now());
            (kept(&app, &cookie), Redirect::to("/")).into_response()
        }
        Err(error) => failed(&app, &error),
    }
}

async fn finished(app: &App, cookie: &str, query: &str) -> Result<Person, SignInError> {
    // a name that comes twice is none
    let query = Form::parse(query.as_bytes()).ok();
    let one = |name| query.as_ref()?.one(name).ok()?.map(str::to_owned);
    let state = one("state").ok_or(SignInError::OtherState)?;
    let pending = app.sessions.take(cookie, &state, now());
    let answer = Answer {
        code: one("code"),
        issuer: one("iss"),
        error: one("error"),
    };
    let pending = pending.ok_or(SignInError::OtherState)?;
    app.oidc.finish(pending, answer).await
}

/// Here first, then at the provider.
async fn sign_out(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    let cookie = visitor.cookie.unwrap_or_default();
    let person = app.sessions.end(&cookie, now());
    let home = format!("{}/", app.origin);
    let onward = match &person {
        Some(person) => app.oidc.sign_out(person, &home).await,
        None => None,
    };
    let onward = onward.map_or(home, String::from);
    (kept(&app, ""), Redirect::to(&onward)).into_response()
}

fn failed(app: &App, error: &SignInError) -> Response {
    let shown: &dyn Error = error;
    tracing::warn!(error = shown, "nobody is signed in");
    let status = match error {
        SignInError::Discovery(_) | SignInError::Exchange(_) => StatusCode::BAD_GATEWAY,
        SignInError::OtherState
        | SignInError::OtherProvider
        | SignInError::Refused(_)
        | SignInError::NoCode
        | SignInError::NoIdToken
        | SignInError::IdToken(_)
        | SignInError::OtherToken => StatusCode::BAD_REQUEST,
    };
    let page = if matches!(error, SignInError::Refused("access_denied")) {
        Message::calm(WHAT, error.advice())
    } else {
        Message::new(WHAT, error.to_string(), error.advice())
    };
    pages::answer(app, status, &page)
}

const WHAT: &str = "You are not signed in";
