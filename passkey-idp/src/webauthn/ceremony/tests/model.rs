//! Attestation: models that their makers certify.

use super::*;

#[test]
fn a_model_that_is_not_trusted_or_was_revoked_is_refused() {
    let direct = |trust| Policy {
        attestation: Attestation::Direct(trust),
        ..Policy::default()
    };
    let refusal = register(&ask(), &Quirks::none(), &direct(Trust::new()));
    assert!(matches!(refusal, Err(Refusal::Model)));
}

#[test]
fn without_an_attestation_no_model_is_believed() {
    let key = rcgen::KeyPair::generate().unwrap();
    let anchor = rcgen::CertificateParams::new(vec!["ca".into()]).unwrap();
    let anchor = anchor.self_signed(&key).unwrap();
    let trust = || {
        Trust::new()
            .model(Aaguid::from([5; 16]), anchor.der())
            .unwrap()
    };
    let registration = TestAuthenticator::es256(user())
        .of_model([5; 16])
        .register(&ask(), &Quirks::none());
    let refusal = |trust| {
        let policy = Policy {
            attestation: Attestation::Direct(trust),
            ..Policy::default()
        };
        party()
            .verify_registration(&registration, expected(), &policy)
            .unwrap_err()
    };
    assert!(matches!(refusal(trust()), Refusal::Library(_)));
    let revoked = trust().revoked(Aaguid::from([5; 16]));
    assert!(matches!(refusal(revoked), Refusal::Model));
}

/// A maker of authenticators, and what its authenticators attest new passkeys with.
struct Maker {
    certificate: rcgen::Certificate,
    issuer: rcgen::Issuer<'static, rcgen::KeyPair>,
}

impl Maker {
    fn new() -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign];
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, "Maker");
        let certificate = params.self_signed(&key).unwrap();
        Self {
            certificate,
            issuer: rcgen::Issuer::new(params, key),
        }
    }

    fn trusted_for(&self, model: u8) -> Policy {
        let trust = Trust::new().model(Aaguid::from([model; 16]), self.certificate.der());
        Policy {
            attestation: Attestation::Direct(trust.unwrap()),
            ..Policy::default()
        }
    }

    /// The form `packed` (WebAuthn §8.2), certified for `model`.
    fn attest(&self, model: u8) -> Quirks {
        use rcgen::{CustomExtension, DnType, IsCa};
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        for (kind, value) in [
            (DnType::CountryName, "SE"),
            (DnType::OrganizationName, "Maker"),
            (DnType::OrganizationalUnitName, "Authenticator Attestation"),
            (DnType::CommonName, "Batch"),
        ] {
            params.distinguished_name.push(kind, value);
        }
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![rcgen::KeyUsagePurpose::DigitalSignature];
        let aaguid = [&[0x04, 0x10], &[model; 16][..]].concat();
        let oid = [1, 3, 6, 1, 4, 1, 45724, 1, 1, 4];
        params
            .custom_extensions
            .push(CustomExtension::from_oid_content(&oid, aaguid));
        let leaf = params.signed_by(&key, &self.issuer).unwrap().der().to_vec();
        Quirks {
            attest: Some(Box::new(move |signed| packed(&key, &leaf, signed))),
            ..Quirks::none()
        }
    }
}

fn packed(key: &rcgen::KeyPair, leaf: &[u8], signed: &[u8]) -> (&'static str, Vec<u8>) {
    use rcgen::SigningKey as _;
    let signature = key.sign(signed).unwrap();
    let short = u8::try_from(signature.len()).unwrap();
    let long = u16::try_from(leaf.len()).unwrap().to_be_bytes();
    let statement = [
        &b"\xa3\x63alg\x26\x63sig\x58"[..],
        &[short],
        &signature,
        b"\x63x5c\x81\x59",
        &long,
        leaf,
    ];
    ("packed", statement.concat())
}

#[test]
fn a_model_that_its_maker_certifies_is_believed_and_no_other() {
    let (maker, forger) = (Maker::new(), Maker::new());
    let register = |model: u8, quirks: &Quirks, policy: &Policy| {
        let mut authenticator = TestAuthenticator::es256(user()).of_model([model; 16]);
        let registration = authenticator.register(&ask(), quirks);
        party().verify_registration(&registration, expected(), policy)
    };
    let policy = maker.trusted_for(5);
    let passkey = register(5, &maker.attest(5), &policy).unwrap();
    assert_eq!(
        (passkey.aaguid, passkey.attestation_format.as_str()),
        (Aaguid::from([5; 16]), "packed")
    );
    // a chain that leads elsewhere, a certificate for another model, a model that is not listed
    assert!(matches!(
        register(5, &forger.attest(5), &policy),
        Err(Refusal::Library(_))
    ));
    assert!(matches!(
        register(5, &maker.attest(6), &policy),
        Err(Refusal::Library(_))
    ));
    assert!(matches!(
        register(6, &maker.attest(6), &policy),
        Err(Refusal::Model)
    ));
}
