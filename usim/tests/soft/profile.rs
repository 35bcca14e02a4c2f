use usim::{
    soft::{Algorithm, Problem, Profile, ProfileError, Quirk},
    transport::Protocol,
};

/// The error's text, which names the key and never the value.
fn refused(toml: &str) -> String {
    Profile::from_toml(toml).unwrap_err().to_string()
}

#[test]
fn an_empty_profile_is_the_default() {
    let profile = Profile::from_toml("").unwrap();
    assert_eq!(profile.imsi.as_str(), "001010000000001");
    assert_eq!(profile.iccid.as_str(), "8900101000000000019");
    assert_eq!(profile.protocol, Protocol::T0);
    assert_eq!(
        profile.isim.unwrap().impi,
        "001010000000001@ims.mnc001.mcc001.3gppnetwork.org"
    );
}

#[test]
fn every_key_is_taken() {
    let profile = Profile::from_toml(
        r#"
        imsi = "234150999999999"
        mnc-length = 2
        iccid = "89441000300000000001"
        k = "000102030405060708090a0b0c0d0e0f"
        op = "cdc202d5123e20f62b6d676ac72cb318"
        sres = "truncated"
        msisdn = "+447700900123"
        spn = "Test"
        protocol = "T=1"
        quirks = ["two-usims", "no-kc"]
        [sqn]
        ind-length = 4
        delta = 1000
        age-limit = 10
        taken = "000000000123"
        [isim]
        impi = "me@example.org"
        impu = ["sip:me@example.org", "tel:+447700900123"]
        domain = "example.org"
        [pin1]
        pin = "0000"
        puk = "00000000"
        enabled = true
        [pin2]
        pin = "1111"
        [universal-pin]
        enabled = true
        "#,
    )
    .unwrap();
    assert_eq!(profile.imsi.as_str(), "234150999999999");
    assert_eq!(profile.protocol, Protocol::T1);
    assert_eq!(profile.sqn_policy.ind_length().bits(), 4);
    assert_eq!(profile.sqn_policy.delta(), 1000);
    assert_eq!(profile.sqn_policy.age_limit(), Some(10));
    assert_eq!(profile.sqn_state.to_array()[3], 0x12);
    assert!(profile.quirks.has(Quirk::NoKc));
    assert_eq!(profile.msisdn.unwrap().number(), "+447700900123");
    let isim = profile.isim.unwrap();
    assert_eq!((isim.impi.as_str(), isim.impu.len()), ("me@example.org", 2));
    let Algorithm::Milenage { k, opc } = profile.algorithm else {
        panic!("Milenage")
    };
    assert_eq!(k.expose()[15], 0x0f);
    assert_ne!(opc.expose()[0], 0xcd, "OPc comes from OP");
}

#[test]
fn the_isim_follows_from_the_imsi_and_the_length_of_its_mnc() {
    let profile = Profile::from_toml("imsi = \"310260000000001\"\nmnc-length = 3").unwrap();
    assert_eq!(
        profile.isim.unwrap().domain,
        "ims.mnc260.mcc310.3gppnetwork.org"
    );
}

#[test]
fn unknown_keys_are_refused_by_name() {
    assert_eq!(refused("imei = \"1\""), "imei: there is no such key");
    assert_eq!(
        refused("[pin1]\nvalue = \"1234\""),
        "pin1.value: there is no such key"
    );
    assert_eq!(
        refused("[sqn]\nhighest = 1"),
        "sqn.highest: there is no such key"
    );
}

