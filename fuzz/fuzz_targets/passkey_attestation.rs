//! Any octets as an attestation object, in a registration that is right in everything else.
//!
//! Holds: what is registered is in the object, with the identifier that the browser said.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use passkey_idp::order::UserVerification;
use passkey_idp::webauthn::{
    AttestationResponse, CredentialId, Expected, Policy, Registration, RelyingParty,
};
use strict_jws::base64;

const CHALLENGE: [u8; 32] = [7; 32];

static PARTY: LazyLock<RelyingParty> = LazyLock::new(|| {
    let origin = "https://idp.example".parse().expect("it is an origin");
    RelyingParty::new("idp.example", "Example", vec![origin]).expect("it is a relying party")
});

fuzz_target!(|data: &[u8]| {
    // The identifier stands 55 octets into the authenticator data, which begins where its hash does.
    let hash = PARTY.id_hash();
    let found = data.windows(32).position(|window| window == hash);
    let id = found.and_then(|at| {
        let length = data.get(at + 53..)?.first_chunk()?;
        let length = usize::from(u16::from_be_bytes(*length));
        data.get(at + 55..at + 55 + length)
    });
    let Ok(raw_id) = CredentialId::try_from(id.unwrap_or(&[0])) else {
        return;
    };
    let challenge = base64::encode(&CHALLENGE);
    let client_data = format!(
        r#"{{"type":"webauthn.create","challenge":"{challenge}","origin":"https://idp.example"}}"#
    );
    let registration = Registration {
        raw_id: raw_id.clone(),
        response: AttestationResponse {
            client_data_json: client_data.into_bytes().into(),
            attestation_object: data.to_vec().into(),
            transports: Vec::new(),
        },
    };
    let expected = Expected {
        challenge: &CHALLENGE,
        user: None,
        user_verification: UserVerification::Preferred,
    };
    if let Ok(passkey) = PARTY.verify_registration(&registration, expected, &Policy::default()) {
        assert_eq!(passkey.credential_id, raw_id);
        let key = passkey.public_key.octets();
        assert!(data.windows(key.len()).any(|window| window == key));
    }
});
