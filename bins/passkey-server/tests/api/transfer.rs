//! From one database into another, and what the doctor says of both.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use passkey_idp::application::Application;
use passkey_idp::credential::Credential;
use passkey_idp::evidence::Evidence;
use passkey_idp::id::UserId;
use passkey_idp::oauth::consent::Consent;
use passkey_idp::oauth::device::DeviceGrant;
use passkey_idp::seal::{Sealer, SealingKey};
use passkey_idp::store::{Kind, List, MemoryStore, SqlStore, Store, StoreExt as _};
use passkey_idp::user::User;
use passkey_idp::webauthn::Quirks;
use passkey_server::keys::Current;
use passkey_server::state::now;
use passkey_server::transfer::{Export, NotImported, Secrets, export};
use serde_json::{Value, json};
use strict_jws::SystemRandom;

use crate::world::World;

fn sealer() -> Sealer {
    Sealer::new(&SealingKey::new([7; 32]))
}

/// A server with two clients, a user, and a document that the user signed.
async fn signed() -> World {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let id = world.place(json!({ "text": "I agree" })).await;
    let (_, ask) = world.ask(&id).await;
    let answer = json!(passkey.sign(&ask, &Quirks::default()));
    let path = format!("/challenge/{id}");
    let signed = world.post("", &path, answer).await;
    assert_eq!(signed.status, StatusCode::OK, "{}", signed.text);
    world
}

async fn text(store: &dyn Store, secrets: Secrets) -> String {
    let exported = export(store, secrets, now()).await.expect("a store");
    serde_json::to_string(&exported).expect("JSON")
}

async fn import(text: &str, store: &dyn Store) -> Result<usize, NotImported> {
    Export::parse(text)?.import(store, &sealer(), now()).await
}

async fn sqlite() -> SqlStore {
    SqlStore::open("sqlite::memory:").await.expect("a database")
}

/// What stands in a store of that kind, but for versions and the times of changes.
async fn rows<R: passkey_idp::store::Record + PartialEq + std::fmt::Debug>(
    store: &dyn Store,
) -> Vec<(String, String, u64, R)> {
    let page = store.page::<R>(List::of::<R>()).await.expect("a store");
    let rows = page.items.into_iter();
    rows.map(|row| {
        let owner = row
            .owner
            .map_or_else(String::new, |owner| owner.to_string());
        (
            row.id.to_string(),
            owner,
            row.created_at.unix_millis(),
            row.body,
        )
    })
    .collect()
}

async fn assert_same(here: &dyn Store, there: &dyn Store) {
    assert_eq!(rows::<Application>(here).await, rows(there).await);
    assert_eq!(rows::<User>(here).await, rows(there).await);
    assert_eq!(rows::<Credential>(here).await, rows(there).await);
    assert_eq!(rows::<Evidence>(here).await, rows(there).await);
}

async fn is_empty(store: &dyn Store) -> bool {
    for kind in Kind::ALL {
        let list = List {
            kind: *kind,
            ..List::of::<User>()
        };
        if !store.list(list).await.expect("a store").is_empty() {
            return false;
        }
    }
    true
}

#[tokio::test]
async fn a_round_trip_keeps_clients_users_passkeys_evidence_and_keys() {
    let (world, sqlite, memory) = (signed().await, sqlite().await, MemoryStore::new());
    let here = &*world.app.store;
    let out = text(here, Secrets::Wrapped).await;
    import(&out, &sqlite).await.expect("an import");
    let back = text(&sqlite, Secrets::Wrapped).await;
    import(&back, &memory).await.expect("an import");
    // of the registration, and of the document
    assert_eq!(rows::<Evidence>(here).await.len(), 2);
    assert_same(here, &sqlite).await;
    assert_same(here, &memory).await;
    let loaded = Current::load(&memory, &sealer(), &SystemRandom::new(), now()).await;
    let signer = loaded
        .expect("the keys came along")
        .signer()
        .key_id()
        .clone();
    assert_eq!(&signer, world.app.keys.now().signer().key_id());
}

#[tokio::test]
async fn an_export_holds_nothing_that_is_under_way() {
    let world = signed().await;
    let (random, store) = (SystemRandom::new(), &*world.app.store);
    let tv = "tv".parse().expect("a name");
    let scope = "openid".parse().expect("a scope");
    let begun = DeviceGrant::start(tv, scope, &random, now()).expect("random numbers");
    store.commit(begun.changes, now()).await.expect("a store");
    let out = text(store, Secrets::Wrapped).await;
    import(&out, &MemoryStore::new()).await.expect("an import");
}

