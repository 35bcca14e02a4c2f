//! The Uyulala dialect.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use passkey_idp::application::{Application, ApplicationId, ApplicationState};
use passkey_idp::evidence::{Evidence, Trust, verify};
use passkey_idp::order::Order;
use passkey_idp::store::{Change, Kind, List, Live, New, Set, StoreExt as _, Where};
use passkey_idp::webauthn::Quirks;
use passkey_server::state::now;
use serde_json::json;
use strict_jws::base64;

use crate::meddler::{Trap, meddled};
use crate::world::{Answer, REDIRECT, World};

#[tokio::test]
async fn a_signed_text_is_collected_once_with_evidence_that_verifies() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let text = "I lend you my bicycle";
    let id = world
        .place(json!({ "text": text, "data": "AQID", "redirect": REDIRECT }))
        .await;
    let early = world
        .post(&world.admin, "/collect", json!({ "challengeId": id }))
        .await;
    assert_eq!(
        (early.status, &early.json()["status"]),
        (StatusCode::BAD_REQUEST, &json!("pending"))
    );

    let (viewed, ask) = world.ask(&id).await;
    assert_eq!(viewed["signData"]["text"], text);
    assert_eq!(viewed["signData"]["data"], "AQID");
    let answer = json!(passkey.sign(&ask, &Quirks::default()));
    let signed = world
        .post("", &format!("/challenge/{id}"), answer)
        .await
        .json();
    assert_eq!(signed["redirect"], format!("{REDIRECT}&challengeId={id}"));

    let foreign = world
        .post(&world.other, "/collect", json!({ "challengeId": id }))
        .await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    let collected = world
        .post(&world.admin, "/collect", json!({ "challengeId": id }))
        .await;
    assert_eq!(collected.status, StatusCode::OK, "{}", collected.text);
    let collected = collected.json();
    let evidence = collected["evidence"].as_str().unwrap();
    let verified = verify(evidence, &Trust::Embedded).unwrap();
    assert_eq!(verified.statement.text, text);
    assert_eq!(collected["userId"], json!(verified.statement.user));
    let again = world
        .post(&world.admin, "/collect", json!({ "challengeId": id }))
        .await;
    assert_eq!(
        (again.status, &again.json()["status"]),
        (StatusCode::BAD_REQUEST, &json!("collected"))
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_not_collected_yet() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let id = world.place(json!({ "text": "I agree" })).await;
    let (_, ask) = world.ask(&id).await;
    let answer = json!(passkey.sign(&ask, &Quirks::default()));
    world.post("", &format!("/challenge/{id}"), answer).await;
    let (store, order) = (&world.app.store, json!({ "challengeId": id }));
    let kept = store.page::<Evidence>(List::of::<Evidence>());
    let kept = kept.await.unwrap().items.pop().unwrap();

    let gone = Change::delete(Where::<Evidence>::id(kept.id.clone()));
    store.commit(vec![gone], now()).await.unwrap();
    let collected = world.post(&world.admin, "/collect", order.clone()).await;
    assert_eq!(collected.status, StatusCode::NOT_FOUND);

    let back = Change::insert(New::record(kept.id, Live, &kept.body));
    store.commit(vec![back], now()).await.unwrap();
    let collected = world.post(&world.admin, "/collect", order).await;
    assert_eq!(collected.status, StatusCode::OK, "{}", collected.text);
    assert_eq!(collected.json()["evidence"], kept.body.package);
}

#[tokio::test]
async fn a_redirect_is_compared_with_its_query() {
    let world = World::new().await;
    let wanted = json!({ "redirect": "https://rp.example/back?from=elsewhere" });
    let refused = world.post(&world.admin, "/sign", wanted).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_eq!(refused.json()["error"], "invalid_request");
}

#[tokio::test]
async fn a_wrong_secret_and_an_unknown_client_look_alike() {
    let world = World::new().await;
    let wrong = |name: &str| {
        let pair = format!("{name}:{}", base64::encode(&[0; 32]));
        format!("Basic {}", base64::encode_padded(pair.as_bytes()))
    };
    let known = world.post(&wrong("admin"), "/sign", json!({})).await;
    let unknown = world.post(&wrong("nobody"), "/sign", json!({})).await;
    assert_eq!(known.status, StatusCode::UNAUTHORIZED);
    assert_eq!((known.status, known.text), (unknown.status, unknown.text));
}

