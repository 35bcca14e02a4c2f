//! BER-TLV data objects as cards use them (ETSI TS 101 220 §7.1, ISO/IEC 7816-4 §5.2.2).
//!
//! One level is read at a time, so that no nesting of the card's can exhaust the stack.
//!
//! ```
//! use usim::tlv::{self, Tag, Writer};
//!
//! let template = Writer::new().put(Tag::new(0x4f), &[0xa0, 0x00]).put(Tag::new(0x50), b"USIM");
//! let record = Writer::new().put(Tag::new(0x61), template.as_bytes()).into_vec();
//! let inner = tlv::find(&record, Tag::new(0x61))?.ok_or("no template")?;
//! assert_eq!(tlv::find(inner, Tag::new(0x50))?, Some(&b"USIM"[..]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;

/// Octets that are no BER-TLV data object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TlvError {
    /// The octets end within a tag or a length.
    #[error("the data object ends within its tag or length")]
    Truncated,
    /// The length goes past the end of the octets.
    #[error("the length of the data object goes past the end")]
    PastEnd,
    /// A tag of more than 3 octets.
    #[error("a tag has at most 3 octets")]
    LongTag,
    /// A length in the indefinite form, or of more than 4 octets.
    #[error("a length has the definite form and at most 4 octets")]
    InvalidLength,
}

/// A tag of 1 to 3 octets, such as `62`, `BF 0C` or `5F 81 10`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(u32);

impl Tag {
    /// Takes the octets as one number, as the standards write them: `Tag::new(0xbf0c)`.
    pub const fn new(tag: u32) -> Self {
        Self(tag & 0x00ff_ffff)
    }

    /// The octets as one number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Whether the value is made of data objects itself.
    pub const fn is_constructed(self) -> bool {
        let [_, a, b, c] = self.0.to_be_bytes();
        let first = match (a, b) {
            (0, 0) => c,
            (0, b) => b,
            (a, _) => a,
        };
        first & 0x20 != 0
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tag({:02X})", self.0)
    }
}

/// A data object: a tag and its value.
#[derive(Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the length is the value's")]
pub struct Tlv<'a> {
    /// The tag.
    pub tag: Tag,
    /// The value; [`Reader::new`] reads it where the tag is of a constructed object.
    pub value: &'a [u8],
}

impl fmt::Debug for Tlv<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (tag, octets) = (self.tag, self.value.len());
        f.debug_struct("Tlv")
            .field("tag", &tag)
            .field("octets", &octets)
            .finish_non_exhaustive()
    }
}

/// Reads data objects one after the other; padding of `00` and `FF` between them is passed over
/// (ISO/IEC 7816-4 §5.2.2). After an error it ends.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Starts at the first octet.
    pub const fn new(octets: &'a [u8]) -> Self {
        Self { rest: octets }
    }

    fn read(&mut self) -> Result<Tlv<'a>, TlvError> {
        let tag = self.tag()?;
        let length = self.length()?;
        let (value, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(TlvError::PastEnd)?;
        self.rest = rest;
        Ok(Tlv { tag, value })
    }

    fn tag(&mut self) -> Result<Tag, TlvError> {
        let first = self.octet()?;
        let mut tag = u32::from(first);
        if first & 0x1f != 0x1f {
            return Ok(Tag(tag));
        }
        for _ in 0..2 {
            let next = self.octet()?;
            tag = tag << 8 | u32::from(next);
            if next & 0x80 == 0 {
                return Ok(Tag(tag));
            }
        }
        Err(TlvError::LongTag)
    }

    fn length(&mut self) -> Result<usize, TlvError> {
        let first = self.octet()?;
        let octets = match first {
            0x00..=0x7f => return Ok(usize::from(first)),
            0x81..=0x84 => first & 0x7f,
            _ => return Err(TlvError::InvalidLength),
        };
        let mut length = 0_u32;
        for _ in 0..octets {
            length = length << 8 | u32::from(self.octet()?);
        }
        usize::try_from(length).or(Err(TlvError::PastEnd))
    }

    fn octet(&mut self) -> Result<u8, TlvError> {
        let (first, rest) = self.rest.split_first().ok_or(TlvError::Truncated)?;
        self.rest = rest;
        Ok(*first)
    }
}

impl<'a> Iterator for Reader<'a> {
    type Item = Result<Tlv<'a>, TlvError>;

    fn next(&mut self) -> Option<Self::Item> {
        while let [0x00 | 0xff, rest @ ..] = self.rest {
            self.rest = rest;
        }
        if self.rest.is_empty() {
            return None;
        }
        let tlv = self.read();
        if tlv.is_err() {
            self.rest = &[];
        }
        Some(tlv)
    }
}

impl std::iter::FusedIterator for Reader<'_> {}

/// The value of the first data object with this tag, on this level.
///
/// # Errors
/// [`TlvError`] of the objects before it.
pub fn find(octets: &[u8], tag: Tag) -> Result<Option<&[u8]>, TlvError> {
    for tlv in Reader::new(octets) {
        let tlv = tlv?;
        if tlv.tag == tag {
            return Ok(Some(tlv.value));
        }
    }
    Ok(None)
}

/// Writes data objects one after the other, with lengths as short as they can be.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    octets: Vec<u8>,
}

impl Writer {
    /// Starts with nothing.
    pub const fn new() -> Self {
        Self { octets: Vec::new() }
    }

    /// Adds a data object.
    #[must_use]
    pub fn put(mut self, tag: Tag, value: &[u8]) -> Self {
        let tag = tag.0.to_be_bytes();
        let skip = tag.iter().take_while(|octet| **octet == 0).count().min(3);
        self.octets.extend(tag.iter().skip(skip));
        self.put_length(value.len());
        self.octets.extend_from_slice(value);
        self
    }

