//! Authenticator data: the relying party, presence and verification, counters, backups, and its form.

use super::*;

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
