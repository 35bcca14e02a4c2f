//! GBA: from CK and IK to the keys of an application server (TS 33.220 Annex B).
//!
//! ```
//! use aka::{Ck, Ik, Rand, kdf::gba::{self, NafId, NafKey, UaProtocol}};
//!
//! let ck: Ck = "b40ba9a3c58b2a05bbf0d987b21bf8cb".parse()?;
//! let ik: Ik = "f769bcd751044604127672711c6d3441".parse()?;
//! let rand: Rand = "23553cbe9637a89d218ae64dae47bf35".parse()?;
//! let impi = "208930000000001@ims.mnc093.mcc208.3gppnetwork.org";
//! let fqdn = "xcap.ims.mnc093.mcc208.pub.3gppnetwork.org";
//! let naf = NafId { fqdn, ua: UaProtocol::HTTP_DIGEST };
//!
//! let ks_naf = gba::Ks::new(&ck, &ik).naf_key(NafKey::Me, &rand, impi, naf);
//! # assert_eq!(format!("{:x}", ks_naf.expose_hex()), "819864403a24fee3dc28d858404032f7304afaf457e6683b8d9fb2a6f45af4b7");
//! # Ok::<(), aka::InvalidHex>(())
//! ```

use core::{fmt, str::FromStr};

use base64ct::{Base64, Encoding as _};
use sha1::{Digest as _, Sha1};
use zeroize::Zeroize as _;

use super::function::Kdf;
use crate::{
    Autn, Ck, Hex, Ik, InvalidHex, Mac, Rand,
    octets::{decode_hex, secret_octets},
};

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

/// A Ua security protocol identifier: over which protocol a key is used (Annex H).
///
/// ```
/// use aka::kdf::gba::UaProtocol;
///
/// assert_eq!(UaProtocol::HTTP_DIGEST, "0100000002".parse()?);
/// // TLS with pre-shared keys, or with certificates, by cipher suite
/// assert_eq!(UaProtocol::tls(0x002f), "010001002f".parse()?);
/// # Ok::<(), aka::InvalidHex>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct UaProtocol([u8; 5]);

impl UaProtocol {
    /// Certificates for subscribers (TS 33.221).
    pub const CERTIFICATES: Self = Self::of_3gpp(0x00);
    /// MBMS (TS 33.246).
    pub const MBMS: Self = Self::of_3gpp(0x01);
    /// HTTP digest (TS 24.109), where nothing more specific is meant.
    pub const HTTP_DIGEST: Self = Self::of_3gpp(0x02);
    /// MBMS over HTTP (TS 26.237).
    pub const MBMS_HTTP: Self = Self::of_3gpp(0x03);
    /// MBMS over SIP (TS 26.237).
    pub const MBMS_SIP: Self = Self::of_3gpp(0x04);
    /// The generic push layer (TS 33.224).
    pub const PUSH_LAYER: Self = Self::of_3gpp(0x05);
    /// Keys of IMS media from a key management service (TS 33.328).
    pub const IMS_MEDIA: Self = Self::of_3gpp(0x06);
    /// TLS 1.3 with pre-shared keys (TS 33.222 §5.4.0.2).
    pub const TLS_1_3: Self = Self::of_3gpp(0x07);
    /// The temporary identity TMPI (Annex B.4), which is no protocol.
    pub const TMPI: Self = Self([0x01, 0x00, 0x00, 0x01, 0x00]);

    /// Takes the octets; the first says whose protocol it is, `01` being 3GPP's.
    pub const fn new(octets: [u8; 5]) -> Self {
        Self(octets)
    }

    /// TLS up to 1.2, by cipher suite (TS 33.222 §5.3, §5.4).
    pub const fn tls(cipher_suite: u16) -> Self {
        let [high, low] = cipher_suite.to_be_bytes();
        Self([0x01, 0x00, 0x01, high, low])
    }

    /// The octets as they go behind a NAF's name.
    pub const fn as_bytes(&self) -> &[u8; 5] {
        &self.0
    }

    const fn of_3gpp(number: u8) -> Self {
        Self([0x01, 0x00, 0x00, 0x00, number])
    }
}

impl FromStr for UaProtocol {
    type Err = InvalidHex;

    /// Reads 10 hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, InvalidHex> {
        let mut octets = [0; 5];
        let wrong = InvalidHex {
            name: "UaProtocol",
            digits: 10,
        };
        decode_hex(text, &mut octets).ok_or(wrong)?;
        Ok(Self(octets))
    }
}

impl fmt::Display for UaProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::LowerHex::fmt(&Hex(&self.0), f)
    }
}

impl fmt::Debug for UaProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UaProtocol({self})")
    }
}

