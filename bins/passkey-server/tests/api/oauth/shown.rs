//! Tokens that clients ask about and give back (RFC 7662, RFC 7009).

use axum::http::StatusCode;
use passkey_idp::account;
use passkey_idp::application::{Application, ApplicationState};
use passkey_idp::oauth::{Introspection, TokenEndpointAuth};
use passkey_idp::store::{Kind, List, PageSize, Set, StoreExt as _, Where};
use passkey_server::state::now;
use serde_json::{Value, json};

use super::client::{Client, VERIFIER, post, with_token};
use crate::browser::Browser;
use crate::world::World;

const ALL: [&str; 1] = ["scope=openid+profile+offline_access"];

/// A client with tokens, and everything else that it ever had.
struct Setting<'w> {
    world: &'w World,
    client: Client<'w>,
    tokens: Value,
}

impl<'w> Setting<'w> {
    async fn new(world: &'w World) -> Self {
        let mut passkey = world.user().await;
        let (client, mut browser) = (Client::new(world).await, Browser::new(world));
        let tokens = client.tokens(&mut browser, &mut passkey, &ALL).await;
        Self {
            world,
            client,
            tokens,
        }
    }

    fn token(&self, name: &str) -> &str {
        self.tokens[name].as_str().expect("a token")
    }

    async fn told(&self, token: &str) -> Value {
        introspected(&self.client, token).await
    }
}

