//! What people try who are no friends: one test a case, by the names in docs/passkey-attacks.md.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use passkey_idp::Duration;
use passkey_idp::evidence::{Trust, verify};
use passkey_idp::store::{Change, Where};
use passkey_idp::webauthn::{Quirks, TestAuthenticator};
use passkey_server::keys::{self, Current, KeyError, StoredKey};
use passkey_server::state::now;
use passkey_server::upkeep;
use serde_json::{Value, json};
use server_kit::limit::{Failures, PeerLimit, RateLimit};
use server_kit::listen::Peer;
use strict_jws::{Algorithm, KeyId, KeySet, SecureRandom, Unsupported, base64};

use crate::browser::Browser;
use crate::world::{Answer, ORIGIN, World};

/// The same identifier with another character at `at`.
fn mutated(id: &str, at: usize) -> String {
    let mut octets = id.as_bytes().to_vec();
    octets[at] = if octets[at] == b'A' { b'B' } else { b'A' };
    String::from_utf8(octets).expect("as set up")
}

#[tokio::test]
async fn an_order_is_found_by_its_whole_identifier_only() {
    let world = World::new().await;
    let id = world.place(json!({ "text": "mine" })).await;
    assert_eq!(base64::decode(id.as_bytes()).unwrap().len(), 16, "128 bits");
    let guesses = (0..id.len()).map(|at| mutated(&id, at));
    let guesses = guesses.chain([String::new(), id[..21].into(), format!("{id}A"), "1".into()]);
    for guess in guesses {
        for path in ["/o/", "/api/v1/challenge/"] {
            let answer = world.get(&format!("{path}{guess}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}{guess}");
        }
    }
    assert_eq!(world.get(&format!("/o/{id}")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn orders_of_others_and_of_nobody_look_alike_to_a_client() {
    let world = World::new().await;
    let id = world.place(json!({ "text": "mine" })).await;
    let foreign = json!({ "challengeId": id });
    let nobodys = json!({ "challengeId": mutated(&id, 0) });
    let foreign = world.post(&world.other, "/collect", foreign).await;
    let nobodys = world.post(&world.other, "/collect", nobodys).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    assert_eq!(
        (foreign.status, foreign.text),
        (nobodys.status, nobodys.text)
    );
}

#[tokio::test]
async fn a_passkey_that_nobody_has_and_one_of_somebody_else_look_alike() {
    let world = World::new().await;
    let mut kim = world.user().await;
    let mut eve = world.user().await;
    let users = world.users().await;
    let of_kim = users
        .iter()
        .find(|user| user["keys"][0]["key"]["ID"] == json!(kim.credential_id()));
    let asked = json!({ "text": "for Kim", "userId": of_kim.unwrap()["id"] });
    let mut told = Vec::new();
    for known in [true, false] {
        let id = world.place(asked.clone()).await;
        let (_, ask) = world.ask(&id).await;
        let mut answer = json!(eve.sign(&ask, &Quirks::default()));
        if !known {
            answer["id"] = json!(base64::encode(&[9; 32]));
            answer["rawId"] = answer["id"].clone();
        }
        let refused = world.post("", &format!("/challenge/{id}"), answer).await;
        told.push((refused.status, refused.text));
    }
    assert_eq!(told[0].0, StatusCode::FORBIDDEN);
    assert_eq!(told[0], told[1]);
    let id = world.place(asked).await;
    let (_, ask) = world.ask(&id).await;
    let answer = json!(kim.sign(&ask, &Quirks::default()));
    let signed = world.post("", &format!("/challenge/{id}"), answer).await;
    assert_eq!(signed.status, StatusCode::OK, "{}", signed.text);
}

/// A wish of somebody at that address, whose credentials stand in the field.
async fn wish(world: &World, address: &str, authorization: &str, path: &str) -> Answer {
    let kinds = ["application/json", "application/x-www-form-urlencoded"];
    let kind = kinds[usize::from(path == "/token")];
    let body = if path == "/token" {
        "grant_type=refresh_token"
    } else {
        "{}"
    };
    let request = Request::post(path)
        .header(header::AUTHORIZATION, authorization)
        .header(header::CONTENT_TYPE, kind)
        .extension(Peer::tcp(address.parse().expect("as set up")));
    world
        .send(request.body(body.into()).expect("as set up"))
        .await
}

const STRANGER: &str = "198.51.100.7:1000";
const SHOP: &str = "192.0.2.1:1000";

/// Where clients authenticate, and what they are told there who ask too often.
const DIALECTS: [(&str, StatusCode); 3] = [
    ("/api/v1/sign", StatusCode::TOO_MANY_REQUESTS),
    ("/token", StatusCode::TOO_MANY_REQUESTS),
    ("/rp/v6.0/auth", StatusCode::SERVICE_UNAVAILABLE),
];

#[tokio::test]
async fn whoever_tries_secrets_of_a_client_is_slowed_down_and_the_client_is_not() {
    for (path, too_many) in DIALECTS {
        let world = World::with(|app| app.strangers = Failures::burst(2)).await;
        let wrong = format!("other:{}", base64::encode(&[7; 32]));
        let wrong = format!("Basic {}", base64::encode_padded(wrong.as_bytes()));
        for _ in 0..2 {
            let refused = wish(&world, STRANGER, &wrong, path).await;
            assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{path}");
        }
        let slowed = wish(&world, STRANGER, &wrong, path).await;
        assert_eq!(slowed.status, too_many, "{path}");
        // a client may share its address with anybody: behind a NAT, or a proxy on loopback
        for (address, who) in [
            (STRANGER, &world.other),
            (SHOP, &world.other),
            (SHOP, &world.admin),
        ] {
            let answer = wish(&world, address, who, path).await;
            let held_up = [too_many, StatusCode::UNAUTHORIZED];
            assert!(!held_up.contains(&answer.status), "{path}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn a_client_has_a_share_that_its_own_requests_use_up_only() {
    for (path, too_many) in DIALECTS {
        let world = World::with(|app| app.clients = RateLimit::per_second(1)).await;
        for _ in 0..10 {
            let refused = wish(&world, STRANGER, "Basic b3RoZXI6aHVzaA==", path).await;
            assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{path}");
        }
        for held_up in [false, false, true] {
            let answer = wish(&world, SHOP, &world.other, path).await;
            let is_held_up = answer.status == too_many;
            assert_eq!(is_held_up, held_up, "{path}: {}", answer.text);
        }
        let another = wish(&world, SHOP, &world.admin, path).await;
        assert_ne!(another.status, too_many, "{path}");
    }
}

/// A request of a peer that claims to be somebody else.
async fn from(world: &World, address: &str, claimed: &str) -> Answer {
    let request = Request::get("/api/version")
        .header("x-forwarded-for", claimed)
        .header("x-real-ip", claimed)
        .header("forwarded", format!("for={claimed}"))
        .extension(Peer::tcp(address.parse().expect("as set up")));
    world
        .send(request.body(Body::empty()).expect("as set up"))
        .await
}

#[tokio::test]
async fn an_address_that_floods_is_slowed_down_whoever_it_claims_to_be() {
    let world = World::with(|app| app.peers = PeerLimit::per_second(1)).await;
    for claimed in ["192.0.2.1", "192.0.2.2"] {
        let answer = from(&world, "198.51.100.7:1000", claimed).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    let slowed = from(&world, "198.51.100.7:1001", "192.0.2.3").await;
    assert_eq!(slowed.status, StatusCode::TOO_MANY_REQUESTS);
    let other = from(&world, "198.51.100.8:1000", "198.51.100.7").await;
    assert_eq!(
        other.status,
        StatusCode::OK,
        "another address has its own share"
    );
    for host in 1..4 {
        let answer = from(&world, &format!("[2001:db8::{host}]:1000"), "192.0.2.1").await;
        let share = if host < 3 {
            StatusCode::OK
        } else {
            StatusCode::TOO_MANY_REQUESTS
        };
        assert_eq!(answer.status, share, "a /64 is one peer");
    }
}

#[tokio::test]
async fn no_header_of_a_proxy_changes_an_address_that_is_told() {
    let world = World::new().await;
    let request = Request::post("/api/v1/sign")
        .header(header::AUTHORIZATION, &world.admin)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::HOST, "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("x-forwarded-proto", "http")
        .header("forwarded", "host=evil.example;proto=http")
        .header(header::REFERER, "https://evil.example/")
        .header(header::ORIGIN, "https://evil.example");
    let placed = world.send(request.body("{}".into()).unwrap()).await.json();
    let url = placed["url"].as_str().unwrap();
    assert!(url.starts_with(&format!("{ORIGIN}/o/")), "{url}");
    let id = placed["challengeId"].as_str().unwrap();
    let request = Request::get(format!("/o/{id}"))
        .header(header::HOST, "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header(header::REFERER, "https://evil.example/");
    let page = world.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.text.contains("evil.example"), "{}", page.text);
    assert!(!page.policy.contains("evil.example"), "{}", page.policy);
}

#[tokio::test]
async fn a_referer_leads_nobody_anywhere() {
    let world = World::new().await;
    let id = world.place(json!({ "text": "mine" })).await;
    let mut browser = Browser::new(&world);
    let page = browser.open(&format!("/o/{id}")).await;
    let answer = browser.send(&page, "decision=reject").await;
    assert_eq!(answer.location, format!("/o/{id}"));
    let request = Request::get(&answer.location)
        .header(header::COOKIE, browser.cookies())
        .header(header::REFERER, "https://evil.example/");
    let told = world.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!((told.status, told.location.as_str()), (StatusCode::OK, ""));
    assert!(!told.text.contains("evil.example"));
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused_wherever_it_is_sent() {
    let world = World::new().await;
    let long = "a".repeat(3 << 20);
    let id = world.place(json!({ "text": "mine" })).await;
    for path in ["sign", "collect", &*format!("challenge/{id}")] {
        let request = Request::post(format!("/api/v1/{path}"))
            .header(header::AUTHORIZATION, &world.admin)
            .header(header::CONTENT_TYPE, "application/json");
        let body = json!({ "text": long }).to_string();
        let refused = world.send(request.body(body.into()).unwrap()).await;
        let refused = refused.status.as_u16();
        assert!([400, 413].contains(&refused), "{path}: {refused}");
    }
    for path in [
        format!("/o/{id}"),
        format!("/o/{id}/number"),
        format!("/o/{id}/qr"),
    ] {
        let form = "application/x-www-form-urlencoded";
        let request = Request::post(&path).header(header::CONTENT_TYPE, form);
        let body = format!("csrf={long}");
        let refused = world.send(request.body(body.into()).unwrap()).await;
        let refused = refused.status.as_u16();
        assert!([400, 413].contains(&refused), "{path}: {refused}");
    }
}

#[tokio::test]
async fn no_answer_holds_more_secrets_than_it_is_for() {
    let world = World::new().await;
    let placed = world
        .post(&world.admin, "/sign", json!({ "text": "mine" }))
        .await
        .json();
    let (id, secret) = (&placed["challengeId"], placed["secret"].as_str().unwrap());
    let asked = json!({ "challengeId": id });
    let collected = world.post(&world.admin, "/collect", asked).await;
    let viewed = world
        .get(&format!("/api/v1/challenge/{}", id.as_str().unwrap()))
        .await;
    let users = world.get("/api/v1/service/list/users").await;
    for answer in [collected, viewed, users] {
        assert!(!answer.text.contains(secret), "{}", answer.text);
        assert!(!answer.text.contains("technicalMsg"), "{}", answer.text);
    }
}

#[tokio::test]
async fn an_application_without_the_flag_administers_nothing() {
    let world = World::new().await;
    world.user().await;
    let user = world.users().await.remove(0);
    let (id, key) = (&user["id"], &user["keys"][0]["hash"]);
    for (path, body) in [
        ("create/user", json!({ "suggestedName": "Eve" })),
        ("create/key", json!({ "userId": id })),
        ("delete/key", json!({ "userId": id, "keyHash": key })),
        ("delete/user", json!({ "userId": id })),
    ] {
        let path = format!("/service/{path}");
        let refused = world.post(&world.other, &path, body.clone()).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
        let refused = world.post("", &path, body).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    assert_eq!(world.users().await, [user], "nothing has changed");
}

#[tokio::test]
async fn a_key_is_not_deleted_in_another_users_name() {
    let world = World::new().await;
    world.user().await;
    world.user().await;
    let users = world.users().await;
    let theirs = json!({ "userId": users[0]["id"], "keyHash": users[1]["keys"][0]["hash"] });
    let refused = world
        .post(&world.admin, "/service/delete/key", theirs)
        .await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    assert_eq!(world.users().await, users);
}

async fn rotate(world: &World, lead: u64) -> KeyId {
    let app = &world.app;
    let lead = Duration::from_seconds(lead);
    let random: &(dyn SecureRandom + Sync) = &app.random;
    let with = (&app.sealer, random);
    let made = keys::announce(&*app.store, with, Algorithm::EdDsa, lead, now()).await;
    look(world).await;
    made.expect("as set up")
}

async fn look(world: &World) {
    let app = &world.app;
    let current = Current::load(&*app.store, &app.sealer, &app.random, now()).await;
    app.keys.replace(current.expect("as set up"));
}

#[tokio::test]
async fn a_clock_that_is_behind_every_key_takes_no_instance_out_of_service() {
    let world = World::new().await;
    let first = world.app.keys.now().signer().key_id().clone();
    let next = rotate(&world, 3600).await;
    let behind = now().minus(Duration::from_seconds(24 * 3600));
    upkeep::look_at_keys(&world.app, behind).await;
    let current = world.app.keys.now();
    assert_eq!(
        *current.signer().key_id(),
        first,
        "the one that is due first"
    );
    assert!(current.early().is_some());
    assert_eq!(published(&world).await.len(), 2);
    let ready = world.get("/readyz").await;
    assert_eq!(ready.status, StatusCode::OK, "{}", ready.text);
    let mut passkey = world.user().await;
    let evidence = signed(&world, &mut passkey).await;
    assert!(verifies(&evidence, &published(&world).await));

    upkeep::look_at_keys(&world.app, now()).await;
    assert_eq!(world.app.keys.now().early(), None);
    let ahead = now().plus(Duration::from_seconds(2 * 3600));
    upkeep::look_at_keys(&world.app, ahead).await;
    assert_eq!(*world.app.keys.now().signer().key_id(), next);
}

#[tokio::test]
async fn a_store_without_keys_is_not_said_to_give_no_answer() {
    let world = World::new().await;
    let list = keys::list(&*world.app.store).await.unwrap();
    let gone = list
        .into_iter()
        .map(|key| Change::delete(Where::<StoredKey>::id(key.id)));
    world.app.store.commit(gone.collect(), now()).await.unwrap();
    let none = Current::load(
        &*world.app.store,
        &world.app.sealer,
        &world.app.random,
        now(),
    )
    .await;
    assert!(matches!(none, Err(KeyError::None)));
    upkeep::look_at_keys(&world.app, now()).await;
    assert_eq!(world.get("/readyz").await.status, StatusCode::OK);
    world.user().await;
}

async fn signed(world: &World, passkey: &mut TestAuthenticator) -> String {
    let id = world.place(json!({ "text": "for ever" })).await;
    let (_, ask) = world.ask(&id).await;
    let answer = json!(passkey.sign(&ask, &Quirks::default()));
    world.post("", &format!("/challenge/{id}"), answer).await;
    let asked = json!({ "challengeId": id });
    let collected = world.post(&world.admin, "/collect", asked).await.json();
    collected["evidence"]
        .as_str()
        .expect("as set up")
        .to_owned()
}

async fn published(world: &World) -> KeySet {
    let text = world.get("/oidc/jwkset.json").await.text;
    KeySet::from_jwks(text.as_bytes(), Unsupported::Refuse).expect("as set up")
}

fn verifies(evidence: &str, keys: &KeySet) -> bool {
    verify(evidence, &Trust::Keys(keys)).is_ok()
}

#[tokio::test]
async fn evidence_outlives_the_key_that_signed_it_by_the_keys_that_were_kept() {
    let world = World::new().await;
    let mut passkey = world.user().await;
    let old = signed(&world, &mut passkey).await;
    let kept = published(&world).await;
    let first = world.app.keys.now().signer().key_id().clone();

    let next = rotate(&world, 3600).await;
    assert_eq!(
        published(&world).await.len(),
        2,
        "announced before it signs"
    );
    let again = signed(&world, &mut passkey).await;
    assert!(verifies(&again, &kept), "the first key signs still");
    let early = keys::retire(&*world.app.store, &first, now()).await;
    assert!(matches!(early, Err(KeyError::Last)));

    keys::retire(&*world.app.store, &next, now()).await.unwrap();
    rotate(&world, 0).await;
    let new = signed(&world, &mut passkey).await;
    let both = published(&world).await;
    assert!(verifies(&old, &both) && verifies(&new, &both));
    assert!(!verifies(&new, &kept), "who looked before does not know it");

    keys::retire(&*world.app.store, &first, now())
        .await
        .unwrap();
    look(&world).await;
    let last = published(&world).await;
    assert!(!verifies(&old, &last) && verifies(&new, &last));
    assert!(
        verifies(&old, &kept),
        "whoever kept the keys proves it still"
    );
}

#[tokio::test]
async fn what_is_missing_or_of_another_type_is_an_error_and_no_crash() {
    let world = World::new().await;
    let id = world.place(json!({ "text": "mine" })).await;
    let path = format!("/challenge/{id}");
    let bodies = [
        json!(null),
        json!([]),
        json!(1),
        json!({}),
        json!({ "id": null }),
        json!({ "response": {} }),
        json!({ "id": "", "rawId": "", "type": "public-key", "response": { "clientDataJSON": "" } }),
        json!({ "text": 1 }),
        json!({ "challengeId": [] }),
        json!({ "userId": {} }),
    ];
    let paths = [
        "/sign",
        "/collect",
        &*path,
        "/service/create/user",
        "/service/delete/key",
    ];
    for (path, body) in paths
        .iter()
        .flat_map(|path| bodies.iter().map(move |body| (path, body)))
    {
        if *path == "/sign" && *body == json!({}) {
            continue;
        }
        let answer = world.post(&world.admin, path, body.clone()).await;
        assert!(
            answer.status.is_client_error(),
            "{path} {body}: {}",
            answer.status
        );
        let told: Value = answer.json();
        assert!(
            told["error"].is_string() || told["status"].is_string(),
            "{path} {body}: {told}"
        );
    }
}

#[tokio::test]
async fn a_content_type_may_have_a_charset() {
    let world = World::new().await;
    let request = Request::post("/api/v1/sign")
        .header(header::AUTHORIZATION, &world.admin)
        .header(header::CONTENT_TYPE, "application/json; charset=utf-8");
    let placed = world.send(request.body("{}".into()).unwrap()).await;
    assert_eq!(placed.status, StatusCode::OK, "{}", placed.text);
}

#[tokio::test]
async fn every_page_has_every_header_and_no_error_page_is_empty() {
    let world = World::new().await;
    let id = world.place(json!({ "text": "mine" })).await;
    let mut browser = Browser::new(&world);
    let paths = [
        format!("/o/{id}"),
        format!("/o/{id}/qr"),
        format!("/o/{}", mutated(&id, 0)),
        "/o/x".into(),
        "/q/x".into(),
        "/nowhere".into(),
        format!("/o/{id}/number?ticket=x"),
        "/o/x/qr.svg".into(),
    ];
    for path in paths {
        let page = browser.open(&path).await;
        let header = |name: &str| page.headers.get(name).map(|value| value.to_str().unwrap());
        assert_eq!(header("x-frame-options"), Some("DENY"), "{path}");
        assert_eq!(header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(header("referrer-policy"), Some("no-referrer"), "{path}");
        assert_eq!(header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(
            header("cross-origin-opener-policy"),
            Some("same-origin"),
            "{path}"
        );
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(page.policy.contains(part), "{path}: {}", page.policy);
        }
        assert!(page.text.contains("<h1>"), "{path}: {}", page.text);
    }
}

#[tokio::test]
async fn nothing_that_looks_ahead_of_a_person_opens_an_order() {
    let world = World::new().await;
    let id = world.place(json!({ "text": "mine" })).await;
    for path in [format!("/o/{id}"), format!("/o/{id}/qr")] {
        let preview = Request::head(&path).body(Body::empty());
        let preview = world.send(preview.unwrap()).await;
        assert_eq!(
            (preview.status, preview.cookie.as_str()),
            (StatusCode::OK, "")
        );
        let prefetch = Request::get(&path).header("sec-purpose", "prefetch;prerender");
        let prefetch = world.send(prefetch.body(Body::empty()).unwrap()).await;
        assert_eq!(prefetch.status, StatusCode::SERVICE_UNAVAILABLE);
    }
    let page = world.get(&format!("/o/{id}")).await;
    assert_eq!(
        page.status,
        StatusCode::OK,
        "it is still open to the first person"
    );
}
