//! `/`: tokens in SORACOM's format, and the pages for people.

use axum::http::{Request, StatusCode};
use endorse::{Endorsement, Verifier, dpop};
use serde_json::{Value, json};
use strict_jws::{Algorithm, SigningKey, SystemRandom, base64};

use crate::device::Device;
use crate::world::{
    AUDIENCE, Answer, IMSI, ORIGIN, REDIRECT, World, dialects, encoded, form_request, present,
    source,
};

async fn asked(world: &World, path: &str, token: &str) -> Answer {
    let request = Request::get(path).header("authorization", format!("Bearer {token}"));
    world.send(request, "").await
}

async fn verified(world: &World, token: &str) -> Endorsement {
    let verifier = Verifier::soracom(
        ORIGIN.parse().unwrap(),
        "endorse-audience".parse().unwrap(),
        "soracom-endorse".parse().unwrap(),
        world.keys().await,
    );
    verifier.verify(token, present()).unwrap()
}

async fn page(world: &World, path: &str) -> Answer {
    let request = Request::get(path).header("accept", "text/html,*/*;q=0.8");
    world.send(request, "").await
}

fn keys(object: &Value) -> Vec<&str> {
    object
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

/// What stands in the answer's form under a name.
fn field(answer: &Answer, name: &str) -> String {
    let (_, rest) = answer
        .text
        .split_once(&format!("name=\"{name}\" value=\""))
        .unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_native_token_gets_one_in_soracoms_format_word_for_word() {
    let (world, mut device) = (World::new().await, Device::new());
    let home = device.token(&world, ORIGIN, None).await;
    let answer = asked(&world, "/?site=roof&floor=7", &home).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let token = answer.member("token");
    let parts: Vec<Vec<u8>> = token
        .split('.')
        .map(|part| base64::decode(part.as_bytes()).unwrap())
        .collect();
    let header: Value = serde_json::from_slice(&parts[0]).unwrap();
    let names: Vec<&str> = keys(&header);
    assert_eq!(
        (names, &header["alg"]),
        (vec!["kid", "alg"], &json!("RS256"))
    );
    let claims: Value = serde_json::from_slice(&parts[1]).unwrap();
    let names = keys(&claims);
    let expected = [
        "iss",
        "aud",
        "exp",
        "jti",
        "iat",
        "nbf",
        "sub",
        "soracom-endorse-claim",
    ];
    assert_eq!(names, expected);
    let claim = json!({"imsi": IMSI, "requestParameters": {"floor": "7", "site": "roof"}});
    assert_eq!(claims["soracom-endorse-claim"], claim);
    let endorsement = verified(&world, &token).await;
    assert_eq!(
        endorsement.expires.seconds() - endorsement.issued.seconds(),
        600
    );
    let pem = world
        .get(&format!("/keys/{}", header["kid"].as_str().unwrap()))
        .await;
    assert!(pem.text.starts_with("-----BEGIN PUBLIC KEY-----"));
}

#[tokio::test]
async fn parameters_in_json_land_as_strings() {
    let (world, mut device) = (World::new().await, Device::new());
    let home = device.token(&world, ORIGIN, None).await;
    let request = Request::post("/")
        .header("content-type", "application/json")
        .header("authorization", home);
    let answer = world.send(request, r#"{"site":"roof","floor":7}"#).await;
    let endorsement = verified(&world, &answer.member("token")).await;
    let parameters = &endorsement.sim().request_parameters;
    assert_eq!(
        (parameters.get("site"), parameters.get("floor")),
        (Some("roof"), Some("7"))
    );
}

#[tokio::test]
async fn a_token_is_taken_once_and_only_if_it_is_for_the_server() {
    let (world, mut device) = (World::new().await, Device::new());
    let home = device.token(&world, ORIGIN, None).await;
    assert_eq!(asked(&world, "/", &home).await.status, StatusCode::OK);
    let refused = (401, "invalid_token".to_owned());
    assert_eq!(asked(&world, "/", &home).await.problem(), refused);
    let other = device.token(&world, AUDIENCE, None).await;
    assert_eq!(asked(&world, "/", &other).await.problem(), refused);
    let nothing = world.get("/").await;
    assert_eq!(nothing.problem(), refused);
    assert_eq!(nothing.headers["www-authenticate"], "Bearer");
}

#[tokio::test]
async fn a_bound_token_needs_a_proof_of_its_key() {
    let (world, mut device) = (World::new().await, Device::new());
    let pem = SigningKey::generate_pem(Algorithm::Es256, &SystemRandom::new()).unwrap();
    let key = SigningKey::from_pem(&pem, &SystemRandom::new()).unwrap();
    let home = device
        .token(&world, ORIGIN, Some(&key.public().thumbprint()))
        .await;
    assert_eq!(asked(&world, "/", &home).await.problem().0, 401);
    let uri = format!("{ORIGIN}/");
    let proof = dpop::prove(&key, &home, ("GET", &uri), present(), &SystemRandom::new()).unwrap();
    let request = Request::get("/").header("authorization", format!("DPoP {home}"));
    let answer = world.send(request.header("dpop", proof), "").await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

#[tokio::test]
async fn a_program_is_sent_on_with_a_form_to_exactly_the_allowed_url() {
    let (world, mut device) = (World::new().await, Device::new());
    let home = device.token(&world, ORIGIN, None).await;
    for evil in [
        "https://evil.example/",
        "https://app.example/callback/",
        "https://app.example.evil.example/callback",
    ] {
        let path = format!("/?{}", encoded(&[("redirect_url", evil)]));
        let refused = asked(&world, &path, &home).await;
        assert_eq!(refused.problem(), (400, "bad_request".to_owned()), "{evil}");
        assert!(!refused.text.contains("evil"), "{refused:?}");
        assert_eq!(page(&world, &path).await.status, StatusCode::BAD_REQUEST);
    }
    let path = format!(
        "/?{}",
        encoded(&[("redirect_url", REDIRECT), ("state", "xyz")])
    );
    let answer = asked(&world, &path, &home).await;
    assert!(
        answer
            .text
            .contains(&format!("<form method=\"post\" action=\"{REDIRECT}\">"))
    );
    let policy = answer.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("form-action https://app.example;"),
        "{policy}"
    );
    let endorsement = verified(&world, &field(&answer, "soracom_endorse_token")).await;
    assert_eq!(
        endorsement.sim().request_parameters.get("state"),
        Some("xyz")
    );
}

#[tokio::test]
async fn a_person_logs_in_with_a_token_once() {
    let (world, mut device) = (World::new().await, Device::new());
    let query = encoded(&[("redirect_url", REDIRECT), ("state", "a\"><b>")]);
    let login = page(&world, &format!("/?{query}")).await;
    assert_eq!(login.status, StatusCode::OK);
    assert!(
        login.text.contains("value=\"a&quot;&gt;&lt;b&gt;\""),
        "{}",
        login.text
    );
    let home = device.token(&world, ORIGIN, None).await;
    let form = [
        ("redirect_url", REDIRECT),
        ("state", "a\"><b>"),
        ("endorse_token", &format!(" {home}\n")),
    ];
    let carried = world.form("/", &form).await;
    let endorsement = verified(&world, &field(&carried, "soracom_endorse_token")).await;
    assert_eq!(
        endorsement.sim().request_parameters.get("state"),
        Some("a\"><b>")
    );
    assert_eq!(endorsement.sim().request_parameters.len(), 1);
    let again = world.form("/", &form).await;
    assert!(again.text.contains("role=\"alert\"") && again.text.contains("endorse_token"));
}

#[tokio::test]
async fn a_page_elsewhere_logs_nobody_in() {
    let world = World::new().await;
    let form = encoded(&[("redirect_url", REDIRECT), ("endorse_token", "x")]);
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let request = form_request("/")
            .header("host", "endorse.example")
            .header(name, value);
        let refused = world.send(request, form.clone()).await;
        assert_eq!(
            refused.problem(),
            (403, "foreign_origin".to_owned()),
            "{name}"
        );
    }
    let missing = world.form("/", &[("endorse_token", "x")]).await;
    assert_eq!(missing.problem(), (400, "bad_request".to_owned()));
}

#[tokio::test]
async fn pages_of_the_operators_origin_may_ask() {
    let world = World::new().await;
    let preflight = world
        .send(
            Request::options("/").header("origin", "https://app.example"),
            "",
        )
        .await;
    assert_eq!(preflight.status, StatusCode::NO_CONTENT);
    for answer in [preflight, world.get("/").await] {
        assert_eq!(
            answer.headers["access-control-allow-origin"],
            "https://app.example"
        );
    }
}

#[tokio::test]
async fn what_is_switched_off_is_not_offered() {
    let mut dialects = dialects();
    dialects.soracom = "{}".parse().unwrap();
    let world = World::with(dialects, source()).await;
    let home = Device::new().token(&world, ORIGIN, None).await;
    let answer = asked(&world, "/", &home).await;
    assert_eq!(answer.problem(), (404, "not_offered".to_owned()));
    assert!(answer.headers.get("access-control-allow-origin").is_none());
    let redirect = page(
        &world,
        &format!("/?{}", encoded(&[("redirect_url", REDIRECT)])),
    )
    .await;
    assert_eq!(redirect.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn people_see_a_page_under_a_strict_policy() {
    let world = World::new().await;
    let home = page(&world, "/").await;
    assert!(
        home.headers["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    assert!(home.text.contains(&format!(
        "usimctl endorse --server {ORIGIN} --aud {AUDIENCE}"
    )));
    let policy = home.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'nonce-"),
        "{policy}"
    );
    assert!(policy.contains("form-action 'none'; base-uri 'none'; frame-ancestors 'none'"));
    let again = page(&world, "/").await;
    assert_ne!(again.headers["content-security-policy"], policy);
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_told() {
    let world = World::new().await;
    let bad = (400, "bad_request".to_owned());
    assert_eq!(world.get("/?a=%zz").await.problem(), bad);
    for (kind, body) in [
        ("text/plain", "{}"),
        ("application/json", "[]"),
        ("application/json", "{"),
    ] {
        let request = Request::post("/").header("content-type", kind);
        assert_eq!(
            world.send(request, body).await.problem(),
            bad,
            "{kind} {body}"
        );
    }
}

#[tokio::test]
async fn a_look_at_the_head_uses_no_token_up() {
    let world = World::new().await;
    let token = Device::new().token(&world, ORIGIN, None).await;
    let bearer = format!("Bearer {token}");
    for path in ["/", "/?site=roof", "/ts43"] {
        let request = Request::head(path).header("authorization", &bearer);
        let answer = world.send(request, "").await;
        assert_eq!(answer.text, "", "{path}");
    }
    let again = format!("/ts43?token={token}&operation=AcquireTemporaryToken&app=ap2009");
    let head = world.send(Request::head(again), "").await;
    assert_eq!(head.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(asked(&world, "/", &token).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_token_too_long_for_the_format_uses_none_up() {
    let world = World::new().await;
    let token = Device::new().token(&world, ORIGIN, None).await;
    // each of these octets takes six in JSON
    let long = "%01".repeat(1400);
    let refused = asked(&world, &format!("/?long={long}"), &token).await;
    assert_eq!(refused.problem(), (400, "too_long".to_owned()));
    assert_eq!(asked(&world, "/", &token).await.status, StatusCode::OK);
}
