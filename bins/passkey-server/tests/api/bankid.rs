//! The BankID dialect.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use passkey_idp::Duration;
use passkey_idp::application::Application;
use passkey_idp::evidence::{Trust, verify};
use passkey_idp::id::OrderId;
use passkey_idp::order::Order;
use passkey_idp::qr::bankid as codec;
use passkey_idp::store::{Change, Commit, StoreExt as _};
use passkey_server::state::now;
use serde_json::{Value, json};
use server_kit::caller::PeerCertificate;
use server_kit::listen::Peer;
use strict_jws::base64;

use crate::browser::Browser;
use crate::world::{Answer, REDIRECT, World};

fn request(who: &str, path: &str, body: &Value) -> Request<Body> {
    let mut request = Request::post(format!("/rp/v6.0/{path}"))
        .header(header::CONTENT_TYPE, "application/json; charset=utf-8");
    if !who.is_empty() {
        request = request.header(header::AUTHORIZATION, who);
    }
    request.body(body.to_string().into()).expect("a request")
}

async fn asked(world: &World, path: &str, body: Value) -> Answer {
    world.send(request(&world.other, path, &body)).await
}

async fn placed(world: &World, path: &str, body: Value) -> Value {
    let placed = asked(world, path, body).await;
    assert_eq!(placed.status, StatusCode::OK, "{}", placed.text);
    placed.json()
}

async fn collected(world: &World, order: &Value) -> Value {
    let body = json!({ "orderRef": order["orderRef"] });
    let collected = asked(world, "collect", body).await;
    assert_eq!(collected.status, StatusCode::OK, "{}", collected.text);
    collected.json()
}

fn refused(answer: &Answer) -> (StatusCode, String) {
    let code = answer.json()["errorCode"].as_str().map(str::to_owned);
    (answer.status, code.unwrap_or_default())
}

fn auth() -> Value {
    json!({ "endUserIp": "192.0.2.1" })
}

/// The frame that the relying party's server draws, `late` after it should.
async fn frame(world: &World, order: &Value, late: Duration) -> String {
    let text = |name: &str| order[name].as_str().expect("a text").to_owned();
    let id: OrderId = text("qrStartToken").parse().expect("a start token");
    let stored = world.app.store.find::<Order>(&Order::row_id(&id)).await;
    let age = stored.expect("an answer").expect("an order").age(now());
    let made = Duration::from_millis(age.as_millis().saturating_sub(late.as_millis()));
    let secret = text("qrStartSecret").parse().expect("a start secret");
    let token = text("qrStartToken").parse().expect("a start token");
    format!("/q/{}", codec::frame(&token, &secret, made))
}

#[tokio::test]
async fn a_sign_in_by_an_animated_code_is_complete_once() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let order = placed(&world, "auth", auth()).await;
    assert_eq!(
        collected(&world, &order).await["hintCode"],
        "outstandingTransaction"
    );
    let mut phone = Browser::new(&world);
    let shown = phone
        .follow(&frame(&world, &order, Duration::default()).await)
        .await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text);
    assert_eq!(collected(&world, &order).await["hintCode"], "userSign");
    phone.approve(&shown, &mut passkey).await;
    let complete = collected(&world, &order).await;
    assert_eq!(complete["status"], "complete", "{complete}");
    let data = &complete["completionData"];
    assert_eq!(data["user"]["name"], "Kim");
    let package = base64::decode_padded(data["signature"].as_str().unwrap().as_bytes()).unwrap();
    let verified = verify(std::str::from_utf8(&package).unwrap(), &Trust::Embedded).unwrap();
    assert_eq!(
        data["user"]["personalNumber"],
        json!(verified.statement.user)
    );
    let again = asked(&world, "collect", json!({ "orderRef": order["orderRef"] })).await;
    assert_eq!(
        refused(&again),
        (StatusCode::BAD_REQUEST, "invalidParameters".into())
    );
}

