//! What both sides have once the peer is who it says.

use core::fmt;

use super::{Attribute, NoRoom, Packet, PacketWriter, Resumption, SessionKeys};

/// The keys, and the counter of a fast re-authentication.
#[derive(Clone)]
pub(super) struct Granted {
    pub(super) keys: SessionKeys,
    pub(super) counter: Option<u16>,
}

impl Granted {
    /// By a full authentication.
    pub(super) const fn fully(keys: SessionKeys) -> Self {
        Self {
            keys,
            counter: None,
        }
    }

    /// What the next fast re-authentication goes on from.
    pub(super) fn resumption(&self) -> Option<Resumption> {
        match self.counter {
            None => Some(Resumption::new(&self.keys)),
            Some(used) => Resumption::after(&self.keys, used),
        }
    }

    /// Whether a notification has a right AT_MAC, and after a fast re-authentication its counter,
    /// encrypted (RFC 4187 §6.1).
    pub(super) fn vouches_for(&self, packet: &Packet<'_>) -> bool {
        packet.verify_mac(self.keys.mac_key(), &[])
            && self
                .counter
                .is_none_or(|counter| self.counter_in(packet) == Some(counter))
    }

    fn counter_in(&self, packet: &Packet<'_>) -> Option<u16> {
        let opened = packet.open(self.keys.k_encr())?;
        opened.attributes()?.counter()
    }

    /// Ends a notification as [`vouches_for`](Self::vouches_for) wants it.
    pub(super) fn finish<'p>(
        &self,
        writer: PacketWriter<'p>,
        iv: &[u8; 16],
    ) -> Result<&'p mut [u8], NoRoom> {
        let counter = self.counter.map(Attribute::Counter);
        writer
            .put_sealed(self.keys.k_encr(), iv, counter)
            .finish_with_mac(self.keys.mac_key(), &[])
    }
}

impl fmt::Debug for Granted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.keys.fmt(f)
    }
}
