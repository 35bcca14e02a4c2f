//! What goes wrong on the way to a card.

use std::{error::Error, fmt};

/// The way to the card failed: a kind to act on, and the cause.
pub struct TransportError {
    kind: TransportErrorKind,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// What kind of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The reader is there, without a card in it.
    #[error("no card in the reader")]
    NoCard,
    /// The card was pulled; what it did with the last command is unknown.
    #[error("the card was removed")]
    CardRemoved,
    /// Somebody reset the card: selections and verified PINs are lost, transaction and channels
    /// too. The command did not reach it. Reported once: the transport has taken the card up again.
    #[error("the card was reset by someone else")]
    CardReset,
    /// The reader, the modem, the daemon or the server is not there, or went away.
    #[error("the way to the card is not there")]
    Unavailable,
    /// Somebody else holds the card.
    #[error("the card is in use by someone else")]
    Busy,
    /// No answer within the time limit.
    #[error("no answer within the time limit")]
    Timeout,
    /// The answer has fewer than 2 octets, as of a card that vanished under way.
    #[error("the answer has fewer than 2 octets")]
    ShortAnswer,
    /// The answer does not fit into the caller's buffer.
    #[error("the answer does not fit into the buffer")]
    BufferTooSmall,
    /// What came back is not of the protocol.
    #[error("the answer does not follow the protocol")]
    Protocol,
    /// The transport cannot do what was asked (such as AUTHENTICATE over AT+CRSM).
    #[error("the transport cannot do this")]
    Unsupported,
    /// The server refuses: authentication or permission is missing.
    #[error("the server refuses the request")]
    Refused,
    /// The PIN of the card is needed first, or is blocked.
    #[error("the card's PIN is needed first")]
    PinRequired,
    /// The operating system reports an error.
    #[error("input or output failed")]
    Io,
}

impl TransportErrorKind {
    /// As an operation's error, without a cause.
    #[cfg(feature = "remote")]
    pub(crate) fn into_error(self) -> crate::Error {
        TransportError::from(self).into()
    }

    /// Every kind.
    pub(crate) const ALL: [Self; 13] = [
        Self::NoCard,
        Self::CardRemoved,
        Self::CardReset,
        Self::Unavailable,
        Self::Busy,
        Self::Timeout,
        Self::ShortAnswer,
        Self::BufferTooSmall,
        Self::Protocol,
        Self::Unsupported,
        Self::Refused,
        Self::PinRequired,
        Self::Io,
    ];
}

impl TransportError {
    /// An error with its cause.
    pub fn new(kind: TransportErrorKind, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            kind,
            source: Some(source.into()),
        }
    }

    /// What to act on.
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// Whether the way itself is gone, so that only connecting anew helps.
    pub fn is_fatal(&self) -> bool {
        use TransportErrorKind as Kind;
        matches!(
            self.kind,
            Kind::NoCard | Kind::CardRemoved | Kind::Unavailable | Kind::ShortAnswer | Kind::Io
        )
    }
}

impl From<TransportErrorKind> for TransportError {
    fn from(kind: TransportErrorKind) -> Self {
        Self { kind, source: None }
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl fmt::Debug for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportError")
            .field("kind", &self.kind)
            .field("source", &self.source)
            .finish()
    }
}

impl Error for TransportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let source: &(dyn Error + 'static) = self.source.as_deref()?;
        Some(source)
    }
}
