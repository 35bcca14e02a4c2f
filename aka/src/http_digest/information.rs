//! How a server proves itself: `Authentication-Info`.

use core::{fmt, str::FromStr};

use super::{
    Credentials, Password, Qop, Response,
    parameters::{InvalidField, Parameters},
    quoted::Quoted,
    response::Count,
};

/// Authentication information (RFC 7616 §3.5).
#[derive(Clone, Debug)]
pub struct AuthenticationInfo {
    pub(super) qop: Qop,
    pub(super) cnonce: Quoted,
    pub(super) nextnonce: Option<Quoted>,
    pub(super) rspauth: Response,
    pub(super) nc: Count,
}

impl AuthenticationInfo {
    /// The nonce for the next request, where the server gives another one.
    pub const fn nextnonce(&self) -> Option<&Quoted> {
        self.nextnonce.as_ref()
    }

    /// Whether the answer with this body comes from who knows the password, and is one to these
    /// credentials; in constant time.
    pub fn verify(&self, credentials: &Credentials, password: &Password, body: &[u8]) -> bool {
        let Some(expected) = credentials.information(password, body) else {
            return false;
        };
        let same =
            self.qop == expected.qop && self.cnonce == expected.cnonce && self.nc == expected.nc;
        self.rspauth.verify(expected.rspauth) && same
    }
}

impl FromStr for AuthenticationInfo {
    type Err = InvalidField;

    /// Reads the value of `Authentication-Info`.
    fn from_str(field: &str) -> Result<Self, InvalidField> {
        let parameters = Parameters::parse(field)?;
        let missing = InvalidField::Missing;
        Ok(Self {
            qop: parameters.get_as("qop")?.ok_or(missing("qop"))?,
            cnonce: parameters.need_text("cnonce")?,
            nextnonce: parameters.get_text("nextnonce"),
            rspauth: parameters.get_as("rspauth")?.ok_or(missing("rspauth"))?,
            nc: parameters.get_as("nc")?.ok_or(missing("nc"))?,
        })
    }
}

impl fmt::Display for AuthenticationInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "qop={}, rspauth={}", self.qop, self.rspauth)?;
        write!(f, ", cnonce={}, nc={}", self.cnonce, self.nc.text())?;
        match &self.nextnonce {
            Some(nonce) => write!(f, ", nextnonce={nonce}"),
            None => Ok(()),
        }
    }
}
