//! Documents: to be signed, waited for, and proven.

use std::error::Error;
use std::sync::Arc;

use axum::extract::multipart::{Multipart, MultipartError, MultipartRejection};
use axum::extract::{FromRequestParts, Path, RawQuery, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Json, Router};
use passkey_idp::Duration;
use passkey_idp::id::OrderId;
use passkey_idp::order::Entrance;
use serde_json::json;
use server_kit::form::Form;
use server_kit::page::svg;
use strict_jws::base64;

use super::visitor::{SignedIn, Visitor};
use crate::document::{Document, Standing};
use crate::orders::{OrderError, Wanted};
use crate::pages::{self, Message, New, Proven, Waiting, over};
use crate::state::{App, Shared, Unfollowed, now};

mod filled;

use filled::{Device, Filled};

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/documents", get(blank).post(place))
        .route("/documents/back", get(back))
        .route("/documents/{id}", get(show))
        .route("/documents/{id}/state", get(state))
        .route("/documents/{id}/code.svg", get(code))
        .route("/documents/{id}/evidence.json", get(evidence))
        .route("/documents/{id}/keys.json", get(keys))
}

/// A document of whoever asks.
struct Theirs(Shared);

impl FromRequestParts<Arc<App>> for Theirs {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let SignedIn(person) = SignedIn::from_request_parts(parts, app).await?;
        let id = Path::<String>::from_request_parts(parts, app).await;
        let id: Option<OrderId> = id.ok().and_then(|Path(id)| id.parse().ok());
        let found = id.and_then(|id| app.document(&id, &person.subject));
        let page = || pages::answer(app, StatusCode::NOT_FOUND, &Message::not_found());
        found.map(Self).ok_or_else(page)
    }
}

async fn blank(State(app): State<Arc<App>>, SignedIn(_): SignedIn) -> Response {
    pages::answer(&app, StatusCode::OK, &New {})
}

/// Orders what the form says, and leads to where it is signed.
async fn place(
    State(app): State<Arc<App>>,
    SignedIn(person): SignedIn,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    let filled = match form {
        Ok(form) => Filled::read(form, &person.subject, app.oidc.id()).await,
        Err(rejected) => return rejected.into_response(),
    };
    match filled {
        Ok(filled) => match ordered(&app, filled).await {
            Ok(onward) => Redirect::to(&onward).into_response(),
            Err(error) => unplaced(&app, &error),
        },
        Err(error) => malformed(&app, &error),
    }
}

async fn ordered(app: &App, filled: Filled) -> Result<String, OrderError> {
    let now = now();
    let here = format!("{}/documents/back", app.origin);
    let wanted = Wanted {
        user_id: filled.asked.subject.clone(),
        text: filled.asked.text.clone(),
        media_type: filled.asked.media_type,
        data: filled.data.as_deref().map(base64::encode),
        timeout: TIMEOUT.as_seconds(),
        // codes are on show: nothing in them opens the order for long
        entrance: match filled.device {
            Device::This => Entrance::Address,
            Device::Other => Entrance::Code,
        },
        redirect: here,
    };
    let placed = app.orders.place(&wanted, now).await?;
    let url = placed.url.clone();
    let id = app.keep(Document {
        asked: filled.asked,
        placed,
        until: now.plus(TIMEOUT),
        standing: Standing::Pending,
    });
    Ok(match filled.device {
        Device::This => url,
        Device::Other => format!("/documents/{id}"),
    })
}

/// A browser is back from the provider: whatever it says, the provider is asked. Another device than the
/// one that waits has nothing more to do.
async fn back(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    if visitor.person(&app).is_none() {
        return pages::answer(&app, StatusCode::OK, &Message::answered());
    }
    let query = Form::parse(query.unwrap_or_default().as_bytes()).ok();
    let id = query
        .as_ref()
        .and_then(|query| query.one("challengeId").ok()?);
    let id: Option<OrderId> = id.and_then(|id| id.parse().ok());
    match id {
        Some(id) => Redirect::to(&format!("/documents/{id}")).into_response(),
        None => Redirect::to("/").into_response(),
    }
}

