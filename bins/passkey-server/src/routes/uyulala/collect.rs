//! `POST /api/v1/collect`: a client fetches what was signed, once.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{FromRequest as _, FromRequestParts as _, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use passkey_idp::Instant;
use passkey_idp::application::ApplicationId;
use passkey_idp::evidence::{Proof, Statement, read_unverified};
use passkey_idp::id::OrderId;
use passkey_idp::order::{Document, Order, Refusal, Status};
use passkey_idp::store::{Commit, Kind, StoreExt as _, Stored};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use server_kit::body;
use strict_jws::base64;
use utoipa::ToSchema;

use super::super::oauth::call::Call;
use super::super::oauth::token::token;
use super::super::proof;
use super::client::Client;
use super::error::ApiError;
use crate::state::{App, now};

/// Which order.
#[derive(Deserialize, ToSchema)]
#[schema(as = Collect)]
pub(super) struct Wanted {
    /// Its identifier.
    #[serde(rename = "challengeId", alias = "challenge_id")]
    challenge_id: String,
}

/// An order that is not signed, or was collected.
#[derive(Serialize, ToSchema)]
#[schema(as = Unsigned)]
pub(super) struct Unsigned {
    /// `pending`, `viewed`, `collected`, `rejected`, `cancelled` or `expired`.
    status: &'static str,
    /// The same for people.
    msg: String,
}

/// Fetches what was signed, once; with `Prefer: wait=20` it waits for it.
///
/// In JSON; as a form it is the token endpoint, as Uyulala's OAuth clients use it.
#[utoipa::path(post, path = "/api/v1/collect", tag = "orders", security(("client" = [])),
    params(("Prefer" = Option<String>, Header, description = "`wait=S`, 20 seconds at most")),
    request_body = Wanted, responses(
    (status = 200, body = Object, description = "what was signed, by whom, and the evidence"),
    (status = 400, body = Object, description = "`Unsigned`, or an error"),
    (status = "default", body = super::error::Told),
))]
pub(super) async fn collect(state: State<Arc<App>>, request: Request) -> Response {
    if body::has_content_type(request.headers(), "application/x-www-form-urlencoded") {
        return match Call::from_request(request, &state.0).await {
            Ok(call) => token(state, call).await.into_response(),
            Err(failure) => failure.into_response(),
        };
    }
    let (mut parts, body) = request.into_parts();
    let collected = async {
        let client = Client::from_request_parts(&mut parts, &state.0).await?;
        collected(state, client, Request::from_parts(parts, body)).await
    };
    collected.await.into_response()
}

async fn collected(
    State(app): State<Arc<App>>,
    Client(client): Client,
    request: Request,
) -> Result<Response, ApiError> {
    let patience = patience(request.headers());
    let wanted: Wanted = body::read_of_program(request, &app)
        .await
        .map_err(|invalid| ApiError::invalid(invalid.to_string()))?;
    let id: OrderId = wanted
        .challenge_id
        .parse()
        .map_err(|_invalid| Refusal::Unknown)?;
    settled(&app, &id, &client.body.id, patience).await?;
    once(&app, &id, &client.body.id).await
}

/// What was signed, read before it counts as collected: what cannot be given now can be given later.
async fn once(app: &App, id: &OrderId, client: &ApplicationId) -> Result<Response, ApiError> {
    for _ in 0..TRIES {
        let order = app.store.find::<Order>(&Order::row_id(id)).await?;
        let order = order.ok_or(Refusal::Unknown)?;
        let collected = match order.collect(client, now()) {
            Err(Refusal::Status(status)) => return Ok(unsigned(status)),
            changes => changes?,
        };
        let answer = signed(app, id, &order).await?;
        if let Commit::Done(_) = app.store.commit(collected, now()).await? {
            app.trace(client.as_str(), "order", "collect", "success");
            return Ok(Json(answer).into_response());
        }
    }
    Err(Refusal::Contended.into())
}

