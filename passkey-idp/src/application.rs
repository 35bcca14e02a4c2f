//! Applications: who may place orders, and where their users are sent back to.

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod dialect;
mod kept;
mod removal;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use dialect::Dialect;
pub use kept::{Application, ApplicationState, KeptSecret, Rights};
pub use removal::{RemovalError, remove};

use crate::store::RowId;

/// An application's name (`client_id`): 1 to 64 of `A-Z a-z 0-9 . _ -`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ApplicationId(Box<str>);

/// Text is not an application's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an application's name has 1 to 64 letters, digits, dots, underscores and hyphens")]
#[non_exhaustive]
pub struct InvalidApplicationId;

/// Where a browser is sent back to: an absolute URI without a fragment, compared octet by octet
/// (OAuth 2.1 §2.3.1).
///
/// Its scheme is `https`, `http` for this machine only (`localhost`, `127.0.0.1`, `[::1]`), or one of an
/// application on the device, which has a dot in it (RFC 8252 §7.1).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RedirectUri(Box<str>);

/// Text is not an address to send a browser back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an address to send browsers back to is https://..., on this machine http://localhost..., or of an app com.example.app:/..., and has no fragment (#)"
)]
#[non_exhaustive]
pub struct InvalidRedirectUri;

impl ApplicationId {
    /// How long the longest is.
    pub const MAX_LEN: usize = 64;

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where it stands in a store, and whose its orders are.
    pub fn row_id(&self) -> RowId {
        self.0
            .parse()
            .expect("every name of an application is one of a row")
    }
}

impl FromStr for ApplicationId {
    type Err = InvalidApplicationId;

    fn from_str(text: &str) -> Result<Self, InvalidApplicationId> {
        let allowed = |octet: u8| octet.is_ascii_alphanumeric() || b"._-".contains(&octet);
        if (1..=Self::MAX_LEN).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidApplicationId)
        }
    }
}

impl RedirectUri {
    /// How long the longest is.
    pub const MAX_LEN: usize = 2048;

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is registered if `self` is: octet by octet, but for the port on this machine by its
    /// address, which an application on the device is given when it starts (OAuth 2.1 §8.4.2).
    pub fn admits(&self, wanted: &Self) -> bool {
        let here = on_this_machine(&self.0);
        self == wanted || (here.is_some() && here == on_this_machine(&wanted.0))
    }

    /// The same with further members in its query; they are encoded here.
    pub fn with_query<'p>(&self, pairs: impl IntoIterator<Item = (&'p str, &'p str)>) -> String {
        let mut text = self.0.to_string();
        let mut separator = if text.contains('?') { '&' } else { '?' };
        for (name, value) in pairs {
            text.push(separator);
            encode(name, &mut text);
            text.push('=');
            encode(value, &mut text);
            separator = '&';
        }
        text
    }
}

impl FromStr for RedirectUri {
    type Err = InvalidRedirectUri;

    fn from_str(text: &str) -> Result<Self, InvalidRedirectUri> {
        let printable = |octet: u8| octet.is_ascii_graphic() && !b"\"<>\\^`{|}#".contains(&octet);
        let (scheme, rest) = text.split_once(':').ok_or(InvalidRedirectUri)?;
        let fits = text.len() <= Self::MAX_LEN && text.bytes().all(printable);
        if fits && leads_back(scheme, rest) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidRedirectUri)
        }
    }
}

/// Address and path, without the port, if the host is this machine by its address.
fn on_this_machine(text: &str) -> Option<(&str, &str)> {
    let hosts = ["http://127.0.0.1", "http://[::1]"];
    let (host, rest) = hosts
        .iter()
        .find_map(|host| Some((*host, text.strip_prefix(host)?)))?;
    let path = match rest.strip_prefix(':') {
        Some(port) => port.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    };
    Some((host, path))
}

fn leads_back(scheme: &str, rest: &str) -> bool {
    match scheme {
        "https" => host(rest).is_some(),
        "http" => matches!(host(rest), Some("localhost" | "127.0.0.1" | "[::1]")),
        own => own.contains('.') && is_scheme(own) && !rest.is_empty(),
    }
}

/// The host of `//host[:port][/...]`; none if a user stands before it or the port is no number.
fn host(rest: &str) -> Option<&str> {
    let rest = rest.strip_prefix("//")?;
    let authority = rest
        .split(['/', '?'])
        .next()
        .filter(|text| !text.contains('@'))?;
    let end = authority
        .find(']')
        .map_or(0, |bracket| bracket.saturating_add(1));
    let (host, port) = match authority.get(end..)?.split_once(':') {
        Some((_, port)) => (authority.strip_suffix(port)?.strip_suffix(':')?, port),
        None => (authority, "0"),
    };
    (!host.is_empty() && port.parse::<u16>().is_ok()).then_some(host)
}

