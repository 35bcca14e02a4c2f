//! The access log and the metrics of every request.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};

use crate::{caller::Caller, listen::Peer};

/// Middleware that logs and counts a request by its route, never by its path or query.
///
/// The caller's name is known where a handler put its [`Caller`] into the answer's extensions.
pub async fn access_log(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().as_str().to_owned();
    let extensions = request.extensions();
    let route = extensions
        .get::<MatchedPath>()
        .map_or("*", MatchedPath::as_str)
        .to_owned();
    let peer = extensions.get::<Peer>().map(ToString::to_string);
    let response = next.run(request).await;
    let (took, status) = (began.elapsed(), response.status().as_u16());
    let caller = response.extensions().get::<Caller>().map(Caller::name);
    tracing::info!(
        target: "access", peer, caller, method, route, status,
        micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
    );
    let labels = [("method", method), ("route", route)];
    metrics::histogram!("http_request_duration_seconds", &labels).record(took);
    let [method, route] = labels;
    let labels = [method, route, ("status", status.to_string())];
    metrics::counter!("http_requests_total", &labels).increment(1);
    response
}
