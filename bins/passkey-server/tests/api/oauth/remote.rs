//! Sign-ins on another device, and requests that come over Uyulala's API.

use axum::http::StatusCode;
use passkey_idp::application::{Application, ApplicationId, ApplicationState};
use passkey_idp::oauth::authorize::AuthorizationRequest;
use passkey_idp::oauth::{ConsentRule, Parameters};
use passkey_idp::store::{Change, Kind, List, Set, StoreExt as _, Where};
use passkey_idp::webauthn::{Ask, Quirks};
use serde_json::{Value, json};

use super::client::{Client, assert_told, exchanging, post, said};
use crate::browser::Browser;
use crate::handover::{code, number};
use crate::meddler::{Trap, meddled};
use crate::world::{ORIGIN, World};

/// A client whose users are not asked for consent.
async fn trusted(world: &World) -> Client<'_> {
    Client::with(world, "rp", |application| {
        application.client.consent = ConsentRule::Implied;
    })
    .await
}

/// The order that a request over the API is answered with.
async fn placed(client: &Client<'_>, changes: &[&str]) -> Value {
    let form = client.request(changes);
    let answer = post(client.world(), "/api/v1/oauth2", &form, &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

/// What is said in the address where a page that is not ours is to go.
fn told(answer: &Value, name: &str) -> Option<String> {
    let address = answer["redirect"].as_str().expect("an address");
    let query = address.strip_prefix("https://rp.example/cb?");
    let parameters = Parameters::parse(query.expect("the client's address"));
    let parameters = parameters.expect("a query");
    parameters.get(name).map(ToOwned::to_owned)
}

/// What locks `rp` out right before its request is kept.
fn lock_out() -> Trap {
    let row = "rp".parse::<ApplicationId>().expect("a name").row_id();
    let blocked = Set::state(ApplicationState::Blocked);
    Trap {
        before: |change| matches!(change, Change::Insert(new, _) if new.kind == Kind::AuthorizationRequest),
        happens: vec![Change::update(Where::<Application>::id(row), blocked)],
    }
}

#[tokio::test]
async fn a_client_that_is_locked_out_while_it_asks_leaves_no_request_behind() {
    for over_the_api in [true, false] {
        let world = World::new().await;
        let client = trusted(&world).await;
        let instance = meddled(&world, lock_out()).await;
        let refused = if over_the_api {
            post(&instance, "/api/v1/oauth2", &client.request(&[]), &[]).await
        } else {
            instance.get(&client.asks(&[])).await
        };
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.text);
        let list = List::of::<AuthorizationRequest>();
        let left = world.app.store.page::<AuthorizationRequest>(list).await;
        assert!(
            left.unwrap().items.is_empty(),
            "over the API: {over_the_api}"
        );
    }
}

#[tokio::test]
async fn a_request_over_the_api_is_signed_over_the_api_and_gives_a_code() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let client = trusted(&world).await;
    let order = placed(&client, &[]).await;
    assert_eq!(order["secret"].as_str().map(str::len), Some(43));
    let id = order["challenge_id"].as_str().unwrap();
    let (viewed, ask) = world.ask(id).await;
    assert_eq!(viewed["type"], "webauthn.get");
    let answer = json!(passkey.sign(&ask, &Quirks::default()));
    let signed = world
        .post("", &format!("/challenge/{id}"), answer)
        .await
        .json();
    assert_eq!(told(&signed, "state").as_deref(), Some("xyz"));
    assert_eq!(told(&signed, "iss").as_deref(), Some(ORIGIN));
    assert_eq!(told(&signed, "error"), None);
    let code = told(&signed, "code").unwrap();
    let collected = exchanging(&code);
    let tokens = client.post("/api/v1/collect", &collected).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.text);
    assert_eq!(tokens.json()["token_type"], "Bearer");
}

#[tokio::test]
async fn whoever_could_not_be_asked_for_consent_has_not_given_it() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let client = Client::new(&world).await;
    let order = placed(&client, &[]).await;
    let id = order["challenge_id"].as_str().unwrap();
    let (_, ask) = world.ask(id).await;
    let answer = json!(passkey.sign(&ask, &Quirks::default()));
    let signed = world
        .post("", &format!("/challenge/{id}"), answer)
        .await
        .json();
    assert_eq!(told(&signed, "error").as_deref(), Some("consent_required"));
    assert_eq!(told(&signed, "code"), None);
}

#[tokio::test]
async fn a_request_over_the_api_may_be_signed_on_our_page() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let client = Client::new(&world).await;
    let order = placed(&client, &[]).await;
    let (mut browser, mut other) = (Browser::new(&world), Browser::new(&world));
    let page = browser
        .follow(&format!("/o/{}", order["challenge_id"].as_str().unwrap()))
        .await;
    let approved = browser.approve(&page, &mut passkey).await;
    let shown = browser.open(&approved.location).await;
    let foreign = other.follow(&shown.location).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN, "{}", foreign.text);
    let page = browser.follow(&shown.location).await;
    assert!(page.text.contains("value=\"allow\""), "{}", page.text);
    let back = browser.send(&page, "decision=allow").await;
    assert!(said(&back, "code").is_some(), "{}", back.text);
}

