//! `/authorize`: what browsers bring, and where they are sent.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use passkey_idp::oauth::{ConsentRule, Flow};
use passkey_idp::order::Order;
use passkey_idp::store::{Kind, Row};
use serde_json::Value;
use strict_jws::Policy;
use strict_jws::json::{Bounds, Document};

use super::client::{Client, post, said, signed_in, with_token};
use crate::browser::Browser;
use crate::world::{Answer, ORIGIN, World};

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

/// Where a browser without cookies is sent, or the page that it is shown.
async fn asked(client: &Client<'_>, changes: &[&str]) -> Answer {
    client.world().get(&client.asks(changes)).await
}

/// The error that a client is told, with `state` and `iss` and without a code.
fn error_of(answer: &Answer) -> Option<String> {
    if answer.status != StatusCode::SEE_OTHER {
        return None;
    }
    assert_eq!(said(answer, "code"), None);
    assert_eq!(said(answer, "state").as_deref(), Some("xyz"));
    assert_eq!(said(answer, "iss").as_deref(), Some(ORIGIN));
    said(answer, "error")
}

#[tokio::test]
async fn a_redirect_that_is_not_registered_exactly_is_shown_and_never_followed() {
    let world = World::new().await;
    let client = Client::new(&world).await;
    for redirect in [
        "https://rp.example/cb/",
        "https://rp.example/cb?tenant=2",
        "https://rp.example/cb?",
        "https://rp.example/cb%3Ftenant=1%26more=2",
        "https://rp.example/CB",
        "https://RP.example/cb",
        "https://rp.example:443/cb",
        "http://rp.example/cb",
        "https://rp.example/cb%23fragment",
        "https://rp.example.evil.example/cb",
        "https://evil.example/cb",
        "https://rp.example@evil.example/cb",
        "https://rp.example/cb/../evil",
        "//rp.example/cb",
        "javascript:alert(1)",
    ] {
        let redirect = format!("redirect_uri={redirect}");
        let shown = asked(&client, &[&redirect]).await;
        assert_eq!(shown.status, StatusCode::BAD_REQUEST, "{redirect}");
        assert_eq!(shown.location, "", "{redirect}");
        assert!(shown.text.contains("redirect_uri is not registered"));
    }
    let ambiguous = asked(&client, &["redirect_uri"]).await;
    assert_eq!(ambiguous.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_unknown_client_gets_a_page_that_says_so() {
    let world = World::new().await;
    let client = Client::new(&world).await;
    for changes in [["client_id=nobody"], ["client_id"], ["client_id=%00"]] {
        let shown = asked(&client, &changes).await;
        assert_eq!(
            (shown.status, &*shown.location),
            (StatusCode::BAD_REQUEST, "")
        );
        assert!(
            shown.text.contains("client_id is unknown"),
            "{}",
            shown.text
        );
    }
}

#[tokio::test]
async fn no_code_is_promised_without_a_challenge_of_s256() {
    let world = World::new().await;
    let client = Client::new(&world).await;
    for changes in [
        &["code_challenge"][..],
        &["code_challenge_method=plain"],
        &["code_challenge_method"],
        &["code_challenge=short"],
        &["code_challenge", "code_challenge_method"],
    ] {
        let refused = asked(&client, changes).await;
        assert_eq!(
            error_of(&refused).as_deref(),
            Some("invalid_request"),
            "{changes:?}"
        );
    }
}

#[tokio::test]
async fn a_parameter_that_stands_there_twice_is_refused() {
    let world = World::new().await;
    let client = Client::new(&world).await;
    for twice in [
        "state=a",
        "scope=openid",
        "redirect_uri=https://rp.example/cb",
        "client_id=rp",
    ] {
        let path = format!("{}&{twice}", client.asks(&[]));
        let refused = world.get(&path).await;
        assert_eq!(
            (refused.status, &*refused.location),
            (StatusCode::BAD_REQUEST, ""),
            "{twice}"
        );
    }
}

#[tokio::test]
async fn only_codes_are_given_and_no_request_objects_are_read() {
    let world = World::new().await;
    let client = Client::new(&world).await;
    for (change, error) in [
        ("response_type=token", "unsupported_response_type"),
        ("response_type=code+id_token", "unsupported_response_type"),
        ("response_type=none", "unsupported_response_type"),
        ("response_type", "invalid_request"),
        ("request=e30.e30.", "request_not_supported"),
        ("response_mode=fragment", "invalid_request"),
        ("response_mode=web_message", "invalid_request"),
        ("prompt=none+login", "invalid_request"),
        ("max_age=soon", "invalid_request"),
        ("claims=[]", "invalid_request"),
        ("scope=openid+admin", "invalid_scope"),
    ] {
        let refused = asked(&client, &[change]).await;
        assert_eq!(error_of(&refused).as_deref(), Some(error), "{change}");
    }
}

#[tokio::test]
async fn a_client_that_may_not_ask_for_codes_is_told_so() {
    let world = World::new().await;
    let client = Client::with(&world, "rp", |application| {
        application.client.flows = vec![Flow::DeviceCode];
    });
    let refused = asked(&client.await, &[]).await;
    assert_eq!(error_of(&refused).as_deref(), Some("unauthorized_client"));
}

#[tokio::test]
async fn an_answer_has_a_state_only_if_the_request_had_one() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let (client, mut browser) = (Client::new(&world).await, Browser::new(&world));
    let back = signed_in(&mut browser, &client.asks(&["state"]), &mut passkey).await;
    assert!(said(&back, "code").is_some(), "{}", back.text);
    assert_eq!(said(&back, "state"), None);
    assert_eq!(said(&back, "iss").as_deref(), Some(ORIGIN));
}

#[tokio::test]
async fn an_answer_can_be_posted_to_the_client_and_nowhere_else() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let (client, mut browser) = (Client::new(&world).await, Browser::new(&world));
    let path = client.asks(&["response_mode=form_post", "state=%22%3E%3Cscript%3E"]);
    let page = signed_in(&mut browser, &path, &mut passkey).await;
    assert_eq!(
        (page.status, &*page.location),
        (StatusCode::OK, ""),
        "{}",
        page.text
    );
    assert!(
        page.text.contains("action=\"https://rp.example/cb\""),
        "{}",
        page.text
    );
    assert!(page.text.contains("name=\"code\"") && page.text.contains("name=\"iss\""));
    assert!(!page.text.contains("<script>"), "{}", page.text);
    assert!(
        page.policy
            .contains("form-action 'self' https://rp.example;"),
        "{}",
        page.policy
    );
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
}

