//! What the home tells a terminal around the serving network: steering of roaming and updates of
//! its parameters (§6.14, §6.15), each with a code of authentication by K_AUSF.
//!
//! The counters start at 1 with a new K_AUSF, grow with every message, and never wrap: who keeps
//! them sees to that.

use core::num::NonZeroU16;

use subtle::ConstantTimeEq as _;

use super::Kausf;
use crate::{kdf::function::Kdf, octets::public_octets};

public_octets! {
    /// SoR-MAC-I_AUSF or SoR-MAC-I_UE: 16 octets (§A.17, §A.18).
    SorMac, 16
}

public_octets! {
    /// UPU-MAC-I_AUSF or UPU-MAC-I_UE: 16 octets (§A.19, §A.20).
    UpuMac, 16
}

impl SorMac {
    /// Whether both are the same, in constant time.
    pub fn verify(self, other: Self) -> bool {
        self.as_bytes().ct_eq(other.as_bytes()).into()
    }
}

impl UpuMac {
    /// Whether both are the same, in constant time.
    pub fn verify(self, other: Self) -> bool {
        self.as_bytes().ct_eq(other.as_bytes()).into()
    }
}

/// P0 of an acknowledgement (§A.18, §A.20).
const ACKNOWLEDGED: &[u8] = &[1];

impl Kausf {
    /// SoR-MAC-I_AUSF of steering information (§A.17): the SoR header, CounterSoR, and the octets
    /// behind octet 22 of the SoR transparent container (TS 24.501 §9.11.3.51), if there are any.
    pub fn sor_mac(&self, header: u8, counter: NonZeroU16, list: Option<&[u8]>) -> SorMac {
        let (kdf, counter) = (Kdf::new(self.expose()), counter.get().to_be_bytes());
        SorMac::new(match list {
            Some(list) => *kdf.derive_128(0x77, &[&[header], &counter, list]),
            None => *kdf.derive_128(0x77, &[&[header], &counter]),
        })
    }

    /// SoR-MAC-I_UE, by which the terminal acknowledges, or SoR-XMAC-I_UE (§A.18).
    pub fn sor_acknowledgement(&self, counter: NonZeroU16) -> SorMac {
        let counter = counter.get().to_be_bytes();
        SorMac::new(*Kdf::new(self.expose()).derive_128(0x78, &[ACKNOWLEDGED, &counter]))
    }

    /// UPU-MAC-I_AUSF of UE parameters update data (§A.19): the octets from octet 23 of the UPU
    /// transparent container (TS 24.501 §9.11.3.53A) and CounterUPU.
    pub fn upu_mac(&self, data: &[u8], counter: NonZeroU16) -> UpuMac {
        let counter = counter.get().to_be_bytes();
        UpuMac::new(*Kdf::new(self.expose()).derive_128(0x7b, &[data, &counter]))
    }

    /// UPU-MAC-I_UE, by which the terminal acknowledges, or UPU-XMAC-I_UE (§A.20).
    pub fn upu_acknowledgement(&self, counter: NonZeroU16) -> UpuMac {
        let counter = counter.get().to_be_bytes();
        UpuMac::new(*Kdf::new(self.expose()).derive_128(0x7c, &[ACKNOWLEDGED, &counter]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_list_is_not_an_empty_one() {
        let (kausf, one) = (Kausf::new([7; 32]), NonZeroU16::MIN);
        let none = kausf.sor_mac(0, one, None);
        assert!(!none.verify(kausf.sor_mac(0, one, Some(&[]))));
        assert!(none.verify(kausf.sor_mac(0, one, None)));
    }

    #[test]
    fn no_message_is_taken_for_its_acknowledgement_or_for_another_kind() {
        let (kausf, one) = (Kausf::new([7; 32]), NonZeroU16::MIN);
        let sor = kausf.sor_acknowledgement(one);
        assert!(!sor.verify(kausf.sor_mac(1, one, None)));
        let upu = kausf.upu_acknowledgement(one);
        assert!(!upu.verify(kausf.upu_mac(&[1], one)));
        assert_ne!(sor.as_bytes(), upu.as_bytes());
        let two = kausf.sor_acknowledgement(NonZeroU16::new(2).unwrap());
        assert!(!sor.verify(two));
    }
}