#[tokio::test]
async fn over_the_api_nothing_is_answered_that_needs_no_order() {
    let world = World::new().await;
    let client = Client::new(&world).await;
    for (change, error) in [
        ("prompt=none", "login_required"),
        ("response_mode=form_post", "invalid_request"),
        ("redirect_uri=https://evil.example/", "invalid_request"),
        ("client_id=nobody", "invalid_request"),
        ("code_challenge", "invalid_request"),
        ("id_token_hint=a.b.c", "invalid_request"),
    ] {
        let refused = post(&world, "/api/v1/oauth2", &client.request(&[change]), &[]).await;
        assert_told(&refused, error, change);
    }
}

#[tokio::test]
async fn a_browser_is_signed_in_by_the_device_that_has_typed_its_number() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let client = trusted(&world).await;
    let (mut desktop, mut phone) = (Browser::new(&world), Browser::new(&world));
    let begun = desktop.open(&client.asks(&[])).await;
    let (path, _) = begun.location.split_once('?').expect("an order's page");
    let waiting = desktop.follow(&format!("{path}/qr")).await;
    let id = path.strip_prefix("/o/").unwrap();
    let asked = phone
        .follow(&code(&world, id, passkey_idp::Duration::default()).await)
        .await;
    let form = format!("decision=match&number={:02}", number(&waiting));
    let matched = phone.send(&asked, &form).await;
    let page = phone.follow(&matched.location).await;
    let approved = phone.approve(&page, &mut passkey).await;
    let over = phone.follow(&approved.location).await;
    assert_eq!(over.status, StatusCode::OK, "{}", over.text);
    assert!(
        !phone.cookies().contains("session="),
        "the phone is not signed in"
    );
    let back = desktop.follow(path).await;
    assert!(
        said(&back, "code").is_some(),
        "{} {}",
        back.location,
        back.text
    );
    assert!(desktop.cookies().contains("session="));
}

#[tokio::test]
async fn an_app_on_the_device_has_its_answer_by_its_scheme() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let client = Client::with(&world, "rp", |application| {
        application.client.consent = ConsentRule::Implied;
        application.client.redirect_uris = vec!["com.example.app:/cb".parse().unwrap()];
    });
    let (client, mut browser) = (client.await, Browser::new(&world));
    let page = browser
        .follow(&client.asks(&["redirect_uri=com.example.app:/cb"]))
        .await;
    assert!(
        page.policy.contains("form-action 'self' com.example.app:;"),
        "{}",
        page.policy
    );
    let approved = browser.approve(&page, &mut passkey).await;
    let back = browser.follow(&approved.location).await;
    assert!(
        back.location.starts_with("com.example.app:/cb?code="),
        "{}",
        back.text
    );
}

#[tokio::test]
async fn a_program_on_the_device_listens_on_a_port_of_its_own() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let client = Client::with(&world, "rp", |application| {
        application.client.consent = ConsentRule::Implied;
        application.client.redirect_uris = vec!["http://127.0.0.1/cb".parse().unwrap()];
    });
    let (client, mut browser) = (client.await, Browser::new(&world));
    let redirect = "redirect_uri=http://127.0.0.1:51004/cb";
    let page = browser.follow(&client.asks(&[redirect])).await;
    assert!(
        page.policy
            .contains("form-action 'self' http://127.0.0.1:51004;"),
        "{}",
        page.policy
    );
    let approved = browser.approve(&page, &mut passkey).await;
    let back = browser.follow(&approved.location).await;
    let code = said(&back, "code").unwrap();
    let elsewhere = exchanging(&code).replace("https://rp.example/cb", "http://127.0.0.1/cb");
    let refused = client.post("/token", &elsewhere).await;
    assert_eq!(refused.json()["error"], "invalid_grant");
    let here = exchanging(&code).replace("https://rp.example/cb", "http://127.0.0.1:51004/cb");
    let tokens = client.post("/token", &here).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.text);
}

#[tokio::test]
async fn an_order_of_a_browser_s_request_is_worth_nothing_over_the_api() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let client = trusted(&world).await;
    let mut browser = Browser::new(&world);
    let begun = browser.open(&client.asks(&[])).await;
    let id = begun.location.split(['/', '?']).nth(2).unwrap().to_owned();
    let viewed = world.get(&format!("/api/v1/challenge/{id}")).await.json();
    let ask = Ask::of_options(&viewed["publicKey"], ORIGIN).unwrap();
    let answer = json!(passkey.sign(&ask, &Quirks::default()));
    let signed = world
        .post("", &format!("/challenge/{id}"), answer)
        .await
        .json();
    let address = signed["redirect"].as_str().unwrap();
    let path = address
        .strip_prefix(ORIGIN)
        .expect("the request's own page")
        .to_owned();
    let thief = Browser::new(&world).follow(&path).await;
    assert_eq!(thief.status, StatusCode::FORBIDDEN);
    let back = browser.follow(&path).await;
    assert_eq!(
        said(&back, "error").as_deref(),
        Some("access_denied"),
        "{}",
        back.text
    );
}
