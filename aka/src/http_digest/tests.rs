use std::{
    format,
    string::{String, ToString as _},
};

use proptest::prelude::*;

use super::*;
use crate::{Auts, Ck, Ik, Res};

fn parsed(field: &str) -> Credentials {
    field.parse().unwrap()
}

fn password(text: &str) -> Password {
    Password::of_octets(text.as_bytes())
}

/// What one implementation after another gets right: RFC 2617 §3.5, RFC 7616 §3.9.1.
#[test]
fn the_examples_of_the_rfcs_verify() {
    let of_2617 = "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", \
        nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\", qop=auth, \
        nc=00000001, cnonce=\"0a4f113b\", response=\"6629fae49393a05397450978507c4ef1\", \
        opaque=\"5ccc069c403ebaf9f0171e9517f30e41\"";
    let credentials = parsed(of_2617);
    assert!(credentials.verify(&password("Circle Of Life"), Sent::GET));
    assert!(!credentials.verify(&password("circle of life"), Sent::GET));
    let of_7616 = "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", \
        uri=\"/dir/index.html\", algorithm=MD5, \
        nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, \
        cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, \
        response=\"8ca523f5e9506fed4657c9700eebdbec\", \
        opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
    let credentials = parsed(of_7616);
    assert!(credentials.verify(&password("Circle of Life"), Sent::GET));
    let post = Sent {
        method: "POST",
        ..Sent::GET
    };
    assert!(!credentials.verify(&password("Circle of Life"), post));
}

const KEYS: [&str; 3] = [
    "a54211d5e3ba50bf",
    "f769bcd751044604127672711c6d3441",
    "b40ba9a3c58b2a05bbf0d987b21bf8cb",
];

/// The rest of a field whose `response` was computed by another implementation of MD5 and HMAC.
const OF_AKA: &str = "username=\"001010000000001@ims.mnc001.mcc001.3gppnetwork.org\", \
    realm=\"bsf.home1.net\", nonce=\"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=\", \
    nc=00000001, cnonce=\"0123456789abcdef0123456789abcdef\"";

#[test]
fn akav1_takes_res_as_it_is() {
    let res: Res = KEYS[0].parse().unwrap();
    let credentials = parsed(&format!(
        "Digest {OF_AKA}, uri=\"/\", qop=auth-int, algorithm=AKAv1-MD5, \
         response=\"25f16ce7405931a6768087c417fb5e6e\""
    ));
    let password = Password::of_res(&res);
    assert!(credentials.verify(&password, Sent::GET));
    let changed = Sent {
        body: b"x",
        ..Sent::GET
    };
    assert!(!credentials.verify(&password, changed));
    let information = credentials.information(&password, b"<simservs/>").unwrap();
    assert_eq!(
        information.to_string(),
        "qop=auth-int, rspauth=\"cfc279bb3a3f11576741a81abc669959\", \
         cnonce=\"0123456789abcdef0123456789abcdef\", nc=00000001"
    );
}

#[test]
fn akav2_takes_what_res_ik_and_ck_make() {
    let [res, ik, ck] = KEYS;
    let (res, ik, ck): (Res, Ik, Ck) = (
        res.parse().unwrap(),
        ik.parse().unwrap(),
        ck.parse().unwrap(),
    );
    let credentials = parsed(&format!(
        "Digest {OF_AKA}, uri=\"sip:home1.net\", qop=auth, algorithm=AKAv2-MD5, \
         response=\"db4142ebde04277c54730e7ff0913540\""
    ));
    let register = Sent {
        method: "REGISTER",
        body: b"",
    };
    assert!(credentials.verify(&Password::akav2(&res, &ik, &ck), register));
    assert!(!credentials.verify(&Password::of_res(&res), register));
}