#[tokio::test]
async fn an_export_holds_no_secret_in_clear_and_keys_may_be_left_out() {
    let world = signed().await;
    let wrapped = text(&*world.app.store, Secrets::Wrapped).await;
    assert!(wrapped.contains("signing_key"));
    assert!(!wrapped.contains("PRIVATE KEY"));
    let (_, basic) = world.admin.split_once(' ').expect("Basic");
    let basic = strict_jws::base64::decode_padded(basic.as_bytes()).expect("base64");
    let pair = String::from_utf8(basic).expect("text");
    let (_, secret) = pair.split_once(':').expect("id:secret");
    assert!(!wrapped.contains(secret));
    let left_out = text(&*world.app.store, Secrets::LeftOut).await;
    assert!(!left_out.contains("signing_key"));
}

/// What somebody does to a file and its last row.
type Spoil = fn(&mut Value, usize);

#[tokio::test]
async fn a_broken_file_changes_nothing() {
    let world = signed().await;
    let out = text(&*world.app.store, Secrets::Wrapped).await;
    let whole: Value = serde_json::from_str(&out).expect("JSON");
    let last = whole["rows"].as_array().expect("rows").len() - 1;
    let spoils: [Spoil; 8] = [
        |file, _| file["format"] = json!("passkey-server/export/9"),
        |file, _| file["surplus"] = json!(1),
        |file, last| file["rows"][last]["body"] = json!({ "id": 1 }),
        |file, last| file["rows"][last]["state"] = json!("elsewhere"),
        |file, last| file["rows"][last]["kind"] = json!("order"),
        |file, last| file["rows"][last] = file["rows"][0].clone(),
        |file, _| {
            let rows = file["rows"].as_array_mut().expect("rows");
            let evidence = rows.iter_mut().find(|row| row["kind"] == "evidence");
            let package = &mut evidence.expect("evidence")["body"]["package"];
            let text = package.as_str().expect("text");
            *package = json!(text.replacen("eyJ", "eyK", 1));
        },
        |file, _| {
            let rows = file["rows"].as_array_mut().expect("rows");
            let key = rows.iter_mut().find(|row| row["kind"] == "signing_key");
            key.expect("a key")["body"]["pem"] = json!("AAAA");
        },
    ];
    let store = sqlite().await;
    for (index, spoil) in spoils.iter().enumerate() {
        let mut file = whole.clone();
        spoil(&mut file, last);
        let refused = import(&file.to_string(), &store).await;
        assert!(refused.is_err(), "{index}");
        assert!(is_empty(&store).await, "{index}");
    }
    let half = out.get(..out.len() / 2).expect("ASCII");
    assert!(matches!(
        import(half, &store).await,
        Err(NotImported::Form(_))
    ));
    import(&out, &store).await.expect("what is whole is taken");
    let twice = import(&out, &store).await;
    assert!(matches!(twice, Err(NotImported::Taken { .. })), "{twice:?}");
}

/// The body of the first row of that kind.
fn row<'f>(file: &'f mut Value, kind: &str) -> &'f mut Value {
    let rows = file["rows"].as_array_mut().expect("rows");
    let row = rows.iter_mut().find(|row| row["kind"] == kind);
    row.expect("a row of each kind")
}

/// What somebody does to a row, which is of that kind; and what they are told.
type Twist = (&'static str, fn(&mut Value), &'static str);

