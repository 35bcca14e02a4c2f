//! The two ceremonies, and every way in which an answer may be wrong.

use super::*;
use crate::webauthn::{Ask, Handle, Quirks, Rewrite, TestAuthenticator, Trust};

const CHALLENGE: [u8; 32] = [7; 32];
const ORIGIN: &str = "https://idp.example";

fn user() -> UserId {
    UserId::from([1; 16])
}

fn party() -> RelyingParty {
    let origins = ["https://idp.example", "https://related.test"];
    let origins = origins.map(|origin| origin.parse().unwrap());
    RelyingParty::new("idp.example", "Example", origins.to_vec()).unwrap()
}

fn ask() -> Ask {
    Ask::new(&CHALLENGE, "idp.example", ORIGIN)
}

fn expected() -> Expected<'static> {
    Expected {
        challenge: &CHALLENGE,
        user: None,
        user_verification: UserVerification::Required,
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "every quirk is one that may be none"
)]
fn rewrite(change: impl Fn(&mut Vec<u8>) + Send + Sync + 'static) -> Option<Rewrite> {
    Some(Box::new(move |mut octets| {
        change(&mut octets);
        octets
    }))
}

/// An authenticator, and its passkey as it is kept.
fn registered(mut authenticator: TestAuthenticator) -> (TestAuthenticator, Credential) {
    let registration = authenticator.register(&ask(), &Quirks::none());
    let new = party().verify_registration(&registration, expected(), &Policy::default());
    let credential = Credential::of(user(), new.unwrap());
    (authenticator, credential)
}

fn register(ask: &Ask, quirks: &Quirks, policy: &Policy) -> Result<NewPasskey, Refusal> {
    let registration = TestAuthenticator::es256(user()).register(ask, quirks);
    party().verify_registration(&registration, expected(), policy)
}

/// What comes of a registration, and of a signature, that are wrong in the same way.
fn both(ask: &Ask, quirks: &Quirks) -> [Refusal; 2] {
    [
        register(ask, quirks, &Policy::default()).unwrap_err(),
        sign(ask, quirks).unwrap_err(),
    ]
}

fn sign(ask: &Ask, quirks: &Quirks) -> Result<Used, Refusal> {
    let (mut authenticator, credential) = registered(TestAuthenticator::es256(user()));
    let assertion = authenticator.sign(ask, quirks);
    party().verify_assertion(&assertion, &credential, expected(), &Policy::default())
}

fn names<const N: usize>(refusals: [Refusal; N]) -> [String; N] {
    refusals.map(|refusal| refusal.to_string())
}

#[test]
fn a_passkey_is_registered_and_signs() {
    for authenticator in [
        TestAuthenticator::es256(user()),
        TestAuthenticator::rs256(user()),
    ] {
        let (mut authenticator, credential) = registered(authenticator);
        assert_eq!(&credential.id, authenticator.credential_id());
        assert_eq!(credential.transports, ["internal"]);
        assert_eq!(credential.counter, 1);
        let assertion = authenticator.sign(&ask(), &Quirks::none());
        let text = serde_json::to_string(&assertion).unwrap();
        let assertion = serde_json::from_str(&text).unwrap();
        let policy = Policy::default();
        let used = party()
            .verify_assertion(&assertion, &credential, expected(), &policy)
            .unwrap();
        assert_eq!(
            (used.counter, used.user_verified, used.may_be_cloned),
            (2, true, false)
        );
    }
}

#[test]
fn a_page_of_a_related_origin_may_ask() {
    let ask = Ask {
        origin: "https://related.test".into(),
        ..ask()
    };
    register(&ask, &Quirks::none(), &Policy::default()).unwrap();
    sign(&ask, &Quirks::none()).unwrap();
}

fn refuses_origins(origins: &[&str]) {
    for origin in origins {
        let origin = (*origin).to_owned();
        let refusals = both(&Ask { origin, ..ask() }, &Quirks::none());
        assert!(matches!(refusals, [Refusal::Origin, Refusal::Origin]));
    }
}

