//! TS 33.501 §C.4.
#![expect(clippy::indexing_slicing, reason = "what fails here fails the test")]

use aka::suci::{HomeKey, HomePublicKey, NullScheme, SuciError};

use crate::vectors::{Case, conformance};

conformance! { "suci.txt", check:
    profile_a,
    profile_b,
}

fn octets(case: &Case, name: &str) -> Vec<u8> {
    hex::decode(case.text(name)).expect("hexadecimal")
}

fn scalar(case: &Case, name: &str) -> [u8; 32] {
    octets(case, name).try_into().expect("32 octets")
}

fn keys(case: &Case) -> (HomeKey, HomePublicKey) {
    let (private, public) = (scalar(case, "hn_priv"), octets(case, "hn_pub"));
    match <[u8; 32]>::try_from(&public[..]) {
        Ok(public) => (
            HomeKey::profile_a(private),
            HomePublicKey::profile_a(public),
        ),
        Err(_) => (
            HomeKey::profile_b(&private).expect("a scalar"),
            HomePublicKey::profile_b(&public.try_into().expect("33 octets")).expect("a point"),
        ),
    }
}

fn check(case: &Case) {
    let (private, public) = keys(case);
    let ephemeral = scalar(case, "eph_priv");
    let msin = octets(case, "plaintext_msin_bcd");
    let expected = ["eph_pub", "ciphertext", "mac"]
        .map(|name| octets(case, name))
        .concat();
    for public in [public, private.public_key()] {
        let mut output = [0; 64];
        assert_eq!(
            public.conceal(&ephemeral, &msin, &mut output),
            Ok(&expected[..])
        );
    }
    let mut revealed = [0; 16];
    assert_eq!(private.reveal(&expected, &mut revealed), Ok(&msin[..]));
    every_change_is_the_same_error(&private, &expected);
    nothing_is_written_where_it_does_not_fit(&private, &ephemeral, &msin);
}

fn every_change_is_the_same_error(private: &HomeKey, output: &[u8]) {
    let mut revealed = [0; 16];
    for bit in 0..output.len() * 8 {
        let mut changed = output.to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        // RFC 7748 ignores the highest bit of a point, but the key derivation does not
        assert_eq!(
            private.reveal(&changed, &mut revealed),
            Err(SuciError),
            "bit {bit}"
        );
    }
    for size in 0..output.len() {
        assert_eq!(
            private.reveal(&output[..size], &mut revealed),
            Err(SuciError)
        );
    }
    assert_eq!(private.reveal(output, &mut [0; 4]), Err(SuciError));
}

fn nothing_is_written_where_it_does_not_fit(private: &HomeKey, ephemeral: &[u8; 32], msin: &[u8]) {
    for size in 0..45 {
        let mut output = vec![0; size];
        let made = private.public_key().conceal(ephemeral, msin, &mut output);
        assert_eq!(made, Err(SuciError), "{size} octets");
    }
}

#[test]
fn rule_20_points_that_are_none_are_refused() {
    // of small order: everybody would agree on the same secret
    let zero = HomePublicKey::profile_a([0; 32]);
    assert_eq!(zero.conceal(&[9; 32], &[1], &mut [0; 64]), Err(SuciError));
    let mut output = [0; 41];
    output[40] = 1;
    let home = HomeKey::profile_a([7; 32]);
    assert_eq!(home.reveal(&output, &mut [0; 16]), Err(SuciError));

    // not on the curve, and not a scalar
    assert!(HomePublicKey::profile_b(&[0xff; 33]).is_err());
    assert!(HomeKey::profile_b(&[0; 32]).is_err());
    assert!(HomeKey::profile_b(&[0xff; 32]).is_err());
}

#[test]
fn rule_20_the_null_scheme_is_refused_unless_somebody_says_so() {
    assert_eq!(NullScheme::default().reveal(&[1, 2]), Err(SuciError));
    assert_eq!(NullScheme::DangerAccept.reveal(&[1, 2]), Ok(&[1, 2][..]));
}

#[test]
fn no_key_is_shown() {
    let home = HomeKey::profile_a([0x5a; 32]);
    assert_eq!(format!("{home:?}"), "HomeKey([redacted])");
    assert_eq!(
        format!("{:?}", home.public_key()),
        "HomePublicKey(profile A)"
    );
}
