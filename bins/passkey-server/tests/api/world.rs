//! The whole server as a router over a store in memory, and a browser beside it.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, header, request};
use http_body_util::BodyExt as _;
use passkey_idp::Duration;
use passkey_idp::application::{Application, Rights};
use passkey_idp::binding::Scheme;
use passkey_idp::id::{ClientSecret, UserId};
use passkey_idp::seal::{Sealer, SealingKey};
use passkey_idp::store::{MemoryStore, SqlStore, Store, StoreExt as _};
use passkey_idp::webauthn::{Ask, Policy, Quirks, RelyingParty, TestAuthenticator};
use passkey_server::keys::{self, Current, Keys, StoredKey};
use passkey_server::mds::Metadata;
use passkey_server::state::{App, Proofs, Settings, now, scope};
use serde_json::{Value, json};
use server_kit::audit::Audit;
use server_kit::browser::Hosts;
use server_kit::caller::{Caller, Certificates, Guard, Tokens};
use server_kit::gate::Gate;
use server_kit::limit::{Failures, PeerLimit, RateLimit};
use server_kit::listen::Peer;
use server_kit::observe::{Metrics, ReadyFlag};
use strict_jws::{SystemRandom, base64};
use tempfile::TempDir;
use tower::ServiceExt as _;

pub(crate) const ORIGIN: &str = "http://localhost:8445";
pub(crate) const REDIRECT: &str = "https://rp.example/back?from=sign";

/// A server in memory with two clients, of which one is an admin.
pub(crate) struct World {
    pub(crate) app: Arc<App>,
    router: Router,
    pub(crate) admin: String,
    pub(crate) other: String,
    folder: Option<TempDir>,
}

/// What a browser asks with for a page that it shows to somebody (Fetch Metadata).
pub(crate) fn navigation(path: &str) -> request::Builder {
    let request = Request::get(path).header("sec-fetch-mode", "navigate");
    request.header("sec-fetch-dest", "document")
}

