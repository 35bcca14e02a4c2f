//! Who may do what.

use std::fs;

use axum::{
    body::Body,
    http::{Method, Request},
};
use server_kit::{
    audit::Audit,
    caller::{Caller, Certificates, Guard, PeerCertificate, Token, Tokens},
    limit::RateLimit,
    listen::Peer,
};
use usim::transport::TransportKind;
use usim_server::scope;

use crate::{
    cards,
    home::{Centre, RAND},
    server::{Answer, Server, Setup, gate, open},
};

/// A server with these callers, and their tokens in order.
async fn with_callers<const N: usize>(callers: [Caller; N]) -> (Server, [Token; N]) {
    let mut known = Tokens::default();
    let tokens = callers.map(|caller| {
        let token = Token::generate("usim").unwrap();
        known.insert(token.digest(), caller);
        token
    });
    let setup = Setup::new().sim(cards::soft()).await;
    let setup = setup
        .labelled(TransportKind::Soft, Some("lab"), cards::soft())
        .await;
    let server =
        setup.build_with(|app| app.gate = gate(Guard::new(known, Certificates::default()), 0));
    (server, tokens)
}

async fn ask(server: &Server, token: &Token, method: Method, target: &str, body: &str) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(target)
        .header("authorization", format!("Bearer {}", token.expose()))
        .header("content-type", "application/json");
    server
        .send(request.body(Body::from(body.to_owned())).unwrap())
        .await
}

async fn get(server: &Server, token: &Token, target: &str) -> (u16, String) {
    let answer = ask(server, token, Method::GET, target, "").await;
    (answer.status, answer.body)
}

