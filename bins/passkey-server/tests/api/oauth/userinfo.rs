//! Which tokens our own endpoints take.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use passkey_idp::account;
use passkey_idp::application::{Application, ApplicationId};
use passkey_idp::id::TokenId;
use passkey_idp::store::{Change, Where};
use passkey_server::state::now;
use serde_json::{Value, json};
use strict_jws::{SystemRandom, base64};

use super::client::{Client, with_token};
use crate::browser::Browser;
use crate::world::World;

#[tokio::test]
async fn claims_go_with_the_scopes() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let (client, mut browser) = (Client::new(&world).await, Browser::new(&world));
    for (scope, name) in [
        ("scope=openid+profile", Some("Kim")),
        ("scope=openid", None),
    ] {
        let tokens = client.tokens(&mut browser, &mut passkey, &[scope]).await;
        let token = tokens["access_token"].as_str().unwrap();
        for path in ["/userinfo", "/oidc/userinfo"] {
            let told = with_token(&world, path, token).await;
            assert_eq!(told.json()["name"].as_str(), name, "{scope}");
            assert_eq!(told.headers["cache-control"], "no-store");
        }
    }
    let tokens = client
        .tokens(&mut browser, &mut passkey, &["scope=profile"])
        .await;
    assert_eq!(tokens["id_token"], Value::Null);
    let refused = with_token(
        &world,
        "/userinfo",
        tokens["access_token"].as_str().unwrap(),
    )
    .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(refused.json()["error"], "insufficient_scope");
}

#[tokio::test]
async fn no_other_token_that_the_server_has_signed_is_an_access_token() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let (client, mut browser) = (Client::new(&world).await, Browser::new(&world));
    let offline = ["scope=openid+offline_access"];
    let tokens = client.tokens(&mut browser, &mut passkey, &offline).await;
    let token = |name: &str| tokens[name].as_str().unwrap().to_owned();
    let (keys, random) = (world.app.keys.now(), SystemRandom::new());
    let sign = |typ: &str, claims: &str| {
        let signed = keys.signer().sign(Some(typ), claims.as_bytes(), &random);
        signed.unwrap()
    };
    let access = token("access_token");
    let payload = base64::decode(access.split('.').nth(1).unwrap().as_bytes()).unwrap();
    let payload = String::from_utf8(payload).unwrap();
    let claims: Value = serde_json::from_str(&payload).unwrap();
    let with = |name: &str, value: &str| {
        let mut claims = claims.clone();
        claims[name] = json!(value);
        sign("at+jwt", &claims.to_string())
    };
    let unknown = TokenId::generate(&random).unwrap().to_string();
    for wrong in [
        token("id_token"),
        token("refresh_token"),
        sign("JWT", &payload),
        sign("logout+jwt", &payload),
        with("jti", &unknown),
        with("aud", "https://api.example"),
        with("iss", "https://other.example"),
        with("exp", "tomorrow"),
        sign("at+jwt", "{}"),
        format!("{access}A"),
        String::new(),
    ] {
        let refused = with_token(&world, "/userinfo", &wrong).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{wrong}");
        assert_eq!(refused.json()["error"], "invalid_token");
        let challenge = refused.headers["www-authenticate"].to_str().unwrap();
        assert!(
            challenge.contains("Bearer error=\"invalid_token\""),
            "{challenge}"
        );
    }
    assert_eq!(
        with_token(&world, "/userinfo", &access).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_token_stands_in_the_header_alone() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let (client, mut browser) = (Client::new(&world).await, Browser::new(&world));
    let tokens = client.tokens(&mut browser, &mut passkey, &[]).await;
    let token = tokens["access_token"].as_str().unwrap();
    let query = world.get(&format!("/userinfo?access_token={token}")).await;
    assert_eq!(query.status, StatusCode::UNAUTHORIZED);
    let body = format!("access_token={token}");
    let posted = super::client::post(&world, "/userinfo", &body, &[]).await;
    assert_eq!(posted.status, StatusCode::UNAUTHORIZED);
    let header = Request::post("/userinfo").header("authorization", format!("bearer {token}"));
    let header = world.send(header.body(Body::empty()).unwrap()).await;
    assert_eq!(header.status, StatusCode::OK, "{}", header.text);
}

#[tokio::test]
async fn a_token_of_a_user_who_is_gone_tells_nothing() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let (client, mut browser) = (Client::new(&world).await, Browser::new(&world));
    let tokens = client.tokens(&mut browser, &mut passkey, &[]).await;
    let token = tokens["access_token"].as_str().unwrap();
    let told = with_token(&world, "/userinfo", token).await.json();
    let user = told["sub"].as_str().unwrap().parse().unwrap();
    account::remove_user(&*world.app.store, &user, now())
        .await
        .unwrap();
    let refused = with_token(&world, "/userinfo", token).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{}", refused.text);
}

#[tokio::test]
async fn tokens_go_with_their_user() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let (client, mut browser) = (Client::new(&world).await, Browser::new(&world));
    let lasting = ["scope=openid+offline_access"];
    let tokens = client.tokens(&mut browser, &mut passkey, &lasting).await;
    let user = world.users().await[0]["id"].as_str().unwrap().parse();
    account::remove_user(&*world.app.store, &user.unwrap(), now())
        .await
        .unwrap();
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let form = format!("grant_type=refresh_token&refresh_token={refresh}");
    let refused = client.post("/token", &form).await;
    assert_eq!(refused.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn tokens_of_a_client_that_is_gone_are_good_no_more() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let (client, mut browser) = (Client::new(&world).await, Browser::new(&world));
    let tokens = client.tokens(&mut browser, &mut passkey, &[]).await;
    let token = tokens["access_token"].as_str().unwrap();
    assert_eq!(
        with_token(&world, "/userinfo", token).await.status,
        StatusCode::OK
    );
    let id: ApplicationId = client.id.parse().unwrap();
    let gone = Change::delete(Where::<Application>::id(id.row_id()));
    world.app.store.commit(vec![gone], now()).await.unwrap();
    let refused = with_token(&world, "/userinfo", token).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
}
