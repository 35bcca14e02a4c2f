//! A browser with a request: what it is known by, and what it is shown.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use passkey_idp::id::ViewerSecret;
use passkey_idp::oauth::ErrorCode;
use server_kit::body::has_content_type;

use super::super::session::{SessionCookie, begun};
use super::super::viewer::Viewer;
use super::answer::see_other;
use super::consent;
use super::progress::{Passage, Stage, Stop};
use crate::pages::Language;
use crate::state::App;

/// A browser with a request.
pub(super) struct Visit<'a> {
    pub(super) passage: Passage<'a>,
    secret: ViewerSecret,
    cookie: Option<String>,
    language: Language,
}

impl<'a> Visit<'a> {
    /// It brings a request, and may be new.
    pub(super) fn begin(
        app: &'a App,
        viewer: Viewer,
        session: SessionCookie,
    ) -> Result<Self, Stop> {
        let language = viewer.language;
        let (secret, cookie) = viewer.known(app)?;
        Ok(Self {
            passage: Passage::of_browser(app, &secret, session),
            secret,
            cookie: cookie.map(|(_, cookie)| cookie),
            language,
        })
    }

    /// It comes back to one.
    pub(super) fn resume(
        app: &'a App,
        viewer: &Viewer,
        session: SessionCookie,
    ) -> Result<Self, Stop> {
        let secret = viewer.secret().ok_or(Stop::Foreign)?;
        Ok(Self {
            passage: Passage::of_browser(app, secret, session),
            secret: secret.clone(),
            cookie: None,
            language: viewer.language,
        })
    }

    /// What it is shown, or where it is sent, with the cookies that it is to keep.
    pub(super) fn answered(self, stage: &Stage) -> Response {
        let app = self.passage.app;
        let locales = self.passage.locales.as_deref();
        let language = Language::choose(locales, self.language.tag());
        let mut response = match stage {
            Stage::SignIn(order, _) => {
                see_other(&format!("/o/{order}?ui_locales={}", language.tag()))
            }
            Stage::Consent(question) => consent::page(app, question, &self.secret, language),
            Stage::Answer(answer) => answer.render(app, language),
        };
        let session = self.passage.begun.map(|secret| begun(app, &secret));
        keep(&mut response, self.cookie);
        keep(&mut response, session);
        response
    }
}

/// Adds a cookie.
pub(super) fn keep(response: &mut Response, cookie: Option<String>) {
    if let Some(value) = cookie.and_then(|cookie| HeaderValue::try_from(cookie).ok()) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// A form that was posted to `path`, as a query: then the browser shows its cookies, which it leaves
/// out of another site's post.
pub(super) fn as_query(path: &str, headers: &HeaderMap, body: &[u8]) -> Result<Response, Stop> {
    let is_form = has_content_type(headers, "application/x-www-form-urlencoded");
    // what cannot stand in a header field, such as the end of a line, stands in no form either
    let fits = |query: &&str| {
        query.len() <= LONGEST && query.bytes().all(|octet| matches!(octet, b' '..=b'~'))
    };
    match std::str::from_utf8(body).ok().filter(fits) {
        Some(query) if is_form => Ok(see_other(&format!("{path}?{query}"))),
        _ => Err(Stop::Show(
            ErrorCode::InvalidRequest.because("the body is no form, or too long"),
        )),
    }
}

/// A query that is longer is nobody's.
const LONGEST: usize = 8 * 1024;
