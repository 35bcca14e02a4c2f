//! Requests that their clients have signed.

use super::hints::{Keys, set, signed, with};
use super::*;
use crate::ciba::signed::{Opened, open};

fn claims() -> Value {
    json!({
        "iss": "rp", "aud": ISSUER, "jti": "one",
        "iat": 1_800_000_000, "nbf": 1_800_000_000, "exp": 1_800_000_300,
        "scope": "openid", "login_hint": KIM, "binding_message": "Till 7", "requested_expiry": 60,
    })
}

fn opened(keys: &Keys, form: &str) -> Result<Option<Opened>, ErrorCode> {
    let rp = rp();
    let known = keys.known(&rp);
    let parameters = Parameters::parse(form).expect("a form");
    open(&parameters, known, NOW).map_err(|error| error.code)
}

fn of(keys: &Keys, claims: &Value) -> Result<Option<Opened>, ErrorCode> {
    let request = signed(&keys.clients, "JWT", claims);
    opened(keys, &format!("client_id=rp&request={request}"))
}

#[test]
fn a_signed_request_says_what_it_asks_for_and_is_good_once() {
    let (keys, world) = (Keys::new(), World::polling());
    assert!(opened(&keys, "scope=openid").unwrap().is_none());
    let opened = of(&keys, &claims()).unwrap().expect("it is signed");
    let request = super::super::read(&rp(), &client(), &opened.parameters, Hints::One).unwrap();
    assert_eq!(request.hint, Some(Hint::Login(KIM.to_owned())));
    assert_eq!(request.lifetime.as_seconds(), 60);
    assert_eq!(request.message.unwrap().text(), "Till 7");
    assert!(world.commit(vec![opened.used.clone()], NOW));
    assert!(!world.commit(vec![opened.used], later(299)));
}

#[test]
fn a_signed_request_is_the_clients_for_us_and_for_a_while() {
    let keys = Keys::new();
    for (name, value) in [
        ("iss", json!("other")),
        ("aud", json!("https://other.example")),
        ("aud", json!([])),
        ("jti", json!("")),
        ("jti", json!(7)),
        ("exp", json!(1_800_000_000)),
        ("exp", json!(1_800_003_601)),
        ("exp", json!("1800000300")),
        ("nbf", json!(1_800_000_006)),
        ("iat", json!(1_800_000_006)),
        ("scope", json!(["openid"])),
        ("scope", json!(null)),
    ] {
        let refused = of(&keys, &with(&claims(), name, value.clone()));
        assert_eq!(
            refused.err(),
            Some(ErrorCode::InvalidRequest),
            "{name} {value}"
        );
    }
    for name in ["iss", "aud", "jti", "exp", "nbf", "iat"] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(name);
        let refused = of(&keys, &claims);
        assert_eq!(refused.err(), Some(ErrorCode::InvalidRequest), "{name}");
    }
    let audiences = json!(["https://other.example", ISSUER]);
    assert!(of(&keys, &with(&claims(), "aud", audiences)).is_ok());
}

#[test]
fn a_request_that_is_forged_or_has_something_beside_it_is_refused() {
    let keys = Keys::new();
    let [own, forged] = [&keys.clients, &keys.ours].map(|signer| signed(signer, "JWT", &claims()));
    let mut parts = own.split('.');
    let (_, payload) = (parts.next(), parts.next().unwrap());
    let none = strict_jws::base64::encode(br#"{"alg":"none"}"#);
    for form in [
        format!("request={forged}"),
        format!("request={none}.{payload}."),
        format!("request={}", signed(&keys.clients, "at+jwt", &claims())),
        "request=a.b.c".to_owned(),
        format!("request={own}&scope=openid"),
        format!("request={own}&login_hint={KIM}"),
        format!("request={own}&binding_message=Till+8"),
        format!("request={own}&client_notification_token=t"),
        format!("request={own}&request_uri=https://rp.example/r"),
    ] {
        assert_eq!(
            opened(&keys, &form).err(),
            Some(ErrorCode::InvalidRequest),
            "{form}"
        );
    }
    let (rp, keyless) = (rp(), client());
    let known = Known {
        registered: &keyless,
        ..keys.known(&rp)
    };
    let parameters = Parameters::parse(&format!("request={own}")).unwrap();
    let without_keys = open(&parameters, known, NOW).map_err(|error| error.code);
    assert_eq!(without_keys.err(), Some(ErrorCode::InvalidRequest));
    assert!(
        set(&keys.clients)
            .verify(&own, &Policy::untyped_or_jwt())
            .is_ok()
    );
    assert!(
        opened(
            &keys,
            &format!("request={own}&client_assertion=a&client_assertion_type=b")
        )
        .is_ok()
    );
}

#[test]
fn a_signed_request_holds_no_other_one() {
    let keys = Keys::new();
    let nested = with(&claims(), "request", json!("a.b.c"));
    let opened = of(&keys, &nested).unwrap().unwrap();
    let refused = super::super::read(&rp(), &client(), &opened.parameters, Hints::One);
    assert_eq!(refused.unwrap_err().code, ErrorCode::InvalidRequest);
}