#[test]
fn wrong_values_are_refused_without_being_repeated() {
    for (toml, expected) in [
        ("imsi = \"12345\"", "imsi: expected 6 to 15 digits"),
        ("imsi = 1010000000001", "imsi: expected 6 to 15 digits"),
        ("mnc-length = 4", "mnc-length: expected 2 or 3"),
        (
            "k = \"secret\"\nopc = \"\"",
            "k: expected 32 hexadecimal digits",
        ),
        ("iccid = \"89x\"", "iccid: expected 10 to 20 digits"),
        (
            "protocol = \"T=2\"",
            "protocol: expected \"T=0\" or \"T=1\"",
        ),
        (
            "quirks = [\"nonsense\"]",
            "quirks: expected a list of names of quirks",
        ),
        (
            "spn = \"longer than sixteen\"",
            "spn: expected up to 16 characters of ASCII",
        ),
        (
            "sres = \"c2\"",
            "sres: expected \"folded\" or \"truncated\"",
        ),
        ("sqn = 5", "sqn: expected a table"),
        ("[sqn]\nind-length = 6", "sqn.ind-length: expected 0 to 5"),
        ("[sqn]\ndelta = 0", "sqn.delta: expected a positive number"),
        (
            "[sqn]\ntaken = \"12\"",
            "sqn.taken: expected 12 hexadecimal digits",
        ),
        ("[pin1]\npin = \"12\"", "pin1.pin: expected 4 to 8 digits"),
        ("[pin2]\npuk = \"1234\"", "pin2.puk: expected 8 digits"),
        (
            "[universal-pin]\nenabled = 1",
            "universal-pin.enabled: expected true or false",
        ),
        (
            "[isim]\nimpi = \"\"",
            "isim.impi: expected 1 to 126 octets of text",
        ),
        (
            "[isim]\nimpu = []",
            "isim.impu: expected a list of texts, each of 1 to 126 octets",
        ),
    ] {
        assert_eq!(refused(toml), expected);
    }
}

#[test]
fn keys_go_together() {
    const K: &str = "k = \"000102030405060708090a0b0c0d0e0f\"";
    const OP: &str = "op = \"000102030405060708090a0b0c0d0e0f\"";
    const OPC: &str = "opc = \"000102030405060708090a0b0c0d0e0f\"";
    assert_eq!(refused(K), "opc: is missing");
    assert_eq!(refused(OPC), "k: is missing");
    assert_eq!(refused(OP), "k: is missing");
    let both = refused(&format!("{K}\n{OP}\n{OPC}"));
    assert_eq!(both, "op: excludes another key that is there as well");
    assert!(Profile::from_toml(&format!("{K}\n{OPC}")).is_ok());
}

#[test]
fn a_syntax_error_tells_its_line_only() {
    let error = Profile::from_toml("imsi = \"001010000000001\"\nk = \"secret\n").unwrap_err();
    assert_eq!(error, ProfileError::Syntax { line: 2 });
    assert!(!format!("{error} {error:?}").contains("secret"));
    let error = Profile::from_toml("k = 1\nk = 2").unwrap_err();
    assert!(
        matches!(error, ProfileError::Syntax { line: 2 }),
        "{error:?}"
    );
}

#[test]
fn the_problem_can_be_acted_on() {
    let error = Profile::from_toml("[isim]\nx = 1").unwrap_err();
    let expected = ProfileError::Key {
        key: "isim.x".to_owned(),
        problem: Problem::Unknown,
    };
    assert_eq!(error, expected);
}

#[test]
fn sequence_numbers_taken_before_are_not_fresh() {
    use crate::desk::{Desk, USIM};
    // the AUTN of TS 35.208 set 1 has SQN ff9bb4d0b607
    const CHALLENGE: &str =
        "00880081221023553cbe9637a89d218ae64dae47bf351055f328b43577b9b94a9ffac354dfafb3";
    for (taken, answer) in [("ff9bb4d0b5e7", "6135"), ("ff9bb4d0b607", "6110")] {
        let mut desk =
            Desk::with(Profile::from_toml(&format!("[sqn]\ntaken = \"{taken}\"")).unwrap());
        desk.application(USIM);
        assert_eq!(desk.send(CHALLENGE), answer, "{taken}");
    }
}

#[test]
fn a_card_of_the_xor_algorithm_takes_k_alone() {
    let k = "k = \"00112233445566778899aabbccddeeff\"";
    let xor = format!("algorithm = \"xor\"\n{k}");
    let profile = Profile::from_toml(&xor).unwrap();
    assert!(matches!(profile.algorithm, Algorithm::Xor { .. }));
    assert_eq!(refused("algorithm = \"xor\""), "k: is missing");
    let with_opc = format!("{xor}\nopc = \"000102030405060708090a0b0c0d0e0f\"");
    assert!(refused(&with_opc).starts_with("opc: "));
    assert!(refused(&format!("algorithm = \"tuak\"\n{k}")).starts_with("algorithm: "));
}
