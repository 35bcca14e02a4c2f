//! Health and readiness, as orchestrators ask for them.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    Router,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};

/// Whether the server can do its work now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Readiness {
    /// Send requests.
    Ready,
    /// Send them elsewhere; the text says why.
    NotReady(&'static str),
}

impl Readiness {
    /// `/healthz`, which answers while the process does, and `/readyz`, which asks `probe`.
    pub fn routes<S: Clone + Send + Sync + 'static>(
        probe: impl Fn() -> Self + Send + Sync + 'static,
    ) -> Router<S> {
        let probe = Arc::new(probe);
        Router::new()
            .route("/healthz", get(async || "ok\n"))
            .route("/readyz", get(async move || probe()))
    }
}

impl IntoResponse for Readiness {
    fn into_response(self) -> Response {
        match self {
            Self::Ready => "ready\n".into_response(),
            Self::NotReady(why) => {
                (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response()
            }
        }
    }
}

/// Whether what a server cannot do without has answered lately; clones share it.
#[derive(Debug, Clone)]
pub struct ReadyFlag {
    ready: Arc<AtomicBool>,
    otherwise: &'static str,
}

impl ReadyFlag {
    /// A flag of a server that is ready; `otherwise` says what it is not ready for want of.
    pub fn new(otherwise: &'static str) -> Self {
        Self {
            ready: Arc::new(AtomicBool::new(true)),
            otherwise,
        }
    }

    /// Says how the last look went.
    pub fn set<T, E>(&self, looked: &Result<T, E>) {
        self.ready.store(looked.is_ok(), Ordering::Relaxed);
    }

    /// Whether requests can be served.
    pub fn readiness(&self) -> Readiness {
        if self.ready.load(Ordering::Relaxed) {
            Readiness::Ready
        } else {
            Readiness::NotReady(self.otherwise)
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request};
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    use super::*;

    async fn get(probe: Readiness, path: &str) -> (u16, String) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = Readiness::routes(move || probe)
            .oneshot(request)
            .await
            .unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn health_is_the_process_and_readiness_is_its_work() {
        let broken = Readiness::NotReady("no card answers");
        assert_eq!(get(broken, "/healthz").await, (200, "ok\n".into()));
        assert_eq!(
            get(broken, "/readyz").await,
            (503, "no card answers\n".into())
        );
        assert_eq!(
            get(Readiness::Ready, "/readyz").await,
            (200, "ready\n".into())
        );
    }

    #[test]
    fn a_server_is_ready_as_long_as_its_store_answers() {
        let flag = ReadyFlag::new("the store does not answer");
        assert_eq!(flag.readiness(), Readiness::Ready);
        flag.set(&Err::<(), _>("gone"));
        assert_eq!(
            flag.readiness(),
            Readiness::NotReady("the store does not answer")
        );
        flag.set(&Ok::<_, &str>(()));
        assert_eq!(flag.readiness(), Readiness::Ready);
    }
}
