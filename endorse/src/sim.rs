//! What a token says of a SIM.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// Text is not the identity that it was meant for; the text is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not {what}")]
#[non_exhaustive]
pub struct InvalidIdentity {
    /// What the text was meant for.
    pub what: &'static str,
}

macro_rules! identity {
    ($(#[$doc:meta])* $name:ident, $what:literal, $fits:expr) => {
        $(#[$doc])*
        ///
        /// `Debug` does not show it.
        #[derive(Clone, PartialEq, Eq, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// Its text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidIdentity;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let fits: fn(&str) -> bool = $fits;
                if fits(text) {
                    Ok(Self(text.into()))
                } else {
                    Err(InvalidIdentity { what: $what })
                }
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }
    };
}

identity! {
    /// An IMSI (TS 23.003 §2.2): 6 to 15 digits.
    Imsi, "an IMSI: 6 to 15 digits", |text| is_digits(text, 6, 15)
}

identity! {
    /// An IMEI or IMEISV (TS 23.003 §6.2): 14 to 16 digits, with or without the check digit.
    Imei, "an IMEI: 14 to 16 digits", |text| is_digits(text, 14, 16)
}

identity! {
    /// An international number (E.164): up to 15 digits, the first not 0, with or without a plus.
    Msisdn, "an international number: up to 15 digits", |text| {
        let digits = text.strip_prefix('+').unwrap_or(text);
        is_digits(digits, 2, 15) && !digits.starts_with('0')
    }
}

identity! {
    /// The issuer's own name of a SIM: 1 to 64 letters, digits, hyphens and underscores.
    SimId, "a SIM's name: 1 to 64 letters, digits, hyphens and underscores", |text| {
        let allowed = |octet: u8| octet.is_ascii_alphanumeric() || b"-_".contains(&octet);
        (1..=64).contains(&text.len()) && text.bytes().all(allowed)
    }
}

fn is_digits(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.len()) && text.bytes().all(|octet| octet.is_ascii_digit())
}

/// How the SIM was proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// AKA with key confirmation (TS 33.102).
    Aka,
    /// EAP-AKA or EAP-AKA' (RFC 4187, RFC 9048).
    EapAka,
    /// The Generic Bootstrapping Architecture (TS 33.220).
    Gba,
}

impl Method {
    /// Its name in a token.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aka => "aka",
            Self::EapAka => "eap-aka",
            Self::Gba => "gba",
        }
    }

    /// The method of exactly this name.
    pub fn from_name(name: &str) -> Option<Self> {
        let mut all = [Self::Aka, Self::EapAka, Self::Gba].into_iter();
        all.find(|method| method.name() == name)
    }
}

/// What the device asked the issuer to put into its token: names and values.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RequestParameters(BTreeMap<String, String>);

/// There are more than 64 request parameters, or more than 4 KiB of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more than 64 request parameters, or more than 4 KiB of them")]
#[non_exhaustive]
pub struct TooManyParameters;

impl RequestParameters {
    /// How many octets names and values may have together.
    pub const MAX_LEN: usize = 4096;

    /// Collects names and values; of a name that comes twice, the last value counts.
    ///
    /// # Errors
    /// [`TooManyParameters`]
    pub fn collect(
        pairs: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, TooManyParameters> {
        let (mut map, mut left) = (BTreeMap::new(), Self::MAX_LEN);
        for (name, value) in pairs {
            left = left
                .checked_sub(name.len() + value.len())
                .ok_or(TooManyParameters)?;
            map.insert(name, value);
            if map.len() > 64 {
                return Err(TooManyParameters);
            }
        }
        Ok(Self(map))
    }

    /// The value of the parameter `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// All names and values, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for RequestParameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestParameters({})", self.0.len())
    }
}

