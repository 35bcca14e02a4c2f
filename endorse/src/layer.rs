//! A tower layer and an extractor for axum.
//!
//! ```
//! use axum::{Router, routing::get};
//! use endorse::layer::{EndorseLayer, Endorsed};
//! # fn app(verifier: endorse::Verifier) -> Router {
//! async fn upload(Endorsed(endorsement): Endorsed) -> String {
//!     format!("hello, {}", endorsement.subject())
//! }
//!
//! Router::new().route("/upload", get(upload)).layer(EndorseLayer::new(verifier))
//! # }
//! ```

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::SystemTime;

use axum_core::extract::FromRequestParts;
use axum_core::response::{IntoResponse, Response};
use http::header::WWW_AUTHENTICATE;
use http::request::Parts;
use http::{Request, StatusCode};
use strict_jws::UnixTime;
use tower_layer::Layer;
use tower_service::Service;

use crate::headers;
use crate::{Endorsement, Presented, Refusal, Verifier};

/// Lets requests with a good token pass, and puts its [`Endorsement`] into their extensions. Others
/// are answered with 401 and the precise [`Refusal`] in the answer's extensions, for a log.
#[derive(Clone)]
pub struct EndorseLayer {
    gate: Arc<Gate>,
}

struct Gate {
    verifier: Verifier,
    origin: Option<String>,
    now: fn() -> UnixTime,
}

impl EndorseLayer {
    /// Verifies with `verifier`. Keys that must be fetched are fetched beside the runtime.
    pub fn new(verifier: Verifier) -> Self {
        Self::with(Gate {
            verifier,
            origin: None,
            now: system_time,
        })
    }

    /// Verifies with `verifier`, and proofs of keys for URIs under `origin`, such as
    /// `https://api.example`: what the device calls this service, whatever stands between.
    pub fn with_origin(verifier: Verifier, origin: impl Into<String>) -> Self {
        Self::with(Gate {
            verifier,
            origin: Some(origin.into()),
            now: system_time,
        })
    }

    /// With another clock.
    ///
    /// # Panics
    /// When the layer is in use already.
    #[must_use]
    pub fn with_clock(self, now: fn() -> UnixTime) -> Self {
        let gate =
            Arc::into_inner(self.gate).expect("the clock is chosen before the layer is used");
        Self::with(Gate { now, ..gate })
    }

    fn with(gate: Gate) -> Self {
        Self {
            gate: Arc::new(gate),
        }
    }
}

impl Gate {
    async fn check<B>(self: &Arc<Self>, request: &Request<B>) -> Result<Endorsement, Refusal> {
        let now = (self.now)();
        let token = headers::token(request.headers())?;
        if self.verifier.is_refresh_due(now) {
            self.refresh(token, now).await;
        } else if self.verifier.is_refresh_wanted(now) {
            // nobody waits for it
            drop(self.refresh(token, now));
        }
        match self.verify(token, request, now) {
            Err(refusal) if refusal.is_unknown_key() => {
                self.refresh(token, now).await;
                self.verify(token, request, now)
            }
            answer => answer,
        }
    }

    fn verify<B>(
        &self,
        token: &[u8],
        request: &Request<B>,
        now: UnixTime,
    ) -> Result<Endorsement, Refusal> {
        let mut presented = Presented::new(token);
        let uri = self
            .origin
            .as_ref()
            .map(|origin| format!("{origin}{}", request.uri().path()));
        let proof = uri
            .as_ref()
            .and_then(|uri| headers::proof(request.headers(), request.method().as_str(), uri));
        if let Some(proof) = proof {
            presented = presented.with_proof(proof);
        }
        self.verifier.verify(presented, now)
    }

    /// Begins to fetch keys. Whatever comes of it: the keys that are there decide.
    fn refresh(self: &Arc<Self>, token: &[u8], now: UnixTime) -> impl Future<Output = ()> + use<> {
        let (gate, token) = (Arc::clone(self), token.to_vec());
        let fetched = tokio::task::spawn_blocking(move || gate.verifier.refresh(&token, now));
        async { drop(fetched.await) }
    }
}

impl fmt::Debug for EndorseLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndorseLayer")
            .field("verifier", &self.gate.verifier)
            .finish_non_exhaustive()
    }
}

impl<S> Layer<S> for EndorseLayer {
    type Service = EndorseService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        EndorseService {
            inner,
            gate: Arc::clone(&self.gate),
        }
    }
}

/// What [`EndorseLayer`] makes of a service.
#[derive(Clone)]
pub struct EndorseService<S> {
    inner: S,
    gate: Arc<Gate>,
}

impl<S, B> Service<Request<B>> for EndorseService<S>
where
    S: Service<Request<B>, Error = Infallible> + Clone + Send + 'static,
    S::Response: IntoResponse,
    S::Future: Send,
    B: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let clone = self.inner.clone();
        // The one that has been polled must be the one that is called.
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let gate = Arc::clone(&self.gate);
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let head = Request::from_parts(parts, ());
            let checked = gate.check(&head).await;
            let (mut parts, ()) = head.into_parts();
            match checked {
                Ok(endorsement) => {
                    parts.extensions.insert(endorsement);
                    let answer = inner.call(Request::from_parts(parts, body)).await;
                    answer.map(IntoResponse::into_response)
                }
                Err(refusal) => Ok(refusal.into_response()),
            }
        })
    }
}

impl<S> fmt::Debug for EndorseService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EndorseService")
    }
}

impl IntoResponse for Refusal {
    /// 401 with `WWW-Authenticate`; the reason is in the extensions and not in the answer.
    fn into_response(self) -> Response {
        let challenge = [(WWW_AUTHENTICATE, self.challenge())];
        let mut answer = (StatusCode::UNAUTHORIZED, challenge).into_response();
        answer.extensions_mut().insert(self);
        answer
    }
}

/// What the token of this request says. Behind no [`EndorseLayer`] it answers with 500.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "an extractor is taken apart")]
pub struct Endorsed(pub Endorsement);

impl<S: Sync> FromRequestParts<S> for Endorsed {
    type Rejection = (StatusCode, &'static str);

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let endorsement = parts.extensions.get::<Endorsement>().cloned();
        let missing = (
            StatusCode::INTERNAL_SERVER_ERROR,
            "no EndorseLayer before this",
        );
        endorsement.map(Self).ok_or(missing)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the edge where the clock is read"
)]
fn system_time() -> UnixTime {
    SystemTime::now().into()
}
