//! The token endpoint: codes, refresh tokens, and who may have what for them.

use axum::http::{HeaderMap, StatusCode};
use passkey_idp::application::Application;
use passkey_idp::oauth::authorize::{self, Way};
use passkey_idp::oauth::code::AuthorizationCode;
use passkey_idp::oauth::{Authentication, Parameters};
use passkey_idp::store::StoreExt as _;
use passkey_idp::{Duration, id::UserId};
use passkey_server::state::now;
use serde_json::{Value, json};
use strict_jws::Policy;

use super::client::{Client, OFFLINE, VERIFIER, exchanging, lasting, post, refreshing, with_token};
use crate::browser::Browser;
use crate::world::{Answer, World};

/// A refusal of that kind, which gives no token.
fn assert_refused(answer: &Answer, error: &str) {
    let told = answer.json();
    assert_eq!(told["error"], error, "{}", answer.text);
    let status = if error == "invalid_client" { 401 } else { 400 };
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
    assert!(
        told["error_description"]
            .as_str()
            .is_some_and(|text| !text.is_empty())
    );
    assert!(!answer.text.contains("token\":"), "{}", answer.text);
    assert_eq!(answer.headers["cache-control"], "no-store");
}

fn text<'t>(tokens: &'t Value, name: &str) -> &'t str {
    tokens[name].as_str().expect("it is there")
}

async fn is_good(world: &World, tokens: &Value) -> bool {
    let told = with_token(world, "/userinfo", text(tokens, "access_token")).await;
    told.status == StatusCode::OK
}

/// A client of a server, both of which live as long as the test program, for tasks.
async fn shared(world: World) -> &'static Client<'static> {
    let world: &'static World = Box::leak(Box::new(world));
    Box::leak(Box::new(Client::new(world).await))
}

