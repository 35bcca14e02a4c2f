//! What a server asks: `WWW-Authenticate`.

use alloc::{string::String, vec::Vec};
use core::{fmt, str::FromStr};

use super::{
    Algorithm, Qop,
    parameters::{InvalidField, Parameters, SCHEME},
    quoted::Quoted,
};

/// A challenge (RFC 7616 §3.3).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Challenge {
    /// Who asks.
    pub realm: Quoted,
    /// What makes each challenge another one; of AKA, RAND and AUTN.
    pub nonce: Quoted,
    /// How the digest is made; MD5 where nothing is said.
    pub algorithm: Algorithm,
    /// What it may be over, at least one.
    pub qop: Vec<Qop>,
    /// What comes back as it is.
    pub opaque: Option<Quoted>,
    /// Whether the last answer was right but for its nonce.
    pub stale: bool,
}

impl Challenge {
    /// A challenge for a digest over one thing.
    pub fn new(realm: Quoted, nonce: Quoted, algorithm: Algorithm, qop: Qop) -> Self {
        Self {
            realm,
            nonce,
            algorithm,
            qop: [qop].into(),
            opaque: None,
            stale: false,
        }
    }
}

impl FromStr for Challenge {
    type Err = InvalidField;

    /// Reads the value of `WWW-Authenticate`. A digest without qop (RFC 2069) is refused.
    fn from_str(field: &str) -> Result<Self, InvalidField> {
        let parameters = Parameters::of_scheme(field)?;
        let offered = parameters.need("qop")?.split(',');
        let qop: Vec<Qop> = offered.filter_map(|qop| qop.trim().parse().ok()).collect();
        if qop.is_empty() {
            return Err(InvalidField::Parameter("qop"));
        }
        let stale = parameters.get("stale");
        Ok(Self {
            realm: parameters.need_text("realm")?,
            nonce: parameters.need_text("nonce")?,
            algorithm: parameters.get_as("algorithm")?.unwrap_or(Algorithm::Md5),
            qop,
            opaque: parameters.get_text("opaque"),
            stale: stale.is_some_and(|stale| stale.eq_ignore_ascii_case("true")),
        })
    }
}

impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let qop: Vec<&str> = self.qop.iter().map(|qop| qop.as_str()).collect();
        let qop: String = qop.join(",");
        write!(f, "{SCHEME}realm={}, nonce={}", self.realm, self.nonce)?;
        write!(f, ", algorithm={}, qop=\"{qop}\"", self.algorithm)?;
        if let Some(opaque) = &self.opaque {
            write!(f, ", opaque={opaque}")?;
        }
        if self.stale {
            f.write_str(", stale=true")?;
        }
        Ok(())
    }
}
