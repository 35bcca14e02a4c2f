//! Token exchange, introspection, revocation and the status lists.

use axum::http::StatusCode;
use endorse::keys::KeySource;
use endorse::status_list::StatusLists;
use endorse::{Refusal, Verifier, dpop};
use serde_json::{Value, json};
use strict_jws::{Algorithm, SigningKey, SystemRandom};

use crate::device::Device;
use crate::world::{
    AUDIENCE, Answer, CALLER, IMSI, ORIGIN, OTHER_AUDIENCE, World, encoded, form_request, present,
};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

fn exchange_of<'a>(token: &'a str, audience: &'a str) -> [(&'static str, &'a str); 4] {
    [
        ("grant_type", GRANT),
        ("subject_token", token),
        ("subject_token_type", JWT),
        ("audience", audience),
    ]
}

async fn exchanged(world: &World, token: &str, audience: &str) -> Answer {
    world
        .form("/oauth/token", &exchange_of(token, audience))
        .await
}

async fn verifier(world: &World, audience: &str) -> Verifier {
    Verifier::native(
        ORIGIN.parse().unwrap(),
        audience.parse().unwrap(),
        world.keys().await,
    )
}

async fn introspected(world: &World, token: &str) -> Value {
    let request =
        form_request("/oauth/introspect").header("authorization", format!("Bearer {CALLER}"));
    let answer = world.send(request, encoded(&[("token", token)])).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.value()
}

/// Status and word of an OAuth error.
fn error(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.member("error"))
}

fn key() -> SigningKey {
    let pem = SigningKey::generate_pem(Algorithm::Es256, &SystemRandom::new()).unwrap();
    SigningKey::from_pem(&pem, &SystemRandom::new()).unwrap()
}

#[tokio::test]
async fn a_token_for_the_server_is_exchanged_for_one_for_each_audience() {
    let (world, mut device) = (World::new().await, Device::new());
    let home = device.token(&world, ORIGIN, None).await;
    let mut subjects = Vec::new();
    for audience in [AUDIENCE, OTHER_AUDIENCE] {
        let answer = exchanged(&world, &home, audience).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert_eq!(answer.value()["issued_token_type"], JWT);
        assert_eq!(answer.value()["token_type"], "Bearer");
        let verifier = verifier(&world, audience).await;
        let endorsement = verifier
            .verify(&answer.member("access_token"), present())
            .unwrap();
        assert_eq!(endorsement.sim().imsi.as_ref().unwrap().as_str(), IMSI);
        subjects.push(endorsement.subject().as_str().to_owned());
    }
    assert_ne!(subjects[0], subjects[1]);
    let direct = device.token(&world, AUDIENCE, None).await;
    let direct = verifier(&world, AUDIENCE)
        .await
        .verify(&direct, present())
        .unwrap();
    assert_eq!(direct.subject().as_str(), subjects[0]);
}

#[tokio::test]
async fn a_token_for_an_audience_is_exchanged_for_nothing() {
    let (world, mut device) = (World::new().await, Device::new());
    let token = device.token(&world, AUDIENCE, None).await;
    let refused = exchanged(&world, &token, OTHER_AUDIENCE).await;
    assert_eq!(error(&refused), (400, "invalid_request".to_owned()));
    let home = device.token(&world, ORIGIN, None).await;
    for audience in [ORIGIN, "https://evil.example"] {
        let refused = exchanged(&world, &home, audience).await;
        assert_eq!(
            error(&refused),
            (400, "invalid_target".to_owned()),
            "{audience}"
        );
    }
}

#[tokio::test]
async fn a_bound_token_is_exchanged_by_whoever_holds_its_key_and_stays_bound() {
    let (world, mut device, key) = (World::new().await, Device::new(), key());
    let thumbprint = key.public().thumbprint();
    let home = device.token(&world, ORIGIN, Some(&thumbprint)).await;
    let form = encoded(&exchange_of(&home, AUDIENCE));
    let uri = format!("{ORIGIN}/oauth/token");
    let proof = |key: &SigningKey| {
        dpop::prove(key, &home, ("POST", &uri), present(), &SystemRandom::new()).unwrap()
    };
    let send = async |proof: Option<&str>| {
        let mut request = form_request("/oauth/token");
        if let Some(proof) = proof {
            request = request.header("dpop", proof);
        }
        world.send(request, form.clone()).await
    };
    let refused = (400, "invalid_dpop_proof".to_owned());
    assert_eq!(error(&send(None).await), refused);
    let swapped = self::key();
    assert_eq!(error(&send(Some(&proof(&swapped))).await), refused);
    let good = proof(&key);
    let answer = send(Some(&good)).await;
    assert_eq!(answer.value()["token_type"], "DPoP", "{answer:?}");
    // the proof has been used
    assert_eq!(error(&send(Some(&good)).await), refused);
    let token = answer.member("access_token");
    let unproven = verifier(&world, AUDIENCE).await.verify(&token, present());
    assert_eq!(unproven.unwrap_err(), Refusal::ProofMissing);
}

