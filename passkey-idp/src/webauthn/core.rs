//! The ceremonies of `webauthn-rs-core`, and everything that is known of that crate.
//!
//! It wants to make its own challenges; ours are what an order binds. Its states are therefore written
//! here, in the serde form that it documents for keeping them; [`tests`] fails when that form changes.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::json;
use strict_jws::base64;
use url::Url;
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::error::WebauthnError;
use webauthn_rs_core::proto::{
    AttestationCaList, AttestationCaListBuilder, AttestationFormat, AttestationMetadata,
    AuthenticationExtensionsClientOutputs, AuthenticationState, AuthenticatorAssertionResponseRaw,
    AuthenticatorAttestationResponseRaw, COSEAlgorithm, COSEEC2Key, COSEKey, COSEKeyType,
    COSERSAKey, Credential, ECDSACurve, ParsedAttestation, ParsedAttestationData,
    PublicKeyCredential, RegisterPublicKeyCredential, RegisteredExtensions,
    RegistrationExtensionsClientOutputs, RegistrationState, UserVerificationPolicy,
};

use super::cose::Material;
use super::policy::InvalidTrust;
use super::{Aaguid, Algorithm, Assertion, Backup, CoseKey, Expected, Origin, Registration};

/// The crate does not agree that a ceremony is right.
#[derive(Debug)]
pub(super) struct Disagrees(pub(super) Box<dyn std::error::Error + Send + Sync>);

/// The ceremonies of one relying party.
pub(super) struct Core(WebauthnCore);

/// Certificates that are trusted for models of authenticators.
#[derive(Clone, Default)]
pub(super) struct Anchors(Vec<(Aaguid, Vec<u8>)>);

impl Core {
    pub(super) fn new(id: &str, name: &str, origins: &[Origin]) -> Self {
        let urls = origins
            .iter()
            .filter_map(|origin| Url::parse(origin.as_str()).ok());
        let timeout = std::time::Duration::from_secs(300);
        let (no_subdomains, no_other_ports) = (Some(false), Some(false));
        Self(WebauthnCore::new_unsafe_experts_only(
            name,
            id,
            urls.collect(),
            timeout,
            no_subdomains,
            no_other_ports,
        ))
    }

    /// Verifies a registration, with the certificate that attests it if anchors are named.
    pub(super) fn register(
        &self,
        registration: &Registration,
        expected: Expected<'_>,
        anchors: Option<&Anchors>,
    ) -> Result<(), Disagrees> {
        let state = registration_state(expected)?;
        let response = RegisterPublicKeyCredential {
            id: registration.raw_id.to_string(),
            raw_id: registration.raw_id.as_slice().to_vec(),
            response: AuthenticatorAttestationResponseRaw {
                attestation_object: registration.response.attestation_object.as_slice().to_vec(),
                client_data_json: registration.response.client_data_json.as_slice().to_vec(),
                transports: None,
            },
            type_: "public-key".to_owned(),
            extensions: RegistrationExtensionsClientOutputs::default(),
        };
        let authorities = anchors.map(Anchors::list).transpose()?;
        self.0
            .register_credential(&response, &state, authorities.as_ref())?;
        Ok(())
    }

    /// Verifies an assertion with `key`, whose counter and backup flags are the caller's business.
    pub(super) fn authenticate(
        &self,
        assertion: &Assertion,
        key: &CoseKey,
        eligible: Backup,
        expected: Expected<'_>,
    ) -> Result<(), Disagrees> {
        let state = authentication_state(expected)?;
        let credential = Credential {
            cred_id: assertion.raw_id.as_slice().to_vec(),
            cred: cose_key(key)?,
            counter: 0,
            transports: None,
            user_verified: false,
            backup_eligible: eligible.is_eligible(),
            backup_state: false,
            registration_policy: UserVerificationPolicy::Discouraged_DO_NOT_USE,
            extensions: RegisteredExtensions::none(),
            attestation: ParsedAttestation {
                data: ParsedAttestationData::None,
                metadata: AttestationMetadata::None,
            },
            attestation_format: AttestationFormat::None,
        };
        let response = PublicKeyCredential {
            id: assertion.raw_id.to_string(),
            raw_id: assertion.raw_id.as_slice().to_vec(),
            response: AuthenticatorAssertionResponseRaw {
                authenticator_data: assertion.response.authenticator_data.as_slice().to_vec(),
                client_data_json: assertion.response.client_data_json.as_slice().to_vec(),
                signature: assertion.response.signature.as_slice().to_vec(),
                user_handle: None,
            },
            extensions: AuthenticationExtensionsClientOutputs::default(),
            type_: "public-key".to_owned(),
        };
        self.0
            .authenticate_single_credential(&response, &state, &credential)?;
        Ok(())
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Core")
    }
}