#[test]
fn a_page_of_another_origin_is_refused() {
    refuses_origins(&[
        "https://evil.example",
        "https://unrelated.test",
        "https://sub.related.test",
    ]);
}

#[test]
fn another_scheme_is_another_origin() {
    refuses_origins(&[
        "http://idp.example",
        "HTTPS://idp.example",
        "wss://idp.example",
    ]);
}

#[test]
fn a_sub_domain_or_a_lookalike_is_another_origin() {
    refuses_origins(&[
        "https://login.idp.example",
        "https://idp.example.evil.test",
        "https://idp.example.",
        "https://idp.example/",
        "https://user@idp.example",
    ]);
}

#[test]
fn another_port_is_another_origin() {
    refuses_origins(&["https://idp.example:8443", "https://idp.example:443"]);
}

#[test]
fn a_passkey_of_another_relying_party_is_refused() {
    for rp_id in ["evil.example", "example", "IDP.EXAMPLE", ""] {
        let ask = Ask {
            rp_id: rp_id.into(),
            ..ask()
        };
        let [one, other] = both(&ask, &Quirks::none());
        assert!(matches!(
            (one, other),
            (Refusal::RelyingParty, Refusal::RelyingParty)
        ));
    }
}

#[test]
fn the_answer_to_one_ceremony_is_none_to_the_other() {
    let create = Quirks {
        client_type: Some("webauthn.create"),
        ..Quirks::none()
    };
    assert!(matches!(sign(&ask(), &create), Err(Refusal::Ceremony)));
    let get = Quirks {
        client_type: Some("webauthn.get"),
        ..Quirks::none()
    };
    let refusal = register(&ask(), &get, &Policy::default());
    assert!(matches!(refusal, Err(Refusal::Ceremony)));
    let payment = Quirks {
        client_type: Some("payment.get"),
        ..Quirks::none()
    };
    assert!(matches!(sign(&ask(), &payment), Err(Refusal::Malformed(_))));
}

#[test]
fn the_answer_to_another_orders_challenge_is_refused() {
    for challenge in [vec![8; 32], vec![7; 31], vec![7; 33], Vec::new()] {
        let ask = Ask { challenge, ..ask() };
        assert!(matches!(
            both(&ask, &Quirks::none()),
            [Refusal::Challenge, Refusal::Challenge]
        ));
    }
}

#[test]
fn nobody_present_is_nobody() {
    for flags in [0x00, 0x04] {
        let quirks = Quirks {
            flags: Some(flags),
            ..Quirks::none()
        };
        assert!(matches!(sign(&ask(), &quirks), Err(Refusal::NotPresent)));
        let quirks = Quirks {
            flags: Some(flags | 0x40),
            ..Quirks::none()
        };
        let refusal = register(&ask(), &quirks, &Policy::default());
        assert!(matches!(refusal, Err(Refusal::NotPresent)));
    }
}

#[test]
fn a_user_who_must_be_verified_and_is_not_is_refused() {
    let quirks = Quirks {
        flags: Some(0x01),
        ..Quirks::none()
    };
    assert!(matches!(sign(&ask(), &quirks), Err(Refusal::NotVerified)));
    let (mut authenticator, credential) = registered(TestAuthenticator::es256(user()));
    for user_verification in [UserVerification::Preferred, UserVerification::Discouraged] {
        let expected = Expected {
            user_verification,
            ..expected()
        };
        let assertion = authenticator.sign(&ask(), &quirks);
        let used = party().verify_assertion(&assertion, &credential, expected, &Policy::default());
        assert!(!used.unwrap().user_verified);
    }
}

#[test]
fn authenticator_data_that_was_not_signed_is_refused() {
    let counter = rewrite(|octets| octets[36] = 200);
    let quirks = Quirks {
        late_authenticator_data: counter,
        ..Quirks::none()
    };
    assert!(matches!(sign(&ask(), &quirks), Err(Refusal::Signature)));
}

#[test]
fn a_signature_on_something_else_is_refused() {
    let last = rewrite(|octets| *octets.last_mut().unwrap() ^= 1);
    let empty = rewrite(Vec::clear);
    for signature in [last, empty] {
        let quirks = Quirks {
            signature,
            ..Quirks::none()
        };
        assert!(matches!(sign(&ask(), &quirks), Err(Refusal::Signature)));
    }
}

