//! Which browser is asking: a cookie of its own, and tokens that only its pages can know.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};
use passkey_idp::id::{OrderId, ViewerSecret};
use passkey_idp::random::{Digest, NoRandomness};
use server_kit::browser::cookie;

use super::arrival::Arrival;
use crate::pages::Language;
use crate::state::App;

/// A browser, known by its cookie or new.
#[derive(Debug)]
pub(super) struct Viewer {
    secret: Option<ViewerSecret>,
    pub(super) language: Language,
    pub(super) arrival: Arrival,
}

impl FromRequestParts<Arc<App>> for Viewer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        Ok(Self {
            secret: cookie(&parts.headers, name(app)).and_then(|text| text.parse().ok()),
            language: language(&parts.headers, parts.uri.query()),
            arrival: Arrival::of(&parts.headers),
        })
    }
}

impl Viewer {
    /// The browser's secret, made now for one that has none, and what makes it keep it.
    pub(super) fn known(
        self,
        app: &App,
    ) -> Result<(ViewerSecret, Option<(HeaderName, String)>), NoRandomness> {
        if let Some(secret) = self.secret {
            return Ok((secret, None));
        }
        let secret = ViewerSecret::generate(&app.random)?;
        let secure = if app.is_https() { "; Secure" } else { "" };
        let value = format!(
            "{}={}; Path=/; HttpOnly; SameSite=Lax{secure}",
            name(app),
            *secret.expose()
        );
        Ok((secret, Some((header::SET_COOKIE, value))))
    }

    /// The browser's secret, if it has one.
    pub(super) const fn secret(&self) -> Option<&ViewerSecret> {
        self.secret.as_ref()
    }

    /// Whether a form with this token comes from the page of that name that this browser was shown.
    pub(super) fn has_sent(&self, token: Option<&str>, page: &[u8]) -> bool {
        let token = token.and_then(|token| Digest::try_from(token.to_owned()).ok());
        let secret = self.secret.as_ref();
        let expected = secret.map(|secret| token_of(secret, page));
        expected.is_some() && token == expected
    }
}

/// The token of a browser's forms for an order.
pub(super) fn csrf(secret: &ViewerSecret, order: &OrderId) -> Digest {
    token_of(secret, order.as_bytes())
}

/// The token of a browser's forms on the page of that name.
pub(super) fn token_of(secret: &ViewerSecret, page: &[u8]) -> Digest {
    Digest::of("csrf", &[secret.expose_bytes(), page])
}

/// `ui_locales` of the query, then `Accept-Language`.
pub(super) fn language(headers: &HeaderMap, query: Option<&str>) -> Language {
    let mut pairs = query.unwrap_or_default().split('&');
    let locales = pairs.find_map(|pair| pair.strip_prefix("ui_locales="));
    let locales = locales.map(|locales| locales.replace(['+'], " ").replace("%20", " "));
    let accepted = headers.get(header::ACCEPT_LANGUAGE);
    let accepted = accepted.and_then(|value| value.to_str().ok());
    Language::choose(locales.as_deref(), accepted.unwrap_or_default())
}

/// Under TLS a name that no sibling domain can set.
fn name(app: &App) -> &'static str {
    if app.is_https() {
        "__Host-viewer"
    } else {
        "viewer"
    }
}
