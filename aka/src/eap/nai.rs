//! Identities and names as they are sent (RFC 4187 §4.1.1, TS 23.003 §19.3, TS 24.302 §8.1.1).

use core::{fmt, str};

use super::Method;
use crate::Imsi;

/// The text is empty, or longer than 253 octets; it is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 253 octets")]
#[expect(clippy::exhaustive_structs, reason = "there is no more to tell")]
pub struct InvalidName;

/// An identity as it is sent, realm included: 1 to 253 octets (RFC 7542 §2.2).
///
/// ```
/// use aka::eap::{Method, Nai, NaiKind};
///
/// let nai = Nai::new(b"0001010000000001@nai.epc.mnc001.mcc001.3gppnetwork.org")?;
/// assert_eq!(nai.kind(), Some(NaiKind::Permanent(Method::Aka)));
/// assert_eq!(nai.imsi().unwrap().as_str(), "001010000000001");
/// # Ok::<(), aka::eap::InvalidName>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Nai(Name);

/// What the first character of an identity says (TS 23.003 §19.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "RFC 4187 §4.1.1 closes the set")]
pub enum NaiKind {
    /// The IMSI: `0` (AKA), `1` (SIM), `6` (AKA').
    Permanent(Method),
    /// For a full authentication: `2` (AKA), `3` (SIM), `7` (AKA').
    Pseudonym(Method),
    /// For fast re-authentication: `4` (AKA), `5` (SIM), `8` (AKA').
    Reauthentication(Method),
}

impl Nai {
    /// Takes an identity as it is sent.
    ///
    /// # Errors
    /// [`InvalidName`] when it is empty or has more than 253 octets.
    pub fn new(octets: &[u8]) -> Result<Self, InvalidName> {
        Name::new(octets).map(Self)
    }

    /// A username and a realm, `@` included.
    pub(super) fn joined(username: &[u8], realm: &[u8]) -> Result<Self, InvalidName> {
        let mut octets = [0; 253];
        let size = username.len() + realm.len();
        let place = octets.get_mut(..size).ok_or(InvalidName)?;
        for (to, from) in place.iter_mut().zip(username.iter().chain(realm)) {
            *to = *from;
        }
        Self::new(place)
    }

    /// The identity, octet for octet.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// What the first character says, where the sender heeds TS 23.003.
    pub fn kind(&self) -> Option<NaiKind> {
        match self.as_bytes().first()? {
            b'0' => Some(NaiKind::Permanent(Method::Aka)),
            b'1' => Some(NaiKind::Permanent(Method::Sim)),
            b'2' => Some(NaiKind::Pseudonym(Method::Aka)),
            b'3' => Some(NaiKind::Pseudonym(Method::Sim)),
            b'4' => Some(NaiKind::Reauthentication(Method::Aka)),
            b'5' => Some(NaiKind::Reauthentication(Method::Sim)),
            b'6' => Some(NaiKind::Permanent(Method::AkaPrime)),
            b'7' => Some(NaiKind::Pseudonym(Method::AkaPrime)),
            b'8' => Some(NaiKind::Reauthentication(Method::AkaPrime)),
            _ => None,
        }
    }

    /// The IMSI of a permanent identity: the digits between its first character and the realm.
    pub fn imsi(&self) -> Option<Imsi> {
        let Some(NaiKind::Permanent(_)) = self.kind() else {
            return None;
        };
        let username = self.as_bytes().split(|octet| *octet == b'@').next()?;
        let digits = username.split_first()?.1;
        str::from_utf8(digits).ok()?.parse().ok()
    }
}

/// An access network's name, as AT_KDF_INPUT tells it: 1 to 253 octets (TS 24.302 §8.1.1).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NetworkName(Name);

impl NetworkName {
    /// Takes a name, for example `WLAN`.
    ///
    /// # Errors
    /// [`InvalidName`] when it is empty or has more than 253 octets.
    pub fn new(octets: &[u8]) -> Result<Self, InvalidName> {
        Name::new(octets).map(Self)
    }

    /// The name, octet for octet.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Octets behind the size are zero.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Name {
    octets: [u8; 253],
    size: u8,
}

impl Name {
    fn new(octets: &[u8]) -> Result<Self, InvalidName> {
        let size = u8::try_from(octets.len()).ok().ok_or(InvalidName)?;
        let mut name = Self {
            octets: [0; 253],
            size,
        };
        let place = name.octets.get_mut(..octets.len()).ok_or(InvalidName)?;
        if place.is_empty() {
            return Err(InvalidName);
        }
        place.copy_from_slice(octets);
        Ok(name)
    }

    fn as_bytes(&self) -> &[u8] {
        self.octets
            .get(..usize::from(self.size))
            .expect("1..=253 by construction")
    }
}

impl fmt::Debug for Nai {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nai([redacted])")
    }
}

impl fmt::Debug for NetworkName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NetworkName({:?})", self.as_bytes().escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_permanent_identity_has_an_imsi() {
        let imsi = |text: &[u8]| Nai::new(text).unwrap().imsi();
        assert_eq!(
            imsi(b"6001010000000001").unwrap().as_str(),
            "001010000000001"
        );
        assert_eq!(imsi(b"2001010000000001"), None);
        assert_eq!(imsi(b"0alice@example.org"), None);
        assert_eq!(imsi(b"001010000000001x"), None);
    }

    #[test]
    fn a_name_has_1_to_253_octets() {
        assert_eq!(Nai::new(b""), Err(InvalidName));
        assert_eq!(Nai::new(&[b'0'; 254]), Err(InvalidName));
        assert_eq!(Nai::new(&[b'0'; 253]).unwrap().as_bytes(), [b'0'; 253]);
    }
}