#[tokio::test]
async fn a_wrong_guess_of_the_verifier_burns_no_code() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let (client, mut browser) = (Client::new(&world).await, Browser::new(&world));
    let code = client.code(&mut browser, &mut passkey, &[]).await;
    let right = exchanging(&code);
    let wrong = right.replace(VERIFIER, &"a".repeat(43));
    assert_refused(&client.post("/token", &wrong).await, "invalid_grant");
    let short = right.replace(VERIFIER, "short");
    assert_refused(&client.post("/token", &short).await, "invalid_grant");
    let without = right.replace(&format!("&code_verifier={VERIFIER}"), "");
    assert_refused(&client.post("/token", &without).await, "invalid_request");
    let elsewhere = right.replace("rp.example/cb", "rp.example/cb?tenant=1");
    assert_refused(&client.post("/token", &elsewhere).await, "invalid_grant");
    assert_eq!(client.post("/token", &right).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_code_that_comes_twice_takes_back_what_it_gave() {
    replay(&World::new().await).await;
}

pub(super) async fn replay(world: &World) {
    let mut passkey = world.user().await;
    let (client, mut browser) = (Client::new(world).await, Browser::new(world));
    let code = client.code(&mut browser, &mut passkey, OFFLINE).await;
    let tokens = client.exchange(&code).await.json();
    assert!(is_good(world, &tokens).await);
    assert_refused(&client.exchange(&code).await, "invalid_grant");
    assert!(!is_good(world, &tokens).await);
    assert_refused(&client.refresh(&tokens).await, "invalid_grant");
}

#[tokio::test]
async fn another_client_s_code_is_refused_and_stays_good() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let (client, mut browser) = (Client::new(&world).await, Browser::new(&world));
    let other = Client::with(&world, "other-rp", |_| {}).await;
    let code = client.code(&mut browser, &mut passkey, &[]).await;
    assert_refused(&other.exchange(&code).await, "invalid_grant");
    assert_eq!(client.exchange(&code).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_code_is_good_for_a_minute() {
    let world = World::new().await;
    world.user().await;
    let kim: UserId = text(&world.users().await[0], "id").parse().unwrap();
    let client = Client::new(&world).await;
    let row = client.id.parse().unwrap();
    let found = world.app.store.find::<Application>(&row).await;
    let registered = found.unwrap().unwrap().body;
    let parameters = Parameters::parse(&client.request(&[])).unwrap();
    let request = authorize::read(
        &registered.id,
        &registered.client,
        &parameters,
        Way::Browser,
    );
    let request = request.unwrap();
    for (age, error) in [(61, Some("invalid_grant")), (30, None)] {
        let issued_at = now().minus(Duration::from_seconds(age));
        let authentication = Authentication {
            user: kim,
            passkey: None,
            at: issued_at,
            session: None,
            acr: "phr".to_owned(),
            amr: vec!["hwk".to_owned()],
        };
        let scope = request.scope.clone();
        let random = &world.app.random;
        let issued = AuthorizationCode::issue(&request, authentication, scope, random, issued_at);
        let issued = issued.unwrap();
        world
            .app
            .store
            .commit(vec![issued.change], issued_at)
            .await
            .unwrap();
        let answer = client.exchange(&issued.code.expose()).await;
        assert_eq!(
            answer.json()["error"].as_str(),
            error,
            "{age} s: {}",
            answer.text
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_hundred_exchanges_of_one_code_at_most_one_gives_tokens_that_last() {
    exchange_at_once(World::new().await).await;
}

pub(super) async fn exchange_at_once(world: World) {
    let client = shared(world).await;
    let (world, mut passkey) = (client.world(), client.world().user().await);
    let mut browser = Browser::new(world);
    let code = client.code(&mut browser, &mut passkey, OFFLINE).await;
    let given = at_once(client, 100, exchanging(&code)).await;
    assert!(!is_good(world, &given).await, "the others were replays");
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_its_reuse_kills_the_family() {
    reuse(&World::new().await).await;
}

pub(super) async fn reuse(world: &World) {
    let (client, first) = lasting(world).await;
    let second = client.refresh(&first).await;
    assert_eq!(second.status, StatusCode::OK, "{}", second.text);
    let second = second.json();
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert!(is_good(world, &second).await);
    assert_refused(&client.refresh(&first).await, "invalid_grant");
    assert_refused(&client.refresh(&second).await, "invalid_grant");
    assert!(
        !is_good(world, &second).await,
        "access tokens die with the family"
    );
    assert!(!is_good(world, &first).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_parallel_refreshes_one_gives_tokens_and_all_are_revoked() {
    refresh_at_once(World::new().await).await;
}

pub(super) async fn refresh_at_once(world: World) {
    let client = shared(world).await;
    let (mut passkey, mut browser) = (client.world().user().await, Browser::new(client.world()));
    let first = client.tokens(&mut browser, &mut passkey, OFFLINE).await;
    let given = at_once(client, 16, refreshing(&first)).await;
    assert!(
        !is_good(client.world(), &given).await,
        "somebody has stolen it"
    );
}

/// What the one of many gets that gets something.
async fn at_once(client: &'static Client<'static>, many: usize, form: String) -> Value {
    let form: &'static str = form.leak();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..many {
        tasks.spawn(client.post("/token", form));
    }
    let answers = tasks.join_all().await;
    let (given, others): (Vec<_>, Vec<_>) = answers
        .into_iter()
        .partition(|answer| answer.status == StatusCode::OK);
    assert_eq!(given.len(), 1);
    for other in others {
        assert_refused(&other, "invalid_grant");
    }
    given[0].json()
}

#[tokio::test]
async fn a_refresh_gives_no_more_than_was_granted() {
    let world = World::new().await;
    let (client, tokens) = lasting(&world).await;
    let refresh = refreshing(&tokens);
    let wider = client
        .post("/token", &format!("{refresh}&scope=openid+profile"))
        .await;
    assert_refused(&wider, "invalid_scope");
    let narrower = client
        .post("/token", &format!("{refresh}&scope=openid"))
        .await;
    assert_eq!(narrower.status, StatusCode::OK, "{}", narrower.text);
    assert_eq!(narrower.json()["scope"], "openid");
}

#[tokio::test]
async fn another_client_s_refresh_token_is_refused() {
    let world = World::new().await;
    let (client, tokens) = lasting(&world).await;
    let other = Client::with(&world, "other-rp", |_| {}).await;
    let refresh = refreshing(&tokens);
    assert_refused(&other.post("/token", &refresh).await, "invalid_grant");
    assert_eq!(client.post("/token", &refresh).await.status, StatusCode::OK);
}

#[tokio::test]
async fn uyulala_s_name_of_the_refresh_grant_is_understood() {
    let world = World::new().await;
    let (client, tokens) = lasting(&world).await;
    let refresh = refreshing(&tokens).replace("refresh_token&", "refresh&");
    let refreshed = client.post("/api/v1/collect", &refresh).await;
    assert_eq!(refreshed.status, StatusCode::OK, "{}", refreshed.text);
    assert_eq!(refreshed.json()["expires_in"], 600);
    assert_refused(
        &client.post("/api/v1/collect", &refresh).await,
        "invalid_grant",
    );
}

#[tokio::test]
async fn a_client_that_wants_rsa_gets_it_and_others_do_not() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let app = &world.app;
    world.import_rsa().await;
    let told = world.get("/.well-known/openid-configuration").await.json();
    assert_eq!(
        told["id_token_signing_alg_values_supported"],
        json!(["ES256", "RS256"])
    );
    for (name, wanted, signed) in [
        ("old", "RS256", "RS256"),
        ("new", "ES256", "ES256"),
        ("odd", "EdDSA", "ES256"),
    ] {
        let client = Client::with(&world, name, |application| {
            application.client.id_token_alg = Some(wanted.to_owned());
        });
        let client = client.await;
        let tokens = client
            .tokens(&mut Browser::new(&world), &mut passkey, &[])
            .await;
        let token = text(&tokens, "id_token");
        let verified = app
            .keys
            .now()
            .published()
            .verify(token, &Policy::untyped_or_jwt());
        assert_eq!(
            verified.unwrap().header().algorithm().name(),
            signed,
            "{name}"
        );
        assert!(is_good(&world, &tokens).await, "{name}");
    }
}

#[tokio::test]
async fn without_offline_access_there_is_no_refresh_token() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let (client, mut browser) = (Client::new(&world).await, Browser::new(&world));
    let tokens = client.tokens(&mut browser, &mut passkey, &[]).await;
    assert_eq!(tokens["refresh_token"], Value::Null);
}

#[tokio::test]
async fn whatever_is_missing_or_twice_is_an_error_and_no_crash() {
    let world = World::new().await;
    let client = Client::new(&world).await;
    for (form, error) in [
        ("", "invalid_request"),
        ("grant_type=", "invalid_request"),
        ("grant_type=authorization_code", "invalid_request"),
        ("grant_type=authorization_code&code=x", "invalid_request"),
        (
            "grant_type=authorization_code&code_verifier=x",
            "invalid_request",
        ),
        (
            "grant_type=authorization_code&code=x&code_verifier=x",
            "invalid_grant",
        ),
        ("grant_type=refresh_token", "invalid_request"),
        ("grant_type=refresh", "invalid_request"),
        (
            "grant_type=refresh_token&refresh_token=a.b",
            "invalid_grant",
        ),
        (
            "grant_type=password&username=kim&password=x",
            "unsupported_grant_type",
        ),
        ("grant_type=implicit", "unsupported_grant_type"),
        ("grant_type=client_credentials", "unsupported_grant_type"),
        (
            "grant_type=refresh_token&grant_type=refresh_token",
            "invalid_request",
        ),
        ("grant_type=%ff", "invalid_request"),
    ] {
        let answer = client.post("/token", form).await;
        assert_refused(&answer, error);
    }
}

#[tokio::test]
async fn a_form_says_that_it_is_one_and_may_say_its_charset() {
    let world = World::new().await;
    let client = Client::new(&world).await;
    let send = |kind: &str| {
        let request = axum::http::Request::post("/token")
            .header("authorization", &client.basic)
            .header("content-type", kind);
        let body = "grant_type=refresh_token".into();
        world.send(request.body(body).unwrap())
    };
    let form = send("application/x-www-form-urlencoded; charset=utf-8").await;
    assert_eq!(form.json()["error_description"], "refresh_token is missing");
    for kind in ["application/json", "text/plain", "multipart/form-data"] {
        assert_refused(&send(kind).await, "invalid_request");
    }
}

#[tokio::test]
async fn scripts_of_other_origins_may_ask_without_cookies() {
    let world = World::new().await;
    let preflight = axum::http::Request::options("/token")
        .header("origin", "https://spa.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "dpop,content-type");
    let answer = world
        .send(preflight.body(axum::body::Body::empty()).unwrap())
        .await;
    let field = |headers: &HeaderMap, name: &str| headers[name].to_str().unwrap().to_owned();
    assert_eq!(field(&answer.headers, "access-control-allow-origin"), "*");
    assert!(field(&answer.headers, "access-control-allow-headers").contains("dpop"));
    assert!(
        answer
            .headers
            .get("access-control-allow-credentials")
            .is_none()
    );
    let page = post(
        &world,
        "/api/v1/sign",
        "",
        &[("origin", "https://spa.example")],
    )
    .await;
    assert!(page.headers.get("access-control-allow-origin").is_none());
}
