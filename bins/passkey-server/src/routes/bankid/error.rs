//! Errors as BankID's clients read them: `{"errorCode","details"}`.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use passkey_idp::bankid::{ErrorCode, Refusal};
use passkey_idp::order::{OrderError, PlaceError};
use passkey_idp::store::StoreError;
use serde_json::json;

use super::super::client::Denied;

/// An answer that is none.
#[derive(Debug)]
pub(super) struct Refused(Refusal);

/// What is said of orders that are not there, are another's, or are over.
pub(super) const NO_SUCH_ORDER: Refusal = ErrorCode::InvalidParameters.because("No such order");

pub(super) async fn method() -> Refused {
    ErrorCode::MethodNotAllowed
        .because("everything is asked for with POST")
        .into()
}

pub(super) async fn not_found() -> Refused {
    ErrorCode::NotFound.because("there is no such thing").into()
}

impl Refused {
    fn failed(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "a request has failed");
        Self(ErrorCode::InternalError.because("the server has failed"))
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.code.status());
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = json!({ "errorCode": self.0.code.name(), "details": self.0.details });
        (status, Json(body)).into_response()
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

impl From<Denied> for Refused {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Unknown => {
                Self(ErrorCode::Unauthorized.because("the relying party is unknown"))
            }
            Denied::Dialect => {
                Self(ErrorCode::Unauthorized.because("the relying party may not use this API"))
            }
            Denied::TooMany(_) => Self(ErrorCode::Maintenance.because("asked too often")),
            Denied::Store(error) => Self::failed(&error),
        }
    }
}

impl From<OrderError> for Refused {
    fn from(error: OrderError) -> Self {
        match error {
            OrderError::Refused(_) => Self(NO_SUCH_ORDER),
            other @ (OrderError::Store(_) | _) => Self::failed(&other),
        }
    }
}

macro_rules! failures {
    ($($name:ident),+) => {$(
        impl From<$name> for Refused {
            fn from(error: $name) -> Self {
                Self::failed(&error)
            }
        }
    )+};
}

failures!(StoreError, PlaceError);
