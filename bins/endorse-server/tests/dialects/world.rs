//! A server in memory with every dialect switched on, and what knocks at it.

use std::sync::Arc;

use aka::Imsi;
use aka::network::MemoryStore as Numbers;
use auc::{Kept, Subscribers};
use axum::Router;
use axum::body::Body;
use axum::http::request::Builder;
use axum::http::{HeaderMap, Request, StatusCode};
use endorse::{PairwiseSubjects, UnixTime};
use endorse_server::app::{App, now, scope};
use endorse_server::dialects::Dialects;
use endorse_server::keys::{KeyUse, Keys, StoredKey};
use endorse_server::source::{Embedded, VectorSource};
use endorse_server::store::{Budget, MemoryStore, SigningKeys as _, Store};
use endorse_server::{Pseudonyms, Server, Settings, app};
use http_body_util::BodyExt as _;
use serde_json::Value;
use server_kit::audit::Audit;
use server_kit::browser::Hosts;
use server_kit::caller::{Caller, Certificates, Guard, Tokens};
use server_kit::gate::Gate;
use server_kit::limit::{PeerLimit, RateLimit};
use server_kit::observe::{Metrics, ReadyFlag};
use strict_jws::{Algorithm, KeySet, Unsupported};
use tower::ServiceExt as _;
use zeroize::Zeroizing;

pub(crate) const ORIGIN: &str = "https://endorse.example";
pub(crate) const AUDIENCE: &str = "https://api.example";
pub(crate) const OTHER_AUDIENCE: &str = "https://other.example";
pub(crate) const IMSI: &str = "001010000000001";
pub(crate) const K: &str = "465b5ce8b199b49faa5f0a2ee238a6bc";
pub(crate) const OPC: &str = "cd63cb71954a9f4e48a5994e37a02baf";
pub(crate) const REDIRECT: &str = "https://app.example/callback";
/// A caller with every scope.
pub(crate) const CALLER: &str = "a-callers-token";

const RSA: &str = include_str!("../../../../endorse/tests/keys/rsa2048.pem");