#[tokio::test]
async fn a_text_is_shown_and_signed_on_the_device_that_its_token_opens() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let text = base64::encode_padded(b"# Loan\n\nI owe you **10** kronor");
    let body = json!({
        "endUserIp": "192.0.2.1", "userVisibleData": text, "userNonVisibleData": "AQID",
        "userVisibleDataFormat": "simpleMarkdownV1", "returnUrl": REDIRECT,
    });
    let order = placed(&world, "sign", body).await;
    let mut browser = Browser::new(&world);
    let token = order["autoStartToken"].as_str().unwrap();
    let shown = browser.follow(&format!("/q/{token}")).await;
    assert!(shown.text.contains("<strong>10</strong>"), "{}", shown.text);
    let signed = browser.approve(&shown, &mut passkey).await;
    let done = browser.open(&signed.location).await;
    assert!(done.location.starts_with(REDIRECT), "{}", done.location);
    let complete = collected(&world, &order).await;
    let package = complete["completionData"]["signature"].as_str().unwrap();
    let package = base64::decode_padded(package.as_bytes()).unwrap();
    let verified = verify(std::str::from_utf8(&package).unwrap(), &Trust::Embedded).unwrap();
    assert_eq!(verified.statement.text, "# Loan\n\nI owe you **10** kronor");
}

#[tokio::test]
async fn a_stale_frame_and_a_bare_order_open_nothing() {
    let world = World::new().await;
    let order = placed(&world, "auth", auth()).await;
    let mut thief = Browser::new(&world);
    let bare = format!("/o/{}", order["qrStartToken"].as_str().unwrap());
    let denied = thief.open(&bare).await;
    assert!(denied.status.is_client_error(), "{}", denied.status);
    let uyulala = bare.replace("/o/", "/api/v1/challenge/");
    assert_eq!(thief.open(&uyulala).await.status, StatusCode::CONFLICT);
    let (other, own) = (placed(&world, "auth", auth()).await, order.clone());
    let mut mixed = own.clone();
    mixed["qrStartSecret"] = other["qrStartSecret"].clone();
    let foreign = frame(&world, &mixed, Duration::default()).await;
    let denied = thief.open(&foreign).await;
    assert!(denied.status.is_client_error(), "{}", denied.status);
    assert_eq!(
        collected(&world, &own).await["hintCode"],
        "outstandingTransaction"
    );
}

#[tokio::test]
async fn a_second_order_for_a_user_ends_the_first() {
    let world = World::new().await;
    world.user().await;
    let users =
        Request::get("/api/v1/service/list/users").header(header::AUTHORIZATION, &world.admin);
    let users = world.send(users.body(Body::empty()).unwrap()).await.json();
    let kim =
        json!({ "endUserIp": "192.0.2.1", "requirement": { "personalNumber": users[0]["id"] } });
    let first = placed(&world, "auth", kim.clone()).await;
    let second = asked(&world, "auth", kim.clone()).await;
    assert_eq!(
        refused(&second),
        (StatusCode::BAD_REQUEST, "alreadyInProgress".into())
    );
    let stands = collected(&world, &first).await;
    assert_eq!(
        (&stands["status"], &stands["hintCode"]),
        (&json!("failed"), &json!("cancelled"))
    );
    placed(&world, "auth", kim).await;
    let nobody = json!({
        "endUserIp": "192.0.2.1", "requirement": { "personalNumber": base64::encode(&[9; 16]) },
    });
    let nobody = asked(&world, "auth", nobody).await;
    assert_eq!(
        refused(&nobody),
        (StatusCode::BAD_REQUEST, "invalidParameters".into())
    );
}

#[tokio::test]
async fn whoever_is_on_the_telephone_gets_an_address_and_no_code() {
    let world = World::new().await;
    let users = {
        world.user().await;
        let list = Request::get("/api/v1/service/list/users");
        let list = list.header(header::AUTHORIZATION, &world.admin);
        world.send(list.body(Body::empty()).unwrap()).await.json()
    };
    let body = json!({ "personalNumber": users[0]["id"], "callInitiator": "RP" });
    let order = placed(&world, "phone/auth", body).await;
    assert!(order["qrStartSecret"].is_null() && order["autoStartToken"].is_null());
    let url = order["url"].as_str().unwrap();
    let path = url.strip_prefix(crate::world::ORIGIN).unwrap();
    let shown = Browser::new(&world).follow(path).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text);
}

