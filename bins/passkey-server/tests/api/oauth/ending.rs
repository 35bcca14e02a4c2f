//! What ends with a session or a passkey, at whatever moment.

use axum::http::StatusCode;
use passkey_idp::Duration;
use passkey_idp::id::FamilyId;
use passkey_idp::oauth::Parameters;
use passkey_idp::oauth::authorize::{self, Way};
use passkey_idp::oauth::code::AuthorizationCode;
use passkey_idp::oauth::logout::Ending;
use passkey_idp::oauth::refresh::{RefreshFamily, Refreshing};
use passkey_idp::oauth::session::BrowserSession;
use passkey_idp::oauth::{Claims, Grant};
use passkey_idp::store::{Change, Commit, Kind, List, PageSize, Record, StoreExt as _, Stored};
use passkey_idp::webauthn::{Quirks, TestAuthenticator};
use passkey_server::state::now;
use passkey_server::upkeep;
use serde_json::{Value, json};

use super::client::{Client, OFFLINE, said, with_token};
use super::logout::{Setting, listening};
use crate::browser::Browser;
use crate::meddler::{Trap, meddled};
use crate::world::World;

async fn session(world: &World) -> Stored<BrowserSession> {
    let list = List::of::<BrowserSession>();
    let page = world.app.store.page::<BrowserSession>(list).await;
    let mut sessions = page.expect("the store answers").items;
    sessions.retain(|session| session.is_open(now()));
    assert_eq!(sessions.len(), 1);
    sessions.remove(0)
}

/// Whose passkey it is.
async fn owner_of(world: &World, passkey: &TestAuthenticator) -> Value {
    let id = json!(passkey.credential_id());
    let has_it = |user: &Value| {
        let keys = user["keys"].as_array().expect("keys");
        keys.iter().any(|key| key["key"]["ID"] == id)
    };
    let users = world.users().await;
    let owner = users.into_iter().find(has_it);
    owner.expect("somebody has it")["id"].clone()
}

/// A request of `client` that its user has granted in `session`.
fn code(client: &Client<'_>, session: &Stored<BrowserSession>) -> (String, Change) {
    let world = client.world();
    let parameters = Parameters::parse(&client.request(&[])).expect("a query");
    let mut registered = passkey_idp::oauth::Client::default();
    registered.redirect_uris = vec!["https://rp.example/cb".parse().expect("an address")];
    registered.flows = vec![passkey_idp::oauth::Flow::AuthorizationCode];
    registered.scope = "openid profile".parse().expect("scopes");
    let id = client.id.parse().expect("a name");
    let request = authorize::read(&id, &registered, &parameters, Way::Browser);
    let request = request.expect("a good request");
    let (known, scope) = (session.body.authentication.clone(), request.scope.clone());
    let issued = AuthorizationCode::issue(&request, known, scope, &world.app.random, now());
    let issued = issued.expect("random numbers");
    (issued.code.expose().to_string(), issued.change)
}

#[tokio::test]
async fn a_session_that_ends_while_a_code_is_made_gives_none() {
    let world = World::new().await;
    let setting = Setting::new(&world).await;
    let ends = Trap {
        before: |change| matches!(change, Change::Insert(new, _) if new.kind == Kind::AuthorizationCode),
        happens: vec![session(&world).await.end()],
    };
    let instance = meddled(&world, ends).await;
    let mut browser = setting.browser.elsewhere(&instance);
    let back = browser.follow(&setting.client.asks(&["prompt=none"])).await;
    assert_eq!(said(&back, "code"), None);
    assert_eq!(said(&back, "error").as_deref(), Some("login_required"));
}

#[tokio::test]
async fn a_code_that_is_made_while_its_session_ends_is_worth_nothing() {
    let world = World::new().await;
    let setting = Setting::new(&world).await;
    let open = session(&world).await;
    let (code, issued) = code(&setting.client, &open);
    let ends =
        |change: &Change| matches!(change, Change::Update(which, _) if which.kind == Kind::Session);
    let trap = Trap {
        before: ends,
        happens: vec![open.vouch(), issued],
    };
    let instance = meddled(&world, trap).await;
    let mut browser = setting.browser.elsewhere(&instance);
    let wish = format!("/logout?id_token_hint={}", setting.hint);
    let left = browser.open(&wish).await;
    assert_eq!(left.status, StatusCode::OK, "{}", left.text);
    let refused = setting.client.exchange(&code).await;
    assert_eq!(refused.json()["error"], "invalid_grant", "{}", refused.text);
}

