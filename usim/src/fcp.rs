//! What the card says of a file when it is selected: the FCP template (TS 102 221 §11.1.1.3), and
//! the older form of a 2G SIM (TS 51.011 §9.2.1).

mod gsm;
mod pin_status;

use crate::{
    CardError,
    file::Fid,
    tlv::{Reader, Tag, Writer},
};

pub use gsm::{GsmFile, PinTries};
pub use pin_status::{PinState, PinStates};

/// The structure of a file (TS 102 221 §11.1.1.4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileKind {
    /// A dedicated file: MF, DF or ADF.
    Dedicated,
    /// An elementary file that is a sequence of octets.
    Transparent,
    /// An elementary file of records of the same length.
    Linear(Records),
    /// An elementary file whose oldest record is overwritten first.
    Cyclic(Records),
    /// An elementary file of BER-TLV data objects.
    BerTlv,
    /// Something else, by its file descriptor octet.
    Other(u8),
}

/// The records of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "TS 102 221 §11.1.1.4.3 closes it"
)]
pub struct Records {
    /// Octets of a record.
    pub length: u8,
    /// How many there are, 1 to 254.
    pub count: u8,
}

/// File control parameters: what the template `62` says, as far as it is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fcp<'a> {
    /// Tag `82`: the structure.
    pub kind: FileKind,
    /// Tag `83`: the file identifier.
    pub fid: Option<Fid>,
    /// Tag `84`: the name of an application, its AID, 1 to 16 octets.
    pub aid: Option<&'a [u8]>,
    /// Tag `80`: octets of an elementary file's body.
    pub size: Option<u32>,
    /// Tag `88`: the short file identifier, 1 to 30; `None` when there is none, or no word of it.
    pub sfi: Option<u8>,
    /// Tag `8A`: the life cycle; 5 is operational and activated (TS 102 221 §11.1.1.4.9).
    pub life_cycle: Option<u8>,
    /// Tag `C6`: the PINs of an application and whether they are asked for.
    pub pins: Option<PinStates<'a>>,
}

impl<'a> Fcp<'a> {
    /// Parameters that say nothing but the structure.
    pub const fn new(kind: FileKind) -> Self {
        Self {
            kind,
            fid: None,
            aid: None,
            size: None,
            sfi: None,
            life_cycle: None,
            pins: None,
        }
    }

    /// Reads the answer to a SELECT; data objects it does not know are passed over.
    ///
    /// # Errors
    /// [`CardError::Malformed`] without the template `62`, without a descriptor, or with lengths
    /// past the end.
    ///
    /// ```
    /// use usim::fcp::{Fcp, FileKind};
    /// use usim::file::Fid;
    ///
    /// let answer = hex::decode("620f 8202 4121 8302 6f07 8002 0009 8a01 05".replace(' ', ""))?;
    /// let fcp = Fcp::parse(&answer)?;
    /// assert_eq!((fcp.kind, fcp.fid, fcp.size), (FileKind::Transparent, Some(Fid::EF_IMSI), Some(9)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse(answer: &'a [u8]) -> Result<Self, CardError> {
        Self::read(answer).ok_or(CardError::Malformed { what: "FCP" })
    }

    /// Writes the template, its objects in the order of TS 102 221 §11.1.1.3.
    pub fn encode(&self) -> Vec<u8> {
        let mut objects = Writer::new().put(DESCRIPTOR, &self.kind.descriptor());
        if let Some(fid) = self.fid {
            objects = objects.put(FID, &fid.to_bytes());
        }
        if let Some(aid) = self.aid {
            objects = objects.put(AID, aid);
        }
        if let Some(life_cycle) = self.life_cycle {
            objects = objects.put(LIFE_CYCLE, &[life_cycle]);
        }
        if let Some(pins) = self.pins {
            objects = objects.put(PIN_STATUS, pins.as_bytes());
        }
        if let Some(size) = self.size {
            let octets = size.to_be_bytes();
            let zeros = octets.iter().take_while(|octet| **octet == 0).count();
            objects = objects.put(SIZE, octets.get(zeros.min(2)..).unwrap_or_default());
        }
        if let Some(sfi) = self.sfi {
            objects = objects.put(SFI, &[sfi << 3]);
        }
        Writer::new().put(TEMPLATE, objects.as_bytes()).into_vec()
    }

    fn read(answer: &'a [u8]) -> Option<Self> {
        let template = Reader::new(answer).next()?.ok()?;
        if template.tag != TEMPLATE {
            return None;
        }
        let mut fcp = Self::new(FileKind::Other(0));
        let mut described = false;
        for tlv in Reader::new(template.value) {
            let tlv = tlv.ok()?;
            described |= tlv.tag == DESCRIPTOR;
            fcp.take(tlv.tag, tlv.value)?;
        }
        described.then_some(fcp)
    }

    fn take(&mut self, tag: Tag, value: &'a [u8]) -> Option<()> {
        match tag {
            DESCRIPTOR => self.kind = FileKind::read(value)?,
            FID => self.fid = Some(Fid::new(u16::from_be_bytes(value.try_into().ok()?))),
            AID => self.aid = Some(value).filter(|aid| (1..=16).contains(&aid.len())),
            SIZE => self.size = Some(number(value)?),
            SFI => self.sfi = value.first().map(|sfi| sfi >> 3).filter(|sfi| *sfi > 0),
            LIFE_CYCLE => self.life_cycle = value.first().copied(),
            PIN_STATUS => self.pins = Some(PinStates::new(value)),
            _ => {}
        }
        Some(())
    }
}

