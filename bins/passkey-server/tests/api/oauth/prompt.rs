//! `prompt`, `max_age`, hints and levels: what a user is asked, and what is told of it.

use passkey_idp::oauth::session::BrowserSession;
use passkey_idp::order::Order;
use passkey_idp::store::{List, Set, StoreExt as _, Where};
use passkey_idp::webauthn::TestAuthenticator;
use passkey_idp::{Duration, account};
use passkey_server::state::now;
use strict_jws::base64;
use strict_jws::json::{Bounds, Document};

use super::client::{Client, post, said, signed_in, with_token};
use crate::browser::{Browser, field};
use crate::world::{Answer, World};

fn error(answer: &Answer) -> Option<String> {
    assert_eq!(said(answer, "code"), None);
    said(answer, "error")
}

/// A browser that has signed in and consented.
async fn known<'w>(
    world: &'w World,
    client: &Client<'_>,
    passkey: &mut TestAuthenticator,
) -> Browser<'w> {
    let mut browser = Browser::new(world);
    client.code(&mut browser, passkey, &[]).await;
    browser
}

/// Lets every session have begun that much earlier.
async fn age(world: &World, by: Duration) {
    let sessions = world
        .app
        .store
        .page::<BrowserSession>(List::of::<BrowserSession>());
    for mut session in sessions.await.expect("as set up").items {
        let began = &mut session.body.authentication.at;
        *began = began.minus(by);
        let which = Where::<BrowserSession>::id(session.id);
        let set = Set::body_only(&session.body);
        let changed = world.app.store.update(which, set, now()).await;
        assert!(changed.expect("as set up").is_some());
    }
}

fn asks_to_sign_in(answer: &Answer) -> bool {
    answer.text.contains("data-passkey=\"get\"")
}

#[tokio::test]
async fn prompt_none_asks_nothing() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let client = Client::new(&world).await;
    let silent = client.asks(&["prompt=none"]);
    let stranger = Browser::new(&world).follow(&silent).await;
    assert_eq!(error(&stranger).as_deref(), Some("login_required"));
    let mut browser = known(&world, &client, &mut passkey).await;
    let back = browser.follow(&silent).await;
    assert!(said(&back, "code").is_some(), "{}", back.text);
    let more = browser
        .follow(&client.asks(&["prompt=none", "scope=openid+offline_access"]))
        .await;
    assert_eq!(error(&more).as_deref(), Some("consent_required"));
}

#[tokio::test]
async fn prompt_login_and_select_account_ask_again() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let client = Client::new(&world).await;
    let mut browser = known(&world, &client, &mut passkey).await;
    for prompt in ["prompt=login", "prompt=select_account"] {
        let page = browser.follow(&client.asks(&[prompt])).await;
        assert!(asks_to_sign_in(&page), "{prompt}: {}", page.text);
        let approved = browser.approve(&page, &mut passkey).await;
        let back = browser.follow(&approved.location).await;
        assert!(said(&back, "code").is_some(), "{prompt}: {}", back.text);
    }
}

#[tokio::test]
async fn whoever_signs_in_again_stays_in_the_session_by_another_cookie() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let client = Client::new(&world).await;
    let mut browser = Browser::new(&world);
    let session = async |browser: &mut Browser<'_>, passkey: &mut TestAuthenticator, prompt| {
        let tokens = client.tokens(browser, passkey, &[prompt]).await;
        let token = tokens["id_token"].as_str().unwrap();
        let payload = base64::decode(token.split('.').nth(1).unwrap().as_bytes()).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&payload).unwrap();
        claims["sid"].as_str().unwrap().to_owned()
    };
    let first = session(&mut browser, &mut passkey, "prompt=login").await;
    let stolen = browser.cookies();
    let second = session(&mut browser, &mut passkey, "prompt=login").await;
    assert_eq!(first, second);
    assert_ne!(stolen, browser.cookies());
    let mut thief = Browser::new(&world);
    for cookie in stolen.split("; ") {
        let (name, value) = cookie.split_once('=').unwrap();
        thief.keep(name, value);
    }
    let silent = thief.follow(&client.asks(&["prompt=none"])).await;
    assert_eq!(error(&silent).as_deref(), Some("login_required"));
}

#[tokio::test]
async fn an_older_sign_in_than_max_age_does_not_count() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let client = Client::new(&world).await;
    let mut browser = known(&world, &client, &mut passkey).await;
    let recent = browser.follow(&client.asks(&["max_age=3600"])).await;
    assert!(said(&recent, "code").is_some(), "{}", recent.text);
    age(&world, Duration::from_seconds(3601)).await;
    let old = browser.follow(&client.asks(&["max_age=3600"])).await;
    assert!(asks_to_sign_in(&old), "{}", old.text);
    let silent = browser
        .follow(&client.asks(&["max_age=3600", "prompt=none"]))
        .await;
    assert_eq!(error(&silent).as_deref(), Some("login_required"));
}