/// The SIM, as far as the issuer tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sim {
    /// Its IMSI.
    pub imsi: Option<Imsi>,
    /// The IMEI of the device that it is in.
    pub imei: Option<Imei>,
    /// Its number.
    pub msisdn: Option<Msisdn>,
    /// The issuer's own name of it.
    pub id: Option<SimId>,
    /// How it was proven; profile Soracom does not tell.
    pub method: Option<Method>,
    /// What the device asked for.
    pub request_parameters: RequestParameters,
}

impl Sim {
    /// A SIM that was proven in this way, of which nothing else is told.
    pub fn proven_by(method: Method) -> Self {
        Self {
            method: Some(method),
            ..Self::default()
        }
    }

    /// With its IMSI.
    #[must_use]
    pub fn with_imsi(mut self, imsi: Imsi) -> Self {
        self.imsi = Some(imsi);
        self
    }

    /// With the IMEI of its device.
    #[must_use]
    pub fn with_imei(mut self, imei: Imei) -> Self {
        self.imei = Some(imei);
        self
    }

    /// With what the device asked for.
    #[must_use]
    pub fn with_request_parameters(mut self, parameters: RequestParameters) -> Self {
        self.request_parameters = parameters;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is<T: FromStr>(text: &str) -> bool {
        text.parse::<T>().is_ok()
    }

    #[test]
    fn an_imsi_has_6_to_15_ascii_digits() {
        assert!(is::<Imsi>("001010") && is::<Imsi>("001010000000001"));
        for text in [
            "",
            "00101",
            "0010100000000012",
            "00101000000000a",
            "+01010000000001",
            " 001010",
            "\u{ff10}\u{ff10}\u{ff11}\u{ff10}\u{ff11}\u{ff10}",
            "\u{660}\u{660}\u{661}",
        ] {
            assert!(!is::<Imsi>(text), "{text}");
        }
    }

    #[test]
    fn an_imei_has_14_to_16_digits() {
        assert!(is::<Imei>("49015420323751") && is::<Imei>("4901542032375180"));
        assert!(!is::<Imei>("4901542032375") && !is::<Imei>("49015420323751801"));
    }

    #[test]
    fn an_msisdn_is_an_international_number() {
        assert!(is::<Msisdn>("819012345678") && is::<Msisdn>("+819012345678"));
        for text in [
            "",
            "+",
            "0819012345678",
            "8190-1234",
            "1234567890123456",
            "++81",
        ] {
            assert!(!is::<Msisdn>(text), "{text}");
        }
    }

    #[test]
    fn a_sim_id_has_letters_digits_hyphens_and_underscores() {
        assert!(is::<SimId>("8981100000000000001") && is::<SimId>("a-B_9"));
        assert!(!is::<SimId>("") && !is::<SimId>("a b") && !is::<SimId>(&"a".repeat(65)));
    }

    #[test]
    fn request_parameters_have_4_kib_together() {
        let of = |len: usize| [("n".to_owned(), "v".repeat(len))];
        assert_eq!(
            RequestParameters::collect(of(4095))
                .unwrap()
                .get("n")
                .unwrap()
                .len(),
            4095
        );
        assert_eq!(RequestParameters::collect(of(4096)), Err(TooManyParameters));
    }

    #[test]
    fn there_are_at_most_64_request_parameters() {
        let of = |count: usize| (0..count).map(|index| (index.to_string(), String::new()));
        assert_eq!(RequestParameters::collect(of(64)).unwrap().len(), 64);
        assert_eq!(RequestParameters::collect(of(65)), Err(TooManyParameters));
    }

    #[test]
    fn debug_shows_no_identity() {
        let sim = Sim::proven_by(Method::Aka)
            .with_imsi("001010000000001".parse().unwrap())
            .with_imei("490154203237518".parse().unwrap());
        let shown = format!("{sim:?}");
        assert!(shown.contains("Imsi([redacted])"), "{shown}");
        assert!(
            !shown.contains("00101") && !shown.contains("49015"),
            "{shown}"
        );
    }
}