impl Anchors {
    pub(super) fn insert(&mut self, model: Aaguid, anchor: &[u8]) -> Result<(), InvalidTrust> {
        self.0.push((model, anchor.to_vec()));
        self.list().map(drop).or(Err(InvalidTrust))
    }

    fn list(&self) -> Result<AttestationCaList, Disagrees> {
        let mut list = AttestationCaListBuilder::new();
        for (model, anchor) in &self.0 {
            let model = uuid::Uuid::from_bytes(*model.as_bytes());
            list.insert_device_der(anchor, model, String::new(), BTreeMap::new())
                .map_err(|_invalid| Disagrees("a trust anchor is no certificate".into()))?;
        }
        Ok(list.build())
    }
}

impl fmt::Debug for Anchors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Anchors").field(&self.0.len()).finish()
    }
}

fn registration_state(expected: Expected<'_>) -> Result<RegistrationState, Disagrees> {
    let state = json!({
        "policy": expected.user_verification,
        "exclude_credentials": [],
        "challenge": base64::encode(expected.challenge),
        "credential_algorithms": ["ES256", "ES384", "RS256"],
        "require_resident_key": true,
        "authenticator_attachment": null,
        "extensions": {},
        "allow_synchronised_authenticators": true,
    });
    Ok(serde_json::from_value(state)?)
}

fn authentication_state(expected: Expected<'_>) -> Result<AuthenticationState, Disagrees> {
    let state = json!({
        "credentials": [],
        "policy": expected.user_verification,
        "challenge": base64::encode(expected.challenge),
        "appid": null,
        "allow_backup_eligible_upgrade": true,
    });
    Ok(serde_json::from_value(state)?)
}

fn cose_key(key: &CoseKey) -> Result<COSEKey, Disagrees> {
    let unsupported = || Disagrees("keys of this algorithm do not sign in".into());
    let (type_, curve) = match key.algorithm() {
        Algorithm::Es256 => (COSEAlgorithm::ES256, Some(ECDSACurve::SECP256R1)),
        Algorithm::Es384 => (COSEAlgorithm::ES384, Some(ECDSACurve::SECP384R1)),
        Algorithm::Rs256 => (COSEAlgorithm::RS256, None),
        Algorithm::EdDsa | Algorithm::Ps256 => return Err(unsupported()),
    };
    let key = match (key.material(), curve) {
        (Material::Point(point), Some(curve)) => {
            let coordinates = point.get(1..).unwrap_or_default();
            let (x, y) = coordinates.split_at(coordinates.len() / 2);
            COSEKeyType::EC_EC2(COSEEC2Key {
                curve,
                x: x.to_vec(),
                y: y.to_vec(),
            })
        }
        (Material::Rsa { modulus, exponent }, None) => {
            let e = exponent.as_ref().try_into().or(Err(unsupported()))?;
            COSEKeyType::RSA(COSERSAKey {
                n: modulus.to_vec(),
                e,
            })
        }
        _ => return Err(unsupported()),
    };
    Ok(COSEKey { type_, key })
}

impl From<WebauthnError> for Disagrees {
    fn from(error: WebauthnError) -> Self {
        Self(error.into())
    }
}

impl From<serde_json::Error> for Disagrees {
    fn from(error: serde_json::Error) -> Self {
        Self(error.into())
    }
}

#[cfg(test)]
mod tests;
