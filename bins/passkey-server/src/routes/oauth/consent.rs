//! The page that asks what a client may know, and the user's answer.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use passkey_idp::id::ViewerSecret;
use passkey_idp::store::RowId;
use server_kit::form::Form;

use super::super::order::host;
use super::super::page;
use super::super::session::SessionCookie;
use super::super::viewer::{Viewer, token_of};
use super::progress::{Question, Stop};
use super::visit::Visit;
use crate::pages::{Consent, Grant, Language, Party};
use crate::state::App;

/// Asks.
pub(super) fn page(
    app: &App,
    question: &Question,
    secret: &ViewerSecret,
    language: Language,
) -> Response {
    let to = question.request.body.redirect_uri.as_str();
    let party = Party::new(&question.client.title, host(to));
    let grants: Vec<_> = question
        .scope
        .iter()
        .map(|scope| Grant::new(scope, language))
        .collect();
    let action = format!("/authorize/{}", question.request.id);
    let csrf = token_of(secret, question.request.id.as_str().as_bytes()).to_string();
    let mut page = Consent::new(&party, &grants, &action);
    (page.language, page.csrf) = (language, &csrf);
    page::answer(app, StatusCode::OK, &page, Some(to))
}

/// `POST /authorize/{id}`: yes or no.
pub(super) async fn answer(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    viewer: Viewer,
    session: SessionCookie,
    form: Form,
) -> Response {
    let language = viewer.language;
    let answered = async {
        let id: RowId = id.parse().map_err(|_invalid| Stop::Unknown)?;
        let csrf = form.one("csrf").map_err(|_twice| Stop::Foreign)?;
        if !viewer.has_sent(csrf, id.as_str().as_bytes()) {
            return Err(Stop::Foreign);
        }
        let allowed = match form.one("decision") {
            Ok(Some("allow")) => true,
            Ok(Some("deny")) => false,
            _ => return Err(Stop::Foreign),
        };
        let mut visit = Visit::resume(&app, &viewer, session)?;
        let stage = visit.passage.answered(&id, allowed).await?;
        Ok(visit.answered(&stage))
    };
    let answered = answered.await;
    answered.unwrap_or_else(|stop| stop.page(&app, language))
}
