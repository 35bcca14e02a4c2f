//! The name of the serving network, an exact string (TS 24.501 §9.12.1, TS 33.501 §6.1.1.4).

use core::{fmt, str::FromStr};

use crate::Plmn;

/// Text is not the name of a serving network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a serving network's name is 5G:mncNNN.mccNNN.3gppnetwork.org, perhaps with :NID, or 5G:NSWO"
)]
#[non_exhaustive]
pub struct InvalidServingNetwork;

/// A network identifier has other than 11 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("NID: expected 11 hexadecimal digits")]
#[non_exhaustive]
pub struct InvalidNid;

/// The network identifier NID of a stand-alone non-public network: 44 bits (TS 23.003 §12.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Nid(u64);

impl Nid {
    const DIGITS: usize = 11;

    /// Takes 44 bits; `None` for more.
    pub const fn new(bits: u64) -> Option<Self> {
        if bits >> 44 == 0 {
            Some(Self(bits))
        } else {
            None
        }
    }

    /// The 44 bits.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl FromStr for Nid {
    type Err = InvalidNid;

    /// Reads 11 hexadecimal digits of either case.
    fn from_str(text: &str) -> Result<Self, InvalidNid> {
        let digits = text.bytes().all(|octet| octet.is_ascii_hexdigit());
        let bits = u64::from_str_radix(text, 16).ok();
        bits.filter(|_| digits && text.len() == Self::DIGITS)
            .map(Self)
            .ok_or(InvalidNid)
    }
}

impl fmt::Display for Nid {
    /// 11 hexadecimal digits in upper case, as the name of a serving network has them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:011X}", self.0)
    }
}

/// `5G:mncNNN.mccNNN.3gppnetwork.org`, both codes with three digits; behind it, of a stand-alone
/// non-public network, `:` and 11 digits of [`Nid`]; or [`NSWO`](Self::NSWO).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ServingNetworkName {
    octets: [u8; Self::MAX_SIZE],
    size: usize,
}

impl ServingNetworkName {
    const MAX_SIZE: usize = Self::PLMN.len() + 1 + Nid::DIGITS;
    const PLMN: &[u8; 32] = b"5G:mncNNN.mccNNN.3gppnetwork.org";

    /// `5G:NSWO`: a trusted device that takes a WLAN around the 5G core (TS 33.501 Annex S).
    pub const NSWO: Self = {
        let mut octets = [0; Self::MAX_SIZE];
        let name = b"5G:NSWO";
        let (front, _) = octets.split_at_mut(name.len());
        front.copy_from_slice(name);
        Self {
            octets,
            size: name.len(),
        }
    };

    /// The name of a stand-alone non-public network.
    ///
    /// ```
    /// use aka::{Plmn, kdf::five_g::ServingNetworkName};
    ///
    /// let network = ServingNetworkName::of_snpn(&Plmn::new("999", "01")?, "000007ed9d5".parse()?);
    /// assert_eq!(network.as_str(), "5G:mnc001.mcc999.3gppnetwork.org:000007ED9D5");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn of_snpn(plmn: &Plmn, nid: Nid) -> Self {
        let mut name = Self::from(plmn);
        let digits = (0..Nid::DIGITS).rev().map(|at| (nid.0 >> (4 * at)) & 0xf);
        let digits = digits.filter_map(|digit| char::from_digit(u32::try_from(digit).ok()?, 16));
        name.push(b':');
        for digit in digits {
            name.push(u8::try_from(digit.to_ascii_uppercase()).unwrap_or_default());
        }
        name
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        let octets = self.octets.get(..self.size).unwrap_or_default();
        core::str::from_utf8(octets).expect("ASCII by construction")
    }

    fn push(&mut self, octet: u8) {
        if let Some(to) = self.octets.get_mut(self.size) {
            *to = octet;
            self.size += 1;
        }
    }
}

impl From<&Plmn> for ServingNetworkName {
    /// An MNC of two digits gets a zero in front.
    fn from(plmn: &Plmn) -> Self {
        let padding = "0".get(plmn.mnc().len() - 2..).unwrap_or_default();
        let mut digits = padding
            .bytes()
            .chain(plmn.mnc().bytes())
            .chain(plmn.mcc().bytes());
        let mut name = Self {
            octets: [0; Self::MAX_SIZE],
            size: 0,
        };
        for octet in Self::PLMN {
            name.push(match octet {
                b'N' => digits.next().unwrap_or(b'0'),
                fixed => *fixed,
            });
        }
        name
    }
}

