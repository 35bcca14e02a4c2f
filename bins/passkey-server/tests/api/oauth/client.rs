//! A relying party.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use passkey_idp::Duration;
use passkey_idp::application::Application;
use passkey_idp::id::ClientSecret;
use passkey_idp::oauth::{Flow, Parameters};
use passkey_idp::store::StoreExt as _;
use passkey_idp::webauthn::TestAuthenticator;
use passkey_server::state::now;
use serde_json::Value;
use strict_jws::{SystemRandom, base64};

use crate::browser::Browser;
use crate::world::{Answer, World};

/// RFC 7636, appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A client with a secret.
pub(crate) struct Client<'w> {
    world: &'w World,
    pub(crate) id: String,
    pub(crate) basic: String,
    pub(crate) secret: String,
}

impl<'w> Client<'w> {
    /// One called `id` that may ask for codes and refresh tokens, with `change` made to it.
    pub(crate) async fn with(
        world: &'w World,
        id: &str,
        change: impl FnOnce(&mut Application),
    ) -> Self {
        let mut application = Application::new(id.parse().expect("a name"), "Shop <b>");
        let registered = &mut application.client;
        registered.redirect_uris = vec![
            "https://rp.example/cb".parse().expect("an address"),
            "https://rp.example/cb?tenant=1"
                .parse()
                .expect("an address"),
        ];
        registered.flows = vec![Flow::AuthorizationCode, Flow::RefreshToken];
        registered.scope = "openid profile offline_access".parse().expect("scopes");
        let secret = ClientSecret::generate(&SystemRandom::new()).expect("random numbers");
        application.rotate(&secret, now(), Duration::default());
        change(&mut application);
        let inserted = world
            .app
            .store
            .apply::<Application>(application.insert(), now());
        inserted.await.expect("a store").expect("a new name");
        let pair = format!("{id}:{}", *secret.expose());
        Self {
            world,
            id: id.to_owned(),
            basic: format!("Basic {}", base64::encode_padded(pair.as_bytes())),
            secret: secret.expose().to_string(),
        }
    }

    /// One that nothing is special about.
    pub(crate) async fn new(world: &'w World) -> Self {
        Self::with(world, "rp", |_| {}).await
    }

    /// The server.
    pub(crate) fn world(&self) -> &'w World {
        self.world
    }

    /// Where it sends a browser, with `changes` to a good request: a name alone is left out.
    pub(crate) fn asks(&self, changes: &[&str]) -> String {
        format!("/authorize?{}", self.request(changes))
    }

    /// A good request, with `changes`.
    pub(crate) fn request(&self, changes: &[&str]) -> String {
        let good = [
            ("response_type", "code"),
            ("client_id", &self.id),
            ("redirect_uri", "https://rp.example/cb"),
            ("scope", "openid+profile"),
            ("state", "xyz"),
            ("nonce", "n-0S6"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let changed = |name: &str| {
            let mut names = changes.iter().map(|change| change.split('=').next());
            names.any(|changed| changed == Some(name))
        };
        let good = good.iter().filter(|(name, _)| !changed(name));
        let good = good.map(|(name, value)| format!("{name}={value}"));
        let more = changes.iter().filter(|change| change.contains('='));
        let pairs: Vec<_> = good.chain(more.map(ToString::to_string)).collect();
        pairs.join("&")
    }

    /// The code that a browser brings back whose user signs in and consents.
    pub(crate) async fn code(
        &self,
        browser: &mut Browser<'_>,
        passkey: &mut TestAuthenticator,
        changes: &[&str],
    ) -> String {
        let back = signed_in(browser, &self.asks(changes), passkey).await;
        assert!(
            back.location.contains("code="),
            "{} {}",
            back.location,
            back.text
        );
        said(&back, "code").expect("a code")
    }

    /// Posts a form as itself.
    pub(crate) async fn post(&self, path: &str, form: &str) -> Answer {
        self.post_with(path, form, &[]).await
    }

    /// The same with further header fields.
    pub(crate) async fn post_with(
        &self,
        path: &str,
        form: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let mut fields = fields.to_vec();
        fields.push(("authorization", &self.basic));
        post(self.world, path, form, &fields).await
    }

    /// Exchanges a code.
    pub(crate) async fn exchange(&self, code: &str) -> Answer {
        self.post("/token", &exchanging(code)).await
    }

    /// Uses a refresh token.
    pub(crate) async fn refresh(&self, tokens: &Value) -> Answer {
        self.post("/token", &refreshing(tokens)).await
    }

    /// The tokens for a new sign-in.
    pub(crate) async fn tokens(
        &self,
        browser: &mut Browser<'_>,
        passkey: &mut TestAuthenticator,
        changes: &[&str],
    ) -> Value {
        let code = self.code(browser, passkey, changes).await;
        let tokens = self.exchange(&code).await;
        assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.text);
        tokens.json()
    }
}

/// A client that nothing is special about, and the tokens that it has of a new user, good in their absence.
pub(crate) async fn lasting(world: &World) -> (Client<'_>, Value) {
    let mut passkey = world.user().await;
    let (client, mut browser) = (Client::new(world).await, Browser::new(world));
    let tokens = client.tokens(&mut browser, &mut passkey, OFFLINE).await;
    (client, tokens)
}

/// What it asks for then.
pub(crate) const OFFLINE: &[&str] = &["scope=openid+offline_access"];

/// The form that uses a refresh token.
pub(crate) fn refreshing(tokens: &Value) -> String {
    let token = tokens["refresh_token"].as_str().expect("a refresh token");
    format!("grant_type=refresh_token&refresh_token={token}")
}

/// A refusal, of what was asked with `change`.
pub(crate) fn assert_told(refused: &Answer, error: &str, change: &str) {
    let (status, text) = (refused.status, &refused.text);
    assert_eq!(status, StatusCode::BAD_REQUEST, "{change}: {text}");
    assert_eq!(refused.json()["error"], error, "{change}");
}

/// The form that exchanges a code.
pub(crate) fn exchanging(code: &str) -> String {
    format!(
        "grant_type=authorization_code&code={code}&code_verifier={VERIFIER}\
         &redirect_uri=https://rp.example/cb"
    )
}

/// Posts a form as somebody.
pub(crate) async fn post(world: &World, path: &str, form: &str, fields: &[(&str, &str)]) -> Answer {
    let mut request = Request::post(path).header(
        header::CONTENT_TYPE,
        "application/x-www-form-urlencoded;charset=UTF-8",
    );
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(form.to_owned()));
    world.send(request.expect("a request")).await
}

/// Asks with an access token.
pub(crate) async fn with_token(world: &World, path: &str, token: &str) -> Answer {
    let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
    world
        .send(request.body(Body::empty()).expect("a request"))
        .await
}

/// What comes back when a browser goes to `path`, its user signs in if asked to, and allows all.
pub(crate) async fn signed_in(
    browser: &mut Browser<'_>,
    path: &str,
    passkey: &mut TestAuthenticator,
) -> Answer {
    let mut page = browser.follow(path).await;
    if page.text.contains("data-passkey=\"get\"") {
        let approved = browser.approve(&page, passkey).await;
        page = browser.follow(&approved.location).await;
    }
    if page.text.contains("value=\"allow\"") {
        page = browser.send(&page, "decision=allow").await;
    }
    page
}

/// What an answer in a redirect's query says.
pub(crate) fn said(answer: &Answer, name: &str) -> Option<String> {
    let (_, query) = answer.location.split_once('?')?;
    let parameters = Parameters::parse(query).expect("a query");
    parameters.get(name).map(ToOwned::to_owned)
}