/// An answer: status, `Location`, body.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) location: String,
    pub(crate) cookie: String,
    pub(crate) cookies: Vec<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) policy: String,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("a body in JSON")
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A server that is set up otherwise in one respect.
    pub(crate) async fn with(change: impl FnOnce(&mut App)) -> Self {
        Self::on(Arc::new(MemoryStore::new()), change).await
    }

    /// A server over an SQLite file, which goes with it.
    pub(crate) async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().expect("as set up");
        let url = format!("sqlite:{}", folder.path().join("passkey.db").display());
        let store = SqlStore::open(&url).await.expect("as set up");
        let mut world = Self::on(Arc::new(store), |_| {}).await;
        world.folder = Some(folder);
        world
    }

    async fn on(store: Arc<dyn Store>, change: impl FnOnce(&mut App)) -> Self {
        let (random, sealer) = (SystemRandom::new(), Sealer::new(&SealingKey::new([7; 32])));
        keys::prepare(&*store, &sealer, &random, now())
            .await
            .expect("as set up");
        let mut basic = Vec::new();
        for (name, rights) in [("admin", Rights::Admin), ("other", Rights::None)] {
            let mut application = Application::new(name.parse().expect("as set up"), name);
            application.rights = rights;
            application.redirects = vec![REDIRECT.parse().expect("as set up")];
            let secret = ClientSecret::generate(&random).expect("as set up");
            application.rotate(&secret, now(), Duration::default());
            store
                .apply::<Application>(application.insert(), now())
                .await
                .expect("as set up")
                .expect("as set up");
            let pair = format!("{name}:{}", *secret.expose());
            basic.push(format!("Basic {}", base64::encode_padded(pair.as_bytes())));
        }
        let [admin, other] = basic.try_into().expect("two clients");
        Self::over(store, [admin, other], change).await
    }

    /// Another instance over a store that knows these clients.
    pub(crate) async fn over(
        store: Arc<dyn Store>,
        [admin, other]: [String; 2],
        change: impl FnOnce(&mut App),
    ) -> Self {
        let (random, sealer) = (SystemRandom::new(), Sealer::new(&SealingKey::new([7; 32])));
        let current = Current::load(&*store, &sealer, &random, now())
            .await
            .expect("as set up");
        let guard = Guard::new(Tokens::default(), Certificates::default());
        let anonymous = Caller::new("anonymous", scope::ALL.iter().copied());
        let unlimited = || RateLimit::per_second(0);
        let mut app = App {
            store,
            sealer,
            keys: Keys::new(current),
            party: RelyingParty::new(
                "localhost",
                "Test",
                vec![ORIGIN.parse().expect("as set up")],
            )
            .expect("as set up"),
            policy: Policy::default(),
            metadata: Metadata::default(),
            random,
            settings: Settings {
                origin: ORIGIN.to_owned(),
                scheme: Scheme::V1,
                proofs: Proofs::Dated,
            },
            gate: Gate::new(guard.open_to(anonymous), Hosts::any(), unlimited()),
            peers: PeerLimit::none(),
            clients: unlimited(),
            strangers: Failures::unlimited(),
            guesses: PeerLimit::per_second(1),
            audit: Audit::off(),
            metrics: Metrics::collect().expect("as set up"),
            ready: ReadyFlag::new("the store does not answer"),
        };
        change(&mut app);
        let app = Arc::new(app);
        Self {
            router: passkey_server::app(Arc::clone(&app)),
            app,
            admin,
            other,
            folder: None,
        }
    }

    /// Another instance over the same store.
    pub(crate) async fn neighbour(&self, change: impl FnOnce(&mut App)) -> Self {
        let clients = [self.admin.clone(), self.other.clone()];
        Self::over(Arc::clone(&self.app.store), clients, change).await
    }

    /// Imports a key of RSA beside the one that the server has.
    pub(crate) async fn import_rsa(&self) {
        let pem = include_str!("../../../../endorse/jws/tests/keys/rsa2048.pem");
        let app = &self.app;
        let sealed = StoredKey::seal(pem, now(), &app.sealer, &app.random);
        let (_, change) = sealed.expect("a key");
        let kept = app.store.commit(vec![change], now()).await;
        kept.expect("the store answers");
        let current = Current::load(&*app.store, &app.sealer, &app.random, now()).await;
        app.keys.replace(current.expect("there are keys"));
    }

    pub(crate) async fn send(&self, mut request: Request<Body>) -> Answer {
        let peer = Peer::tcp("192.0.2.1:1024".parse().expect("an address"));
        request.extensions_mut().get_or_insert(peer);
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("as set up");
        let (parts, body) = response.into_parts();
        let (headers, status) = (parts.headers, parts.status);
        let text_of = |value: &HeaderValue| value.to_str().expect("as set up").to_owned();
        let field = |name| headers.get(name).map_or_else(String::new, text_of);
        let (location, cookie) = (field(header::LOCATION), field(header::SET_COOKIE));
        let policy = field(header::CONTENT_SECURITY_POLICY);
        let cookies = headers.get_all(header::SET_COOKIE).iter();
        let cookies = cookies.map(text_of).collect();
        let body = body.collect().await.expect("as set up").to_bytes();
        let text = String::from_utf8(body.to_vec()).expect("as set up");
        Answer {
            status,
            location,
            cookie,
            cookies,
            headers,
            policy,
            text,
        }
    }

    pub(crate) async fn post(&self, who: &str, path: &str, body: Value) -> Answer {
        let request = Request::post(format!("/api/v1{path}"))
            .header(header::AUTHORIZATION, who)
            .header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(body.to_string().into()).expect("as set up"))
            .await
    }

    /// A browser's request for a page that somebody wants to see.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        let request = navigation(path).body(Body::empty());
        self.send(request.expect("as set up")).await
    }

    pub(crate) async fn place(&self, body: Value) -> String {
        let placed = self.post(&self.admin, "/sign", body).await;
        assert_eq!(placed.status, StatusCode::OK, "{}", placed.text);
        placed.json()["challengeId"]
            .as_str()
            .expect("as set up")
            .to_owned()
    }

    pub(crate) async fn users(&self) -> Vec<Value> {
        let request = Request::get("/api/v1/service/list/users");
        let request = request.header(header::AUTHORIZATION, &self.admin);
        let request = request.body(Body::empty()).expect("as set up");
        let users = self.send(request).await.json();
        users.as_array().expect("a list").clone()
    }

    pub(crate) async fn ask(&self, id: &str) -> (Value, Ask) {
        let viewed = self.get(&format!("/api/v1/challenge/{id}")).await.json();
        let ask = Ask::of_options(&viewed["publicKey"], ORIGIN).expect("options");
        (viewed, ask)
    }

    /// A user who was invited by the admin, with a passkey.
    pub(crate) async fn user(&self) -> TestAuthenticator {
        let invited = json!({ "suggestedName": "Kim" });
        let invited = self
            .post(&self.admin, "/service/create/user", invited)
            .await
            .json();
        let id = invited["challengeId"].as_str().expect("as set up");
        let (viewed, ask) = self.ask(id).await;
        assert_eq!(viewed["type"], "webauthn.create");
        let user = viewed["publicKey"]["user"]["id"]
            .as_str()
            .expect("as set up");
        let user: UserId = user.parse().expect("as set up");
        let mut passkey = TestAuthenticator::es256(user);
        let answer = json!(passkey.register(&ask, &Quirks::default()));
        let path = format!("/challenge/{id}");
        let registered = self.post("", &path, answer).await;
        assert_eq!(registered.status, StatusCode::OK, "{}", registered.text);
        passkey
    }
}
