//! Parameters of requests.

use std::collections::BTreeMap;
use std::fmt;

/// The parameters of a request: each stands there once, and an empty one is as good as none
/// (RFC 6749 §3.1, §3.2).
///
/// `Debug` shows names only: values may be secrets.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Parameters(BTreeMap<String, String>);

/// Why parameters are not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidParameters {
    /// One stands there twice.
    #[error("a parameter stands there twice")]
    Repeated,
    /// It is not `application/x-www-form-urlencoded` in UTF-8.
    #[error("the parameters are not encoded as a form")]
    Encoding,
    /// More than 64 KiB, or more than 64 of them.
    #[error("there are too many parameters")]
    TooMany,
}

impl Parameters {
    /// Reads a query or a form.
    ///
    /// ```
    /// use passkey_idp::oauth::{InvalidParameters, Parameters};
    ///
    /// let parameters = Parameters::parse("scope=openid+email&state=&nonce=%C3%A4")?;
    /// assert_eq!(parameters.get("scope"), Some("openid email"));
    /// assert_eq!(parameters.get("state"), None);
    /// assert_eq!(parameters.get("nonce"), Some("ä"));
    /// assert_eq!(Parameters::parse("a=1&a=1"), Err(InvalidParameters::Repeated));
    /// # Ok::<(), InvalidParameters>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidParameters`]
    pub fn parse(encoded: &str) -> Result<Self, InvalidParameters> {
        if encoded.len() > MAX_LEN {
            return Err(InvalidParameters::TooMany);
        }
        let mut found = BTreeMap::new();
        for pair in encoded.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if found.insert(decode(name)?, decode(value)?).is_some() {
                return Err(InvalidParameters::Repeated);
            }
            if found.len() > MAX_COUNT {
                return Err(InvalidParameters::TooMany);
            }
        }
        found.retain(|_, value| !value.is_empty());
        Ok(Self(found))
    }

    /// The value of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The names and values, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.0.iter();
        pairs.map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Parameters {
    /// The last one of a name counts; empty values are left out.
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let pairs = pairs.into_iter();
        let pairs = pairs.map(|(name, value)| (name.into(), value.into()));
        Self(pairs.filter(|(_, value)| !value.is_empty()).collect())
    }
}

impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

pub(super) fn decode(text: &str) -> Result<String, InvalidParameters> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(octet) = rest.next() {
        octets.push(match octet {
            b'+' => b' ',
            b'%' => {
                let digits = (rest.next().and_then(digit), rest.next().and_then(digit));
                let (Some(high), Some(low)) = digits else {
                    return Err(InvalidParameters::Encoding);
                };
                high << 4 | low
            }
            other => other,
        });
    }
    String::from_utf8(octets).or(Err(InvalidParameters::Encoding))
}

fn digit(octet: u8) -> Option<u8> {
    char::from(octet).to_digit(16)?.try_into().ok()
}

const MAX_LEN: usize = 64 * 1024;
const MAX_COUNT: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_encoded_is_refused() {
        for text in ["a=%", "a=%4", "a=%zz", "a=%+1", "a=%ff", "%c3=1"] {
            assert_eq!(
                Parameters::parse(text),
                Err(InvalidParameters::Encoding),
                "{text}"
            );
        }
    }

    #[test]
    fn one_that_stands_there_twice_is_refused_even_when_empty() {
        for text in ["a=1&a=2", "a=&a=1", "a&a", "a=1&%61=1"] {
            assert_eq!(
                Parameters::parse(text),
                Err(InvalidParameters::Repeated),
                "{text}"
            );
        }
    }

    #[test]
    fn too_many_are_refused() {
        let many: Vec<_> = (0..65).map(|number| format!("a{number}=1")).collect();
        assert_eq!(
            Parameters::parse(&many.join("&")),
            Err(InvalidParameters::TooMany)
        );
        let long = format!("a={}", "b".repeat(MAX_LEN));
        assert_eq!(Parameters::parse(&long), Err(InvalidParameters::TooMany));
    }

    #[test]
    fn values_are_not_shown() {
        let parameters = Parameters::parse("client_secret=hush").unwrap();
        assert_eq!(format!("{parameters:?}"), "{\"client_secret\"}");
    }
}
