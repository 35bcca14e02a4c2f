//! Verifying a package, with nothing but the package and perhaps the server's keys.

use ring::digest::{SHA256, digest};
use strict_jws::{KeySet, Policy, PublicKey, Unverified};

use super::package::{FORMAT, Package, TYP, json, jwk};
use super::{Act, Proof, Statement};
use crate::order::UserVerification;
use crate::webauthn::{
    AuthenticatorData, Ceremony, ClientData, Framing, Malformed, Octets, attestation_object,
};

/// Whose signature a package must bear.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "one knows the key or does not")]
pub enum Trust<'a> {
    /// That of the key in the package: it shows that the package is whole, and not who made it.
    Embedded,
    /// That of one of these keys.
    Keys(&'a KeySet),
}

/// A package that is what it says.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Verified {
    /// What it says.
    pub statement: Statement,
    /// Whether the passkey's user was verified, not only present (UV).
    pub uv: bool,
    /// The server's key.
    pub server_key: PublicKey,
}

/// Why a package is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// It is no package, or not in its one form.
    #[error("not a package of evidence in the form {FORMAT}")]
    Form,
    /// The server's signature does not verify, or it is for something else.
    #[error("the server's signature does not verify")]
    Server(#[source] strict_jws::Refusal),
    /// The server's key is not one that is trusted.
    #[error("the server's key is not one of those that are trusted")]
    UnknownKey,
    /// The statement is not in its one form.
    #[error("the statement is not in its form")]
    Statement,
    /// What the passkey answered is malformed.
    #[error("what the passkey answered is malformed")]
    Malformed(#[from] Malformed),
    /// The passkey answered another ceremony.
    #[error("the passkey was asked for something else")]
    Ceremony,
    /// The passkey signed another challenge: order, user, nonce, expiry, text or data are not what it
    /// was shown.
    #[error("the passkey signed something else than the statement says")]
    Binding,
    /// A page of another origin has asked.
    #[error("the page that asked is not one of the relying party's")]
    Origin,
    /// The passkey belongs to another relying party.
    #[error("the passkey belongs to another relying party")]
    RelyingParty,
    /// Nobody was present, or a user who had to be verified was not.
    #[error("the user was not present, or not verified as was asked")]
    User,
    /// The signature does not verify under the passkey's public key.
    #[error("the passkey's signature does not verify")]
    Signature,
    /// The passkey or its model is another than the one that was registered.
    #[error("the passkey is another than the one that was registered")]
    Credential,
    /// The user who signed is not the one who was asked, or whom the passkey names.
    #[error("the user is another")]
    Signer,
    /// It was signed before it was ordered, or when it had expired.
    #[error("it was not signed in its time")]
    Time,
}

/// Verifies a package.
///
/// # Errors
/// [`Refusal`]
pub fn verify(package: &str, trust: &Trust<'_>) -> Result<Verified, Refusal> {
    let parsed: Package = serde_json::from_str(package).or(Err(Refusal::Form))?;
    if parsed.format != FORMAT || json(&parsed) != package {
        return Err(Refusal::Form);
    }
    let server_key = server_key(&parsed, trust)?;
    let policy = Policy::typed(TYP).with_max_len(MAX_LEN);
    let unverified = Unverified::parse(&parsed.jws, &policy).map_err(Refusal::Server)?;
    let signed = unverified.verify(&server_key).map_err(Refusal::Server)?;
    let statement: Statement =
        serde_json::from_slice(signed.payload()).or(Err(Refusal::Statement))?;
    if json(&statement).as_bytes() != signed.payload() {
        return Err(Refusal::Statement);
    }
    let uv = check(&statement)?;
    Ok(Verified {
        statement,
        uv,
        server_key,
    })
}

fn server_key(package: &Package, trust: &Trust<'_>) -> Result<PublicKey, Refusal> {
    let key = PublicKey::from_jwk(json(&package.jwk).as_bytes()).or(Err(Refusal::Form))?;
    if jwk(&key) != package.jwk {
        return Err(Refusal::Form);
    }
    match trust {
        Trust::Embedded => Ok(key),
        Trust::Keys(keys) if keys.iter().any(|(_, known)| *known == key) => Ok(key),
        Trust::Keys(_) => Err(Refusal::UnknownKey),
    }
}

/// What the passkey's answer says of the statement; whether its user was verified.
fn check(statement: &Statement) -> Result<bool, Refusal> {
    check_times(statement)?;
    let data = match &statement.proof {
        Proof::Assertion {
            client_data_json,
            authenticator_data,
            signature,
            user_handle,
        } => {
            check_client(statement, client_data_json, Ceremony::Assertion)?;
            check_signer(statement, user_handle.as_ref())?;
            check_signature(statement, client_data_json, authenticator_data, signature)?
        }
        Proof::Registration {
            client_data_json,
            attestation_object,
        } => {
            check_client(statement, client_data_json, Ceremony::Registration)?;
            check_signer(statement, None)?;
            check_credential(statement, attestation_object)?
        }
    };
    if data.rp_id_hash != digest(&SHA256, statement.rp_id.as_bytes()).as_ref() {
        return Err(Refusal::RelyingParty);
    }
    let verified = data.flags.user_verified();
    let must = statement.user_verification == UserVerification::Required;
    if !data.flags.user_present() || (must && !verified) {
        return Err(Refusal::User);
    }
    Ok(verified)
}

fn check_times(statement: &Statement) -> Result<(), Refusal> {
    let in_time =
        statement.placed_at <= statement.signed_at && statement.signed_at < statement.expires_at;
    in_time.then_some(()).ok_or(Refusal::Time)
}

fn check_client(statement: &Statement, octets: &Octets, ceremony: Ceremony) -> Result<(), Refusal> {
    let client = ClientData::parse(octets.as_slice())?;
    let registered = statement.act == Act::Register;
    if client.ceremony != ceremony || registered != (ceremony == Ceremony::Registration) {
        return Err(Refusal::Ceremony);
    }
    if client.challenge != statement.challenge() {
        return Err(Refusal::Binding);
    }
    let known = statement
        .origins
        .iter()
        .any(|origin| origin.as_str() == client.origin);
    if !known || client.framing == Framing::CrossOrigin {
        return Err(Refusal::Origin);
    }
    Ok(())
}

fn check_signer(statement: &Statement, handle: Option<&Octets>) -> Result<(), Refusal> {
    let asked = statement
        .requested_user
        .is_none_or(|user| user == statement.user);
    let named = handle.is_none_or(|handle| handle.as_slice() == statement.user.as_bytes());
    (asked && named).then_some(()).ok_or(Refusal::Signer)
}

fn check_signature(
    statement: &Statement,
    client_data: &Octets,
    data: &Octets,
    signature: &Octets,
) -> Result<AuthenticatorData, Refusal> {
    let parsed = AuthenticatorData::parse(data.as_slice())?;
    let hash = digest(&SHA256, client_data.as_slice());
    let signed = [data.as_slice(), hash.as_ref()].concat();
    if parsed.attested.is_some() || !statement.public_key.verifies(&signed, signature.as_slice()) {
        return Err(Refusal::Signature);
    }
    Ok(parsed)
}

fn check_credential(statement: &Statement, object: &Octets) -> Result<AuthenticatorData, Refusal> {
    let (_, octets) = attestation_object(object.as_slice())?;
    let data = AuthenticatorData::parse(octets)?;
    let same = data.attested.as_ref().is_some_and(|attested| {
        attested.credential_id == statement.credential_id
            && attested.public_key == statement.public_key
            && attested.aaguid == statement.aaguid
    });
    same.then_some(data).ok_or(Refusal::Credential)
}

/// A statement with the largest data, in base64url within base64url.
const MAX_LEN: usize = 1 << 22;

#[cfg(test)]
mod tests;
