//! Packets are written into the caller's buffer.

use core::fmt;

use super::{Attribute, Code, Method, Packet, Subtype};

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
        };
        writer.append(&[code.number(), identifier, 0, 0]);
        writer.append(&[method.number(), subtype.number(), 0, 0]);
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

    fn append(&mut self, octets: &[u8]) {
        self.used = self.used.and_then(|used| {
            let end = used.checked_add(octets.len())?;
            self.room.get_mut(used..end)?.copy_from_slice(octets);
            Some(end)
        });
    }
}

impl fmt::Debug for PacketWriter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PacketWriter")
            .field("used", &self.used)
            .finish()
    }
}