const NAME: &str = "its body belongs to a row of another name";
const OWNER: &str = "its body belongs to another owner";
const PACKAGE: &str = "its package says something else";
const KEY: &str = "it is the key of another name or algorithm";
const TWISTS: [Twist; 15] = [
    ("application", |row| row["id"] = json!("evil"), NAME),
    ("application", |row| row["body"]["id"] = json!("evil"), NAME),
    ("application", |row| row["owner"] = json!("evil"), OWNER),
    ("user", |row| row["id"] = json!("evil"), NAME),
    ("user", |row| row["owner"] = json!("evil"), OWNER),
    ("credential", |row| row["id"] = json!("evil"), NAME),
    (
        "credential",
        |row| drop(row.as_object_mut().expect("a row").remove("owner")),
        OWNER,
    ),
    ("credential", |row| row["owner"] = json!("evil"), OWNER),
    (
        "consent",
        |row| row["body"]["client"] = json!("other"),
        NAME,
    ),
    ("consent", |row| row["owner"] = json!("evil"), OWNER),
    (
        "evidence",
        |row| row["body"]["application"] = json!("evil"),
        PACKAGE,
    ),
    (
        "evidence",
        |row| row["body"]["user"] = json!(UserId::from([9; 16])),
        OWNER,
    ),
    (
        "evidence",
        |row| {
            let user = UserId::from([9; 16]);
            row["body"]["user"] = json!(user);
            row["owner"] = json!(User::row_id(&user));
        },
        PACKAGE,
    ),
    ("signing_key", |row| row["id"] = json!("evil"), KEY),
    (
        "signing_key",
        |row| row["body"]["algorithm"] = json!("RS256"),
        KEY,
    ),
];

#[tokio::test]
async fn a_body_in_a_row_of_another_name_or_owner_is_refused_and_the_row_is_named() {
    let world = signed().await;
    let scope = "openid".parse().expect("a scope");
    let user = rows::<User>(&*world.app.store).await[0].3.id;
    let consent = Consent::remember(None, user, &"admin".parse().expect("a name"), &scope);
    let kept = world.app.store.commit(vec![consent], now()).await;
    kept.expect("a store");
    let out = text(&*world.app.store, Secrets::Wrapped).await;
    let whole: Value = serde_json::from_str(&out).expect("JSON");
    let store = sqlite().await;
    for (kind, twist, why) in TWISTS {
        let mut file = whole.clone();
        twist(row(&mut file, kind));
        let id = row(&mut file, kind)["id"]
            .as_str()
            .expect("text")
            .to_owned();
        let refused = import(&file.to_string(), &store).await;
        let Err(NotImported::Entry {
            kind: named,
            id: at,
            source,
        }) = refused
        else {
            panic!("{kind}: {refused:?}");
        };
        let told = (named.as_str(), at, source.to_string());
        assert_eq!(told, (kind, id, why.to_owned()));
        assert!(is_empty(&store).await, "{kind} {why}");
    }
}

#[tokio::test]
async fn an_application_of_the_servers_own_name_is_not_taken_in() {
    let world = signed().await;
    let out = text(&*world.app.store, Secrets::Wrapped).await;
    let mut file: Value = serde_json::from_str(&out).expect("JSON");
    let application = row(&mut file, "application");
    application["id"] = json!("passkey-server");
    application["body"]["id"] = json!("passkey-server");
    let refused = import(&file.to_string(), &MemoryStore::new()).await;
    let Err(NotImported::Entry { id, source, .. }) = refused else {
        panic!("{refused:?}");
    };
    let why = "the name passkey-server is the server's own: an application needs another one";
    assert_eq!(
        (id.as_str(), source.to_string()),
        ("passkey-server", why.to_owned())
    );
}

#[tokio::test]
async fn keys_under_another_sealing_key_are_refused() {
    let world = signed().await;
    let out = text(&*world.app.store, Secrets::Wrapped).await;
    let other = Sealer::new(&SealingKey::new([8; 32]));
    let store = MemoryStore::new();
    let export = Export::parse(&out).expect("an export");
    let refused = export.import(&store, &other, now()).await;
    assert!(
        matches!(refused, Err(NotImported::Sealed { .. })),
        "{refused:?}"
    );
    assert!(is_empty(&store).await);
}

#[tokio::test]
async fn a_client_keeps_its_secret_where_it_is_moved_to() {
    let world = signed().await;
    let store = sqlite().await;
    let out = text(&*world.app.store, Secrets::Wrapped).await;
    import(&out, &store).await.expect("an import");
    let (admin, other) = (world.admin.clone(), world.other.clone());
    let moved = World::over(Arc::new(store), [admin, other], |_| {}).await;
    let listed = world.send(users(&world.admin)).await;
    assert_eq!(listed.status, StatusCode::OK);
    assert_eq!(moved.send(users(&world.admin)).await.json(), listed.json());
    let refused = moved.send(users(&world.other)).await;
    assert_ne!(refused.status, StatusCode::OK);
}

fn users(who: &str) -> Request<Body> {
    let request = Request::get("/api/v1/service/list/users").header(header::AUTHORIZATION, who);
    request.body(Body::empty()).expect("a request")
}
