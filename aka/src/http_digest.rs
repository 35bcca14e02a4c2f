//! HTTP digest authentication (RFC 7616) with the passwords that a SIM makes: AKAv1 (RFC 3310),
//! AKAv2 (RFC 4169), and keys of GBA (TS 24.109).
//!
//! Text in, text out: what [`Challenge`], [`Credentials`] and [`AuthenticationInfo`] parse and
//! print are the values of the fields `WWW-Authenticate`, `Authorization` and
//! `Authentication-Info`. IMS (TS 24.229) uses the same in SIP's `REGISTER`, and GBA on Ub and Ua;
//! the latter are state machines in [`gba`](crate::gba).
//!
//! ```
//! use aka::{Res, http_digest::{AkaNonce, Challenge, Credentials, Cnonce, Password, Sent}};
//!
//! // from the server
//! let challenge: Challenge = "Digest realm=\"home1.net\", algorithm=AKAv1-MD5, qop=\"auth\", \
//!     nonce=\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\"".parse()?;
//! let nonce = AkaNonce::of(&challenge.nonce)?;
//! // RAND and AUTN go to the SIM, and RES comes back
//! # assert_eq!(nonce.rand.as_bytes()[15], 0x0f);
//! let res: Res = "a54211d5e3ba50bf".parse()?;
//!
//! let sent = Sent { method: "REGISTER", body: b"" };
//! let cnonce = Cnonce::new([7; 16]); // from a generator
//! let password = Password::of_res(&res);
//! let user = Credentials::before_challenge(
//!     "user@home1.net".parse()?, "home1.net".parse()?, "sip:home1.net".parse()?,
//! );
//! let field = user.answering(&challenge, &password, sent, cnonce)?.to_string();
//!
//! // the server, which knows XRES
//! let received: Credentials = field.parse()?;
//! assert!(received.verify(&password, sent));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Parsing is strict: a parameter twice, an escape in quotes, a control character, or a field of
//! more than [`LONGEST_FIELD`] octets is an error, and no error repeats what it was given.

mod aka;
mod challenge;
mod credentials;
mod information;
mod parameters;
mod password;
mod quoted;
mod response;
mod target;

use core::{fmt, str::FromStr};

pub use aka::{AkaNonce, InvalidNonce, auts_of, auts_text, base64};
pub use challenge::Challenge;
pub use credentials::{Credentials, Protection, Unsuited};
pub use information::AuthenticationInfo;
pub use parameters::{InvalidField, LONGEST_FIELD};
pub use password::Password;
pub use quoted::{InvalidQuoted, Quoted};
pub use response::{Cnonce, Response, Sent};
pub use target::{Target, UriCheck};

/// How the digest is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// MD5 over a password (RFC 7616).
    Md5,
    /// MD5 over RES (RFC 3310).
    AkaV1Md5,
    /// MD5 over what RES, IK and CK make (RFC 4169).
    AkaV2Md5,
}

impl Algorithm {
    /// The token.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::AkaV1Md5 => "AKAv1-MD5",
            Self::AkaV2Md5 => "AKAv2-MD5",
        }
    }
}

impl FromStr for Algorithm {
    type Err = InvalidField;

    /// Reads the token in either case.
    fn from_str(text: &str) -> Result<Self, InvalidField> {
        [Self::Md5, Self::AkaV1Md5, Self::AkaV2Md5]
            .into_iter()
            .find(|algorithm| algorithm.as_str().eq_ignore_ascii_case(text))
            .ok_or(InvalidField::Parameter("algorithm"))
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The quality of protection: what the digest is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "RFC 7616 §3.3 closes the set")]
pub enum Qop {
    /// The method and the URI.
    Auth,
    /// The body, too.
    AuthInt,
}

impl Qop {
    /// The token.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::AuthInt => "auth-int",
        }
    }
}

impl FromStr for Qop {
    type Err = InvalidField;

    fn from_str(text: &str) -> Result<Self, InvalidField> {
        [Self::Auth, Self::AuthInt]
            .into_iter()
            .find(|qop| qop.as_str().eq_ignore_ascii_case(text))
            .ok_or(InvalidField::Parameter("qop"))
    }
}

impl fmt::Display for Qop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests;
