//! Who the card is: identities, keys, PINs and manners.

mod text;

use std::fmt;

use aka::{
    Imsi, K, MncLength, Opc,
    card::{Policy, SeqArray},
    kdf::gsm::SresFunction,
};

pub use text::{Problem, ProfileError};

use super::{
    Quirks,
    pin::{Code, Pin, Pins},
};
use crate::{
    Iccid,
    file::{msisdn::Msisdn, spn::ServiceProvider},
    transport::Protocol,
};

/// What a software card is made of.
///
/// The default is the subscriber 001010000000001 with the keys of TS 35.208 test set 1, its
/// PINs disabled, speaking T=0 as most real cards do.
///
/// ```
/// use usim::soft::Profile;
///
/// let profile = Profile::from_toml(r#"
///     imsi = "001010000000042"
///     k = "465b5ce8b199b49faa5f0a2ee238a6bc"
///     opc = "cd63cb71954a9f4e48a5994e37a02baf"
/// "#)?;
/// assert_eq!(profile.imsi.as_str(), "001010000000042");
/// # Ok::<(), usim::soft::ProfileError>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Profile {
    /// The subscriber.
    pub imsi: Imsi,
    /// How long the MNC in the IMSI is: EF_AD tells.
    pub mnc_length: MncLength,
    /// The card's own number, in EF_ICCID.
    pub iccid: Iccid,
    /// The algorithm set with its keys.
    pub algorithm: Algorithm,
    /// How SRES comes from RES.
    pub sres: SresFunction,
    /// The rules by which sequence numbers are taken.
    pub sqn_policy: Policy,
    /// The sequence numbers taken before.
    pub sqn_state: SeqArray,
    /// The telephone number, if the card knows it; its label has at most 10 octets.
    pub msisdn: Option<Msisdn>,
    /// The service provider's name, at most 16 octets.
    pub spn: ServiceProvider,
    /// The ISIM, unless the card has none.
    pub isim: Option<Isim>,
    /// PINs and PUKs.
    pub pins: PinProfile,
    /// The transmission protocol.
    pub protocol: Protocol,
    /// Ways in which the card differs from the book.
    pub quirks: Quirks,
}

impl Profile {
    /// Reads a profile in TOML; what it leaves out is as in the [default](Profile::default),
    /// except that `k` and one of `op` and `opc` go together, and that the identities of the
    /// ISIM follow from the IMSI. These are all the keys:
    ///
    /// ```
    /// # use usim::soft::Profile;
    /// # let profile = Profile::from_toml(r#"
    /// imsi = "001010000000001"
    /// mnc-length = 2                              # or 3
    /// iccid = "8900101000000000019"
    /// k = "465b5ce8b199b49faa5f0a2ee238a6bc"
    /// opc = "cd63cb71954a9f4e48a5994e37a02baf"    # or op
    /// algorithm = "milenage"                      # or "xor", which takes k alone
    /// sres = "folded"                             # or "truncated" (TS 55.205)
    /// msisdn = "+001010000000001"
    /// spn = "simkey"
    /// protocol = "T=0"                            # or "T=1"
    /// quirks = ["two-usims", "short-ad"]          # names of Quirk
    ///
    /// [sqn]                                       # TS 33.102 annex C
    /// ind-length = 5
    /// delta = 268435456
    /// age-limit = 1000                            # none by default
    /// taken = "000000000000"                      # the highest SQN taken before
    ///
    /// [isim]                                      # isim = false: the card has none
    /// impi = "001010000000001@ims.mnc001.mcc001.3gppnetwork.org"
    /// impu = ["sip:001010000000001@ims.mnc001.mcc001.3gppnetwork.org"]
    /// domain = "ims.mnc001.mcc001.3gppnetwork.org"
    ///
    /// [pin1]                                      # and [pin2], [universal-pin]
    /// pin = "1234"
    /// puk = "12345678"
    /// enabled = false
    /// # "#)?;
    /// # Ok::<(), usim::soft::ProfileError>(())
    /// ```
    ///
    /// # Errors
    /// [`ProfileError`]: it names the key, never its value.
    pub fn from_toml(profile: &str) -> Result<Self, ProfileError> {
        text::parse(profile)
    }

    /// The default profile with numbers of its own, for the `index`-th of several cards: the first one
    /// is the default. The keys are the same.
    ///
    /// ```
    /// use usim::soft::Profile;
    ///
    /// let second = Profile::numbered(1);
    /// assert_eq!(second.imsi.as_str(), "001010000000002");
    /// assert_eq!(second.iccid.as_str(), "8900101000000000027");
    /// ```
    pub fn numbered(index: usize) -> Self {
        let number = index.saturating_add(1) % 100_000_000;
        let imsi = format!("0010100{number:08}");
        let mut profile = Self::with_imsi(imsi.parse().expect("15 digits"), MncLength::Two);
        profile.iccid = iccid(&format!("8900101000{number:08}"));
        profile
    }

    /// The default profile for another subscriber, whose ISIM follows from `imsi`.
    pub fn with_imsi(imsi: Imsi, mnc_length: MncLength) -> Self {
        Self {
            isim: Some(Isim::derived(&imsi, mnc_length)),
            imsi,
            mnc_length,
            iccid: "8900101000000000019".parse().expect("19 digits"),
            algorithm: Algorithm::default(),
            sres: SresFunction::default(),
            sqn_policy: Policy::default(),
            sqn_state: SeqArray::default(),
            msisdn: Msisdn::new("+001010000000001").ok(),
            spn: ServiceProvider::new("simkey"),
            pins: PinProfile::default(),
            protocol: Protocol::T0,
            quirks: Quirks::default(),
        }
    }
}

