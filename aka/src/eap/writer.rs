//! Packets are written into the caller's buffer.

use core::fmt;

use super::{Attribute, Code, Method, Packet, Subtype, cipher};

/// The buffer is too small for the packet, or a value for its attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the packet does not fit")]
#[expect(clippy::exhaustive_structs, reason = "there is no more to tell")]
pub struct NoRoom;

/// Writes one packet, attribute after attribute; what does not fit is told at the end.
pub struct PacketWriter<'a> {
    room: &'a mut [u8],
    /// Octets written; `None` once something did not fit.
    used: Option<usize>,
    /// Where the value of an AT_ENCR_DATA begins that is not closed yet.
    sealing: usize,
}

impl<'a> PacketWriter<'a> {
    /// Begins a packet in `room`; 1500 octets are enough for any packet of these methods.
    pub fn new(
        room: &'a mut [u8],
        code: Code,
        identifier: u8,
        (method, subtype): (Method, Subtype),
    ) -> Self {
        let mut writer = Self {
            room,
            used: Some(0),
            sealing: 0,
        };
        writer.append(&[code.number(), identifier, 0, 0]);
        writer.append(&[method.number(), subtype.number(method), 0, 0]);
        writer
    }

    /// Appends an attribute, padded to whole words of four octets.
    #[must_use]
    pub fn put(mut self, attribute: &Attribute<'_>) -> Self {
        let (head, body) = attribute.parts();
        let words = body.len().div_ceil(4) + 1;
        let Ok(words) = u8::try_from(words) else {
            self.used = None;
            return self;
        };
        self.append(&[attribute.kind(), words]);
        self.append(&head);
        self.append(body);
        for _ in body.len()..body.len().next_multiple_of(4) {
            self.append(&[0]);
        }
        self
    }

    /// The packet, with its length.
    ///
    /// # Errors
    /// [`NoRoom`] when the buffer was too small, or a value too long for its attribute.
    pub fn finish(self) -> Result<&'a mut [u8], NoRoom> {
        let used = self.used.ok_or(NoRoom)?;
        let length = u16::try_from(used).ok().ok_or(NoRoom)?.to_be_bytes();
        let packet = self.room.get_mut(..used).ok_or(NoRoom)?;
        packet.get_mut(2..4).ok_or(NoRoom)?.copy_from_slice(&length);
        debug_assert!(used >= Packet::HEADER, "the header was written first");
        Ok(packet)
    }

    pub(super) fn open_encr_data(mut self) -> Self {
        self.append(&[AT_ENCR_DATA]);
        self.sealing = self.used.unwrap_or_default();
        self.append(&[0; 3]);
        self
    }

    /// Pads what was put since, and encrypts it.
    pub(super) fn close_encr_data(self, k_encr: &[u8; 16], iv: &[u8; 16]) -> Self {
        let begin = self.sealing;
        // behind the length and two reserved octets
        let clear = self.used.unwrap_or_default().saturating_sub(begin + 3);
        let mut closed = match clear % 16 {
            4 => self.put(&Attribute::Padding(&[0; 10])),
            8 => self.put(&Attribute::Padding(&[0; 6])),
            12 => self.put(&Attribute::Padding(&[0; 2])),
            _ => self,
        };
        let used = closed.used.unwrap_or_default();
        let place = closed.room.get_mut(begin..used);
        closed.used = place.and_then(|place| {
            let ([length, _, _], data) = place.split_first_chunk_mut()?;
            *length = u8::try_from(data.len() / 4 + 1).ok()?;
            cipher::encrypt(k_encr, iv, data);
            Some(used)
        });
        closed
    }

    fn append(&mut self, octets: &[u8]) {
        self.used = self.used.and_then(|used| {
            let end = used.checked_add(octets.len())?;
            self.room.get_mut(used..end)?.copy_from_slice(octets);
            Some(end)
        });
    }
}

const AT_ENCR_DATA: u8 = 130;

impl fmt::Debug for PacketWriter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PacketWriter")
            .field("used", &self.used)
            .finish()
    }
}
