//! The HTTP interface, called as a router.

use std::sync::Arc;

use aka::{
    Autn, Auts, K, Milenage, Opc, Rand, Sqn, algorithm::CardAlgorithm as _, network::MemoryStore,
};
use auc::{
    Centre, Kept, Subscribers,
    http::{self, App, scope},
};
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use server_kit::{
    audit::Audit,
    browser::Hosts,
    caller::{Caller, Certificates, Guard, Token, Tokens},
    gate::Gate,
    limit::RateLimit,
    observe::Metrics,
};
use tower::ServiceExt as _;

const IMSI: &str = "001010000000001";

struct Server {
    app: Router,
    token: Token,
}

impl Server {
    fn new(scopes: &[&str]) -> Self {
        Self::of_caller(Caller::new("lab", scopes.iter().copied()))
    }

    fn of_caller(caller: Caller) -> Self {
        let text = "imsi,k,opc\n001010000000001,\
            07070707070707070707070707070707,09090909090909090909090909090909\n";
        let subscribers = Subscribers::parse(text).expect("it is a file");
        let store = MemoryStore::new().with(IMSI.parse().expect("digits"), Sqn::ZERO);
        let token = Token::generate("auc").expect("there is randomness");
        let mut tokens = Tokens::default();
        tokens.insert(token.digest(), caller);
        let guard = Guard::new(tokens, Certificates::default());
        let app = http::app(Arc::new(App {
            centre: Arc::new(Centre::new(Kept::new(subscribers, store))),
            gate: Gate::new(guard, Hosts::any(), RateLimit::per_second(0)),
            audit: Audit::off(),
            metrics: Metrics::collect().expect("nobody else collects"),
        }));
        Self { app, token }
    }

    async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        let bearer = format!("Bearer {}", self.token.expose());
        self.post_as(Some(&bearer), path, body).await
    }

    async fn post_as(&self, bearer: Option<&str>, path: &str, body: &Value) -> (StatusCode, Value) {
        let mut request = Request::post(path).header("content-type", "application/json");
        if let Some(bearer) = bearer {
            request = request.header("authorization", bearer);
        }
        let request = request.body(Body::from(body.to_string()));
        let request = request.expect("it is a request");
        let response = self.app.clone().oneshot(request).await;
        let response = response.expect("a router answers");
        let status = response.status();
        assert_eq!(response.headers()["cache-control"], "no-store");
        let body = response.into_body().collect().await;
        let body = body.expect("it arrives").to_bytes();
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }
}

fn milenage() -> Milenage {
    Milenage::new(&K::new([7; 16]), &Opc::new([9; 16]))
}

fn sqn(vector: &Value) -> u64 {
    let text = |name: &str| vector[name].as_str().expect("it is text").to_owned();
    let rand: Rand = text("rand").parse().expect("a RAND");
    let autn: Autn = text("autn").parse().expect("an AUTN");
    let (sqn, mac, expected) = milenage().open_autn(&rand, &autn);
    assert!(mac.verify(autn.mac()));
    assert_eq!(text("xres"), format!("{:x}", expected.res.expose_hex()));
    assert_eq!(text("ck"), format!("{:x}", expected.ck.expose_hex()));
    assert_eq!(text("ik"), format!("{:x}", expected.ik.expose_hex()));
    sqn.get()
}

#[tokio::test]
async fn vectors_come_in_order_and_none_twice() {
    let server = Server::new(scope::ALL);
    let (status, one) = server.post("/v1/vectors", &json!({"imsi": IMSI})).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(sqn(&one["vectors"][0]), 32);
    let request = json!({"imsi": IMSI, "count": 3});
    let (_, three) = server.post("/v1/vectors", &request).await;
    let vectors = three["vectors"].as_array().unwrap();
    let numbers: Vec<_> = vectors.iter().map(sqn).collect();
    assert_eq!(numbers, [64, 96, 128]);
}

