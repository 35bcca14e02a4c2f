//! Who asks: the name that passkeys belong to, and the pages that may ask for them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::core::Core;
use crate::random::Digest;

/// A page's origin, in the one form that browsers write (HTML, "ASCII serialisation of an origin"):
/// `https://host` or `https://host:port`, and `http` for `localhost` only.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin(Box<str>);

/// Text is not an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an origin: https://HOST or https://HOST:PORT, in lower case and without a slash")]
#[non_exhaustive]
pub struct InvalidOrigin;

/// Why names do not make a relying party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRelyingParty {
    /// The identifier is no host's name in lower case.
    #[error("the relying party's identifier is no host name in lower case")]
    Id,
    /// No origin is named, or the first is not within the identifier's domain: then browsers refuse.
    #[error("the first origin is not within the domain of the relying party's identifier")]
    Origin,
    /// The name is empty.
    #[error("the relying party has no name")]
    Name,
}

/// A relying party (WebAuthn §4).
///
/// ```
/// use passkey_idp::webauthn::RelyingParty;
///
/// let rp = RelyingParty::new("example.com", "Example", vec!["https://id.example.com".parse()?])?;
/// assert_eq!(rp.id(), "example.com");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct RelyingParty {
    id: Box<str>,
    name: Box<str>,
    origins: Vec<Origin>,
    pub(super) core: Core,
}

impl RelyingParty {
    /// The relying party `id`, which calls itself `name`, with its pages.
    ///
    /// The first origin is within the domain `id`; others may be elsewhere (related origins, §5.11), and
    /// are accepted because they are named here.
    ///
    /// # Errors
    /// [`InvalidRelyingParty`]
    pub fn new(id: &str, name: &str, origins: Vec<Origin>) -> Result<Self, InvalidRelyingParty> {
        if !is_host(id) {
            return Err(InvalidRelyingParty::Id);
        }
        if name.trim().is_empty() {
            return Err(InvalidRelyingParty::Name);
        }
        let within = |origin: &Origin| is_within(origin.host(), id);
        if !origins.first().is_some_and(within) {
            return Err(InvalidRelyingParty::Origin);
        }
        let core = Core::new(id, name, &origins);
        Ok(Self {
            id: id.into(),
            name: name.into(),
            origins,
            core,
        })
    }

    /// Its identifier (RP ID).
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it calls itself.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its pages' origins.
    pub fn origins(&self) -> &[Origin] {
        &self.origins
    }

    /// Origins outside the identifier's domain, for `/.well-known/webauthn` (§5.11.1).
    pub fn related_origins(&self) -> impl Iterator<Item = &Origin> {
        self.origins
            .iter()
            .filter(|origin| !is_within(origin.host(), &self.id))
    }

    /// The SHA-256 of its identifier.
    pub fn id_hash(&self) -> [u8; 32] {
        *Digest::sha256(self.id.as_bytes()).as_bytes()
    }
}

impl Origin {
    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn host(&self) -> &str {
        let authority = self
            .0
            .split_once("://")
            .map_or("", |(_, authority)| authority);
        authority.split(':').next().unwrap_or_default()
    }
}

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let (scheme, authority) = text.split_once("://").ok_or(InvalidOrigin)?;
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        };
        let default = if scheme == "https" { "443" } else { "80" };
        let port = port.is_none_or(|port| is_port(port) && port != default);
        let scheme = scheme == "https" || (scheme == "http" && host == "localhost");
        if scheme && port && is_host(host) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidOrigin)
        }
    }
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>()
        .is_ok_and(|port| port != 0 && port.to_string() == text)
}

/// A host's name in lower case; punycode for others than ASCII.
fn is_host(text: &str) -> bool {
    let allowed = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(allowed)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

fn is_within(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

impl TryFrom<String> for Origin {
    type Error = InvalidOrigin;

    fn try_from(text: String) -> Result<Self, InvalidOrigin> {
        text.parse()
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.0.into()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(id: &str, origins: &[&str]) -> Result<RelyingParty, InvalidRelyingParty> {
        let origins = origins.iter().map(|origin| origin.parse().unwrap());
        RelyingParty::new(id, "Example", origins.collect())
    }

    #[test]
    fn an_origin_has_one_form() {
        for text in [
            "https://a.example",
            "https://a.example:8443",
            "http://localhost:8445",
        ] {
            assert_eq!(text.parse::<Origin>().unwrap().as_str(), text);
        }
        for text in [
            "",
            "a.example",
            "https://",
            "https://a.example/",
            "https://a.example:443",
            "https://a.example:0",
            "https://a.example:+1",
            "https://A.example",
            "https://u@a.example",
            "http://a.example",
            "http://localhost:80",
            "HTTPS://a.example",
            "https://a..example",
            "https://-a.example",
        ] {
            assert_eq!(text.parse::<Origin>(), Err(InvalidOrigin), "{text}");
        }
    }

    #[test]
    fn the_first_page_is_within_the_identifiers_domain() {
        assert!(party("example.com", &["https://example.com"]).is_ok());
        assert!(party("example.com", &["https://id.example.com"]).is_ok());
        for (id, origins) in [
            ("id.example.com", vec!["https://example.com"]),
            ("example.com", vec!["https://badexample.com"]),
            ("example.com", vec![]),
        ] {
            assert_eq!(
                party(id, &origins).unwrap_err(),
                InvalidRelyingParty::Origin
            );
        }
        assert_eq!(
            party("Example.com", &[]).unwrap_err(),
            InvalidRelyingParty::Id
        );
        let nameless = RelyingParty::new("a.example", " ", Vec::new());
        assert_eq!(nameless.unwrap_err(), InvalidRelyingParty::Name);
    }

    #[test]
    fn related_origins_are_those_elsewhere() {
        let rp = party(
            "example.com",
            &["https://example.com", "https://example.org"],
        )
        .unwrap();
        let related: Vec<_> = rp.related_origins().map(Origin::as_str).collect();
        assert_eq!(related, ["https://example.org"]);
    }
}
