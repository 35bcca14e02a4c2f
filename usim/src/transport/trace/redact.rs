//! What of an exchange may be shown.

use zeroize::Zeroizing;

use crate::apdu::Channel;

/// Follows what is selected, to know whose contents a READ would show.
#[derive(Debug, Default)]
pub(super) struct Redactor {
    /// By channel: the file selected last.
    selected: Vec<(Channel, u16)>,
    /// Whether the data that GET RESPONSE would bring may be shown.
    pending: Visibility,
}

/// An exchange with zeros in the place of what may not be shown.
pub(super) struct Redacted {
    pub(super) command: Zeroizing<Vec<u8>>,
    pub(super) answer: Zeroizing<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Visibility {
    #[default]
    Hidden,
    Shown,
}

const SELECT: u8 = 0xa4;
const STATUS: u8 = 0xf2;
const MANAGE_CHANNEL: u8 = 0x70;
const READ_BINARY: u8 = 0xb0;
const READ_RECORD: u8 = 0xb2;
const GET_RESPONSE: u8 = 0xc0;

impl Redactor {
    pub(super) fn redact(&mut self, command: &[u8], answer: &[u8]) -> Redacted {
        let visibility = self.visibility(command, answer);
        let mut redacted = Redacted {
            command: Zeroizing::new(command.to_vec()),
            answer: Zeroizing::new(answer.to_vec()),
        };
        if visibility == Visibility::Hidden {
            // Header and Lc in front, Le at the end of a command; SW at the end of an answer.
            hide(redacted.command.get_mut(5..));
            let data = answer.len().saturating_sub(2);
            hide(redacted.answer.get_mut(..data));
        }
        redacted
    }

    fn visibility(&mut self, command: &[u8], answer: &[u8]) -> Visibility {
        let [cla, ins, p1, p2, ..] = *command else {
            return Visibility::Hidden;
        };
        let channel = Channel::of_class(cla).unwrap_or_default();
        let visibility = match ins {
            SELECT => {
                self.select(channel, p1, command, answer);
                Visibility::Shown
            }
            STATUS | MANAGE_CHANNEL => Visibility::Shown,
            READ_BINARY if p1 & 0x80 == 0 => self.contents(channel),
            READ_RECORD if p2 & 0xf8 == 0 => self.contents(channel),
            GET_RESPONSE => self.pending,
            _ => {
                // it may have named a file by its short identifier, which is the selected one then
                self.forget(channel);
                Visibility::Hidden
            }
        };
        self.pending = visibility;
        visibility
    }

    fn select(&mut self, channel: Channel, p1: u8, command: &[u8], answer: &[u8]) {
        self.forget(channel);
        if !has_selected(answer) {
            return;
        }
        let size = command.get(4).copied().map_or(0, usize::from);
        let name = command.get(5..).and_then(|data| data.get(..size));
        // Names are not files: what a READ would show after one is not known.
        let file = name
            .filter(|_path| p1 != 0x04)
            .and_then(|name| name.last_chunk());
        self.selected
            .extend(file.map(|file| (channel, u16::from_be_bytes(*file))));
    }

    fn forget(&mut self, channel: Channel) {
        self.selected.retain(|(open, _)| *open != channel);
    }

    /// The contents of the selected file are shown when they are known to be harmless.
    fn contents(&self, channel: Channel) -> Visibility {
        let mut selected = self.selected.iter();
        let file = selected.find(|(open, _)| *open == channel);
        if file.is_some_and(|(_, file)| HARMLESS.contains(file)) {
            Visibility::Shown
        } else {
            Visibility::Hidden
        }
    }
}

/// EF_DIR, EF_ARR, EF_PL, EF_LI, EF_AD, EF_UST or EF_SST or EF_IST, EF_EST, EF_SPN, EF_ACC, EF_HPPLMN,
/// EF_Phase: what the card can do, not whose it is (TS 31.102 §4.2, TS 51.011 §10).
const HARMLESS: [u16; 11] = [
    0x2f00, 0x2f06, 0x2f05, 0x6f05, 0x6fad, 0x6f38, 0x6f56, 0x6f46, 0x6f78, 0x6f31, 0x6fae,
];

/// Whether the card did what SELECT says; where it refuses, the file of before stays selected.
fn has_selected(answer: &[u8]) -> bool {
    matches!(answer, [.., 0x90 | 0x91 | 0x61 | 0x9f | 0x6c | 0x62, _])
}

fn hide(octets: Option<&mut [u8]>) {
    octets.unwrap_or_default().fill(0);
}
