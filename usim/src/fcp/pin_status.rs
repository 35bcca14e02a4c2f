//! The PIN status template DO, tag `C6` (TS 102 221 §9.5.2, §11.1.1.4.10).

use crate::tlv::{self, Reader, Tag, Writer};

/// A PIN of an application: its key reference, and whether it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "TS 102 221 §9.5.2 closes it")]
pub struct PinState {
    /// The key reference, as in P2 of VERIFY PIN: `01` to `08` application PINs, `11` the
    /// universal PIN, `81` to `88` the second ones, `0A` to `0E` and `8A` to `8E` administrative.
    pub reference: u8,
    /// Whether it is enabled.
    pub enabled: bool,
}

/// The PINs of an application, as its FCP lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinStates<'a>(&'a [u8]);

impl<'a> PinStates<'a> {
    /// Takes the value of tag `C6`.
    pub const fn new(value: &'a [u8]) -> Self {
        Self(value)
    }

    /// The value of tag `C6`.
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// The PINs in order, up to the first malformed data object.
    pub fn iter(self) -> impl Iterator<Item = PinState> + 'a {
        let bits = tlv::find(self.0, PS_DO).ok().flatten().unwrap_or_default();
        let enabled = bits
            .iter()
            .flat_map(|octet| (0..8).map(move |bit| octet << bit & 0x80 != 0));
        let references = Reader::new(self.0)
            .flatten()
            .filter(|object| object.tag == KEY_REFERENCE)
            .filter_map(|object| object.value.first().copied());
        references
            .zip(enabled.chain(std::iter::repeat(false)))
            .map(|(reference, enabled)| PinState { reference, enabled })
    }

    /// Writes the value of tag `C6` for up to 8 PINs.
    pub fn encode(pins: &[PinState]) -> Vec<u8> {
        let set = |bits: u8, (pin, at): (&PinState, u8)| bits | u8::from(pin.enabled) << (7 - at);
        let bits = pins.iter().zip(0..8).fold(0, set);
        let objects = Writer::new().put(PS_DO, &[bits]);
        let add = |writer: Writer, pin: &PinState| writer.put(KEY_REFERENCE, &[pin.reference]);
        pins.iter().take(8).fold(objects, add).into_vec()
    }
}

const PS_DO: Tag = Tag::new(0x90);
const KEY_REFERENCE: Tag = Tag::new(0x83);
