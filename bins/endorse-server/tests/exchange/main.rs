//! A device with a SIM, a relay without one, and the server between them.
#![expect(clippy::unwrap_used, reason = "what is unexpected fails the test")]

mod device;
mod world;

use aka::algorithm::CardAlgorithm as _;
use aka::card::{Card, Outcome};
use aka::{Autn, Ck, Ik, Milenage, Rand};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use endorse::confirm::{AkaRun, ConfirmationKey, Transcript};
use endorse::{RequestParameters, Verifier};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use strict_jws::{KeySet, Unsupported};
use tower::ServiceExt as _;
use world::{AUDIENCE, IMSI, K, OPC, ORIGIN, server};

struct Device {
    card: Card,
    milenage: Milenage,
}

async fn ask(app: &Router, request: Request<Body>) -> (StatusCode, Value) {
    let response = app.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

async fn post(app: &Router, path: &str, body: &Value) -> (StatusCode, Value) {
    let request = Request::post(path).header("content-type", "application/json");
    ask(app, request.body(Body::from(body.to_string())).unwrap()).await
}

async fn challenge(app: &Router, body: &Value) -> Value {
    let (status, answer) = post(app, "/endorse/v1/challenge", body).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    answer
}

async fn token(app: &Router, txn: &Value, confirm: &str) -> (StatusCode, Value) {
    post(
        app,
        "/endorse/v1/token",
        &json!({"txn": txn, "confirm": confirm}),
    )
    .await
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

impl Device {
    fn new() -> Self {
        let milenage = Milenage::new(&K.parse().unwrap(), &OPC.parse().unwrap());
        let card = Card::default();
        Self { card, milenage }
    }

    fn answer(&mut self, challenge: &Value) -> Result<(Ck, Ik), aka::Auts> {
        let rand: Rand = text(challenge, "rand").parse().unwrap();
        let autn: Autn = text(challenge, "autn").parse().unwrap();
        match self
            .card
            .authenticate(&self.milenage, &rand, &autn)
            .unwrap()
        {
            Outcome::Success { ck, ik, .. } => Ok((ck, ik)),
            Outcome::SyncFailure(auts) => Err(auts),
        }
    }
}

/// What whoever holds CK and IK answers, having asked for this audience and nothing else.
fn confirm(challenge: &Value, keys: &(Ck, Ik), audience: &str) -> String {
    confirm_with(challenge, keys, audience, &RequestParameters::default())
}

fn confirm_with(
    challenge: &Value,
    keys: &(Ck, Ik),
    audience: &str,
    parameters: &RequestParameters,
) -> String {
    let rand: Rand = text(challenge, "rand").parse().unwrap();
    let autn: Autn = text(challenge, "autn").parse().unwrap();
    let run = AkaRun {
        rand: rand.as_bytes(),
        autn: autn.as_bytes(),
        ck: keys.0.expose(),
        ik: keys.1.expose(),
    };
    let transcript = Transcript {
        origin: ORIGIN,
        nonce: None,
        audience,
        request_parameters: parameters,
        key: None,
    };
    let key = ConfirmationKey::derive(run, ORIGIN, &text(challenge, "txn").parse().unwrap());
    key.confirm(&transcript).to_base64()
}

fn wanted() -> Value {
    json!({"imsi": IMSI, "aud": AUDIENCE})
}

#[tokio::test]
async fn a_device_proves_its_sim_and_anyone_verifies_the_token() {
    let app = server().await;
    let asked = challenge(&app, &wanted()).await;
    let keys = Device::new().answer(&asked).unwrap();
    let (status, answer) = token(&app, &asked["txn"], &confirm(&asked, &keys, AUDIENCE)).await;
    assert_eq!(
        (status, &answer["expires_in"]),
        (StatusCode::OK, &json!(300))
    );

    let jwks = Request::get("/.well-known/jwks.json")
        .body(Body::empty())
        .unwrap();
    let (_, jwks) = ask(&app, jwks).await;
    let keys = KeySet::from_jwks(jwks.to_string().as_bytes(), Unsupported::Refuse).unwrap();
    let verifier = Verifier::native(ORIGIN.parse().unwrap(), AUDIENCE.parse().unwrap(), keys);
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let now = endorse::UnixTime::from_seconds(now);
    let endorsement = verifier.verify(text(&answer, "token"), now).unwrap();
    assert_eq!(endorsement.sim().imsi.as_ref().unwrap().as_str(), IMSI);
}

#[tokio::test]
async fn a_relay_without_ck_and_ik_gets_nothing_and_uses_the_challenge_up() {
    let app = server().await;
    let asked = challenge(&app, &wanted()).await;
    let keys = Device::new().answer(&asked).unwrap();
    let relay = (Ck::new([0; 16]), Ik::new([0; 16]));
    let refused = token(&app, &asked["txn"], &confirm(&asked, &relay, AUDIENCE)).await;
    assert_eq!(
        (refused.0, text(&refused.1, "code")),
        (StatusCode::UNAUTHORIZED, "not_proven")
    );
    let second = token(&app, &asked["txn"], &confirm(&asked, &keys, AUDIENCE)).await;
    assert_eq!(
        (second.0, text(&second.1, "code")),
        (StatusCode::UNAUTHORIZED, "not_proven")
    );
}

#[tokio::test]
async fn an_answer_for_another_audience_is_refused() {
    let app = server().await;
    let asked = challenge(&app, &wanted()).await;
    let keys = Device::new().answer(&asked).unwrap();
    let other = confirm(&asked, &keys, "https://other.example");
    assert_eq!(
        token(&app, &asked["txn"], &other).await.0,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn a_key_that_a_relay_has_put_in_is_refused() {
    let app = server().await;
    let mut relayed = wanted();
    relayed["jkt"] = strict_jws::base64::encode(&[1; 32]).into();
    let asked = challenge(&app, &relayed).await;
    let keys = Device::new().answer(&asked).unwrap();
    // the device has asked for a token without a key
    let refused = token(&app, &asked["txn"], &confirm(&asked, &keys, AUDIENCE)).await;
    assert_eq!(
        (refused.0, text(&refused.1, "code")),
        (StatusCode::UNAUTHORIZED, "not_proven")
    );
}

#[tokio::test]
async fn a_sim_that_nobody_knows_is_asked_like_any_other() {
    let app = server().await;
    let unknown = json!({"imsi": "001010000000009", "aud": AUDIENCE});
    let (known, unknown) = (
        challenge(&app, &wanted()).await,
        challenge(&app, &unknown).await,
    );
    let shape = |value: &Value| -> Vec<(String, usize)> {
        let members = value.as_object().unwrap().iter();
        members
            .map(|(name, value)| (name.clone(), value.as_str().unwrap().len()))
            .collect()
    };
    assert_eq!(shape(&known), shape(&unknown));
    for asked in [&known, &unknown] {
        let autn: Autn = text(asked, "autn").parse().unwrap();
        assert_eq!(autn.amf(), aka::Amf::ZERO);
    }
    let nobody = (Ck::new([0; 16]), Ik::new([0; 16]));
    let refused = token(&app, &unknown["txn"], &confirm(&unknown, &nobody, AUDIENCE)).await;
    assert_eq!(
        (refused.0, text(&refused.1, "code")),
        (StatusCode::UNAUTHORIZED, "not_proven")
    );
}

#[tokio::test]
async fn a_sim_is_asked_the_same_again_until_it_answers() {
    let app = server().await;
    let shown = |value: &Value| (value["rand"].clone(), value["autn"].clone());
    let (one, two) = (
        challenge(&app, &wanted()).await,
        challenge(&app, &wanted()).await,
    );
    assert_eq!(shown(&one), shown(&two));
    assert_ne!(one["txn"], two["txn"]);
    let keys = Device::new().answer(&one).unwrap();
    let (status, _) = token(&app, &two["txn"], &confirm(&two, &keys, AUDIENCE)).await;
    assert_eq!(status, StatusCode::OK);
    let three = challenge(&app, &wanted()).await;
    assert_ne!(shown(&two), shown(&three));
}

#[tokio::test]
async fn a_challenge_that_was_told_twice_has_one_answer() {
    let app = server().await;
    let (one, two) = (
        challenge(&app, &wanted()).await,
        challenge(&app, &wanted()).await,
    );
    let mut device = Device::new();
    let keys = device.answer(&one).unwrap();
    let wrong = (Ck::new([0; 16]), Ik::new([0; 16]));
    for (asked, keys) in [(&one, &wrong), (&two, &keys)] {
        let (status, _) = token(&app, &asked["txn"], &confirm(asked, keys, AUDIENCE)).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
    // whoever holds the SIM is asked anew
    let three = challenge(&app, &wanted()).await;
    let keys = device.answer(&three).unwrap();
    let (status, _) = token(&app, &three["txn"], &confirm(&three, &keys, AUDIENCE)).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn a_sim_has_a_budget_and_others_are_unaffected() {
    let app = server().await;
    let mut device = Device::new();
    for _ in 0..10 {
        let asked = challenge(&app, &wanted()).await;
        let keys = device.answer(&asked).unwrap();
        let (status, _) = token(&app, &asked["txn"], &confirm(&asked, &keys, AUDIENCE)).await;
        assert_eq!(status, StatusCode::OK);
    }
    let (status, answer) = post(&app, "/endorse/v1/challenge", &wanted()).await;
    assert_eq!(
        (status, text(&answer, "code")),
        (StatusCode::TOO_MANY_REQUESTS, "too_often")
    );
    challenge(&app, &json!({"imsi": "001010000000009", "aud": AUDIENCE})).await;
}

#[tokio::test]
async fn a_flood_for_one_sim_costs_one_number_and_then_its_budget() {
    let app = server().await;
    let first = challenge(&app, &wanted()).await;
    for _ in 1..60 {
        let again = challenge(&app, &wanted()).await;
        assert_eq!(again["autn"], first["autn"]);
    }
    let (status, answer) = post(&app, "/endorse/v1/challenge", &wanted()).await;
    assert_eq!(
        (status, text(&answer, "code")),
        (StatusCode::TOO_MANY_REQUESTS, "too_often")
    );
    challenge(&app, &json!({"imsi": "001010000000009", "aud": AUDIENCE})).await;
}

#[tokio::test]
async fn a_card_that_is_ahead_is_followed() {
    let app = server().await;
    let mut device = Device::new();
    let stale = challenge(&app, &wanted()).await;
    device.answer(&stale).unwrap();
    // The card has taken this number already; its answer was lost on the way.
    let auts = device.answer(&stale).unwrap_err();
    let body = json!({"txn": stale["txn"], "auts": format!("{:x}", auts.hex())});
    let (status, again) = post(&app, "/endorse/v1/token", &body).await;
    assert_eq!(status, StatusCode::OK, "{again}");
    let keys = device.answer(&again).unwrap();
    let (status, _) = token(&app, &again["txn"], &confirm(&again, &keys, AUDIENCE)).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn an_auts_on_another_challenge_is_refused() {
    let app = server().await;
    let asked = challenge(&app, &wanted()).await;
    let milenage = Milenage::new(&K.parse().unwrap(), &OPC.parse().unwrap());
    let auts = milenage.auts(&Rand::new([9; 16]), aka::Sqn::new(1 << 20).unwrap());
    let body = json!({"txn": asked["txn"], "auts": format!("{:x}", auts.hex())});
    let (status, answer) = post(&app, "/endorse/v1/token", &body).await;
    assert_eq!(
        (status, text(&answer, "code")),
        (StatusCode::UNAUTHORIZED, "not_proven")
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_told() {
    let app = server().await;
    for (body, code) in [
        (json!({"imsi": "x", "aud": AUDIENCE}), "bad_request"),
        (json!({"imsi": IMSI}), "bad_request"),
        (
            json!({"imsi": IMSI, "aud": AUDIENCE, "x": 1}),
            "bad_request",
        ),
        (
            json!({"imsi": IMSI, "aud": AUDIENCE, "jkt": "x"}),
            "bad_request",
        ),
        (
            json!({"imsi": IMSI, "aud": "https://other.example"}),
            "invalid_target",
        ),
    ] {
        let (status, answer) = post(&app, "/endorse/v1/challenge", &body).await;
        assert_eq!(
            (status, text(&answer, "code")),
            (StatusCode::BAD_REQUEST, code),
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_token_that_would_be_too_long_is_refused_before_the_sim_is_asked() {
    let app = server().await;
    let first = challenge(&app, &wanted()).await;
    let asks = async |length: usize| {
        // each of these octets takes six in JSON
        let long = "\u{1}".repeat(length);
        let body = json!({"imsi": IMSI, "aud": AUDIENCE, "requestParameters": {"long": long}});
        post(&app, "/endorse/v1/challenge", &body).await
    };
    let (status, answer) = asks(1400).await;
    let refused = (status, text(&answer, "code"));
    assert_eq!(refused, (StatusCode::BAD_REQUEST, "too_long"));
    assert_eq!(challenge(&app, &wanted()).await["rand"], first["rand"]);

    // the longest that is asked for comes to a token
    let (mut fits, mut refused) = (0, 1400);
    let mut asked = Value::Null;
    while refused - fits > 1 {
        let middle = usize::midpoint(fits, refused);
        match asks(middle).await {
            (StatusCode::OK, answer) => (fits, asked) = (middle, answer),
            _ => refused = middle,
        }
    }
    let keys = Device::new().answer(&asked).unwrap();
    let long = [("long".to_owned(), "\u{1}".repeat(fits))];
    let parameters = RequestParameters::collect(long).unwrap();
    let confirmed = confirm_with(&asked, &keys, AUDIENCE, &parameters);
    let (status, answer) = token(&app, &asked["txn"], &confirmed).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let length = text(&answer, "token").len();
    assert!((8150..=8192).contains(&length), "{length}");
}

#[tokio::test]
async fn a_sim_that_was_proven_asks_again_under_a_pseudonym() {
    let (app, mut device) = (server().await, Device::new());
    let mut body = wanted();
    for _ in 0..3 {
        let asked = challenge(&app, &body).await;
        let keys = device.answer(&asked).unwrap();
        let (_, answer) = token(&app, &asked["txn"], &confirm(&asked, &keys, AUDIENCE)).await;
        assert!(!answer["pseudonym"].to_string().contains(IMSI), "{answer}");
        assert_ne!(answer["pseudonym"], body["pseudonym"]);
        body = json!({"pseudonym": answer["pseudonym"], "aud": AUDIENCE});
    }
    let pseudonym = &body["pseudonym"];
    for wrong in [
        json!({"aud": AUDIENCE}),
        json!({"aud": AUDIENCE, "imsi": IMSI, "pseudonym": pseudonym}),
        json!({"aud": AUDIENCE, "pseudonym": IMSI}),
        json!({"aud": AUDIENCE, "pseudonym": format!("{}A", text(&body, "pseudonym"))}),
    ] {
        let (status, answer) = post(&app, "/endorse/v1/challenge", &wrong).await;
        let refused = (status, text(&answer, "code"));
        assert_eq!(refused, (StatusCode::BAD_REQUEST, "bad_request"), "{wrong}");
    }
}