#[tokio::test]
async fn a_hint_that_was_not_issued_here_for_this_client_is_refused() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let client = Client::new(&world).await;
    let mut browser = Browser::new(&world);
    let tokens = client.tokens(&mut browser, &mut passkey, &[]).await;
    let token = tokens["id_token"].as_str().unwrap();
    let hinted = browser
        .follow(&client.asks(&[&format!("id_token_hint={token}")]))
        .await;
    assert!(said(&hinted, "code").is_some(), "{}", hinted.text);

    let mut parts = token.split('.');
    let (head, payload) = (parts.next().unwrap(), parts.next().unwrap());
    let none = base64::encode(br#"{"alg":"none","typ":"JWT"}"#);
    let symmetric = base64::encode(br#"{"alg":"HS256","typ":"JWT"}"#);
    let access = tokens["access_token"].as_str().unwrap();
    let other = Client::with(&world, "other-rp", |_| {}).await;
    let foreign = other.tokens(&mut browser, &mut passkey, &[]).await;
    let foreign = foreign["id_token"].as_str().unwrap();
    for forged in [
        format!("{none}.{payload}."),
        format!("{symmetric}.{payload}.{}", base64::encode(&[0; 32])),
        format!("{head}.{payload}.{}", base64::encode(&[0; 64])),
        access.to_owned(),
        foreign.to_owned(),
        "rubbish".to_owned(),
    ] {
        let hint = format!("id_token_hint={forged}");
        let refused = browser.follow(&client.asks(&[&hint])).await;
        assert_eq!(
            error(&refused).as_deref(),
            Some("invalid_request"),
            "{forged}"
        );
    }
}

#[tokio::test]
async fn another_user_than_the_hinted_one_gets_no_code() {
    let world = World::new().await;
    let mut hinted = world.user().await;
    let mut present = world.user().await;
    let client = Client::new(&world).await;
    let tokens = client
        .tokens(&mut Browser::new(&world), &mut hinted, &[])
        .await;
    let hint = format!("id_token_hint={}", tokens["id_token"].as_str().unwrap());
    let mut browser = known(&world, &client, &mut present).await;
    let silent = browser.follow(&client.asks(&[&hint, "prompt=none"])).await;
    assert_eq!(error(&silent).as_deref(), Some("login_required"));
    let page = browser.follow(&client.asks(&[&hint])).await;
    assert!(asks_to_sign_in(&page), "{}", page.text);
    let wrong = browser.approve(&page, &mut present).await;
    assert_eq!(
        wrong.status,
        axum::http::StatusCode::FORBIDDEN,
        "{}",
        wrong.text
    );
}

#[tokio::test]
async fn a_login_hint_tells_nobody_who_has_an_account() {
    let world = World::new().await;
    world.user().await;
    let client = Client::new(&world).await;
    let unknown = base64::encode(&[9; 16]);
    for hint in ["kim@example.com", "Kim", &*unknown] {
        let page = Browser::new(&world)
            .follow(&client.asks(&[&format!("login_hint={hint}")]))
            .await;
        assert!(asks_to_sign_in(&page), "{hint}: {}", page.text);
        assert!(
            !page.text.contains("allowCredentials&#34;:[{"),
            "{hint}: {}",
            page.text
        );
    }
}

/// The passkeys that a page, or the API, says will do.
async fn listed(world: &World, page: &Answer) -> Vec<String> {
    let ids = |options: &serde_json::Value| -> Vec<String> {
        let listed = options["allowCredentials"].as_array().expect("a list");
        let ids = listed.iter().map(|passkey| passkey["id"].as_str());
        ids.map(|id| id.expect("an id").to_owned()).collect()
    };
    let options = field(page, "data-options=\"").replace("&#34;", "\"");
    let shown = ids(&serde_json::from_str(&options).expect("options"));
    let id = field(page, "action=\"/o/").parse().expect("an order's");
    let (app, row) = (&world.app, Order::row_id(&id));
    let order = app.store.find::<Order>(&row).await.expect("a store");
    let (order, keys) = (order.expect("an order"), app.keys.now());
    let approver = app.approver(keys.signer());
    let told = approver.options(&*app.store, &id, &order, now()).await;
    let told = serde_json::to_value(told.expect("a store")).expect("options");
    assert_eq!(shown, ids(&told));
    shown
}

#[tokio::test]
async fn whoever_knows_a_users_identifier_learns_none_of_their_passkeys() {
    let world = World::new().await;
    let (mut passkey, mut other) = (world.user().await, world.user().await);
    let client = Client::new(&world).await;
    let mut own = Browser::new(&world);
    let tokens = client.tokens(&mut own, &mut passkey, &[]).await;
    let token = tokens["id_token"].as_str().unwrap();
    let payload = base64::decode(token.split('.').nth(1).unwrap().as_bytes()).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    let user = claims["sub"].as_str().unwrap();
    let by_hint = format!("login_hint={user}");
    let by_claim =
        format!("claims=%7B%22id_token%22%3A%7B%22sub%22%3A%7B%22value%22%3A%22{user}%22%7D%7D%7D");
    let id = passkey.credential_id().to_string();
    for hint in [&by_hint, &by_claim] {
        let asked = client.asks(&[hint, "prompt=login"]);
        let mut stranger = Browser::new(&world);
        let page = stranger.follow(&asked).await;
        assert_eq!(listed(&world, &page).await, [""; 0], "{hint}");
        let wrong = stranger.approve(&page, &mut other).await;
        assert_eq!(wrong.status, axum::http::StatusCode::FORBIDDEN, "{hint}");
        let right = stranger.approve(&page, &mut passkey).await;
        assert_eq!(right.status, axum::http::StatusCode::SEE_OTHER, "{hint}");

        let order = post(&world, "/api/v1/oauth2", &client.request(&[hint]), &[]).await;
        let order = order.json()["challenge_id"].as_str().unwrap().to_owned();
        let (viewed, _) = world.ask(&order).await;
        assert_eq!(
            viewed["publicKey"]["allowCredentials"],
            serde_json::json!([]),
            "{hint}"
        );

        let mut somebody = known(&world, &client, &mut other).await;
        let page = somebody.follow(&asked).await;
        assert_eq!(
            listed(&world, &page).await,
            [""; 0],
            "{hint}: another's session"
        );
        let page = own.follow(&asked).await;
        assert_eq!(
            listed(&world, &page).await,
            [&*id],
            "{hint}: their own browser"
        );
    }
    let page = Browser::new(&world)
        .follow(&client.asks(&[&format!("id_token_hint={token}")]))
        .await;
    assert_eq!(listed(&world, &page).await, [&*id], "a verified hint");
}

#[tokio::test]
async fn a_level_that_is_asked_for_is_demanded_and_told() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let client = Client::new(&world).await;
    let mfa = "https://refeds.org/profile/mfa";
    let page = Browser::new(&world)
        .follow(&client.asks(&[&format!("acr_values={mfa}")]))
        .await;
    assert!(
        page.text.contains("userVerification&#34;:&#34;required"),
        "{}",
        page.text
    );
    let wish = format!("acr_values={mfa}+phr");
    let page = Browser::new(&world).follow(&client.asks(&[&wish])).await;
    assert!(
        page.text.contains("userVerification&#34;:&#34;preferred"),
        "{}",
        page.text
    );
    let mut browser = Browser::new(&world);
    let tokens = client.tokens(&mut browser, &mut passkey, &[&wish]).await;
    let token = tokens["id_token"].as_str().unwrap();
    let payload = base64::decode(token.split('.').nth(1).unwrap().as_bytes()).unwrap();
    let claims = Document::parse(&payload, Bounds::PAYLOAD).unwrap();
    assert_eq!(claims.root().member("acr").unwrap().string().unwrap(), mfa);
    let claims = "claims=%7B%22id_token%22%3A%7B%22acr%22%3A%7B%22essential%22%3Atrue%2C%22value%22%3A%22x%22%7D%7D%7D";
    let unmet = browser.follow(&client.asks(&[claims])).await;
    assert_eq!(
        error(&unmet).as_deref(),
        Some("unmet_authentication_requirements")
    );
}

#[tokio::test]
async fn a_page_speaks_the_language_that_the_client_asks_for() {
    let world = World::new().await;
    let client = Client::new(&world).await;
    let page = Browser::new(&world)
        .follow(&client.asks(&["ui_locales=fi+sv"]))
        .await;
    assert!(page.text.contains("<html lang=\"sv\">"), "{}", page.text);
    let refused = world.get("/authorize?ui_locales=sv").await;
    assert!(
        refused.text.contains("<html lang=\"sv\">"),
        "{}",
        refused.text
    );
}

#[tokio::test]
async fn a_session_whose_user_is_gone_is_worth_nothing() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let client = Client::new(&world).await;
    let mut browser = Browser::new(&world);
    let tokens = client.tokens(&mut browser, &mut passkey, &[]).await;
    let told = with_token(
        &world,
        "/userinfo",
        tokens["access_token"].as_str().unwrap(),
    )
    .await;
    let user = told.json()["sub"].as_str().unwrap().parse().unwrap();
    account::remove_user(&*world.app.store, &user, now())
        .await
        .unwrap();
    let page = signed_in(&mut browser, &client.asks(&["prompt=none"]), &mut passkey).await;
    assert_eq!(error(&page).as_deref(), Some("login_required"));
}
