//! What goes wrong, as a status, a word for programs and a sentence for people.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use endorse::{IssueError, Refusal};
use server_kit::problem::Problem;
use server_kit::seal::SealError;

use crate::source::SourceError;
use crate::store::StoreError;

/// Why there is no challenge, or no token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// Tokens are not issued for this audience.
    #[error("no tokens are issued for this audience")]
    Audience,
    /// The SIM has been asked too often within the last minute.
    #[error("this SIM has been asked too often")]
    TooOften,
    /// More SIMs are being asked than the server keeps in mind.
    #[error("too many challenges are open")]
    Full,
    /// The transaction is unknown, over or answered, or the answer is wrong: which of them is not told.
    #[error("the SIM has not been proven")]
    NotProven,
    /// A token is refused; why is for the log.
    #[error("the token is refused")]
    Token(#[source] Refusal),
    /// A status list could not be signed.
    #[error("the status list could not be signed")]
    Unsigned,
    /// The operator has not switched this on.
    #[error("this server does not offer that")]
    NotOffered,
    /// The authentication centre failed.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store holds what this program did not write.
    #[error("the store holds something else")]
    Damaged,
    /// There is no key that could sign.
    #[error("there is no key for this kind of token")]
    NoKey,
    /// The token could not be issued.
    #[error("the token could not be issued")]
    Issue(#[from] IssueError),
    /// The system gave no randomness.
    #[error("the system gave no randomness")]
    Randomness(#[from] getrandom::Error),
    /// A pseudonym could not be made.
    #[error("a pseudonym could not be made")]
    Pseudonym(#[from] SealError),
}

impl ServerError {
    /// The problem that goes out; what failed inside is for the log.
    pub fn problem(&self) -> Problem {
        let (status, code) = match self {
            Self::Audience => (StatusCode::BAD_REQUEST, "invalid_target"),
            Self::Issue(IssueError::TooLong) => (StatusCode::BAD_REQUEST, "too_long"),
            Self::TooOften => (StatusCode::TOO_MANY_REQUESTS, "too_often"),
            Self::Full => (StatusCode::SERVICE_UNAVAILABLE, "full"),
            Self::NotProven => (StatusCode::UNAUTHORIZED, "not_proven"),
            Self::Token(_) => (StatusCode::UNAUTHORIZED, "invalid_token"),
            Self::NotOffered => (StatusCode::NOT_FOUND, "not_offered"),
            Self::Source(_) => (StatusCode::BAD_GATEWAY, "centre_failed"),
            Self::Store(_)
            | Self::Unsigned
            | Self::Damaged
            | Self::NoKey
            | Self::Issue(_)
            | Self::Randomness(_)
            | Self::Pseudonym(_) => (StatusCode::INTERNAL_SERVER_ERROR, "failed"),
        };
        let problem = Problem::new(status, code, self.to_string());
        if matches!(self, Self::TooOften | Self::Full) {
            problem.retry_after(60)
        } else {
            problem
        }
    }

    /// The word for programs and for the audit trail.
    pub fn code(&self) -> &'static str {
        self.problem().code()
    }
}

impl ServerError {
    /// Tells the log what the answer does not tell.
    pub fn log(&self) {
        let error: &dyn std::error::Error = self;
        if self.problem().status().is_server_error() {
            tracing::error!(error, "a request failed");
        } else if let Self::Token(refusal) = self {
            tracing::debug!(%refusal, "a token is refused");
        }
    }
}

impl IntoResponse for ServerError {
    fn into_response(self) -> Response {
        self.log();
        let mut response = self.problem().into_response();
        if let Self::Token(refusal) = &self {
            let challenge = HeaderValue::from_static(refusal.challenge());
            let headers = response.headers_mut();
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