async fn show(State(app): State<Arc<App>>, Theirs(document): Theirs) -> Response {
    let mut document = document.lock().await;
    if let Err(error) = app.follow(&mut document).await {
        return unfollowed(&app, &error);
    }
    match &document.standing {
        Standing::Pending | Standing::Viewed | Standing::Collected(_) => {
            let page = Waiting::new(&document, app.orders.here(&document.placed), now());
            pages::answer(&app, StatusCode::OK, &page)
        }
        Standing::Signed(proof) => {
            let page = Proven::new(&document, proof);
            pages::answer(&app, StatusCode::OK, &page)
        }
        ended @ (Standing::Rejected | Standing::Expired | Standing::Unproven(_)) => {
            pages::answer(&app, StatusCode::OK, &over(ended))
        }
    }
}

/// How it stands, for the page that waits.
async fn state(State(app): State<Arc<App>>, Theirs(document): Theirs) -> Response {
    let mut document = document.lock().await;
    if let Err(error) = app.follow(&mut document).await {
        return unfollowed(&app, &error);
    }
    let fields = [(header::CACHE_CONTROL, "no-store")];
    let waits = matches!(document.standing, Standing::Pending | Standing::Viewed);
    let text = pages::state(&document.standing);
    let scannable = matches!(document.standing, Standing::Pending);
    let told = json!({ "text": text, "final": !waits, "code": scannable });
    (fields, Json(told)).into_response()
}

/// The code for another device, as it is this second.
async fn code(State(app): State<Arc<App>>, Theirs(document): Theirs) -> Response {
    let address = app.orders.code(&document.lock().await.placed, now());
    let fields = [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    match svg(&address) {
        Ok(image) => (fields, image).into_response(),
        Err(_too_long) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn evidence(State(app): State<Arc<App>>, Theirs(document): Theirs) -> Response {
    match document.lock().await.proof() {
        Some(proof) => download("evidence.json", &proof.package),
        None => pages::answer(&app, StatusCode::NOT_FOUND, &Message::not_found()),
    }
}

async fn keys(State(app): State<Arc<App>>, Theirs(document): Theirs) -> Response {
    match document.lock().await.proof() {
        Some(proof) => download("keys.json", &proof.keys),
        None => pages::answer(&app, StatusCode::NOT_FOUND, &Message::not_found()),
    }
}

fn download(name: &str, content: &str) -> Response {
    let fields = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    (fields, content.to_owned()).into_response()
}

fn unplaced(app: &App, error: &OrderError) -> Response {
    let shown: &dyn Error = error;
    tracing::warn!(error = shown, "nothing was ordered");
    let status = match error {
        OrderError::Refused(_) => StatusCode::BAD_REQUEST,
        OrderError::Web(_)
        | OrderError::Address(_)
        | OrderError::Client
        | OrderError::Answer(_) => StatusCode::BAD_GATEWAY,
    };
    let page = Message::new("Nothing is signed", error.to_string(), error.advice());
    pages::answer(app, status, &page)
}

fn malformed(app: &App, error: &MultipartError) -> Response {
    let page = Message::new("Nothing is signed", error.body_text(), TOO_LONG);
    pages::answer(app, error.status(), &page)
}

fn unfollowed(app: &App, error: &Unfollowed) -> Response {
    let shown: &dyn Error = error;
    tracing::warn!(error = shown, "how a document stands is not known");
    let advice = match error {
        Unfollowed::Order(error) => error.advice(),
        Unfollowed::Keys(error) => error.advice(),
    };
    let page = Message::new("Nobody knows how it stands", error.to_string(), advice);
    pages::answer(app, StatusCode::BAD_GATEWAY, &page)
}

const TIMEOUT: Duration = Duration::from_seconds(300);
const TOO_LONG: &str = "A text has 64 kilobytes at most, and a file one megabyte.";