#[tokio::test]
async fn an_order_is_cancelled_by_its_own_relying_party_once() {
    let world = World::new().await;
    let order = placed(&world, "auth", auth()).await;
    let body = json!({ "orderRef": order["orderRef"] });
    let none = (StatusCode::BAD_REQUEST, "invalidParameters".to_owned());
    for path in ["cancel", "collect"] {
        let foreign = world.send(request(&world.admin, path, &body)).await;
        assert_eq!(refused(&foreign), none, "{path}");
    }
    let cancelled = asked(&world, "cancel", body.clone()).await;
    assert_eq!(
        (cancelled.status, cancelled.text.as_str()),
        (StatusCode::OK, "{}")
    );
    assert_eq!(refused(&asked(&world, "cancel", body).await), none);
    assert_eq!(collected(&world, &order).await["hintCode"], "cancelled");
}

#[tokio::test]
async fn errors_are_told_as_bankid_tells_them() {
    let world = World::new().await;
    let wrong = format!("Basic {}", base64::encode_padded(b"other:wrong"));
    for who in ["", "Bearer abc", &wrong] {
        let stranger = world.send(request(who, "auth", &auth())).await;
        assert_eq!(
            refused(&stranger),
            (StatusCode::UNAUTHORIZED, "unauthorized".into())
        );
    }
    let get = Request::get("/rp/v6.0/auth").body(Body::empty()).unwrap();
    let get = world.send(get).await;
    assert_eq!(
        refused(&get),
        (StatusCode::METHOD_NOT_ALLOWED, "methodNotAllowed".into())
    );
    let nowhere = asked(&world, "nothing", auth()).await;
    assert_eq!(
        refused(&nowhere),
        (StatusCode::NOT_FOUND, "notFound".into())
    );
    let mut form = request(&world.other, "auth", &auth());
    let text = header::HeaderValue::from_static("text/plain");
    form.headers_mut().insert(header::CONTENT_TYPE, text);
    let form = world.send(form).await;
    let unsupported = (
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupportedMediaType".into(),
    );
    assert_eq!(refused(&form), unsupported);
    for body in [
        json!({}),
        json!({ "endUserIp": "192.0.2.1", "returnUrl": "https://elsewhere.example/" }),
        json!({ "endUserIp": "192.0.2.1", "returnUrl": "https://rp.example/back" }),
    ] {
        let invalid = asked(&world, "auth", body).await;
        assert_eq!(
            refused(&invalid),
            (StatusCode::BAD_REQUEST, "invalidParameters".into())
        );
    }
    for order_ref in ["", "x", "00000000-0000-0000-0000-000000000000"] {
        let unknown = asked(&world, "collect", json!({ "orderRef": order_ref })).await;
        assert_eq!(
            refused(&unknown),
            (StatusCode::BAD_REQUEST, "invalidParameters".into())
        );
    }
}

#[tokio::test]
async fn a_relying_party_is_known_by_its_certificate_only_if_it_has_registered_it() {
    let world = World::new().await;
    let certificates = [b"own".as_slice(), b"other"].map(PeerCertificate::from_der);
    let row = "other".parse().unwrap();
    let stored = world
        .app
        .store
        .find::<Application>(&row)
        .await
        .unwrap()
        .unwrap();
    let mut known = stored.body.clone();
    known.certificates = vec![certificates[0].fingerprint().into()];
    let mut changes: Vec<Change> = known.claim_certificates();
    changes.push(stored.replace(&known));
    let done = world.app.store.commit(changes, now()).await.unwrap();
    assert!(matches!(done, Commit::Done(_)));
    let [own, other] = certificates.map(|certificate| {
        let peer = Peer::tcp("192.0.2.9:1".parse().unwrap()).over_tls();
        let mut request = request("", "auth", &auth());
        request
            .extensions_mut()
            .insert(peer.with_certificate(certificate));
        request
    });
    let placed = world.send(own).await;
    assert_eq!(placed.status, StatusCode::OK, "{}", placed.text);
    assert_eq!(world.send(other).await.status, StatusCode::UNAUTHORIZED);
}
