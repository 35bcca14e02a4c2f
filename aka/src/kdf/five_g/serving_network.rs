//! The name of the serving network, an exact string (TS 24.501 §9.12.1, TS 33.501 §6.1.1.4).

use core::{fmt, str::FromStr};

use crate::Plmn;

/// Text is not the name of a serving network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a serving network's name is 5G:mncNNN.mccNNN.3gppnetwork.org")]
#[non_exhaustive]
pub struct InvalidServingNetwork;

/// `5G:mncNNN.mccNNN.3gppnetwork.org`, both codes with three digits. Names of stand-alone
/// non-public networks, which end in a NID, are not supported.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ServingNetworkName([u8; Self::SIZE]);

impl ServingNetworkName {
    const SIZE: usize = 32;
    const PATTERN: &[u8; Self::SIZE] = b"5G:mncNNN.mccNNN.3gppnetwork.org";

    /// The name as text.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).expect("ASCII by construction")
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
        let mut name = *Self::PATTERN;
        for octet in name.iter_mut().filter(|octet| **octet == b'N') {
            *octet = digits.next().unwrap_or(b'0');
        }
        Self(name)
    }
}

impl FromStr for ServingNetworkName {
    type Err = InvalidServingNetwork;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Ok(name) = <[u8; Self::SIZE]>::try_from(text.as_bytes()) else {
            return Err(InvalidServingNetwork);
        };
        let fits = name
            .iter()
            .zip(Self::PATTERN)
            .all(|(octet, pattern)| match pattern {
                b'N' => octet.is_ascii_digit(),
                fixed => octet == fixed,
            });
        if fits {
            Ok(Self(name))
        } else {
            Err(InvalidServingNetwork)
        }
    }
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
        ] {
            let parsed = name.parse::<ServingNetworkName>();
            assert_eq!(parsed, Err(InvalidServingNetwork), "{name}");
        }
    }
}
