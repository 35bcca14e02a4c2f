//! A device's side, against an issuer that checks what it is sent.
#![cfg(feature = "client-tokio")]
#![expect(clippy::unwrap_used, reason = "what is unexpected fails the test")]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use endorse::client::{
    Answer, Asking, Card, Client, ClientError, ExchangeError, Next, Reply, SessionKeys, Wish,
};
use endorse::confirm::{AkaRun, ConfirmationKey, Transcript};
use endorse::keys::{Https, Trust};
use endorse::{Imsi, RequestParameters};
use serde_json::{Value, json};

const ORIGIN: &str = "https://endorse.example";
const TXN: &str = "BQUFBQUFBQUFBQUFBQUFBQ";
const AUTS: [u8; 14] = [9; 14];

fn imsi() -> Imsi {
    "001010000000001".parse().unwrap()
}

fn wish() -> Wish {
    Wish::new("https://api.example".parse().unwrap())
}

fn keys() -> Answer {
    Answer::Success(SessionKeys::new([3; 16], [4; 16]))
}

fn challenge() -> Value {
    json!({"txn": TXN, "rand": "01".repeat(16), "autn": "02".repeat(16)})
}

fn reply(body: &str) -> Reply<'_> {
    Reply {
        status: 200,
        body: body.as_bytes(),
    }
}

/// What K_auth of the SIM's CK and IK makes of it.
fn is_confirmed(origin: &str, parameters: &RequestParameters, confirm: &str) -> bool {
    let run = AkaRun {
        rand: &[1; 16],
        autn: &[2; 16],
        ck: &[3; 16],
        ik: &[4; 16],
    };
    let key = ConfirmationKey::derive(run, origin, &TXN.parse().unwrap());
    let transcript = Transcript {
        origin,
        nonce: Some("n"),
        audience: "https://api.example",
        request_parameters: parameters,
        key: None,
    };
    key.verifies(
        &transcript,
        &strict_jws::base64::decode(confirm.as_bytes()).unwrap(),
    )
}

#[test]
fn the_confirmation_is_over_all_that_was_asked_for() {
    let parameters = [("plate".to_owned(), "S-IM 1".to_owned())];
    let imei = "490154203237518".parse().unwrap();
    let wish = wish().with_nonce("n").with_parameters(parameters).unwrap();
    let asking = Asking::new(ORIGIN, &imsi(), wish.with_imei(&imei).unwrap());
    let sent: Value = serde_json::from_str(asking.message().body()).unwrap();
    assert_eq!(
        sent,
        json!({"imsi": "001010000000001", "aud": "https://api.example", "nonce": "n",
            "requestParameters": {"imei": "490154203237518", "plate": "S-IM 1"}})
    );

    let asked = asking.replied(reply(&challenge().to_string())).unwrap();
    assert_eq!((asked.rand(), asked.autn()), (&[1; 16], &[2; 16]));
    let Next::Claim(claiming) = asked.answered(&keys()).unwrap() else {
        panic!("the SIM was not stale");
    };
    let sent: Value = serde_json::from_str(claiming.message().body()).unwrap();
    assert_eq!(sent["txn"], TXN);
    let parameters = [("imei", "490154203237518"), ("plate", "S-IM 1")];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let parameters = RequestParameters::collect(parameters).unwrap();
    let confirm = sent["confirm"].as_str().unwrap();
    assert!(is_confirmed(ORIGIN, &parameters, confirm));
    assert!(!is_confirmed("https://evil.example", &parameters, confirm));
}

#[test]
fn a_stale_sim_sends_auts_and_is_asked_again_but_not_for_ever() {
    let mut asking = Asking::new(ORIGIN, &imsi(), wish());
    for _ in 0..2 {
        let asked = asking.replied(reply(&challenge().to_string())).unwrap();
        let Next::Ask(again) = asked.answered(&Answer::SyncFailure(AUTS)).unwrap() else {
            panic!("the SIM was stale");
        };
        let sent: Value = serde_json::from_str(again.message().body()).unwrap();
        assert_eq!(again.message().path(), "/endorse/v1/token");
        assert_eq!(sent, json!({"txn": TXN, "auts": "09".repeat(14)}));
        asking = again;
    }
    let asked = asking.replied(reply(&challenge().to_string())).unwrap();
    let refused = asked.answered(&Answer::SyncFailure(AUTS)).unwrap_err();
    assert_eq!(refused, ExchangeError::OutOfStep);
}

#[test]
fn an_answer_in_another_form_is_named_by_what_it_lacks() {
    for (lacking, body) in [
        ("JSON", "<html>".to_owned()),
        ("txn", challenge().to_string().replace(TXN, "short")),
        (
            "rand",
            challenge().to_string().replace("\"rand\"", "\"RAND\""),
        ),
        (
            "autn",
            challenge().to_string().replace(&"02".repeat(16), "02"),
        ),
    ] {
        let asking = Asking::new(ORIGIN, &imsi(), wish());
        let refused = asking.replied(reply(&body)).unwrap_err();
        assert_eq!(refused, ExchangeError::Malformed(lacking));
    }
}

