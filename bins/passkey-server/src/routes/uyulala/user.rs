//! `/api/v1/user`: what users do with their own keys, by the word of an issuer that the operator
//! trusts with them.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::routing::{get, post};
use axum::{Json, Router};
use passkey_idp::credential::Credential;
use passkey_idp::id::UserId;
use passkey_idp::order::Placement;
use passkey_idp::store::{List, PageSize, RowId, StoreExt as _};
use passkey_idp::user::User;
use serde::Deserialize;
use serde_json::{Value, json};
use server_kit::problem::Problem;
use utoipa::ToSchema;

use super::collect::time;
use super::error::ApiError;
use super::service::{key, name, read, remove_key};
use super::sign::{place, timeout};
use crate::state::{App, OWN, scope};

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/api/v1/user/listKeys", get(list))
        .route("/api/v1/user/addKey", post(add))
        .route("/api/v1/user/deleteKey", post(delete))
}

/// The user whom a token is about.
pub(super) struct Holder(UserId);

impl FromRequestParts<Arc<App>> for Holder {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let caller = app.gate.admit_fetching(parts).await?;
        caller.may(scope::KEYS)?;
        // the gate calls whoever brings an issuer's token by the issuer's name and theirs
        let subject = caller.name().split_once(':').map(|(_, subject)| subject);
        let user = subject.and_then(|subject| subject.parse().ok());
        let nobody = || Problem::new(StatusCode::FORBIDDEN, "no_user", "the token is no user's");
        user.map(Self).ok_or_else(nobody)
    }
}

/// The user with their keys, as the list of users shows them.
#[utoipa::path(get, path = "/api/v1/user/listKeys", tag = "users", security(("token" = [])),
    responses(
    (status = 200, body = Object),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = "default", body = super::error::Told),
))]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Holder(user): Holder,
) -> Result<Json<Value>, ApiError> {
    let row = User::row_id(&user);
    let found = app.store.find::<User>(&row).await?;
    let found = found.ok_or_else(ApiError::not_found)?;
    let list = List::of::<Credential>().owned_by(&row).limit(PageSize::MAX);
    let keys = app.store.page::<Credential>(list).await?;
    let keys: Vec<_> = keys.items.iter().map(key).collect();
    Ok(Json(
        json!({ "id": user, "created": time(found.created_at), "keys": keys }),
    ))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = OwnNewKey)]
pub(super) struct NewKey {
    suggested_name: String,
    #[serde(default)]
    timeout: Option<u64>,
}

/// Places an order to register one more key. The browser is sent nowhere afterwards: what a request's
/// `Referer` says is no address that anybody has registered.
#[utoipa::path(post, path = "/api/v1/user/addKey", tag = "users", security(("token" = [])),
    request_body = NewKey,
    responses(
    (status = 200, body = super::sign::Placed),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = "default", body = super::error::Told),
))]
pub(super) async fn add(
    State(app): State<Arc<App>>,
    Holder(user): Holder,
    request: Request,
) -> Result<Json<Value>, ApiError> {
    let new: NewKey = read(request, &app).await?;
    let found = app.store.find::<User>(&User::row_id(&user)).await?;
    found.ok_or_else(ApiError::not_found)?;
    let own = OWN.parse().map_err(|_invalid| ApiError::not_found())?;
    let name = name(&new.suggested_name)?;
    let mut placement = Placement::registering(own, Some(user), name, &app.random)?;
    placement.timeout = timeout(new.timeout)?;
    place(&app, placement).await
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = OwnOldKey)]
pub(super) struct OldKey {
    #[schema(value_type = String)]
    key_hash: RowId,
}

/// Removes one of the user's passkeys, but not the last.
#[utoipa::path(post, path = "/api/v1/user/deleteKey", tag = "users", security(("token" = [])),
    request_body = OldKey,
    responses(
    (status = 200, body = super::service::Deleted),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = "default", body = super::error::Told),
))]
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    Holder(user): Holder,
    request: Request,
) -> Result<Json<Value>, ApiError> {
    let old: OldKey = read(request, &app).await?;
    remove_key(&app, &user, &old.key_hash).await?;
    app.trace("user", "passkey", "delete", "success");
    Ok(Json(json!({ "status": "deleted" })))
}
