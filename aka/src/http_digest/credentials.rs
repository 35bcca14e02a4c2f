//! What a client answers: `Authorization`.

use core::{fmt, str::FromStr};

use super::{
    Algorithm, AuthenticationInfo, Challenge, Cnonce, Password, Qop, Response, Sent,
    aka::{auts_of, auts_text},
    parameters::{InvalidField, Parameters, SCHEME},
    quoted::Quoted,
    response::Count,
};
use crate::Auts;

/// Credentials (RFC 7616 §3.4), or the empty ones that name a user before any challenge (RFC 3310
/// §4, TS 24.109 §4.2).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Credentials {
    /// Who answers.
    pub username: Quoted,
    /// The challenge's.
    pub realm: Quoted,
    /// The challenge's; empty before any.
    pub nonce: Quoted,
    /// What is asked for.
    pub uri: Quoted,
    /// The algorithm, where it is said.
    pub algorithm: Option<Algorithm>,
    /// The digest and what goes into it; `None` before any challenge.
    pub protection: Option<Protection>,
    /// The challenge's.
    pub opaque: Option<Quoted>,
    /// The card's resynchronisation token (RFC 3310 §3.4).
    pub auts: Option<Auts>,
}

/// The digest of [`Credentials`], and what goes into it beside them.
#[derive(Clone, Debug)]
pub struct Protection {
    pub(super) qop: Qop,
    pub(super) cnonce: Quoted,
    pub(super) nc: Count,
    response: Response,
}

impl Protection {
    /// What it is over.
    pub const fn qop(&self) -> Qop {
        self.qop
    }

    /// How many requests with this nonce the client has sent, this one included.
    pub const fn count(&self) -> u32 {
        self.nc.0
    }
}

/// The challenge does not offer what is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the challenge does not offer this qop")]
#[non_exhaustive]
pub struct Unsuited;

impl Credentials {
    /// Those that only say who asks.
    pub const fn before_challenge(username: Quoted, realm: Quoted, uri: Quoted) -> Self {
        Self {
            username,
            realm,
            nonce: Quoted::EMPTY,
            uri,
            algorithm: None,
            protection: None,
            opaque: None,
            auts: None,
        }
    }

    /// The first answer to a challenge, of the same user and for the same URI; over the body where
    /// the challenge offers that.
    ///
    /// # Errors
    /// [`Unsuited`]: never for a challenge that was parsed.
    pub fn answering(
        mut self,
        challenge: &Challenge,
        password: &Password,
        sent: Sent<'_>,
        cnonce: Cnonce,
    ) -> Result<Self, Unsuited> {
        let qop = challenge.qop.iter().find(|qop| **qop == Qop::AuthInt);
        let qop = *qop.or(challenge.qop.first()).ok_or(Unsuited)?;
        self.realm.clone_from(&challenge.realm);
        self.nonce.clone_from(&challenge.nonce);
        self.algorithm = Some(challenge.algorithm);
        self.opaque.clone_from(&challenge.opaque);
        self.protect(qop, password, sent, cnonce);
        Ok(self)
    }

    /// The same for a card that found the challenge stale, to a `GET`; the password is empty then
    /// (RFC 3310 §3.4).
    ///
    /// # Errors
    /// As [`answering`](Self::answering).
    pub fn resynchronising(
        self,
        challenge: &Challenge,
        auts: Auts,
        cnonce: Cnonce,
    ) -> Result<Self, Unsuited> {
        let mut answer = self.answering(challenge, &Password::empty(), Sent::GET, cnonce)?;
        answer.auts = Some(auts);
        Ok(answer)
    }

    /// Whether the digest was made with this password, over what was sent; in constant time.
    /// `false` without one.
    ///
    /// **It is checked over the `uri` that the credentials name**: whether that is what was asked
    /// for, [`Target`](super::Target) says.
    pub fn verify(&self, password: &Password, sent: Sent<'_>) -> bool {
        self.protection.as_ref().is_some_and(|protection| {
            let expected = Response::of(self, protection, password, sent);
            expected.verify(protection.response)
        })
    }

    /// What the server that made the challenge says with an answer of this body, to prove itself
    /// (RFC 7616 §3.5); `None` where there is no digest.
    pub fn information(&self, password: &Password, body: &[u8]) -> Option<AuthenticationInfo> {
        let protection = self.protection.as_ref()?;
        Some(AuthenticationInfo {
            rspauth: Response::of(self, protection, password, Sent::back(body)),
            qop: protection.qop,
            cnonce: protection.cnonce.clone(),
            nc: protection.nc,
            nextnonce: None,
        })
    }

    fn protect(&mut self, qop: Qop, password: &Password, sent: Sent<'_>, cnonce: Cnonce) {
        let mut protection = Protection {
            qop,
            cnonce: cnonce.into_text(),
            nc: Count(1),
            response: Response::of_zeros(),
        };
        protection.response = Response::of(self, &protection, password, sent);
        self.protection = Some(protection);
    }
}

impl FromStr for Credentials {
    type Err = InvalidField;

    /// Reads the value of `Authorization`. A digest without qop (RFC 2069) is refused.
    fn from_str(field: &str) -> Result<Self, InvalidField> {
        let parameters = Parameters::of_scheme(field)?;
        let nonce = parameters.get_text("nonce").unwrap_or(Quoted::EMPTY);
        let auts = parameters.get("auts").map(auts_of).transpose();
        let wrong_auts = InvalidField::Parameter("auts");
        Ok(Self {
            username: parameters.need_text("username")?,
            realm: parameters.need_text("realm")?,
            nonce,
            uri: parameters.need_text("uri")?,
            algorithm: parameters.get_as("algorithm")?,
            protection: protection(&parameters)?,
            opaque: parameters.get_text("opaque"),
            auts: auts.ok().ok_or(wrong_auts)?,
        })
    }
}

fn protection(parameters: &Parameters<'_>) -> Result<Option<Protection>, InvalidField> {
    if parameters.get("response").unwrap_or_default().is_empty() {
        return Ok(None);
    }
    let missing = InvalidField::Missing;
    Ok(Some(Protection {
        qop: parameters.get_as("qop")?.ok_or(missing("qop"))?,
        cnonce: parameters.need_text("cnonce")?,
        nc: parameters.get_as("nc")?.ok_or(missing("nc"))?,
        response: parameters.get_as("response")?.ok_or(missing("response"))?,
    }))
}

impl fmt::Display for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{SCHEME}username={}, realm={}",
            self.username, self.realm
        )?;
        write!(f, ", nonce={}, uri={}", self.nonce, self.uri)?;
        match &self.protection {
            Some(protection) => {
                write!(f, ", qop={}, nc={}", protection.qop, protection.nc.text())?;
                write!(f, ", cnonce={}", protection.cnonce)?;
                write!(f, ", response={}", protection.response)?;
            }
            None => f.write_str(", response=\"\"")?,
        }
        if let Some(algorithm) = self.algorithm {
            write!(f, ", algorithm={algorithm}")?;
        }
        if let Some(opaque) = &self.opaque {
            write!(f, ", opaque={opaque}")?;
        }
        match &self.auts {
            Some(auts) => write!(f, ", auts=\"{}\"", auts_text(auts)),
            None => Ok(()),
        }
    }
}
