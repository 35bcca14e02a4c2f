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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn require(answer: &[u8]) -> Result<&[u8], CardError> {
        Response::parse(answer).unwrap().require("READ BINARY")
    }

    #[test]
    fn an_answer_under_two_octets_is_none() {
        assert_eq!(Response::parse(&[]), None);
        assert_eq!(Response::parse(&[0x90]), None);
    }

    #[test]
    fn the_last_two_octets_are_the_status_word() {
        let response = Response::parse(&[1, 2, 0x90, 0x00]).unwrap();
        assert_eq!(
            (response.data(), response.status()),
            ([1, 2].as_slice(), StatusWord::OK)
        );
    }

    #[test]
    fn endings_without_reservation_give_their_data() {
        for [sw1, sw2] in [[0x90, 0x00], [0x91, 0x10], [0x92, 0x02]] {
            assert_eq!(require(&[7, sw1, sw2]), Ok([7].as_slice()));
        }
    }

    #[test]
    fn a_warning_passes_with_sound_data_only() {
        assert_eq!(require(&[7, 0x62, 0x82]), Ok([7].as_slice()));
        for answer in [[7, 0x62, 0x81].as_slice(), &[0x62, 0x82]] {
            assert!(matches!(require(answer), Err(CardError::Status { .. })));
        }
    }

    #[test]
    fn refusals_are_named() {
        let what = "READ BINARY";
        for (answer, error) in [
            ([0x69, 0x82], CardError::PinRequired),
            ([0x98, 0x04], CardError::PinRequired),
            ([0x69, 0x83], CardError::PinBlocked),
            ([0x98, 0x40], CardError::PinBlocked),
            ([0x6a, 0x82], CardError::NotFound { what }),
            ([0x94, 0x04], CardError::NotFound { what }),
            ([0x98, 0x62], CardError::MacFailure),
            ([0x98, 0x64], CardError::ContextNotSupported),
        ] {
            assert_eq!(require(&answer), Err(error));
        }
        let status = StatusWord::new(0x6f00);
        assert_eq!(
            require(&[0x6f, 0x00]),
            Err(CardError::Status {
                operation: what,
                status
            })
        );
    }

    #[test]
    fn a_pending_command_of_00_octets_has_256() {
        let pending = |answer: [u8; 2]| Response::parse(&answer).unwrap().pending();
        assert_eq!(pending([0x91, 0x00]), Some(256));
        assert_eq!(pending([0x91, 0x0b]), Some(11));
        assert_eq!(pending([0x90, 0x00]), None);
    }

    #[test]
    fn debug_shows_no_data() {
        let response = Response::parse(&[0xde, 0xad, 0x90, 0x00]).unwrap();
        assert_eq!(
            format!("{response:?}"),
            "Response { octets: 2, status: StatusWord(9000) }"
        );
    }
}
