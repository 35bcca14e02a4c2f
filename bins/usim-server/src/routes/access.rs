//! What handlers take in: a caller that was let in, and a body in JSON.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, header, request::Parts},
};
use serde::de::DeserializeOwned;
use server_kit::caller::Caller;

use crate::{error::ApiError, state::App};

/// A caller that was let in; what it may do is asked for each SIM.
pub(super) struct Access(pub(super) Caller);

impl FromRequestParts<Arc<App>> for Access {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        app.admit(parts).map(Self)
    }
}

/// A body in JSON that says so in its content type, which a web page's form cannot.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::BadRequest(
                "the body's content type is not application/json",
            ));
        }
        parse(request, app).await.map(Self)
    }
}

/// Reads a body in JSON, whatever its content type says.
///
/// What serde says is not passed on: it quotes the body.
pub(super) async fn parse<T: DeserializeOwned>(
    request: Request,
    app: &Arc<App>,
) -> Result<T, ApiError> {
    let Ok(octets) = Bytes::from_request(request, app).await else {
        return Err(ApiError::BadRequest(
            "the body is too long, or did not arrive",
        ));
    };
    serde_json::from_slice(&octets).map_err(|_quotes_the_body| {
        ApiError::BadRequest("the body is not a JSON object with the members that this takes")
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}