#[test]
fn truncated_authenticator_data_is_refused() {
    for length in 0..37 {
        let authenticator_data = rewrite(move |octets| octets.truncate(length));
        let quirks = Quirks {
            authenticator_data,
            ..Quirks::none()
        };
        let [one, other] = both(&ask(), &quirks);
        let both = matches!((one, other), (Refusal::Malformed(_), Refusal::Malformed(_)));
        assert!(both, "{length}");
    }
}

#[test]
fn overlong_authenticator_data_is_refused() {
    for more in [vec![0], vec![0xa0], vec![0; 1000]] {
        let authenticator_data = rewrite(move |octets| octets.extend(&more));
        let quirks = Quirks {
            authenticator_data,
            ..Quirks::none()
        };
        assert_eq!(
            names(both(&ask(), &quirks)),
            ["something follows the authenticator data"; 2]
        );
    }
}

#[test]
fn flags_that_contradict_what_follows_are_refused() {
    // extensions or a credential that are not there, a credential that is not announced,
    // and backed up without being eligible
    for flags in [0x85, 0x45, 0xc5, 0x15] {
        let quirks = Quirks {
            flags: Some(flags),
            ..Quirks::none()
        };
        assert!(
            matches!(sign(&ask(), &quirks), Err(Refusal::Malformed(_))),
            "{flags:#x}"
        );
    }
    for flags in [0x05, 0xc5, 0x55] {
        let quirks = Quirks {
            flags: Some(flags),
            ..Quirks::none()
        };
        let refusal = register(&ask(), &quirks, &Policy::default());
        assert!(matches!(refusal, Err(Refusal::Malformed(_))), "{flags:#x}");
    }
}

#[test]
fn a_signature_does_not_bring_a_new_credential() {
    let quirks = Quirks {
        flags: Some(0x45),
        authenticator_data: rewrite(|octets| {
            let key = TestAuthenticator::es256(user()).cose_key();
            octets.extend([[0; 16].as_slice(), &[0, 1, 9], &key].concat());
        }),
        ..Quirks::none()
    };
    let refusal = sign(&ask(), &quirks).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "a signature comes with a new credential"
    );
}

#[test]
fn a_counter_that_does_not_grow_is_refused_or_flagged() {
    let (mut authenticator, credential) = registered(TestAuthenticator::es256(user()));
    let credential = Credential {
        counter: 10,
        ..credential
    };
    let flag = Policy {
        counter: CounterPolicy::Flag,
        ..Policy::default()
    };
    for (counter, cloned) in [
        (0, true),
        (9, true),
        (10, true),
        (11, false),
        (u32::MAX, false),
    ] {
        let quirks = Quirks {
            counter: Some(counter),
            ..Quirks::none()
        };
        let assertion = authenticator.sign(&ask(), &quirks);
        let refused =
            party().verify_assertion(&assertion, &credential, expected(), &Policy::default());
        assert_eq!(
            matches!(refused, Err(Refusal::Counter)),
            cloned,
            "{counter}"
        );
        let flagged = party()
            .verify_assertion(&assertion, &credential, expected(), &flag)
            .unwrap();
        assert_eq!(flagged.may_be_cloned, cloned, "{counter}");
        assert_eq!(
            flagged.counter,
            counter.max(10),
            "a counter never goes back"
        );
    }
}

#[test]
fn an_authenticator_that_does_not_count_is_believed() {
    let (mut authenticator, credential) = registered(TestAuthenticator::es256(user()));
    let credential = Credential {
        counter: 0,
        ..credential
    };
    let quirks = Quirks {
        counter: Some(0),
        ..Quirks::none()
    };
    let assertion = authenticator.sign(&ask(), &quirks);
    let used = party().verify_assertion(&assertion, &credential, expected(), &Policy::default());
    assert!(!used.unwrap().may_be_cloned);
}

