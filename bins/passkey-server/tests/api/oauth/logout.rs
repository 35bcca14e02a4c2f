//! Signing out (OpenID Connect RP-Initiated Logout 1.0, Back-Channel Logout 1.0).

use axum::http::StatusCode;
use passkey_idp::delivery::{Delivery, Message};
use passkey_idp::store::{List, StoreExt as _};
use passkey_idp::webauthn::TestAuthenticator;
use strict_jws::Policy;
use strict_jws::json::{Bounds, Document};

use super::client::{Client, post, said, signed_in, with_token};
use crate::browser::Browser;
use crate::world::{Answer, ORIGIN, World};

const AFTER: &str = "https://rp.example/after";
const ENCODED: &str = "https%3A%2F%2Frp.example%2Fafter";

/// A user who is signed in at a client that wants to hear of the end.
pub(super) struct Setting<'w> {
    world: &'w World,
    pub(super) client: Client<'w>,
    pub(super) browser: Browser<'w>,
    passkey: TestAuthenticator,
    pub(super) hint: String,
    pub(super) access: String,
}

impl<'w> Setting<'w> {
    pub(super) async fn new(world: &'w World) -> Self {
        let client = listening(world, "rp").await;
        let (mut passkey, mut browser) = (world.user().await, Browser::new(world));
        let tokens = client.tokens(&mut browser, &mut passkey, &[]).await;
        let text = |name: &str| tokens[name].as_str().expect("a token").to_owned();
        Self {
            world,
            client,
            hint: text("id_token"),
            access: text("access_token"),
            browser,
            passkey,
        }
    }

    /// Whether the browser still gets a code unasked.
    async fn is_signed_in(&mut self) -> bool {
        let asked = self.client.asks(&["prompt=none"]);
        let back = signed_in(&mut self.browser, &asked, &mut self.passkey).await;
        match said(&back, "error") {
            Some(error) => {
                assert_eq!(error, "login_required");
                false
            }
            None => said(&back, "code").is_some(),
        }
    }

    /// Who will be told: client, address, and the token.
    pub(super) async fn farewells(&self) -> Vec<(String, String, String)> {
        farewells(self.world).await
    }
}

/// Who will be told: client, address, and the token.
pub(super) async fn farewells(world: &World) -> Vec<(String, String, String)> {
    let page = world
        .app
        .store
        .page::<Delivery>(List::of::<Delivery>())
        .await;
    let items = page.expect("the store answers").items.into_iter();
    items
        .map(|item| {
            let sealed = item.body.message.expect("it is known");
            let message = Message::open(&sealed, &world.app.sealer).expect("ours");
            let token = message.body.strip_prefix("logout_token=").expect("a token");
            let (client, endpoint) = (item.body.application, item.body.endpoint);
            (client.to_string(), endpoint.to_string(), token.to_owned())
        })
        .collect()
}

pub(super) async fn listening<'w>(world: &'w World, id: &str) -> Client<'w> {
    let told = format!("https://{id}.example/logout").parse();
    Client::with(world, id, |client| {
        client.client.backchannel_logout_uri = Some(told.expect("an endpoint"));
        client.client.post_logout_redirect_uris = vec![AFTER.parse().expect("an address")];
    })
    .await
}

fn is_page(answer: &Answer, text: &str) {
    assert!(answer.text.contains(text), "{}", answer.text);
    assert_eq!(answer.location, "");
}

#[tokio::test]
async fn a_client_signs_its_user_out_and_everyone_is_told_once() {
    sign_out(&World::new().await).await;
}

pub(super) async fn sign_out(world: &World) {
    let mut setting = Setting::new(world).await;
    let other = listening(world, "second").await;
    other
        .tokens(&mut setting.browser, &mut setting.passkey, &[])
        .await;
    assert!(setting.is_signed_in().await);

    let hint = &setting.hint;
    let wish =
        format!("/logout?id_token_hint={hint}&post_logout_redirect_uri={ENCODED}&state=a%26b");
    let left = setting.browser.open(&wish).await;
    assert_eq!(left.status, StatusCode::SEE_OTHER, "{}", left.text);
    assert_eq!(left.location, format!("{AFTER}?state=a%26b"));
    assert!(!setting.is_signed_in().await);
    let answer = with_token(world, "/userinfo", &setting.access).await;
    assert_eq!(
        answer.status,
        StatusCode::UNAUTHORIZED,
        "the session's tokens end with it"
    );

    let mut told = setting.farewells().await;
    told.sort();
    let to: Vec<_> = told
        .iter()
        .map(|(client, to, _)| (client.as_str(), to.as_str()))
        .collect();
    let expected = [
        ("rp", "https://rp.example/logout"),
        ("second", "https://second.example/logout"),
    ];
    assert_eq!(to, expected);
    let keys = world.app.keys.now();
    for (client, _, token) in &told {
        let verified = keys
            .published()
            .verify(token, &Policy::typed("logout+jwt"))
            .expect("ours");
        let claims = Document::parse(verified.payload(), Bounds::PAYLOAD).expect("claims");
        let text = |name| {
            claims
                .root()
                .member(name)
                .expect("it is there")
                .string()
                .expect("a text")
                .into_owned()
        };
        assert_eq!(
            (text("iss"), text("aud")),
            (ORIGIN.to_owned(), client.clone())
        );
    }
    setting.browser.open(&wish).await;
    assert_eq!(setting.farewells().await.len(), 2, "nobody is told twice");
}

