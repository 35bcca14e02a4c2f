//! CIBA over HTTP: a client polls, is pinged, is sent its tokens.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::routing::post;
use passkey_idp::application::{Application, ApplicationState};
use passkey_idp::ciba::{Backchannel, Notification};
use passkey_idp::delivery::{Delivery, Message, Reach, Sealing};
use passkey_idp::evidence::{Trust, verify};
use passkey_idp::oauth::{Client, Flow};
use passkey_idp::store::{Change, Commit, Kind, RowId, Set, StoreExt as _, Where};
use passkey_idp::webauthn::TestAuthenticator;
use passkey_server::notify::{Outbound, Worker};
use passkey_server::state::now;
use serde_json::{Value, json};
use server_kit::listen::{self, Limits, Listener};
use server_kit::tls;
use strict_jws::{Algorithm, KeySet, Policy, Signer, SigningKey, SystemRandom};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use crate::browser::Browser;
use crate::world::{Answer, ORIGIN, World};

const GRANT: &str = "urn:openid:params:grant-type:ciba";

/// A server whose client `other` may ask users directly, and Kim with a passkey.
async fn world(notification: Notification) -> (World, TestAuthenticator, String) {
    asking(World::new().await, |client| {
        client.notification = notification;
    })
    .await
}

/// The same on a server that is there, with `change` made to the client.
async fn asking(
    world: World,
    change: impl FnOnce(&mut Client),
) -> (World, TestAuthenticator, String) {
    let row = "other".parse().expect("as set up");
    let stored = world.app.store.find::<Application>(&row).await;
    let stored = stored.expect("as set up").expect("as set up");
    let mut client = stored.body.clone();
    client.client.flows = vec![Flow::Ciba, Flow::RefreshToken];
    client.client.scope = "openid profile offline_access".parse().expect("as set up");
    change(&mut client.client);
    let replaced = world
        .app
        .store
        .apply::<Application>(stored.replace(&client), now());
    replaced.await.expect("as set up").expect("as set up");
    let passkey = world.user().await;
    let users =
        Request::get("/api/v1/service/list/users").header(header::AUTHORIZATION, &world.admin);
    let users = world
        .send(users.body(Body::empty()).expect("as set up"))
        .await
        .json();
    let kim = users[0]["id"].as_str().expect("as set up").to_owned();
    (world, passkey, kim)
}

async fn post_form(world: &World, who: &str, path: &str, form: &str) -> Answer {
    let request = Request::post(path)
        .header(header::AUTHORIZATION, who)
        .header(
            header::CONTENT_TYPE,
            "application/x-www-form-urlencoded; charset=utf-8",
        );
    world
        .send(request.body(form.to_owned().into()).expect("as set up"))
        .await
}

async fn begun(world: &World, form: &str) -> Value {
    let begun = post_form(world, &world.other, "/bc-authorize", form).await;
    assert_eq!(begun.status, StatusCode::OK, "{}", begun.text);
    begun.json()
}

async fn polled(world: &World, begun: &Value) -> Answer {
    let id = begun["auth_req_id"].as_str().expect("as set up");
    let form = format!("grant_type={GRANT}&auth_req_id={id}");
    post_form(world, &world.other, "/token", &form).await
}

fn error(answer: &Answer) -> (StatusCode, String) {
    let error = answer.json()["error"].as_str().map(str::to_owned);
    (answer.status, error.unwrap_or_default())
}

fn refused(error: &str) -> (StatusCode, String) {
    (StatusCode::BAD_REQUEST, error.to_owned())
}

/// The user opens the request on their own device, and approves.
async fn approve(world: &World, begun: &Value, passkey: &mut TestAuthenticator) -> Answer {
    let url = begun["url"].as_str().expect("as set up");
    let mut browser = Browser::new(world);
    let shown = browser
        .follow(url.strip_prefix(ORIGIN).expect("as set up"))
        .await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text);
    let approved = browser.approve(&shown, passkey).await;
    assert_eq!(approved.status, StatusCode::SEE_OTHER, "{}", approved.text);
    shown
}

#[tokio::test]
async fn a_client_polls_until_the_user_has_signed_its_message() {
    polling(World::new().await).await;
}