async fn introspected(client: &Client<'_>, token: &str) -> Value {
    let answer = client.post("/introspect", &format!("token={token}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

#[tokio::test]
async fn a_client_is_told_of_its_own_tokens() {
    let world = World::new().await;
    let setting = Setting::new(&world).await;
    let told = setting.told(setting.token("access_token")).await;
    assert_eq!(
        (&told["active"], &told["client_id"]),
        (&json!(true), &json!("rp"))
    );
    assert_eq!(told["scope"], "offline_access openid profile");
    assert_eq!(told["token_type"], "Bearer");
    let told = setting.told(setting.token("refresh_token")).await;
    assert_eq!(
        (&told["active"], &told["token_type"]),
        (&json!(true), &Value::Null)
    );
}

#[tokio::test]
async fn a_stranger_learns_nothing_of_a_token() {
    let world = World::new().await;
    let setting = Setting::new(&world).await;
    let stranger = Client::with(&world, "stranger", |_| {}).await;
    let nothing = json!({ "active": false });
    for name in ["access_token", "refresh_token"] {
        assert_eq!(
            introspected(&stranger, setting.token(name)).await,
            nothing,
            "{name}"
        );
    }
    assert_eq!(introspected(&stranger, "made-up").await, nothing);
    let guard = Client::with(&world, "guard", |guard| {
        guard.client.introspection = Introspection::Everyones;
    });
    let told = introspected(&guard.await, setting.token("access_token")).await;
    assert_eq!(told["active"], true);
}

#[tokio::test]
async fn whoever_does_not_authenticate_may_not_ask() {
    let world = World::new().await;
    let setting = Setting::new(&world).await;
    Client::with(&world, "public", |public| {
        public.client.auth = TokenEndpointAuth::None;
    })
    .await;
    let token = setting.token("access_token");
    for who in [
        "",
        "&client_id=public",
        "&client_id=rp",
        "&client_id=nobody",
    ] {
        let answer = post(&world, "/introspect", &format!("token={token}{who}"), &[]).await;
        assert!(answer.status.is_client_error(), "{who}: {}", answer.text);
        assert!(!answer.text.contains("active"), "{who}: {}", answer.text);
    }
}

#[tokio::test]
async fn one_kind_of_token_is_not_taken_for_another() {
    let world = World::new().await;
    let setting = Setting::new(&world).await;
    let (identity, refresh) = (setting.token("id_token"), setting.token("refresh_token"));
    let nothing = json!({ "active": false });
    assert_eq!(setting.told(identity).await, nothing);
    for token in [identity, refresh] {
        let answer = with_token(&world, "/userinfo", token).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    let access = setting.token("access_token");
    for form in [
        format!("grant_type=refresh_token&refresh_token={access}"),
        format!("grant_type=refresh_token&refresh_token={identity}"),
        format!("grant_type=authorization_code&code={access}&code_verifier={VERIFIER}"),
        format!("grant_type=authorization_code&code={refresh}&code_verifier={VERIFIER}"),
    ] {
        let answer = setting.client.post("/token", &form).await;
        assert_eq!(answer.json()["error"], "invalid_grant", "{form}");
    }
    let answer = Browser::new(&world)
        .open(&format!("/logout?id_token_hint={access}"))
        .await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        setting.told(access).await["active"],
        true,
        "nothing of that has harmed it"
    );
}

#[tokio::test]
async fn a_token_that_was_given_back_is_good_nowhere() {
    let world = World::new().await;
    let setting = Setting::new(&world).await;
    let (access, refresh) = (
        setting.token("access_token"),
        setting.token("refresh_token"),
    );
    let revoked = setting
        .client
        .post("/revoke", &format!("token={access}"))
        .await;
    assert_eq!(
        (revoked.status, revoked.text.as_str()),
        (StatusCode::OK, "")
    );
    assert_eq!(setting.told(access).await, json!({ "active": false }));
    let answer = with_token(&world, "/userinfo", access).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);

    let form = format!("grant_type=refresh_token&refresh_token={refresh}");
    let tokens = setting.client.post("/token", &form).await.json();
    let (access, refresh) = (&tokens["access_token"], &tokens["refresh_token"]);
    let (access, refresh) = (access.as_str().unwrap(), refresh.as_str().unwrap());
    let form = format!("token={refresh}&token_type_hint=access_token");
    setting.client.post("/revoke", &form).await;
    assert_eq!(setting.told(access).await, json!({ "active": false }));
    let form = format!("grant_type=refresh_token&refresh_token={refresh}");
    assert_eq!(
        setting.client.post("/token", &form).await.json()["error"],
        "invalid_grant"
    );
}

#[tokio::test]
async fn a_stranger_revokes_nothing_and_learns_nothing() {
    let world = World::new().await;
    let setting = Setting::new(&world).await;
    let stranger = Client::with(&world, "stranger", |_| {}).await;
    for token in [
        setting.token("access_token"),
        setting.token("refresh_token"),
        "made-up",
    ] {
        let answer = stranger.post("/revoke", &format!("token={token}")).await;
        assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, ""));
    }
    let nobody = format!("token={}&client_id=rp", setting.token("access_token"));
    let answer = post(setting.world, "/revoke", &nobody, &[]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    for name in ["access_token", "refresh_token"] {
        assert_eq!(
            setting.told(setting.token(name)).await["active"],
            true,
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_reused_refresh_token_leaves_nothing_that_introspection_calls_good() {
    let world = World::new().await;
    let setting = Setting::new(&world).await;
    let form = format!(
        "grant_type=refresh_token&refresh_token={}",
        setting.token("refresh_token")
    );
    let second = setting.client.post("/token", &form).await.json();
    setting.client.post("/token", &form).await;
    for token in [&second["access_token"], &second["refresh_token"]] {
        assert_eq!(
            setting.told(token.as_str().unwrap()).await,
            json!({ "active": false })
        );
    }
}

#[tokio::test]
async fn a_token_of_a_user_who_is_gone_is_not_good() {
    let world = World::new().await;
    let setting = Setting::new(&world).await;
    let told = setting.told(setting.token("access_token")).await;
    let user = told["sub"].as_str().unwrap().parse().unwrap();
    let removed = account::remove_user(&*world.app.store, &user, now()).await;
    removed.unwrap();
    for name in ["access_token", "refresh_token"] {
        let told = setting.told(setting.token(name)).await;
        assert_eq!(told, json!({ "active": false }), "{name}");
    }
}

#[tokio::test]
async fn a_token_of_a_client_that_was_locked_out_is_not_good() {
    let world = World::new().await;
    let setting = Setting::new(&world).await;
    let guard = Client::with(&world, "guard", |guard| {
        guard.client.introspection = Introspection::Everyones;
    });
    let guard = guard.await;
    let which = Where::<Application>::id(setting.client.id.parse().unwrap());
    let blocked = Set::state(ApplicationState::Blocked);
    let blocked = world.app.store.update(which, blocked, now()).await;
    assert!(blocked.unwrap().is_some());
    let told = introspected(&guard, setting.token("access_token")).await;
    assert_eq!(told, json!({ "active": false }));
}

#[tokio::test]
async fn a_client_that_authenticates_in_two_ways_is_refused() {
    let world = World::new().await;
    let setting = Setting::new(&world).await;
    let token = setting.token("access_token");
    let twice = format!(
        "token={token}&client_id=rp&client_secret={}",
        setting.client.secret
    );
    for path in [
        "/introspect",
        "/revoke",
        "/token",
        "/par",
        "/device_authorization",
    ] {
        let answer = setting.client.post(path, &twice).await;
        let told = (answer.status, answer.json()["error"].clone());
        assert_eq!(
            told,
            (StatusCode::BAD_REQUEST, "invalid_request".into()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_dump_of_the_store_holds_no_token() {
    let world = World::new().await;
    let setting = Setting::new(&world).await;
    let mut dump = String::new();
    for kind in Kind::ALL {
        let list = List {
            kind: *kind,
            owner: None,
            after: None,
            reversed: false,
            limit: PageSize::MAX,
        };
        for row in world.app.store.list(list).await.unwrap() {
            dump.extend([row.id.as_str(), " ", &row.body, "\n"]);
        }
    }
    let (family, secret) = setting.token("refresh_token").split_once('.').unwrap();
    assert!(dump.contains(family), "the family is known by name");
    assert!(!dump.contains(secret) && !dump.contains(setting.token("access_token")));
}
