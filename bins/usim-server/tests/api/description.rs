//! The description in OpenAPI.

use std::fs;

use crate::server::Server;

/// Where it stands for people; `UPDATE_OPENAPI=1` writes it anew.
const FILE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../docs/openapi/usim-server.json"
);

#[tokio::test]
async fn the_published_description_is_the_servers() {
    let served = Server::soft().await.get("/openapi.json").await.json();
    let served = format!("{}\n", serde_json::to_string_pretty(&served).unwrap());
    if option_env!("UPDATE_OPENAPI").is_some() {
        fs::write(FILE, &served).unwrap();
    }
    assert_eq!(fs::read_to_string(FILE).unwrap(), served);
}

#[tokio::test]
async fn every_route_of_the_typed_dialect_is_described() {
    let description = Server::soft().await.get("/openapi.json").await.json();
    assert_eq!(description["openapi"], "3.1.0");
    let paths: Vec<_> = description["paths"].as_object().unwrap().keys().collect();
    assert_eq!(
        paths,
        [
            "/v1/events",
            "/v1/sims",
            "/v1/sims/{id}",
            "/v1/sims/{id}/apdu",
            "/v1/sims/{id}/authenticate",
            "/v1/sims/{id}/channel",
            "/v1/sims/{id}/channel/{lease}",
            "/v1/sims/{id}/gba-naf",
        ]
    );
}
