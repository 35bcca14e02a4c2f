//! How a worker and its card are.

use std::sync::Arc;

use crate::{
    Error,
    transport::{TransportError, TransportErrorKind},
};

/// How a worker and its card are.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum State {
    /// The session is being opened for the first time.
    Opening,
    /// The session is open: the `session`-th one, counted from 1. With every new one the card may
    /// be another.
    Ready {
        /// Which session it is.
        session: u64,
    },
    /// There is no card in the reader.
    Absent,
    /// The session cannot be opened.
    Failed(Arc<Error>),
    /// The worker has ended.
    Stopped,
}

impl State {
    pub(super) fn of_error(error: Arc<Error>) -> Self {
        use TransportErrorKind as Kind;
        match error.transport().map(TransportError::kind) {
            Some(Kind::NoCard | Kind::CardRemoved) => Self::Absent,
            _ => Self::Failed(error),
        }
    }
}
