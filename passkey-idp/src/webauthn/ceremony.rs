//! The two ceremonies: what came back from the browser, verified.

use super::authenticator_data::Attested;
use super::cbor::{Order, Value};
use super::client_data::Framing;
use super::{
    Aaguid, Algorithm, Assertion, Attestation, AuthenticatorData, Backup, Ceremony, ClientData,
    CoseKey, CounterPolicy, CredentialId, Malformed, Octets, Policy, Registration, RelyingParty,
};
use crate::credential::Credential;
use crate::id::UserId;
use crate::order::UserVerification;

/// What a ceremony was begun with.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a ceremony begins with nothing else"
)]
pub struct Expected<'a> {
    /// The challenge that was given out for it.
    pub challenge: &'a [u8; 32],
    /// The user, if they were known then.
    pub user: Option<UserId>,
    /// Whether they must be verified.
    pub user_verification: UserVerification,
}

/// A new passkey.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewPasskey {
    /// Its identifier.
    pub credential_id: CredentialId,
    /// Its public key.
    pub public_key: CoseKey,
    /// Its counter.
    pub counter: u32,
    /// Where it exists.
    pub backup: Backup,
    /// The model of its authenticator, as that says; certified if the policy asks for it.
    pub aaguid: Aaguid,
    /// Whether its user was verified when it was made.
    pub user_verified: bool,
    /// How its authenticator is reached: a hint.
    pub transports: Vec<String>,
    /// The form of its attestation (`none`, `packed`, ...).
    pub attestation_format: String,
}

/// A passkey that has signed, and what has changed about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Used {
    /// Its counter now.
    pub counter: u32,
    /// Where it exists now.
    pub backup: Backup,
    /// Whether its user was verified.
    pub user_verified: bool,
    /// Whether its counter has not grown: there may be a copy of it.
    pub may_be_cloned: bool,
}

