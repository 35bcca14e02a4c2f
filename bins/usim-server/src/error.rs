//! What goes wrong, as a status, a word for programs and a sentence for people.
//!
//! The dialects differ in how they write a problem down, not in what it is.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use server_kit::{
    body::InvalidBody, browser::Foreign, caller::Denied, gate::Refused, limit::TooMany,
    problem::Problem,
};
use usim::{
    CardError, Error, Fault,
    apdu::StatusWord,
    transport::{TransportError, TransportErrorKind},
    worker::WorkerError,
};

/// Why a request was not served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// The caller is unknown, or may not do this.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// A foreign web page sent it.
    #[error(transparent)]
    Foreign(#[from] Foreign),
    /// The caller or the SIM has had too many requests.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The body is not what the resource takes.
    #[error(transparent)]
    Body(#[from] InvalidBody),
    /// The method is not one that the resource knows.
    #[error("this resource is asked with {0}")]
    Method(&'static str),
    /// A parameter or member is missing or malformed.
    #[error("{0}")]
    BadRequest(&'static str),
    /// No SIM goes by this name.
    #[error("no SIM goes by this name")]
    NoSuchSim,
    /// The server has no SIM that this caller may use.
    #[error("there is no SIM here")]
    NoSim,
    /// The command is not on the list of allowed ones.
    #[error("this command is not allowed on this server")]
    NotAllowed,
    /// Somebody has the SIM, or this channel of it, for a while.
    #[error("the SIM, or this channel of it, is leased")]
    Leased {
        /// Seconds until the lease ends at the latest.
        retry_after: u64,
    },
    /// The lease is unknown, or has ended, or the card was changed meanwhile.
    #[error("there is no such lease, or it has ended")]
    LeaseGone,
    /// The system has no randomness to give.
    #[error("the system has no randomness to give")]
    Randomness(#[source] getrandom::Error),
    /// The worker did not give what was asked for.
    #[error(transparent)]
    Worker(#[from] WorkerError),
    /// The card or the way to it failed.
    #[error(transparent)]
    Usim(#[from] Error),
}

impl ApiError {
    /// The problem, for a dialect to write down.
    pub fn problem(&self) -> Problem {
        let (status, code) = match self {
            Self::Denied(denied) => return (*denied).into(),
            Self::Foreign(foreign) => return (*foreign).into(),
            Self::Body(invalid) => return (*invalid).into(),
            Self::Worker(error) => of_worker(error),
            Self::Usim(error) => of_usim(error),
            Self::TooMany(_) => (StatusCode::TOO_MANY_REQUESTS, "too_many_requests"),
            Self::Method(_) => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::BadRequest(_) => (StatusCode::BAD_REQUEST, "bad_request"),
            Self::NoSuchSim => (StatusCode::NOT_FOUND, "no_such_sim"),
            Self::NoSim => (StatusCode::SERVICE_UNAVAILABLE, "no_sim"),
            Self::NotAllowed => (StatusCode::FORBIDDEN, "command_not_allowed"),
            Self::Leased { .. } => (StatusCode::SERVICE_UNAVAILABLE, "leased"),
            Self::LeaseGone => (StatusCode::GONE, "lease_gone"),
            Self::Randomness(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        };
        let problem = Problem::new(status, code, self.to_string());
        match self.retry_after() {
            Some(seconds) => problem.retry_after(seconds),
            None => problem,
        }
    }

    /// The word for programs and for the audit trail.
    pub fn code(&self) -> &'static str {
        self.problem().code()
    }

    /// The status word with which the card refused, where it did.
    pub fn status_word(&self) -> Option<StatusWord> {
        if let Error::Card(CardError::Status { status, .. }) = self.usim()? {
            return Some(*status);
        }
        let is_mac_failure = matches!(self.usim()?, Error::Card(CardError::MacFailure));
        is_mac_failure.then_some(StatusWord::MAC_INCORRECT)
    }

    fn usim(&self) -> Option<&Error> {
        if let Self::Worker(error) = self {
            return error.error();
        }
        if let Self::Usim(error) = self {
            return Some(error);
        }
        None
    }

    fn retry_after(&self) -> Option<u64> {
        if let Self::TooMany(wait) = self {
            return Some(wait.retry_after());
        }
        if let Self::Leased { retry_after } = self {
            return Some(*retry_after);
        }
        None
    }
}

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Denied(denied) => denied.into(),
            Refused::Foreign(foreign) => foreign.into(),
            Refused::TooMany(too_many) => too_many.into(),
            _ => Denied::Unknown.into(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.problem().into_response()
    }
}

type Answer = (StatusCode, &'static str);

fn of_worker(error: &WorkerError) -> Answer {
    match error {
        WorkerError::Open(error) => of_usim(error),
        WorkerError::Operation(error) => of_usim(error),
        WorkerError::Expired => (StatusCode::GATEWAY_TIMEOUT, "deadline_in_queue"),
        WorkerError::Timeout => (StatusCode::GATEWAY_TIMEOUT, "deadline"),
        WorkerError::Stopped => (StatusCode::SERVICE_UNAVAILABLE, "stopping"),
        WorkerError::Panicked | _ => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
    }
}

fn of_usim(error: &Error) -> Answer {
    match error.fault() {
        Fault::Caller => (StatusCode::BAD_REQUEST, "bad_request"),
        Fault::Transport => error.transport().map_or(BAD_TRANSPORT, of_transport),
        Fault::Card => {
            if let Error::Card(error) = error {
                return of_card(error);
            }
            BAD_CARD
        }
    }
}

const BAD_TRANSPORT: Answer = (StatusCode::BAD_GATEWAY, "transport");
const BAD_CARD: Answer = (StatusCode::BAD_GATEWAY, "card");

fn of_transport(error: &TransportError) -> Answer {
    use TransportErrorKind as Kind;
    match error.kind() {
        Kind::NoCard => (StatusCode::SERVICE_UNAVAILABLE, "no_card"),
        Kind::CardRemoved => (StatusCode::SERVICE_UNAVAILABLE, "card_removed"),
        Kind::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "no_reader"),
        Kind::Io => (StatusCode::SERVICE_UNAVAILABLE, "io"),
        Kind::Busy => (StatusCode::SERVICE_UNAVAILABLE, "card_in_use"),
        Kind::Timeout => (StatusCode::GATEWAY_TIMEOUT, "card_timeout"),
        Kind::PinRequired => (StatusCode::LOCKED, "pin_required"),
        Kind::CardReset => (StatusCode::BAD_GATEWAY, "card_reset"),
        Kind::ShortAnswer => (StatusCode::BAD_GATEWAY, "short_answer"),
        Kind::BufferTooSmall => (StatusCode::BAD_GATEWAY, "long_answer"),
        Kind::Protocol => (StatusCode::BAD_GATEWAY, "protocol"),
        Kind::Unsupported => (StatusCode::BAD_GATEWAY, "unsupported"),
        Kind::Refused => (StatusCode::BAD_GATEWAY, "refused_upstream"),
        _ => BAD_TRANSPORT,
    }
}

fn of_card(error: &CardError) -> Answer {
    match error {
        CardError::MacFailure => (StatusCode::CONFLICT, "mac_failure"),
        CardError::PinRequired => (StatusCode::LOCKED, "pin_required"),
        CardError::PinBlocked => (StatusCode::LOCKED, "pin_blocked"),
        CardError::WrongPin { .. } => (StatusCode::LOCKED, "wrong_pin"),
        CardError::ContextNotSupported => (StatusCode::BAD_GATEWAY, "context_not_supported"),
        CardError::NotFound { .. } => (StatusCode::BAD_GATEWAY, "not_on_card"),
        CardError::Malformed { .. } => (StatusCode::BAD_GATEWAY, "malformed_on_card"),
        CardError::EndlessExchange { .. } => (StatusCode::BAD_GATEWAY, "endless_exchange"),
        CardError::Status { .. } => (StatusCode::BAD_GATEWAY, "card_refused"),
        _ => BAD_CARD,
    }
}
