//! Why a request gets no further, and what its browser is told.

use axum::http::StatusCode;
use axum::response::Response;
use passkey_idp::oauth::{IssueError, OAuthError};
use passkey_idp::order::{PlaceError, Refusal};
use passkey_idp::random::NoRandomness;
use passkey_idp::seal::SealFailed;
use passkey_idp::store::StoreError;

use super::super::super::page;
use super::super::answer::Answer;
use crate::pages::{Language, Message};
use crate::state::App;

/// Why a request gets no further.
#[derive(Debug, thiserror::Error)]
pub(in super::super) enum Stop {
    #[error("{0}")]
    Show(OAuthError),
    #[error("the client is told at once")]
    Return(Answer),
    #[error("there is no such request")]
    Unknown,
    #[error("the request is another browser's")]
    Foreign,
    #[error("the user has not signed in yet")]
    Waiting,
    #[error("the request was answered, or its time is over")]
    Over,
    #[error(transparent)]
    Order(#[from] Refusal),
    #[error(transparent)]
    Place(#[from] PlaceError),
    #[error(transparent)]
    Issue(#[from] IssueError),
    #[error(transparent)]
    Seal(#[from] SealFailed),
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Stop {
    /// The page for it, or the answer.
    pub(in super::super) fn page(self, app: &App, language: Language) -> Response {
        let (status, page) = match self {
            Self::Return(answer) => return answer.render(app, language),
            Self::Show(error) => {
                let page = Message::invalid(language).with_detail(&error.to_string());
                (StatusCode::BAD_REQUEST, page)
            }
            Self::Unknown => (StatusCode::NOT_FOUND, Message::not_found(language)),
            Self::Foreign => (StatusCode::FORBIDDEN, Message::invalid(language)),
            Self::Waiting | Self::Over | Self::Order(_) => {
                (StatusCode::CONFLICT, Message::answered(language))
            }
            Self::Place(_)
            | Self::Issue(_)
            | Self::Seal(_)
            | Self::Randomness(_)
            | Self::Store(_) => {
                let error: &dyn std::error::Error = &self;
                tracing::error!(error, "an authorization request has failed");
                (StatusCode::INTERNAL_SERVER_ERROR, Message::failed(language))
            }
        };
        page::answer(app, status, &page, None)
    }
}
