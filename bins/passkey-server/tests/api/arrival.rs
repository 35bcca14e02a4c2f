//! Who looks ahead of a person, and what that does to an order: nothing.

use axum::body::Body;
use axum::http::{Request, StatusCode, header, request};
use passkey_idp::Duration;
use serde_json::json;

use crate::browser::{Browser, field};
use crate::handover::{code, number};
use crate::world::{World, navigation};

/// What asks for a page, by its header fields, and shows it to nobody.
const NOBODY: [&[(&str, &str)]; 6] = [
    &[],
    &[("user-agent", "Slackbot-LinkExpanding 1.0")],
    &[("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")],
    &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")],
    &[("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")],
    &[("sec-fetch-mode", "navigate")],
];

fn with(mut request: request::Builder, fields: &[(&str, &str)]) -> request::Builder {
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    request
}

async fn status(world: &World, id: &str) -> String {
    let wanted = json!({ "challengeId": id });
    let collected = world.post(&world.admin, "/collect", wanted).await.json();
    collected["status"].as_str().expect("a status").to_owned()
}

#[tokio::test]
async fn what_says_that_it_looks_ahead_views_nothing() {
    let world = World::new().await;
    let id = world.place(json!({ "text": "mine" })).await;
    let pages = [format!("/o/{id}"), format!("/o/{id}/qr")];
    let code = code(&world, &id, Duration::default()).await;
    let api = format!("/api/v1/challenge/{id}");
    for path in pages.iter().chain([&code, &api]) {
        for (name, value) in [
            ("sec-purpose", "prefetch"),
            ("sec-purpose", "prefetch;prerender"),
            ("purpose", "prefetch"),
            ("x-purpose", "preview"),
            ("x-moz", "prefetch"),
        ] {
            let request = navigation(path).header(name, value);
            let ahead = world.send(request.body(Body::empty()).unwrap()).await;
            let unavailable = StatusCode::SERVICE_UNAVAILABLE;
            assert_eq!(ahead.status, unavailable, "{path} {name}: {value}");
        }
        let head = Request::head(path).body(Body::empty()).unwrap();
        assert_eq!(world.send(head).await.status, StatusCode::OK, "{path}");
    }
    assert_eq!(status(&world, &id).await, "pending");
}

#[tokio::test]
async fn whoever_does_not_show_the_page_to_somebody_is_asked_and_views_nothing() {
    let world = World::new().await;
    let id = world.place(json!({ "text": "mine" })).await;
    for fields in NOBODY {
        for path in [format!("/o/{id}"), format!("/o/{id}/qr")] {
            let request = with(Request::get(&path), fields);
            let asked = world.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(asked.status, StatusCode::OK, "{path} {fields:?}");
            assert!(asked.text.contains("value=\"open\""), "{}", asked.text);
            assert!(!asked.text.contains("mine"), "nothing is shown before");
        }
    }
    assert_eq!(status(&world, &id).await, "pending");
    let shown = world.get(&format!("/o/{id}")).await;
    assert!(shown.text.contains("mine"), "{}", shown.text);
}

#[tokio::test]
async fn a_browser_that_does_not_say_opens_the_order_by_a_button() {
    let world = World::new().await;
    let id = world.place(json!({ "text": "mine" })).await;
    let path = format!("/o/{id}");
    let mut old = Browser::new(&world);
    let asked = old.ask(Request::get(&path)).await;
    let forged = Browser::new(&world).send(&asked, "decision=open").await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let opened = old.send(&asked, "decision=open").await;
    assert_eq!(opened.location, path);
    let shown = old.ask(Request::get(&path)).await;
    assert!(shown.text.contains("mine"), "{}", shown.text);
    assert_eq!(status(&world, &id).await, "viewed");

    let asked = old.ask(Request::get(format!("{path}/qr"))).await;
    assert_eq!(field(&asked, "action=\""), format!("{path}/qr"));
    let opened = old.send(&asked, "decision=open").await;
    assert_eq!(opened.location, format!("{path}/qr"));
    let waiting = old.ask(Request::get(&opened.location)).await;
    assert!(waiting.text.contains("data-image"), "{}", waiting.text);
}

#[tokio::test]
async fn a_scanner_that_reads_a_code_opens_nothing_until_somebody_wants_it() {
    let world = World::new().await;
    let id = world.place(json!({ "text": "mine" })).await;
    let scanned = Request::get(code(&world, &id, Duration::default()).await);
    let mut phone = Browser::new(&world);
    let ticket = phone.ask(scanned).await;
    assert!(ticket.location.contains("ticket="), "{}", ticket.location);
    let asked = phone.ask(Request::get(&ticket.location)).await;
    assert_eq!(status(&world, &id).await, "pending");
    let opened = phone.send(&asked, "decision=open").await;
    let onward = phone.ask(Request::get(&opened.location)).await;
    assert_eq!(onward.location, format!("/o/{id}"));
    let shown = phone.ask(Request::get(&onward.location)).await;
    assert!(shown.text.contains("mine"), "{}", shown.text);
}

