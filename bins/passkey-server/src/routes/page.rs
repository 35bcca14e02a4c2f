//! How pages become answers, and the files beside them.

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use super::viewer::Viewer;
use crate::pages::{ASSETS, Headers, Message, Origin, Render};
use crate::state::App;

pub(super) fn routes() -> Router<Arc<App>> {
    server_kit::page::routes(&ASSETS)
}

/// The page where nothing is.
pub(super) async fn not_found(
    axum::extract::State(app): axum::extract::State<Arc<App>>,
    viewer: Viewer,
) -> Response {
    let page = Message::not_found(viewer.language);
    answer(&app, StatusCode::NOT_FOUND, &page, None)
}

/// A page with the header fields of every page; forms may lead to `onward`'s origin as well.
pub(super) fn answer(
    app: &App,
    status: StatusCode,
    page: &impl Render,
    onward: Option<&str>,
) -> Response {
    let html = match page.html() {
        Ok(html) => html,
        Err(error) => {
            let error: &dyn std::error::Error = &error;
            tracing::error!(error, "no page");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let mut response = (status, Html(html)).into_response();
    let headers = if app.is_https() {
        Headers::over_tls()
    } else {
        Headers::default()
    };
    let headers = match onward.and_then(origin) {
        Some(origin) => headers.form_to(origin),
        None => headers,
    };
    headers.put_on(response.headers_mut());
    response
}

/// The origin of an address of the web, or of an application on the device.
fn origin(address: &str) -> Option<Origin> {
    let (scheme, rest) = address.split_once(':')?;
    if !matches!(scheme, "http" | "https") {
        return Origin::of_app(scheme).ok();
    }
    let rest = rest.strip_prefix("//")?;
    let authority = rest.split(['/', '?']).next()?;
    Origin::new(&format!("{scheme}://{authority}")).ok()
}
