//! What every request to a server passes, and every answer says.

use std::time::Duration;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware,
};
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer, set_header::SetResponseHeaderLayer, timeout::TimeoutLayer,
};

use crate::observe::access_log;

/// Bounds on a request, a log line of it, and an answer that nobody keeps or guesses the type of.
///
/// ```
/// use axum::{Router, routing::get};
/// use server_kit::frame::Frame;
///
/// let routes: Router = Router::new().route("/healthz", get(|| async { "ok" }));
/// let framed = Frame::default().around(routes);
/// ```
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "two numbers")]
pub struct Frame {
    /// Octets of a body at most.
    pub longest_body: usize,
    /// How long a request may take.
    pub slowest: Duration,
}

impl Default for Frame {
    fn default() -> Self {
        Self {
            longest_body: 32 * 1024,
            slowest: Duration::from_secs(15),
        }
    }
}

impl Frame {
    /// Puts it around `routes`.
    pub fn around<S: Clone + Send + Sync + 'static>(self, routes: Router<S>) -> Router<S> {
        let layers = ServiceBuilder::new()
            .layer(middleware::from_fn(access_log))
            .layer(field(header::CACHE_CONTROL, "no-store"))
            .layer(field(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .layer(CatchPanicLayer::new())
            .layer(TimeoutLayer::with_status_code(
                StatusCode::REQUEST_TIMEOUT,
                self.slowest,
            ));
        routes
            .layer(DefaultBodyLimit::max(self.longest_body))
            .layer(layers)
    }
}

fn field(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use axum::{
        body::Body,
        http::Request,
        response::Response,
        routing::{get, post},
    };
    use tower::ServiceExt as _;

    use super::*;

    async fn answer(request: Request<Body>) -> Response {
        let frame = Frame {
            longest_body: 4,
            slowest: Duration::from_millis(1),
        };
        let routes = Router::new()
            .route("/kept", get(async || [(header::CACHE_CONTROL, "public")]))
            .route("/body", post(async |body: String| body))
            .route("/panics", get(async || -> &str { panic!("a defect") }))
            .route("/hangs", get(pending::<&str>));
        frame.around(routes).oneshot(request).await.unwrap()
    }

    async fn status(path: &str) -> u16 {
        let request = Request::get(path).body(Body::empty()).unwrap();
        answer(request).await.status().as_u16()
    }

    #[tokio::test]
    async fn an_answer_says_that_it_is_not_kept_unless_it_says_otherwise() {
        for (path, kept) in [("/none", "no-store"), ("/kept", "public")] {
            let request = Request::get(path).body(Body::empty()).unwrap();
            let response = answer(request).await;
            assert_eq!(response.headers()[header::CACHE_CONTROL], kept);
            assert_eq!(
                response.headers()[header::X_CONTENT_TYPE_OPTIONS],
                "nosniff"
            );
        }
    }

    #[tokio::test]
    async fn a_long_body_a_panic_and_a_hanging_handler_end_the_request_alone() {
        let request = Request::post("/body").body(Body::from("longer")).unwrap();
        assert_eq!(
            answer(request).await.status(),
            StatusCode::PAYLOAD_TOO_LARGE
        );
        assert_eq!(status("/panics").await, 500);
        assert_eq!(status("/hangs").await, 408);
    }
}
