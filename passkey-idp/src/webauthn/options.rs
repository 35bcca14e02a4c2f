//! What a browser is asked for, in the JSON that `PublicKeyCredential.parseCreationOptionsFromJSON()` and
//! `parseRequestOptionsFromJSON()` read.

use serde::Serialize;

use super::{Algorithm, Attestation, CredentialId, Expected, Octets, RelyingParty};
use crate::Duration;
use crate::id::UserId;
use crate::order::UserVerification;

/// `PublicKeyCredentialCreationOptionsJSON` (WebAuthn §5.4).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CreationOptions {
    rp: Party,
    user: User,
    challenge: Octets,
    pub_key_cred_params: Vec<Parameters>,
    timeout: u64,
    exclude_credentials: Vec<Descriptor>,
    authenticator_selection: Selection,
    attestation: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hints: Vec<Hint>,
}

/// `PublicKeyCredentialRequestOptionsJSON` (WebAuthn §5.5).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RequestOptions {
    challenge: Octets,
    timeout: u64,
    rp_id: String,
    allow_credentials: Vec<Descriptor>,
    user_verification: UserVerification,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hints: Vec<Hint>,
}

/// Where a browser looks for a passkey first (WebAuthn §5.8.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Hint {
    /// On a key that is plugged in or held to the device.
    SecurityKey,
    /// On the device itself.
    ClientDevice,
    /// On a phone nearby.
    Hybrid,
}

/// A passkey that is there (WebAuthn §5.8.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Descriptor {
    #[serde(rename = "type")]
    kind: &'static str,
    id: CredentialId,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    transports: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
struct Party {
    id: String,
    name: String,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct User {
    id: Octets,
    name: String,
    display_name: String,
}

#[derive(Clone, Debug, Serialize)]
struct Parameters {
    #[serde(rename = "type")]
    kind: &'static str,
    alg: i64,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Selection {
    resident_key: &'static str,
    require_resident_key: bool,
    user_verification: UserVerification,
}

impl Descriptor {
    /// The passkey of that identifier, reached that way.
    pub fn new(id: CredentialId, transports: Vec<String>) -> Self {
        Self {
            kind: PUBLIC_KEY,
            id,
            transports,
        }
    }

    /// Its identifier.
    pub const fn id(&self) -> &CredentialId {
        &self.id
    }
}

impl RelyingParty {
    /// What to ask for a new passkey of `user`, who calls themself `name`. It is discoverable; it signs
    /// with what is verified here; nothing must be known of its authenticator.
    pub fn creation_options(
        &self,
        user: &UserId,
        name: &str,
        expected: Expected<'_>,
        timeout: Duration,
    ) -> CreationOptions {
        let parameters = |algorithm: Algorithm| Parameters {
            kind: PUBLIC_KEY,
            alg: algorithm.number(),
        };
        CreationOptions {
            rp: Party {
                id: self.id().to_owned(),
                name: self.name().to_owned(),
            },
            user: User {
                id: user.as_bytes().to_vec().into(),
                name: name.to_owned(),
                display_name: name.to_owned(),
            },
            challenge: expected.challenge.to_vec().into(),
            pub_key_cred_params: Algorithm::OFFERED.map(parameters).to_vec(),
            timeout: timeout.as_millis(),
            exclude_credentials: Vec::new(),
            authenticator_selection: Selection {
                resident_key: "required",
                require_resident_key: true,
                user_verification: expected.user_verification,
            },
            attestation: "none",
            hints: Vec::new(),
        }
    }

    /// What to ask for a signature: of any passkey, until [`RequestOptions::allowing`] says which.
    pub fn request_options(&self, expected: Expected<'_>, timeout: Duration) -> RequestOptions {
        RequestOptions {
            challenge: expected.challenge.to_vec().into(),
            timeout: timeout.as_millis(),
            rp_id: self.id().to_owned(),
            allow_credentials: Vec::new(),
            user_verification: expected.user_verification,
            hints: Vec::new(),
        }
    }
}

impl CreationOptions {
    /// Not on an authenticator that holds one of these.
    #[must_use]
    pub fn excluding(mut self, passkeys: impl IntoIterator<Item = Descriptor>) -> Self {
        self.exclude_credentials.extend(passkeys);
        self
    }

    /// With the attestation that the policy asks for.
    #[must_use]
    pub fn attested(mut self, attestation: &Attestation) -> Self {
        self.attestation = match attestation {
            Attestation::None => "none",
            Attestation::Direct(_) => "direct",
        };
        self
    }

    /// There first.
    #[must_use]
    pub fn hinting(mut self, hints: impl IntoIterator<Item = Hint>) -> Self {
        self.hints.extend(hints);
        self
    }
}

impl RequestOptions {
    /// Only of these passkeys.
    #[must_use]
    pub fn allowing(mut self, passkeys: impl IntoIterator<Item = Descriptor>) -> Self {
        self.allow_credentials.extend(passkeys);
        self
    }

    /// There first.
    #[must_use]
    pub fn hinting(mut self, hints: impl IntoIterator<Item = Hint>) -> Self {
        self.hints.extend(hints);
        self
    }
}

const PUBLIC_KEY: &str = "public-key";
