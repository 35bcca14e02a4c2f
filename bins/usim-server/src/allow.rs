//! Which commands a caller may send to a card as they are.

use std::{collections::BTreeSet, str::FromStr};

use serde::{Deserialize, Serialize};
use usim::apdu::{Channel, Command};

/// The commands that callers with the scope `sim:apdu` may send.
///
/// A command is let through by the family of its class octet and its instruction, whatever its
/// logical channel. By default nothing that changes the card or burns a PIN try is on the list.
///
/// ```
/// use usim::apdu::Command;
/// use usim_server::AllowList;
///
/// let allow = AllowList::default();
/// assert!(allow.allows(&Command::parse(&[0x02, 0xb0, 0x00, 0x00, 0x09])?));
/// assert!(!allow.allows(&Command::parse(&[0x00, 0x20, 0x00, 0x01])?));
/// # Ok::<(), usim::apdu::InvalidCommand>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowList {
    commands: BTreeSet<(Family, u8)>,
}

/// What a class octet means for the instruction that follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Family {
    /// `0X`, `4X`, `6X`: ISO/IEC 7816-4.
    Interindustry,
    /// `8X`, `CX`, `EX`: ETSI and GlobalPlatform.
    Proprietary,
    /// `A0`: the 2G SIM of TS 51.011.
    Gsm,
}

/// The text names no command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is neither a command's name nor CLA and INS in four hex digits")]
pub struct UnknownCommand {
    text: String,
}

/// Some commands of one name, such as `verify`, or of a CLA and INS, such as `80F2`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AllowedCommand {
    text: String,
    commands: Vec<(Family, u8)>,
}

impl AllowList {
    /// The default list and `more`.
    #[must_use]
    pub fn with(mut self, more: &[AllowedCommand]) -> Self {
        let more = more.iter().flat_map(|allowed| &allowed.commands);
        self.commands.extend(more.copied());
        self
    }

    /// Whether the command may be sent.
    pub fn allows(&self, command: &Command<'_>) -> bool {
        Family::of(command.cla())
            .is_some_and(|family| self.commands.contains(&(family, command.ins())))
    }
}

impl Default for AllowList {
    /// SELECT, READ BINARY, READ RECORD, STATUS, AUTHENTICATE, GET RESPONSE and
    /// MANAGE CHANNEL.
    fn default() -> Self {
        let harmless = NAMES.iter().take_while(|(name, ..)| *name != FIRST_NAMED);
        Self {
            commands: harmless
                .flat_map(|(_, families, ins)| families.iter().map(|family| (*family, *ins)))
                .collect(),
        }
    }
}

impl Family {
    fn of(cla: u8) -> Option<Self> {
        match cla {
            0xa0 => Some(Self::Gsm),
            // not a class: readers take it for commands to themselves
            0xff => None,
            _ if Channel::of_class(cla).is_none() => None,
            0x00..=0x7f => Some(Self::Interindustry),
            _ => Some(Self::Proprietary),
        }
    }
}

impl FromStr for AllowedCommand {
    type Err = UnknownCommand;

    fn from_str(text: &str) -> Result<Self, UnknownCommand> {
        let named = NAMES
            .iter()
            .filter(|(name, ..)| name.eq_ignore_ascii_case(text))
            .flat_map(|(_, families, ins)| families.iter().map(|family| (*family, *ins)));
        let commands: Vec<_> = named.chain(by_octets(text)).collect();
        let text = text.to_owned();
        if commands.is_empty() {
            return Err(UnknownCommand { text });
        }
        Ok(Self { text, commands })
    }
}

impl TryFrom<String> for AllowedCommand {
    type Error = UnknownCommand;

    fn try_from(text: String) -> Result<Self, UnknownCommand> {
        text.parse()
    }
}

impl From<AllowedCommand> for String {
    fn from(allowed: AllowedCommand) -> Self {
        allowed.text
    }
}

fn by_octets(text: &str) -> Option<(Family, u8)> {
    let mut octets = [0; 2];
    hex::decode_to_slice(text, &mut octets).ok()?;
    let [cla, ins] = octets;
    Some((Family::of(cla)?, ins))
}