#[tokio::test]
async fn only_admins_see_users_and_pages_of_them_are_bounded() {
    let world = World::new().await;
    world.user().await;
    let list = |who: &str| {
        let request = Request::get("/api/v1/service/list/users?limit=1");
        request
            .header(header::AUTHORIZATION, who)
            .body(Body::empty())
            .unwrap()
    };
    assert_eq!(
        world.send(list(&world.other)).await.status,
        StatusCode::FORBIDDEN
    );
    let users = world.send(list(&world.admin)).await.json();
    assert_eq!(users.as_array().unwrap().len(), 1);
    assert_eq!(
        users[0]["keys"][0]["key"]["Authenticator"]["CloneWarning"],
        false
    );
}

#[tokio::test]
async fn deleting_nothing_is_not_found_and_the_last_key_stays() {
    let world = World::new().await;
    let passkey = world.user().await;
    let nobody = json!({ "userId": base64::encode(&[1; 16]) });
    let deleted = world
        .post(&world.admin, "/service/delete/user", nobody)
        .await;
    assert_eq!(deleted.status, StatusCode::NOT_FOUND);
    let request = Request::get("/api/v1/service/list/users");
    let request = request.header(header::AUTHORIZATION, &world.admin);
    let users = world
        .send(request.body(Body::empty()).unwrap())
        .await
        .json();
    let last = json!({ "userId": users[0]["id"], "keyHash": users[0]["keys"][0]["hash"] });
    let kept = world.post(&world.admin, "/service/delete/key", last).await;
    assert_eq!(kept.status, StatusCode::CONFLICT);
    assert_eq!(
        users[0]["keys"][0]["key"]["ID"],
        json!(passkey.credential_id())
    );
}

#[tokio::test]
async fn an_abandoned_invitation_leaves_no_user() {
    let world = World::new().await;
    let invited = json!({ "suggestedName": "Nobody" });
    world
        .post(&world.admin, "/service/create/user", invited)
        .await;
    let request = Request::get("/api/v1/service/list/users");
    let request = request.header(header::AUTHORIZATION, &world.admin);
    let users = world
        .send(request.body(Body::empty()).unwrap())
        .await
        .json();
    assert_eq!(users, json!([]));
}

/// A request of the admin's with fields that a browser adds.
async fn invited(world: &World, fields: &[(&str, &str)]) -> Answer {
    let request = Request::post("/api/v1/service/create/user").header(header::HOST, "id.example");
    let mut request = request.header(header::AUTHORIZATION, &world.admin);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let body = json!({ "suggestedName": "Kim" }).to_string();
    world
        .send(request.body(body.into()).expect("a request"))
        .await
}

#[tokio::test]
async fn what_a_page_may_send_unasked_invites_nobody_places_no_order_and_collects_none() {
    let world = World::new().await;
    let id = world.place(json!({ "text": "I agree" })).await;
    for kind in [
        "text/plain",
        "text/plain;charset=UTF-8",
        "multipart/form-data; boundary=x",
    ] {
        let refused = invited(&world, &[("content-type", kind)]).await;
        let told = (refused.status, refused.json()["error"].clone());
        assert_eq!(
            told,
            (StatusCode::BAD_REQUEST, json!("invalid_request")),
            "{kind}"
        );
        for (path, body) in [
            ("sign", json!({})),
            ("collect", json!({ "challengeId": id })),
        ] {
            let request = Request::post(format!("/api/v1/{path}"));
            let request = request.header(header::AUTHORIZATION, &world.admin);
            let request = request.header(header::CONTENT_TYPE, kind);
            let refused = world.send(request.body(body.to_string().into()).unwrap());
            assert_eq!(
                refused.await.json()["error"],
                "invalid_request",
                "{kind} {path}"
            );
        }
    }
    let form = invited(
        &world,
        &[("content-type", "application/x-www-form-urlencoded")],
    )
    .await;
    assert_eq!(form.status, StatusCode::BAD_REQUEST);
    for kind in [&[][..], &[("content-type", "application/json")]] {
        let placed = invited(&world, kind).await;
        assert_eq!(placed.status, StatusCode::OK, "{}", placed.text);
    }
}

