//! What the original got wrong, one test each.

use axum::{body::Body, http::Request};
use usim::transport::TransportKind;

use crate::{
    cards::{self, Intercept},
    home::{Centre, RAND},
    server::Setup,
};

/// What has dialled, sent messages or confused a parser elsewhere.
const INJECTIONS: &[&str] = &[
    "00\"%0D%0AATD+1555;%0D%0A",
    "00%22%0d%0aATD%2b1555;%0d%0a",
    "00A40004023F00%22%0D%0AAT+CMGS=1%0D%0A",
    "00A40004023F00%00",
    "00A40004023F00\r",
    "00A40004023F00%1A",
    "00A40004023F00+",
    "0x00A40004023F00",
    "00%20A4%2000%2004",
    "%EF%BC%90%EF%BC%90A40004",
    "-1",
    "00a4,00",
];

/// `\r` and the like are not to be had in a target: they are escaped there in any case.
fn target(query: &str) -> String {
    query.replace('\r', "%0D").replace('"', "%22")
}

#[tokio::test]
async fn injected_at_commands_reach_no_card_and_no_modem() {
    for kind in [TransportKind::Soft, TransportKind::Serial] {
        let (card, recording) = cards::recorded();
        let server = Setup::new().labelled(kind, None, card).await.build();
        let before = recording.danger_to_text();
        for injection in INJECTIONS {
            for query in [
                format!("/?type=apdu&hex={injection}"),
                format!("/?type=rand-autn&rand={injection}&autn={RAND}"),
                format!("/?type=rand-autn&rand={RAND}&autn={injection}"),
                format!("/?type=rand-autn&rand={RAND}{injection}&autn={RAND}"),
                format!("/?type=rand-autn&rand={RAND}&autn={RAND}{injection}"),
            ] {
                let answer = server.get(&target(&query)).await;
                assert_eq!(answer.status, 400, "{query}");
            }
        }
        assert_eq!(recording.danger_to_text(), before);
    }
}

#[tokio::test]
async fn injected_text_in_the_typed_dialects_reaches_no_card() {
    let (card, recording) = cards::recorded();
    let server = Setup::new().sim(card).await.build();
    let before = recording.danger_to_text();
    for injection in INJECTIONS {
        let text = serde_json::Value::from(injection.replace("%0D%0A", "\r\n"));
        let challenge = format!(r#"{{"rand":{text},"autn":{text}}}"#);
        for (path, body) in [
            ("/v1/sims/0/apdu", format!(r#"{{"apdu":{text}}}"#)),
            ("/v1/sims/0/authenticate", challenge.clone()),
            (
                "/v1/sims/0/gba-naf",
                format!(r#"{{"naf_id":{text},"impi":"a"}}"#),
            ),
            (
                "/v1/sims/0/channel",
                format!(r#"{{"kind":"channel","aid":{text}}}"#),
            ),
            ("/sim-auth-api/v1/slot/0", challenge),
        ] {
            let answer = server.post(path, &body).await;
            assert_eq!(answer.status, 400, "{path} {body}");
        }
    }
    assert_eq!(recording.danger_to_text(), before);
}

#[tokio::test]
async fn the_application_is_found_in_ef_dir_and_selected_as_a_strict_card_wants_it() {
    let (card, recording) = cards::recorded();
    let server = Setup::new().sim(card).await.build();
    server.get(&Centre::new().challenge()).await;
    let text = recording.danger_to_text();
    let selects: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("> 00A4"))
        .collect();
    assert!(
        selects.iter().all(|select| select.get(2..4) != Some("00")),
        "{selects:?}"
    );
    let by_name = selects.iter().filter(|select| select.starts_with("04"));
    let whole = "A0000000871002FF01FF018900000100";
    assert!(by_name.clone().count() > 0);
    assert!(
        by_name.clone().all(|select| select.contains(whole)),
        "{selects:?}"
    );
}

#[tokio::test]
async fn a_status_word_that_refuses_is_an_error() {
    let pin = Intercept::new(|command| (command[1] == 0xb0).then(|| vec![0x69, 0x82]));
    let answer = Setup::new().sim(pin).await.build().get("/?type=imsi").await;
    assert_eq!(answer.status, 423);
    assert!(answer.body.contains("PIN"), "{}", answer.body);
    let broken = Intercept::new(|command| (command[1] == 0x88).then(|| vec![0x6f, 0x00]));
    let server = Setup::new().sim(broken).await.build();
    assert_eq!(server.get(&Centre::new().challenge()).await.status, 502);
}

#[tokio::test]
async fn an_answer_that_is_no_answer_never_becomes_keys() {
    for garbage in [
        "9000",
        "db9000",
        "db08a54211d5e3ba50bf9000",
        "db08a54211d5e3ba50bf10b40ba9a39000",
        "dc0e9000",
        "ff9000",
    ] {
        let answer = hex::decode(garbage).unwrap();
        let card = Intercept::new(move |command| (command[1] == 0x88).then(|| answer.clone()));
        let server = Setup::new().sim(card).await.build();
        let answer = server.get(&Centre::new().challenge()).await;
        assert_eq!(answer.status, 502, "{garbage}: {}", answer.body);
        assert!(!answer.body.contains("res"), "{}", answer.body);
    }
}

#[tokio::test]
async fn no_answer_may_be_kept_by_a_cache() {
    let server = Setup::new().sim(cards::soft()).await.build();
    for target in [
        "/?type=imsi",
        "/?type=x",
        "/v1/sims",
        "/v1/none",
        "/metrics",
        "/healthz",
    ] {
        assert_eq!(
            server.get(target).await.header("cache-control"),
            "no-store",
            "{target}"
        );
    }
}

#[tokio::test]
async fn a_foreign_web_page_cannot_make_the_card_answer() {
    let (card, recording) = cards::recorded();
    let server = Setup::new().sim(card).await.build();
    let (before, challenge) = (recording.danger_to_text(), Centre::new().challenge());
    for headers in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("host", "rebound.evil.example")],
        &[("host", "localhost:1"), ("origin", "http://localhost:2")],
    ] {
        let answer = server.get_with(&challenge, headers).await;
        assert!(
            [403, 421].contains(&answer.status),
            "{headers:?}: {}",
            answer.body
        );
        assert!(
            answer.body.starts_with("{\n\t\"error\": true"),
            "{}",
            answer.body
        );
    }
    assert_eq!(recording.danger_to_text(), before);
}

#[tokio::test]
async fn only_get_makes_the_card_answer() {
    let (card, recording) = cards::recorded();
    let server = Setup::new().sim(card).await.build();
    let (before, challenge) = (recording.danger_to_text(), Centre::new().challenge());
    for method in ["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "FOO"] {
        let request = Request::builder().method(method).uri(&challenge);
        let answer = server.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, 405, "{method}");
    }
    assert_eq!(recording.danger_to_text(), before);
}