/// RFC 3986 §3.1, in lower case.
fn is_scheme(text: &str) -> bool {
    let allowed = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || b"+-.".contains(&c);
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.bytes().all(allowed)
}

/// `application/x-www-form-urlencoded`, with `%20` for a space.
fn encode(value: &str, text: &mut String) {
    for octet in value.bytes() {
        if octet.is_ascii_alphanumeric() || b"-._~".contains(&octet) {
            text.push(octet.into());
        } else {
            let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('0');
            let digits = [octet >> 4, octet & 0x0f].map(digit);
            text.push('%');
            text.extend(digits.map(|digit| digit.to_ascii_uppercase()));
        }
    }
}

/// What a text type needs beside `FromStr` and `as_str`.
macro_rules! text_types {
    ($($name:ident, $error:ident;)+) => {$(
        impl TryFrom<String> for $name {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, $error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0.into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

text_types! {
    ApplicationId, InvalidApplicationId;
    RedirectUri, InvalidRedirectUri;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_plain() {
        let longest = "a".repeat(64);
        for text in ["demo", "a.b_c-D9", &longest] {
            assert_eq!(text.parse::<ApplicationId>().unwrap().as_str(), text);
        }
        let too_long = "a".repeat(65);
        for text in ["", "a b", "a:b", "a/b", "ä", "a\n", &too_long] {
            assert_eq!(
                text.parse::<ApplicationId>(),
                Err(InvalidApplicationId),
                "{text:?}"
            );
        }
    }

    #[test]
    fn browsers_are_sent_to_https_to_this_machine_or_to_an_app() {
        for text in [
            "https://rp.example/cb?a=b&c=d",
            "https://rp.example",
            "https://rp.example:8443/",
            "http://localhost:3000/cb",
            "http://127.0.0.1/cb",
            "http://[::1]:3000/cb",
            "com.example.app:/cb",
            "com.example.app://cb",
        ] {
            assert_eq!(
                text.parse::<RedirectUri>().map(|uri| uri.to_string()),
                Ok(text.into())
            );
        }
    }

    #[test]
    fn browsers_are_sent_nowhere_else() {
        let too_long = format!("https://rp.example/{}", "a".repeat(2048));
        for text in [
            "",
            "rp.example/cb",
            "//rp.example/cb",
            "http://rp.example/cb",
            "http://localhost.rp.example/cb",
            "http://localhost@rp.example/cb",
            "http://localhost:80@rp.example/",
            "https://user@rp.example/",
            "https:///cb",
            "https://:443/",
            "https://rp.example:port/",
            "https://rp.example:65536/",
            "https://rp.example/#fragment",
            "https://rp.example/ space",
            "https://rp.example/\r\nSet-Cookie: a",
            "https://rp.example\\@evil.example/",
            "https://räksmörgås.example/",
            "javascript:alert(1)",
            "data:text/html,a",
            "file:///etc/passwd",
            "HTTPS://rp.example/",
            "com.Example:/cb",
            "com.example:",
            &too_long,
        ] {
            assert_eq!(
                text.parse::<RedirectUri>(),
                Err(InvalidRedirectUri),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_port_of_this_machine_is_as_good_as_another_and_nothing_else_is() {
        let admits = |known: &str, wanted: &str| {
            let [known, wanted] = [known, wanted].map(|text| text.parse::<RedirectUri>().unwrap());
            known.admits(&wanted)
        };
        assert!(admits(
            "http://127.0.0.1/cb?a=b",
            "http://127.0.0.1:51004/cb?a=b"
        ));
        assert!(admits("http://[::1]:80/cb", "http://[::1]:51004/cb"));
        for (known, wanted) in [
            ("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb2"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb?a=b"),
            ("http://127.0.0.1/cb", "http://[::1]:51004/cb"),
            ("http://localhost:80/cb", "http://localhost:51004/cb"),
            ("https://127.0.0.1/cb", "https://127.0.0.1:51004/cb"),
            ("https://rp.example/cb", "https://rp.example:443/cb"),
        ] {
            assert!(!admits(known, wanted), "{known} {wanted}");
        }
    }

    #[test]
    fn an_answer_is_added_to_the_query_that_is_there() {
        let bare: RedirectUri = "https://rp.example/cb".parse().unwrap();
        let answer = bare.with_query([("code", "a+b&c"), ("state", "å ~")]);
        assert_eq!(
            answer,
            "https://rp.example/cb?code=a%2Bb%26c&state=%C3%A5%20~"
        );
        let query: RedirectUri = "https://rp.example/cb?a=b".parse().unwrap();
        assert_eq!(
            query.with_query([("iss", "x")]),
            "https://rp.example/cb?a=b&iss=x"
        );
        assert_eq!(query.with_query([]), "https://rp.example/cb?a=b");
    }
}