#[tokio::test]
async fn a_caller_of_some_subscribers_reaches_no_others() {
    let caller = |only| Caller::new("lab", scope::ALL.iter().copied()).only([only]);
    let own = Server::of_caller(caller(IMSI));
    let (status, _) = own.post("/v1/vectors", &json!({"imsi": IMSI})).await;
    assert_eq!(status, StatusCode::OK);
    // one that nobody has is told like one that is there
    let other = Server::of_caller(caller("001010000000002"));
    for imsi in [IMSI, "001010000000003"] {
        let vectors = json!({"imsi": imsi});
        let resync = json!({"imsi": imsi, "rand": "00".repeat(16), "auts": "00".repeat(14)});
        for (path, request) in [("/v1/vectors", vectors), ("/v1/resync", resync)] {
            let (status, answer) = other.post(path, &request).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{path} {imsi}");
            assert!(answer["vectors"].is_null(), "{path} {imsi}");
        }
    }
}

#[tokio::test]
async fn a_vector_is_for_the_use_that_is_asked_for() {
    let server = Server::new(scope::ALL);
    let request = json!({"imsi": IMSI, "amf": "0000", "ind": 5});
    let (status, one) = server.post("/v1/vectors", &request).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(sqn(&one["vectors"][0]), 32 + 5);
    let autn = one["vectors"][0]["autn"].as_str().unwrap();
    assert_eq!(autn.get(12..16), Some("0000"));
    for (member, value) in [("amf", json!("0")), ("ind", json!(32))] {
        let request = json!({"imsi": IMSI, member: value});
        let (status, _) = server.post("/v1/vectors", &request).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{member}");
    }
}

#[tokio::test]
async fn an_auts_moves_the_numbers_and_a_forged_one_does_not() {
    let server = Server::new(scope::ALL);
    let rand = Rand::new([5; 16]);
    let auts: Auts = milenage().auts(&rand, Sqn::new(3200).unwrap());
    let mut request = json!({
        "imsi": IMSI,
        "rand": format!("{:x}", rand.hex()),
        "auts": format!("{:X}", auts.hex()),
    });
    let (status, answer) = server.post("/v1/resync", &request).await;
    assert_eq!(
        (status, answer),
        (StatusCode::OK, json!({"result": "moved"}))
    );
    let (_, next) = server.post("/v1/vectors", &json!({"imsi": IMSI})).await;
    assert_eq!(sqn(&next["vectors"][0]), 3232);
    let (_, answer) = server.post("/v1/resync", &request).await;
    assert_eq!(answer, json!({"result": "kept"}));
    request["rand"] = "11".repeat(16).into();
    let (status, problem) = server.post("/v1/resync", &request).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(problem["code"], "mac_failure");
}

#[tokio::test]
async fn nobody_gets_keys_without_a_token_and_its_scope() {
    let server = Server::new(&[scope::RESYNC]);
    let request = json!({"imsi": IMSI});
    for bearer in [None, Some("Bearer auc_00"), Some("Basic YTpi")] {
        let (status, _) = server.post_as(bearer, "/v1/vectors", &request).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{bearer:?}");
    }
    let (status, problem) = server.post("/v1/vectors", &request).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(problem.get("vectors").is_none());
}

#[tokio::test]
async fn bad_input_is_named_and_not_repeated() {
    let server = Server::new(scope::ALL);
    let cases = [
        (
            json!({"imsi": "12x456"}),
            "imsi: expected 6 to 15 decimal digits",
        ),
        (
            json!({"imsi": IMSI, "count": 0}),
            "count: expected a number from 1 to 32",
        ),
        (
            json!({"imsi": IMSI, "count": 33}),
            "count: expected a number from 1 to 32",
        ),
        (
            json!({"imsi": IMSI, "k": "07"}),
            "the body is not a JSON object with the members that this takes",
        ),
    ];
    for (request, detail) in cases {
        let (status, problem) = server.post("/v1/vectors", &request).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert_eq!(problem["detail"], detail);
    }
    let stranger = json!({"imsi": "999990000000009"});
    let (status, problem) = server.post("/v1/vectors", &stranger).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(problem["code"], "unknown_subscriber");
}

#[test]
fn the_description_names_all_routes() {
    let description = http::description();
    let paths: Vec<_> = description.paths.paths.keys().map(String::as_str).collect();
    assert_eq!(paths, ["/v1/naf-keys", "/v1/resync", "/v1/vectors"]);
}
