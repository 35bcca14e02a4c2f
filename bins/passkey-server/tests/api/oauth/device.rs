//! The device grant (RFC 8628).

use axum::http::StatusCode;
use passkey_idp::oauth::{Flow, TokenEndpointAuth};
use passkey_idp::webauthn::TestAuthenticator;
use serde_json::Value;

use super::client::{Client, post, with_token};
use crate::browser::Browser;
use crate::world::{Answer, World};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A device without a secret, and a user with a passkey.
struct Setting<'w> {
    world: &'w World,
    browser: Browser<'w>,
    passkey: TestAuthenticator,
}

impl<'w> Setting<'w> {
    async fn new(world: &'w World) -> Self {
        let passkey = world.user().await;
        Client::with(world, "tv", |tv| {
            tv.client.auth = TokenEndpointAuth::None;
            tv.client.flows = vec![Flow::DeviceCode];
        })
        .await;
        Self {
            world,
            browser: Browser::new(world),
            passkey,
        }
    }

    async fn begin(&self, scope: &str) -> Answer {
        let form = format!("client_id=tv&scope={scope}");
        post(self.world, "/device_authorization", &form, &[]).await
    }

    async fn poll(&self, begun: &Value) -> Answer {
        let code = begun["device_code"].as_str().expect("a code");
        let form = format!("client_id=tv&grant_type={GRANT}&device_code={code}");
        post(self.world, "/token", &form, &[]).await
    }

    /// The page that follows when the user types in `code`.
    async fn type_in(&mut self, code: &str) -> Answer {
        let page = self.browser.open("/device").await;
        let sent = self.browser.send(&page, &format!("user_code={code}")).await;
        if sent.status == StatusCode::SEE_OTHER {
            return self.browser.follow(&sent.location).await;
        }
        sent
    }
}

fn error(answer: &Answer) -> Value {
    answer.json()["error"].clone()
}

#[tokio::test]
async fn a_device_gets_tokens_when_its_user_has_signed_what_it_shows() {
    approval(&World::new().await).await;
}

pub(super) async fn approval(world: &World) {
    let mut setting = Setting::new(world).await;
    let begun = setting.begin("openid+profile").await;
    assert_eq!(begun.status, StatusCode::OK, "{}", begun.text);
    let begun = begun.json();
    assert_eq!(
        (&begun["expires_in"], &begun["interval"]),
        (&600.into(), &5.into())
    );
    let early = setting.poll(&begun).await;
    assert_eq!(
        (early.status, error(&early)),
        (StatusCode::BAD_REQUEST, "authorization_pending".into())
    );
    assert_eq!(error(&setting.poll(&begun).await), "slow_down");

    let code = begun["user_code"].as_str().expect("a text");
    let page = setting.type_in(&code.replace('-', "").to_lowercase()).await;
    assert!(
        page.text.contains(code),
        "what is signed names the code: {}",
        page.text
    );
    assert!(
        page.text.contains("see your name"),
        "and what the device may: {}",
        page.text
    );
    setting.browser.approve(&page, &mut setting.passkey).await;

    let tokens = setting.poll(&begun).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.text);
    let tokens = tokens.json();
    let access = tokens["access_token"].as_str().expect("a text");
    assert_eq!(
        with_token(world, "/userinfo", access).await.json()["name"],
        "Kim"
    );
    assert!(tokens["id_token"].is_string());
    assert_eq!(error(&setting.poll(&begun).await), "invalid_grant");
}

#[tokio::test]
async fn a_user_who_says_no_denies_the_device() {
    let world = World::new().await;
    let mut setting = Setting::new(&world).await;
    let begun = setting.begin("openid").await.json();
    let page = setting.type_in(begun["user_code"].as_str().unwrap()).await;
    setting.browser.send(&page, "decision=reject").await;
    assert_eq!(error(&setting.poll(&begun).await), "access_denied");
}

