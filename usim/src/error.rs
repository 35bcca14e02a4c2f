//! What goes wrong, and who is at fault.

use crate::{
    apdu::{CommandError, StatusWord},
    transport::{TransportError, TransportErrorKind},
};

/// Who is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "there is nobody else in the exchange"
)]
pub enum Fault {
    /// The program asked for something that cannot be.
    Caller,
    /// The way to the card failed.
    Transport,
    /// The card refused, or answered what it must not.
    Card,
}

/// An operation on a card failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The program asked for something that cannot be.
    #[error(transparent)]
    Caller(#[from] CallerError),
    /// The way to the card failed.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The card refused, or answered what it must not.
    #[error(transparent)]
    Card(#[from] CardError),
}

impl Error {
    /// Who is at fault.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Caller(_) => Fault::Caller,
            Self::Transport(_) => Fault::Transport,
            Self::Card(_) => Fault::Card,
        }
    }

    /// Whether someone else has reset the card.
    pub(crate) fn is_reset(&self) -> bool {
        let kind = self.transport().map(TransportError::kind);
        kind == Some(TransportErrorKind::CardReset)
    }

    /// The failure of the transport, if that is what it was.
    pub const fn transport(&self) -> Option<&TransportError> {
        match self {
            Self::Transport(error) => Some(error),
            Self::Caller(_) | Self::Card(_) => None,
        }
    }
}

impl From<CommandError> for Error {
    fn from(error: CommandError) -> Self {
        Self::Caller(error.into())
    }
}

/// The program asked for something that cannot be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallerError {
    /// The command cannot be built.
    #[error("the command cannot be built")]
    Command(#[from] CommandError),
    /// Only one try is left, and it was not forced.
    #[error("only one try is left before the PIN is blocked; force it to go on")]
    LastTry,
    /// The card does not say how many tries are left, and it was not forced.
    #[error("the card does not say how many tries are left; force it to go on")]
    TriesUnknown,
    /// A PUK has 8 digits.
    #[error("a PUK has 8 digits")]
    InvalidPuk,
    /// A server's address cannot be used.
    #[cfg(feature = "remote")]
    #[error("the server's address cannot be used")]
    InvalidAddress(#[from] crate::transport::remote::InvalidServer),
    /// The build lacks a feature.
    #[error("this build is without the feature `{feature}`")]
    NotBuiltIn {
        /// The feature's name.
        feature: &'static str,
    },
    /// A PIN has 4 to 8 digits.
    #[error("a PIN has 4 to 8 digits")]
    InvalidPin,
    /// A value does not fit into its field.
    #[error("{what} does not fit")]
    DoesNotFit {
        /// The standard's name of the value.
        what: &'static str,
    },
}

impl CardError {
    /// What a status word that refuses `operation` means.
    pub(crate) const fn from_status(operation: &'static str, status: StatusWord) -> Self {
        match status {
            StatusWord::SECURITY_NOT_SATISFIED | StatusWord::GSM_ACCESS_DENIED => Self::PinRequired,
            StatusWord::BLOCKED | StatusWord::GSM_BLOCKED => Self::PinBlocked,
            StatusWord::FILE_NOT_FOUND
            | StatusWord::RECORD_NOT_FOUND
            | StatusWord::GSM_FILE_NOT_FOUND => Self::NotFound { what: operation },
            StatusWord::MAC_INCORRECT => Self::MacFailure,
            StatusWord::CONTEXT_NOT_SUPPORTED => Self::ContextNotSupported,
            _ => Self::Status { operation, status },
        }
    }
}

/// The card refused, or answered what it must not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CardError {
    /// A command was refused.
    #[error("{operation} refused with status {status}")]
    Status {
        /// What was asked, in the standard's words.
        operation: &'static str,
        /// The card's answer.
        status: StatusWord,
    },
    /// The MAC of the AUTN is wrong: the challenge is not from the subscriber's home.
    #[error("the challenge has a wrong MAC")]
    MacFailure,
    /// The card does not support the context of the AUTHENTICATE.
    #[error("the card does not support this authentication context")]
    ContextNotSupported,
    /// The PIN was wrong; so many tries are left.
    #[error("wrong PIN, {tries_left} tries left")]
    WrongPin {
        /// Tries before the PIN is blocked.
        tries_left: u8,
    },
    /// The PIN is blocked.
    #[error("the PIN is blocked")]
    PinBlocked,
    /// The PIN has to be verified first.
    #[error("the PIN has to be verified first")]
    PinRequired,
    /// The card has no such file or application.
    #[error("{what} not found on the card")]
    NotFound {
        /// The standard's name of the file or application.
        what: &'static str,
    },
    /// A file or an answer does not have the form that the standard gives it.
    #[error("{what} has not the form that the standard gives it")]
    Malformed {
        /// The standard's name of the file or answer.
        what: &'static str,
    },
    /// The card keeps asking for another round: `61xx` or `6Cxx` without an end.
    #[error("the card keeps answering with {status} without an end")]
    EndlessExchange {
        /// The answer it stopped at.
        status: StatusWord,
    },
}
