//! What a modem says instead of `OK`.

use crate::transport::{TransportError, TransportErrorKind};

/// What a modem says instead of `OK`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// `ERROR`, without a reason.
    #[error("the modem refuses, without a reason")]
    Error,
    /// `+CME ERROR`.
    #[error("the modem refuses: {0}")]
    Cme(CmeError),
    /// The modem talks without an end, or in lines without an end.
    #[error("the modem talks without an end")]
    Endless,
}

/// The reason in a `+CME ERROR` (TS 27.007 §9.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CmeError {
    /// One that the standard numbers.
    #[error("CME error {0}")]
    Code(u16),
    /// A text of the vendor's, which is not repeated.
    #[error("CME error in the vendor's words")]
    Other,
}

impl CmeError {
    /// Reads a number, or the text that the standard gives to it.
    pub(super) fn parse(reason: &str) -> Self {
        let reason = reason.trim().trim_matches('"');
        let named = || {
            let mut texts = TEXTS.iter();
            let (code, _) = texts.find(|(_, text)| text.eq_ignore_ascii_case(reason))?;
            Some(*code)
        };
        let code = reason.parse().ok().or_else(named);
        code.map_or(Self::Other, Self::Code)
    }

    fn kind(self) -> TransportErrorKind {
        use TransportErrorKind as Kind;
        match self {
            Self::Code(10) => Kind::NoCard,
            Self::Code(11 | 12 | 16..=18) => Kind::PinRequired,
            Self::Code(14) => Kind::Busy,
            Self::Code(13 | 15) => Kind::Io,
            Self::Code(_) | Self::Other => Kind::Unsupported,
        }
    }
}

impl Refusal {
    /// What to act on.
    pub fn kind(self) -> TransportErrorKind {
        match self {
            Self::Error => TransportErrorKind::Unsupported,
            Self::Cme(reason) => reason.kind(),
            Self::Endless => TransportErrorKind::Protocol,
        }
    }
}

impl From<Refusal> for TransportError {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.kind(), refusal)
    }
}

/// The texts that concern a SIM (TS 27.007 §9.2.1).
const TEXTS: [(u16, &str); 13] = [
    (0, "phone failure"),
    (3, "operation not allowed"),
    (4, "operation not supported"),
    (10, "SIM not inserted"),
    (11, "SIM PIN required"),
    (12, "SIM PUK required"),
    (13, "SIM failure"),
    (14, "SIM busy"),
    (15, "SIM wrong"),
    (16, "incorrect password"),
    (17, "SIM PIN2 required"),
    (18, "SIM PUK2 required"),
    (100, "unknown"),
];
