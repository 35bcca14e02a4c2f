//! Why a worker did not give what was asked for.

use std::sync::Arc;

use crate::Error;

/// Why a worker did not give what was asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkerError {
    /// The card was busy until the deadline: the work never began, and never will.
    #[error("the card was busy until the deadline")]
    Expired,
    /// The work had begun and was not done at the deadline: what the card did is unknown.
    #[error("the card did not finish before the deadline")]
    Timeout,
    /// The worker has been shut down; the work never began.
    #[error("the worker has been shut down")]
    Stopped,
    /// The work itself panicked; the session is opened anew.
    #[error("the work on the card panicked")]
    Panicked,
    /// The session could not be opened; the work never began.
    #[error(transparent)]
    Open(Arc<Error>),
    /// The work failed.
    #[error(transparent)]
    Operation(#[from] Error),
}

impl WorkerError {
    /// What went wrong with the card or the way to it, if that is what it was.
    pub fn error(&self) -> Option<&Error> {
        match self {
            Self::Open(error) => Some(error),
            Self::Operation(error) => Some(error),
            Self::Expired | Self::Timeout | Self::Stopped | Self::Panicked => None,
        }
    }
}