impl Default for Profile {
    fn default() -> Self {
        let imsi = "001010000000001".parse().expect("15 digits are an IMSI");
        Self::with_imsi(imsi, MncLength::Two)
    }
}

/// A number with its check digit (ITU-T E.118, ISO/IEC 7812-1 annex B).
fn iccid(digits: &str) -> Iccid {
    let weighed = digits.bytes().rev().enumerate().map(|(at, digit)| {
        let digit = u32::from(digit & 0x0f);
        match at % 2 {
            0 if digit > 4 => 2 * digit - 9,
            0 => 2 * digit,
            _ => digit,
        }
    });
    let check = (10 - weighed.sum::<u32>() % 10) % 10;
    let text = format!("{digits}{check}");
    text.parse().expect("10 to 20 digits")
}

/// The algorithm set of a card, with the subscriber's keys.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Algorithm {
    /// MILENAGE with the standard's constants.
    Milenage {
        /// The subscriber's key.
        k: K,
        /// The operator's field for this subscriber.
        opc: Opc,
    },
    /// The test algorithm of TS 34.108 §8.1.2, which gives K away at the first challenge.
    Xor {
        /// The subscriber's key.
        k: K,
    },
}

impl Default for Algorithm {
    /// TS 35.208 §4.3, test set 1.
    fn default() -> Self {
        let k = "465b5ce8b199b49faa5f0a2ee238a6bc".parse();
        let opc = "cd63cb71954a9f4e48a5994e37a02baf".parse();
        Self::Milenage {
            k: k.expect("32 hexadecimal digits"),
            opc: opc.expect("32 hexadecimal digits"),
        }
    }
}

/// The identities of the ISIM (TS 31.103 §4.2); each has at most 126 octets.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Isim {
    /// The private user identity.
    pub impi: String,
    /// The public user identities; at least one.
    pub impu: Vec<String>,
    /// The home network's domain.
    pub domain: String,
}

impl Isim {
    /// What TS 23.003 §13 derives from an IMSI.
    pub fn derived(imsi: &Imsi, mnc_length: MncLength) -> Self {
        let plmn = imsi.plmn(mnc_length);
        let (mcc, mnc, imsi) = (plmn.mcc(), plmn.mnc(), imsi.as_str());
        let domain = format!("ims.mnc{mnc:0>3}.mcc{mcc}.3gppnetwork.org");
        Self {
            impi: format!("{imsi}@{domain}"),
            impu: vec![format!("sip:{imsi}@{domain}")],
            domain,
        }
    }
}

impl fmt::Debug for Isim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Isim").finish_non_exhaustive()
    }
}

/// PINs and PUKs of a new card. `Debug` shows which are enabled.
#[derive(Clone)]
#[non_exhaustive]
pub struct PinProfile {
    /// PIN1; by default `1234`, PUK `12345678`, disabled.
    pub pin1: PinValues,
    /// PIN2; by default `5678`, PUK `87654321`, enabled.
    pub pin2: PinValues,
    /// The universal PIN; by default `9999`, PUK `99999999`, disabled.
    pub universal: PinValues,
}

impl PinProfile {
    pub(super) fn pins(&self) -> Pins {
        Pins {
            pin1: self.pin1.pin(),
            pin2: self.pin2.pin(),
            universal: self.universal.pin(),
            replaced: false,
        }
    }
}

impl Default for PinProfile {
    fn default() -> Self {
        let values = |pin: &str, puk: &str, enabled| {
            let values = PinValues::new(pin, puk, enabled);
            values.expect("4 and 8 digits")
        };
        Self {
            pin1: values("1234", "12345678", Enabled::No),
            pin2: values("5678", "87654321", Enabled::Yes),
            universal: values("9999", "99999999", Enabled::No),
        }
    }
}

impl fmt::Debug for PinProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PinProfile")
            .field("pin1", &self.pin1.enabled)
            .field("pin2", &self.pin2.enabled)
            .field("universal", &self.universal.enabled)
            .finish()
    }
}

/// Whether a PIN has to be verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum Enabled {
    /// It has to be.
    Yes,
    /// It need not be.
    No,
}

/// A PIN with its PUK, as they are on a new card.
#[derive(Clone)]
pub struct PinValues {
    pin: Code,
    puk: Code,
    enabled: Enabled,
}

impl PinValues {
    /// Takes a PIN of 4 to 8 digits and a PUK of 8; `None` for anything else.
    pub fn new(pin: &str, puk: &str, enabled: Enabled) -> Option<Self> {
        let pin = Code::from_digits(pin)?;
        let puk = Code::from_digits(puk).filter(|code| !code.octets().contains(&0xff))?;
        Some(Self { pin, puk, enabled })
    }

    fn pin(&self) -> Pin {
        Pin::new(
            self.pin.clone(),
            self.puk.clone(),
            self.enabled == Enabled::Yes,
        )
    }
}

impl fmt::Debug for PinValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PinValues")
            .field("enabled", &self.enabled)
            .finish_non_exhaustive()
    }
}
