//! Tokens that are bound to a key.

use axum::body::Body;
use axum::http::{Request as HttpRequest, StatusCode};
use passkey_idp::oauth::TokenEndpointAuth;
use passkey_server::state::{App, Proofs, now};
use strict_jws::dpop::{Request, prove};
use strict_jws::{Algorithm, SigningKey, SystemRandom, UnixTime};

use super::client::{Client, exchanging, post, with_token};
use crate::browser::Browser;
use crate::world::{Answer, ORIGIN, World};

fn new_key() -> SigningKey {
    let random = SystemRandom::new();
    let pem = SigningKey::generate_pem(Algorithm::Es256, &random).expect("as set up");
    SigningKey::from_pem(&pem, &random).expect("as set up")
}

fn time() -> UnixTime {
    now().into()
}

fn proof(key: &SigningKey, method: &str, path: &str) -> String {
    proof_holding(key, method, path, None)
}

fn proof_holding(key: &SigningKey, method: &str, path: &str, nonce: Option<&str>) -> String {
    let uri = format!("{ORIGIN}{path}");
    let request = Request::new(method, &uri);
    prove(key, request, nonce, time(), &SystemRandom::new()).expect("as set up")
}

fn proof_with(key: &SigningKey, token: &str) -> String {
    let uri = format!("{ORIGIN}/userinfo");
    let request = Request::new("GET", &uri).with_token(token.as_bytes());
    prove(key, request, None, time(), &SystemRandom::new()).expect("as set up")
}

async fn show(world: &World, token: &str, proofs: &[&str]) -> Answer {
    let mut request =
        HttpRequest::get("/userinfo").header("authorization", format!("DPoP {token}"));
    for proof in proofs {
        request = request.header("dpop", *proof);
    }
    world
        .send(request.body(Body::empty()).expect("as set up"))
        .await
}

/// A token that is bound to `key`.
async fn bound(client: &Client<'_>, key: &SigningKey) -> String {
    let mut passkey = client.world().user().await;
    let mut browser = Browser::new(client.world());
    let code = client.code(&mut browser, &mut passkey, &[]).await;
    let proof = proof(key, "POST", "/token");
    let tokens = client
        .post_with("/token", &exchanging(&code), &[("dpop", &proof)])
        .await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.text);
    assert_eq!(tokens.json()["token_type"], "DPoP");
    tokens.json()["access_token"]
        .as_str()
        .expect("as set up")
        .to_owned()
}

#[tokio::test]
async fn a_token_is_good_with_its_key_and_for_nobody_else() {
    let world = World::new().await;
    let (client, key) = (Client::new(&world).await, new_key());
    let token = bound(&client, &key).await;
    let told = show(&world, &token, &[&proof_with(&key, &token)]).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);

    let bearer = with_token(&world, "/userinfo", &token).await;
    assert_eq!(bearer.status, StatusCode::UNAUTHORIZED, "{}", bearer.text);
    assert_eq!(bearer.json()["error"], "invalid_token");
    let thief = new_key();
    let [own, other] = [&key, &thief].map(|key| proof_with(key, &token));
    for proofs in [
        &[][..],
        &[&*other],
        &[&*own, &*other],
        &[&*own, &*own],
        &["rubbish"],
    ] {
        let refused = show(&world, &token, proofs).await;
        assert_ne!(refused.status, StatusCode::OK, "{proofs:?}");
    }
    let challenge = show(&world, &token, &[]).await;
    let challenge = challenge.headers["www-authenticate"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(challenge.contains("DPoP "), "{challenge}");
}