#[test]
fn auts_goes_with_an_empty_password() {
    let credentials = parsed(&format!(
        "Digest {OF_AKA}, uri=\"/\", qop=auth-int, algorithm=AKAv1-MD5, \
         response=\"cb338556088fcf5d34fec3bdee496503\", auts=\"fD9vle2pRHfA09mNq5o=\""
    ));
    let auts: Auts = "7c3f6f95eda94477c0d3d98dab9a".parse().unwrap();
    assert_eq!(credentials.auts, Some(auts));
    assert!(credentials.verify(&Password::empty(), Sent::GET));
    assert!(
        credentials
            .to_string()
            .ends_with("auts=\"fD9vle2pRHfA09mNq5o=\"")
    );
}

#[test]
fn ks_naf_goes_in_base64() {
    let key = "819864403a24fee3dc28d858404032f7304afaf457e6683b8d9fb2a6f45af4b7";
    let credentials = parsed(
        "Digest username=\"AQID@bsf.home1.net\", realm=\"3GPP-bootstrapping@naf.home1.net\", \
         nonce=\"AAAA\", uri=\"/x\", qop=auth-int, nc=0000000a, algorithm=MD5, \
         cnonce=\"0123456789abcdef0123456789abcdef\", response=\"46b20d5ebab05931e241d8f1f60e75e8\"",
    );
    let password = Password::of_ks_naf(&key.parse().unwrap());
    let put = Sent {
        method: "PUT",
        body: b"<simservs/>",
    };
    assert!(credentials.verify(&password, put));
    assert_eq!(credentials.protection.unwrap().count(), 10);
}

#[test]
fn a_nonce_of_aka_holds_rand_and_autn_and_perhaps_more() {
    let nonce = "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M="
        .parse()
        .unwrap();
    let of_aka = AkaNonce::of(&nonce).unwrap();
    assert_eq!(
        format!("{:x}", of_aka.rand.hex()),
        "23553cbe9637a89d218ae64dae47bf35"
    );
    assert_eq!(
        format!("{:x}", of_aka.autn.hex()),
        "55f328b43577b9b94a9ffac354dfafb3"
    );
    assert_eq!(of_aka.server_data, []);
    assert_eq!(of_aka.text(), nonce);
    let more = AkaNonce::new(of_aka.rand, of_aka.autn, b"server".to_vec());
    assert_eq!(AkaNonce::of(&more.text()), Ok(more));
    for wrong in [
        "",
        "AAAA",
        "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfrw==",
        "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M",
        "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7N=",
        "I1U8vpY3qJ0hiuZNrke-NVXzKLQ1d7m5Sp_6w1Tfr7M=",
    ] {
        assert_eq!(
            AkaNonce::of(&wrong.parse().unwrap()),
            Err(InvalidNonce),
            "{wrong}"
        );
    }
}

#[test]
fn what_is_sent_before_a_challenge_is_what_ts_24_109_shows() {
    let text = |text: &str| text.parse().unwrap();
    let (user, bsf) = (text("user1_private@home1.net"), text("bsf.home1.net"));
    let credentials = Credentials::before_challenge(user, bsf, text("/"));
    let field = "Digest username=\"user1_private@home1.net\", realm=\"bsf.home1.net\", \
        nonce=\"\", uri=\"/\", response=\"\"";
    assert_eq!(credentials.to_string(), field);
    let back = parsed(field);
    assert!(back.protection.is_none());
    assert!(!back.verify(&Password::empty(), Sent::GET));
    assert!(back.information(&Password::empty(), b"").is_none());
}

