//! The description in OpenAPI.

use std::fs;

use axum::body::Body;
use axum::http::{Request, StatusCode};

use crate::world::World;

/// Where it stands for people; `UPDATE_OPENAPI=1` writes it anew.
const FILE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../docs/openapi/passkey-server.json"
);

#[tokio::test]
async fn the_published_description_is_the_servers() {
    let served = World::new().await.get("/openapi.json").await.json();
    assert_eq!(served["openapi"], "3.1.0");
    let served = format!("{}\n", serde_json::to_string_pretty(&served).unwrap());
    if option_env!("UPDATE_OPENAPI").is_some() {
        fs::write(FILE, &served).unwrap();
    }
    assert_eq!(fs::read_to_string(FILE).unwrap(), served);
}

#[tokio::test]
async fn everything_that_is_described_is_there() {
    let world = World::new().await;
    let described = world.get("/openapi.json").await.json();
    let mut count = 0;
    for (path, operations) in described["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            let request = Request::builder().method(method.to_uppercase().as_str());
            let request = request.uri(path.replace(['{', '}'], ""));
            let answer = world.send(request.body(Body::empty()).unwrap()).await;
            assert_ne!(
                answer.status,
                StatusCode::METHOD_NOT_ALLOWED,
                "{method} {path}"
            );
            assert!(!answer.text.contains("<html"), "{method} {path}");
            count += 1;
        }
    }
    assert!(count > 25, "{count}");
}

#[tokio::test]
async fn what_discovery_names_is_described() {
    let world = World::new().await;
    let described = world.get("/openapi.json").await.json();
    let found = world.get("/.well-known/openid-configuration").await.json();
    let pages = ["authorization_endpoint", "end_session_endpoint"];
    let endpoints = found.as_object().unwrap().iter();
    let endpoints = endpoints.filter(|(name, _)| {
        let is_endpoint = name.ends_with("_endpoint") || *name == "jwks_uri";
        is_endpoint && !pages.contains(&name.as_str())
    });
    for (name, address) in endpoints {
        let address = address.as_str().unwrap();
        let path = address.strip_prefix(found["issuer"].as_str().unwrap());
        let path = path.expect("an address of ours");
        assert!(described["paths"].get(path).is_some(), "{name} {path}");
    }
}
