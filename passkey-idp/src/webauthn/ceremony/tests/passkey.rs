//! The passkey itself: whose it is, and which keys are registered.

use super::*;

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
fn hints_that_no_browser_knows_are_left_out() {
    let given = ["usb", "<script>", "internal", "usb"].map(String::from);
    assert_eq!(known_transports(&given), ["internal", "usb"]);
}
