//! From one device to another: a code, a number, and who has the answer.

use axum::http::StatusCode;
use passkey_idp::Duration;
use passkey_idp::id::OrderId;
use passkey_idp::order::Order;
use passkey_idp::qr::uyulala;
use passkey_idp::store::StoreExt as _;
use passkey_idp::webauthn::RelyingParty;
use passkey_server::state::now;
use serde_json::{Value, json};

use crate::browser::{Browser, field};
use crate::world::{Answer, ORIGIN, REDIRECT, World};

/// A desktop that waits for a phone.
async fn waiting(world: &World) -> (String, Browser<'_>, Answer) {
    let id = world
        .place(json!({ "text": "mine", "redirect": REDIRECT }))
        .await;
    let mut desktop = Browser::new(world);
    let asked = desktop.open(&format!("/o/{id}")).await;
    assert!(
        asked.text.contains(&format!("/o/{id}/qr")),
        "{}",
        asked.text
    );
    let waiting = desktop.open(&format!("/o/{id}/qr")).await;
    assert_eq!(waiting.status, StatusCode::OK, "{}", waiting.text);
    (id, desktop, waiting)
}

pub(crate) fn number(page: &Answer) -> u8 {
    let (_, rest) = page
        .text
        .split_once("<strong class=\"number\">")
        .expect("as set up");
    rest.split('<')
        .next()
        .expect("as set up")
        .parse()
        .expect("as set up")
}

/// What the code shows that is `age` seconds old when the order is.
pub(crate) async fn code(world: &World, id: &str, age: Duration) -> String {
    let id: OrderId = id.parse().expect("as set up");
    let order = world.app.store.find::<Order>(&Order::row_id(&id)).await;
    let order = order.expect("as set up").expect("as set up");
    let secret = order
        .body
        .open_secret(&world.app.sealer)
        .expect("as set up");
    let made = Duration::from_millis(order.age(now()).as_millis() + age.as_millis());
    format!("/q/{}", uyulala::frame(&id, &secret, made))
}

#[tokio::test]
async fn a_phone_scans_types_the_number_and_signs_and_the_desktop_goes_on() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let (id, mut desktop, page) = waiting(&world).await;
    let state = format!("/o/{id}/state");
    assert_eq!(desktop.open(&state).await.json()["code"], true);

    let mut phone = Browser::new(&world);
    let asked = phone
        .follow(&code(&world, &id, Duration::default()).await)
        .await;
    assert!(asked.text.contains("name=\"number\""), "{}", asked.text);
    assert!(!asked.text.contains("mine"), "nothing is shown before");
    let form = format!("decision=match&number={:02}", number(&page));
    let matched = phone.send(&asked, &form).await;
    let shown = phone.follow(&matched.location).await;
    assert!(shown.text.contains("mine"), "{}", shown.text);
    assert!(!shown.text.contains(&format!("/o/{id}/qr")));
    let options = field(&shown, "data-options=\"").replace("&#34;", "\"");
    let options: Value = serde_json::from_str(&options).unwrap();
    assert_eq!(options["hints"], json!(["client-device"]));
    let stands = desktop.open(&state).await.json();
    assert_eq!(
        (&stands["code"], &stands["next"]),
        (&json!(false), &json!(null))
    );

    let signed = phone.approve(&shown, &mut passkey).await;
    let done = phone.follow(&signed.location).await;
    assert_eq!(done.status, StatusCode::OK);
    assert!(
        !done.text.contains("rp.example"),
        "the answer is the desktop's"
    );
    let next = desktop.open(&state).await.json();
    let onward = desktop.open(next["next"].as_str().unwrap()).await;
    assert_eq!(onward.location, format!("{REDIRECT}&challengeId={id}"));
}

#[tokio::test]
async fn a_wrong_number_is_refused_and_counted_and_the_third_ends_it() {
    let world = World::new().await;
    let (id, mut desktop, page) = waiting(&world).await;
    let mut phone = Browser::new(&world);
    let mut asked = phone
        .follow(&code(&world, &id, Duration::default()).await)
        .await;
    let wrong = format!("decision=match&number={:02}", (number(&page) + 1) % 100);
    for _ in 0..2 {
        let refused = phone.send(&asked, &wrong).await;
        asked = phone.follow(&refused.location).await;
        assert!(asked.text.contains("aria-invalid"), "{}", asked.text);
    }
    let over = phone.send(&asked, &wrong).await;
    let over = phone.follow(&over.location).await;
    assert!(over.text.contains("wrong number"), "{}", over.text);
    let onward = desktop.open(&format!("/o/{id}")).await;
    let refused = format!("{REDIRECT}&challengeId={id}&error=access_denied");
    assert_eq!(onward.location, refused);
}

#[tokio::test]
async fn the_first_screen_is_told_of_the_wrong_numbers_too() {
    let world = World::new().await;
    let id = world.place(json!({ "text": "mine" })).await;
    let mut desktop = Browser::new(&world);
    let page = desktop.open(&format!("/o/{id}/qr")).await;
    let mut phone = Browser::new(&world);
    let code = code(&world, &id, Duration::default()).await;
    let asked = phone.follow(&code).await;
    let wrong = format!("decision=match&number={:02}", (number(&page) + 1) % 100);
    for _ in 0..3 {
        phone.send(&asked, &wrong).await;
    }
    let over = desktop.open(&format!("/o/{id}")).await;
    assert!(over.text.contains("wrong number"), "{}", over.text);
    assert!(!over.text.contains("You said no"), "{}", over.text);
}

