//! Answers of the card.

use crate::apdu::StatusWord;

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
}

impl std::fmt::Debug for Response<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response")
            .field("octets", &self.data.len())
            .field("status", &self.status)
            .finish()
    }
}
