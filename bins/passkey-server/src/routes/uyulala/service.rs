//! `/api/v1/service`: users and their keys, for clients with the admin flag.

use std::sync::Arc;

use axum::extract::{Query, Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use passkey_idp::account;
use passkey_idp::application::Application;
use passkey_idp::credential::Credential;
use passkey_idp::id::UserId;
use passkey_idp::order::{Entrance, Placement};
use passkey_idp::store::{List, PageSize, RowId, StoreExt as _, Stored};
use passkey_idp::user::{Name, User};
use passkey_idp::webauthn::Backup;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use server_kit::body;
use utoipa::ToSchema;

use super::super::oauth;
use super::client::Admin;
use super::collect::time;
use super::error::ApiError;
use super::sign::{place, redirect, timeout};
use crate::state::{App, now};

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/api/v1/service/list/users", get(users))
        .route("/api/v1/service/create/user", post(create_user))
        .route("/api/v1/service/create/key", post(create_key))
        .route("/api/v1/service/delete/key", post(delete_key))
        .route("/api/v1/service/delete/user", post(delete_user))
}

#[derive(Deserialize)]
pub(super) struct Part {
    after: Option<RowId>,
    limit: Option<u64>,
}

/// Users with their keys, in pages; `Link: ...; rel="next"` (RFC 8288) leads to the next.
#[utoipa::path(get, path = "/api/v1/service/list/users", tag = "users", security(("client" = [])),
    params(
        ("after" = Option<String>, Query, description = "the last user of the page before"),
        ("limit" = Option<u64>, Query, description = "how many users, 1000 at most"),
    ), responses(
    (status = 200, body = Vec<Object>),
    (status = 400, content_type = "text/plain", body = String),
    (status = "default", body = super::error::Told),
))]
pub(super) async fn users(
    State(app): State<Arc<App>>,
    Admin(_): Admin,
    Query(part): Query<Part>,
) -> Result<Response, ApiError> {
    let size = part.limit.map_or(PageSize::default(), PageSize::nearest);
    let list = List::of::<User>().after(part.after.as_ref()).limit(size);
    let page = app.store.page::<User>(list).await?;
    let mut users = Vec::new();
    for user in &page.items {
        let of_user = List::of::<Credential>().owned_by(&user.id);
        let keys = app
            .store
            .page::<Credential>(of_user.limit(PageSize::MAX))
            .await?;
        let keys: Vec<_> = keys.items.iter().map(key).collect();
        users.push(json!({ "id": user.body.id, "created": time(user.created_at), "keys": keys }));
    }
    let mut response = Json(users).into_response();
    if let Some(next) = page.next {
        let path = "/api/v1/service/list/users";
        let link = format!("<{path}?after={next}&limit={}>; rel=\"next\"", size.get());
        if let Ok(link) = HeaderValue::from_str(&link) {
            response.headers_mut().insert(header::LINK, link);
        }
    }
    Ok(response)
}

/// Something is gone.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is made elsewhere")]
pub(super) struct Deleted {
    /// `deleted`.
    status: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewUser {
    suggested_name: String,
    #[serde(default)]
    timeout: Option<u64>,
    #[serde(default)]
    redirect: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    entrance: Entrance,
}

/// Invites a user: an order to make their first passkey.
#[utoipa::path(post, path = "/api/v1/service/create/user", tag = "users", security(("client" = [])),
    request_body = NewUser, responses(
    (status = 200, body = super::sign::Placed),
    (status = "default", body = super::error::Told),
))]
pub(super) async fn create_user(
    State(app): State<Arc<App>>,
    Admin(client): Admin,
    request: Request,
) -> Result<Json<Value>, ApiError> {
    let new: NewUser = read(request, &app).await?;
    let id = client.body.id.clone();
    let mut placement = Placement::registering(id, None, name(&new.suggested_name)?, &app.random)?;
    placement.entrance = new.entrance;
    let (timeout, to) = (new.timeout, new.redirect.as_deref());
    place(&app, registering(placement, &client, timeout, to)?).await
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewKey {
    #[schema(value_type = String)]
    user_id: UserId,
    #[serde(default)]
    timeout: Option<u64>,
    #[serde(default)]
    redirect: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    entrance: Entrance,
}

/// Invites a user to make another passkey.
#[utoipa::path(post, path = "/api/v1/service/create/key", tag = "users", security(("client" = [])),
    request_body = NewKey, responses(
    (status = 200, body = super::sign::Placed),
    (status = "default", body = super::error::Told),
))]
pub(super) async fn create_key(
    State(app): State<Arc<App>>,
    Admin(client): Admin,
    request: Request,
) -> Result<Json<Value>, ApiError> {
    let new: NewKey = read(request, &app).await?;
    let user = app.store.find::<User>(&User::row_id(&new.user_id)).await?;
    let name = user.ok_or_else(ApiError::not_found)?.body.name;
    let id = client.body.id.clone();
    let mut placement = Placement::registering(id, Some(new.user_id), name, &app.random)?;
    placement.entrance = new.entrance;
    let (timeout, to) = (new.timeout, new.redirect.as_deref());
    place(&app, registering(placement, &client, timeout, to)?).await
}