#[tokio::test]
async fn whoever_signs_out_before_they_consent_is_asked_to_sign_in_again() {
    let world = World::new().await;
    let (mut passkey, mut browser) = (world.user().await, Browser::new(&world));
    let client = Client::new(&world).await;
    let page = browser.follow(&client.asks(&[])).await;
    let approved = browser.approve(&page, &mut passkey).await;
    let page = browser.follow(&approved.location).await;
    assert!(page.text.contains("value=\"allow\""), "{}", page.text);
    let leave = browser.open("/logout").await;
    browser.send(&leave, "decision=leave").await;
    let answered = browser.send(&page, "decision=allow").await;
    assert_eq!(said(&answered, "code"), None);
    assert!(
        answered.location.starts_with("/o/"),
        "{}",
        answered.location
    );
    let mut other = world.user().await;
    let page = browser.follow(&answered.location).await;
    let approved = browser.approve(&page, &mut other).await;
    assert_eq!(approved.status, StatusCode::SEE_OTHER, "{}", approved.text);
    let page = browser.follow(&approved.location).await;
    assert!(
        page.text.contains("value=\"allow\""),
        "{} {}",
        page.location,
        page.text
    );
    let back = browser.send(&page, "decision=allow").await;
    let code = said(&back, "code").expect("a code");
    let tokens = client.exchange(&code).await.json();
    let info = with_token(
        &world,
        "/userinfo",
        tokens["access_token"].as_str().unwrap(),
    );
    assert_eq!(info.await.json()["sub"], owner_of(&world, &other).await);
}

#[tokio::test]
async fn a_session_that_another_user_s_takes_the_place_of_ends_with_all_that_came_of_it() {
    let world = World::new().await;
    let mut setting = Setting::new(&world).await;
    let mut other = world.user().await;
    let asked = setting.client.asks(&["prompt=login"]);
    let page = setting.browser.follow(&asked).await;
    let approved = setting.browser.approve(&page, &mut other).await;
    setting.browser.follow(&approved.location).await;
    let told = setting.farewells().await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].0, "rp");
    let answer = with_token(&world, "/userinfo", &setting.access).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

/// One passkey more for the user of `passkey`.
async fn second(world: &World, user: &str) -> TestAuthenticator {
    let wish = json!({ "userId": user });
    let placed = world.post(&world.admin, "/service/create/key", wish).await;
    let placed = placed.json();
    let id = placed["challengeId"].as_str().expect("an order");
    let (_, ask) = world.ask(id).await;
    let mut passkey = TestAuthenticator::es256(user.parse().expect("an identifier"));
    let answer = json!(passkey.register(&ask, &Quirks::default()));
    let path = format!("/challenge/{id}");
    let registered = world.post("", &path, answer).await;
    assert_eq!(registered.status, StatusCode::OK, "{}", registered.text);
    passkey
}

#[tokio::test]
async fn with_a_passkey_end_the_sessions_and_tokens_that_came_of_it_and_no_others() {
    with_a_passkey(&World::new().await).await;
}