#[test]
fn a_refusal_is_told_with_its_word() {
    for (body, code, detail) in [
        (
            r#"{"status":429,"code":"too_often","detail":"this SIM has been asked too often"}"#,
            Some("too_often"),
            "this SIM has been asked too often",
        ),
        (
            r#"{"error":"invalid_target"}"#,
            Some("invalid_target"),
            "invalid_target",
        ),
        ("<html>", None, "no reason is told"),
    ] {
        let asking = Asking::new(ORIGIN, &imsi(), wish());
        let reply = Reply {
            status: 429,
            body: body.as_bytes(),
        };
        let expected = ExchangeError::Refused {
            status: 429,
            code: code.map(str::to_owned),
            detail: detail.to_owned(),
        };
        assert_eq!(asking.replied(reply).unwrap_err(), expected);
    }
}

#[test]
fn an_issuer_is_an_origin_that_nobody_can_listen_to() {
    let https = || Https::new(Trust::Public).unwrap();
    for origin in [
        "https://endorse.example",
        "https://e.example:8443/",
        "http://[::1]:80",
    ] {
        assert!(Client::new(origin, https()).is_ok(), "{origin}");
    }
    for origin in [
        "http://endorse.example",
        "endorse.example",
        "https://",
        "https://endorse.example/path",
        "https://user@endorse.example",
        "http://127.0.0.1.example",
    ] {
        assert!(Client::new(origin, https()).is_err(), "{origin}");
    }
}

/// A SIM that gives these answers, one after the other.
struct Scripted(VecDeque<Answer>);

impl Card for Scripted {
    type Error = std::io::Error;

    fn imsi(&mut self) -> Result<Imsi, Self::Error> {
        Ok(imsi())
    }

    fn authenticate(&mut self, rand: &[u8; 16], autn: &[u8; 16]) -> Result<Answer, Self::Error> {
        assert_eq!((rand, autn), (&[1; 16], &[2; 16]));
        let none = || std::io::Error::other("the card was pulled");
        self.0.pop_front().ok_or_else(none)
    }
}

type Seen = Arc<Mutex<Vec<Value>>>;

/// An issuer that takes whatever confirmation it gets: what it was sent is looked at afterwards.
async fn issuer() -> (String, Seen) {
    let seen = Seen::default();
    let app = Router::new()
        .route("/endorse/v1/challenge", post(asked))
        .route("/endorse/v1/token", post(answered))
        .with_state(Arc::clone(&seen));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (origin, seen)
}

async fn asked(State(seen): State<Seen>, Json(body): Json<Value>) -> Json<Value> {
    seen.lock().unwrap().push(body);
    Json(challenge())
}

async fn answered(State(seen): State<Seen>, Json(body): Json<Value>) -> (StatusCode, Json<Value>) {
    let is_stale = body.get("auts").is_some();
    seen.lock().unwrap().push(body);
    let token = json!({"token": "h.p.s", "expires_in": 300});
    (
        StatusCode::OK,
        Json(if is_stale { challenge() } else { token }),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_comes_over_http_after_a_resynchronisation() {
    let (origin, seen) = issuer().await;
    let client = Client::new(&origin, Https::new(Trust::Public).unwrap()).unwrap();
    let card = Scripted([Answer::SyncFailure(AUTS), keys()].into());
    let (card, token) = client.endorse_beside(card, wish().with_nonce("n")).await;
    let token = token.unwrap();
    assert_eq!((token.expose(), token.expires_in()), ("h.p.s", 300));
    assert_eq!(format!("{token:?}"), "Token { expires_in: 300, .. }");
    assert!(card.0.is_empty());
    let seen = seen.lock().unwrap();
    assert_eq!(seen[1]["auts"], "09".repeat(14));
    let confirm = seen[2]["confirm"].as_str().unwrap();
    assert!(is_confirmed(
        &origin,
        &RequestParameters::default(),
        confirm
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_fails_is_asked_once_and_named() {
    let (origin, seen) = issuer().await;
    let client = Client::new(&origin, Https::new(Trust::Public).unwrap()).unwrap();
    let (_, token) = client.endorse_beside(Scripted([].into()), wish()).await;
    let error = token.unwrap_err();
    assert!(matches!(&error, ClientError::Card(card) if card.to_string() == "the card was pulled"));
    assert_eq!(seen.lock().unwrap().len(), 1);
}

#[test]
fn nobody_there_is_told_from_a_refusal() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let client = Client::new(&origin, Https::new(Trust::Public).unwrap()).unwrap();
    let error = client.endorse(&mut Scripted([keys()].into()), &wish());
    assert!(matches!(error, Err(ClientError::Unreachable(_))));
}