fn registering(
    mut placement: Placement,
    client: &Stored<Application>,
    seconds: Option<u64>,
    to: Option<&str>,
) -> Result<Placement, ApiError> {
    placement.timeout = timeout(seconds)?;
    placement.redirect = redirect(&client.body, to)?;
    Ok(placement)
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct OldKey {
    #[schema(value_type = String)]
    user_id: UserId,
    #[schema(value_type = String)]
    key_hash: RowId,
}

/// Removes a passkey, but not a user's last.
#[utoipa::path(post, path = "/api/v1/service/delete/key", tag = "users", security(("client" = [])),
    request_body = OldKey, responses(
    (status = 200, body = Deleted),
    (status = "default", body = super::error::Told),
))]
pub(super) async fn delete_key(
    State(app): State<Arc<App>>,
    Admin(client): Admin,
    request: Request,
) -> Result<Json<Value>, ApiError> {
    let old: OldKey = read(request, &app).await?;
    remove_key(&app, &old.user_id, &old.key_hash).await?;
    app.trace(client.body.id.as_str(), "passkey", "delete", "success");
    Ok(Json(json!({ "status": "deleted" })))
}

/// Removes a passkey of `user`, and ends the sessions and tokens that came of it: it may have been stolen.
pub(super) async fn remove_key(app: &App, user: &UserId, hash: &RowId) -> Result<(), ApiError> {
    let key = app.store.find::<Credential>(hash).await?;
    let key = key.ok_or_else(ApiError::not_found)?.body.id;
    account::remove_passkey(&*app.store, user, &key, now()).await?;
    Ok(oauth::end_of_passkey(app, user, &key.digest(), now()).await?)
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct OldUser {
    #[schema(value_type = String)]
    user_id: UserId,
}

/// Removes a user with all that is theirs.
#[utoipa::path(post, path = "/api/v1/service/delete/user", tag = "users", security(("client" = [])),
    request_body = OldUser, responses(
    (status = 200, body = Deleted),
    (status = "default", body = super::error::Told),
))]
pub(super) async fn delete_user(
    State(app): State<Arc<App>>,
    Admin(client): Admin,
    request: Request,
) -> Result<Json<Value>, ApiError> {
    let old: OldUser = read(request, &app).await?;
    oauth::end_of_user(&app, &old.user_id, now()).await?;
    account::remove_user(&*app.store, &old.user_id, now()).await?;
    app.trace(client.body.id.as_str(), "user", "delete", "success");
    Ok(Json(json!({ "status": "deleted" })))
}

pub(super) async fn read<T: DeserializeOwned>(
    request: Request,
    app: &Arc<App>,
) -> Result<T, ApiError> {
    let read = body::read_of_program(request, app).await;
    read.map_err(|invalid| ApiError::invalid(invalid.to_string()))
}

pub(super) fn name(text: &str) -> Result<String, ApiError> {
    let name = text.parse::<Name>();
    let invalid = |_| ApiError::invalid("suggestedName has 1 to 64 characters");
    name.map(Into::into).map_err(invalid)
}

/// A key as Uyulala's README shows it.
pub(super) fn key(stored: &Stored<Credential>) -> Value {
    let key = &stored.body;
    json!({
        "hash": stored.id,
        "key": {
            "ID": key.id,
            "PublicKey": key.public_key,
            "AttestationType": key.attestation_format,
            "Transport": key.transports,
            "Flags": {
                "UserPresent": true,
                "UserVerified": key.user_verified,
                "BackupEligible": key.backup.is_eligible(),
                "BackupState": key.backup == Backup::BackedUp,
            },
            "Authenticator": {
                "AAGUID": key.aaguid,
                "SignCount": key.counter,
                "CloneWarning": key.may_be_cloned,
                "Attachment": "",
            },
        },
        "created": time(stored.created_at),
        "lastUsed": key.last_used.map(time),
    })
}
