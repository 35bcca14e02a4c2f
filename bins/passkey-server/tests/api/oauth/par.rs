//! Requests that clients push.

use axum::http::StatusCode;
use passkey_idp::oauth::authorize::AuthorizationRequest;
use passkey_idp::store::{Set, StoreExt as _, Where};
use passkey_server::state::now;

use super::client::{Client, assert_told, post, said, signed_in};
use crate::browser::Browser;
use crate::world::World;

/// What a pushed request is named by, ready for a query.
async fn pushed(client: &Client<'_>, changes: &[&str]) -> String {
    let answer = client.post("/par", &client.request(changes)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    let told = answer.json();
    assert_eq!(told["expires_in"], 90);
    told["request_uri"].as_str().expect("as set up").to_owned()
}

fn bring(client: &str, request_uri: &str) -> String {
    format!("/authorize?client_id={client}&request_uri={request_uri}")
}

#[tokio::test]
async fn what_was_pushed_counts_and_what_the_browser_adds_does_not() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let (client, mut browser) = (Client::new(&world).await, Browser::new(&world));
    let uri = pushed(&client, &[]).await;
    let path = format!(
        "{}&state=evil&scope=openid+offline_access&redirect_uri=https://evil.example/\
         &response_mode=form_post",
        bring("rp", &uri)
    );
    let back = signed_in(&mut browser, &path, &mut passkey).await;
    assert!(
        back.location.starts_with("https://rp.example/cb?"),
        "{}",
        back.text
    );
    assert_eq!(said(&back, "state").as_deref(), Some("xyz"));
    let tokens = client.exchange(&said(&back, "code").unwrap()).await.json();
    assert_eq!(tokens["scope"], "openid profile");
}

#[tokio::test]
async fn a_pushed_request_is_good_for_one_browser_of_its_client_and_90_seconds() {
    let world = World::new().await;
    let client = Client::new(&world).await;
    Client::with(&world, "other-rp", |_| {}).await;
    let uri = pushed(&client, &[]).await;
    let foreign = world.get(&bring("other-rp", &uri)).await;
    assert_eq!(
        (foreign.status, &*foreign.location),
        (StatusCode::BAD_REQUEST, "")
    );
    let first = world.get(&bring("rp", &uri)).await;
    assert!(first.location.starts_with("/o/"), "{}", first.text);
    let again = world.get(&bring("rp", &uri)).await;
    assert_eq!(
        (again.status, &*again.location),
        (StatusCode::BAD_REQUEST, "")
    );
    assert!(
        again.text.contains("push the request again"),
        "{}",
        again.text
    );

    let late = pushed(&client, &[]).await;
    let row = late
        .parse::<passkey_idp::oauth::authorize::RequestUri>()
        .unwrap()
        .row_id();
    let found = world
        .app
        .store
        .find::<AuthorizationRequest>(&row)
        .await
        .unwrap()
        .unwrap();
    let over = Set::body_only(&found.body).expires_at(now());
    let which = Where::<AuthorizationRequest>::id(row);
    assert!(
        world
            .app
            .store
            .update(which, over, now())
            .await
            .unwrap()
            .is_some()
    );
    let late = world.get(&bring("rp", &late)).await;
    assert_eq!(
        (late.status, &*late.location),
        (StatusCode::BAD_REQUEST, "")
    );
}

#[tokio::test]
async fn a_pushed_request_says_the_language_of_its_pages() {
    let world = World::new().await;
    let client = Client::new(&world).await;
    let uri = pushed(&client, &["ui_locales=sv"]).await;
    let page = Browser::new(&world).follow(&bring("rp", &uri)).await;
    assert!(page.text.contains("<html lang=\"sv\">"), "{}", page.text);
}

#[tokio::test]
async fn a_request_that_nobody_pushed_is_none() {
    let world = World::new().await;
    Client::new(&world).await;
    for uri in [
        "https://evil.example/request",
        "urn:ietf:params:oauth:request_uri:",
        "urn:ietf:params:oauth:request_uri:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ] {
        let refused = world.get(&bring("rp", uri)).await;
        assert_eq!(
            (refused.status, &*refused.location),
            (StatusCode::BAD_REQUEST, ""),
            "{uri}"
        );
    }
}

#[tokio::test]
async fn a_client_that_has_to_push_is_not_heard_otherwise() {
    let world = World::new().await;
    let client = Client::with(&world, "rp", |application| {
        application.client.pushes = true;
    });
    let client = client.await;
    let refused = world.get(&client.asks(&[])).await;
    assert_eq!(said(&refused, "error").as_deref(), Some("invalid_request"));
    let uri = pushed(&client, &[]).await;
    let brought = world.get(&bring("rp", &uri)).await;
    assert!(brought.location.starts_with("/o/"), "{}", brought.text);
}

#[tokio::test]
async fn what_could_not_be_asked_cannot_be_pushed() {
    let world = World::new().await;
    let client = Client::new(&world).await;
    for (change, error) in [
        ("redirect_uri=https://evil.example/", "invalid_request"),
        ("code_challenge", "invalid_request"),
        ("scope=admin", "invalid_scope"),
        ("response_type=token", "unsupported_response_type"),
        ("request_uri=urn:x", "invalid_request"),
        ("client_id=other-rp", "invalid_request"),
    ] {
        let refused = client.post("/par", &client.request(&[change])).await;
        assert_told(&refused, error, change);
    }
    let stranger = post(&world, "/par", &client.request(&[]), &[]).await;
    assert_eq!(stranger.json()["error"], "invalid_client");
}
