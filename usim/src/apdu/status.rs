//! Status words, the last two octets of every answer (TS 102 221 §10.2.1).

use std::fmt;

/// A status word SW1 SW2.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct StatusWord(u16);

impl StatusWord {
    /// `9000`: normal ending of the command.
    pub const OK: Self = Self(0x9000);
    /// `6983`: authentication or PIN method blocked.
    pub const BLOCKED: Self = Self(0x6983);
    /// `6982`: security status not satisfied.
    pub const SECURITY_NOT_SATISFIED: Self = Self(0x6982);
    /// `6985`: conditions of use not satisfied.
    pub const CONDITIONS_NOT_SATISFIED: Self = Self(0x6985);
    /// `6A82`: file not found.
    pub const FILE_NOT_FOUND: Self = Self(0x6a82);
    /// `6A83`: record not found.
    pub const RECORD_NOT_FOUND: Self = Self(0x6a83);
    /// `6D00`: instruction code not supported.
    pub const INSTRUCTION_NOT_SUPPORTED: Self = Self(0x6d00);
    /// `6E00`: class not supported.
    pub const CLASS_NOT_SUPPORTED: Self = Self(0x6e00);
    /// `6281`: part of the returned data may be corrupted.
    pub const DATA_CORRUPTED: Self = Self(0x6281);
    /// `6A88`: referenced data not found.
    pub const REFERENCE_NOT_FOUND: Self = Self(0x6a88);
    /// `6A86`: incorrect parameters P1 and P2.
    pub const INCORRECT_PARAMETERS: Self = Self(0x6a86);
    /// `6B00`: wrong parameters P1 and P2.
    pub const WRONG_PARAMETERS: Self = Self(0x6b00);
    /// `9402`: out of range, as of a record number (TS 51.011 §9.4.4).
    pub const GSM_OUT_OF_RANGE: Self = Self(0x9402);
    /// `9404`: file not found (TS 51.011 §9.4.4).
    pub const GSM_FILE_NOT_FOUND: Self = Self(0x9404);
    /// `9804`: wrong CHV, or access conditions not fulfilled (TS 51.011 §9.4.5).
    pub const GSM_ACCESS_DENIED: Self = Self(0x9804);
    /// `9840`: the CHV is blocked (TS 51.011 §9.4.5).
    pub const GSM_BLOCKED: Self = Self(0x9840);
    /// `9864`: authentication error, security context not supported.
    pub const CONTEXT_NOT_SUPPORTED: Self = Self(0x9864);
    /// `9862`: authentication error, incorrect MAC.
    pub const MAC_INCORRECT: Self = Self(0x9862);

    /// Takes the two octets as one number.
    pub const fn new(status: u16) -> Self {
        Self(status)
    }

    /// Takes the two octets.
    pub const fn from_bytes(sw1: u8, sw2: u8) -> Self {
        Self(u16::from_be_bytes([sw1, sw2]))
    }

    /// Both octets as one number.
    pub const fn get(self) -> u16 {
        self.0
    }

    /// The first octet.
    pub const fn sw1(self) -> u8 {
        self.0.to_be_bytes()[0]
    }

    /// The second octet.
    pub const fn sw2(self) -> u8 {
        self.0.to_be_bytes()[1]
    }

    /// What it says.
    pub const fn meaning(self) -> Meaning {
        match (self.sw1(), self.sw2()) {
            (0x90, 0x00) | (0x92, 0x00..=0x0f) => Meaning::Ok,
            (0x91, length) => Meaning::ProactiveCommandPending { length },
            (0x61 | 0x9f, length) => Meaning::MoreData { length },
            (0x6c, length) => Meaning::WrongExpectedLength { length },
            (0x63, count) if count & 0xf0 == 0xc0 => Meaning::TriesLeft(count & 0x0f),
            (0x62 | 0x63, _) => Meaning::Warning,
            (0x93, 0x00) => Meaning::Busy,
            _ => Meaning::Error,
        }
    }

    /// How many tries of a PIN are left: `63Cx`.
    pub const fn tries_left(self) -> Option<u8> {
        match self.0 & 0xfff0 {
            0x63c0 => Some(self.sw2() & 0x0f),
            _ => None,
        }
    }

    /// Whether the command did what it was asked without reservation: `9000`, `91xx`, or `920x`
    /// (done after x internal retries, TS 51.011 §9.4.2). Warnings are no success here;
    /// [`Response::require`](crate::apdu::Response::require) takes those that leave the data sound.
    pub const fn is_success(self) -> bool {
        matches!(
            self.meaning(),
            Meaning::Ok | Meaning::ProactiveCommandPending { .. }
        )
    }
}

/// What a status word says about the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Meaning {
    /// Done.
    Ok,
    /// Done, and the card has a proactive command of `length` octets to be fetched (0 = 256).
    ProactiveCommandPending {
        /// Octets to FETCH.
        length: u8,
    },
    /// Done so far; `length` octets wait for GET RESPONSE (0 = 256).
    MoreData {
        /// Octets to GET.
        length: u8,
    },
    /// Not done; send the same command with this expected length (0 = 256).
    WrongExpectedLength {
        /// The length to ask for.
        length: u8,
    },
    /// Done, with a warning.
    Warning,
    /// A PIN was wrong, or only asked about: so many tries are left.
    TriesLeft(u8),
    /// Not done: the SIM application toolkit is busy, the same command may be sent again.
    Busy,
    /// Not done.
    Error,
}

impl fmt::Display for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}", self.0)
    }
}

impl fmt::Debug for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StatusWord({:04X})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_words_have_their_meaning() {
        for (status, meaning) in [
            (0x9000, Meaning::Ok),
            (0x9203, Meaning::Ok),
            (0x9240, Meaning::Error),
            (0x9110, Meaning::ProactiveCommandPending { length: 0x10 }),
            (0x611c, Meaning::MoreData { length: 0x1c }),
            (0x9f0c, Meaning::MoreData { length: 0x0c }),
            (0x6c09, Meaning::WrongExpectedLength { length: 9 }),
            (0x6283, Meaning::Warning),
            (0x63f1, Meaning::Warning),
            (0x63c2, Meaning::TriesLeft(2)),
            (0x9300, Meaning::Busy),
            (0x9001, Meaning::Error),
            (0x6982, Meaning::Error),
            (0x9862, Meaning::Error),
        ] {
            assert_eq!(StatusWord::new(status).meaning(), meaning, "{status:04x}");
        }
    }

    #[test]
    fn only_endings_without_reservation_are_success() {
        let successes = (0..=u16::MAX).filter(|status| StatusWord::new(*status).is_success());
        // 9000, 91xx, 920x
        assert_eq!(successes.count(), 1 + 256 + 16);
    }

    #[test]
    fn tries_are_those_of_63cx() {
        assert_eq!(StatusWord::new(0x63c0).tries_left(), Some(0));
        assert_eq!(StatusWord::new(0x63cf).tries_left(), Some(15));
        assert_eq!(StatusWord::new(0x6300).tries_left(), None);
    }

    #[test]
    fn both_octets_are_written_in_upper_case() {
        let status = StatusWord::from_bytes(0x6a, 0x82);
        assert_eq!(
            (status.sw1(), status.sw2(), status.get()),
            (0x6a, 0x82, 0x6a82)
        );
        assert_eq!(format!("{status} {status:?}"), "6A82 StatusWord(6A82)");
    }
}
