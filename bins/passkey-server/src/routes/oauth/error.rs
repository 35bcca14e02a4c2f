//! What clients are told when they do not get what they ask for (RFC 6749 §5.2, RFC 6750 §3).

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use passkey_idp::oauth::token::TokenError;
use passkey_idp::oauth::{ErrorCode, InvalidParameters, IssueError, OAuthError};
use passkey_idp::order::PlaceError;
use passkey_idp::random::NoRandomness;
use passkey_idp::store::StoreError;
use serde::Serialize;
use server_kit::limit::TooMany;
use utoipa::ToSchema;

use super::progress::Stop;

/// Why an endpoint gives nothing.
#[derive(Debug)]
pub(in super::super) enum Failure {
    /// The client is told why.
    Refused(OAuthError),
    /// It asks too often.
    TooMany(TooMany),
    /// The server has failed; why stands in the log.
    Failed,
}

/// What the client is told (RFC 6749 §5.2).
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthError)]
pub(in super::super) struct Told {
    /// A word for programs.
    error: &'static str,
    /// A sentence for people.
    error_description: &'static str,
}

impl Failure {
    fn failed(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "an endpoint has failed");
        Self::Failed
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Refused(error) => status_of(error.code),
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn told(&self) -> OAuthError {
        match self {
            Self::Refused(error) => *error,
            Self::TooMany(_) => ErrorCode::TemporarilyUnavailable.because("asked too often"),
            Self::Failed => ErrorCode::ServerError.because("the server has failed"),
        }
    }
}

fn status_of(code: ErrorCode) -> StatusCode {
    let others = [
        (ErrorCode::InvalidClient, StatusCode::UNAUTHORIZED),
        (ErrorCode::InvalidToken, StatusCode::UNAUTHORIZED),
        (ErrorCode::InsufficientScope, StatusCode::FORBIDDEN),
        (ErrorCode::ServerError, StatusCode::INTERNAL_SERVER_ERROR),
    ];
    let known = others.iter().find(|(known, _)| *known == code);
    known.map_or(StatusCode::BAD_REQUEST, |(_, status)| *status)
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, told) = (self.status(), self.told());
        let body = Told {
            error: told.code.name(),
            error_description: told.description,
        };
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        if told.code == ErrorCode::InvalidClient {
            let challenge = HeaderValue::from_static("Basic realm=\"passkey-server\"");
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Self::TooMany(too_many) = self {
            headers.insert(header::RETRY_AFTER, too_many.retry_after().into());
        }
        response
    }
}

impl From<OAuthError> for Failure {
    fn from(error: OAuthError) -> Self {
        Self::Refused(error)
    }
}

impl From<InvalidParameters> for Failure {
    fn from(invalid: InvalidParameters) -> Self {
        let why = match invalid {
            InvalidParameters::Repeated => "a parameter stands there twice",
            InvalidParameters::Encoding => "the parameters are not encoded as a form",
            InvalidParameters::TooMany | _ => "there are too many parameters",
        };
        Self::Refused(ErrorCode::InvalidRequest.because(why))
    }
}

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Refused(error) => Self::Refused(error),
            other @ (TokenError::Issue(_) | TokenError::Store(_) | _) => Self::failed(&other),
        }
    }
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Show(error) => Self::Refused(error),
            other @ (Stop::Return(_)
            | Stop::Unknown
            | Stop::Foreign
            | Stop::Waiting
            | Stop::Over
            | Stop::Order(_)
            | Stop::Place(_)
            | Stop::Issue(_)
            | Stop::Seal(_)
            | Stop::Randomness(_)
            | Stop::Store(_)) => Self::failed(&other),
        }
    }
}

impl From<TooMany> for Failure {
    fn from(too_many: TooMany) -> Self {
        Self::TooMany(too_many)
    }
}

macro_rules! failures {
    ($($name:ident),+) => {$(
        impl From<$name> for Failure {
            fn from(error: $name) -> Self {
                Self::failed(&error)
            }
        }
    )+};
}

failures!(StoreError, NoRandomness, IssueError, PlaceError);
