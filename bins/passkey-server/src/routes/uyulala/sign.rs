//! `POST /api/v1/sign`: a client asks for a signature.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequest as _, FromRequestParts as _, Request, State};
use axum::response::{IntoResponse as _, Response};
use passkey_idp::Duration;
use passkey_idp::application::{Application, RedirectUri};
use passkey_idp::ciba::Hints;
use passkey_idp::id::UserId;
use passkey_idp::order::{Document, Entrance, MediaType, Placement, UserVerification, What};
use passkey_idp::qr::uyulala;
use passkey_idp::store::Commit;
use serde::Deserialize;
use serde_json::{Value, json};
use server_kit::body;
use strict_jws::base64;
use utoipa::ToSchema;

use super::super::ciba;
use super::super::oauth::call::Call;
use super::client::{Client, refused};
use super::error::ApiError;
use crate::state::{App, OWN, now};

/// What a user is asked to sign, or to sign in with.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Order)]
pub(super) struct Wanted {
    /// Who is asked; whoever comes, if it is left out.
    #[serde(default)]
    user_id: Option<String>,
    /// `required`, `preferred` or `discouraged`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    user_verification: Option<UserVerification>,
    /// What is signed; a sign-in, if it is left out.
    #[serde(default)]
    text: Option<String>,
    /// `text/markdown` for the safe subset; an extension of ours.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    media_type: MediaType,
    /// Octets that are signed beside the text, in base64.
    #[serde(default)]
    data: Option<String>,
    /// Seconds, 300 if they are left out, 86400 at most.
    #[serde(default)]
    timeout: Option<u64>,
    /// Where the user's browser goes then: an address that the client has registered.
    #[serde(default)]
    redirect: Option<String>,
    /// `address`, which it is if it is left out, or `code`: then the identifier, which every code
    /// holds, opens nothing. An extension of ours.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    entrance: Entrance,
}

/// An order, as a client is told of it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is made elsewhere")]
pub(in super::super) struct Placed {
    /// Its identifier.
    challenge_id: String,
    /// The same, as Uyulala's README has it in another place.
    #[schema(rename = "challengeId")]
    order: String,
    /// What QR tokens are made with.
    secret: String,
    /// Where a browser opens it; with the entrance `code`, where one browser shows codes for another
    /// device.
    url: String,
}

/// Asks for a signature.
///
/// In JSON; as a form it is CIBA's endpoint, where a hint may be left out.
#[utoipa::path(post, path = "/api/v1/sign", tag = "orders", security(("client" = [])),
    request_body = Wanted, responses(
    (status = 200, body = Placed),
    (status = "default", body = super::error::Told),
))]
pub(super) async fn sign(state: State<Arc<App>>, request: Request) -> Response {
    if body::has_content_type(request.headers(), "application/x-www-form-urlencoded") {
        return match Call::from_request(request, &state.0).await {
            Ok(call) => ciba::begin(&state.0, &call, Hints::AtMostOne)
                .await
                .into_response(),
            Err(failure) => failure.into_response(),
        };
    }
    let (mut parts, body) = request.into_parts();
    let signed = async {
        let client = Client::from_request_parts(&mut parts, &state.0).await?;
        asked(state, client, Request::from_parts(parts, body)).await
    };
    signed.await.into_response()
}

async fn asked(
    State(app): State<Arc<App>>,
    Client(client): Client,
    request: Request,
) -> Result<Json<Value>, ApiError> {
    let wanted: Wanted = body::read_of_program(request, &app)
        .await
        .map_err(|invalid| ApiError::invalid(invalid.to_string()))?;
    let placement = wanted.placement(&client.body, &app)?;
    place(&app, placement).await
}

/// Keeps the order, and tells the client what it needs of it.
pub(super) async fn place(app: &App, placement: Placement) -> Result<Json<Value>, ApiError> {
    let placed = placement.place(&app.sealer, &app.random, now())?;
    let application = placed.order.application.as_str();
    let mut changes = vec![placed.change];
    if application != OWN {
        // it may have been locked out since it was known
        changes.push(Application::require_active(&placed.order.application));
    }
    if let Commit::Refused { .. } = app.store.commit(changes, now()).await? {
        return Err(refused());
    }
    app.trace(application, "order", "place", "success");
    let path = if placed.order.entrance == Entrance::Address {
        format!("/o/{}", placed.id)
    } else {
        let token = uyulala::persistent(&placed.id, &placed.secret);
        format!("/q/{token}/qr")
    };
    Ok(Json(json!({
        "challenge_id": placed.id,
        "challengeId": placed.id,
        "secret": *placed.secret.expose(),
        "url": format!("{}{path}", app.settings.origin),
    })))
}

impl Wanted {
    fn placement(self, client: &Application, app: &App) -> Result<Placement, ApiError> {
        let what = match (self.text.filter(|text| !text.is_empty()), self.data) {
            (None, Some(data)) if !data.is_empty() => {
                return Err(ApiError::invalid("data needs a text that says what it is"));
            }
            (None, _) => What::SignIn,
            (Some(text), data) => {
                let data = data.as_deref().map(octets).transpose()?;
                let document = Document::new(self.media_type, text, data);
                What::Sign(document.map_err(|invalid| ApiError::invalid(invalid.to_string()))?)
            }
        };
        let mut placement = Placement::new(client.id.clone(), what);
        placement.scheme = app.settings.scheme;
        placement.requested_user = self.user_id.as_deref().map(user).transpose()?.flatten();
        placement.user_verification = self.user_verification.unwrap_or_default();
        placement.timeout = timeout(self.timeout)?;
        placement.redirect = redirect(client, self.redirect.as_deref())?;
        placement.entrance = self.entrance;
        Ok(placement)
    }
}

fn user(text: &str) -> Result<Option<UserId>, ApiError> {
    if text.is_empty() {
        return Ok(None);
    }
    let parsed = text.parse().map(Some);
    parsed.map_err(|_invalid| ApiError::invalid("userId is no identifier of a user"))
}

/// How long an order may be signed.
pub(super) fn timeout(seconds: Option<u64>) -> Result<Duration, ApiError> {
    let seconds = seconds.filter(|seconds| *seconds != 0).unwrap_or(300);
    if seconds > LONGEST {
        return Err(ApiError::invalid("timeout is at most 86400 seconds"));
    }
    Ok(Duration::from_seconds(seconds))
}

/// An address that the client has registered, exactly as it stands there.
pub(super) fn redirect(
    client: &Application,
    text: Option<&str>,
) -> Result<Option<RedirectUri>, ApiError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let parsed = text.parse().ok();
    let registered = parsed.filter(|redirect| client.may_redirect(redirect));
    registered
        .map(Some)
        .ok_or_else(|| ApiError::invalid("redirect is not registered for this client"))
}

/// Base64 of either alphabet, with padding or without.
fn octets(text: &str) -> Result<Vec<u8>, ApiError> {
    let plain = text
        .trim_end_matches('=')
        .replace('+', "-")
        .replace('/', "_");
    base64::decode(plain.as_bytes()).map_err(|_invalid| ApiError::invalid("data is not base64"))
}

/// A day.
const LONGEST: u64 = 24 * 60 * 60;