impl FileKind {
    /// The records, where there are any.
    pub const fn records(self) -> Option<Records> {
        match self {
            Self::Linear(records) | Self::Cyclic(records) => Some(records),
            Self::Dedicated | Self::Transparent | Self::BerTlv | Self::Other(_) => None,
        }
    }

    fn read(value: &[u8]) -> Option<Self> {
        let (descriptor, rest) = value.split_first()?;
        let records = match *rest {
            [_coding, 0, length, count, ..] => Some(Records { length, count }),
            _ => None,
        };
        Some(match (descriptor & 0b1011_1111, records) {
            (0b0011_1000, _) => Self::Dedicated,
            (0b0011_1001, _) => Self::BerTlv,
            (kind, _) if kind & 0b1000_0000 != 0 => Self::Other(*descriptor),
            (kind, records) => match (kind & 0b111, records) {
                (0b001, _) => Self::Transparent,
                (0b010, Some(records)) => Self::Linear(records),
                (0b110, Some(records)) => Self::Cyclic(records),
                _ => Self::Other(*descriptor),
            },
        })
    }

    /// Shareable, working, with the data coding octet `21`.
    fn descriptor(self) -> Vec<u8> {
        match self {
            Self::Dedicated => vec![0x78, 0x21],
            Self::Transparent => vec![0x41, 0x21],
            Self::Linear(Records { length, count }) => vec![0x42, 0x21, 0, length, count],
            Self::Cyclic(Records { length, count }) => vec![0x46, 0x21, 0, length, count],
            Self::BerTlv => vec![0x79, 0x21],
            Self::Other(descriptor) => vec![descriptor, 0x21],
        }
    }
}

fn number(octets: &[u8]) -> Option<u32> {
    let fits = (1..=4).contains(&octets.len());
    fits.then(|| {
        octets
            .iter()
            .fold(0, |number, octet| number << 8 | u32::from(*octet))
    })
}

const TEMPLATE: Tag = Tag::new(0x62);
const SIZE: Tag = Tag::new(0x80);
const DESCRIPTOR: Tag = Tag::new(0x82);
const FID: Tag = Tag::new(0x83);
const AID: Tag = Tag::new(0x84);
const SFI: Tag = Tag::new(0x88);
const LIFE_CYCLE: Tag = Tag::new(0x8a);
const PIN_STATUS: Tag = Tag::new(0xc6);

#[cfg(test)]
mod tests;
