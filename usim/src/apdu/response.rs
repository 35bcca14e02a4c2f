//! Answers of the card.

use crate::{
    CardError,
    apdu::{Meaning, StatusWord},
};

/// An answer: data, and the status word behind it.
///
/// `Debug` shows how much data there is, never the data: it may hold keys.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Response<'a> {
    data: &'a [u8],
    status: StatusWord,
}

impl<'a> Response<'a> {
    /// Puts an answer together.
    pub const fn new(data: &'a [u8], status: StatusWord) -> Self {
        Self { data, status }
    }

    /// Takes an answer apart; `None` when it has fewer than 2 octets.
    pub const fn parse(answer: &'a [u8]) -> Option<Self> {
        match answer {
            [data @ .., sw1, sw2] => Some(Self::new(data, StatusWord::from_bytes(*sw1, *sw2))),
            _ => None,
        }
    }

    /// The data, without the status word.
    pub const fn data(&self) -> &'a [u8] {
        self.data
    }

    /// The status word.
    pub const fn status(&self) -> StatusWord {
        self.status
    }

    /// How many octets a proactive command has that waits to be fetched, 1 to 256
    /// (TS 102 221 §7.4.2).
    pub fn pending(&self) -> Option<usize> {
        match self.status.meaning() {
            Meaning::ProactiveCommandPending { length: 0 } => Some(256),
            Meaning::ProactiveCommandPending { length } => Some(usize::from(length)),
            Meaning::Ok
            | Meaning::MoreData { .. }
            | Meaning::WrongExpectedLength { .. }
            | Meaning::Warning
            | Meaning::TriesLeft(_)
            | Meaning::Busy
            | Meaning::Error => None,
        }
    }

    /// The data, when the command did what it was asked; a warning that came with data passes,
    /// except `6281`, which says that they may be corrupted (TS 102 221 §10.2.1.2).
    ///
    /// # Errors
    /// [`CardError`] for any other status word; `operation` names what was asked.
    pub fn require(&self, operation: &'static str) -> Result<&'a [u8], CardError> {
        let sound = match self.status.meaning() {
            Meaning::Ok | Meaning::ProactiveCommandPending { .. } => true,
            Meaning::Warning => !self.data.is_empty() && self.status != StatusWord::DATA_CORRUPTED,
            Meaning::MoreData { .. }
            | Meaning::WrongExpectedLength { .. }
            | Meaning::TriesLeft(_)
            | Meaning::Busy
            | Meaning::Error => false,
        };
        if sound {
            Ok(self.data)
        } else {
            Err(CardError::from_status(operation, self.status))
        }
    }
}

impl std::fmt::Debug for Response<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response")
            .field("octets", &self.data.len())
            .field("status", &self.status)
            .finish()
    }
}
