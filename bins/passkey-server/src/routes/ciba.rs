//! `POST /bc-authorize`: a client asks a user directly (CIBA Core §7).

use std::sync::Arc;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use passkey_idp::application::{Application, Dialect};
use passkey_idp::ciba::{self, BackchannelRequest, Begun, Hints, Known};
use passkey_idp::delivery::Sealing;
use passkey_idp::id::AuthReqId;
use passkey_idp::oauth::{ConsentRule, ErrorCode, OAuthError};
use passkey_idp::order::{Document, Entrance, MediaType};
use passkey_idp::qr::uyulala;
use passkey_idp::store::Commit;
use serde_json::{Value, json};
use utoipa::{OpenApi, ToSchema};

use super::oauth::call::Call;
use super::oauth::error::Failure;
use super::oauth::token::{Answer, Asked, exchange};
use crate::pages::{Grant, Language};
use crate::state::{App, now};

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().route("/bc-authorize", post(standard))
}

/// What is described of it.
#[derive(OpenApi)]
#[openapi(paths(standard))]
pub(super) struct Described;

/// Whom a client asks, and for what.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
struct BackchannelForm {
    /// `openid` at least; in `request`, if the client signs.
    scope: Option<String>,
    /// The user's identifier; or another hint in its place.
    login_hint: Option<String>,
    /// An ID token of the user.
    id_token_hint: Option<String>,
    /// What the user is shown, and signs.
    binding_message: Option<String>,
    /// What the server authenticates with where it pings or pushes.
    client_notification_token: Option<String>,
    /// Seconds.
    requested_expiry: Option<String>,
    /// All of it in a JWT that the client has signed, in place of the others.
    request: Option<String>,
}

/// A request that waits for its user.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is made elsewhere")]
struct BackchannelAnswer {
    /// What is asked with at the token endpoint.
    auth_req_id: String,
    /// Seconds.
    expires_in: u64,
    /// Seconds between two questions.
    interval: Option<u64>,
}

/// Asks a user directly (CIBA Core §7).
#[utoipa::path(post, path = "/bc-authorize", tag = "OAuth", security(("client" = []), ()),
    request_body(content = BackchannelForm, content_type = "application/x-www-form-urlencoded"), responses(
    (status = 200, body = BackchannelAnswer),
    (status = "default", body = super::oauth::error::Told),
))]
async fn standard(State(app): State<Arc<App>>, call: Call) -> Result<Json<Value>, Failure> {
    begin(&app, &call, Hints::One).await
}

/// Places a request, and tells the client what it asks with. `qr_data` and `qr_secret` are Uyulala's
/// addition, `url` is ours: where the user's browser opens the request. They go to the client's server
/// and to nobody else.
pub(super) async fn begin(app: &App, call: &Call, hints: Hints) -> Result<Json<Value>, Failure> {
    let now = now();
    let client = call.client(app, now).await?.body;
    speaks(&client, hints)?;
    let keys = app.keys.now();
    let known = Known {
        issuer: &app.settings.origin,
        published: keys.published(),
        client: &client.id,
        registered: &client.client,
    };
    let opened = ciba::open(&call.parameters, known, now)?;
    let parameters = opened
        .as_ref()
        .map_or(&call.parameters, |opened| &opened.parameters);
    let mut request = ciba::read(&client.id, &client.client, parameters, hints)?;
    let language = Language::choose(parameters.get("ui_locales"), "");
    request.message = asked(&client, &request, language)?;
    let entrance = request.entrance;
    let user = request
        .hint
        .as_ref()
        .map(|hint| hint.user(known, now))
        .transpose()?;
    let sealing = Sealing {
        sealer: &app.sealer,
        random: &app.random,
    };
    let mut begun = request.begin(&client.client, user, sealing, now)?;
    let mut changes = std::mem::take(&mut begun.changes);
    let without = changes.len();
    changes.extend(opened.map(|opened| opened.used));
    let outcome = match app.store.commit(changes, now).await? {
        Commit::Done(_) => Ok(Json(told(app, &begun, entrance))),
        Commit::Refused { at } if at == without => Err(REPEATED.into()),
        Commit::Refused { .. } => Err(UNKNOWN.into()),
    };
    let traced = if outcome.is_ok() {
        "success"
    } else {
        "refused"
    };
    app.trace(client.id.as_str(), "backchannel", "begin", traced);
    outcome
}

/// Requests without a hint are Uyulala's, for clients that speak its dialect.
fn speaks(client: &Application, hints: Hints) -> Result<(), OAuthError> {
    if hints == Hints::AtMostOne && !client.speaks(Dialect::Uyulala) {
        return Err(ErrorCode::UnauthorizedClient.because("the client may not use this API"));
    }
    Ok(())
}

/// What the user is shown and signs: the client's message, and what it may have beside knowing who they
/// are, unless it belongs to whoever runs the server.
fn asked(
    client: &Application,
    request: &BackchannelRequest,
    language: Language,
) -> Result<Option<Document>, OAuthError> {
    let scopes = request.scope.iter().filter(|scope| *scope != "openid");
    let scopes: Vec<_> = scopes.map(|scope| Grant::words(scope, language)).collect();
    if scopes.is_empty() || client.client.consent == ConsentRule::Implied {
        return Ok(request.message.clone());
    }
    let message = request.message.as_ref().map(Document::text);
    let mut text = message.map_or_else(String::new, |message| format!("{message}\n\n"));
    text.push_str(&language.words().direct_may.with(&client.title));
    for scope in scopes {
        text.push_str("\n\u{2013} ");
        text.push_str(scope);
    }
    let document = Document::new(MediaType::Plain, text, None);
    let hidden = ErrorCode::InvalidRequest.because("the client's title cannot be shown");
    document.map(Some).map_err(|_title| hidden)
}

fn told(app: &App, begun: &Begun, entrance: Entrance) -> Value {
    let (order, secret) = (&begun.placed.id, &begun.placed.secret);
    let path = match entrance {
        Entrance::Address => format!("/o/{order}"),
        Entrance::Code | _ => format!("/q/{}", uyulala::persistent(order, secret)),
    };
    let mut body = json!({
        "auth_req_id": *begun.auth_req_id.expose(),
        "expires_in": begun.expires_in.as_seconds(),
        "qr_data": order,
        "qr_secret": *secret.expose(),
        "url": format!("{}{path}", app.settings.origin),
    });
    if let (Some(members), Some(interval)) = (body.as_object_mut(), begun.interval) {
        members.insert("interval".to_owned(), json!(interval.as_seconds()));
    }
    body
}

/// The token endpoint's handler (CIBA §10.1).
pub(super) fn polled(asked: Asked<'_>) -> Answer<'_> {
    Box::pin(async move {
        let id = asked.parameters.get("auth_req_id");
        let id = id.ok_or(ErrorCode::InvalidRequest.because("auth_req_id is missing"))?;
        let never_placed = ErrorCode::InvalidGrant.because("auth_req_id is not valid");
        let id: AuthReqId = id.parse().map_err(|_invalid| never_placed)?;
        let keys = asked.app.keys.now();
        let exchange = exchange(asked.app, asked.signer(&keys), asked.now);
        Ok(exchange.poll(asked.caller(), &id).await?)
    })
}

/// The name of the grant type.
pub(super) const GRANT: &str = "urn:openid:params:grant-type:ciba";

const REPEATED: OAuthError =
    ErrorCode::InvalidRequest.because("the signed request was sent before");
const UNKNOWN: OAuthError = ErrorCode::UnknownUserId.because("the hint names no user here");