#[tokio::test]
async fn a_posted_request_goes_on_as_a_query() {
    let world = World::new().await;
    let client = Client::new(&world).await;
    let posted = post(&world, "/authorize", &client.request(&[]), &[]).await;
    assert_eq!(posted.status, StatusCode::SEE_OTHER);
    assert_eq!(posted.location, client.asks(&[]));
    assert_eq!(
        posted.cookie, "",
        "the browser keeps the cookies that it did not show"
    );
}

#[tokio::test]
async fn a_posted_form_with_an_end_of_line_in_it_gets_a_page_that_says_so() {
    let world = World::new().await;
    for path in ["/authorize", "/logout"] {
        for form in [
            "state=a\r\nset-cookie: a=b",
            "state=a\nb",
            "state=a\0b",
            "state=ä",
        ] {
            let refused = post(&world, path, form, &[]).await;
            assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{path} {form:?}");
            assert!(refused.text.contains("<h1>"), "{path} {form:?}");
            assert!(
                refused.policy.contains("default-src 'none'"),
                "{path} {form:?}"
            );
            assert_eq!(refused.cookie, "", "{path} {form:?}");
        }
    }
}

async fn order(world: &World, path: &str) -> Row {
    let id = path.split(['/', '?']).nth(2).expect("an order's page");
    let row = Order::row_id(&id.parse().expect("an identifier"));
    let found = world.app.store.get(Kind::Order, &row).await;
    found.expect("the store answers").expect("it is there")
}

#[tokio::test]
async fn what_a_stranger_has_placed_and_nobody_has_signed_is_soon_forgotten() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let client = Client::new(&world).await;
    let mut browser = Browser::new(&world);
    let begun = browser.open(&client.asks(&[])).await;
    let path = begun.location.clone();
    let placed = order(&world, &path).await;
    let kept = placed.purge_at.since(placed.expires_at).as_seconds();
    assert_eq!(kept, 15 * 60);
    let page = browser.follow(&path).await;
    let viewed = order(&world, &path).await;
    assert_eq!(viewed.purge_at, placed.purge_at);
    browser.approve(&page, &mut passkey).await;
    let signed = order(&world, &path).await;
    let kept = signed.purge_at.since(signed.expires_at).as_seconds();
    assert_eq!(kept, 24 * 60 * 60);
}

#[tokio::test]
async fn a_user_who_says_no_to_signing_in_sends_an_error_and_no_code() {
    let world = World::new().await;
    world.user().await;
    let (client, mut browser) = (Client::new(&world).await, Browser::new(&world));
    let page = browser.follow(&client.asks(&[])).await;
    assert!(
        page.policy
            .contains("form-action 'self' https://rp.example;"),
        "{}",
        page.policy
    );
    let rejected = browser.send(&page, "decision=reject").await;
    let back = browser.follow(&rejected.location).await;
    assert_eq!(error_of(&back).as_deref(), Some("access_denied"));
    let again = browser.follow(&rejected.location).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "it is told once");
}