/// Who wants the key, and over which protocol: NAF_Id = FQDN ‖ Ua security protocol identifier
/// (§B.3, Annex H).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "TS 33.220 §B.3 closes the set")]
pub struct NafId<'a> {
    /// The NAF's domain name.
    pub fqdn: &'a str,
    /// The Ua security protocol identifier.
    pub ua: UaProtocol,
}

impl NafId<'_> {
    /// NAF_Id, as a card takes it (TS 31.102 §7.1.2.4).
    pub fn octets(&self) -> impl AsRef<[u8]> + use<> {
        Identifier::new(self.fqdn, self.ua)
    }
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
        let naf_id = Identifier::new(naf.fqdn, naf.ua);
        self.naf_key_of_octets(which, rand, impi.as_bytes(), naf_id.as_bytes())
    }

    /// The same of octets, as a card is given them.
    pub fn naf_key_of_octets(
        &self,
        which: NafKey,
        rand: &Rand,
        impi: &[u8],
        naf_id: &[u8],
    ) -> KsNaf {
        let label: &[u8] = match which {
            NafKey::Me => b"gba-me",
            NafKey::Internal => b"gba-u",
        };
        let parameters = [label, rand.as_bytes(), impi, naf_id];
        KsNaf::new(*self.0.derive(0x01, &parameters))
    }

    /// The temporary identity for the next bootstrapping with the BSF of this name (§B.4).
    pub fn tmpi(&self, rand: &Rand, impi: &str, bsf: &str) -> Tmpi {
        let bsf = NafId {
            fqdn: bsf,
            ua: UaProtocol::TMPI,
        };
        Tmpi::of(&self.naf_key(NafKey::Me, rand, impi, bsf))
    }
}

impl fmt::Debug for Ks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ks([redacted])")
    }
}

/// A temporary IP multimedia private identity: base64 of 24 octets, and `@tmpi.bsf.3gppnetwork.org`
/// (§B.4). It stands in for the IMPI on Ub, so that the IMPI is seen but once.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Tmpi([u8; Self::SIZE]);

impl Tmpi {
    /// How many octets the text has.
    pub const SIZE: usize = 32 + Self::DOMAIN.len();
    /// What each ends in.
    pub const DOMAIN: &str = "@tmpi.bsf.3gppnetwork.org";

    fn of(key: &KsNaf) -> Self {
        let mut text = [0; Self::SIZE];
        let (front, domain) = text.split_at_mut(32);
        let temp = key.expose().get(..24).unwrap_or_default();
        Base64::encode(temp, front).expect("24 octets make 32 characters");
        domain.copy_from_slice(Self::DOMAIN.as_bytes());
        Self(text)
    }

    /// Whether a private identity has the form of a temporary one.
    pub fn is_one(identity: &str) -> bool {
        identity.len() == Self::SIZE && identity.ends_with(Self::DOMAIN)
    }

    /// The identity as text.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).expect("ASCII by construction")
    }
}

impl fmt::Debug for Tmpi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tmpi([redacted])")
    }
}

/// AUTN\* for a card that keeps Ks (GBA_U), of the AUTN that the home made, and the reverse:
/// MAC\* = MAC ⊕ Trunc(SHA-1(IK)) (§5.3.2).
///
/// A card answers it in its GBA context only, so that nobody else gets CK and IK out of it.
///
/// ```
/// use aka::{Autn, Ik, kdf::gba};
///
/// let (autn, ik) = (Autn::new([9; 16]), Ik::new([7; 16]));
/// let masked = gba::uicc_autn(&autn, &ik);
/// assert_ne!(masked.mac(), autn.mac());
/// assert_eq!(masked.concealed_sqn(), autn.concealed_sqn());
/// assert_eq!(gba::uicc_autn(&masked, &ik), autn);
/// ```
#[must_use]
pub fn uicc_autn(autn: &Autn, ik: &Ik) -> Autn {
    let mut mask = Sha1::digest(ik.expose());
    let mut mac = *autn.mac().as_bytes();
    for (octet, mask) in mac.iter_mut().zip(&mask) {
        *octet ^= mask;
    }
    mask.zeroize();
    Autn::from_parts(autn.concealed_sqn(), autn.amf(), Mac::new(mac))
}

/// A domain name, of which there are at most 255 octets, and five octets after it.
pub(super) struct Identifier {
    octets: [u8; 260],
    size: usize,
}

impl Identifier {
    pub(super) fn new(fqdn: &str, protocol: UaProtocol) -> Self {
        let name = fqdn.bytes().take(255);
        let mut octets = [0; 260];
        let mut size = 0;
        for (to, from) in octets.iter_mut().zip(name.chain(protocol.0)) {
            *to = from;
            size += 1;
        }
        Self { octets, size }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.octets.get(..self.size).expect("at most 260")
    }
}

impl AsRef<[u8]> for Identifier {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}