pub(crate) async fn polling(world: World) {
    let (world, mut passkey, kim) = asking(world, |_| {}).await;
    let form = format!("scope=openid&login_hint={kim}&binding_message=Till+7&requested_expiry=60");
    let begun = begun(&world, &form).await;
    assert_eq!(
        (&begun["expires_in"], &begun["interval"]),
        (&json!(60), &json!(2))
    );
    assert_eq!(
        error(&polled(&world, &begun).await),
        refused("authorization_pending")
    );
    assert_eq!(error(&polled(&world, &begun).await), refused("slow_down"));
    let shown = approve(&world, &begun, &mut passkey).await;
    assert!(shown.text.contains("Till 7"), "{}", shown.text);
    let tokens = polled(&world, &begun).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.text);
    assert_eq!(tokens.headers[header::CACHE_CONTROL], "no-store");
    assert!(tokens.json()["id_token"].is_string());
    assert_eq!(
        error(&polled(&world, &begun).await),
        refused("invalid_grant")
    );
    let order = json!({ "challengeId": begun["qr_data"] });
    let collected = world.post(&world.other, "/collect", order).await.json();
    let verified = verify(
        collected["evidence"].as_str().expect("as set up"),
        &Trust::Embedded,
    )
    .expect("as set up");
    assert_eq!(verified.statement.text, "Till 7");
}

#[tokio::test]
async fn what_the_client_may_have_is_shown_and_signed_with_its_message() {
    let (world, mut passkey, kim) = world(Notification::Poll).await;
    let form = format!("scope=openid+profile&login_hint={kim}&binding_message=Till+7");
    let begun = begun(&world, &form).await;
    let shown = approve(&world, &begun, &mut passkey).await;
    assert!(shown.text.contains("other may then:"), "{}", shown.text);
    let order = json!({ "challengeId": begun["qr_data"] });
    let collected = world.post(&world.other, "/collect", order).await.json();
    let signed = collected["signatureData"]["text"]
        .as_str()
        .unwrap_or_default();
    let (message, may) = signed.split_once("\n\n").unwrap_or_default();
    assert_eq!(message, "Till 7");
    assert!(may.starts_with("other may then:\n\u{2013} "), "{may}");
}

#[tokio::test]
async fn a_user_who_refuses_gives_no_tokens() {
    let (world, _, kim) = world(Notification::Poll).await;
    let begun = begun(&world, &format!("scope=openid&login_hint={kim}")).await;
    let url = begun["url"]
        .as_str()
        .expect("as set up")
        .strip_prefix(ORIGIN)
        .expect("as set up");
    let mut browser = Browser::new(&world);
    let shown = browser.follow(url).await;
    browser.send(&shown, "decision=reject").await;
    assert_eq!(
        error(&polled(&world, &begun).await),
        refused("access_denied")
    );
}

#[tokio::test]
async fn discovery_names_the_endpoint_and_the_ways() {
    let world = World::new().await;
    let known = world.get("/.well-known/openid-configuration").await.json();
    let endpoint = format!("{ORIGIN}/bc-authorize");
    assert_eq!(known["backchannel_authentication_endpoint"], endpoint);
    let modes = &known["backchannel_token_delivery_modes_supported"];
    assert_eq!(modes, &json!(["poll", "ping", "push"]));
    assert_eq!(known["backchannel_user_code_parameter_supported"], false);
    let grants = known["grant_types_supported"]
        .as_array()
        .expect("as set up");
    assert!(grants.contains(&json!(GRANT)));
}

#[tokio::test]
async fn strangers_two_hints_and_unknown_users_get_nothing() {
    let (world, _, kim) = world(Notification::Poll).await;
    let form = format!("scope=openid&login_hint={kim}");
    let stranger = post_form(&world, "Basic bm9ib2R5Om5vdGhpbmc=", "/bc-authorize", &form).await;
    assert_eq!(
        error(&stranger),
        (StatusCode::UNAUTHORIZED, "invalid_client".into())
    );
    let unregistered = post_form(&world, &world.admin, "/bc-authorize", &form).await;
    assert_eq!(error(&unregistered), refused("unauthorized_client"));
    for (form, code) in [
        (format!("{form}&id_token_hint=a.b.c"), "invalid_request"),
        ("scope=openid".to_owned(), "invalid_request"),
        (format!("{form}&login_hint={kim}"), "invalid_request"),
        (
            "scope=openid&id_token_hint=a.b.c".to_owned(),
            "invalid_request",
        ),
        ("scope=openid&login_hint=kim".to_owned(), "unknown_user_id"),
        (
            "scope=openid&login_hint=CQkJCQkJCQkJCQkJCQkJCQ".to_owned(),
            "unknown_user_id",
        ),
        (
            format!("{form}&binding_message=a%0Ab"),
            "invalid_binding_message",
        ),
        (format!("{form}&user_code=1234"), "invalid_user_code"),
        (format!("{form}&requested_expiry=0"), "invalid_request"),
    ] {
        let answer = post_form(&world, &world.other, "/bc-authorize", &form).await;
        assert_eq!(error(&answer), refused(code), "{form}");
    }
}

