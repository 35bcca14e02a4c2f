//! Which client may use which API.

use axum::http::{Request, StatusCode, header};
use passkey_idp::application::{Application, ApplicationId, Dialect};
use passkey_idp::store::StoreExt as _;
use passkey_server::state::now;
use serde_json::json;

use crate::world::{Answer, World};

async fn restrict(world: &World, dialects: &[Dialect]) {
    let id: ApplicationId = "other".parse().expect("a name");
    let store = &world.app.store;
    let stored = store.find::<Application>(&id.row_id()).await;
    let stored = stored.expect("a store").expect("a client");
    let mut changed = stored.body.clone();
    changed.dialects = dialects.to_vec();
    let replaced = store.apply::<Application>(stored.replace(&changed), now());
    replaced.await.expect("a store").expect("nobody else");
}

async fn bankid(world: &World) -> Answer {
    let request = Request::post("/rp/v6.0/auth")
        .header(header::AUTHORIZATION, &world.other)
        .header(header::CONTENT_TYPE, "application/json");
    let body = json!({ "endUserIp": "192.0.2.1" }).to_string();
    world
        .send(request.body(body.into()).expect("a request"))
        .await
}

async fn backchannel(world: &World) -> Answer {
    let request = Request::post("/api/v1/sign")
        .header(header::AUTHORIZATION, &world.other)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let request = request.body("scope=openid".into());
    world.send(request.expect("a request")).await
}

#[tokio::test]
async fn a_client_uses_the_dialects_that_it_may_use_and_no_other() {
    let world = World::new().await;
    for dialects in [
        &Dialect::ALL[..],
        &[Dialect::Uyulala],
        &[Dialect::BankId],
        &[],
    ] {
        restrict(&world, dialects).await;
        let asked = world.post(&world.other, "/sign", json!({})).await;
        let wanted = json!({ "challengeId": "x" });
        let collected = world.post(&world.other, "/collect", wanted).await;
        if dialects.contains(&Dialect::Uyulala) {
            assert_eq!(asked.status, StatusCode::OK, "{}", asked.text);
            assert_eq!(
                collected.status,
                StatusCode::NOT_FOUND,
                "{}",
                collected.text
            );
        } else {
            for refused in [asked, collected] {
                assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
                assert_eq!(refused.json()["error"], "access_denied");
            }
            let refused = backchannel(&world).await;
            assert_eq!(refused.json()["error"], "unauthorized_client");
        }
        let asked = bankid(&world).await;
        if dialects.contains(&Dialect::BankId) {
            assert_eq!(asked.status, StatusCode::OK, "{}", asked.text);
        } else {
            assert_eq!(asked.status, StatusCode::UNAUTHORIZED, "{}", asked.text);
            assert_eq!(asked.json()["errorCode"], "unauthorized");
        }
    }
}

#[tokio::test]
async fn a_secret_that_is_wrong_tells_nothing_of_dialects() {
    let world = World::new().await;
    let wrong = world.other.replace("Basic ", "Basic x");
    let before = world.post(&wrong, "/sign", json!({})).await;
    restrict(&world, &[]).await;
    let after = world.post(&wrong, "/sign", json!({})).await;
    assert_eq!((before.status, before.text), (after.status, after.text));
}
