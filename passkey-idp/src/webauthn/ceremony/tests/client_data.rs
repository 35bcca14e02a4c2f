//! Client data: the page, the ceremony and the challenge that the browser attests.

use super::*;

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