#[tokio::test]
async fn another_client_does_not_get_the_tokens() {
    let (world, mut passkey, kim) = world(Notification::Poll).await;
    let begun = begun(&world, &format!("scope=openid&login_hint={kim}")).await;
    approve(&world, &begun, &mut passkey).await;
    let form = format!(
        "grant_type={GRANT}&auth_req_id={}",
        begun["auth_req_id"].as_str().expect("as set up")
    );
    let thief = post_form(&world, &world.admin, "/token", &form).await;
    assert_eq!(error(&thief), refused("unauthorized_client"));
    assert_eq!(polled(&world, &begun).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_qr_secret_goes_to_the_clients_server_and_to_no_browser() {
    let (world, _, kim) = world(Notification::Poll).await;
    let begun = begun(&world, &format!("scope=openid&login_hint={kim}")).await;
    let secret = begun["qr_secret"].as_str().expect("as set up");
    let order = begun["qr_data"].as_str().expect("as set up");
    let url = begun["url"]
        .as_str()
        .expect("as set up")
        .strip_prefix(ORIGIN)
        .expect("as set up");
    let mut browser = Browser::new(&world);
    let mut seen = vec![browser.open(url).await, browser.follow(url).await];
    for path in [
        format!("/o/{order}"),
        format!("/o/{order}/qr"),
        format!("/o/{order}/state"),
    ] {
        seen.push(browser.open(&path).await);
    }
    for answer in seen {
        assert!(!answer.text.contains(secret) && !answer.location.contains(secret));
    }
    let stranger = Browser::new(&world).open(&format!("/o/{order}")).await;
    assert!(stranger.status.is_client_error(), "{}", stranger.status);
}

#[tokio::test]
async fn uyulalas_clients_ask_anybody_by_form_and_fetch_tokens_where_they_collect() {
    let (world, mut passkey, kim) = world(Notification::Poll).await;
    let begun = post_form(&world, &world.other, "/api/v1/sign", "scope=openid").await;
    assert_eq!(begun.status, StatusCode::OK, "{}", begun.text);
    let begun = begun.json();
    approve(&world, &begun, &mut passkey).await;
    let id = begun["auth_req_id"].as_str().expect("as set up");
    let form = format!("grant_type={GRANT}&auth_req_id={id}");
    let tokens = post_form(&world, &world.other, "/api/v1/collect", &form).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.text);
    let access = tokens.json()["access_token"]
        .as_str()
        .expect("as set up")
        .to_owned();
    let userinfo =
        Request::get("/userinfo").header(header::AUTHORIZATION, format!("Bearer {access}"));
    let userinfo = world
        .send(userinfo.body(Body::empty()).expect("as set up"))
        .await;
    assert_eq!(userinfo.json()["sub"], kim);
}

/// What a client was told: the token that came with it, and the body.
type Told = (String, Value);

/// A client's server, with a certificate of its own.
struct Receiver {
    folder: tempfile::TempDir,
    address: String,
    told: UnboundedReceiver<Told>,
}

impl Receiver {
    async fn start() -> Self {
        let folder = tempfile::tempdir().expect("as set up");
        let identity = tls::self_signed(folder.path(), &["localhost".into()]).expect("as set up");
        let bind = "127.0.0.1:0".parse().expect("as set up");
        let config = identity.into_config(None).expect("as set up");
        let listener = Listener::tls(&bind, config).await.expect("as set up");
        let port = listener.address().to_string();
        let port = port.rsplit(':').next().expect("as set up").to_owned();
        let (sender, told) = unbounded_channel();
        let app = Router::new()
            .route("/ciba", post(receive))
            .with_state(sender);
        let forever = std::future::pending();
        tokio::spawn(listen::serve(
            vec![listener],
            app,
            Limits::default(),
            forever,
        ));
        Self {
            folder,
            address: format!("https://localhost:{port}/ciba"),
            told,
        }
    }

    /// An instance that sends there.
    fn worker(&self, world: World, reach: Reach) -> tokio::task::JoinHandle<()> {
        let ca = self.folder.path().join("server.pem");
        let outbound = Outbound::new(reach, Some(&ca)).expect("as set up");
        tokio::spawn(Worker::new(world.app, outbound).run())
    }

    async fn next(&mut self) -> Told {
        let told = timeout(Duration::from_secs(20), self.told.recv()).await;
        told.expect("in time").expect("it is open")
    }
}

async fn receive(
    State(sender): State<UnboundedSender<Told>>,
    headers: HeaderMap,
    body: String,
) -> StatusCode {
    let bearer = headers[header::AUTHORIZATION]
        .to_str()
        .expect("as set up")
        .to_owned();
    let body = serde_json::from_str(&body).expect("as set up");
    sender.send((bearer, body)).expect("as set up");
    StatusCode::NO_CONTENT
}

#[tokio::test]
async fn a_ping_goes_out_from_one_instance_when_the_user_answers_on_another() {
    let mut receiver = Receiver::start().await;
    let endpoint = receiver.address.parse().expect("as set up");
    let (world, mut passkey, kim) = world(Notification::Ping { endpoint }).await;
    let workers = [world.neighbour(|_| {}).await, world.neighbour(|_| {}).await]
        .map(|instance| receiver.worker(instance, Reach::DangerAnywhere));
    let form = format!("scope=openid&login_hint={kim}&client_notification_token=known");
    let begun = begun(&world, &form).await;
    approve(&world, &begun, &mut passkey).await;
    let (bearer, body) = receiver.next().await;
    assert_eq!(bearer, "Bearer known");
    assert_eq!(body, json!({ "auth_req_id": begun["auth_req_id"] }));
    assert_eq!(polled(&world, &begun).await.status, StatusCode::OK);
    workers.iter().for_each(tokio::task::JoinHandle::abort);
    assert!(receiver.told.try_recv().is_err(), "it is told once");
}

#[tokio::test]
async fn a_push_brings_tokens_that_are_good() {
    let mut receiver = Receiver::start().await;
    let endpoint = receiver.address.parse().expect("as set up");
    let (world, mut passkey, kim) = world(Notification::Push { endpoint }).await;
    let form = format!("scope=openid&login_hint={kim}&client_notification_token=known");
    let begun = begun(&world, &form).await;
    assert!(begun["interval"].is_null());
    approve(&world, &begun, &mut passkey).await;
    // an instance that was not there when the user answered
    let worker = receiver.worker(world.neighbour(|_| {}).await, Reach::DangerAnywhere);
    let (_, body) = receiver.next().await;
    worker.abort();
    let access = format!(
        "Bearer {}",
        body["access_token"].as_str().expect("as set up")
    );
    let userinfo = Request::get("/userinfo").header(header::AUTHORIZATION, access);
    let userinfo = world
        .send(userinfo.body(Body::empty()).expect("as set up"))
        .await;
    assert_eq!(userinfo.json()["sub"], kim);
    assert_eq!(
        error(&polled(&world, &begun).await),
        refused("unauthorized_client")
    );
}

#[tokio::test]
async fn an_endpoint_on_this_machine_is_told_nothing_unless_the_operator_allows_it() {
    let mut receiver = Receiver::start().await;
    let endpoint = receiver.address.parse().expect("as set up");
    let (world, mut passkey, kim) = world(Notification::Ping { endpoint }).await;
    let form = format!("scope=openid&login_hint={kim}&client_notification_token=known");
    let begun = begun(&world, &form).await;
    let worker = receiver.worker(world.neighbour(|_| {}).await, Reach::Public);
    approve(&world, &begun, &mut passkey).await;
    dropped(&world, &begun).await;
    worker.abort();
    assert!(receiver.told.try_recv().is_err());
    assert_eq!(polled(&world, &begun).await.status, StatusCode::OK);
}

/// Waits until nobody is told any more of what was begun.
async fn dropped(world: &World, begun: &Value) {
    let id = begun["auth_req_id"].as_str().expect("as set up");
    gone(world, &Backchannel::row_id(&id.parse().expect("as set up"))).await;
}

/// Waits until a message is given up.
async fn gone(world: &World, row: &RowId) {
    let gone = async {
        loop {
            let changed = world.app.store.watch(Kind::Delivery, row);
            let found = world.app.store.get(Kind::Delivery, row).await;
            if found.expect("as set up").is_none() {
                return;
            }
            changed.await;
        }
    };
    let gone = timeout(Duration::from_secs(20), gone).await;
    gone.expect("it is given up");
}

#[tokio::test]
async fn what_is_pushed_is_signed_as_its_client_wants() {
    let mut receiver = Receiver::start().await;
    let endpoint = receiver.address.parse().expect("as set up");
    let world = World::new().await;
    world.import_rsa().await;
    let (world, mut passkey, kim) = asking(world, |client| {
        client.notification = Notification::Push { endpoint };
        client.id_token_alg = Some("RS256".to_owned());
    })
    .await;
    let form = format!("scope=openid&login_hint={kim}&client_notification_token=known");
    let begun = begun(&world, &form).await;
    approve(&world, &begun, &mut passkey).await;
    let worker = receiver.worker(world.neighbour(|_| {}).await, Reach::DangerAnywhere);
    let (_, body) = receiver.next().await;
    worker.abort();
    let keys = world.app.keys.now();
    for (name, policy) in [
        ("id_token", Policy::untyped_or_jwt()),
        ("access_token", Policy::typed("at+jwt")),
    ] {
        let token = body[name].as_str().expect("a token");
        let verified = keys.published().verify(token, &policy).expect("ours");
        assert_eq!(verified.header().algorithm().name(), "RS256", "{name}");
    }
}

#[tokio::test]
async fn a_message_that_waits_is_not_sent_to_a_client_that_was_locked_out() {
    let mut receiver = Receiver::start().await;
    let endpoint = receiver.address.parse().expect("as set up");
    let world = World::new().await;
    let (app, client) = (&world.app, "other".parse().expect("a name"));
    let sealing = Sealing {
        sealer: &app.sealer,
        random: &app.random,
    };
    let message = Message::json("{}", "known");
    let waiting = Delivery::new(client, endpoint, &message, sealing).expect("it is sealed");
    let row: RowId = "waiting".parse().expect("a name");
    let blocked = Change::update(
        Where::<Application>::id("other".parse().expect("a name")),
        Set::state(ApplicationState::Blocked),
    );
    let changes = vec![waiting.insert(&row, now()), blocked];
    let committed = app.store.commit(changes, now()).await.expect("it answers");
    assert!(matches!(committed, Commit::Done(_)));
    let worker = receiver.worker(world.neighbour(|_| {}).await, Reach::DangerAnywhere);
    gone(&world, &row).await;
    worker.abort();
    assert!(receiver.told.try_recv().is_err());
}

#[tokio::test]
async fn a_signed_request_is_taken_once() {
    let random = SystemRandom::new();
    let pem = SigningKey::generate_pem(Algorithm::Es256, &random).expect("a key");
    let signer = Signer::certifying(SigningKey::from_pem(&pem, &random).expect("a key"));
    let mut keys = KeySet::new();
    keys.insert_certifying(signer.public().clone())
        .expect("one key");
    let (world, mut passkey, kim) = asking(World::new().await, |client| {
        client.jwks = Some(keys.to_jwks());
    })
    .await;
    let at = now().unix_seconds();
    let claims = json!({
        "iss": "other", "aud": ORIGIN, "jti": "one", "iat": at, "nbf": at, "exp": at + 60,
        "scope": "openid", "login_hint": kim, "binding_message": "Till 7",
    });
    let request = signer.sign(Some("JWT"), claims.to_string().as_bytes(), &random);
    let form = format!("request={}", request.expect("a token"));
    let begun = begun(&world, &form).await;
    let shown = approve(&world, &begun, &mut passkey).await;
    assert!(shown.text.contains("Till 7"), "{}", shown.text);
    assert_eq!(polled(&world, &begun).await.status, StatusCode::OK);
    let again = post_form(&world, &world.other, "/bc-authorize", &form).await;
    assert_eq!(error(&again), refused("invalid_request"));
    assert_eq!(
        again.json()["error_description"],
        "the signed request was sent before"
    );
}
