//! What a request says of the server's own address counts for nothing.

use axum::body::Body;
use axum::http::{Request, header};

use super::client::{Client, said, signed_in};
use crate::browser::Browser;
use crate::world::{ORIGIN, World};

const EVIL: &str = "evil.example";
const FIELDS: [(&str, &str); 6] = [
    ("host", EVIL),
    ("x-forwarded-host", EVIL),
    ("x-forwarded-proto", "https"),
    ("x-forwarded-for", "127.0.0.1"),
    ("x-original-url", "/evil.example"),
    ("forwarded", "host=evil.example;proto=https"),
];

#[tokio::test]
async fn no_header_field_moves_the_issuer_or_an_endpoint() {
    let world = World::new().await;
    for path in [
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/device",
        "/logout",
    ] {
        let mut request = Request::get(path);
        for (name, value) in FIELDS {
            request = request.header(name, value);
        }
        let answer = world.send(request.body(Body::empty()).unwrap()).await;
        assert!(!answer.text.contains(EVIL), "{path}: {}", answer.text);
    }
}

#[tokio::test]
async fn no_header_field_moves_what_a_device_or_a_client_is_told() {
    let world = World::new().await;
    let client = Client::with(&world, "rp", |client| {
        client
            .client
            .flows
            .push(passkey_idp::oauth::Flow::DeviceCode);
    })
    .await;
    let begun = client
        .post_with("/device_authorization", "scope=openid", &FIELDS)
        .await;
    let address = begun.json()["verification_uri"].clone();
    assert_eq!(address, format!("{ORIGIN}/device"), "{}", begun.text);

    let mut passkey = world.user().await;
    let back = signed_in(&mut Browser::new(&world), &client.asks(&[]), &mut passkey).await;
    assert_eq!(said(&back, "iss").as_deref(), Some(ORIGIN));
    let request = Request::get(client.asks(&["prompt=none"])).header(header::HOST, EVIL);
    let refused = world.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(said(&refused, "iss").as_deref(), Some(ORIGIN));
    assert!(refused.location.starts_with("https://rp.example/cb?"));
}
