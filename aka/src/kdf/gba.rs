//! GBA: from CK and IK to the keys of an application server (TS 33.220 Annex B).
//!
//! ```
//! use aka::{Ck, Ik, Rand, kdf::gba::{self, NafId, NafKey}};
//!
//! let ck: Ck = "b40ba9a3c58b2a05bbf0d987b21bf8cb".parse()?;
//! let ik: Ik = "f769bcd751044604127672711c6d3441".parse()?;
//! let rand: Rand = "23553cbe9637a89d218ae64dae47bf35".parse()?;
//! let impi = "208930000000001@ims.mnc093.mcc208.3gppnetwork.org";
//! let naf = NafId { fqdn: "xcap.ims.mnc093.mcc208.pub.3gppnetwork.org", ua: [1, 0, 0, 0, 2] };
//!
//! let ks_naf = gba::Ks::new(&ck, &ik).naf_key(NafKey::Me, &rand, impi, naf);
//! # assert_eq!(format!("{:x}", ks_naf.expose_hex()), "819864403a24fee3dc28d858404032f7304afaf457e6683b8d9fb2a6f45af4b7");
//! # Ok::<(), aka::InvalidHex>(())
//! ```

use core::fmt;

use super::function::Kdf;
use crate::{Ck, Ik, Rand, octets::secret_octets};

secret_octets! {
    /// Ks_NAF, Ks_ext_NAF or Ks_int_NAF: 32 octets.
    KsNaf, 32
}

/// Which key of a NAF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "TS 33.220 §B.3 closes the set")]
pub enum NafKey {
    /// Ks_NAF of GBA_ME, and Ks_ext_NAF of GBA_U.
    Me,
    /// Ks_int_NAF of GBA_U, which never leaves the card.
    Internal,
}

/// Who wants the key, and over which protocol: NAF_Id = FQDN ‖ Ua security protocol identifier
/// (§B.3, Annex H).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "TS 33.220 §B.3 closes the set")]
pub struct NafId<'a> {
    /// The NAF's domain name.
    pub fqdn: &'a str,
    /// The Ua security protocol identifier.
    pub ua: [u8; 5],
}

/// Ks = CK ‖ IK, taken in once for all keys (§4.5.2).
#[derive(Clone)]
pub struct Ks(Kdf);

impl Ks {
    /// Of a bootstrapping's CK and IK.
    pub fn new(ck: &Ck, ik: &Ik) -> Self {
        Self(Kdf::of_keys(ck, ik))
    }

    /// The key for a NAF; `rand` and `impi` are those of the bootstrapping (§B.3).
    pub fn naf_key(&self, which: NafKey, rand: &Rand, impi: &str, naf: NafId<'_>) -> KsNaf {
        let label: &[u8] = match which {
            NafKey::Me => b"gba-me",
            NafKey::Internal => b"gba-u",
        };
        let naf_id = Identifier::new(naf.fqdn, naf.ua);
        let parameters = [label, rand.as_bytes(), impi.as_bytes(), naf_id.as_bytes()];
        KsNaf::new(*self.0.derive(0x01, &parameters))
    }
}

impl fmt::Debug for Ks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ks([redacted])")
    }
}

/// A domain name, of which there are at most 255 octets, and five octets after it.
pub(super) struct Identifier {
    octets: [u8; 260],
    size: usize,
}

impl Identifier {
    pub(super) fn new(fqdn: &str, protocol: [u8; 5]) -> Self {
        let name = fqdn.bytes().take(255);
        let mut octets = [0; 260];
        let mut size = 0;
        for (to, from) in octets.iter_mut().zip(name.chain(protocol)) {
            *to = from;
            size += 1;
        }
        Self { octets, size }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.octets.get(..self.size).expect("at most 260")
    }
}
