//! What users are asked to let clients know.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use passkey_idp::oauth::ConsentRule;

use super::client::{Client, said, signed_in};
use crate::browser::{Browser, field};
use crate::world::World;

#[tokio::test]
async fn a_user_is_asked_once_for_each_scope() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let (client, mut browser) = (Client::new(&world).await, Browser::new(&world));
    let first = client.asks(&["scope=openid"]);
    let page = browser.follow(&first).await;
    let approved = browser.approve(&page, &mut passkey).await;
    let page = browser.follow(&approved.location).await;
    assert!(page.text.contains("value=\"allow\""), "{}", page.text);
    let back = browser.send(&page, "decision=allow").await;
    assert!(said(&back, "code").is_some(), "{}", back.text);

    let again = browser.follow(&first).await;
    assert!(said(&again, "code").is_some(), "{}", again.text);
    let more = browser.follow(&client.asks(&[])).await;
    assert!(more.text.contains("value=\"allow\""), "{}", more.text);
    assert!(
        !more.text.contains(">openid<"),
        "that was allowed: {}",
        more.text
    );
    let all = signed_in(
        &mut browser,
        &client.asks(&["prompt=consent"]),
        &mut passkey,
    )
    .await;
    assert!(said(&all, "code").is_some(), "{}", all.text);
}

#[tokio::test]
async fn a_client_that_asks_for_nothing_needs_consent_too() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let (client, mut browser) = (Client::new(&world).await, Browser::new(&world));
    let page = browser.follow(&client.asks(&["scope"])).await;
    let approved = browser.approve(&page, &mut passkey).await;
    let page = browser.follow(&approved.location).await;
    assert!(page.text.contains("value=\"allow\""), "{}", page.text);
    let silent = browser
        .follow(&client.asks(&["scope", "prompt=none"]))
        .await;
    let error = said(&silent, "error");
    assert_eq!(error.as_deref(), Some("consent_required"));
    let back = browser.send(&page, "decision=allow").await;
    assert!(said(&back, "code").is_some(), "{}", back.text);
    let again = browser.follow(&client.asks(&["scope"])).await;
    assert!(said(&again, "code").is_some(), "{}", again.text);
}

#[tokio::test]
async fn a_user_who_says_no_is_asked_again_the_next_time() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let (client, mut browser) = (Client::new(&world).await, Browser::new(&world));
    let page = browser.follow(&client.asks(&[])).await;
    let approved = browser.approve(&page, &mut passkey).await;
    let page = browser.follow(&approved.location).await;
    let back = browser.send(&page, "decision=deny").await;
    assert_eq!(said(&back, "error").as_deref(), Some("access_denied"));
    assert_eq!(said(&back, "code"), None);
    let page = browser.follow(&client.asks(&[])).await;
    assert!(page.text.contains("value=\"allow\""), "{}", page.text);
}

#[tokio::test]
async fn consent_is_taken_from_the_page_that_asked_and_from_no_other() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let (client, mut browser) = (Client::new(&world).await, Browser::new(&world));
    let page = browser.follow(&client.asks(&[])).await;
    let approved = browser.approve(&page, &mut passkey).await;
    let page = browser.follow(&approved.location).await;
    let action = field(&page, "action=\"");
    let token = field(&page, "name=\"csrf\" value=\"");
    let send = |cookies: String, form: String| {
        let request = Request::post(action)
            .header(header::COOKIE, cookies)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        world.send(request.body(Body::from(form)).unwrap())
    };
    for form in [
        "decision=allow".to_owned(),
        format!("decision=allow&csrf={}", "A".repeat(43)),
        format!("csrf={token}"),
        format!("csrf={token}&csrf={token}&decision=allow"),
    ] {
        let forged = send(browser.cookies(), form.clone()).await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN, "{form}");
    }
    let right = format!("csrf={token}&decision=allow");
    let foreign = send(String::new(), right.clone()).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    let mine = send(browser.cookies(), right.clone()).await;
    assert!(said(&mine, "code").is_some(), "{}", mine.text);
    let twice = send(browser.cookies(), right).await;
    assert_eq!(
        twice.status,
        StatusCode::CONFLICT,
        "a double click gives no second code"
    );
}

#[tokio::test]
async fn a_client_of_the_house_asks_nobody() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let client = Client::with(&world, "rp", |application| {
        application.client.consent = ConsentRule::Implied;
    });
    let (client, mut browser) = (client.await, Browser::new(&world));
    let page = browser.follow(&client.asks(&[])).await;
    let approved = browser.approve(&page, &mut passkey).await;
    let back = browser.follow(&approved.location).await;
    assert!(said(&back, "code").is_some(), "{}", back.text);
}

#[tokio::test]
async fn a_name_with_markup_is_shown_as_text_on_every_page() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let client = Client::with(&world, "rp", |application| {
        application.title = "<script>alert(1)</script>".to_owned();
    });
    let (client, mut browser) = (client.await, Browser::new(&world));
    let page = browser.follow(&client.asks(&[])).await;
    assert!(
        page.text.contains("alert(1)") && !page.text.contains("<script>"),
        "{}",
        page.text
    );
    let approved = browser.approve(&page, &mut passkey).await;
    let page = browser.follow(&approved.location).await;
    assert!(page.text.contains("value=\"allow\""), "{}", page.text);
    assert!(
        page.text.contains("alert(1)") && !page.text.contains("<script>"),
        "{}",
        page.text
    );
}