/// Waits until the order is neither pending nor viewed, or patience ends.
async fn settled(
    app: &App,
    id: &OrderId,
    client: &ApplicationId,
    patience: Duration,
) -> Result<(), ApiError> {
    let row = Order::row_id(id);
    let waited = async {
        loop {
            let changed = app.store.watch(Kind::Order, &row);
            let order = app.store.find::<Order>(&row).await?;
            let order = order.ok_or(Refusal::Unknown)?;
            order.belongs_to(client)?;
            let open = matches!(order.status(now()), Status::Pending | Status::Viewed);
            if !open || patience.is_zero() {
                return Ok(());
            }
            let left = order.body.sign_until.since(now());
            // what was decided on another instance while a notice got lost is seen soon
            let nap = Duration::from(left).min(LOOK_AGAIN);
            tokio::time::timeout(nap, changed).await.unwrap_or_default();
        }
    };
    if patience.is_zero() {
        return waited.await;
    }
    tokio::time::timeout(patience, waited)
        .await
        .unwrap_or(Ok(()))
}

/// `Prefer: wait=S` (RFC 7240 §4.3), 20 seconds at most.
fn patience(headers: &HeaderMap) -> Duration {
    let fields = headers.get_all("prefer").iter();
    let mut wishes = fields
        .filter_map(|field| field.to_str().ok())
        .flat_map(|field| field.split([',', ';']));
    let seconds = wishes.find_map(|wish| wish.trim().strip_prefix("wait=")?.parse().ok());
    Duration::from_secs(seconds.unwrap_or(0).min(20))
}

fn unsigned(status: Status) -> Response {
    let status = status.name();
    let body = Unsigned {
        status,
        msg: format!("the order is {status}"),
    };
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}

/// What was signed, in Uyulala's form, and the evidence beside it.
async fn signed(app: &App, id: &OrderId, order: &Stored<Order>) -> Result<Value, ApiError> {
    let outcome = order.body.outcome.ok_or_else(ApiError::not_found)?;
    let package = proof::package(app, order).await?;
    let package = package.ok_or_else(ApiError::not_found)?;
    // it was verified before it was kept, and clients verify it themselves
    let statement = read_unverified(&package).map_err(|refusal| {
        tracing::error!(reason = %refusal, "kept evidence cannot be read");
        ApiError::not_found()
    })?;
    let mut answer = json!({
        "challengeId": id,
        "userId": outcome.user,
        "appId": order.body.application,
        "status": "signed",
        "signed": time(outcome.signed_at),
        "userPresent": true,
        "userVerified": outcome.user_verified,
        "publicKey": statement.public_key,
        "credentialId": statement.credential_id,
        "challenge": base64::encode(&statement.challenge()),
        "signatureData": signature_data(order),
        "evidence": package,
    });
    if let Some(members) = answer.as_object_mut() {
        prove(members, &statement);
    }
    Ok(answer)
}

fn prove(answer: &mut Map<String, Value>, statement: &Statement) {
    match &statement.proof {
        Proof::Assertion {
            client_data_json,
            authenticator_data,
            signature,
            user_handle,
        } => {
            let response = json!({
                "clientDataJSON": client_data_json,
                "authenticatorData": authenticator_data,
                "signature": signature,
                "userHandle": user_handle,
            });
            answer.insert("assertionResponse".to_owned(), response);
        }
        Proof::Registration {
            client_data_json,
            attestation_object,
        } => {
            let response = json!({
                "clientDataJSON": client_data_json,
                "attestationObject": attestation_object,
            });
            answer.insert("attestationResponse".to_owned(), response);
        }
    }
}

/// The nonce, the text and the data that are bound to the challenge.
pub(super) fn signature_data(order: &Stored<Order>) -> Value {
    let document = order.body.document();
    let data = document.and_then(Document::data);
    json!({
        "nonce": order.body.nonce,
        "text": document.map_or("", Document::text),
        "data": data.map(base64::encode_padded),
    })
}

/// A time as RFC 3339 writes it.
pub(super) fn time(instant: Instant) -> String {
    let millis = i64::try_from(instant.unix_millis()).unwrap_or(i64::MAX);
    let time = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX);
    time.to_string()
}

/// Who loses against somebody who is faster finds the order collected the next time.
const TRIES: usize = 3;
const LOOK_AGAIN: Duration = Duration::from_secs(5);
