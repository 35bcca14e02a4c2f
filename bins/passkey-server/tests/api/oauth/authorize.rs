//! `/authorize`: what browsers bring, and where they are sent.

use axum::http::StatusCode;
use strict_jws::Policy;
use strict_jws::json::{Bounds, Document};

use super::client::{Client, said, signed_in, with_token};
use crate::browser::Browser;
use crate::world::{ORIGIN, World};

#[tokio::test]
async fn a_sign_in_gives_a_code_and_the_code_gives_tokens() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let (client, mut browser) = (Client::new(&world).await, Browser::new(&world));
    let back = signed_in(&mut browser, &client.asks(&[]), &mut passkey).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.text);
    assert!(back.location.starts_with("https://rp.example/cb?code="));
    assert_eq!(said(&back, "state").as_deref(), Some("xyz"));
    assert_eq!(said(&back, "iss").as_deref(), Some(ORIGIN));
    assert_eq!(said(&back, "error"), None);

    let tokens = client.exchange(&said(&back, "code").unwrap()).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.text);
    assert_eq!(tokens.headers["cache-control"], "no-store");
    let tokens = tokens.json();
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 600);
    assert_eq!(tokens["scope"], "openid profile");
    let keys = world.app.keys.now();
    let identity = tokens["id_token"].as_str().unwrap();
    let verified = keys.published().verify(identity, &Policy::untyped_or_jwt());
    let verified = verified.unwrap();
    let claims = Document::parse(verified.payload(), Bounds::PAYLOAD).unwrap();
    let claim = |name: &str| claims.root().member(name).unwrap().raw().to_owned();
    assert_eq!(claim("nonce"), "\"n-0S6\"");
    assert_eq!(claim("acr"), "\"phr\"");
    assert_eq!(claim("amr"), "[\"hwk\",\"user\",\"mfa\"]");
    assert!(claim("auth_time").parse::<u64>().unwrap() > 1_700_000_000);

    let access = tokens["access_token"].as_str().unwrap();
    let told = with_token(&world, "/userinfo", access).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    assert_eq!(told.json()["name"], "Kim");
    assert_eq!(
        format!("\"{}\"", told.json()["sub"].as_str().unwrap()),
        claim("sub")
    );
}
