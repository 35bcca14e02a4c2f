//! Errors as Uyulala's clients read them, without what they leaked.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use passkey_idp::account::AccountError;
use passkey_idp::approval::ApprovalError;
use passkey_idp::order::{OrderError, PlaceError, Refusal};
use passkey_idp::random::NoRandomness;
use passkey_idp::seal::SealFailed;
use passkey_idp::store::StoreError;
use serde::Serialize;
use server_kit::limit::TooMany;
use utoipa::ToSchema;

use super::super::oauth;

/// An answer that is none: status, a word for programs, a sentence for people.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    error: &'static str,
    description: String,
    retry_after: Option<u64>,
}

/// What a client is told of it.
#[derive(Serialize, ToSchema)]
#[schema(as = UyulalaError)]
pub(super) struct Told {
    /// The status.
    code: u16,
    /// A word for programs.
    error: &'static str,
    /// A sentence for people.
    error_description: String,
}

impl ApiError {
    pub(super) fn new(
        status: StatusCode,
        error: &'static str,
        description: impl Into<String>,
    ) -> Self {
        Self {
            status,
            error,
            description: description.into(),
            retry_after: None,
        }
    }

    pub(super) fn invalid(description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", description)
    }

    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "there is no such thing")
    }

    fn failed(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "a request has failed");
        Self::server_error()
    }

    fn server_error() -> Self {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self::new(status, "server_error", "the server has failed")
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = Told {
            code: self.status.as_u16(),
            error: self.error,
            error_description: self.description,
        };
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = "Basic realm=\"passkey-server\", charset=\"UTF-8\"";
            headers.insert(
                header::WWW_AUTHENTICATE,
                axum::http::HeaderValue::from_static(challenge),
            );
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unknown => Self::not_found(),
            other @ (Refusal::Status(_)
            | Refusal::AnotherViewer
            | Refusal::WrongNumber
            | Refusal::NeedsCode
            | Refusal::Contended
            | _) => Self::new(StatusCode::CONFLICT, "invalid_state", other.to_string()),
        }
    }
}

impl From<OrderError> for ApiError {
    fn from(error: OrderError) -> Self {
        match error {
            OrderError::Refused(refusal) => refusal.into(),
            OrderError::Store(error) => Self::failed(&error),
            other => Self::failed(&other),
        }
    }
}

impl From<ApprovalError> for ApiError {
    fn from(error: ApprovalError) -> Self {
        match error {
            ApprovalError::Order(refusal) => refusal.into(),
            ApprovalError::Evidence(_)
            | ApprovalError::Place(_)
            | ApprovalError::Randomness(_)
            | ApprovalError::Store(_) => Self::failed(&error),
            refused @ (ApprovalError::OtherCeremony
            | ApprovalError::UnknownPasskey
            | ApprovalError::Duplicate
            | ApprovalError::UnknownUser
            | ApprovalError::Passkey(_)
            | _) => {
                // one answer for all: which passkeys there are is nobody's business
                tracing::info!(reason = %refused, "a passkey was refused");
                let status = StatusCode::FORBIDDEN;
                Self::new(status, "access_denied", "the passkey is not accepted")
            }
        }
    }
}

impl From<oauth::Failure> for ApiError {
    fn from(failure: oauth::Failure) -> Self {
        match failure {
            oauth::Failure::Refused(error) => Self::invalid(error.description),
            oauth::Failure::TooMany(too_many) => too_many.into(),
            oauth::Failure::Failed => Self::server_error(),
        }
    }
}

impl From<AccountError> for ApiError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Unknown => Self::not_found(),
            AccountError::LastPasskey | AccountError::Contended => {
                Self::new(StatusCode::CONFLICT, "invalid_state", error.to_string())
            }
            AccountError::Name => Self::invalid(error.to_string()),
            other @ (AccountError::Store(_) | _) => Self::failed(&other),
        }
    }
}

impl From<TooMany> for ApiError {
    fn from(too_many: TooMany) -> Self {
        let status = StatusCode::TOO_MANY_REQUESTS;
        Self {
            retry_after: Some(too_many.retry_after()),
            ..Self::new(status, "too_many_requests", "asked too often")
        }
    }
}

macro_rules! failures {
    ($($name:ident),+) => {$(
        impl From<$name> for ApiError {
            fn from(error: $name) -> Self {
                Self::failed(&error)
            }
        }
    )+};
}

failures!(StoreError, SealFailed, NoRandomness, PlaceError);
