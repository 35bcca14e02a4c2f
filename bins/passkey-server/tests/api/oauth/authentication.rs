//! How clients show who they are, and how others fail to.

use axum::http::StatusCode;
use passkey_idp::Duration;
use passkey_idp::application::Application;
use passkey_idp::id::ClientSecret;
use passkey_idp::oauth::TokenEndpointAuth;
use passkey_idp::store::StoreExt as _;
use passkey_server::state::now;
use server_kit::limit::RateLimit;
use strict_jws::json::ObjectWriter;
use strict_jws::{Algorithm, KeySet, Signer, SigningKey, SystemRandom, base64};

use super::client::{Client, exchanging, post};
use crate::browser::Browser;
use crate::world::{Answer, ORIGIN, World};

const REFRESH: &str = "grant_type=refresh_token&refresh_token=x";

/// Whether the client was let in, so that its token is looked at.
fn is_let_in(answer: &Answer) -> bool {
    let told = answer.json();
    let error = told["error"].as_str().expect("an error");
    assert!(
        ["invalid_grant", "invalid_client"].contains(&error),
        "{error}"
    );
    error == "invalid_grant"
}

fn new_key() -> Signer {
    let random = SystemRandom::new();
    let pem = SigningKey::generate_pem(Algorithm::Es256, &random).expect("as set up");
    Signer::certifying(SigningKey::from_pem(&pem, &random).expect("as set up"))
}

fn jwks(signer: &Signer) -> String {
    let mut keys = KeySet::new();
    keys.insert(signer.key_id().clone(), signer.public().clone())
        .expect("as set up");
    keys.to_jwks()
}

/// A client that signs its assertions.
async fn signing<'w>(world: &'w World, signer: &Signer) -> Client<'w> {
    Client::with(world, "rp", |application| {
        application.client.auth = TokenEndpointAuth::PrivateKeyJwt;
        application.client.jwks = Some(jwks(signer));
    })
    .await
}

/// The claims of an assertion, with `changes` to good ones.
fn claims(changes: &[(&str, &str)]) -> String {
    let said = |name: &str, good: &str| {
        let mut changed = changes.iter().filter(|(changed, _)| *changed == name);
        changed
            .next()
            .map_or(good.to_owned(), |(_, value)| (*value).to_owned())
    };
    let number = |name: &str, good: u64| said(name, &good.to_string()).parse().expect("as set up");
    let mut claims = ObjectWriter::new();
    claims
        .string("iss", &said("iss", "rp"))
        .string("sub", &said("sub", "rp"))
        .string("aud", &said("aud", ORIGIN))
        .string("jti", &said("jti", "first"))
        .integer("iat", number("iat", now().unix_seconds()))
        .integer("exp", number("exp", now().unix_seconds() + 60));
    claims.finish()
}

fn form(assertion: &str) -> String {
    format!(
        "{REFRESH}&client_id=rp&client_assertion={assertion}&client_assertion_type=\
         urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    )
}

#[tokio::test]
async fn an_unknown_client_and_a_wrong_secret_are_told_the_same() {
    let world = World::new().await;
    Client::new(&world).await;
    let basic = |name: &str| {
        let pair = format!("{name}:{}", base64::encode(&[0; 32]));
        format!("Basic {}", base64::encode_padded(pair.as_bytes()))
    };
    let known = post(
        &world,
        "/token",
        REFRESH,
        &[("authorization", &basic("rp"))],
    )
    .await;
    let unknown = post(
        &world,
        "/token",
        REFRESH,
        &[("authorization", &basic("nobody"))],
    )
    .await;
    assert_eq!(known.status, StatusCode::UNAUTHORIZED);
    assert_eq!(known.json()["error"], "invalid_client");
    assert_eq!(
        known.headers["www-authenticate"],
        "Basic realm=\"passkey-server\""
    );
    assert_eq!(known.text, unknown.text);
}

#[tokio::test]
async fn a_client_authenticates_in_its_way_and_in_no_other() {
    let world = World::new().await;
    let basic = Client::new(&world).await;
    let body = format!("{REFRESH}&client_id=rp&client_secret={}", basic.secret);
    assert!(!is_let_in(&post(&world, "/token", &body, &[]).await));
    assert!(is_let_in(&basic.post("/token", REFRESH).await));
    let nothing = post(&world, "/token", &format!("{REFRESH}&client_id=rp"), &[]).await;
    assert_eq!(nothing.json()["error"], "invalid_client");

    let posting = Client::with(&world, "posting", |application| {
        application.client.auth = TokenEndpointAuth::ClientSecretPost;
    });
    let posting = posting.await;
    let body = format!(
        "{REFRESH}&client_id=posting&client_secret={}",
        posting.secret
    );
    assert!(is_let_in(&post(&world, "/token", &body, &[]).await));
    assert!(!is_let_in(&posting.post("/token", REFRESH).await));
}

#[tokio::test]
async fn two_ways_at_once_are_refused() {
    let world = World::new().await;
    let client = Client::new(&world).await;
    let both = format!("{REFRESH}&client_id=rp&client_secret={}", client.secret);
    let answer = client.post("/token", &both).await;
    assert_eq!(answer.json()["error"], "invalid_request", "{}", answer.text);
    let twice = [("authorization", client.basic.as_str())];
    let answer = client.post_with("/token", REFRESH, &twice).await;
    assert_eq!(answer.json()["error"], "invalid_request", "{}", answer.text);
    let other = client
        .post("/token", &format!("{REFRESH}&client_id=other"))
        .await;
    assert_eq!(other.json()["error"], "invalid_request", "{}", other.text);
}

#[tokio::test]
async fn a_public_client_needs_its_verifier_and_nothing_else() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let public = |application: &mut Application| {
        application.client.auth = TokenEndpointAuth::None;
        application.secrets.clear();
    };
    let client = Client::with(&world, "spa", public).await;
    let code = client
        .code(&mut Browser::new(&world), &mut passkey, &[])
        .await;
    let with_secret = client.exchange(&code).await;
    assert_eq!(with_secret.json()["error"], "invalid_client");
    let form = format!("{}&client_id=spa", exchanging(&code));
    let tokens = post(&world, "/token", &form, &[]).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.text);
}

