//! What a worker keeps open.

use crate::transport::{Transport, TransportError};

/// What a worker keeps open on its thread: a card's session, or a bare transport.
pub trait Session: 'static {
    /// Whether the card is still there, without a command to it.
    ///
    /// # Errors
    /// As [`Transport::check`].
    fn check(&mut self) -> Result<(), TransportError>;
}

impl<T: Transport + 'static> Session for T {
    fn check(&mut self) -> Result<(), TransportError> {
        Transport::check(self)
    }
}
