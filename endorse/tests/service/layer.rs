//! The axum layer.

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::{get, post};
use endorse::keys::{Cached, JwksFile};
use endorse::layer::{EndorseLayer, Endorsed};
use endorse::{Refusal, Verifier, dpop};
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use strict_jws::SystemRandom;
use tower::ServiceExt as _;

use crate::keys::{Counted, slow, verifier};
use crate::world::{NOW, World, claims, new_key};

async fn hello(Endorsed(endorsement): Endorsed) -> String {
    format!("hello, {}", endorsement.subject())
}

fn app(layer: EndorseLayer) -> Router {
    let routes = Router::new()
        .route("/", get(hello))
        .route("/upload", post(hello));
    routes.layer(layer.with_clock(|| NOW))
}

fn ask(app: Router, request: Request<Body>) -> Response {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(app.oneshot(request)).unwrap()
}

fn request(fields: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::get("/");
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).unwrap()
}

fn body(response: Response) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let body = runtime.block_on(response.into_body().collect()).unwrap();
    String::from_utf8(body.to_bytes().to_vec()).unwrap()
}

fn refusal(response: &Response) -> Option<Refusal> {
    response.extensions().get::<Refusal>().copied()
}

#[test]
fn a_request_with_a_token_reaches_its_handler() {
    let world = World::new();
    let token = world.token(&claims());
    for value in [format!("Bearer {token}"), format!("bearer {token}"), token] {
        let response = ask(
            app(EndorseLayer::new(world.verifier())),
            request(&[("authorization", &value)]),
        );
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(body(response), "hello, somebody");
    }
}

#[test]
fn a_request_without_a_token_is_told_to_bring_one() {
    let world = World::new();
    for fields in [
        &[][..],
        &[("authorization", "Bearer")],
        &[("authorization", "")],
    ] {
        let response = ask(app(EndorseLayer::new(world.verifier())), request(fields));
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        let challenge = response.headers().get("www-authenticate").unwrap();
        assert!(
            challenge.to_str().unwrap().starts_with("Bearer"),
            "{challenge:?}"
        );
        assert_eq!(body(response), "");
    }
}

#[test]
fn every_refusal_looks_alike_from_outside() {
    let world = World::new();
    let good = world.token(&claims());
    let stranger = World::new().token(&claims());
    let forged = format!("{}AAAA", &good[..good.len() - 4]);
    for (token, reason) in [
        ("x", Refusal::Token(strict_jws::Refusal::Parts)),
        (&stranger, Refusal::Token(strict_jws::Refusal::UnknownKey)),
        (&forged, Refusal::Token(strict_jws::Refusal::Signature)),
    ] {
        let value = format!("Bearer {token}");
        let response = ask(
            app(EndorseLayer::new(world.verifier())),
            request(&[("authorization", &value)]),
        );
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        let challenge = response.headers().get("www-authenticate").unwrap();
        assert_eq!(challenge, "Bearer error=\"invalid_token\"");
        assert_eq!(refusal(&response), Some(reason));
        assert_eq!(body(response), "");
    }
}

#[test]
fn a_slow_source_of_keys_holds_no_request_up() {
    let (world, source) = (World::new(), Counted::default());
    source.publish(&world.signer);
    let (slow, is_loading, lets) = slow(&source);
    let (verifier, token) = (verifier(Cached::new(slow)), world.token(&claims()));
    verifier.refresh(token.as_bytes(), NOW.minus(300)).unwrap();
    let app = app(EndorseLayer::new(verifier));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let value = format!("Bearer {token}");
    let response = runtime.block_on(app.oneshot(request(&[("authorization", &value)])));
    assert_eq!(response.unwrap().status(), StatusCode::OK);
    // the keys are being loaded still
    is_loading.recv().unwrap();
    lets.send(()).unwrap();
}

#[test]
fn two_tokens_are_refused() {
    let world = World::new();
    let value = format!("Bearer {}", world.token(&claims()));
    let fields = [("authorization", value.as_str()), ("authorization", &value)];
    let response = ask(app(EndorseLayer::new(world.verifier())), request(&fields));
    assert_eq!(refusal(&response), Some(Refusal::SeveralTokens));
}

#[test]
fn a_bound_token_passes_with_a_proof_for_the_public_address() {
    let (world, key, random) = (World::new(), new_key(), SystemRandom::new());
    let token = world.token(&claims().with_key(key.public().thumbprint()));
    let prove = |uri| dpop::prove(&key, &token, ("GET", uri), NOW, &random).unwrap();
    let status = |layer: EndorseLayer, proof: &str| {
        let value = format!("DPoP {token}");
        let fields = [("authorization", value.as_str()), ("dpop", proof)];
        ask(app(layer), request(&fields)).status()
    };
    let layer = || EndorseLayer::with_origin(world.verifier(), "https://api.example");
    assert_eq!(
        status(layer(), &prove("https://api.example/")),
        StatusCode::OK
    );
    assert_eq!(
        status(layer(), &prove("https://api.example/x")),
        StatusCode::UNAUTHORIZED
    );
    let without = EndorseLayer::new(world.verifier());
    assert_eq!(
        status(without, &prove("https://api.example/")),
        StatusCode::UNAUTHORIZED
    );
}

#[test]
fn keys_are_fetched_beside_the_runtime() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks.json");
    std::fs::write(&path, world.keys().to_jwks()).unwrap();
    let issuer = "https://endorse.example".parse().unwrap();
    let audience = "https://api.example".parse().unwrap();
    let verifier = Verifier::native(issuer, audience, Cached::new(JwksFile::new(path)));
    let value = format!("Bearer {}", world.token(&claims()));
    let response = ask(
        app(EndorseLayer::new(verifier)),
        request(&[("authorization", &value)]),
    );
    assert_eq!(response.status(), StatusCode::OK);
}

#[test]
fn an_extractor_without_the_layer_is_the_services_own_fault() {
    let response = ask(Router::new().route("/", get(hello)), request(&[]));
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
}