#[tokio::test]
async fn the_last_secret_is_good_until_its_time_is_over() {
    let world = World::new().await;
    let client = Client::new(&world).await;
    let store = &world.app.store;
    for (overlap, good) in [(60, true), (0, false)] {
        let row = client.id.parse().unwrap();
        let stored = store.find::<Application>(&row).await.unwrap().unwrap();
        let mut changed = stored.body.clone();
        let secret = ClientSecret::generate(&SystemRandom::new()).unwrap();
        let last = changed.secrets.clone();
        changed.rotate(&secret, now(), Duration::from_seconds(overlap));
        if overlap == 0 {
            // the one that the client still uses was the last but one
            assert_eq!(last.len(), 2);
        }
        let replaced = store
            .apply::<Application>(stored.replace(&changed), now())
            .await;
        assert!(replaced.unwrap().is_some());
        assert_eq!(
            is_let_in(&client.post("/token", REFRESH).await),
            good,
            "{overlap} s"
        );
    }
}

#[tokio::test]
async fn an_assertion_lets_its_client_in_once() {
    let world = World::new().await;
    let signer = new_key();
    signing(&world, &signer).await;
    let random = SystemRandom::new();
    for aud in [ORIGIN.to_owned(), format!("{ORIGIN}/token")] {
        let text = claims(&[("aud", &aud), ("jti", &aud)]);
        let assertion = signer.sign(Some("JWT"), text.as_bytes(), &random).unwrap();
        assert!(
            is_let_in(&post(&world, "/token", &form(&assertion), &[]).await),
            "{aud}"
        );
        let replayed = post(&world, "/token", &form(&assertion), &[]).await;
        assert_eq!(replayed.json()["error"], "invalid_client", "{aud}");
    }
}

#[tokio::test]
async fn an_assertion_that_says_anything_else_is_refused() {
    let world = World::new().await;
    let signer = new_key();
    signing(&world, &signer).await;
    let random = SystemRandom::new();
    let (past, far) = (now().unix_seconds() - 1, now().unix_seconds() + 3600);
    let (past, far) = (past.to_string(), far.to_string());
    for change in [
        ("iss", "other"),
        ("sub", "other"),
        ("aud", "https://other.example"),
        ("jti", ""),
        ("exp", &*past),
        ("exp", &*far),
    ] {
        let assertion = signer
            .sign(Some("JWT"), claims(&[change]).as_bytes(), &random)
            .unwrap();
        let answer = post(&world, "/token", &form(&assertion), &[]).await;
        assert_eq!(answer.json()["error"], "invalid_client", "{change:?}");
    }
}

#[tokio::test]
async fn an_assertion_is_verified_with_the_client_s_key_and_its_algorithm() {
    let world = World::new().await;
    let (signer, stranger) = (new_key(), new_key());
    signing(&world, &signer).await;
    let random = SystemRandom::new();
    let text = claims(&[]);
    let good = signer.sign(Some("JWT"), text.as_bytes(), &random).unwrap();
    let foreign = stranger
        .sign(Some("JWT"), text.as_bytes(), &random)
        .unwrap();
    let ours = world.app.keys.now();
    let ours = ours
        .signer()
        .sign(Some("JWT"), text.as_bytes(), &random)
        .unwrap();
    let access = signer
        .sign(Some("at+jwt"), text.as_bytes(), &random)
        .unwrap();
    let payload = good.split('.').nth(1).unwrap();
    let head = |alg: &str| {
        let head = format!(
            "{{\"alg\":\"{alg}\",\"kid\":\"{}\"}}",
            signer.key_id().as_str()
        );
        base64::encode(head.as_bytes())
    };
    let none = format!("{}.{payload}.", head("none"));
    // HMAC keyed with the public key, which everybody knows
    let confused = format!("{}.{payload}.{}", head("HS256"), base64::encode(&[7; 32]));
    let shorter = format!("{}.{payload}.{}", head("RS256"), base64::encode(&[7; 256]));
    for forged in [
        foreign,
        ours,
        access,
        none,
        confused,
        shorter,
        "a.b.c".to_owned(),
    ] {
        let answer = post(&world, "/token", &form(&forged), &[]).await;
        assert_eq!(answer.json()["error"], "invalid_client", "{forged}");
    }
    assert!(is_let_in(&post(&world, "/token", &form(&good), &[]).await));
}

#[tokio::test]
async fn a_public_client_is_not_held_up_by_whoever_takes_its_name() {
    let world = World::with(|app| app.clients = RateLimit::per_second(1)).await;
    Client::with(&world, "app", |app| {
        app.client.auth = TokenEndpointAuth::None;
    })
    .await;
    let form = "client_id=app&grant_type=refresh_token&refresh_token=a.b";
    for _ in 0..10 {
        let answer = post(&world, "/token", form, &[]).await;
        assert_eq!(answer.json()["error"], "invalid_grant", "{}", answer.text);
    }
}
