//! What an authenticator signs (WebAuthn §6.1).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::cbor::{Order, Value};
use super::{CoseKey, CredentialId, Malformed};

/// Authenticator data, from its first octet to its last.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuthenticatorData {
    /// The SHA-256 of the relying party's identifier.
    pub rp_id_hash: [u8; 32],
    /// What the authenticator says of the user and of the key.
    pub flags: Flags,
    /// How many signatures were made; 0 if it does not count.
    pub counter: u32,
    /// The new credential, in a registration.
    pub attested: Option<Attested>,
}

/// The flags of authenticator data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flags(u8);

/// Whether a passkey exists in more than one place (WebAuthn §6.1.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "WebAuthn has closed the set")]
pub enum Backup {
    /// It never leaves its authenticator (not BE).
    #[default]
    SingleDevice,
    /// It may be backed up, and is not (BE, not BS).
    Eligible,
    /// It is backed up (BE and BS).
    BackedUp,
}

/// A new credential (WebAuthn §6.5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attested {
    /// The authenticator's model.
    pub aaguid: Aaguid,
    /// The credential's identifier.
    pub credential_id: CredentialId,
    /// The credential's public key.
    pub public_key: CoseKey,
}

/// The model of an authenticator; all zeros if it does not say.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct Aaguid([u8; 16]);

impl AuthenticatorData {
    /// Reads authenticator data that is all of `octets`.
    ///
    /// # Errors
    /// [`Malformed`] if a flag and what follows contradict each other, or something is left over.
    pub fn parse(octets: &[u8]) -> Result<Self, Malformed> {
        let (rp_id_hash, rest) = octets.split_first_chunk::<32>().ok_or(TRUNCATED)?;
        let (&[flags], rest) = rest.split_first_chunk().ok_or(TRUNCATED)?;
        let (counter, mut rest) = rest.split_first_chunk::<4>().ok_or(TRUNCATED)?;
        let flags = Flags(flags);
        let mut attested = None;
        if flags.has(Flags::ATTESTED) {
            let (credential, after) = Attested::parse_first(rest)?;
            (attested, rest) = (Some(credential), after);
        }
        if flags.has(Flags::EXTENSIONS) {
            let (extensions, after) = Value::parse_first(rest, Order::Canonical)?;
            extensions
                .members()
                .ok_or(Malformed("the extensions are no map"))?;
            rest = after;
        }
        if !rest.is_empty() {
            return Err(Malformed("something follows the authenticator data"));
        }
        flags.backup()?;
        let counter = u32::from_be_bytes(*counter);
        Ok(Self {
            rp_id_hash: *rp_id_hash,
            flags,
            counter,
            attested,
        })
    }
}

impl Flags {
    const PRESENT: u8 = 1;
    const VERIFIED: u8 = 1 << 2;
    const ELIGIBLE: u8 = 1 << 3;
    const BACKED_UP: u8 = 1 << 4;
    const ATTESTED: u8 = 1 << 6;
    const EXTENSIONS: u8 = 1 << 7;

    const fn has(self, flag: u8) -> bool {
        self.0 & flag != 0
    }

    /// Someone was there (UP).
    pub const fn user_present(self) -> bool {
        self.has(Self::PRESENT)
    }

    /// They were verified (UV).
    pub const fn user_verified(self) -> bool {
        self.has(Self::VERIFIED)
    }

    /// Where the passkey exists (BE and BS).
    ///
    /// # Errors
    /// [`Malformed`] if it is backed up although that is impossible.
    pub const fn backup(self) -> Result<Backup, Malformed> {
        match (self.has(Self::ELIGIBLE), self.has(Self::BACKED_UP)) {
            (false, false) => Ok(Backup::SingleDevice),
            (true, false) => Ok(Backup::Eligible),
            (true, true) => Ok(Backup::BackedUp),
            (false, true) => Err(Malformed("backed up, but not eligible for that")),
        }
    }
}

impl Backup {
    /// Whether it may be backed up (BE).
    pub const fn is_eligible(self) -> bool {
        !matches!(self, Self::SingleDevice)
    }
}

impl Attested {
    fn parse_first(octets: &[u8]) -> Result<(Self, &[u8]), Malformed> {
        let (aaguid, rest) = octets.split_first_chunk::<16>().ok_or(TRUNCATED)?;
        let (length, rest) = rest.split_first_chunk::<2>().ok_or(TRUNCATED)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (credential_id, rest) = rest.split_at_checked(length).ok_or(TRUNCATED)?;
        let (public_key, rest) = CoseKey::parse_first(rest)?;
        let credential_id = CredentialId::try_from(credential_id)?;
        Ok((
            Self {
                aaguid: Aaguid(*aaguid),
                credential_id,
                public_key,
            },
            rest,
        ))
    }
}

impl Aaguid {
    /// Its octets.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl From<[u8; 16]> for Aaguid {
    fn from(octets: [u8; 16]) -> Self {
        Self(octets)
    }
}

impl fmt::Display for Aaguid {
    /// As a UUID (RFC 9562 §4).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, octet) in self.0.iter().enumerate() {
            let separator = if matches!(at, 4 | 6 | 8 | 10) {
                "-"
            } else {
                ""
            };
            write!(f, "{separator}{octet:02x}")?;
        }
        Ok(())
    }
}

impl FromStr for Aaguid {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let digits = text.replace('-', "");
        let number = u128::from_str_radix(&digits, 16).or(Err(NO_UUID))?;
        let aaguid = Self(number.to_be_bytes());
        (aaguid.to_string() == text)
            .then_some(aaguid)
            .ok_or(NO_UUID)
    }
}

impl TryFrom<String> for Aaguid {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

impl From<Aaguid> for String {
    fn from(aaguid: Aaguid) -> Self {
        aaguid.to_string()
    }
}

const TRUNCATED: Malformed = Malformed("the authenticator data is cut short");
const NO_UUID: Malformed = Malformed("not a UUID in lower case");