#[tokio::test]
async fn what_a_foreign_page_sends_is_no_admin_s_whatever_secret_it_shows() {
    let world = World::new().await;
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        for kind in ["application/json", "text/plain"] {
            let refused = invited(&world, &[("content-type", kind), (name, value)]).await;
            let told = (refused.status, refused.json()["error"].clone());
            assert_eq!(
                told,
                (StatusCode::FORBIDDEN, json!("access_denied")),
                "{name}: {value}"
            );
        }
    }
    let own = [
        ("origin", "https://id.example"),
        ("sec-fetch-site", "same-origin"),
    ];
    assert_eq!(invited(&world, &own).await.status, StatusCode::OK);
}

#[tokio::test]
async fn whoever_is_locked_out_while_they_ask_leaves_no_order_behind() {
    let world = World::new().await;
    let row = "admin".parse::<ApplicationId>().unwrap().row_id();
    let blocked = Set::state(ApplicationState::Blocked);
    let trap = Trap {
        before: |change| matches!(change, Change::Insert(new, _) if new.kind == Kind::Order),
        happens: vec![Change::update(Where::<Application>::id(row), blocked)],
    };
    let instance = meddled(&world, trap).await;
    let refused = instance
        .post(&world.admin, "/sign", json!({ "text": "pay" }))
        .await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{}", refused.text);
    let left = world.app.store.page::<Order>(List::of::<Order>()).await;
    assert_eq!(left.unwrap().items, []);
}

#[tokio::test]
async fn the_page_is_for_one_browser_and_takes_no_foreign_form() {
    let world = World::new().await;
    let id = world
        .place(json!({ "text": "mine", "redirect": REDIRECT }))
        .await;
    let path = format!("/o/{id}");
    let shown = world.get(&path).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text);
    assert!(
        shown
            .policy
            .contains("form-action 'self' https://rp.example;"),
        "{}",
        shown.policy
    );
    assert!(
        shown.cookie.contains("; HttpOnly; SameSite=Lax"),
        "{}",
        shown.cookie
    );
    let second = world.get(&path).await;
    assert_eq!(second.status, StatusCode::CONFLICT);

    let cookie = shown.cookie.split(';').next().unwrap();
    let post = |csrf: &str| {
        let request = Request::post(&path)
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        request
            .body(format!("csrf={csrf}&decision=reject").into())
            .unwrap()
    };
    let forged = world.send(post(&base64::encode(&[0; 32]))).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let (_, rest) = shown.text.split_once("name=\"csrf\" value=\"").unwrap();
    let csrf = rest.split('"').next().unwrap();
    for _double_click in 0..2 {
        let rejected = world.send(post(csrf)).await;
        assert_eq!(
            (rejected.status, &rejected.location),
            (StatusCode::SEE_OTHER, &path)
        );
    }
    let after = Request::get(&path).header(header::COOKIE, cookie);
    let after = world.send(after.body(Body::empty()).unwrap()).await;
    assert_eq!(
        after.location,
        format!("{REDIRECT}&challengeId={id}&error=access_denied")
    );
}

#[tokio::test]
async fn a_collect_that_waits_is_answered_when_the_order_is_signed() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let id = world.place(json!({ "text": "soon" })).await;
    let waiting = Request::post("/api/v1/collect")
        .header(header::AUTHORIZATION, &world.admin)
        .header(header::CONTENT_TYPE, "application/json")
        .header("prefer", "wait=20");
    let waiting = waiting.body(json!({ "challengeId": id }).to_string().into());
    let signing = async {
        let (_, ask) = world.ask(&id).await;
        let answer = json!(passkey.sign(&ask, &Quirks::default()));
        world.post("", &format!("/challenge/{id}"), answer).await
    };
    let (collected, signed) = tokio::join!(world.send(waiting.unwrap()), signing);
    assert_eq!(signed.status, StatusCode::OK, "{}", signed.text);
    assert_eq!(collected.json()["status"], "signed", "{}", collected.text);
}

#[tokio::test]
async fn json_that_is_called_a_form_is_told_so() {
    let world = World::new().await;
    for path in ["/api/v1/sign", "/api/v1/collect", "/token"] {
        let request = Request::post(path)
            .header(header::AUTHORIZATION, &world.admin)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let body = json!({ "text": "I lend you my bicycle" }).to_string();
        let answer = world
            .send(request.body(body.into()).expect("a request"))
            .await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        let said = answer.json()["error_description"].to_string();
        assert!(
            said.contains("say Content-Type: application/json"),
            "{said}"
        );
    }
}
