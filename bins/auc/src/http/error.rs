//! What goes wrong, as a status, a word for programs and a sentence for people.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use server_kit::{caller::Denied, problem::Problem};

use crate::CentreError;

/// Why a request was not served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// The caller may not do this.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// A member has not its form.
    #[error("{member}: expected {form}")]
    Member {
        /// The member.
        member: &'static str,
        /// What it should look like.
        form: &'static str,
    },
    /// The centre refused, or failed.
    #[error(transparent)]
    Centre(#[from] CentreError),
    /// The system has no randomness to give.
    #[error("the system has no random numbers")]
    Randomness(#[source] getrandom::Error),
}

impl ApiError {
    /// The problem that goes out; what failed inside is for the log.
    pub fn problem(&self) -> Problem {
        let (status, code) = match self {
            Self::Denied(denied) => return (*denied).into(),
            Self::Member { .. } => (StatusCode::BAD_REQUEST, "bad_request"),
            Self::Centre(error) => (status_of(error), error.code()),
            Self::Randomness(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        };
        Problem::new(status, code, self.to_string())
    }

    /// The word for programs and for the audit trail.
    pub fn code(&self) -> &'static str {
        self.problem().code()
    }
}

const fn status_of(error: &CentreError) -> StatusCode {
    match error {
        CentreError::UnknownSubscriber => StatusCode::NOT_FOUND,
        CentreError::MacFailure | CentreError::Sequence(_) => StatusCode::CONFLICT,
        CentreError::Contended => StatusCode::SERVICE_UNAVAILABLE,
        CentreError::Directory(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let problem = self.problem();
        if problem.status() == StatusCode::INTERNAL_SERVER_ERROR {
            let error: &dyn std::error::Error = &self;
            tracing::error!(error, "a request failed");
        }
        problem.into_response()
    }
}
