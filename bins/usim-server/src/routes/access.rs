//! A caller that was let in.

use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts};
use server_kit::caller::Caller;

use crate::{error::ApiError, state::App};

/// A caller that was let in; what it may do is asked for each SIM.
pub(super) struct Access(pub(super) Caller);

impl FromRequestParts<Arc<App>> for Access {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        app.admit(parts).await.map(Self)
    }
}