    /// The octets so far.
    pub fn as_bytes(&self) -> &[u8] {
        &self.octets
    }

    /// The octets.
    pub fn into_vec(self) -> Vec<u8> {
        self.octets
    }

    fn put_length(&mut self, length: usize) {
        let octets = length.to_be_bytes();
        let zeros = octets.iter().take_while(|octet| **octet == 0).count();
        let count = octets.len() - zeros;
        if count > 1 || length > 0x7f {
            self.octets.push(0x80 | count.to_le_bytes()[0]);
        }
        let significant = octets.iter().skip(zeros.min(octets.len() - 1));
        self.octets.extend(significant);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn read(octets: &[u8]) -> Result<Vec<(u32, Vec<u8>)>, TlvError> {
        Reader::new(octets)
            .map(|tlv| tlv.map(|tlv| (tlv.tag.get(), tlv.value.to_vec())))
            .collect()
    }

    #[test]
    fn tags_of_one_to_three_octets_are_read() {
        let octets = [0x62, 0x00, 0xbf, 0x0c, 0x01, 0x05, 0x5f, 0x81, 0x10, 0x00];
        let expected = vec![(0x62, vec![]), (0xbf0c, vec![5]), (0x5f_8110, vec![])];
        assert_eq!(read(&octets), Ok(expected));
    }

    #[test]
    fn a_tag_of_four_octets_is_refused() {
        assert_eq!(
            read(&[0x5f, 0x81, 0x82, 0x03, 0x00]),
            Err(TlvError::LongTag)
        );
    }

    #[test]
    fn padding_before_between_and_after_is_passed_over() {
        let octets = [0xff, 0x00, 0x80, 0x01, 0x07, 0xff, 0xff, 0x81, 0x00, 0xff];
        assert_eq!(read(&octets), Ok(vec![(0x80, vec![7]), (0x81, vec![])]));
    }

    #[test]
    fn a_length_past_the_end_is_refused() {
        assert_eq!(read(&[0x80, 0x02, 0x01]), Err(TlvError::PastEnd));
        let huge = [0x80, 0x84, 0xff, 0xff, 0xff, 0xff, 0x01];
        assert_eq!(read(&huge), Err(TlvError::PastEnd));
    }

    #[test]
    fn a_length_cut_short_is_refused() {
        assert_eq!(read(&[0x80]), Err(TlvError::Truncated));
        assert_eq!(read(&[0x80, 0x82, 0x01]), Err(TlvError::Truncated));
        assert_eq!(read(&[0x9f]), Err(TlvError::Truncated));
    }

    #[test]
    fn indefinite_and_overlong_lengths_are_refused() {
        assert_eq!(
            read(&[0x62, 0x80, 0x00, 0x00]),
            Err(TlvError::InvalidLength)
        );
        assert_eq!(
            read(&[0x62, 0x85, 0, 0, 0, 0, 0]),
            Err(TlvError::InvalidLength)
        );
    }

    #[test]
    fn reading_ends_after_an_error() {
        let mut reader = Reader::new(&[0x80, 0x05, 0x80, 0x00]);
        assert_eq!(reader.next(), Some(Err(TlvError::PastEnd)));
        assert_eq!(reader.next(), None);
    }

    #[test]
    fn find_takes_the_first_of_two() {
        let octets = [0x80, 0x01, 0x01, 0x80, 0x01, 0x02];
        assert_eq!(find(&octets, Tag::new(0x80)), Ok(Some([1].as_slice())));
        assert_eq!(find(&octets, Tag::new(0x81)), Ok(None));
    }

    #[test]
    fn the_constructed_bit_is_that_of_the_first_octet() {
        assert!(Tag::new(0x62).is_constructed());
        assert!(Tag::new(0xbf0c).is_constructed());
        assert!(!Tag::new(0x5f_8120).is_constructed());
        assert!(!Tag::new(0x84).is_constructed());
    }

    #[test]
    fn lengths_are_written_as_short_as_they_can_be() {
        for (length, header) in [
            (0x7f, vec![0x80, 0x7f]),
            (0x80, vec![0x80, 0x81, 0x80]),
            (0xff, vec![0x80, 0x81, 0xff]),
            (0x100, vec![0x80, 0x82, 0x01, 0x00]),
            (0x1_0000, vec![0x80, 0x83, 0x01, 0x00, 0x00]),
        ] {
            let octets = Writer::new()
                .put(Tag::new(0x80), &vec![1; length])
                .into_vec();
            assert_eq!(octets[..header.len()], header);
            assert_eq!(octets.len(), header.len() + length);
        }
    }

    fn tag() -> impl Strategy<Value = u32> {
        let short = (1_u32..=0xfe).prop_filter("one octet", |tag| tag & 0x1f != 0x1f);
        let two = (0_u32..6, 0_u32..0x80).prop_map(|(class, low)| (class << 5 | 0x1f) << 8 | low);
        prop_oneof![short, two, Just(0x5f_8110)]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            objects in prop::collection::vec((tag(), prop::collection::vec(any::<u8>(), 0..300)), 0..6),
        ) {
            let write = |writer: Writer, (tag, value): &(u32, Vec<u8>)| writer.put(Tag::new(*tag), value);
            let octets = objects.iter().fold(Writer::new(), write).into_vec();
            prop_assert_eq!(read(&octets), Ok(objects));
        }

        #[test]
        fn any_octets_give_values_within_them(octets in prop::collection::vec(any::<u8>(), 0..600)) {
            let total: usize = Reader::new(&octets).flatten().map(|tlv| tlv.value.len() + 2).sum();
            prop_assert!(total <= octets.len());
        }
    }
}