#[tokio::test]
async fn a_proof_that_one_instance_took_is_used_up_at_the_others() {
    let (one, mut device, key) = (World::new().await, Device::new(), key());
    let other = one.beside().await;
    let home = device
        .token(&one, ORIGIN, Some(&key.public().thumbprint()))
        .await;
    let form = encoded(&exchange_of(&home, AUDIENCE));
    let request = ("POST", format!("{ORIGIN}/oauth/token"));
    let prove = || {
        let random = SystemRandom::new();
        dpop::prove(&key, &home, (request.0, &request.1), present(), &random).unwrap()
    };
    let send = async |world: &World, proof: &str| {
        let request = form_request("/oauth/token").header("dpop", proof);
        world.send(request, form.clone()).await
    };
    let proof = prove();
    assert_eq!(send(&one, &proof).await.status, StatusCode::OK);
    let refused = send(&other, &proof).await;
    assert_eq!(error(&refused), (400, "invalid_dpop_proof".to_owned()));
    assert_eq!(send(&other, &prove()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_wrong_with_an_exchange_is_told() {
    let world = World::new().await;
    let good = exchange_of("x", AUDIENCE);
    let with = |at: usize, value: &'static str| {
        let mut form = good;
        form[at].1 = value;
        form.to_vec()
    };
    let mut twice = good.to_vec();
    twice.push(("audience", OTHER_AUDIENCE));
    let mut actor = good.to_vec();
    actor.push(("actor_token", "x"));
    for (form, word) in [
        (with(0, "password"), "unsupported_grant_type"),
        (with(0, ""), "invalid_request"),
        (with(1, ""), "invalid_request"),
        (with(1, "a.b.c"), "invalid_request"),
        (with(2, "urn:x"), "invalid_request"),
        (with(3, ""), "invalid_request"),
        (twice, "invalid_request"),
        (actor, "invalid_request"),
    ] {
        let answer = world.form("/oauth/token", &form).await;
        assert_eq!(error(&answer), (400, word.to_owned()), "{form:?}");
    }
    let json = world
        .json("/oauth/token", &json!({"grant_type": GRANT}))
        .await;
    assert_eq!(error(&json), (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn introspection_tells_callers_what_a_token_says() {
    let (world, mut device, key) = (World::new().await, Device::new(), key());
    let thumbprint = key.public().thumbprint();
    let token = device.token(&world, AUDIENCE, Some(&thumbprint)).await;
    let told = introspected(&world, &token).await;
    assert_eq!(
        (&told["active"], &told["token_type"]),
        (&json!(true), &json!("DPoP"))
    );
    assert_eq!(
        (&told["aud"], &told["iss"]),
        (&json!(AUDIENCE), &json!(ORIGIN))
    );
    assert_eq!(told["cnf"]["jkt"], thumbprint.to_string());
    assert_eq!(told["endorse"]["imsi"], IMSI);
    let tampered = token.replacen('.', ".A", 1);
    for other in ["", "x", "a.b.c", &tampered] {
        let told = introspected(&world, if other.is_empty() { "-" } else { other }).await;
        assert_eq!(told, json!({"active": false}), "{other}");
    }
}

#[tokio::test]
async fn nobody_else_is_told() {
    let world = World::new().await;
    let answer = world.form("/oauth/introspect", &[("token", "x")]).await;
    assert_eq!(answer.problem(), (401, "no_credentials".to_owned()));
}

#[tokio::test]
async fn a_revoked_token_is_good_for_nothing_here_and_in_the_status_list() {
    let (world, mut device) = (World::new().await, Device::new());
    let home = device.token(&world, ORIGIN, None).await;
    let token = device.token(&world, AUDIENCE, None).await;
    for revoked in [&home, &token] {
        assert_eq!(introspected(&world, revoked).await["active"], true);
        let answer = world.form("/oauth/revoke", &[("token", revoked)]).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(introspected(&world, revoked).await["active"], false);
    }
    let refused = exchanged(&world, &home, AUDIENCE).await;
    assert_eq!(error(&refused), (400, "invalid_request".to_owned()));

    let other = device.token(&world, AUDIENCE, None).await;
    let lists = std::sync::Arc::new(StatusLists::new());
    let verifier = verifier(&world, AUDIENCE)
        .await
        .with_policy(std::sync::Arc::clone(&lists));
    let unknown = verifier.verify(&token, present());
    assert_eq!(unknown.unwrap_err(), Refusal::StatusUnknown);
    let list = world.get("/status-lists/0").await;
    assert_eq!(list.headers["content-type"], "application/statuslist+jwt");
    let keys = world.keys().await;
    let uri = format!("{ORIGIN}/status-lists/0");
    let keys: &dyn KeySource = &keys;
    lists
        .update(&uri, list.text.as_bytes(), keys, present())
        .unwrap();
    assert_eq!(
        verifier.verify(&token, present()).unwrap_err(),
        Refusal::Revoked
    );
    assert!(verifier.verify(&other, present()).is_ok());
}

#[tokio::test]
async fn what_is_no_token_needs_no_revocation() {
    let world = World::new().await;
    for token in ["x", "a.b.c"] {
        let answer = world.form("/oauth/revoke", &[("token", token)]).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    let missing = world.form("/oauth/revoke", &[]).await;
    assert_eq!(error(&missing), (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn there_is_no_list_in_which_nobody_has_a_place() {
    let world = World::new().await;
    for number in ["0", "1", "18446744073709551615", "x", "-1"] {
        let answer = world.get(&format!("/status-lists/{number}")).await;
        assert_eq!(
            answer.problem(),
            (404, "no_such_list".to_owned()),
            "{number}"
        );
    }
}
