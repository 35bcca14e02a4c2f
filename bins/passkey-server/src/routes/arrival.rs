//! Whether a person asks for a page, or a program that looks ahead of one.

use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// Who seems to ask for a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    /// A browser that shows it to somebody (`Sec-Fetch-Mode: navigate` to a `document`, Fetch Metadata).
    Person,
    /// Whoever does not say: the preview of a link, a scanner of mail, an old browser.
    Unknown,
}

impl Arrival {
    /// What a request's header fields tell.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let says = |name, value: &str| headers.get(name).is_some_and(|said| said == value);
        if says("sec-fetch-mode", "navigate") && says("sec-fetch-dest", "document") {
            Self::Person
        } else {
            Self::Unknown
        }
    }
}

/// Whatever says that it looks ahead of a person does nothing: a prefetch, or a `HEAD` for the preview of
/// a link.
pub(super) async fn in_person(request: Request, next: Next) -> Response {
    if looks_ahead(request.headers()) {
        StatusCode::SERVICE_UNAVAILABLE.into_response()
    } else if request.method() == Method::HEAD {
        StatusCode::OK.into_response()
    } else {
        next.run(request).await
    }
}

/// `Sec-Purpose`, and what it was called before that.
fn looks_ahead(headers: &HeaderMap) -> bool {
    let purposes = ["sec-purpose", "purpose", "x-purpose", "x-moz"];
    let mut said = purposes.iter().filter_map(|name| headers.get(*name));
    said.any(|said| {
        let said = said.as_bytes().to_ascii_lowercase();
        [b"prefetch".as_slice(), b"preview", b"prerender"]
            .iter()
            .any(|purpose| said.starts_with(purpose))
    })
}
