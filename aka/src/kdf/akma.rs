//! AKMA: keys for application functions out of K_AUSF (TS 33.535 Annex A).
//!
//! The SUPI of an IMSI is its digits, without a prefix.

use super::{
    five_g::Kausf,
    function::Kdf,
    gba::{Identifier, UaProtocol},
};
use crate::octets::{public_octets, secret_octets};

secret_octets! {
    /// K_AKMA: 32 octets (§A.2).
    Kakma, 32
}

secret_octets! {
    /// K_AF: 32 octets (§A.4).
    Kaf, 32
}

public_octets! {
    /// The temporary identifier A-TID: 32 octets (§A.3).
    Atid, 32
}

impl Kausf {
    /// K_AKMA (§A.2).
    pub fn kakma(&self, supi: &str) -> Kakma {
        kakma(&Kdf::new(self.expose()), supi)
    }

    /// A-TID (§A.3).
    pub fn a_tid(&self, supi: &str) -> Atid {
        a_tid(&Kdf::new(self.expose()), supi)
    }

    /// K_AKMA and A-TID; K_AUSF is taken in once for both.
    pub fn akma(&self, supi: &str) -> (Kakma, Atid) {
        let kdf = Kdf::new(self.expose());
        (kakma(&kdf, supi), a_tid(&kdf, supi))
    }
}

fn kakma(kdf: &Kdf, supi: &str) -> Kakma {
    Kakma::new(*kdf.derive(0x80, &[b"AKMA", supi.as_bytes()]))
}

fn a_tid(kdf: &Kdf, supi: &str) -> Atid {
    Atid::new(*kdf.derive(0x81, &[b"A-TID", supi.as_bytes()]))
}

impl Kakma {
    /// K_AF for the application function with this domain name, over the protocol with this Ua*
    /// security protocol identifier (§A.4, TS 33.220 Annex H).
    pub fn kaf(&self, fqdn: &str, ua_star: UaProtocol) -> Kaf {
        let af_id = Identifier::new(fqdn, ua_star);
        Kaf::new(*Kdf::new(self.expose()).derive(0x82, &[af_id.as_bytes()]))
    }
}
