//! Single claims (OpenID Connect Core §5.5).

use passkey_idp::oauth::Parameters;
use serde_json::{Value, json};
use strict_jws::Policy;

use super::client::{Client, said, signed_in, with_token};
use crate::browser::Browser;
use crate::world::World;

fn asking(claims: &Value) -> String {
    let encoded = claims.to_string().replace('"', "%22");
    let parameters = Parameters::parse(&format!("claims={encoded}")).expect("a query");
    assert_eq!(parameters.get("claims"), Some(&*claims.to_string()));
    format!("claims={encoded}")
}

/// What the ID token and the userinfo endpoint tell.
async fn told(world: &World, tokens: &Value) -> [Value; 2] {
    let token = tokens["id_token"].as_str().expect("an ID token");
    let keys = world.app.keys.now();
    let verified = keys.published().verify(token, &Policy::untyped_or_jwt());
    let payload = verified.expect("ours").into_payload();
    let access = tokens["access_token"].as_str().expect("a token");
    let info = with_token(world, "/userinfo", access).await;
    let claims = serde_json::from_slice(&payload);
    [claims.expect("claims"), info.json()]
}

#[tokio::test]
async fn claims_are_told_where_they_are_asked_for_after_consent() {
    let world = World::new().await;
    let (mut passkey, mut browser) = (world.user().await, Browser::new(&world));
    let client = Client::new(&world).await;
    let wanted = asking(&json!({
        "id_token": { "name": { "essential": true }, "email": { "essential": true } },
        "userinfo": { "amr": null, "auth_time": null },
    }));
    let asked = ["scope=openid+offline_access", &*wanted];
    let tokens = client.tokens(&mut browser, &mut passkey, &asked).await;
    assert_eq!(tokens["scope"], "offline_access openid profile");
    let refreshed = client.refresh(&tokens).await.json();
    for tokens in [&tokens, &refreshed] {
        let [identity, info] = told(&world, tokens).await;
        assert_eq!(identity["name"], "Kim");
        assert_eq!(identity["email"], Value::Null);
        assert_eq!(info["amr"], identity["amr"]);
        assert_eq!(info["auth_time"], identity["auth_time"]);
        assert_eq!(info["acr"], Value::Null, "nobody asked for it");
    }
    let plain = client.tokens(&mut browser, &mut passkey, &[]).await;
    let [identity, info] = told(&world, &plain).await;
    assert_eq!(
        (&identity["name"], &info["auth_time"]),
        (&Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn a_client_that_may_not_know_names_is_told_none() {
    let world = World::new().await;
    let (mut passkey, mut browser) = (world.user().await, Browser::new(&world));
    let client = Client::with(&world, "rp", |rp| {
        rp.client.scope = "openid".parse().expect("a scope");
    });
    let client = client.await;
    let name = json!({ "name": { "essential": true } });
    let wanted = asking(&json!({ "id_token": name, "userinfo": name }));
    let asked = ["scope=openid", &*wanted];
    let tokens = client.tokens(&mut browser, &mut passkey, &asked).await;
    assert_eq!(tokens["scope"], "openid");
    let [identity, info] = told(&world, &tokens).await;
    assert_eq!(
        (&identity["name"], &info["name"]),
        (&Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn a_request_about_one_user_is_not_answered_for_another() {
    let world = World::new().await;
    let (mut kim, mut browser) = (world.user().await, Browser::new(&world));
    let client = Client::new(&world).await;
    let tokens = client.tokens(&mut browser, &mut kim, &[]).await;
    let [identity, _] = told(&world, &tokens).await;
    let about = |user: &Value| asking(&json!({ "id_token": { "sub": { "value": user } } }));
    let own = client.asks(&[&about(&identity["sub"]), "prompt=none"]);
    assert!(said(&browser.follow(&own).await, "code").is_some());
    world.user().await;
    let users = world.users().await;
    let other = users.iter().find(|user| user["id"] != identity["sub"]);
    let other = about(&other.expect("there are two")["id"]);
    let silent = client.asks(&[&other, "prompt=none"]);
    let back = browser.follow(&silent).await;
    assert_eq!(said(&back, "error").as_deref(), Some("login_required"));
    let page = browser.follow(&client.asks(&[&other])).await;
    assert!(page.text.contains("data-passkey=\"get\""), "{}", page.text);
    let refused = browser.approve(&page, &mut kim).await;
    assert!(refused.status.is_client_error(), "{}", refused.status);
    let nobody = about(&json!("nobody"));
    let back = signed_in(&mut browser, &client.asks(&[&nobody]), &mut kim).await;
    assert_eq!(said(&back, "code"), None);
    assert_eq!(said(&back, "error").as_deref(), Some("login_required"));
}