pub(super) async fn with_a_passkey(world: &World) {
    let client = listening(world, "rp").await;
    let mut stolen = world.user().await;
    let users = world.users().await;
    let user = users[0]["id"].as_str().expect("an identifier");
    let mut kept = second(world, user).await;
    let (mut thief, mut owner) = (Browser::new(world), Browser::new(world));
    let theirs = client.tokens(&mut thief, &mut stolen, OFFLINE).await;
    let own = client.tokens(&mut owner, &mut kept, OFFLINE).await;
    let users = world.users().await;
    let keys = users[0]["keys"].as_array().expect("keys");
    let is_stolen = |key: &&Value| key["key"]["ID"] == json!(stolen.credential_id());
    let key = keys.iter().find(is_stolen).expect("it is there");
    let wish = json!({ "userId": user, "keyHash": key["hash"] });
    let removed = world.post(&world.admin, "/service/delete/key", wish).await;
    assert_eq!(removed.status, StatusCode::OK, "{}", removed.text);

    let silently = client.asks(&["prompt=none", "scope=openid"]);
    let [theirs_now, own_now] = [thief.follow(&silently).await, owner.follow(&silently).await];
    assert_eq!(
        said(&theirs_now, "error").as_deref(),
        Some("login_required")
    );
    assert!(said(&own_now, "code").is_some(), "{}", own_now.location);
    assert_eq!(
        client.refresh(&theirs).await.status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(client.refresh(&own).await.status, StatusCode::OK);
    let access = theirs["access_token"].as_str().expect("a token");
    let answer = with_token(world, "/userinfo", access).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let told = super::logout::farewells(world).await;
    assert_eq!(
        told.len(),
        1,
        "the thief's session has ended, the owner's has not"
    );
}

#[tokio::test]
async fn the_clients_of_a_user_who_is_removed_are_told_that_they_have_left() {
    let world = World::new().await;
    let setting = Setting::new(&world).await;
    let users = world.users().await;
    let wish = json!({ "userId": users[0]["id"] });
    let removed = world.post(&world.admin, "/service/delete/user", wish).await;
    assert_eq!(removed.status, StatusCode::OK, "{}", removed.text);
    let told = setting.farewells().await;
    let told: Vec<_> = told.iter().map(|(client, ..)| client.as_str()).collect();
    assert_eq!(told, ["rp"]);
    let answer = with_token(&world, "/userinfo", &setting.access).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

/// What came of a session that ends: that many families of tokens.
async fn bear(world: &World, session: &Stored<BrowserSession>, count: usize) {
    let grant = Grant {
        client: "rp".parse().expect("a name"),
        scope: "openid".parse().expect("a scope"),
        authentication: session.body.authentication.clone(),
        nonce: None,
        claims: Claims::default(),
        key: None,
    };
    let random = &world.app.random;
    let family = || {
        let id = FamilyId::generate(random).expect("random numbers");
        let lasts = Refreshing::Not(Duration::from_seconds(3600));
        let started = RefreshFamily::start(id, grant.clone(), lasts, random, now());
        started.expect("random numbers").1
    };
    let families = std::iter::repeat_with(family).take(count).collect();
    let kept = world.app.store.commit(families, now()).await;
    assert!(matches!(kept, Ok(Commit::Done(_))));
}

async fn count<R: Record>(world: &World, meant: impl Fn(&Stored<R>) -> bool) -> usize {
    let (mut count, mut after) = (0, None);
    loop {
        let list = List::of::<R>().after(after.as_ref()).limit(PageSize::MAX);
        let page = world.app.store.page::<R>(list).await;
        let page = page.expect("the store answers");
        count += page.items.iter().filter(|one| meant(one)).count();
        after = page.next;
        if after.is_none() {
            return count;
        }
    }
}

#[tokio::test]
async fn however_much_came_of_a_session_all_of_it_ends_and_others_get_their_turn() {
    let world = World::new().await;
    let setting = Setting::new(&world).await;
    let much = 10_500;
    bear(&world, &session(&world).await, much).await;
    let alive = |family: &Stored<RefreshFamily>| family.is_alive(now());
    assert_eq!(count(&world, alive).await, much + 1);
    let nothing = Trap {
        before: |_| false,
        happens: Vec::new(),
    };
    let instance = meddled(&world, nothing).await;
    let mut browser = setting.browser.elsewhere(&instance);
    let wish = format!("/logout?id_token_hint={}", setting.hint);
    let left = browser.open(&wish).await;
    assert_eq!(left.status, StatusCode::OK, "{}", left.text);
    assert_eq!(count(&world, alive).await, 0);
    assert_eq!(setting.farewells().await.len(), 1);
    assert_eq!(count(&world, |_: &Stored<Ending>| true).await, 0);
}

#[tokio::test]
async fn the_end_of_a_session_that_is_cut_off_is_finished_later() {
    let world = World::new().await;
    let setting = Setting::new(&world).await;
    let ended = world.app.store.commit(session(&world).await.leave(), now());
    assert!(matches!(ended.await, Ok(Commit::Done(_))));
    upkeep::finish_endings(&world.app, now()).await;
    assert_eq!(
        setting.farewells().await.len(),
        0,
        "somebody is at it still"
    );
    let later = now().plus(Duration::from_seconds(60));
    upkeep::finish_endings(&world.app, later).await;
    let answer = with_token(&world, "/userinfo", &setting.access).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(setting.farewells().await.len(), 1);
    assert_eq!(count(&world, |_: &Stored<Ending>| true).await, 0);
}
