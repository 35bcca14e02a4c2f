//! The description in OpenAPI.

use std::fs;

use crate::world::World;

/// Where it stands for people; `UPDATE_OPENAPI=1` writes it anew.
const FILE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../docs/openapi/endorse-server.json"
);

#[tokio::test]
async fn the_published_description_is_the_servers() {
    let served = World::new().await.get("/openapi.json").await.value();
    let served = format!("{}\n", serde_json::to_string_pretty(&served).unwrap());
    if option_env!("UPDATE_OPENAPI").is_some() {
        fs::write(FILE, &served).unwrap();
    }
    assert_eq!(fs::read_to_string(FILE).unwrap(), served);
}

#[tokio::test]
async fn every_route_is_described() {
    let description = World::new().await.get("/openapi.json").await.value();
    assert_eq!(description["openapi"], "3.1.0");
    let paths: Vec<_> = description["paths"].as_object().unwrap().keys().collect();
    assert_eq!(
        paths,
        [
            "/",
            "/.well-known/endorse-configuration",
            "/.well-known/jwks.json",
            "/endorse/v1/challenge",
            "/endorse/v1/token",
            "/keys/{kid}",
            "/oauth/introspect",
            "/oauth/revoke",
            "/oauth/token",
            "/status-lists/{number}",
            "/ts43",
            "/v1/keys",
            "/v1/keys/{keyId}/verify",
            "/v1/provisioning/aws/cognito/open_id_tokens",
            "/v1/provisioning/soracom/air/subscriber_metadata",
            "/v1/provisioning/soracom/inventory/bootstrap",
        ]
    );
}