#[test]
fn eligibility_for_backup_does_not_change_and_its_state_may() {
    let (mut authenticator, credential) = registered(TestAuthenticator::es256(user()));
    let mut used = |before, flags| {
        let credential = Credential {
            backup: before,
            ..credential.clone()
        };
        let quirks = Quirks {
            flags: Some(flags),
            ..Quirks::none()
        };
        let assertion = authenticator.sign(&ask(), &quirks);
        party()
            .verify_assertion(&assertion, &credential, expected(), &Policy::default())
            .map(|used| used.backup)
    };
    assert!(matches!(
        used(Backup::SingleDevice, 0x0d),
        Err(Refusal::Backup)
    ));
    assert!(matches!(
        used(Backup::SingleDevice, 0x1d),
        Err(Refusal::Backup)
    ));
    assert!(matches!(used(Backup::Eligible, 0x05), Err(Refusal::Backup)));
    assert!(matches!(used(Backup::BackedUp, 0x05), Err(Refusal::Backup)));
    assert!(matches!(used(Backup::Eligible, 0x1d), Ok(Backup::BackedUp)));
    assert!(matches!(used(Backup::BackedUp, 0x0d), Ok(Backup::Eligible)));
}

#[test]
fn the_user_handle_of_another_user_is_refused() {
    let other = Handle::Other(vec![2; 16]);
    let quirks = Quirks {
        user_handle: other,
        ..Quirks::none()
    };
    assert!(matches!(sign(&ask(), &quirks), Err(Refusal::User)));
    let empty = Quirks {
        user_handle: Handle::Other(Vec::new()),
        ..Quirks::none()
    };
    assert!(matches!(sign(&ask(), &empty), Err(Refusal::User)));
}

#[test]
fn a_missing_user_handle_will_do_for_a_user_who_is_known() {
    let quirks = Quirks {
        user_handle: Handle::Missing,
        ..Quirks::none()
    };
    assert!(matches!(sign(&ask(), &quirks), Err(Refusal::User)));
    let (mut authenticator, credential) = registered(TestAuthenticator::es256(user()));
    let known = Expected {
        user: Some(user()),
        ..expected()
    };
    let assertion = authenticator.sign(&ask(), &quirks);
    party()
        .verify_assertion(&assertion, &credential, known, &Policy::default())
        .unwrap();
}

#[test]
fn a_passkey_of_another_user_than_the_order_asks_for_is_refused() {
    let (mut authenticator, credential) = registered(TestAuthenticator::es256(user()));
    let asked = Expected {
        user: Some(UserId::from([2; 16])),
        ..expected()
    };
    for user_handle in [Handle::Own, Handle::Missing, Handle::Other(vec![2; 16])] {
        let quirks = Quirks {
            user_handle,
            ..Quirks::none()
        };
        let assertion = authenticator.sign(&ask(), &quirks);
        let refusal = party().verify_assertion(&assertion, &credential, asked, &Policy::default());
        assert!(matches!(refusal, Err(Refusal::User)));
    }
}

#[test]
fn an_identifier_that_is_not_the_credentials_is_refused() {
    let raw_id = Some(CredentialId::try_from(&[9; 32][..]).unwrap());
    let quirks = Quirks {
        raw_id,
        ..Quirks::none()
    };
    assert!(matches!(
        both(&ask(), &quirks),
        [Refusal::CredentialId, Refusal::CredentialId]
    ));
}

#[test]
fn an_algorithm_that_was_not_offered_is_refused() {
    let registration = TestAuthenticator::eddsa(user()).register(&ask(), &Quirks::none());
    let refusal = party().verify_registration(&registration, expected(), &Policy::default());
    assert!(matches!(refusal, Err(Refusal::Algorithm)));
}

#[test]
fn a_bad_point_is_not_registered() {
    let public_key = rewrite(|octets| *octets.last_mut().unwrap() ^= 1);
    let quirks = Quirks {
        public_key,
        ..Quirks::none()
    };
    let refusal = register(&ask(), &quirks, &Policy::default());
    assert!(matches!(refusal, Err(Refusal::Malformed(_))));
}

