//! The long-term secrets that the home and the card share.

use crate::octets::secret_octets;

secret_octets! {
    /// The subscriber's key K: 16 octets, known to the card and the authentication centre only
    /// (TS 33.102 §6.3.1).
    K, 16
}

secret_octets! {
    /// The operator variant algorithm configuration field OP: 16 octets, one for the whole
    /// network (TS 35.206 §2.2). Turn it into a subscriber's [`Opc`] as early as you can.
    Op, 16
}

secret_octets! {
    /// OPc, computed from OP and K and stored in place of OP: 16 octets (TS 35.206 §4.1).
    Opc, 16
}

impl Opc {
    pub(crate) fn add(&mut self, mask: &[u8; 16]) {
        for (octet, mask) in self.0.iter_mut().zip(mask) {
            *octet ^= mask;
        }
    }
}
