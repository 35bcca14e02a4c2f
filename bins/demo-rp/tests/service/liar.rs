//! An identity provider that lies when it is told to.

use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use demo::browser::{Browser, Page};
use demo_rp::state::{App, Settings, now};
use openidconnect::ClientSecret;
use ring::hmac;
use serde_json::{Value, json};
use server_kit::form::Form;
use server_kit::listen::Listener;
use strict_jws::{Algorithm, Signer, SigningKey, SystemRandom, base64};
use tokio::runtime::Runtime;

use crate::world::{CLIENT, open, serve};

const SECRET: &str = "the secret of the service";

/// What signs the ID token.
#[derive(Clone, Copy)]
pub(crate) enum Signature {
    /// The key that is published.
    Right,
    /// A key that is not.
    Unknown,
    /// The service's own secret (HS256).
    Secret,
    /// Nothing (`none`).
    Missing,
}

/// In what it lies.
pub(crate) struct Lies {
    /// Changes the metadata.
    pub(crate) metadata: fn(&mut Value),
    /// Changes the claims of the ID token.
    pub(crate) claims: fn(&mut Value),
    /// Changes what the token endpoint answers.
    pub(crate) tokens: fn(&mut Value),
    /// What signs.
    pub(crate) signature: Signature,
}

impl Default for Lies {
    fn default() -> Self {
        Self {
            metadata: |_| {},
            claims: |_| {},
            tokens: |_| {},
            signature: Signature::Right,
        }
    }
}

/// The provider, a service that trusts it, and a browser.
pub(crate) struct Liar {
    _runtime: Runtime,
    pub(crate) issuer: String,
    pub(crate) origin: String,
    pub(crate) browser: Browser,
    heard: Arc<Heard>,
}

struct Heard {
    issuer: String,
    lies: Lies,
    signer: Signer,
    unknown: Signer,
    pushed: Mutex<Option<Form>>,
}

impl Liar {
    pub(crate) fn new(lies: Lies) -> Self {
        let runtime = Runtime::new().expect("threads");
        let (listener, port) = runtime.block_on(open());
        let issuer = format!("http://localhost:{port}");
        let heard = Arc::new(Heard {
            issuer: issuer.clone(),
            lies,
            signer: signer(),
            unknown: signer(),
            pushed: Mutex::default(),
        });
        serve(&runtime, listener, routes(Arc::clone(&heard)));
        let (listener, port): (Listener, u16) = runtime.block_on(open());
        let origin = format!("http://127.0.0.1:{port}");
        let service = App::new(Settings {
            issuer: issuer.clone(),
            client_id: CLIENT.to_owned(),
            client_secret: ClientSecret::new(SECRET.to_owned()),
            origin: origin.clone(),
            certificates: None,
        });
        let service = Arc::new(service.expect("a service"));
        serve(&runtime, listener, demo_rp::app(service));
        Self {
            _runtime: runtime,
            issuer,
            origin,
            browser: Browser::new(),
            heard,
        }
    }

    /// Begins a sign-in.
    pub(crate) fn begin(&mut self) -> Page {
        let begun = self.browser.open(&format!("{}/sign-in", self.origin));
        begun.expect("a page")
    }

    /// What the service has pushed.
    pub(crate) fn pushed(&self, name: &str) -> String {
        let pushed = self.heard.pushed.lock().expect("nobody panics");
        let form = pushed.as_ref().expect("something was pushed");
        form.one(name)
            .expect("once")
            .expect("it is there")
            .to_owned()
    }

    /// Comes back with an answer.
    pub(crate) fn back(&mut self, pairs: &[(&str, &str)]) -> Page {
        let mut url: url::Url = format!("{}/callback", self.origin).parse().expect("a URL");
        url.query_pairs_mut().extend_pairs(pairs);
        self.browser.open(url.as_str()).expect("a page")
    }

    /// Begins a sign-in, and comes back with a right answer.
    pub(crate) fn sign_in(&mut self) -> Page {
        self.begin();
        let (state, issuer) = (self.pushed("state"), self.issuer.clone());
        self.back(&[("code", "c"), ("state", &state), ("iss", &issuer)])
    }
}

fn signer() -> Signer {
    let random = SystemRandom::new();
    let pem = SigningKey::generate_pem(Algorithm::Es256, &random).expect("a key");
    Signer::certifying(SigningKey::from_pem(&pem, &random).expect("a key"))
}

fn routes(heard: Arc<Heard>) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(metadata))
        .route("/jwks", get(jwks))
        .route("/par", post(push))
        .route("/authorize", get(async || "the provider's page"))
        .route("/token", post(token))
        .with_state(heard)
}

async fn metadata(State(heard): State<Arc<Heard>>) -> Json<Value> {
    let at = |path: &str| format!("{}{path}", heard.issuer);
    let mut metadata = json!({
        "issuer": heard.issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "jwks_uri": at("/jwks"),
        "pushed_authorization_request_endpoint": at("/par"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
        "authorization_response_iss_parameter_supported": true,
    });
    (heard.lies.metadata)(&mut metadata);
    Json(metadata)
}

async fn jwks(State(heard): State<Arc<Heard>>) -> Json<Value> {
    let mut keys = strict_jws::KeySet::new();
    keys.insert_certifying(heard.signer.public().clone())
        .expect("one key");
    Json(serde_json::from_str(&keys.to_jwks()).expect("JSON"))
}

async fn push(State(heard): State<Arc<Heard>>, form: Form) -> (StatusCode, Json<Value>) {
    *heard.pushed.lock().expect("nobody panics") = Some(form);
    let answer = json!({ "request_uri": "urn:example:1", "expires_in": 90 });
    (StatusCode::CREATED, Json(answer))
}

async fn token(State(heard): State<Arc<Heard>>) -> (StatusCode, Json<Value>) {
    let seconds = now().unix_seconds();
    let nonce = {
        let pushed = heard.pushed.lock().expect("nobody panics");
        let form = pushed.as_ref().expect("something was pushed");
        form.one("nonce").expect("once").map(str::to_owned)
    };
    let mut claims = json!({
        "iss": heard.issuer,
        "sub": "kim",
        "aud": CLIENT,
        "iat": seconds,
        "exp": seconds + 60,
        "nonce": nonce,
        "name": "Kim",
    });
    (heard.lies.claims)(&mut claims);
    let mut tokens = json!({
        "access_token": "a",
        "token_type": "Bearer",
        "id_token": signed(&heard, &claims.to_string()),
    });
    (heard.lies.tokens)(&mut tokens);
    let is_error = tokens.get("error").is_some();
    let status = if is_error {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    (status, Json(tokens))
}

fn signed(heard: &Heard, claims: &str) -> String {
    let random = SystemRandom::new();
    let by = |signer: &Signer| signer.sign(None, claims.as_bytes(), &random);
    match heard.lies.signature {
        Signature::Right => by(&heard.signer).expect("a signature"),
        Signature::Unknown => by(&heard.unknown).expect("a signature"),
        Signature::Missing => {
            let header = base64::encode(br#"{"alg":"none"}"#);
            format!("{header}.{}.", base64::encode(claims.as_bytes()))
        }
        Signature::Secret => {
            let header = base64::encode(br#"{"alg":"HS256"}"#);
            let signed = format!("{header}.{}", base64::encode(claims.as_bytes()));
            let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
            let mac = hmac::sign(&key, signed.as_bytes());
            format!("{signed}.{}", base64::encode(mac.as_ref()))
        }
    }
}
