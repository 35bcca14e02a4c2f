//! Tokens that are bound to a key, and the proofs of it (RFC 9449).

use endorse::{UnixTime, dpop};
use strict_jws::{Algorithm, SigningKey, SystemRandom};

use crate::{
    forge::{NATIVE, NOW, server_of, signing_key},
    server::{Answer, Server},
};

const URL: &str = "http://sim.example/v1/sims";

struct Device {
    key: SigningKey,
    token: String,
}

impl Device {
    /// A device with a token that is bound to its key.
    fn new() -> Self {
        let key = key();
        let jkt = key.public().thumbprint();
        let token = NATIVE.and(&format!(r#""cnf":{{"jkt":"{jkt}"}}"#));
        Self { key, token }
    }

    fn proof(&self, method: &str, url: &str) -> String {
        proof(&self.key, &self.token, (method, url), NOW)
    }
}

fn key() -> SigningKey {
    signing_key(&SigningKey::generate_pem(Algorithm::Es256, &SystemRandom::new()).unwrap())
}

fn proof(key: &SigningKey, token: &str, request: (&str, &str), now: u64) -> String {
    let now = UnixTime::from_seconds(now);
    dpop::prove(key, token, request, now, &SystemRandom::new()).unwrap()
}

async fn ask(server: &Server, token: &str, proofs: &[&str]) -> Answer {
    let field = format!("DPoP {token}");
    let mut headers = vec![("host", "sim.example"), ("authorization", field.as_str())];
    headers.extend(proofs.iter().map(|proof| ("dpop", *proof)));
    server.get_with("/v1/sims?x=1", &headers).await
}

fn expect_refused(answer: &Answer, why: &str) {
    let told = (answer.status, answer.header("www-authenticate"));
    let challenge = "DPoP error=\"invalid_token\", algs=\"ES256 EdDSA\"";
    assert_eq!(told, (401, challenge), "{why}");
}

#[tokio::test]
async fn a_proof_opens_once() {
    let (server, device) = (server_of(&NATIVE, |settings| settings), Device::new());
    let proof = device.proof("GET", URL);
    assert_eq!(ask(&server, &device.token, &[&proof]).await.status, 200);
    expect_refused(&ask(&server, &device.token, &[&proof]).await, "again");
    let another = device.proof("GET", URL);
    assert_eq!(ask(&server, &device.token, &[&another]).await.status, 200);
}

#[tokio::test]
async fn a_token_that_is_bound_is_worth_nothing_alone_or_with_anything_else() {
    let (server, device) = (server_of(&NATIVE, |settings| settings), Device::new());
    let good = device.proof("GET", URL);
    for (why, proofs) in [
        ("no proof", vec![]),
        ("two proofs", vec![good.clone(), device.proof("GET", URL)]),
        ("method", vec![device.proof("POST", URL)]),
        (
            "path",
            vec![device.proof("GET", "http://sim.example/v1/events")],
        ),
        (
            "host",
            vec![device.proof("GET", "http://evil.example/v1/sims")],
        ),
        (
            "scheme",
            vec![device.proof("GET", "https://sim.example/v1/sims")],
        ),
        ("key", vec![proof(&key(), &device.token, ("GET", URL), NOW)]),
        (
            "token",
            vec![proof(&device.key, &NATIVE.good(), ("GET", URL), NOW)],
        ),
        (
            "old",
            vec![proof(&device.key, &device.token, ("GET", URL), NOW - 61)],
        ),
        (
            "future",
            vec![proof(&device.key, &device.token, ("GET", URL), NOW + 6)],
        ),
        ("no JWT", vec!["x".to_owned()]),
        ("the token itself", vec![device.token.clone()]),
    ] {
        let proofs: Vec<&str> = proofs.iter().map(String::as_str).collect();
        expect_refused(&ask(&server, &device.token, &proofs).await, why);
    }
    let field = format!("Bearer {}", device.token);
    let headers = [("authorization", field.as_str()), ("dpop", &good)];
    let bearer = server.get_with("/v1/sims", &headers).await;
    assert_eq!(bearer.status, 401);
}

#[tokio::test]
async fn an_issuer_of_bound_tokens_only_has_no_others_taken() {
    let server = server_of(&NATIVE, |settings| {
        settings.replace(" }", ", bound = true }")
    });
    let field = format!("Bearer {}", NATIVE.good());
    let bearer = server
        .get_with("/v1/sims", &[("authorization", &field)])
        .await;
    assert_eq!(bearer.status, 401);
    let device = Device::new();
    let proof = device.proof("GET", URL);
    assert_eq!(ask(&server, &device.token, &[&proof]).await.status, 200);
}
