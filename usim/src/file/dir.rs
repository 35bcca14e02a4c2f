//! EF_DIR: the applications of the card, a template `61` in each record (TS 102 221 §13.1).

use std::fmt;

use crate::{
    ApplicationKind, CallerError,
    tlv::{self, Tag, Writer},
};

/// An application identifier: 1 to 16 octets (TS 102 221 §8.4.1, TS 101 220 §5).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Aid {
    octets: [u8; Self::MAX_SIZE],
    size: u8,
}

impl Aid {
    /// The most octets.
    pub const MAX_SIZE: usize = 16;
    /// How an AID of a USIM begins; the rest differs from card to card (TS 101 220 annex E).
    pub const USIM: [u8; 7] = [0xa0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02];
    /// How an AID of an ISIM begins (TS 101 220 annex E).
    pub const ISIM: [u8; 7] = [0xa0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x04];

    /// Takes 1 to 16 octets.
    ///
    /// # Errors
    /// [`CallerError::DoesNotFit`] for any other number.
    pub fn new(aid: &[u8]) -> Result<Self, CallerError> {
        let size = u8::try_from(aid.len()).ok();
        let size = size.filter(|size| (1..=16).contains(size));
        let size = size.ok_or(CallerError::DoesNotFit { what: "AID" })?;
        let mut octets = [0; Self::MAX_SIZE];
        for (to, from) in octets.iter_mut().zip(aid) {
            *to = *from;
        }
        Ok(Self { octets, size })
    }

    /// The octets.
    pub fn as_bytes(&self) -> &[u8] {
        self.octets
            .get(..usize::from(self.size))
            .unwrap_or_default()
    }

    /// Which application of 3GPP it names, by its first 7 octets.
    pub fn kind(&self) -> Option<ApplicationKind> {
        match self.as_bytes() {
            aid if aid.starts_with(&Self::USIM) => Some(ApplicationKind::Usim),
            aid if aid.starts_with(&Self::ISIM) => Some(ApplicationKind::Isim),
            _ => None,
        }
    }
}

impl fmt::Debug for Aid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Aid({self})")
    }
}

impl fmt::Display for Aid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut octets = self.as_bytes().iter();
        octets.try_for_each(|octet| write!(f, "{octet:02X}"))
    }
}

/// An application of the card.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Application {
    /// Its name for SELECT.
    pub aid: Aid,
    /// Its label for people; what is not UTF-8 in it is replaced.
    pub label: Option<String>,
}

impl Application {
    /// An application without a label.
    pub const fn new(aid: Aid) -> Self {
        Self { aid, label: None }
    }

    /// With a label for people.
    #[must_use]
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Which application of 3GPP it is.
    pub fn kind(&self) -> Option<ApplicationKind> {
        self.aid.kind()
    }
}

/// Reads a record; `None` for one that is empty (`FF`), of another template, or malformed: one bad
/// record does not hide the others.
pub fn decode(record: &[u8]) -> Option<Application> {
    let template = tlv::find(record, TEMPLATE).ok()??;
    let aid = tlv::find(template, AID).ok()??;
    let label = tlv::find(template, LABEL).ok().flatten();
    Some(Application {
        aid: Aid::new(aid).ok()?,
        label: label.map(text).filter(|label| !label.is_empty()),
    })
}

/// Writes a record of `size` octets, filled with `FF`.
///
/// # Errors
/// [`CallerError::DoesNotFit`] when it needs more.
pub fn encode(application: &Application, size: usize) -> Result<Vec<u8>, CallerError> {
    let mut objects = Writer::new().put(AID, application.aid.as_bytes());
    if let Some(label) = &application.label {
        objects = objects.put(LABEL, label.as_bytes());
    }
    let mut record = Writer::new().put(TEMPLATE, objects.as_bytes()).into_vec();
    if record.len() > size {
        return Err(CallerError::DoesNotFit {
            what: "EF_DIR record",
        });
    }
    record.resize(size, 0xff);
    Ok(record)
}

fn text(label: &[u8]) -> String {
    let end = label.iter().position(|octet| *octet == 0xff);
    let label = label.get(..end.unwrap_or(label.len())).unwrap_or_default();
    String::from_utf8_lossy(label).into_owned()
}

const TEMPLATE: Tag = Tag::new(0x61);
const AID: Tag = Tag::new(0x4f);
const LABEL: Tag = Tag::new(0x50);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::script::octets;

    #[test]
    fn a_record_has_an_aid_and_a_label() {
        let record = octets("61 18 4f10 a0000000871002ff49ff0589ffffffff 5004 5553494d ff*12");
        let application = decode(&record).unwrap();
        assert_eq!(application.kind(), Some(ApplicationKind::Usim));
        assert_eq!(
            application.aid.to_string(),
            "A0000000871002FF49FF0589FFFFFFFF"
        );
        assert_eq!(application.label.as_deref(), Some("USIM"));
    }

    #[test]
    fn a_long_record_with_more_objects_is_read() {
        let record = octets("61 81 90 4f07 a0000000871004 5181 80 11*128 7302 0000 ff*50");
        let application = decode(&record).unwrap();
        assert_eq!(application.kind(), Some(ApplicationKind::Isim));
        assert_eq!(application.label, None);
    }

    #[test]
    fn a_record_of_ff_is_no_application() {
        assert_eq!(decode(&[0xff; 32]), None);
        assert_eq!(decode(&[]), None);
    }

    #[test]
    fn a_record_with_a_length_past_the_end_is_no_application() {
        assert_eq!(decode(&octets("61 20 4f07 a0000000871002")), None);
        assert_eq!(decode(&octets("61 09 4f09 a0000000871002")), None);
    }

    #[test]
    fn an_aid_of_no_or_17_octets_is_no_application() {
        assert_eq!(decode(&octets("61 02 4f00")), None);
        assert_eq!(decode(&octets("61 13 4f11 a0*17")), None);
    }

    #[test]
    fn another_aid_is_of_no_known_kind() {
        let record = octets("61 07 4f05 a000000003");
        assert_eq!(decode(&record).unwrap().kind(), None);
    }

    #[test]
    fn a_record_that_is_too_short_is_refused() {
        let application = Application::new(Aid::new(&Aid::USIM).unwrap()).with_label("USIM");
        assert!(encode(&application, 17).is_ok_and(|record| record.len() == 17));
        let error = encode(&application, 16).unwrap_err();
        assert!(matches!(
            error,
            CallerError::DoesNotFit {
                what: "EF_DIR record"
            }
        ));
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(
            aid in prop::collection::vec(any::<u8>(), 1..=16),
            label in prop::option::of("[a-zA-Z0-9 äöü]{1,20}"),
        ) {
            let mut application = Application::new(Aid::new(&aid).unwrap());
            application.label = label;
            let record = encode(&application, 80).unwrap();
            prop_assert_eq!(decode(&record), Some(application));
        }
    }
}
