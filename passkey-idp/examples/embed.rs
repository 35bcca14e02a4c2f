//! A passkey login in an axum app, on <http://localhost:3000>.
#![expect(clippy::disallowed_methods, reason = "a program has a clock")]

use std::{error::Error, time::SystemTime};

use axum::extract::{Json, Path, State};
use axum::{Router, http::StatusCode, response::Html, routing::get, routing::post};
use passkey_idp::approval::{Approver, Begun, Call};
use passkey_idp::order::{Placement, What};
use passkey_idp::store::MemoryStore;
use passkey_idp::webauthn::{Policy, RelyingParty};
use passkey_idp::{Instant, id::OrderId, seal::Sealer, seal::SealingKey};
use serde_json::{Value, from_value};
use strict_jws::{Algorithm, Signer, SigningKey, SystemRandom};

#[derive(Clone, Copy)]
struct App(&'static MemoryStore, Approver<'static>, &'static Sealer);
type Answer<T> = Result<T, (StatusCode, String)>;

async fn begin(
    State(App(store, approver, sealer)): State<App>,
    Path(what): Path<String>,
) -> Answer<Json<Begun>> {
    let client = "app".parse().map_err(failed)?;
    let placement = match what.as_str() {
        "register" => Placement::registering(client, None, "Kim".into(), approver.random),
        _ => Ok(Placement::new(client, What::SignIn)),
    };
    let begun = approver.begin(store, sealer, placement.map_err(failed)?, now());
    begun.await.map(Json).map_err(failed)
}

async fn finish(
    State(App(store, approver, _)): State<App>,
    Path((what, order)): Path<(String, OrderId)>,
    Json(answer): Json<Value>,
) -> Answer<String> {
    let call = Call::new(&order, now());
    let signed = if what == "register" {
        let answer = from_value(answer).map_err(failed)?;
        approver.register(store, call, &answer).await
    } else {
        let answer = from_value(answer).map_err(failed)?;
        approver.sign(store, call, &answer).await
    };
    let outcome = signed.map_err(failed)?.body.outcome;
    let user = outcome.ok_or("not signed").map_err(failed)?.user;
    Ok(format!("hello, {user}")) // this is where your session begins
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let random = leak(SystemRandom::new());
    let key = SigningKey::generate_pem(Algorithm::Es256, random)?; // yours comes from a file
    let signer = leak(Signer::certifying(SigningKey::from_pem(&key, random)?));
    let origins = vec!["http://localhost:3000".parse()?];
    let party = leak(RelyingParty::new("localhost", "Example", origins)?);
    let approver = Approver::new(party, leak(Policy::default()), signer, random);
    let sealer = leak(Sealer::new(&SealingKey::new([0; 32]))); // its key, too
    let router = Router::new()
        .route("/", get(|| async { Html(include_str!("embed.html")) }))
        .route("/{what}", post(begin))
        .route("/{what}/{order}", post(finish))
        .with_state(App(leak(MemoryStore::new()), approver, sealer));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    Ok(axum::serve(listener, router).await?)
}

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn now() -> Instant {
    SystemTime::now().into()
}

fn failed(error: impl Into<Box<dyn Error>>) -> (StatusCode, String) {
    (StatusCode::BAD_REQUEST, error.into().to_string())
}