#[tokio::test]
async fn a_code_that_another_browser_has_taken_is_not_good() {
    let world = World::new().await;
    let mut setting = Setting::new(&world).await;
    let begun = setting.begin("openid").await.json();
    let code = begun["user_code"].as_str().unwrap();
    setting.type_in(code).await;
    setting.browser = Browser::new(&world);
    let refused = setting.type_in(code).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_question_that_was_sent_to_somebody_else_connects_no_device() {
    let world = World::new().await;
    let mut setting = Setting::new(&world).await;
    let begun = setting.begin("openid").await.json();
    let page = setting.browser.open("/device").await;
    let code = begun["user_code"].as_str().unwrap();
    let sent = setting
        .browser
        .send(&page, &format!("user_code={code}"))
        .await;
    let mut other = Browser::new(&world);
    let page = other.follow(&sent.location).await;
    other.approve(&page, &mut setting.passkey).await;
    assert_eq!(error(&setting.poll(&begun).await), "access_denied");
}

#[tokio::test]
async fn a_device_may_not_ask_for_more_than_its_client() {
    let world = World::new().await;
    let setting = Setting::new(&world).await;
    let refused = setting.begin("openid+email").await;
    assert_eq!(error(&refused), "invalid_scope");
    let web = Client::new(&world).await;
    let refused = web.post("/device_authorization", "scope=openid").await;
    assert_eq!(error(&refused), "unauthorized_client");
}

#[tokio::test]
async fn a_device_code_is_good_for_its_own_client_only() {
    let world = World::new().await;
    let mut setting = Setting::new(&world).await;
    let begun = setting.begin("openid").await.json();
    let page = setting.type_in(begun["user_code"].as_str().unwrap()).await;
    setting.browser.approve(&page, &mut setting.passkey).await;
    let other = Client::with(&world, "other-tv", |tv| {
        tv.client.flows = vec![Flow::DeviceCode];
    })
    .await;
    let code = begun["device_code"].as_str().unwrap();
    let form = format!("grant_type={GRANT}&device_code={code}");
    assert_eq!(error(&other.post("/token", &form).await), "invalid_grant");
    assert_eq!(setting.poll(&begun).await.status, StatusCode::OK);
}

#[tokio::test]
async fn guessing_codes_is_slow() {
    let world = World::new().await;
    let mut setting = Setting::new(&world).await;
    let mut answers = Vec::new();
    for _guess in 0..4 {
        answers.push(setting.type_in("BCDF-GHJK").await.status);
    }
    let wrong = StatusCode::UNPROCESSABLE_ENTITY;
    assert_eq!(answers[..2], [wrong, wrong]);
    assert!(
        answers[2..].contains(&StatusCode::TOO_MANY_REQUESTS),
        "{answers:?}"
    );
}

#[tokio::test]
async fn a_form_of_another_site_connects_no_device() {
    let world = World::new().await;
    let setting = Setting::new(&world).await;
    let begun = setting.begin("openid").await.json();
    let code = begun["user_code"].as_str().unwrap();
    let forged = post(&world, "/device", &format!("user_code={code}"), &[]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_address_with_a_code_only_fills_it_in_and_repeats_nothing_else() {
    let world = World::new().await;
    let setting = Setting::new(&world).await;
    let begun = setting.begin("openid").await.json();
    let address = begun["verification_uri_complete"].as_str().unwrap();
    let path = address.strip_prefix(crate::world::ORIGIN).unwrap();
    let page = Browser::new(&world).open(path).await;
    let code = begun["user_code"].as_str().unwrap();
    assert!(
        page.text.contains(&format!("value=\"{code}\"")),
        "{}",
        page.text
    );
    let odd = Browser::new(&world)
        .open("/device?user_code=%22%3E%3Cscript%3E")
        .await;
    assert!(
        odd.text.contains("name=\"user_code\" value=\"\""),
        "{}",
        odd.text
    );
}

#[tokio::test]
async fn a_device_that_may_not_refresh_is_not_granted_what_it_would_refresh_with() {
    let world = World::new().await;
    let mut setting = Setting::new(&world).await;
    let begun = setting.begin("openid+offline_access").await.json();
    let page = setting.type_in(begun["user_code"].as_str().unwrap()).await;
    assert!(!page.text.contains("offline"), "{}", page.text);
    setting.browser.approve(&page, &mut setting.passkey).await;
    let tokens = setting.poll(&begun).await.json();
    assert_eq!(tokens["scope"], "openid", "{tokens}");
    assert_eq!(tokens["refresh_token"], Value::Null);
}