/// Why a ceremony is refused. The text is for a log; a browser is told that it failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Something is not written as it must be.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// It is the answer to the other ceremony.
    #[error("the client data is of the other ceremony")]
    Ceremony,
    /// It is the answer to another challenge.
    #[error("the challenge is another")]
    Challenge,
    /// A page of another origin has asked.
    #[error("the origin is not one of ours")]
    Origin,
    /// The page stood in a frame of another origin.
    #[error("the page stood in a frame of another origin")]
    Framed,
    /// The passkey belongs to another relying party.
    #[error("the passkey belongs to another relying party")]
    RelyingParty,
    /// Nobody was there.
    #[error("no user was present")]
    NotPresent,
    /// Nobody was verified.
    #[error("the user was not verified")]
    NotVerified,
    /// The passkey has another identifier than the answer says.
    #[error("the credential identifier is another")]
    CredentialId,
    /// The key's algorithm was not asked for.
    #[error("the algorithm was not offered")]
    Algorithm,
    /// The authenticator's model is not trusted, or has been revoked.
    #[error("the authenticator's model is not trusted")]
    Model,
    /// The passkey is another user's, or the answer does not say whose it is.
    #[error("the passkey belongs to another user, or the answer does not say to whom")]
    User,
    /// The counter did not grow.
    #[error("the signature counter did not grow; there may be a copy of the passkey")]
    Counter,
    /// A passkey that never left its authenticator, or one that did, says the contrary now.
    #[error("the passkey's eligibility for backup has changed")]
    Backup,
    /// The signature does not verify.
    #[error("the signature does not verify")]
    Signature,
    /// The library for ceremonies refuses.
    #[error("the ceremony is not right")]
    Library(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl RelyingParty {
    /// Verifies a new passkey. That its identifier is new everywhere is for the store to say.
    ///
    /// # Errors
    /// [`Refusal`]
    pub fn verify_registration(
        &self,
        registration: &Registration,
        expected: Expected<'_>,
        policy: &Policy,
    ) -> Result<NewPasskey, Refusal> {
        let client_data = registration.response.client_data_json.as_slice();
        self.check_client(client_data, Ceremony::Registration, expected)?;
        let object = registration.response.attestation_object.as_slice();
        let (format, octets) = attestation_object(object)?;
        let data = AuthenticatorData::parse(octets)?;
        self.check_authenticator(&data, expected)?;
        let attested = data
            .attested
            .ok_or(Malformed("there is no new credential"))?;
        check_new(&attested, registration, policy)?;
        let anchors = match &policy.attestation {
            Attestation::None => None,
            Attestation::Direct(trust) => Some(&trust.anchors),
        };
        self.core
            .register(registration, expected, anchors)
            .map_err(|disagrees| Refusal::Library(disagrees.0))?;
        Ok(NewPasskey {
            credential_id: attested.credential_id,
            public_key: attested.public_key,
            counter: data.counter,
            backup: data.flags.backup()?,
            aaguid: attested.aaguid,
            user_verified: data.flags.user_verified(),
            transports: known_transports(&registration.response.transports),
            attestation_format: format.to_owned(),
        })
    }

    /// Verifies a signature of `credential`, which stands in the store under the answer's identifier.
    ///
    /// # Errors
    /// [`Refusal`]
    pub fn verify_assertion(
        &self,
        assertion: &Assertion,
        credential: &Credential,
        expected: Expected<'_>,
        policy: &Policy,
    ) -> Result<Used, Refusal> {
        let client_data = assertion.response.client_data_json.as_slice();
        self.check_client(client_data, Ceremony::Assertion, expected)?;
        let octets = assertion.response.authenticator_data.as_slice();
        let data = AuthenticatorData::parse(octets)?;
        self.check_authenticator(&data, expected)?;
        if data.attested.is_some() {
            return Err(Malformed("a signature comes with a new credential").into());
        }
        check_owner(assertion, credential, expected.user)?;
        let signed = [octets, ring_sha256(client_data).as_ref()].concat();
        let signature = assertion.response.signature.as_slice();
        if !credential.public_key.verifies(&signed, signature) {
            return Err(Refusal::Signature);
        }
        let backup = data.flags.backup()?;
        let key = &credential.public_key;
        self.core
            .authenticate(assertion, key, backup, expected)
            .map_err(|disagrees| Refusal::Library(disagrees.0))?;
        check_backup(credential.backup, backup)?;
        let may_be_cloned = did_not_grow(credential.counter, data.counter);
        if may_be_cloned && policy.counter == CounterPolicy::Refuse {
            return Err(Refusal::Counter);
        }
        Ok(Used {
            counter: data.counter.max(credential.counter),
            backup,
            user_verified: data.flags.user_verified(),
            may_be_cloned,
        })
    }

    fn check_client(
        &self,
        octets: &[u8],
        ceremony: Ceremony,
        expected: Expected<'_>,
    ) -> Result<(), Refusal> {
        let client = ClientData::parse(octets)?;
        if client.ceremony != ceremony {
            Err(Refusal::Ceremony)
        } else if client.challenge != *expected.challenge {
            Err(Refusal::Challenge)
        } else if !self
            .origins()
            .iter()
            .any(|origin| origin.as_str() == client.origin)
        {
            Err(Refusal::Origin)
        } else if client.framing == Framing::CrossOrigin {
            Err(Refusal::Framed)
        } else {
            Ok(())
        }
    }

    fn check_authenticator(
        &self,
        data: &AuthenticatorData,
        expected: Expected<'_>,
    ) -> Result<(), Refusal> {
        let verified = data.flags.user_verified();
        if data.rp_id_hash != self.id_hash() {
            Err(Refusal::RelyingParty)
        } else if !data.flags.user_present() {
            Err(Refusal::NotPresent)
        } else if expected.user_verification == UserVerification::Required && !verified {
            Err(Refusal::NotVerified)
        } else {
            Ok(())
        }
    }
}

/// The form and the authenticator data of an attestation object (WebAuthn §6.5.4).
pub(crate) fn attestation_object(octets: &[u8]) -> Result<(&str, &[u8]), Malformed> {
    let object = Value::parse(octets, Order::Any)?;
    let format = object.member("fmt").and_then(Value::text);
    let data = object.member("authData").and_then(Value::bytes);
    match (format, data, object.members()) {
        (Some(format), Some(data), Some(3)) => Ok((format, data)),
        _ => Err(Malformed(
            "the attestation object has other members than its own",
        )),
    }
}

fn check_new(
    attested: &Attested,
    registration: &Registration,
    policy: &Policy,
) -> Result<(), Refusal> {
    if attested.credential_id != registration.raw_id {
        return Err(Refusal::CredentialId);
    }
    if !Algorithm::OFFERED.contains(&attested.public_key.algorithm()) {
        return Err(Refusal::Algorithm);
    }
    match &policy.attestation {
        Attestation::Direct(trust) if !trust.admits(attested.aaguid) => Err(Refusal::Model),
        Attestation::None | Attestation::Direct(_) => Ok(()),
    }
}

/// WebAuthn §7.2, step 6: a user who was not known before must be named by the answer.
fn check_owner(
    assertion: &Assertion,
    credential: &Credential,
    known: Option<UserId>,
) -> Result<(), Refusal> {
    if assertion.raw_id != credential.id {
        return Err(Refusal::CredentialId);
    }
    let handle = assertion
        .response
        .user_handle
        .as_ref()
        .map(Octets::as_slice);
    let named = handle.map(|handle| handle == credential.user.as_bytes());
    match (named, known) {
        (Some(false), _) | (None, None) => Err(Refusal::User),
        (_, Some(user)) if user != credential.user => Err(Refusal::User),
        _ => Ok(()),
    }
}

/// WebAuthn §7.2, step 19: eligibility never changes.
fn check_backup(before: Backup, now: Backup) -> Result<(), Refusal> {
    if before.is_eligible() == now.is_eligible() {
        Ok(())
    } else {
        Err(Refusal::Backup)
    }
}

/// WebAuthn §7.2, step 22.
const fn did_not_grow(before: u32, now: u32) -> bool {
    (before != 0 || now != 0) && now <= before
}

/// Hints that browsers know; whatever else a client invents is left out.
fn known_transports(transports: &[String]) -> Vec<String> {
    const KNOWN: [&str; 6] = ["ble", "hybrid", "internal", "nfc", "smart-card", "usb"];
    let known = transports
        .iter()
        .filter(|name| KNOWN.contains(&name.as_str()));
    let mut known: Vec<String> = known.cloned().collect();
    known.sort_unstable();
    known.dedup();
    known
}

fn ring_sha256(octets: &[u8]) -> ring::digest::Digest {
    ring::digest::digest(&ring::digest::SHA256, octets)
}

#[cfg(test)]
mod tests;
