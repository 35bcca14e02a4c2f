//! The access log and the metrics of every request.

use std::{
    sync::{Arc, OnceLock},
    time::Instant,
};

use axum::{
    extract::{MatchedPath, Request},
    http::Method,
    middleware::Next,
    response::Response,
};

use crate::listen::Peer;

/// Where a handler leaves the caller's name for the access log: a request's extension.
#[derive(Debug, Clone, Default)]
pub struct CallerSlot {
    name: Arc<OnceLock<String>>,
}

impl CallerSlot {
    /// Leaves the name; the first one stays.
    pub fn fill(&self, name: &str) {
        self.name.get_or_init(|| name.to_owned());
    }
}

/// Middleware that logs and counts a request by its route, never by its path or query.
pub async fn access_log(mut request: Request, next: Next) -> Response {
    let (began, slot) = (Instant::now(), CallerSlot::default());
    request.extensions_mut().insert(slot.clone());
    let method = known(request.method()).to_owned();
    let extensions = request.extensions();
    let route = extensions.get::<MatchedPath>();
    let route = route.map_or("*", MatchedPath::as_str).to_owned();
    let peer = extensions.get::<Peer>().map(ToString::to_string);
    let response = next.run(request).await;
    let (took, status) = (began.elapsed(), response.status().as_u16());
    tracing::info!(
        target: "access", peer, caller = slot.name.get(), method, route, status,
        micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
    );
    let labels = [("method", method), ("route", route)];
    metrics::histogram!("http_request_duration_seconds", &labels).record(took);
    let [method, route] = labels;
    let labels = [method, route, ("status", status.to_string())];
    metrics::counter!("http_requests_total", &labels).increment(1);
    response
}

/// A method by its name; one that a client made up would be one more time series.
fn known(method: &Method) -> &str {
    let standard = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    if standard.contains(method) {
        method.as_str()
    } else {
        "other"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_of_the_clients_own_making_is_not_counted_by_its_name() {
        assert_eq!(known(&Method::DELETE), "DELETE");
        assert_eq!(known(&Method::from_bytes(b"X1").unwrap()), "other");
    }
}