#[test]
fn hostile_fields_are_refused_and_not_repeated() {
    use InvalidField as Wrong;
    let good = "username=\"u\", realm=\"r\", nonce=\"n\", uri=\"/\"";
    let long = format!("Digest {good}, x=\"{}\"", "a".repeat(LONGEST_FIELD));
    let cases = [
        ("", Wrong::Scheme),
        ("Digest", Wrong::Scheme),
        ("Basic dTpw", Wrong::Scheme),
        ("Digestusername=\"u\"", Wrong::Scheme),
        (long.as_str(), Wrong::TooLong),
        ("Digest username", Wrong::Grammar),
        ("Digest username=", Wrong::Grammar),
        ("Digest username=\"u", Wrong::Grammar),
        ("Digest username=\"u\\\"v\"", Wrong::Grammar),
        ("Digest username=\"u\" realm=\"r\"", Wrong::Grammar),
        ("Digest username=\"u\",", Wrong::Grammar),
        ("Digest username=\"u\",,realm=\"r\"", Wrong::Grammar),
        ("Digest ,username=\"u\"", Wrong::Grammar),
        ("Digest us er=\"u\"", Wrong::Grammar),
        ("Digest =\"u\"", Wrong::Grammar),
        ("Digest username=\"\u{e9}\"", Wrong::Grammar),
        ("Digest username=\"a\0b\"", Wrong::Grammar),
        ("Digest username=\"a\r\nX: y\"", Wrong::Grammar),
        ("Digest username=u@home, realm=r", Wrong::Grammar),
        ("Digest username=\"u\", UserName=\"v\"", Wrong::Twice),
        (
            "Digest realm=\"r\", nonce=\"n\", uri=\"/\"",
            Wrong::Missing("username"),
        ),
        (
            "Digest username=\"u\", nonce=\"n\", uri=\"/\"",
            Wrong::Missing("realm"),
        ),
        (
            "Digest username=\"u\", realm=\"r\", nonce=\"n\"",
            Wrong::Missing("uri"),
        ),
    ];
    for (field, expected) in cases {
        assert_eq!(
            field.parse::<Credentials>().unwrap_err(),
            expected,
            "{field}"
        );
    }
}

#[test]
fn a_digest_needs_all_that_goes_into_it_in_its_form() {
    use InvalidField as Wrong;
    let good = "username=\"u\", realm=\"r\", nonce=\"n\", uri=\"/\"";
    let digest = "response=\"25f16ce7405931a6768087c417fb5e6e\"";
    for (rest, expected) in [
        (digest.to_string(), Wrong::Missing("qop")),
        (format!("{digest}, qop=auth"), Wrong::Missing("cnonce")),
        (
            format!("{digest}, qop=auth, cnonce=\"c\""),
            Wrong::Missing("nc"),
        ),
        (
            format!("{digest}, qop=auth-conf, cnonce=\"c\", nc=00000001"),
            Wrong::Parameter("qop"),
        ),
        (
            format!("{digest}, qop=auth, cnonce=\"c\", nc=1"),
            Wrong::Parameter("nc"),
        ),
        (
            format!("{digest}, qop=auth, cnonce=\"c\", nc=0000000A"),
            Wrong::Parameter("nc"),
        ),
        (
            "response=\"25f1\", qop=auth, cnonce=\"c\", nc=00000001".into(),
            Wrong::Parameter("response"),
        ),
        ("algorithm=SHA-256".into(), Wrong::Parameter("algorithm")),
        (
            "auts=\"fD9vle2pRHfA09mNqw==\"".into(),
            Wrong::Parameter("auts"),
        ),
    ] {
        let field = format!("Digest {good}, {rest}");
        assert_eq!(
            field.parse::<Credentials>().unwrap_err(),
            expected,
            "{field}"
        );
    }
}

#[test]
fn a_challenge_needs_a_qop_and_a_nonce() {
    let refused = |field: &str| field.parse::<Challenge>().unwrap_err();
    let good = "realm=\"r\", nonce=\"n\"";
    assert_eq!(
        refused(&format!("Digest {good}")),
        InvalidField::Missing("qop")
    );
    assert_eq!(
        refused(&format!("Digest {good}, qop=\"auth-conf\"")),
        InvalidField::Parameter("qop")
    );
    assert_eq!(
        refused("Digest realm=\"r\", qop=\"auth\""),
        InvalidField::Missing("nonce")
    );
    let both: Challenge = format!("digest {good} , qop = \"auth, auth-int\",stale=TRUE")
        .parse()
        .unwrap();
    assert_eq!(both.qop, [Qop::Auth, Qop::AuthInt]);
    assert!(both.stale);
    assert_eq!(both.algorithm, Algorithm::Md5);
}

