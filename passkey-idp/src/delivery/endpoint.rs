//! Where messages go.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::{Position, Url};

/// An address that an application has registered for messages: `https`, without a user or a fragment.
///
/// ```
/// use passkey_idp::delivery::Endpoint;
///
/// let endpoint: Endpoint = "https://rp.example:8443/ciba?tenant=1".parse()?;
/// assert_eq!((endpoint.host(), endpoint.port()), ("rp.example", 8443));
/// assert_eq!(endpoint.target(), "/ciba?tenant=1");
/// assert!("http://rp.example/ciba".parse::<Endpoint>().is_err());
/// # Ok::<(), passkey_idp::delivery::InvalidEndpoint>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Endpoint(Url);

/// Text is not an address for messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an absolute https URI without user and fragment")]
#[non_exhaustive]
pub struct InvalidEndpoint;

impl Endpoint {
    /// How long the longest is.
    pub const MAX_LEN: usize = 2048;

    /// The whole address.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// A name, or an address; one of IPv6 stands in brackets.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The port, 443 if none is written.
    pub fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or(443)
    }

    /// Host and port as the field `Host` has them (RFC 9110 §7.2).
    pub fn authority(&self) -> &str {
        self.0.authority()
    }

    /// Path and query.
    pub fn target(&self) -> &str {
        &self.0[Position::BeforePath..Position::AfterQuery]
    }
}

impl FromStr for Endpoint {
    type Err = InvalidEndpoint;

    fn from_str(text: &str) -> Result<Self, InvalidEndpoint> {
        let plain =
            text.len() <= Self::MAX_LEN && text.bytes().all(|octet| octet.is_ascii_graphic());
        let url = Url::parse(text).or(Err(InvalidEndpoint))?;
        let anonymous = url.username().is_empty() && url.password().is_none();
        let sound = url.scheme() == "https" && url.has_host() && url.fragment().is_none();
        if plain && anonymous && sound && !text.contains('@') {
            Ok(Self(url))
        } else {
            Err(InvalidEndpoint)
        }
    }
}

impl TryFrom<String> for Endpoint {
    type Error = InvalidEndpoint;

    fn try_from(text: String) -> Result<Self, InvalidEndpoint> {
        text.parse()
    }
}

impl From<Endpoint> for String {
    fn from(endpoint: Endpoint) -> Self {
        endpoint.0.into()
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_go_over_https_to_no_user_and_no_fragment() {
        let too_long = format!("https://rp.example/{}", "a".repeat(2048));
        for text in [
            "",
            "rp.example",
            "http://rp.example/",
            "ftp://rp.example/",
            "file:///etc/passwd",
            "gopher://rp.example/",
            "https://",
            "https://user@rp.example/",
            "https://user:pw@rp.example/",
            "https://@rp.example/",
            "https://rp.example/#a",
            "https://rp.example/ a",
            "https://rp.example/\r\nHost: other",
            "https://räksmörgås.example/",
            &too_long,
        ] {
            assert_eq!(text.parse::<Endpoint>(), Err(InvalidEndpoint), "{text:?}");
        }
    }

    #[test]
    fn an_address_written_oddly_is_the_address_that_it_is() {
        for (text, host) in [
            ("https://0x7f.1/", "127.0.0.1"),
            ("https://2130706433/", "127.0.0.1"),
            ("https://127.1/", "127.0.0.1"),
            ("https://[::ffff:7f00:1]/", "[::ffff:7f00:1]"),
            ("https://RP.Example/", "rp.example"),
        ] {
            assert_eq!(text.parse::<Endpoint>().unwrap().host(), host, "{text}");
        }
    }

    #[test]
    fn the_target_is_path_and_query() {
        for (text, authority, target) in [
            ("https://rp.example", "rp.example", "/"),
            ("https://rp.example:444/a/b", "rp.example:444", "/a/b"),
            ("https://[2606::1]:444/a?b=c", "[2606::1]:444", "/a?b=c"),
            (
                "https://rp.example:443/rp.example",
                "rp.example",
                "/rp.example",
            ),
            ("https://s/hook?a=s", "s", "/hook?a=s"),
            ("https://tt/cb", "tt", "/cb"),
            ("https://http:444/a", "http:444", "/a"),
        ] {
            let endpoint: Endpoint = text.parse().unwrap();
            assert_eq!(
                (endpoint.authority(), endpoint.target()),
                (authority, target)
            );
        }
    }
}