#[tokio::test]
async fn a_token_without_a_key_is_no_dpop_token() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let (client, key) = (Client::new(&world).await, new_key());
    let tokens = client
        .tokens(&mut Browser::new(&world), &mut passkey, &[])
        .await;
    let token = tokens["access_token"].as_str().unwrap();
    let refused = show(&world, token, &[&proof_with(&key, token)]).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_proof_is_good_once_for_its_request_and_for_a_minute() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let (client, key) = (Client::new(&world).await, new_key());
    let code = client
        .code(&mut Browser::new(&world), &mut passkey, &[])
        .await;
    let uri = format!("{ORIGIN}/token");
    let at = |made: UnixTime| {
        prove(
            &key,
            Request::new("POST", &uri),
            None,
            made,
            &SystemRandom::new(),
        )
        .unwrap()
    };
    let seconds = time().seconds();
    for (wrong, what) in [
        (proof(&key, "GET", "/token"), "another method"),
        (proof(&key, "POST", "/par"), "another address"),
        (at(UnixTime::from_seconds(seconds - 90)), "too old"),
        (at(UnixTime::from_seconds(seconds + 90)), "not yet made"),
        ("a.b.c".to_owned(), "no proof"),
    ] {
        let refused = client
            .post_with("/token", &exchanging(&code), &[("dpop", &wrong)])
            .await;
        assert_eq!(refused.json()["error"], "invalid_dpop_proof", "{what}");
    }
    let right = proof(&key, "POST", "/token");
    let first = client
        .post_with("/token", "grant_type=x", &[("dpop", &right)])
        .await;
    assert_eq!(first.json()["error"], "unsupported_grant_type");
    let replayed = client
        .post_with("/token", &exchanging(&code), &[("dpop", &right)])
        .await;
    assert_eq!(replayed.json()["error"], "invalid_dpop_proof");
    let twice = [proof(&key, "POST", "/token"), proof(&key, "POST", "/token")];
    let twice = twice.each_ref().map(|proof| ("dpop", proof.as_str()));
    let two = client.post_with("/token", &exchanging(&code), &twice).await;
    assert_eq!(two.json()["error"], "invalid_request");
    assert_eq!(
        client.exchange(&code).await.status,
        StatusCode::OK,
        "the code was not burnt"
    );
}

#[tokio::test]
async fn a_code_that_was_asked_for_with_a_key_needs_that_key() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let (client, key, thief) = (Client::new(&world).await, new_key(), new_key());
    let thumbprint = format!("dpop_jkt={}", key.public().thumbprint());
    let mut browser = Browser::new(&world);
    let code = client
        .code(&mut browser, &mut passkey, &[&thumbprint])
        .await;
    assert_eq!(
        client.exchange(&code).await.json()["error"],
        "invalid_grant"
    );
    let stolen = proof(&thief, "POST", "/token");
    let stolen = client
        .post_with("/token", &exchanging(&code), &[("dpop", &stolen)])
        .await;
    assert_eq!(stolen.json()["error"], "invalid_grant");
    let own = proof(&key, "POST", "/token");
    let own = client
        .post_with("/token", &exchanging(&code), &[("dpop", &own)])
        .await;
    assert_eq!(own.status, StatusCode::OK, "{}", own.text);
}

#[tokio::test]
async fn a_request_that_is_pushed_with_a_key_is_bound_to_it() {
    let world = World::new().await;
    let client = Client::new(&world).await;
    let (key, other) = (new_key(), new_key());
    let named = format!("dpop_jkt={}", other.public().thumbprint());
    let proof_of = |key| proof(key, "POST", "/par");
    let form = client.request(&[&named]);
    let differing = client
        .post_with("/par", &form, &[("dpop", &proof_of(&key))])
        .await;
    assert_eq!(differing.json()["error"], "invalid_dpop_proof");
    let form = client.request(&[]);
    let pushed = client
        .post_with("/par", &form, &[("dpop", &proof_of(&key))])
        .await;
    assert_eq!(pushed.status, StatusCode::CREATED, "{}", pushed.text);
    let uri = pushed.json()["request_uri"].as_str().unwrap().to_owned();
    let mut passkey = world.user().await;
    let path = format!("/authorize?client_id=rp&request_uri={uri}");
    let back = super::client::signed_in(&mut Browser::new(&world), &path, &mut passkey).await;
    let code = super::client::said(&back, "code").unwrap();
    assert_eq!(
        client.exchange(&code).await.json()["error"],
        "invalid_grant"
    );
}