#[test]
fn a_proof_is_for_these_credentials_and_this_body_only() {
    let text = |text: &str| text.parse().unwrap();
    let challenge = Challenge::new(text("r"), text("n"), Algorithm::Md5, Qop::AuthInt);
    let answer = |cnonce: u8| {
        let user = Credentials::before_challenge(text("u"), text("r"), text("/"));
        let cnonce = Cnonce::new([cnonce; 16]);
        user.answering(&challenge, &password("p"), Sent::GET, cnonce)
            .unwrap()
    };
    let (one, other) = (answer(1), answer(2));
    let field = one
        .information(&password("p"), b"body")
        .unwrap()
        .to_string();
    let proof: AuthenticationInfo = field.parse().unwrap();
    assert!(proof.verify(&one, &password("p"), b"body"));
    assert!(!proof.verify(&one, &password("p"), b"Body"));
    assert!(!proof.verify(&one, &password("q"), b"body"));
    assert!(!proof.verify(&other, &password("p"), b"body"));
}

#[test]
fn strictly_credentials_name_the_target_or_its_absolute_uri() {
    let names = |uri: &str, check: UriCheck| {
        let text = |text: &str| text.parse().unwrap();
        let credentials = Credentials::before_challenge(text("u"), text("r"), text(uri));
        check
            .of("/a?b=c", "naf.example:8080")
            .is_named_by(&credentials)
    };
    for uri in ["/a?b=c", "http://naf.example:8080/a?b=c"] {
        assert!(names(uri, UriCheck::Strict), "{uri}");
    }
    for uri in [
        "/",
        "/a",
        "/a?b=cd",
        "http://other.example/a?b=c",
        "http://naf.example:8080/a",
        "",
    ] {
        assert!(!names(uri, UriCheck::Strict), "{uri}");
        assert!(names(uri, UriCheck::Lenient), "{uri}");
    }
}

#[test]
fn nothing_shows_who_it_is_about() {
    let credentials = parsed(&format!("Digest {OF_AKA}, uri=\"/secret\""));
    let shown = format!("{credentials:?} {:?}", Password::of_octets(b"hunter2"));
    for hidden in ["00101", "I1U8", "secret", "hunter2", "104, 117"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
}

proptest! {
    #[test]
    fn no_field_panics(field in "(Digest )?[ -~\t]{0,80}") {
        drop(field.parse::<Credentials>());
        drop(field.parse::<Challenge>());
        drop(field.parse::<AuthenticationInfo>());
    }

    #[test]
    fn what_is_printed_is_read_again(
        texts in proptest::array::uniform4("[ !#-\\[\\]-~]{1,20}"), secret: [u8; 8], body: std::vec::Vec<u8>, random: [u8; 16], over_body: bool,
    ) {
        let [user, realm, nonce, uri] = texts.map(|text: String| text.parse::<Quoted>().unwrap());
        let qop = if over_body { Qop::AuthInt } else { Qop::Auth };
        let challenge = Challenge::new(realm, nonce, Algorithm::AkaV1Md5, qop);
        prop_assert_eq!(&challenge.to_string().parse::<Challenge>().unwrap(), &challenge);
        let password = Password::of_octets(&secret);
        let sent = Sent { method: "PUT", body: &body };
        let credentials = Credentials::before_challenge(user, challenge.realm.clone(), uri);
        let credentials = credentials.answering(&challenge, &password, sent, Cnonce::new(random)).unwrap();
        let back: Credentials = credentials.to_string().parse().unwrap();
        prop_assert!(back.verify(&password, sent));
        prop_assert_eq!(back.to_string(), credentials.to_string());
        let proof: AuthenticationInfo = back.information(&password, &body).unwrap().to_string().parse().unwrap();
        prop_assert!(proof.verify(&credentials, &password, &body));
    }
}