/// A server, and a way to hold its clock.
pub(crate) struct World {
    router: Router,
    pub(crate) state: Arc<App>,
    store: Arc<MemoryStore>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl World {
    /// With SORACOM's format, its Keys API and TS.43, as most tests want them.
    pub(crate) async fn new() -> Self {
        Self::with(dialects(), source()).await
    }

    pub(crate) async fn with(dialects: Dialects, source: Arc<dyn VectorSource>) -> Self {
        let store = MemoryStore::default();
        let native = StoredKey::generate(Algorithm::Es256, KeyUse::Native, now()).unwrap();
        let soracom = Zeroizing::new(RSA.to_owned());
        let soracom = StoredKey::announced(soracom, KeyUse::Soracom, now()).unwrap();
        for key in [native, soracom] {
            store.add_key(key.signing_from(now())).await.unwrap();
        }
        Self::over(Arc::new(store), dialects, source).await
    }

    /// Another instance over the same store.
    pub(crate) async fn beside(&self) -> Self {
        Self::over(Arc::clone(&self.store), dialects(), source()).await
    }

    async fn over(
        store: Arc<MemoryStore>,
        dialects: Dialects,
        source: Arc<dyn VectorSource>,
    ) -> Self {
        let keys = Keys::load(&*store, now()).await.unwrap();
        let shared: Arc<dyn Store> = store.clone();
        let server = Server::new(settings(dialects), source, shared, keys);
        let state = Arc::new(App {
            server: server.unwrap(),
            gate: Gate::new(guard(), Hosts::any(), RateLimit::per_second(0)),
            peers: PeerLimit::none(),
            audit: Audit::off(),
            metrics: Metrics::collect().unwrap(),
            ready: ReadyFlag::new("the store does not answer"),
        });
        Self {
            router: app(Arc::clone(&state)),
            state,
            store,
        }
    }

    pub(crate) async fn send(&self, request: Builder, body: impl Into<Body>) -> Answer {
        let request = request.body(body.into()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let octets = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(octets.to_vec()).unwrap(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path), Body::empty()).await
    }

    pub(crate) async fn json(&self, path: &str, body: &Value) -> Answer {
        let request = Request::post(path).header("content-type", "application/json");
        self.send(request, body.to_string()).await
    }

    pub(crate) async fn form(&self, path: &str, pairs: &[(&str, &str)]) -> Answer {
        self.send(form_request(path), encoded(pairs)).await
    }

    /// The keys that verifiers get.
    pub(crate) async fn keys(&self) -> KeySet {
        let jwks = self.get("/.well-known/jwks.json").await;
        KeySet::from_jwks(jwks.text.as_bytes(), Unsupported::Refuse).unwrap()
    }
}

impl Answer {
    pub(crate) fn value(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    pub(crate) fn member(&self, name: &str) -> String {
        let value = self.value();
        let text = value.get(name).and_then(Value::as_str);
        text.unwrap_or_else(|| panic!("no {name} in {self:?}"))
            .to_owned()
    }

    /// Status and word for programs of a problem.
    pub(crate) fn problem(&self) -> (u16, String) {
        (self.status.as_u16(), self.member("code"))
    }
}

pub(crate) fn form_request(path: &str) -> Builder {
    Request::post(path).header("content-type", "application/x-www-form-urlencoded")
}

pub(crate) fn encoded(pairs: &[(&str, &str)]) -> String {
    let escape = |text: &str| -> String {
        let octets = text.bytes().map(|octet| match octet {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                char::from(octet).to_string()
            }
            other => format!("%{other:02X}"),
        });
        octets.collect()
    };
    let pairs = pairs
        .iter()
        .map(|(n, v)| format!("{}={}", escape(n), escape(v)));
    pairs.collect::<Vec<_>>().join("&")
}

/// Every dialect, with constants of the operator's own.
pub(crate) fn dialects() -> Dialects {
    let soracom = format!(
        r#"{{ enabled = true, audience = "endorse-audience", allowOrigin = "https://app.example", authorizedRedirectUrls = ["{REDIRECT}"] }}"#
    );
    let keys_api = r#"{ inventory-server = "coaps://inventory.example:5684" }"#;
    let ts43 = format!(r#"{{ apps = {{ ap2009 = "{OTHER_AUDIENCE}" }} }}"#);
    Dialects {
        soracom: soracom.parse().unwrap(),
        keys_api: keys_api.parse().unwrap(),
        ts43: ts43.parse().unwrap(),
    }
}

/// The authentication centre of one SIM.
pub(crate) fn source() -> Arc<Embedded<Kept<Numbers>>> {
    let subscribers = Subscribers::parse(&format!("imsi,k,opc\n{IMSI},{K},{OPC}\n")).unwrap();
    Arc::new(Embedded::in_memory(subscribers).unwrap())
}

pub(crate) fn imsi() -> Imsi {
    IMSI.parse().unwrap()
}

/// The present second, as the server sees it.
pub(crate) fn present() -> UnixTime {
    now()
}

fn settings(dialects: Dialects) -> Settings {
    Settings {
        origin: ORIGIN.to_owned(),
        audiences: [AUDIENCE, OTHER_AUDIENCE]
            .map(|text| text.parse().unwrap())
            .to_vec(),
        subjects: PairwiseSubjects::new(&[7; 32]),
        pseudonyms: Pseudonyms::new([8; 32]),
        tells_imsi: true,
        lifetime: 300,
        budget: Budget {
            vectors: 20,
            challenges: 5000,
        },
        dialects,
    }
}

fn guard() -> Guard {
    let mut tokens = Tokens::default();
    let digest = ring::digest::digest(&ring::digest::SHA256, CALLER.as_bytes());
    let caller = Caller::new("api", scope::ALL.iter().copied());
    tokens.insert(digest.as_ref().try_into().unwrap(), caller);
    Guard::new(tokens, Certificates::default())
}
