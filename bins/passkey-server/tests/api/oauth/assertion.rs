//! Clients that sign who they are (`private_key_jwt`, RFC 7523).

use passkey_idp::oauth::TokenEndpointAuth;
use passkey_server::state::now;
use serde_json::{Value, json};
use strict_jws::{Algorithm, KeySet, Signer, SigningKey, SystemRandom, base64};

use super::client::{Client, post};
use crate::world::{Answer, ORIGIN, World};

/// A client with a key.
struct Setting<'w> {
    world: &'w World,
    signer: Signer,
}

impl<'w> Setting<'w> {
    async fn new(world: &'w World) -> Self {
        let signer = signer();
        let mut keys = KeySet::new();
        keys.insert_certifying(signer.public().clone())
            .expect("one key");
        Client::with(world, "keyed", |keyed| {
            keyed.client.auth = TokenEndpointAuth::PrivateKeyJwt;
            keyed.client.jwks = Some(keys.to_jwks());
        })
        .await;
        Self { world, signer }
    }

    fn sign(&self, claims: &Value) -> String {
        signed(&self.signer, claims)
    }

    async fn show(&self, assertion: &str) -> Answer {
        let form = format!(
            "token=any&client_assertion={assertion}&client_assertion_type=\
             urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        );
        post(self.world, "/introspect", &form, &[]).await
    }
}

fn signer() -> Signer {
    let random = SystemRandom::new();
    let pem = SigningKey::generate_pem(Algorithm::Es256, &random).expect("a key");
    Signer::certifying(SigningKey::from_pem(&pem, &random).expect("a key"))
}

fn signed(signer: &Signer, claims: &Value) -> String {
    let text = claims.to_string();
    let token = signer.sign(Some("JWT"), text.as_bytes(), &SystemRandom::new());
    token.expect("a token")
}

/// Good claims, with `changes` made to them.
fn claims(changes: &Value) -> Value {
    let mut claims = json!({
        "iss": "keyed", "sub": "keyed", "aud": ORIGIN, "jti": "once",
        "exp": now().unix_seconds() + 60,
    });
    let members = claims.as_object_mut().expect("an object");
    members.extend(changes.as_object().expect("an object").clone());
    claims
}

#[tokio::test]
async fn an_assertion_is_good_once() {
    let world = World::new().await;
    let setting = Setting::new(&world).await;
    let assertion = setting.sign(&claims(&json!({})));
    assert_eq!(setting.show(&assertion).await.status, 200);
    assert_eq!(setting.show(&assertion).await.status, 401);
    let again = setting.sign(&claims(&json!({ "aud": [ORIGIN] })));
    assert_eq!(setting.show(&again).await.status, 401, "its name was used");
}

#[tokio::test]
async fn of_64_requests_with_one_assertion_one_gets_through() {
    let world = World::new().await;
    let setting = Setting::new(&world).await;
    let assertion = setting.sign(&claims(&json!({})));
    let mut shown = Vec::new();
    for _ in 0..64 {
        shown.push(setting.show(&assertion));
    }
    let mut through = 0;
    for shown in shown {
        through += u32::from(shown.await.status == 200);
    }
    assert_eq!(through, 1);
}

#[tokio::test]
async fn an_assertion_for_somebody_else_by_somebody_else_or_at_another_time_is_refused() {
    let world = World::new().await;
    let setting = Setting::new(&world).await;
    let seconds = now().unix_seconds();
    for changes in [
        json!({ "aud": "https://other.example" }),
        json!({ "aud": ["https://other.example"] }),
        json!({ "aud": null }),
        json!({ "iss": "rp" }),
        json!({ "sub": "rp" }),
        json!({ "exp": seconds - 1 }),
        json!({ "exp": seconds + 3600 }),
        json!({ "exp": "soon" }),
        json!({ "nbf": seconds + 60 }),
        json!({ "jti": "" }),
        json!({ "jti": null }),
    ] {
        let refused = setting.show(&setting.sign(&claims(&changes))).await;
        assert_eq!(refused.status, 401, "{changes}");
        assert_eq!(refused.json()["error"], "invalid_client", "{changes}");
    }
    let foreign = signed(&signer(), &claims(&json!({})));
    assert_eq!(setting.show(&foreign).await.status, 401);
}

#[tokio::test]
async fn an_assertion_names_no_algorithm_but_that_of_its_key() {
    let world = World::new().await;
    let setting = Setting::new(&world).await;
    let assertion = setting.sign(&claims(&json!({})));
    let parts: Vec<_> = assertion.split('.').collect();
    let name = setting.signer.key_id();
    for header in [
        json!({ "alg": "none" }),
        json!({ "alg": "none", "typ": "JWT", "kid": name.as_str() }),
        json!({ "alg": "HS256", "typ": "JWT", "kid": name.as_str() }),
        json!({ "alg": "RS256", "typ": "JWT", "kid": name.as_str() }),
        json!({ "alg": "ES256", "typ": "at+jwt", "kid": name.as_str() }),
        json!({ "alg": "ES256", "typ": "JWT" }),
    ] {
        let head = base64::encode(header.to_string().as_bytes());
        for signature in [parts[2], ""] {
            let forged = format!("{head}.{}.{signature}", parts[1]);
            assert_eq!(setting.show(&forged).await.status, 401, "{header}");
        }
    }
    assert_eq!(
        setting.show(&assertion).await.status,
        200,
        "nothing of that has used it up"
    );
}
