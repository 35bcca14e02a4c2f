//! What a relying party is told when it does not get what it asked for.

/// The `errorCode` of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorCode {
    /// The user is asked for something else at the moment; that is cancelled as well.
    AlreadyInProgress,
    /// Something is missing, malformed, unknown or not to be had.
    InvalidParameters,
    /// The relying party has not authenticated.
    Unauthorized,
    /// There is no such thing.
    NotFound,
    /// Everything is asked for with POST.
    MethodNotAllowed,
    /// The body did not come in time.
    RequestTimeout,
    /// The body is no JSON by its content type.
    UnsupportedMediaType,
    /// The relying party asks too often, or the server cannot now.
    Maintenance,
    /// It is the server's fault.
    InternalError,
}

impl ErrorCode {
    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AlreadyInProgress => "alreadyInProgress",
            Self::InvalidParameters => "invalidParameters",
            Self::Unauthorized => "unauthorized",
            Self::NotFound => "notFound",
            Self::MethodNotAllowed => "methodNotAllowed",
            Self::RequestTimeout => "requestTimeout",
            Self::UnsupportedMediaType => "unsupportedMediaType",
            Self::Maintenance => "maintenance",
            Self::InternalError => "internalError",
        }
    }

    /// The status of the answer.
    pub const fn status(self) -> u16 {
        match self {
            Self::AlreadyInProgress | Self::InvalidParameters => 400,
            Self::Unauthorized => 401,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::RequestTimeout => 408,
            Self::UnsupportedMediaType => 415,
            Self::InternalError => 500,
            Self::Maintenance => 503,
        }
    }

    /// The error with those details.
    pub const fn because(self, details: &'static str) -> Refusal {
        Refusal {
            code: self,
            details,
        }
    }
}

/// An error with a word for whoever writes the client. It never repeats what the client sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {details}", code.name())]
#[non_exhaustive]
pub struct Refusal {
    /// The `errorCode`.
    pub code: ErrorCode,
    /// The `details`.
    pub details: &'static str,
}

/// What a relying party is told of an order that is not there, is another's, or was collected.
pub(super) const NO_SUCH_ORDER: Refusal = ErrorCode::InvalidParameters.because("No such order");