/// One request for each thing that a caller may do, with the scope that it takes.
fn wishes() -> Vec<(Method, String, String, &'static str)> {
    let (centre, apdu) = (Centre::new(), r#"{"apdu":"00a4000c023f00"}"#.to_owned());
    let (get, post, none) = (Method::GET, Method::POST, String::new);
    let lease = r#"{"kind":"channel"}"#.to_owned();
    let path = |text: &str| text.to_owned();
    vec![
        (get.clone(), path("/?type=imsi"), none(), scope::READ),
        (get.clone(), path("/?type=msisdn"), none(), scope::READ),
        (get.clone(), path("/?type=isim"), none(), scope::READ),
        (get.clone(), path("/v1/sims"), none(), scope::READ),
        (get.clone(), path("/v1/sims/0"), none(), scope::READ),
        (
            get.clone(),
            path("/sim-info-api/v1/slot/0"),
            none(),
            scope::READ,
        ),
        (get.clone(), path("/metrics"), none(), scope::READ),
        (get.clone(), centre.challenge(), none(), scope::AUTHENTICATE),
        (
            post.clone(),
            path("/v1/sims/0/authenticate"),
            centre.body(),
            scope::AUTHENTICATE,
        ),
        (
            post.clone(),
            path("/sim-auth-api/v1/slot/0"),
            centre.body(),
            scope::AUTHENTICATE,
        ),
        (
            get,
            path("/?type=apdu&hex=00a4000c023f00"),
            none(),
            scope::APDU,
        ),
        (post.clone(), path("/v1/sims/0/apdu"), apdu, scope::APDU),
        (post, path("/v1/sims/0/channel"), lease, scope::APDU),
    ]
}

#[tokio::test]
async fn a_caller_may_do_what_its_scope_names_and_nothing_else() {
    for granted in scope::ALL {
        let (server, [token]) = with_callers([Caller::new("c", [*granted])]).await;
        for (method, target, body, needed) in wishes() {
            let answer = ask(&server, &token, method, &target, &body).await;
            let expected = if needed == *granted {
                200..300
            } else {
                403..404
            };
            let status = i32::from(answer.status);
            assert!(expected.contains(&status), "{granted} {target}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn without_a_token_everything_but_health_is_401() {
    let (server, _) = with_callers([Caller::new("c", scope::ALL.iter().copied())]).await;
    for (method, target, body, _) in wishes() {
        let request = Request::builder().method(method).uri(&target);
        let request = request.header("content-type", "application/json");
        let answer = server.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(answer.status, 401, "{target}");
        assert_eq!(answer.header("www-authenticate"), "Bearer", "{target}");
    }
    for target in ["/v1/events", "/?type=x", "/"] {
        assert_eq!(server.get(target).await.status, 401, "{target}");
    }
    for target in ["/healthz", "/readyz", "/openapi.json"] {
        assert_eq!(server.get(target).await.status, 200, "{target}");
    }
}

#[tokio::test]
async fn a_wrong_token_is_401_in_every_dialect() {
    let (server, _) = with_callers([Caller::new("c", scope::ALL.iter().copied())]).await;
    let wrong = Token::generate("usim").unwrap();
    let expected = "{\n\t\"error\": true,\n\t\"error_code\": 401,\n\t\"error_msg\": \"unknown credentials\"\n}";
    assert_eq!(
        get(&server, &wrong, "/?type=imsi").await,
        (401, expected.to_owned())
    );
    let (status, body) = get(&server, &wrong, "/v1/sims").await;
    assert_eq!(status, 401);
    assert!(body.contains(r#""code":"unknown_credentials""#), "{body}");
    let (status, body) = get(&server, &wrong, "/sim-info-api/v1/slot/0").await;
    assert_eq!(
        (status, body.as_str()),
        (401, r#"{"error":{"message":"unknown credentials"}}"#)
    );
}

#[tokio::test]
async fn a_caller_bound_to_a_sim_sees_and_reaches_that_one_only() {
    for name in ["lab", "soft:1", "1"] {
        let bound = Caller::new("c", scope::ALL.iter().copied()).only([name]);
        let (server, [token]) = with_callers([bound]).await;
        let (_, list) = get(&server, &token, "/v1/sims").await;
        let list: serde_json::Value = serde_json::from_str(&list).unwrap();
        let seen: Vec<_> = list["sims"].as_array().unwrap().iter().collect();
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0]["name"], "soft:1");
        assert_eq!(get(&server, &token, "/?type=imsi").await.0, 200);
        assert_eq!(get(&server, &token, "/?type=imsi&sim=lab").await.0, 200);
        assert_eq!(get(&server, &token, "/?type=imsi&sim=0").await.0, 403);
        assert_eq!(get(&server, &token, "/v1/sims/soft:0").await.0, 403);
        assert_eq!(get(&server, &token, "/sim-info-api/v1/slot/0").await.0, 403);
    }
}

#[tokio::test]
async fn a_client_certificate_is_as_good_as_a_token() {
    let certificate = PeerCertificate::from_der(b"a certificate that TLS has verified");
    let mut known = Certificates::default();
    known.insert_fingerprint(certificate.fingerprint(), Caller::new("c", [scope::READ]));
    let setup = Setup::new().sim(cards::soft()).await;
    let server = setup.build_with(|app| app.gate = gate(Guard::new(Tokens::default(), known), 0));
    let peer = Peer::unix().with_certificate(certificate);
    let request = Request::get("/?type=imsi").extension(peer);
    assert_eq!(
        server
            .send(request.body(Body::empty()).unwrap())
            .await
            .status,
        200
    );
    let stranger = Peer::unix().with_certificate(PeerCertificate::from_der(b"another"));
    let request = Request::get("/?type=imsi").extension(stranger);
    assert_eq!(
        server
            .send(request.body(Body::empty()).unwrap())
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn a_caller_that_asks_too_often_is_told_when_to_come_back() {
    let setup = Setup::new().sim(cards::soft()).await;
    let server = setup.build_with(|app| app.gate = gate(open(scope::ALL), 1));
    assert_eq!(server.get("/?type=imsi").await.status, 200);
    assert_eq!(server.get("/?type=imsi").await.status, 200);
    let answer = server.get("/?type=imsi").await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, "1"));
}

#[tokio::test]
async fn a_sim_that_is_asked_too_often_does_not_hold_up_another() {
    let setup = Setup::new()
        .sim(cards::soft())
        .await
        .sim(cards::soft())
        .await;
    let server = setup.build_with(|app| app.per_sim = RateLimit::per_second(1));
    let mut last = 200;
    for _ in 0..3 {
        last = server.get("/?type=imsi&sim=0").await.status;
    }
    assert_eq!(last, 429);
    assert_eq!(server.get("/?type=imsi&sim=1").await.status, 200);
}

#[tokio::test]
async fn the_audit_trail_tells_who_did_what_and_holds_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let setup = Setup::new().sim(cards::soft()).await;
    let server = setup.build_with(|app| {
        app.audit = Audit::file(&path).unwrap();
        app.gate = gate(open(&[scope::READ, scope::AUTHENTICATE]), 0);
    });
    let challenge = Centre::new().challenge();
    server.get(&challenge).await;
    server.get(&challenge).await;
    server.get("/?type=apdu&hex=00a4000c023f00").await;
    let named = "/?type=apdu&hex=00a4000c023f00&sim=";
    server.get(&format!("{named}8900101000000000019")).await;
    server.get(&format!("{named}001010000000001")).await;
    server.get("/?type=apdu&hex=0020000108").await;
    let lease = r#"{"kind":"exclusive"}"#;
    server.post("/v1/sims/0/channel", lease).await;
    server.get("/?type=imsi").await;
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let told: Vec<_> = lines
        .iter()
        .map(|line| {
            let told = ["caller", "resource", "action", "outcome"].map(|key| &line[key]);
            told.map(|value| value.as_str().unwrap()).join(" ")
        })
        .collect();
    assert_eq!(
        told,
        [
            "anonymous soft:0 authenticate success",
            "anonymous soft:0 authenticate synchronisation_failure",
            "anonymous * apdu scope_missing",
            "anonymous soft:0 apdu scope_missing",
            "anonymous * apdu scope_missing",
            "anonymous * apdu scope_missing",
            "anonymous soft:0 lease scope_missing",
        ]
    );
    assert!(!text.contains(RAND) && !text.contains("00101"), "{text}");
}
