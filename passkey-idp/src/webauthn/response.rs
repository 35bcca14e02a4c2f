//! What a browser answers (WebAuthn §5.1.8: the JSON of `PublicKeyCredential.toJSON()`).

use std::fmt;

use serde::{Deserialize, Serialize};
use strict_jws::base64;

use super::Malformed;
use crate::random::Digest;

/// Octets that are base64url in JSON.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Octets(Vec<u8>);

/// The identifier of a credential: 1 to 1023 octets (WebAuthn §5.1).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Octets", into = "Octets")]
pub struct CredentialId(Box<[u8]>);

/// A new passkey (`RegistrationResponseJSON`). What browsers say beyond it is ignored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::exhaustive_structs, reason = "clients elsewhere make it")]
pub struct Registration {
    /// The credential's identifier, as the browser says.
    pub raw_id: CredentialId,
    /// What the authenticator says.
    pub response: AttestationResponse,
}

/// What an authenticator says of a new passkey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::exhaustive_structs, reason = "clients elsewhere make it")]
pub struct AttestationResponse {
    /// What the browser was asked.
    #[serde(rename = "clientDataJSON")]
    pub client_data_json: Octets,
    /// The new credential, attested.
    pub attestation_object: Octets,
    /// How the authenticator is reached: a hint, nothing more.
    #[serde(default)]
    pub transports: Vec<String>,
}

/// A signature with a passkey (`AuthenticationResponseJSON`). What browsers say beyond it is ignored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::exhaustive_structs, reason = "clients elsewhere make it")]
pub struct Assertion {
    /// The credential's identifier.
    pub raw_id: CredentialId,
    /// What the authenticator says.
    pub response: AssertionResponse,
}

/// What an authenticator says when it signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::exhaustive_structs, reason = "clients elsewhere make it")]
pub struct AssertionResponse {
    /// What the browser was asked.
    #[serde(rename = "clientDataJSON")]
    pub client_data_json: Octets,
    /// What the authenticator signed, before the hash of that.
    pub authenticator_data: Octets,
    /// The signature.
    pub signature: Octets,
    /// Whose passkey it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_handle: Option<Octets>,
}

impl Octets {
    /// The octets.
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }
}

impl CredentialId {
    /// How many octets the longest has.
    pub const MAX_LEN: usize = 1023;

    /// Its octets.
    pub const fn as_slice(&self) -> &[u8] {
        &self.0
    }

    /// What a store names its row after.
    pub fn digest(&self) -> Digest {
        Digest::of("credential id", &[&self.0])
    }
}

impl From<Vec<u8>> for Octets {
    fn from(octets: Vec<u8>) -> Self {
        Self(octets)
    }
}

impl From<Octets> for String {
    fn from(octets: Octets) -> Self {
        base64::encode(&octets.0)
    }
}

impl TryFrom<String> for Octets {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        base64::decode(text.as_bytes())
            .map(Self)
            .or(Err(Malformed("not base64url")))
    }
}

impl TryFrom<&[u8]> for CredentialId {
    type Error = Malformed;

    fn try_from(octets: &[u8]) -> Result<Self, Malformed> {
        if (1..=Self::MAX_LEN).contains(&octets.len()) {
            Ok(Self(octets.into()))
        } else {
            Err(Malformed("a credential's identifier has 1 to 1023 octets"))
        }
    }
}

impl TryFrom<Octets> for CredentialId {
    type Error = Malformed;

    fn try_from(octets: Octets) -> Result<Self, Malformed> {
        octets.as_slice().try_into()
    }
}

impl From<CredentialId> for Octets {
    fn from(id: CredentialId) -> Self {
        Self(id.0.into())
    }
}

impl fmt::Display for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64::encode(&self.0))
    }
}

impl fmt::Debug for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CredentialId({self})")
    }
}

impl fmt::Debug for Octets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Octets({})", self.0.len())
    }
}
