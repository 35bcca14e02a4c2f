//! What users do with their own keys by the word of an issuer, and what is known of models.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use passkey_idp::id::UserId;
use passkey_idp::webauthn::{Quirks, TestAuthenticator};
use passkey_server::state::{now, scope};
use serde_json::{Value, json};
use server_kit::browser::Hosts;
use server_kit::caller::{Authenticator, Guard, TokenIssuer};
use server_kit::gate::Gate;
use server_kit::limit::RateLimit;
use strict_jws::{Algorithm, KeySet, Signer, SigningKey, SystemRandom};

use crate::world::{Answer, World};

/// An issuer whose tokens an instance takes for users' keys.
struct Issuer {
    world: World,
    signer: Signer,
    _keys: tempfile::TempDir,
}

fn signer() -> Signer {
    let random = SystemRandom::new();
    let pem = SigningKey::generate_pem(Algorithm::Es256, &random).expect("as set up");
    Signer::certifying(SigningKey::from_pem(&pem, &random).expect("as set up"))
}

impl Issuer {
    async fn trusted_by(world: &World) -> Self {
        let signer = signer();
        let mut keys = KeySet::new();
        let (id, key) = (signer.key_id().clone(), signer.public().clone());
        keys.insert(id, key).expect("as set up");
        let folder = tempfile::tempdir().expect("as set up");
        let path = folder.path().join("jwks.json");
        std::fs::write(&path, keys.to_jwks()).expect("as set up");
        let table = format!(
            "{{ name = 'id', issuer = 'https://id.example', audience = 'https://idp.example', \
             keys = '{}', scopes = ['passkey:keys'] }}",
            path.display()
        );
        let issuer: TokenIssuer = table.parse().expect("as set up");
        let way: Arc<dyn Authenticator> =
            Arc::new(issuer.authenticator(scope::ALL).expect("as set up"));
        let guard = Guard::of([way]);
        let gate = Gate::new(guard, Hosts::any(), RateLimit::per_second(0));
        Self {
            world: world.neighbour(|app| app.gate = gate).await,
            signer,
            _keys: folder,
        }
    }

    fn token(&self, user: &str, scope: &str) -> String {
        token(&self.signer, user, scope)
    }

    async fn ask(&self, path: &str, token: &str, body: Option<Value>) -> Answer {
        let path = format!("/api/v1/user/{path}");
        let request = match body {
            None => Request::get(path),
            Some(_) => Request::post(path).header(header::CONTENT_TYPE, "application/json"),
        };
        let request = request
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::REFERER, "https://evil.example/");
        let body = body.map_or_else(Body::empty, |body| body.to_string().into());
        self.world
            .send(request.body(body).expect("as set up"))
            .await
    }
}

fn token(signer: &Signer, user: &str, scope: &str) -> String {
    let claims = json!({
        "iss": "https://id.example", "aud": "https://idp.example", "sub": user, "jti": "1", "scope": scope,
        "iat": now().unix_seconds(), "exp": now().unix_seconds() + 60,
    });
    let claims = claims.to_string();
    let signed = signer.sign(Some("at+jwt"), claims.as_bytes(), &SystemRandom::new());
    signed.expect("as set up")
}

async fn kim(world: &World) -> (TestAuthenticator, String) {
    let passkey = world.user().await;
    let users =
        Request::get("/api/v1/service/list/users").header(header::AUTHORIZATION, &world.admin);
    let users = world
        .send(users.body(Body::empty()).expect("as set up"))
        .await
        .json();
    let id = users[0]["id"].as_str().expect("as set up").to_owned();
    (passkey, id)
}

#[tokio::test]
async fn a_user_lists_adds_and_deletes_keys_of_their_own() {
    let world = World::new().await;
    let (_, kim) = kim(&world).await;
    let issuer = Issuer::trusted_by(&world).await;
    let token = issuer.token(&kim, "passkey:keys");
    let add = json!({ "suggestedName": "Kim's telephone" });
    let placed = issuer.ask("addKey", &token, Some(add)).await;
    assert_eq!(placed.status, StatusCode::OK, "{}", placed.text);
    assert!(!placed.text.contains("evil.example"));
    let id = placed.json()["challengeId"]
        .as_str()
        .expect("as set up")
        .to_owned();
    let (_, ask) = world.ask(&id).await;
    let mut second = TestAuthenticator::es256(kim.parse::<UserId>().expect("as set up"));
    let answer = json!(second.register(&ask, &Quirks::default()));
    let registered = world.post("", &format!("/challenge/{id}"), answer).await;
    assert_eq!(registered.json()["redirect"], "");
    let listed = issuer.ask("listKeys", &token, None).await.json();
    assert_eq!(listed["id"], kim);
    let keys = listed["keys"].as_array().expect("as set up");
    assert_eq!(keys.len(), 2);
    let [one, other] = [0, 1].map(|index| json!({ "keyHash": keys[index]["hash"] }));
    let deleted = issuer.ask("deleteKey", &token, Some(one.clone())).await;
    assert_eq!(
        (deleted.status, &deleted.json()["status"]),
        (StatusCode::OK, &json!("deleted"))
    );
    let again = issuer.ask("deleteKey", &token, Some(one)).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
    let last = issuer.ask("deleteKey", &token, Some(other)).await;
    assert_eq!(last.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn another_users_key_is_not_deleted() {
    let world = World::new().await;
    let (_, kim) = kim(&world).await;
    let issuer = Issuer::trusted_by(&world).await;
    let listed = issuer
        .ask("listKeys", &issuer.token(&kim, "passkey:keys"), None)
        .await
        .json();
    let key = json!({ "keyHash": listed["keys"][0]["hash"] });
    let stranger = issuer.token("CQkJCQkJCQkJCQkJCQkJCQ", "passkey:keys");
    let deleted = issuer.ask("deleteKey", &stranger, Some(key)).await;
    assert_eq!(deleted.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn nobody_manages_keys_without_an_issuers_word_for_it() {
    let world = World::new().await;
    let (_, kim) = kim(&world).await;
    let issuer = Issuer::trusted_by(&world).await;
    let forged = token(&signer(), &kim, "passkey:keys");
    for (token, status) in [
        ("", StatusCode::UNAUTHORIZED),
        (forged.as_str(), StatusCode::UNAUTHORIZED),
        (&issuer.token(&kim, "openid"), StatusCode::FORBIDDEN),
        (&issuer.token("kim", "passkey:keys"), StatusCode::FORBIDDEN),
        (
            &issuer.token(&format!("f:component:{kim}"), "passkey:keys"),
            StatusCode::FORBIDDEN,
        ),
    ] {
        assert_eq!(
            issuer.ask("listKeys", token, None).await.status,
            status,
            "{token}"
        );
    }
    // on loopback anybody may read metrics, and is nobody
    let open = Request::get("/api/v1/user/listKeys")
        .body(Body::empty())
        .expect("as set up");
    assert_eq!(world.send(open).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_model_that_nobody_knows_is_not_found() {
    let world = World::new().await;
    let ask = async |who: &str, aaguid: &str| {
        let request = Request::get(format!("/api/v1/mds/{aaguid}"));
        let request = request.header(header::AUTHORIZATION, who);
        world
            .send(request.body(Body::empty()).expect("as set up"))
            .await
            .status
    };
    let known = "ee882879-721c-4913-9775-3dfcce97072a";
    assert_eq!(ask(&world.other, known).await, StatusCode::NOT_FOUND);
    assert_eq!(ask(&world.other, "x").await, StatusCode::BAD_REQUEST);
    assert_eq!(ask("", known).await, StatusCode::UNAUTHORIZED);
}