#[test]
fn a_tiny_rsa_key_is_not_registered() {
    let public_key = rewrite(|octets| {
        *octets = [
            &[0xa4, 0x01, 0x03, 0x03, 0x39, 0x01, 0x00, 0x20, 0x58, 0x80][..],
            &[0xff; 128],
            &[0x21, 0x43, 1, 0, 1],
        ]
        .concat();
    });
    let quirks = Quirks {
        public_key,
        ..Quirks::none()
    };
    let refusal = register(&ask(), &quirks, &Policy::default()).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "the RSA key is weak or written otherwise"
    );
}

#[test]
fn cbor_that_is_not_canonical_is_not_registered() {
    // the key type written in two octets; and a member twice
    let wide = rewrite(|octets| drop(octets.splice(2..3, [0x18, 0x02])));
    let twice = rewrite(|octets| {
        octets[0] = 0xa6;
        octets.extend([0x22, 0x00]);
    });
    for public_key in [wide, twice] {
        let quirks = Quirks {
            public_key,
            ..Quirks::none()
        };
        let refusal = register(&ask(), &quirks, &Policy::default());
        assert!(matches!(refusal, Err(Refusal::Malformed(_))));
    }
}

#[test]
fn a_hostile_attestation_object_is_refused() {
    let cases: [fn(&mut Vec<u8>); 6] = [
        Vec::clear,
        |octets| octets.push(0),
        |octets| octets[0] = 0xbf,
        |octets| octets[0] = 0xbb,
        |octets| *octets = vec![0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        |octets| *octets = vec![0x81; 100_000],
    ];
    for case in cases {
        let quirks = Quirks {
            attestation_object: rewrite(case),
            ..Quirks::none()
        };
        let refusal = register(&ask(), &quirks, &Policy::default());
        assert!(matches!(refusal, Err(Refusal::Malformed(_))));
    }
}

#[test]
fn a_page_in_a_frame_of_another_origin_is_refused() {
    for members in [
        ",\"crossOrigin\":true",
        ",\"crossOrigin\":true,\"topOrigin\":\"https://evil.example\"",
        ",\"crossOrigin\":false,\"topOrigin\":\"https://evil.example\"",
        ",\"topOrigin\":null",
    ] {
        let quirks = Quirks {
            client_members: Some(members),
            ..Quirks::none()
        };
        assert!(
            matches!(both(&ask(), &quirks), [Refusal::Framed, Refusal::Framed]),
            "{members}"
        );
    }
}

#[test]
fn hostile_client_data_is_refused() {
    for members in [
        ",\"crossOrigin\":\"false\"",
        ",\"crossOrigin\":0",
        ",\"origin\":\"https://idp.example\"",
        ",\"type\":\"webauthn.get\"",
        ",\"a\":[[[[[[[[[[1]]]]]]]]]]",
        "}{",
        ",",
    ] {
        let quirks = Quirks {
            client_members: Some(members),
            ..Quirks::none()
        };
        let refusals = both(&ask(), &quirks);
        assert!(
            matches!(refusals, [Refusal::Malformed(_), Refusal::Malformed(_)]),
            "{members}"
        );
    }
    let cases: [fn(&mut Vec<u8>); 5] = [
        Vec::clear,
        |octets| drop(octets.splice(0..0, *b"\xef\xbb\xbf")),
        |octets| octets.resize(10_000, b' '),
        |octets| *octets = b"[]".to_vec(),
        |octets| octets.push(0xff),
    ];
    for case in cases {
        let quirks = Quirks {
            client_data: rewrite(case),
            ..Quirks::none()
        };
        let refusals = both(&ask(), &quirks);
        assert!(matches!(
            refusals,
            [Refusal::Malformed(_), Refusal::Malformed(_)]
        ));
    }
    // what a browser may add is none of our business
    let quirks = Quirks {
        client_members: Some(",\"x\":{\"y\":[1]}"),
        ..Quirks::none()
    };
    register(&ask(), &quirks, &Policy::default()).unwrap();
    sign(&ask(), &quirks).unwrap();
}

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

#[test]
fn hints_that_no_browser_knows_are_left_out() {
    let given = ["usb", "<script>", "internal", "usb"].map(String::from);
    assert_eq!(known_transports(&given), ["internal", "usb"]);
}