#[tokio::test]
async fn an_order_that_is_open_elsewhere_was_not_answered() {
    let world = World::new().await;
    let id = world.place(json!({ "text": "mine" })).await;
    let path = format!("/o/{id}");
    let (mut first, mut second) = (Browser::new(&world), Browser::new(&world));
    first.open(&path).await;
    for waits in [false, true] {
        if waits {
            first.open(&format!("{path}/qr")).await;
        }
        let told = second.open(&path).await;
        assert_eq!(told.status, StatusCode::CONFLICT);
        assert!(told.text.contains("open elsewhere"), "{}", told.text);
    }
    let shown = first.open(&path).await;
    first.send(&shown, "decision=reject").await;
    let told = second.open(&path).await;
    assert!(told.text.contains("answered before"), "{}", told.text);
}

#[tokio::test]
async fn old_future_foreign_and_unknown_codes_look_alike() {
    let world = World::new().await;
    let (id, _desktop, _) = waiting(&world).await;
    let (other, _other_desktop, _) = waiting(&world).await;
    let future = code(&world, &id, Duration::from_seconds(30)).await;
    let foreign = code(&world, &other, Duration::default()).await;
    let (head, _) = foreign.rsplit_once('.').unwrap();
    let fresh = code(&world, &id, Duration::default()).await;
    let (_, mac) = fresh.rsplit_once('.').unwrap();
    let unknown = uyulala::frame(&[9; 16].into(), &[9; 32].into(), Duration::default());
    let mut told = Vec::new();
    for path in [
        future,
        format!("{head}.{mac}"),
        format!("/q/{unknown}"),
        "/q/x".to_owned(),
    ] {
        let answer = Browser::new(&world).open(&path).await;
        assert_eq!(answer.status, StatusCode::GONE, "{path}");
        told.push(answer.text);
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");
}

#[tokio::test]
async fn only_the_page_that_waits_has_codes_and_no_page_has_the_secret() {
    let world = World::new().await;
    let placed = world
        .post(&world.admin, "/sign", json!({ "text": "mine" }))
        .await
        .json();
    let (id, secret) = (
        placed["challengeId"].as_str().unwrap(),
        placed["secret"].as_str().unwrap(),
    );
    let mut desktop = Browser::new(&world);
    let paths = ["", "/qr", "/qr.svg", "/state"].map(|end| format!("/o/{id}{end}"));
    for path in &paths {
        let answer = desktop.open(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(!answer.text.contains(secret), "{path}");
        assert!(!answer.cookie.contains(secret), "{path}");
    }
    let mut stranger = Browser::new(&world);
    for (path, status) in paths.iter().zip([409, 409, 404, 404]) {
        assert_eq!(stranger.open(path).await.status.as_u16(), status, "{path}");
    }
}

#[tokio::test]
async fn the_desktop_takes_the_order_back_or_cancels_it() {
    let world = World::new().await;
    let (id, mut desktop, _) = waiting(&world).await;
    let back = desktop.open(&format!("/o/{id}")).await;
    assert!(back.text.contains("mine"), "{}", back.text);
    let mut phone = Browser::new(&world);
    let late = phone
        .follow(&code(&world, &id, Duration::default()).await)
        .await;
    assert_eq!(late.status, StatusCode::CONFLICT);

    let (id, desktop, page) = waiting(&world).await;
    let cancelled = desktop.send(&page, "decision=cancel").await;
    assert_eq!(cancelled.location, format!("/o/{id}"));
    let late = phone
        .follow(&code(&world, &id, Duration::default()).await)
        .await;
    assert_eq!(late.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_guest_declines_before_anything_is_shown() {
    let world = World::new().await;
    let (id, mut desktop, _) = waiting(&world).await;
    let mut phone = Browser::new(&world);
    let asked = phone
        .follow(&code(&world, &id, Duration::default()).await)
        .await;
    let declined = phone.send(&asked, "decision=reject").await;
    let declined = phone.follow(&declined.location).await;
    assert_eq!(declined.status, StatusCode::OK);
    let next = desktop.open(&format!("/o/{id}/state")).await.json();
    assert_eq!(next["next"], format!("/o/{id}"));
}

#[tokio::test]
async fn a_ticket_without_its_browser_is_worth_nothing() {
    let world = World::new().await;
    let (id, _desktop, _) = waiting(&world).await;
    let mut phone = Browser::new(&world);
    let ticket = phone
        .open(&code(&world, &id, Duration::default()).await)
        .await
        .location;
    assert_eq!(phone.open(&ticket).await.status, StatusCode::OK);
    let thief = Browser::new(&world).open(&ticket).await;
    assert_eq!(thief.status, StatusCode::GONE);
}

#[tokio::test]
async fn related_origins_are_published_where_any_are_configured() {
    let path = "/.well-known/webauthn";
    let alone = World::new().await.get(path).await;
    assert_eq!(alone.status, StatusCode::NOT_FOUND);
    let origins = [ORIGIN, "https://shop.example"].map(|origin| origin.parse().unwrap());
    let party = RelyingParty::new("localhost", "Test", origins.to_vec()).unwrap();
    let related = World::with(|app| app.party = party).await.get(path).await;
    assert_eq!(related.headers["content-type"], "application/json");
    assert_eq!(
        related.json(),
        json!({ "origins": ["https://shop.example"] })
    );
}
