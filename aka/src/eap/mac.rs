//! AT_MAC: over the whole packet with the MAC as zeros, and what the message adds (RFC 4187 §10.15,
//! RFC 9048 §3.1).

use core::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::{Attribute, NoRoom, Packet, PacketWriter};

/// K_aut, and with it the function.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum MacKey<'a> {
    /// HMAC-SHA-1-128, of EAP-SIM and EAP-AKA.
    Sha1(&'a [u8; 16]),
    /// HMAC-SHA-256-128, of EAP-AKA'.
    Sha256(&'a [u8; 32]),
}

impl MacKey<'_> {
    fn authenticate(self, parts: &[&[u8]]) -> [u8; 16] {
        match self {
            Self::Sha1(key) => first_16::<Hmac<Sha1>>(key, parts),
            Self::Sha256(key) => first_16::<Hmac<Sha256>>(key, parts),
        }
    }
}

impl fmt::Debug for MacKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKey([redacted])")
    }
}

impl Packet<'_> {
    /// Whether AT_MAC is there and right, in constant time; `extra` is what the message adds, which
    /// in AKA is nothing outside fast re-authentication.
    pub fn verify_mac(&self, key: MacKey<'_>, extra: &[u8]) -> bool {
        let offset = self.attributes().mac_offset();
        let parts = offset.and_then(|offset| {
            let (before, rest) = self.octets().split_at_checked(Self::HEADER + offset)?;
            let (mac, after) = rest.split_first_chunk::<16>()?;
            Some((before, mac, after))
        });
        parts.is_some_and(|(before, mac, after)| {
            let expected = key.authenticate(&[before, &[0; 16], after, extra]);
            expected.ct_eq(mac).into()
        })
    }
}

impl<'a> PacketWriter<'a> {
    /// Appends AT_MAC and gives the packet.
    ///
    /// # Errors
    /// [`NoRoom`] when the buffer was too small, or a value too long for its attribute.
    pub fn finish_with_mac(self, key: MacKey<'_>, extra: &[u8]) -> Result<&'a mut [u8], NoRoom> {
        let packet = self.put(&Attribute::Mac(&[0; 16])).finish()?;
        let mac = key.authenticate(&[packet, extra]);
        *packet.last_chunk_mut().ok_or(NoRoom)? = mac;
        Ok(packet)
    }
}

fn first_16<M: Mac + KeyInit>(key: &[u8], parts: &[&[u8]]) -> [u8; 16] {
    let mut mac = <M as KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    let whole = mac.finalize().into_bytes();
    *whole
        .first_chunk()
        .expect("both hashes have 20 octets or more")
}
