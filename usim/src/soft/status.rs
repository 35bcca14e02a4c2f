//! The status words the card uses beside those that `StatusWord` names (TS 102 221 §10.2.1), and
//! what a 2G phone reads instead (TS 51.011 §9.4).

use crate::apdu::StatusWord;

macro_rules! status_words {
    ($($name:ident = $value:literal;)+) => {
        $(pub(super) const $name: StatusWord = StatusWord::new($value);)+
    };
}

status_words! {
    MEMORY_PROBLEM = 0x6581;
    NOT_MATCHED = 0x6282;
    SELECTED_WITH_WARNING = 0x6283;
    WRONG_LENGTH = 0x6700;
    CHANNEL_NOT_SUPPORTED = 0x6881;
    SECURE_MESSAGING_NOT_SUPPORTED = 0x6882;
    CHAINING_NOT_SUPPORTED = 0x6884;
    INCOMPATIBLE_STRUCTURE = 0x6981;
    INVALIDATED = 0x6984;
    NO_FILE_SELECTED = 0x6986;
    INCORRECT_DATA = 0x6a80;
    NOT_SUPPORTED = 0x6a81;
    INCORRECT_P1_P2 = 0x6a86;
    REFERENCE_NOT_FOUND = 0x6a88;
    WRONG_P1_P2 = 0x6b00;
    BUSY = 0x9300;
    CONTEXT_NOT_SUPPORTED = 0x9864;
}

/// `61xx`: `octets` wait for GET RESPONSE; 00 stands for 256.
pub(super) fn more_data(octets: usize) -> StatusWord {
    StatusWord::from_bytes(0x61, short(octets))
}

/// `6Cxx`: the same again with this length; 00 stands for 256.
pub(super) fn wrong_expected(octets: usize) -> StatusWord {
    StatusWord::from_bytes(0x6c, short(octets))
}

/// `63Cx`: so many tries are left.
pub(super) const fn tries_left(tries: u8) -> StatusWord {
    StatusWord::from_bytes(0x63, 0xc0 | (tries & 0x0f))
}

/// The same in the words of TS 51.011 §9.4.
pub(super) fn of_gsm(status: StatusWord) -> StatusWord {
    let (first, second) = match (status.sw1(), status.sw2()) {
        (0x61, length) => (0x9f, length),
        (0x6c, length) => (0x67, length),
        (0x63, _) | (0x69, 0x82) => (0x98, 0x04),
        (0x69, 0x81) => (0x94, 0x08),
        (0x69, 0x83) => (0x98, 0x40),
        (0x69, 0x84 | 0x85) => (0x98, 0x08),
        (0x69, 0x86) => (0x94, 0x00),
        (0x62 | 0x6a, 0x82) => (0x94, 0x04),
        (0x6a, 0x83) => (0x94, 0x02),
        (0x6a, 0x86) => (0x6b, 0x00),
        (0x6a, 0x88) => (0x98, 0x02),
        other => other,
    };
    StatusWord::from_bytes(first, second)
}

/// The low octet; lengths above 256 do not occur.
fn short(octets: usize) -> u8 {
    let [low, ..] = octets.min(256).to_le_bytes();
    low
}
