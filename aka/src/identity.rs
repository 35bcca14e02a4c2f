//! Who the subscriber is: IMSI and PLMN (TS 23.003 §2.2).

use core::{fmt, str::FromStr};

/// Text or digits are not an IMSI, or not a PLMN; they are not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidIdentity {
    /// An IMSI has 6 to 15 decimal digits.
    #[error("an IMSI has 6 to 15 decimal digits")]
    Imsi,
    /// An MCC has 3 digits, an MNC 2 or 3.
    #[error("a PLMN has 3 digits of MCC and 2 or 3 of MNC")]
    Plmn,
}

/// How many digits the mobile network code has: told by EF_AD, not by the IMSI (TS 31.102 §4.2.18).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "TS 23.003 §2.2 closes the set")]
pub enum MncLength {
    /// Two digits.
    Two,
    /// Three digits.
    Three,
}

impl MncLength {
    /// The number of digits: 2 or 3.
    pub const fn digits(self) -> usize {
        match self {
            Self::Two => 2,
            Self::Three => 3,
        }
    }
}

/// An international mobile subscriber identity: 6 to 15 decimal digits (TS 23.003 §2.2).
///
/// `Debug` shows no digit; [`as_str`](Imsi::as_str) does.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Imsi {
    digits: [u8; Self::MAX_DIGITS],
    size: u8,
}

impl Imsi {
    /// The fewest digits: MCC, MNC and one of MSIN.
    pub const MIN_DIGITS: usize = 6;
    /// The most digits.
    pub const MAX_DIGITS: usize = 15;

    /// The digits as text.
    pub fn as_str(&self) -> &str {
        let digits = self
            .digits
            .get(..usize::from(self.size))
            .expect("6..=15 by construction");
        core::str::from_utf8(digits).expect("digits by construction")
    }

    /// The home network, given how long its MNC is.
    pub fn plmn(&self, mnc_length: MncLength) -> Plmn {
        let [mcc @ .., _, _, _, _, _, _, _, _, _, _, _, _] = self.digits;
        let [_, _, _, mnc @ .., _, _, _, _, _, _, _, _, _] = self.digits;
        Plmn {
            mcc,
            mnc,
            mnc_length,
        }
    }

    /// The subscriber's number within its home network.
    pub fn msin(&self, mnc_length: MncLength) -> &str {
        self.as_str()
            .get(3 + mnc_length.digits()..)
            .unwrap_or_default()
    }
}

impl FromStr for Imsi {
    type Err = InvalidIdentity;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.as_bytes();
        let size = u8::try_from(digits.len())
            .ok()
            .filter(|size| (6..=15).contains(size));
        let size = size.ok_or(InvalidIdentity::Imsi)?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(InvalidIdentity::Imsi);
        }
        let mut imsi = Self {
            digits: [b'0'; Self::MAX_DIGITS],
            size,
        };
        for (to, from) in imsi.digits.iter_mut().zip(digits) {
            *to = *from;
        }
        Ok(imsi)
    }
}

impl fmt::Debug for Imsi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Imsi([redacted])")
    }
}

/// A network: mobile country code and mobile network code (TS 23.003 §2.2).
#[derive(Clone, Copy)]
pub struct Plmn {
    mcc: [u8; 3],
    /// The third digit means something only when `mnc_length` says so.
    mnc: [u8; 3],
    mnc_length: MncLength,
}

impl Plmn {
    /// Takes the digits of both codes.
    ///
    /// # Errors
    /// [`InvalidIdentity::Plmn`] unless `mcc` has 3 digits and `mnc` 2 or 3.
    pub fn new(mcc: &str, mnc: &str) -> Result<Self, InvalidIdentity> {
        let wrong = InvalidIdentity::Plmn;
        if !mcc
            .bytes()
            .chain(mnc.bytes())
            .all(|digit| digit.is_ascii_digit())
        {
            return Err(wrong);
        }
        let Ok(mcc) = <[u8; 3]>::try_from(mcc.as_bytes()) else {
            return Err(wrong);
        };
        match *mnc.as_bytes() {
            [a, b] => Ok(Self {
                mcc,
                mnc: [a, b, b'0'],
                mnc_length: MncLength::Two,
            }),
            [a, b, c] => Ok(Self {
                mcc,
                mnc: [a, b, c],
                mnc_length: MncLength::Three,
            }),
            _ => Err(wrong),
        }
    }

    /// The mobile country code, 3 digits.
    pub fn mcc(&self) -> &str {
        core::str::from_utf8(&self.mcc).expect("digits by construction")
    }

    /// The mobile network code, 2 or 3 digits.
    pub fn mnc(&self) -> &str {
        let digits = self
            .mnc
            .get(..self.mnc_length.digits())
            .expect("2 or 3 of 3");
        core::str::from_utf8(digits).expect("digits by construction")
    }

    /// How many digits the MNC has.
    pub const fn mnc_length(self) -> MncLength {
        self.mnc_length
    }

    /// The 3 octets that stand for the network in messages and key derivations (TS 24.301 §9.9.3.12).
    pub fn to_bytes(self) -> [u8; 3] {
        let low = |digit: u8| digit & 0x0f;
        let [country1, country2, country3] = self.mcc.map(low);
        let [network1, network2, network3] = self.mnc.map(low);
        let last = match self.mnc_length {
            MncLength::Two => 0x0f,
            MncLength::Three => network3,
        };
        [
            country2 << 4 | country1,
            last << 4 | country3,
            network2 << 4 | network1,
        ]
    }
}

impl PartialEq for Plmn {
    fn eq(&self, other: &Self) -> bool {
        self.mcc == other.mcc && self.mnc() == other.mnc()
    }
}

impl Eq for Plmn {}

impl fmt::Debug for Plmn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Plmn({}-{})", self.mcc(), self.mnc())
    }
}
