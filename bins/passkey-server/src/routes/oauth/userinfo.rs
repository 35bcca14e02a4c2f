//! `GET` and `POST /userinfo` (OpenID Connect Core §5.3).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse as _, Response};
use passkey_idp::oauth::{Claim, ErrorCode};
use passkey_idp::store::StoreExt as _;
use passkey_idp::user::User;
use serde_json::{Value, json};

use super::bearer::{admit, refused};
use super::error::Failure;
use super::introspect::stands;
use crate::state::{App, now};

/// Who has signed in, as far as the scopes of the token go (OpenID Connect Core §5.3).
#[utoipa::path(method(get, post), path = "/userinfo", tag = "OAuth", security(("token" = [])), responses(
    (status = 200, body = Object),
    (status = "default", body = super::error::Told),
))]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    match claims(&app, (&method, uri.path(), &headers)).await {
        Ok(claims) => Json(claims).into_response(),
        Err(failure) => refused(failure),
    }
}

async fn claims(app: &App, request: (&Method, &str, &HeaderMap)) -> Result<Value, Failure> {
    let token = admit(app, request, now()).await?;
    if !token.grant.scope.contains("openid") {
        return Err(ErrorCode::InsufficientScope
            .because("the scope openid is needed")
            .into());
    }
    if !stands(app, &token.grant).await? {
        return Err(ErrorCode::InvalidToken
            .because("the user or the client is gone")
            .into());
    }
    let user = token.grant.authentication.user;
    let found = app.store.find::<User>(&User::row_id(&user)).await?;
    let known = found.ok_or(ErrorCode::InvalidToken.because("the user is gone"))?;
    let mut claims = json!({ "sub": user });
    if let Some(members) = claims.as_object_mut()
        && token.grant.scope.contains("profile")
    {
        members.insert("name".to_owned(), json!(known.body.name));
    }
    let authentication = &token.grant.authentication;
    for claim in &token.grant.claims.userinfo {
        let value = match claim {
            Claim::AuthTime => json!(authentication.at.unix_seconds()),
            Claim::Acr => json!(authentication.acr),
            Claim::Amr => json!(authentication.amr),
            // the scope that goes with it tells it
            Claim::Name | _ => continue,
        };
        if let Some(members) = claims.as_object_mut() {
            members.insert(claim.name().to_owned(), value);
        }
    }
    Ok(claims)
}
