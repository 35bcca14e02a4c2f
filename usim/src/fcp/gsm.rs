//! The answer to SELECT and STATUS of a 2G SIM (TS 51.011 §9.2.1).

use super::{FileKind, Records};
use crate::{CardError, file::Fid};

/// What a 2G SIM says of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GsmFile {
    /// The structure.
    pub kind: FileKind,
    /// The file identifier.
    pub fid: Fid,
    /// Octets of an elementary file's body.
    pub size: u16,
    /// CHV1 of a dedicated file's directory.
    pub chv1: Option<PinTries>,
    /// CHV2 of a dedicated file's directory.
    pub chv2: Option<PinTries>,
}

/// How often a PIN and its PUK may still be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "TS 51.011 §9.2.1 closes it")]
pub struct PinTries {
    /// Tries of the PIN, 0 to 15.
    pub pin: u8,
    /// Tries of the PUK, 0 to 15.
    pub puk: u8,
    /// Whether the PIN is asked for; known of CHV1 only.
    pub enabled: Option<bool>,
}

impl GsmFile {
    /// Reads the answer.
    ///
    /// # Errors
    /// [`CardError::Malformed`] when it is shorter than its form, or names no known type of file.
    pub fn parse(answer: &[u8]) -> Result<Self, CardError> {
        Self::read(answer).ok_or(CardError::Malformed {
            what: "answer to SELECT",
        })
    }

    fn read(answer: &[u8]) -> Option<Self> {
        let [
            _,
            _,
            size_high,
            size_low,
            fid_high,
            fid_low,
            kind,
            rest @ ..,
        ] = answer
        else {
            return None;
        };
        let fid = Fid::new(u16::from_be_bytes([*fid_high, *fid_low]));
        let size = u16::from_be_bytes([*size_high, *size_low]);
        match kind {
            0x01 | 0x02 => Some(Self::directory(fid, rest)),
            0x04 => Some(Self {
                kind: elementary(size, rest)?,
                fid,
                size,
                chv1: None,
                chv2: None,
            }),
            _ => None,
        }
    }

    /// Octet 14 says in bit 8 whether CHV1 is disabled; octets 19 to 22 count the tries.
    fn directory(fid: Fid, rest: &[u8]) -> Self {
        let counted = |at: usize, enabled| {
            let tries = |at| rest.get(at).filter(|octet| **octet & 0x80 != 0);
            Some(PinTries {
                pin: tries(at)? & 0x0f,
                puk: tries(at + 1)? & 0x0f,
                enabled,
            })
        };
        let enabled = rest
            .get(6)
            .map(|characteristics| characteristics & 0x80 == 0);
        Self {
            kind: FileKind::Dedicated,
            fid,
            size: 0,
            chv1: counted(11, enabled),
            chv2: counted(13, None),
        }
    }
}

/// Octet 14 is the structure, octet 15 the length of a record.
fn elementary(size: u16, rest: &[u8]) -> Option<FileKind> {
    let records = || {
        let length = *rest.get(7)?;
        let count = size.checked_div(u16::from(length))?;
        Some(Records {
            length,
            count: u8::try_from(count).ok()?,
        })
    };
    match rest.get(6)? {
        0x00 => Some(FileKind::Transparent),
        0x01 => Some(FileKind::Linear(records()?)),
        0x03 => Some(FileKind::Cyclic(records()?)),
        other => Some(FileKind::Other(*other)),
    }
}
