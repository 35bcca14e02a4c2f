//! AT_IV and AT_ENCR_DATA: attributes that only the other side can read (RFC 4187 §10.12).

use zeroize::Zeroizing;

use super::{Attribute, Attributes, Packet, PacketWriter, cipher};

/// The attributes that stood in AT_ENCR_DATA, wiped on drop.
pub(super) struct Opened {
    octets: Zeroizing<[u8; MOST]>,
    size: usize,
}

/// The most whole blocks of an attribute: its length has one octet, and counts words of four.
const MOST: usize = 1008;

impl Opened {
    /// `None` when they are no attributes: the key is another one, or the octets were changed.
    pub(super) fn attributes(&self) -> Option<Attributes<'_>> {
        Attributes::parse(self.octets.get(..self.size)?).ok()
    }
}

impl Packet<'_> {
    /// Decrypts; believe it only once AT_MAC is verified.
    pub(super) fn open(&self, k_encr: &[u8; 16]) -> Option<Opened> {
        let attributes = self.attributes();
        let (iv, data) = (attributes.iv()?, attributes.encr_data()?);
        let mut octets = Zeroizing::new([0; MOST]);
        let clear = octets.get_mut(..data.len())?;
        clear.copy_from_slice(data);
        cipher::decrypt(k_encr, iv, clear);
        let size = data.len();
        Some(Opened { octets, size })
    }
}

impl PacketWriter<'_> {
    /// Appends AT_IV, and AT_ENCR_DATA with these attributes and AT_PADDING; nothing for none.
    #[must_use]
    pub(super) fn put_sealed<'s>(
        self,
        k_encr: &[u8; 16],
        iv: &[u8; 16],
        sealed: impl IntoIterator<Item = Attribute<'s>>,
    ) -> Self {
        let mut sealed = sealed.into_iter().peekable();
        if sealed.peek().is_none() {
            return self;
        }
        let opening = self.put(&Attribute::Iv(iv)).open_encr_data();
        let filled = sealed.fold(opening, |writer, attribute| writer.put(&attribute));
        filled.close_encr_data(k_encr, iv)
    }
}