#[tokio::test]
async fn another_browser_gets_neither_the_answer_nor_the_session() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let client = Client::new(&world).await;
    let (mut thief, mut victim) = (Browser::new(&world), Browser::new(&world));
    // the thief begins, and sends the victim the page on which to sign in
    let begun = thief.open(&client.asks(&[])).await;
    let page = victim.follow(&begun.location).await;
    let approved = victim.approve(&page, &mut passkey).await;
    let over = victim.follow(&approved.location).await;
    assert_eq!(over.status, StatusCode::FORBIDDEN, "{}", over.text);
    let request = victim.open(&approved.location).await.location;
    let stolen = thief.follow(&request).await;
    assert_eq!(
        error_of(&stolen).as_deref(),
        Some("access_denied"),
        "{}",
        stolen.text
    );
    assert!(!thief.cookies().contains("session="));
}

#[tokio::test]
async fn a_session_begins_with_a_secret_of_its_own() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let client = Client::with(&world, "rp", |application| {
        application.client.consent = ConsentRule::Implied;
    });
    let (client, mut browser) = (client.await, Browser::new(&world));
    browser.keep("session", &"A".repeat(43));
    let page = browser.follow(&client.asks(&[])).await;
    let approved = browser.approve(&page, &mut passkey).await;
    let shown = browser.open(&approved.location).await;
    let back = browser.open(&shown.location).await;
    let cookie = back
        .cookies
        .iter()
        .find(|cookie| cookie.starts_with("session="));
    let cookie = cookie.expect("a session begins");
    assert!(
        cookie.ends_with("; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax"),
        "{cookie}"
    );
    assert!(
        !cookie.contains(&"A".repeat(43)),
        "a secret that was planted is not used"
    );
    let again = browser.open(&client.asks(&[])).await;
    assert!(
        said(&again, "code").is_some(),
        "signed in already: {}",
        again.text
    );
    browser.forget("session");
    let elsewhere = browser.open(&client.asks(&[])).await;
    assert!(
        elsewhere.location.starts_with("/o/"),
        "{}",
        elsewhere.location
    );
}

#[tokio::test]
async fn no_page_can_be_framed_or_kept() {
    let world = World::new().await;
    let client = Client::new(&world).await;
    let page = Browser::new(&world).follow(&client.asks(&[])).await;
    assert_eq!(page.headers["x-frame-options"], "DENY");
    assert!(
        page.policy.contains("frame-ancestors 'none'"),
        "{}",
        page.policy
    );
    assert_eq!(page.headers["cache-control"], "no-store");
    let refused = asked(&client, &["client_id"]).await;
    assert_eq!(refused.headers["x-frame-options"], "DENY");
}

#[tokio::test]
async fn what_a_proxy_or_a_host_field_claims_changes_no_address() {
    let world = World::new().await;
    let client = Client::new(&world).await;
    for path in [
        "/.well-known/openid-configuration",
        &client.asks(&["prompt=none"]),
    ] {
        let request = Request::get(path)
            .header(header::HOST, "evil.example")
            .header("x-forwarded-host", "evil.example")
            .header("x-forwarded-proto", "https")
            .header("forwarded", "host=evil.example;proto=https")
            .header(header::REFERER, "https://evil.example/");
        let answer = world.send(request.body(Body::empty()).unwrap()).await;
        assert!(!answer.text.contains("evil"), "{}", answer.text);
        assert!(!answer.location.contains("evil"), "{}", answer.location);
    }
}

#[tokio::test]
async fn both_discovery_documents_tell_what_is_there() {
    let world = World::new().await;
    let openid = world.get("/.well-known/openid-configuration").await;
    let oauth = world.get("/.well-known/oauth-authorization-server").await;
    assert_eq!(openid.text, oauth.text);
    assert_eq!(openid.headers["access-control-allow-origin"], "*");
    let told = openid.json();
    assert_eq!(told["issuer"], ORIGIN);
    assert_eq!(told["authorization_response_iss_parameter_supported"], true);
    assert_eq!(
        told["code_challenge_methods_supported"],
        serde_json::json!(["S256"])
    );
    assert_eq!(
        told["response_types_supported"],
        serde_json::json!(["code"])
    );
    let keys = world.get("/jwks").await.json();
    assert_eq!(keys, world.get("/oidc/jwkset.json").await.json());
    assert_eq!(
        keys["keys"][0]["alg"],
        told["id_token_signing_alg_values_supported"][0]
    );
}

#[tokio::test]
async fn a_client_that_may_not_refresh_is_not_granted_what_it_would_refresh_with() {
    let world = World::new().await;
    let (mut passkey, mut browser) = (world.user().await, Browser::new(&world));
    let client = Client::with(&world, "rp", |rp| {
        rp.client.flows = vec![Flow::AuthorizationCode];
    });
    let client = client.await;
    let asked = ["scope=openid+offline_access"];
    let tokens = client.tokens(&mut browser, &mut passkey, &asked).await;
    assert_eq!(tokens["scope"], "openid");
    assert_eq!(tokens["refresh_token"], Value::Null);
}