#[tokio::test]
async fn a_photograph_of_a_code_opens_nothing_where_the_client_asks_for_that() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let wanted = json!({ "text": "mine", "entrance": "code" });
    let placed = world.post(&world.admin, "/sign", wanted).await.json();
    let id = placed["challengeId"].as_str().unwrap();
    let api = format!("/api/v1/challenge/{id}");
    for path in [format!("/o/{id}"), format!("/o/{id}/qr"), api.clone()] {
        let refused = world.get(&path).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{path}");
        assert!(!refused.text.contains("mine"), "{path}");
    }
    assert_eq!(status(&world, id).await, "pending");

    let fresh = code(&world, id, Duration::default()).await;
    let mut phone = Browser::new(&world);
    let shown = phone.follow(&fresh).await;
    assert!(shown.text.contains("mine"), "{}", shown.text);
    let signed = phone.approve(&shown, &mut passkey).await;
    assert_eq!(phone.follow(&signed.location).await.status, StatusCode::OK);
    assert_eq!(status(&world, id).await, "signed");
}

#[tokio::test]
async fn the_answered_address_of_such_an_order_is_a_page_that_shows_codes() {
    let world = World::new().await;
    let wanted = json!({ "text": "mine", "entrance": "code" });
    let placed = world.post(&world.admin, "/sign", wanted).await.json();
    let id = placed["challengeId"].as_str().unwrap();
    let url = placed["url"].as_str().unwrap();
    let path = url.strip_prefix(crate::world::ORIGIN).unwrap();

    // whoever films a code does not become the page that waits
    let fresh = code(&world, id, Duration::default()).await;
    let filmed = Browser::new(&world).open(&format!("{fresh}/qr")).await;
    assert_eq!(filmed.status, StatusCode::CONFLICT);

    let mut desktop = Browser::new(&world);
    let asked = desktop.ask(Request::get(path)).await;
    assert_eq!(status(&world, id).await, "pending");
    assert_eq!(field(&asked, "action=\""), path);
    let opened = desktop.send(&asked, "decision=open").await;
    assert_eq!(opened.location, format!("/o/{id}/qr"));
    let waiting = desktop.follow(path).await;
    assert!(!waiting.text.contains("mine"), "{}", waiting.text);
    let second = Browser::new(&world).open(path).await;
    assert_eq!(second.status, StatusCode::CONFLICT);

    let mut phone = Browser::new(&world);
    let asked = phone.follow(&fresh).await;
    let form = format!("decision=match&number={:02}", number(&waiting));
    let matched = phone.send(&asked, &form).await;
    let shown = phone.follow(&matched.location).await;
    assert!(shown.text.contains("mine"), "{}", shown.text);
}

#[tokio::test]
async fn a_token_views_signs_and_rejects_what_its_identifier_does_not() {
    let world = World::new().await;
    let wanted = json!({ "text": "mine", "entrance": "code" });
    let id = world.place(wanted).await;
    let form = |method: &str, token: &str| {
        let request = Request::builder().method(method).uri("/api/v1/challenge");
        let kind = "application/x-www-form-urlencoded";
        let request = request.header(header::CONTENT_TYPE, kind);
        request.body(format!("token={token}").into()).unwrap()
    };
    let token = |code: String| code.strip_prefix("/q/").expect("a code").to_owned();
    let ahead = token(code(&world, &id, Duration::from_seconds(60)).await);
    let photograph = world.send(form("DELETE", &ahead)).await;
    assert_eq!(photograph.status, StatusCode::BAD_REQUEST);
    assert_eq!(status(&world, &id).await, "pending");

    let fresh = token(code(&world, &id, Duration::default()).await);
    let viewed = world.send(form("POST", &fresh)).await;
    assert_eq!(viewed.json()["signData"]["text"], "mine", "{}", viewed.text);
    let known = world.get(&format!("/api/v1/challenge/{id}")).await;
    assert_eq!(known.status, StatusCode::CONFLICT, "{}", known.text);
    let rejected = world.send(form("DELETE", &ahead)).await;
    assert_eq!(rejected.status, StatusCode::OK, "{}", rejected.text);
    assert_eq!(status(&world, &id).await, "rejected");
}
