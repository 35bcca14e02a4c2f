//! The first page: sign in, or what one has signed.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::visitor::Visitor;
use crate::pages::{self, Home, Listed, Welcome};
use crate::state::App;

pub(super) async fn show(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    let Some(person) = visitor.person(&app) else {
        let page = Welcome {
            issuer: app.oidc.issuer(),
        };
        return pages::answer(&app, StatusCode::OK, &page);
    };
    let mut documents = Vec::new();
    for document in app.documents(&person.subject) {
        let mut document = document.lock().await;
        if let Err(error) = app.follow(&mut document).await {
            let error: &dyn std::error::Error = &error;
            tracing::debug!(error, "a document is listed as it stood before");
        }
        documents.push(Listed::new(&document));
    }
    let page = Home::new(&person, documents);
    pages::answer(&app, StatusCode::OK, &page)
}
