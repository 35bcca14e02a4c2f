//! Assertions that are shown more often than once, wherever that is.

use passkey_idp::oauth::TokenEndpointAuth;
use passkey_server::state::now;
use serde_json::json;
use strict_jws::{Algorithm, KeySet, Signer, SigningKey, SystemRandom};

use super::client::{Client, post};
use crate::world::{Answer, ORIGIN, World};

/// A client with a key in a server of its own, and an assertion of it.
async fn setting() -> (&'static World, String) {
    let world: &'static World = Box::leak(Box::new(World::new().await));
    let random = SystemRandom::new();
    let pem = SigningKey::generate_pem(Algorithm::Es256, &random).expect("a key");
    let signer = Signer::certifying(SigningKey::from_pem(&pem, &random).expect("a key"));
    let mut keys = KeySet::new();
    let known = keys.insert_certifying(signer.public().clone());
    known.expect("the first key");
    Client::with(world, "keyed", |keyed| {
        keyed.client.auth = TokenEndpointAuth::PrivateKeyJwt;
        keyed.client.jwks = Some(keys.to_jwks());
    })
    .await;
    let claims = json!({
        "iss": "keyed", "sub": "keyed", "aud": ORIGIN, "jti": "once",
        "exp": now().unix_seconds() + 60,
    });
    let assertion = signer.sign(Some("JWT"), claims.to_string().as_bytes(), &random);
    (world, assertion.expect("an assertion"))
}

async fn show(world: &World, path: &str, assertion: &str) -> Answer {
    let form = format!(
        "token=any&client_assertion={assertion}&client_assertion_type=\
         urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    );
    post(world, path, &form, &[]).await
}

#[tokio::test]
async fn an_assertion_that_one_endpoint_has_taken_no_other_takes() {
    let (world, assertion) = setting().await;
    assert_eq!(show(world, "/introspect", &assertion).await.status, 200);
    for path in [
        "/introspect",
        "/revoke",
        "/token",
        "/par",
        "/device_authorization",
    ] {
        let refused = show(world, path, &assertion).await;
        assert_eq!(refused.status, 401, "{path}: {}", refused.text);
        assert_eq!(refused.json()["error"], "invalid_client", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_requests_with_one_assertion_one_gets_through() {
    let (world, assertion) = setting().await;
    let assertion: &'static str = assertion.leak();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..64 {
        tasks.spawn(show(world, "/introspect", assertion));
    }
    let answers = tasks.join_all().await;
    let through = answers.iter().filter(|answer| answer.status == 200);
    assert_eq!(through.count(), 1);
}
