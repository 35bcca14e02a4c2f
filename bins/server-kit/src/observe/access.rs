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
use tracing::field;

use super::counted;
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
    let method = known(request.method());
    let extensions = request.extensions_mut();
    extensions.insert(slot.clone());
    let route = extensions.get::<MatchedPath>().cloned();
    let peer = extensions.get::<Peer>().cloned();
    let response = next.run(request).await;
    let (took, status) = (began.elapsed(), response.status().as_u16());
    let route = route.as_ref().map_or("*", MatchedPath::as_str);
    tracing::info!(
        target: "access", peer = peer.map(field::display), caller = slot.name.get(), method, route,
        status, micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
    );
    counted::count(method, route, status, took);
    response
}

/// A method by its name; one that a client made up would be one more time series.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
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