impl FromStr for ServingNetworkName {
    type Err = InvalidServingNetwork;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == Self::NSWO.as_str() {
            return Ok(Self::NSWO);
        }
        let Some((plmn, rest)) = text.as_bytes().split_first_chunk() else {
            return Err(InvalidServingNetwork);
        };
        if !(is_plmn(plmn) && (rest.is_empty() || is_nid(rest))) {
            return Err(InvalidServingNetwork);
        }
        let mut name = Self {
            octets: [0; Self::MAX_SIZE],
            size: 0,
        };
        text.bytes().for_each(|octet| name.push(octet));
        Ok(name)
    }
}

fn is_plmn(name: &[u8; 32]) -> bool {
    name.iter()
        .zip(ServingNetworkName::PLMN)
        .all(|(octet, pattern)| match pattern {
            b'N' => octet.is_ascii_digit(),
            fixed => octet == fixed,
        })
}

fn is_nid(rest: &[u8]) -> bool {
    let Some((b':', digits)) = rest.split_first() else {
        return false;
    };
    let upper = |octet: &u8| octet.is_ascii_hexdigit() && !octet.is_ascii_lowercase();
    digits.len() == Nid::DIGITS && digits.iter().all(upper)
}

impl fmt::Display for ServingNetworkName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ServingNetworkName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_13_a_network_has_one_name_with_three_digits_of_mnc() {
        for (mcc, mnc, name) in [
            ("208", "93", "5G:mnc093.mcc208.3gppnetwork.org"),
            ("310", "410", "5G:mnc410.mcc310.3gppnetwork.org"),
            ("001", "01", "5G:mnc001.mcc001.3gppnetwork.org"),
        ] {
            let plmn = Plmn::new(mcc, mnc).unwrap();
            assert_eq!(ServingNetworkName::from(&plmn).as_str(), name);
            assert_eq!(name.parse(), Ok(ServingNetworkName::from(&plmn)));
        }
    }

    #[test]
    fn rule_13_a_malformed_name_is_an_error() {
        for name in [
            "",
            "5G:mnc93.mcc208.3gppnetwork.org",
            "5G:mnc093.mcc208.3gppnetwork.or",
            "5G:mnc093.mcc208.3gppnetwork.org.",
            "5g:mnc093.mcc208.3gppnetwork.org",
            "5G:mcc208.mnc093.3gppnetwork.org",
            "5G:mnc0x3.mcc208.3gppnetwork.org",
            "5G:mncNNN.mccNNN.3gppnetwork.org",
            "5G:mnc001.mcc999.3gppnetwork.org:",
            "5G:mnc001.mcc999.3gppnetwork.org:000007ed9d5",
            "5G:mnc001.mcc999.3gppnetwork.org:000007ED9D",
            "5G:mnc001.mcc999.3gppnetwork.org:000007ED9D50",
            "5G:mnc001.mcc999.3gppnetwork.org:000007ED9DG",
            "5G:mnc001.mcc999.3gppnetwork.org.000007ED9D5",
            "5G:NSWO:000007ED9D5",
            "5G:nswo",
        ] {
            let parsed = name.parse::<ServingNetworkName>();
            assert_eq!(parsed, Err(InvalidServingNetwork), "{name}");
        }
    }

    #[test]
    fn a_non_public_network_ends_in_its_nid_with_upper_case_digits() {
        let plmn = Plmn::new("999", "01").unwrap();
        let network = ServingNetworkName::of_snpn(&plmn, Nid::new(0x7e_d9d5).unwrap());
        let name = "5G:mnc001.mcc999.3gppnetwork.org:000007ED9D5";
        assert_eq!(network.as_str(), name);
        assert_eq!(name.parse(), Ok(network));
        assert_ne!(network, ServingNetworkName::from(&plmn));
        let last = ServingNetworkName::of_snpn(&plmn, Nid::new((1 << 44) - 1).unwrap());
        assert!(last.as_str().ends_with(":FFFFFFFFFFF"));
    }

    #[test]
    fn a_nid_has_44_bits_and_11_digits() {
        assert_eq!(Nid::new(1 << 44), None);
        let nid: Nid = "0000a7Ed9d5".parse().unwrap();
        assert_eq!(nid.get(), 0xa7e_d9d5);
        assert_eq!(std::format!("{nid}"), "0000A7ED9D5");
        for text in [
            "",
            "0000a7ed9d",
            "0000a7ed9d50",
            "+000a7ed9d5",
            "0000a7ed9dg",
        ] {
            assert_eq!(text.parse::<Nid>(), Err(InvalidNid), "{text}");
        }
    }

    #[test]
    fn nswo_is_a_name_of_its_own() {
        assert_eq!("5G:NSWO".parse(), Ok(ServingNetworkName::NSWO));
        assert_eq!(ServingNetworkName::NSWO.as_str(), "5G:NSWO");
    }
}
