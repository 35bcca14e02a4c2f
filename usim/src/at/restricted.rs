//! The commands of a card in terms of +CRSM, which can only read files.

use crate::{
    apdu::{Command, StatusWord},
    at::Request,
};

/// Follows SELECT commands, so that reading can name the file as +CRSM wants it.
///
/// Only the modem's own application, the USIM, can be reached; selecting another one is answered
/// as on a card that does not have it.
#[derive(Clone, Debug)]
pub struct RestrictedAccess {
    /// File identifiers from the MF, or from the ADF (7FFF), down to the selected file.
    path: Vec<u16>,
}

/// What to do with a command.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Plan {
    /// Ask the modem this; its answer is the card's.
    Ask(Request),
    /// Answer this at once.
    Answer(StatusWord),
    /// There is no way to do this through +CRSM.
    Impossible,
}

const MF: u16 = 0x3f00;
const ADF: u16 = 0x7fff;
const USIM: [u8; 7] = [0xa0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02];

const SELECT: u8 = 0xa4;
const READ_BINARY: u8 = 0xb0;
const READ_RECORD: u8 = 0xb2;
const GET_RESPONSE: u8 = 0xc0;
const STATUS: u8 = 0xf2;
const MANAGE_CHANNEL: u8 = 0x70;

const LOGICAL_CHANNEL_NOT_SUPPORTED: StatusWord = StatusWord::new(0x6881);
const WRONG_PARAMETERS: StatusWord = StatusWord::new(0x6a86);

impl Default for RestrictedAccess {
    fn default() -> Self {
        Self { path: vec![MF] }
    }
}

impl RestrictedAccess {
    /// As after a reset: the MF is selected.
    pub fn new() -> Self {
        Self::default()
    }

    /// What a command comes to.
    pub fn plan(&mut self, command: &Command<'_>) -> Plan {
        match command.ins() {
            SELECT => self.select(command),
            READ_BINARY if command.p1() & 0x80 == 0 => self.read(command),
            READ_RECORD if command.p2() & 0xf8 == 0 => self.read(command),
            STATUS => Plan::Answer(StatusWord::OK),
            // Whatever there is has been answered at once.
            GET_RESPONSE => Plan::Answer(StatusWord::CONDITIONS_NOT_SATISFIED),
            MANAGE_CHANNEL => Plan::Answer(LOGICAL_CHANNEL_NOT_SUPPORTED),
            _ => Plan::Impossible,
        }
    }

    fn select(&mut self, command: &Command<'_>) -> Plan {
        let selected = match command.p1() {
            0x00 => self.by_identifier(command.data()),
            0x04 => by_name(command.data()),
            0x08 => by_path(&[MF], command.data()),
            0x09 => by_path(self.folder(), command.data()),
            _ => return Plan::Answer(WRONG_PARAMETERS),
        };
        let Some(path) = selected else {
            return Plan::Answer(StatusWord::FILE_NOT_FOUND);
        };
        self.path = path;
        let wants_template = command.p2() & 0x0c != 0x0c;
        if wants_template && self.selects_elementary_file() {
            return self.ask(GET_RESPONSE, [0, 0], command);
        }
        Plan::Answer(StatusWord::OK)
    }

    fn read(&self, command: &Command<'_>) -> Plan {
        self.ask(command.ins(), [command.p1(), command.p2()], command)
    }

    /// Files directly below the MF or the ADF are found by the modem; others need their path.
    fn ask(&self, ins: u8, [p1, p2]: [u8; 2], command: &Command<'_>) -> Plan {
        // 256 is written as 0.
        let expected = command.expected().unwrap_or(256) % 256;
        let Ok(p3) = u8::try_from(expected) else {
            return Plan::Impossible;
        };
        let Some(file) = self.path.last() else {
            return Plan::Impossible;
        };
        let folder: Vec<u8> = match self.folder() {
            [] | [_] => Vec::new(),
            deep => deep.iter().flat_map(|file| file.to_be_bytes()).collect(),
        };
        Plan::Ask(Request::crsm(ins, *file, [p1, p2, p3], &folder))
    }

    fn by_identifier(&self, data: &[u8]) -> Option<Vec<u16>> {
        let file = u16::from_be_bytes(data.try_into().ok()?);
        let mut path = self.folder().to_vec();
        match file {
            MF | ADF => path = vec![file],
            // A dedicated file selected beside the current one, such as DF.GSM or DF.TELECOM.
            _ if !is_elementary(file) && path == [ADF] && file & 0xff00 == 0x7f00 => {
                path = vec![MF, file];
            }
            _ => path.push(file),
        }
        Some(path)
    }

    /// The path of the current folder: the selected one, or the selected file's.
    fn folder(&self) -> &[u16] {
        match self.path.as_slice() {
            [folder @ .., file] if is_elementary(*file) => folder,
            path => path,
        }
    }

    fn selects_elementary_file(&self) -> bool {
        self.path.last().is_some_and(|file| is_elementary(*file))
    }
}

/// Whether an identifier is an elementary file's (TS 102 221 §8.6).
fn is_elementary(file: u16) -> bool {
    !matches!(file >> 8, 0x3f | 0x5f | 0x7f)
}

fn by_name(aid: &[u8]) -> Option<Vec<u16>> {
    aid.starts_with(&USIM).then(|| vec![ADF])
}

fn by_path(start: &[u16], data: &[u8]) -> Option<Vec<u16>> {
    let (pairs, []) = data.as_chunks::<2>() else {
        return None;
    };
    let below = pairs.iter().map(|pair| u16::from_be_bytes(*pair));
    let mut path: Vec<u16> = start.iter().copied().chain(below).collect();
    if let Some(adf) = path.iter().position(|file| *file == ADF) {
        path.drain(..adf);
    }
    (!pairs.is_empty()).then_some(path)
}
