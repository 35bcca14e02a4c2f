//! What a browser is told when something is not as it should be.

use axum::http::StatusCode;
use axum::http::header::InvalidHeaderValue;
use axum::response::Response;
use passkey_idp::approval::ApprovalError;
use passkey_idp::order::{OrderError, Refusal, Status};
use passkey_idp::qr;
use passkey_idp::random::NoRandomness;
use passkey_idp::seal::SealFailed;
use passkey_idp::store::StoreError;
use passkey_idp::webauthn::CredentialId;

use super::super::page::answer;
use crate::pages::{Language, Message, QrError};
use crate::state::App;

/// Why there is no page, or no answer was taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("there is no such order")]
    Unknown,
    #[error("the form is not one of ours")]
    Form,
    #[error("the form comes from another page")]
    Foreign,
    #[error("the passkey was not asked")]
    NoScript,
    #[error("the code is old or foreign")]
    Code,
    #[error(transparent)]
    Order(#[from] Refusal),
    #[error(transparent)]
    Approval(ApprovalError),
    #[error("there is no such passkey any more")]
    Gone(CredentialId),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    #[error(transparent)]
    Seal(#[from] SealFailed),
    #[error(transparent)]
    Drawing(#[from] QrError),
    #[error(transparent)]
    Header(#[from] InvalidHeaderValue),
}

impl From<OrderError> for Failure {
    fn from(error: OrderError) -> Self {
        match error {
            OrderError::Refused(refusal) => refusal.into(),
            OrderError::Store(error) => error.into(),
            _ => Self::Unknown,
        }
    }
}

impl From<qr::Refusal> for Failure {
    fn from(refusal: qr::Refusal) -> Self {
        tracing::debug!(reason = %refusal, "a code was refused");
        Self::Code
    }
}

impl From<ApprovalError> for Failure {
    fn from(error: ApprovalError) -> Self {
        match error {
            ApprovalError::Order(refusal) => Self::Order(refusal),
            ApprovalError::Store(error) => Self::Store(error),
            other @ (ApprovalError::OtherCeremony
            | ApprovalError::UnknownPasskey
            | ApprovalError::Duplicate
            | ApprovalError::UnknownUser
            | ApprovalError::Passkey(_)
            | ApprovalError::Evidence(_)
            | ApprovalError::Place(_)
            | ApprovalError::Randomness(_)
            | _) => Self::Approval(other),
        }
    }
}

impl Failure {
    /// The page for it; the precise reason goes to the log.
    pub(super) fn page(&self, app: &App, language: Language) -> Response {
        let (status, page) = match self {
            Self::Unknown | Self::Order(Refusal::Unknown) => {
                (StatusCode::NOT_FOUND, Message::not_found(language))
            }
            Self::Form | Self::NoScript => (StatusCode::BAD_REQUEST, Message::invalid(language)),
            Self::Foreign => (StatusCode::FORBIDDEN, Message::invalid(language)),
            Self::Code => (StatusCode::GONE, Message::scan_again(language)),
            Self::Order(Refusal::Status(Status::Expired)) => {
                (StatusCode::GONE, Message::expired(language))
            }
            Self::Order(Refusal::Status(_)) => (StatusCode::CONFLICT, Message::answered(language)),
            Self::Order(Refusal::NeedsCode) => (StatusCode::CONFLICT, Message::scan(language)),
            Self::Order(Refusal::AnotherViewer | Refusal::WrongNumber) => {
                (StatusCode::CONFLICT, Message::elsewhere(language))
            }
            Self::Order(_) => (StatusCode::SERVICE_UNAVAILABLE, Message::failed(language)),
            Self::Approval(ApprovalError::Evidence(_) | ApprovalError::Randomness(_))
            | Self::Store(_)
            | Self::Randomness(_)
            | Self::Seal(_)
            | Self::Drawing(_)
            | Self::Header(_) => {
                let error: &dyn std::error::Error = self;
                tracing::error!(error, "an order's page has failed");
                (StatusCode::INTERNAL_SERVER_ERROR, Message::failed(language))
            }
            Self::Gone(id) => {
                let page = Message::refused(language).with_gone(app.party.id(), id.to_string());
                (StatusCode::FORBIDDEN, page)
            }
            Self::Approval(refused) => {
                tracing::info!(reason = %refused, "a passkey was refused");
                (StatusCode::FORBIDDEN, Message::refused(language))
            }
        };
        answer(app, status, &page, None)
    }
}
