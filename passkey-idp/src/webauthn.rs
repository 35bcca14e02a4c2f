//! Passkeys: registering them, and verifying what they sign (WebAuthn Level 3).
//!
//! A [`RelyingParty`] makes the options for the browser and verifies what comes back. The ceremonies
//! themselves are those of `webauthn-rs-core`, of which nothing shows here; what it leaves to its
//! caller is checked here: the strict form of everything that comes in, exact origins, frames, user
//! handles, counters, backup flags.
//!
//! With the feature `test-authenticator`, `TestAuthenticator` makes passkeys in software, and
//! misbehaves when it is told to.

mod authenticator_data;
mod cbor;
mod ceremony;
mod client_data;
mod core;
mod cose;
mod options;
mod policy;
mod relying_party;
mod response;
#[cfg(any(test, feature = "test-authenticator"))]
mod test_authenticator;

pub use authenticator_data::{Aaguid, Attested, AuthenticatorData, Backup, Flags};
pub(crate) use ceremony::attestation_object;
pub use ceremony::{Expected, NewPasskey, Refusal, Used};
pub use client_data::{ClientData, Framing};
pub use cose::{Algorithm, CoseKey};
pub use options::{CreationOptions, Descriptor, Hint, RequestOptions};
pub use policy::{Attestation, CounterPolicy, InvalidTrust, Policy, Trust};
pub use relying_party::{InvalidOrigin, InvalidRelyingParty, Origin, RelyingParty};
pub use response::{
    Assertion, AssertionResponse, AttestationResponse, CredentialId, Octets, Registration,
};
#[cfg(any(test, feature = "test-authenticator"))]
pub use test_authenticator::{Ask, Attest, Handle, Quirks, Rewrite, TestAuthenticator};

/// What is done with a passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "WebAuthn knows two")]
pub enum Ceremony {
    /// It is made (`webauthn.create`).
    Registration,
    /// It signs (`webauthn.get`).
    Assertion,
}

/// Something is not written as it must be; the text says what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub(crate) &'static str);