const UICC: &[Family] = &[Family::Interindustry];
const BOTH: &[Family] = &[Family::Interindustry, Family::Gsm];
const ETSI: &[Family] = &[Family::Proprietary];

/// The first one that is not allowed unless it is named.
const FIRST_NAMED: &str = "search-record";

/// Instructions of TS 102 221 table 10.5, TS 31.102 and TS 51.011 §9.2.
const NAMES: &[(&str, &[Family], u8)] = &[
    ("select", BOTH, 0xa4),
    ("read-binary", BOTH, 0xb0),
    ("read-record", BOTH, 0xb2),
    ("status", &[Family::Proprietary, Family::Gsm], 0xf2),
    ("authenticate", BOTH, 0x88),
    ("authenticate", UICC, 0x89),
    ("get-response", BOTH, 0xc0),
    ("manage-channel", UICC, 0x70),
    ("search-record", BOTH, 0xa2),
    ("verify", BOTH, 0x20),
    ("change-pin", BOTH, 0x24),
    ("disable-pin", BOTH, 0x26),
    ("enable-pin", BOTH, 0x28),
    ("unblock-pin", BOTH, 0x2c),
    ("update-binary", BOTH, 0xd6),
    ("update-record", BOTH, 0xdc),
    ("increase", ETSI, 0x32),
    ("deactivate-file", UICC, 0x04),
    ("activate-file", UICC, 0x44),
    ("terminal-capability", ETSI, 0xaa),
    ("terminal-profile", ETSI, 0x10),
    ("envelope", ETSI, 0xc2),
    ("fetch", ETSI, 0x12),
    ("terminal-response", ETSI, 0x14),
    ("get-identity", ETSI, 0x78),
    ("get-data", ETSI, 0xca),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(list: &AllowList, apdu: &str) -> bool {
        list.allows(&Command::parse(&hex::decode(apdu).unwrap()).unwrap())
    }

    #[test]
    fn reading_and_authenticating_is_allowed_on_every_channel() {
        let list = AllowList::default();
        for apdu in [
            "00A40004023F00",
            "01A4040C07A0000000871002",
            "00B0000009",
            "02B2010410",
            "80F2000000",
            "81F2000000",
            "0088008122",
            "40B0000009",
            "0070000001",
            "00C0000010",
            "A0A40000027F20",
            "A088000010",
        ] {
            assert!(allows(&list, apdu), "{apdu}");
        }
    }

    #[test]
    fn what_changes_the_card_or_burns_a_try_is_refused_on_every_channel() {
        let list = AllowList::default();
        for apdu in [
            "00200001",
            "01200001",
            "40200001",
            "0024000110",
            "0026000108",
            "0028000108",
            "002C000110",
            "00D60000",
            "00DC0104",
            "A0D60000",
            "A020000108",
            "00E4000002",
            "00E60000",
            "00FE0000",
            "80E60000",
            "80320000",
            "00E0000000",
            "8012000010",
        ] {
            assert!(!allows(&list, apdu), "{apdu}");
        }
    }

    #[test]
    fn a_class_without_a_meaning_is_refused() {
        let list = AllowList::default();
        for apdu in ["FFB0000009", "20B0000009", "30A40000", "FFA40000"] {
            assert!(!allows(&list, apdu), "{apdu}");
        }
    }

    #[test]
    fn an_instruction_is_allowed_in_its_own_family_only() {
        let list = AllowList::default();
        assert!(!allows(&list, "80A40000"));
        assert!(!allows(&list, "00F2000000"));
    }

    #[test]
    fn more_can_be_named() {
        let more = ["verify", "80CA"].map(|text| text.parse().unwrap());
        let list = AllowList::default().with(&more);
        assert!(allows(&list, "00200001"));
        assert!(allows(&list, "80CA9F7F00"));
        assert!(!allows(&list, "00D60000"));
    }

    #[test]
    fn an_unknown_name_is_refused() {
        for text in ["verfiy", "", "00", "FFCA", "80CA00"] {
            let error = text.parse::<AllowedCommand>().unwrap_err();
            assert!(
                error
                    .to_string()
                    .starts_with(&format!("`{text}` is neither"))
            );
        }
    }
}
