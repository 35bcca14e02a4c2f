//! The routes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use auc::Directory;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use endorse::confirm::Transaction;
use endorse::{RequestParameters, UnixTime};
use serde::{Deserialize, Serialize};
use serde_json::json;
use server_kit::problem::Problem;

use crate::{Challenge, Refused, Server, ServerError, Wanted};

/// The routes of a server.
pub fn app<D: Directory + 'static>(server: Arc<Server<D>>) -> Router {
    Router::new()
        .route("/endorse/v1/challenge", post(challenge::<D>))
        .route("/endorse/v1/token", post(token::<D>))
        .route("/.well-known/jwks.json", get(jwks::<D>))
        .route(
            "/.well-known/endorse-configuration",
            get(configuration::<D>),
        )
        .route("/keys/{kid}", get(key::<D>))
        .route("/healthz", get(|| async { "ok" }))
        .with_state(server)
}

type Shared<D> = State<Arc<Server<D>>>;

type Answer = Result<Response, Problem>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChallengeBody {
    imsi: String,
    aud: String,
    nonce: Option<String>,
    jkt: Option<String>,
    #[serde(default, rename = "requestParameters")]
    request_parameters: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct ChallengeAnswer {
    txn: String,
    rand: String,
    autn: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenBody {
    txn: String,
    confirm: Option<String>,
    auts: Option<String>,
}

async fn challenge<D: Directory>(
    State(server): Shared<D>,
    body: Result<Json<ChallengeBody>, JsonRejection>,
) -> Answer {
    let body = read(body)?;
    let imsi = body.imsi.parse().map_err(|_error| bad("imsi is no IMSI"))?;
    let jkt = body
        .jkt
        .map(|jkt| jkt.parse().map_err(|_error| bad("jkt is no thumbprint")));
    let parameters = RequestParameters::collect(body.request_parameters);
    let wanted = Wanted {
        audience: body
            .aud
            .parse()
            .map_err(|_error| bad("aud is no audience"))?,
        nonce: body.nonce.filter(|nonce| nonce.len() <= 256),
        key: jkt.transpose()?,
        request_parameters: parameters.map_err(|_error| bad("requestParameters are too many"))?,
    };
    let asked_for = server.challenge(imsi, wanted, now()).await;
    Ok(asked(&asked_for.map_err(|error| problem(&error))?))
}

async fn token<D: Directory>(
    State(server): Shared<D>,
    body: Result<Json<TokenBody>, JsonRejection>,
) -> Answer {
    let body = read(body)?;
    let transaction: Transaction = body.txn.parse().map_err(|_error| bad("txn is none"))?;
    match (body.confirm, body.auts) {
        (Some(confirm), None) => {
            let confirm = strict_jws::base64::decode(confirm.as_bytes());
            let confirm = confirm.map_err(|_error| bad("confirm is not base64url"))?;
            let proven = server
                .token(&transaction, &confirm, now())
                .map_err(|error| problem(&error))?;
            let lifetime = proven.lifetime;
            let answer = json!({"token": proven.issued.token, "expires_in": lifetime});
            Ok(fresh(answer))
        }
        (None, Some(auts)) => {
            let auts = auts.parse().map_err(|_error| bad("auts is no AUTS"))?;
            let again = server.resynchronise(&transaction, &auts, now()).await;
            Ok(asked(&again.map_err(|error| problem(&error))?))
        }
        _ => Err(bad("either confirm or auts")),
    }
}

async fn jwks<D: Directory>(State(server): Shared<D>) -> Response {
    let content = [(header::CONTENT_TYPE, "application/jwk-set+json")];
    (content, server.published(now()).to_jwks()).into_response()
}

async fn key<D: Directory>(State(server): Shared<D>, Path(kid): Path<String>) -> Answer {
    let none = || Problem::new(StatusCode::NOT_FOUND, "no_such_key", "no key has this name");
    let key_id = kid.parse().map_err(|_error| none())?;
    let published = server.published(now());
    let key = published.get(&key_id).ok_or_else(none)?;
    Ok((
        [(header::CONTENT_TYPE, "application/x-pem-file")],
        key.to_pem(),
    )
        .into_response())
}

async fn configuration<D: Directory>(State(server): Shared<D>) -> Response {
    let origin = &server.settings().origin;
    let audiences = server.settings().audiences.iter();
    Json(json!({
        "issuer": origin,
        "jwks_uri": format!("{origin}/.well-known/jwks.json"),
        "challenge_endpoint": format!("{origin}/endorse/v1/challenge"),
        "token_endpoint": format!("{origin}/endorse/v1/token"),
        "key_repository": format!("{origin}/keys/"),
        "audiences": audiences.map(endorse::Audience::as_str).collect::<Vec<_>>(),
    }))
    .into_response()
}

fn asked(challenge: &Challenge) -> Response {
    let answer = ChallengeAnswer {
        txn: challenge.transaction.to_string(),
        rand: format!("{:x}", challenge.rand.hex()),
        autn: format!("{:x}", challenge.autn.hex()),
    };
    fresh(answer)
}

/// An answer that nobody may keep.
fn fresh(body: impl Serialize) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

fn read<T>(body: Result<Json<T>, JsonRejection>) -> Result<T, Problem> {
    body.map(|Json(body)| body)
        .map_err(|rejection| bad(rejection.body_text()))
}

fn bad(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "invalid_request", detail)
}

fn problem(error: &ServerError) -> Problem {
    let (status, code) = match error {
        ServerError::Audience => (StatusCode::BAD_REQUEST, "invalid_target"),
        ServerError::Refused(Refused::TooOften) => (StatusCode::TOO_MANY_REQUESTS, "too_often"),
        ServerError::Refused(_) => (StatusCode::SERVICE_UNAVAILABLE, "full"),
        ServerError::NotProven => (StatusCode::UNAUTHORIZED, "not_proven"),
        ServerError::Centre(_) | ServerError::Issue(_) | ServerError::Randomness(_) => {
            (StatusCode::INTERNAL_SERVER_ERROR, "failed")
        }
    };
    let problem = Problem::new(status, code, error.to_string());
    if matches!(error, ServerError::Refused(_)) {
        problem.retry_after(60)
    } else {
        problem
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the edge where the clock is read"
)]
fn now() -> UnixTime {
    SystemTime::now().into()
}