#[tokio::test]
async fn a_public_client_s_refresh_token_is_bound_to_its_key() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let client = Client::with(&world, "spa", |application| {
        application.client.auth = TokenEndpointAuth::None;
    });
    let (client, key, thief) = (client.await, new_key(), new_key());
    let changes = ["scope=openid+offline_access"];
    let code = client
        .code(&mut Browser::new(&world), &mut passkey, &changes)
        .await;
    let form = format!("{}&client_id=spa", exchanging(&code));
    let send = async |form: &str, key: &SigningKey| {
        let proof = proof(key, "POST", "/token");
        post(&world, "/token", form, &[("dpop", &proof)]).await
    };
    let tokens = send(&form, &key).await.json();
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let form = format!("grant_type=refresh_token&client_id=spa&refresh_token={refresh}");
    assert_eq!(send(&form, &thief).await.json()["error"], "invalid_grant");
    let bearer = post(&world, "/token", &form, &[]).await;
    assert_eq!(bearer.json()["error"], "invalid_grant");
    assert_eq!(send(&form, &key).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_client_whose_tokens_are_to_be_bound_gets_no_others() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let client = Client::with(&world, "rp", |application| {
        application.client.proves_key = true;
    });
    let (client, key) = (client.await, new_key());
    let code = client
        .code(&mut Browser::new(&world), &mut passkey, &[])
        .await;
    assert_eq!(
        client.exchange(&code).await.json()["error"],
        "invalid_dpop_proof"
    );
    let proof = proof(&key, "POST", "/token");
    let tokens = client
        .post_with("/token", &exchanging(&code), &[("dpop", &proof)])
        .await;
    assert_eq!(tokens.json()["token_type"], "DPoP", "{}", tokens.text);
}

/// What an answer asks the next proof to hold.
fn nonce(answer: &Answer) -> &str {
    let told = answer.headers.get("dpop-nonce");
    told.expect("a nonce").to_str().expect("a text")
}

#[tokio::test]
async fn a_server_that_wants_nonces_takes_no_proof_without_one_that_an_instance_gave() {
    let strict = |app: &mut App| app.settings.proofs = Proofs::WithNonce;
    let world = World::with(strict).await;
    let neighbour = world.neighbour(strict).await;
    let (client, key) = (Client::new(&world).await, new_key());
    let ask = async |world: &World, path: &str, form: &str, nonce: Option<&str>| {
        let proof = proof_holding(&key, "POST", path, nonce);
        let fields = [("authorization", &*client.basic), ("dpop", &proof)];
        post(world, path, form, &fields).await
    };
    let pushing = client.request(&[]);
    for (path, form, unasked) in [
        ("/par", &*pushing, StatusCode::CREATED),
        (
            "/token",
            "grant_type=refresh_token&refresh_token=a.b",
            StatusCode::BAD_REQUEST,
        ),
    ] {
        for held in [None, Some("made-up"), Some("AAAAAAAAAAAAAAAAAAAAAA")] {
            let refused = ask(&world, path, form, held).await;
            assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{path}");
            assert_eq!(refused.json()["error"], "use_dpop_nonce", "{path}");
            let answer = ask(&neighbour, path, form, Some(nonce(&refused))).await;
            assert_eq!(answer.status, unasked, "{path} {}", answer.text);
            assert_ne!(answer.json()["error"], "use_dpop_nonce", "{path}");
            assert!(
                !nonce(&answer).is_empty(),
                "the next one comes with an answer"
            );
        }
    }
    let unproven = client
        .post("/token", "grant_type=refresh_token&refresh_token=a.b")
        .await;
    assert!(!unproven.headers.contains_key("dpop-nonce"));
}

#[tokio::test]
async fn a_bound_token_is_shown_with_a_nonce_where_the_server_wants_one() {
    let world = World::new().await;
    let (client, key) = (Client::new(&world).await, new_key());
    let token = bound(&client, &key).await;
    let strict = world
        .neighbour(|app| app.settings.proofs = Proofs::WithNonce)
        .await;
    let refused = show(&strict, &token, &[&proof_with(&key, &token)]).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{}", refused.text);
    let challenge = refused.headers["www-authenticate"].to_str().unwrap();
    assert!(
        challenge.contains("DPoP error=\"use_dpop_nonce\""),
        "{challenge}"
    );
    let uri = format!("{ORIGIN}/userinfo");
    let request = Request::new("GET", &uri).with_token(token.as_bytes());
    let held = Some(nonce(&refused));
    let proof = prove(&key, request, held, time(), &SystemRandom::new()).unwrap();
    let told = show(&strict, &token, &[&proof]).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
}