#[tokio::test]
async fn a_client_is_told_in_the_algorithm_that_it_wants() {
    let world = World::new().await;
    world.import_rsa().await;
    let mut setting = Setting::new(&world).await;
    let old = Client::with(&world, "old", |old| {
        old.client.id_token_alg = Some("RS256".to_owned());
        let told = "https://old.example/logout".parse();
        old.client.backchannel_logout_uri = Some(told.unwrap());
    })
    .await;
    let (browser, passkey) = (&mut setting.browser, &mut setting.passkey);
    old.tokens(browser, passkey, &[]).await;
    let wish = format!("/logout?id_token_hint={}", setting.hint);
    setting.browser.open(&wish).await;
    let keys = world.app.keys.now();
    let mut told: Vec<_> = setting.farewells().await;
    told.sort();
    let algorithms = told.iter().map(|(client, _, token)| {
        let verified = keys.published().verify(token, &Policy::typed("logout+jwt"));
        (
            client.as_str(),
            verified.unwrap().header().algorithm().name(),
        )
    });
    let algorithms: Vec<_> = algorithms.collect();
    assert_eq!(algorithms, [("old", "RS256"), ("rp", "ES256")]);
}

#[tokio::test]
async fn a_link_of_a_stranger_signs_nobody_out() {
    let world = World::new().await;
    let mut setting = Setting::new(&world).await;
    for wish in [
        "/logout",
        "/logout?client_id=rp",
        "/logout?client_id=rp&state=a",
    ] {
        is_page(&setting.browser.open(wish).await, "Sign out?");
    }
    let forged = post(&world, "/logout/answer", "decision=leave", &[]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    assert!(setting.is_signed_in().await);
}

#[tokio::test]
async fn a_user_who_is_asked_may_stay_or_leave() {
    let world = World::new().await;
    let mut setting = Setting::new(&world).await;
    let wish = format!("/logout?client_id=rp&post_logout_redirect_uri={ENCODED}&state=x");
    let page = setting.browser.open(&wish).await;
    is_page(&page, "Shop &#60;b&#62;</strong> asks you to sign out.");
    assert!(
        page.policy
            .contains("form-action 'self' https://rp.example;"),
        "{}",
        page.policy
    );
    let stayed = setting.browser.send(&page, "decision=stay").await;
    is_page(&stayed, "You are still signed in");
    assert!(setting.is_signed_in().await);
    let fields = format!("decision=leave&client_id=rp&post_logout_redirect_uri={ENCODED}&state=x");
    let left = setting.browser.send(&page, &fields).await;
    assert_eq!(left.location, format!("{AFTER}?state=x"));
    assert!(!setting.is_signed_in().await);
}

#[tokio::test]
async fn a_browser_is_sent_nowhere_that_is_not_registered() {
    let world = World::new().await;
    let mut setting = Setting::new(&world).await;
    let hint = setting.hint.clone();
    for redirect in [
        "https://evil.example/",
        "https://rp.example/after/",
        "https://rp.example/after?a=b",
        "https://rp.example/AFTER",
        "https://rp.example/cb",
        "//evil.example",
        "javascript:alert(1)",
        "/authorize",
    ] {
        let encoded = redirect.replace('?', "%3F").replace('=', "%3D");
        for asker in ["client_id=rp".to_owned(), format!("id_token_hint={hint}")] {
            let wish = format!("/logout?{asker}&post_logout_redirect_uri={encoded}");
            let refused = setting.browser.open(&wish).await;
            assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{redirect}");
            assert_eq!(refused.location, "", "{redirect}");
        }
    }
    let anonymous = format!("/logout?post_logout_redirect_uri={ENCODED}");
    assert_eq!(
        setting.browser.open(&anonymous).await.status,
        StatusCode::BAD_REQUEST
    );
    assert!(setting.is_signed_in().await);
}

#[tokio::test]
async fn a_page_that_was_tampered_with_leads_nowhere_else() {
    let world = World::new().await;
    let mut setting = Setting::new(&world).await;
    let page = setting.browser.open("/logout?client_id=rp").await;
    let fields = "decision=leave&client_id=rp&post_logout_redirect_uri=https://evil.example/";
    let refused = setting.browser.send(&page, fields).await;
    assert_eq!(
        (refused.status, refused.location.as_str()),
        (StatusCode::BAD_REQUEST, "")
    );
    assert!(setting.is_signed_in().await);
}

#[tokio::test]
async fn a_forged_or_foreign_hint_is_refused() {
    let world = World::new().await;
    let mut setting = Setting::new(&world).await;
    let [head, body, signature] = parts(&setting.hint);
    let unsigned = strict_jws::base64::encode(br#"{"alg":"none","typ":"JWT"}"#);
    let symmetric = strict_jws::base64::encode(br#"{"alg":"HS256","typ":"JWT"}"#);
    let flipped: String = signature.chars().rev().collect();
    let elsewhere = World::new().await;
    let foreign = Setting::new(&elsewhere).await.hint;
    for hint in [
        format!("{unsigned}.{body}."),
        format!("{unsigned}.{body}.{signature}"),
        format!("{symmetric}.{body}.{signature}"),
        format!("{head}.{body}.{flipped}"),
        format!("{head}.{body}"),
        foreign,
        setting.access.clone(),
        "a.b.c".to_owned(),
    ] {
        let refused = setting
            .browser
            .open(&format!("/logout?id_token_hint={hint}"))
            .await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{hint}");
    }
    let wish = format!("/logout?client_id=other&id_token_hint={}", setting.hint);
    assert_eq!(
        setting.browser.open(&wish).await.status,
        StatusCode::BAD_REQUEST
    );
    assert!(setting.is_signed_in().await);
}

#[tokio::test]
async fn a_hint_of_another_user_is_asked_about() {
    let world = World::new().await;
    let mut setting = Setting::new(&world).await;
    let (mut passkey, mut browser) = (world.user().await, Browser::new(&world));
    let tokens = setting.client.tokens(&mut browser, &mut passkey, &[]).await;
    let hint = tokens["id_token"].as_str().unwrap();
    let page = setting
        .browser
        .open(&format!("/logout?id_token_hint={hint}"))
        .await;
    is_page(&page, "Sign out?");
    assert!(setting.is_signed_in().await);
}

#[tokio::test]
async fn a_client_that_may_act_in_the_users_absence_goes_on() {
    let world = World::new().await;
    let mut setting = Setting::new(&world).await;
    let scope = ["scope=openid+offline_access"];
    let tokens = setting
        .client
        .tokens(&mut setting.browser, &mut setting.passkey, &scope)
        .await;
    let wish = format!("/logout?id_token_hint={}", setting.hint);
    is_page(&setting.browser.open(&wish).await, "You are signed out");
    let refreshed = setting.client.refresh(&tokens).await;
    assert_eq!(refreshed.status, StatusCode::OK, "{}", refreshed.text);
}

#[tokio::test]
async fn a_code_from_before_the_end_gives_nothing_after_it() {
    let world = World::new().await;
    let mut setting = Setting::new(&world).await;
    let scope = ["scope=openid+offline_access", "prompt=consent"];
    let (browser, passkey) = (&mut setting.browser, &mut setting.passkey);
    let code = setting.client.code(browser, passkey, &scope).await;
    let wish = format!("/logout?id_token_hint={}", setting.hint);
    setting.browser.open(&wish).await;
    let refused = setting.client.exchange(&code).await;
    assert_eq!(refused.json()["error"], "invalid_grant", "{}", refused.text);
}

#[tokio::test]
async fn a_wish_that_comes_by_post_is_read_with_the_browsers_cookies() {
    let world = World::new().await;
    let form = format!("client_id=rp&post_logout_redirect_uri={ENCODED}");
    let answer = post(&world, "/logout", &form, &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.location, format!("/logout?{form}"));
}

fn parts(token: &str) -> [String; 3] {
    let parts: Vec<_> = token.split('.').map(str::to_owned).collect();
    parts.try_into().expect("three parts")
}
