//! Keys that a terminal takes along: to another node, another AMF, to EPS and back.

use super::{Kamf, Kgnb, Nh};
use crate::kdf::{
    eps::{self, Kasme},
    function::Kdf,
};

/// Where a handover goes, as K_NG-RAN* takes it in (§A.11, §A.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TargetCell {
    fc: u8,
    pci: u16,
    frequency: u32,
}

/// A physical cell identity or a frequency's number is higher than any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cell's identity or frequency is out of range")]
#[non_exhaustive]
pub struct InvalidCell;

impl TargetCell {
    /// A cell of a gNB: its PCI, 0 to 1007, and the ARFCN of its SSB, 0 to 3279165.
    ///
    /// # Errors
    /// [`InvalidCell`] beyond those (TS 38.331).
    pub const fn gnb(pci: u16, arfcn_dl: u32) -> Result<Self, InvalidCell> {
        Self::new(0x70, (pci, 1007), (arfcn_dl, 3_279_165))
    }

    /// A cell of an ng-eNB: its PCI, 0 to 503, and its EARFCN-DL, 0 to 262143.
    ///
    /// # Errors
    /// [`InvalidCell`] beyond those (TS 36.331).
    pub const fn ng_enb(pci: u16, earfcn_dl: u32) -> Result<Self, InvalidCell> {
        Self::new(0x71, (pci, 503), (earfcn_dl, 262_143))
    }

    const fn new(fc: u8, pci: (u16, u16), frequency: (u32, u32)) -> Result<Self, InvalidCell> {
        if pci.0 > pci.1 || frequency.0 > frequency.1 {
            return Err(InvalidCell);
        }
        Ok(Self {
            fc,
            pci: pci.0,
            frequency: frequency.0,
        })
    }

    /// K_NG-RAN*, of NH or of the key in use.
    fn key(self, key: &[u8; 32]) -> Kgnb {
        let [_, frequency @ ..] = self.frequency.to_be_bytes();
        let parameters: [&[u8]; 2] = [&self.pci.to_be_bytes(), &frequency];
        Kgnb::new(*Kdf::new(key).derive(self.fc, &parameters))
    }
}

impl Kgnb {
    /// K_NG-RAN* of the key in use, for the next node (§A.11, §A.12).
    ///
    /// ```
    /// use aka::kdf::five_g::{Kgnb, TargetCell};
    ///
    /// let kgnb = Kgnb::new([7; 32]);
    /// let next = kgnb.star(TargetCell::gnb(500, 632_628)?);
    /// # assert_ne!(next.expose(), kgnb.expose());
    /// # Ok::<(), aka::kdf::five_g::InvalidCell>(())
    /// ```
    #[must_use]
    pub fn star(&self, target: TargetCell) -> Self {
        target.key(self.expose())
    }
}

impl Nh {
    /// K_NG-RAN* of NH, for the next node (§A.11, §A.12).
    pub fn star(&self, target: TargetCell) -> Kgnb {
        target.key(self.expose())
    }
}

/// How the terminal changes its AMF or its system, and the NAS COUNT that goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "TS 33.501 §A.13 closes the set")]
pub enum Mobility {
    /// Idle: the uplink NAS COUNT of the message that asks for it.
    Idle {
        /// The uplink NAS COUNT.
        uplink_nas_count: u32,
    },
    /// Handover: the downlink NAS COUNT of the command.
    Handover {
        /// The downlink NAS COUNT.
        downlink_nas_count: u32,
    },
}

impl Mobility {
    const fn count(self) -> [u8; 4] {
        match self {
            Self::Idle {
                uplink_nas_count: count,
            }
            | Self::Handover {
                downlink_nas_count: count,
            } => count.to_be_bytes(),
        }
    }
}

impl Kamf {
    /// K_AMF' for the next AMF (§A.13).
    #[must_use]
    pub fn prime(&self, mobility: Mobility) -> Self {
        let direction = match mobility {
            Mobility::Idle { .. } => 0,
            Mobility::Handover { .. } => 1,
        };
        let parameters: [&[u8]; 2] = [&[direction], &mobility.count()];
        Self::new(*Kdf::new(self.expose()).derive(0x72, &parameters))
    }

    /// K_ASME' for EPS (§A.14).
    pub fn kasme(&self, mobility: Mobility) -> Kasme {
        let fc = match mobility {
            Mobility::Idle { .. } => 0x73,
            Mobility::Handover { .. } => 0x74,
        };
        Kasme::new(*Kdf::new(self.expose()).derive(fc, &[&mobility.count()]))
    }

    /// K_ASME_SRVCC for a call that goes on in UTRAN (§A.21).
    pub fn kasme_srvcc(&self, downlink_nas_count: u32) -> Kasme {
        let count = downlink_nas_count.to_be_bytes();
        Kasme::new(*Kdf::new(self.expose()).derive(0x7d, &[&count]))
    }

    /// K_AMF' of EPS's K_ASME in idle mobility (§A.15.1), for the uplink NAS COUNT of the TRACKING
    /// AREA UPDATE REQUEST inside the REGISTRATION REQUEST.
    pub fn of_idle_kasme(kasme: &Kasme, uplink_nas_count: u32) -> Self {
        let count = uplink_nas_count.to_be_bytes();
        Self::new(*Kdf::new(kasme.expose()).derive(0x75, &[&count]))
    }

    /// K_AMF' of EPS's K_ASME in a handover (§A.15.2), for the NH that the MME gives.
    pub fn of_handover_kasme(kasme: &Kasme, nh: &eps::Nh) -> Self {
        Self::new(*Kdf::new(kasme.expose()).derive(0x76, &[nh.expose()]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_beyond_the_standards_numbers_is_refused() {
        assert_eq!(TargetCell::gnb(1008, 0), Err(InvalidCell));
        assert_eq!(TargetCell::gnb(0, 3_279_166), Err(InvalidCell));
        assert_eq!(TargetCell::ng_enb(504, 0), Err(InvalidCell));
        assert_eq!(TargetCell::ng_enb(0, 262_144), Err(InvalidCell));
        assert_ne!(
            TargetCell::gnb(503, 262_143),
            TargetCell::ng_enb(503, 262_143)
        );
    }
}
