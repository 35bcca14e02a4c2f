//! `POST /revoke`: a client gives a token back (RFC 7009).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use passkey_idp::oauth::revocation;

use super::call::Call;
use super::error::Failure;
use super::introspect::MISSING;
use super::shown::Shown;
use crate::state::{App, now};

/// Gives a token back (RFC 7009).
///
/// The answer is the same whether there was anything to be revoked: who asks learns nothing.
#[utoipa::path(post, path = "/revoke", tag = "OAuth", security(("client" = []), ()),
    request_body(content = super::introspect::TokenShown, content_type = "application/x-www-form-urlencoded"), responses(
    (status = 200),
    (status = "default", body = super::error::Told),
))]
pub(super) async fn revoke(State(app): State<Arc<App>>, call: Call) -> Result<StatusCode, Failure> {
    let now = now();
    let client = call.client(&app, now).await?.body.id;
    let token = call.parameters.get("token").ok_or(MISSING)?;
    let changes = match Shown::find(&app, token, now).await? {
        Shown::Access(token) => revocation::of_access(&token, &client).map(|change| vec![change]),
        Shown::Refresh(family, token) => revocation::of_refresh((&family, &token), &client, now),
        Shown::Nothing => None,
    };
    let outcome = if changes.is_some() {
        "success"
    } else {
        "nothing"
    };
    // what is refused here was revoked by somebody else just now
    app.store.commit(changes.unwrap_or_default(), now).await?;
    app.trace(client.as_str(), "token", "revoke", outcome);
    Ok(StatusCode::OK)
}
