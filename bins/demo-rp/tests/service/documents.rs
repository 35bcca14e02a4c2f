//! Having documents signed, at the real provider.

use demo::browser::{Browser, File, Page};
use passkey_idp::Duration;
use passkey_idp::evidence::{Trust, verify};
use passkey_idp::order::Order;
use passkey_idp::store::{Change, Set, StoreExt as _, Where};
use passkey_server::state::now;
use strict_jws::{KeySet, Unsupported};

use crate::world::World;

const TEXT: &str = "I lend you my <b>bicycle</b>\nuntil Sunday\u{202e}.";

/// The evidence of a proven document, and the keys, as the page hands them out.
pub(crate) fn downloads(browser: &mut Browser, page: &Page) -> (String, KeySet) {
    let evidence = format!("{}/evidence.json", page.url.path());
    let evidence = browser.follow(page, &evidence).expect("evidence");
    let keys = format!("{}/keys.json", page.url.path());
    let keys = browser.follow(page, &keys).expect("keys");
    let keys = KeySet::from_jwks(keys.html.as_bytes(), Unsupported::Skip);
    (evidence.html, keys.expect("a JWK set"))
}

#[test]
fn a_text_is_signed_on_this_device_and_proven_with_the_keys_that_are_published() {
    let world = World::new();
    let (mut browser, mut passkey, home) = world.signed_in("Kim");
    let subject = home.after("<dt>Subject</dt><dd class=\"mono\">").unwrap();
    let asked = world.ask(&mut browser, &[("text", TEXT), ("device", "this")]);
    assert_eq!(asked.url.host_str(), Some("localhost"), "at the provider");
    let proven = browser.approve(&asked, &mut passkey).unwrap();
    assert!(
        proven.url.as_str().starts_with(&world.at("/documents/")),
        "{}",
        proven.url
    );
    assert!(
        proven.html.contains("Signed, and proven"),
        "{}",
        proven.html
    );
    assert!(
        proven.html.contains("&#60;b&#62;bicycle"),
        "{}",
        proven.html
    );
    assert!(proven.html.contains(">U+202E</span>"), "{}", proven.html);
    let (evidence, keys) = downloads(&mut browser, &proven);
    let statement = verify(&evidence, &Trust::Keys(&keys)).unwrap().statement;
    assert_eq!(
        (statement.text.as_str(), statement.media_type.as_str()),
        (TEXT, "text/plain")
    );
    assert_eq!(statement.user.to_string(), subject);
    assert!(verify(&evidence.replacen("eyJ", "eyK", 1), &Trust::Embedded).is_err());
    let home = browser.open(&world.at("/")).unwrap();
    let listed = format!("href=\"{}\"", proven.url.path());
    assert!(home.html.contains(&listed), "{}", home.html);
}

#[test]
fn a_file_is_signed_with_its_text() {
    let world = World::new();
    let (mut browser, mut passkey, _) = world.signed_in("Kim");
    let form = browser.open(&world.at("/documents")).unwrap();
    let content = [0_u8, 1, 0xff, b'\r', b'\n', b'-', b'-'];
    let file = File {
        field: "file",
        name: "a<b.bin",
        content: &content,
    };
    let fields = [
        ("text", "# Contract"),
        ("markup", "yes"),
        ("device", "this"),
    ];
    let asked = browser.upload(&form, "/documents", &fields, &file).unwrap();
    let proven = browser.approve(&asked, &mut passkey).unwrap();
    assert!(
        proven.html.contains("a&#60;b.bin, 7 bytes<"),
        "{}",
        proven.html
    );
    let (evidence, keys) = downloads(&mut browser, &proven);
    let statement = verify(&evidence, &Trust::Keys(&keys)).unwrap().statement;
    assert_eq!(statement.data.unwrap().as_slice(), content);
    assert_eq!(statement.media_type, "text/markdown");
}

#[test]
fn a_code_leads_another_device_to_the_document_while_this_one_waits() {
    let world = World::new();
    let (mut browser, mut passkey, _) = world.signed_in("Kim");
    let waiting = world.ask(
        &mut browser,
        &[("text", "On my phone"), ("device", "other")],
    );
    assert!(waiting.html.contains("data-follow="), "{}", waiting.html);
    let path = waiting.url.path().to_owned();
    let code = browser
        .open(&world.at(&format!("{path}/code.svg")))
        .unwrap();
    assert!(code.html.starts_with("<svg "), "{}", code.html);
    let state = format!("{path}/state");
    let before = browser.open(&world.at(&state)).unwrap();
    assert!(before.html.contains("\"final\":false"), "{}", before.html);

    let mut phone = Browser::new();
    let asked = phone.open(&waiting.after("<a href=\"").unwrap()).unwrap();
    let done = phone.approve(&asked, &mut passkey).unwrap();
    assert!(done.html.contains("Go on where you began"), "{}", done.html);
    let home = browser.open(&world.at("/")).unwrap();
    assert!(
        home.html.contains("<span class=\"small\">Signed<"),
        "{}",
        home.html
    );
    let after = browser.open(&world.at(&state)).unwrap();
    assert!(after.html.contains("\"final\":true"), "{}", after.html);
    let proven = browser.open(&world.at(&path)).unwrap();
    assert!(
        proven.html.contains("Signed, and proven"),
        "{}",
        proven.html
    );
}

#[test]
fn what_a_code_holds_opens_nothing_for_long() {
    let world = World::new();
    let (mut browser, _, _) = world.signed_in("Kim");
    let waiting = world.ask(&mut browser, &[("text", "On show"), ("device", "other")]);
    let id = waiting.url.path_segments().unwrap().next_back().unwrap();
    let opened = format!("{}/o/{id}", world.provider.settings.origin);
    let opened = Browser::new().open(&opened).unwrap();
    assert_eq!(opened.status, 409, "{}", opened.html);
    assert!(!opened.html.contains("On show"), "{}", opened.html);
}

#[test]
fn a_rejected_order_is_not_signed() {
    let world = World::new();
    let (mut browser, _, _) = world.signed_in("Kim");
    let asked = world.ask(&mut browser, &[("text", "Give me all"), ("device", "this")]);
    let action = asked.url.path().to_owned();
    let told = browser
        .send(&asked, &action, &[("decision", "reject")])
        .unwrap();
    assert!(told.html.contains("You said no"), "{}", told.html);
    let evidence = format!("{}/evidence.json", told.url.path());
    assert_eq!(browser.open(&world.at(&evidence)).unwrap().status, 404);
}

#[test]
fn an_expired_order_is_not_signed() {
    let world = World::new();
    let (mut browser, _, _) = world.signed_in("Kim");
    let waiting = world.ask(&mut browser, &[("text", "Too late"), ("device", "other")]);
    let id = waiting.url.path_segments().unwrap().next_back().unwrap();
    let row = Order::row_id(&id.parse().unwrap());
    let store = &world.provider.store;
    world.runtime.block_on(async {
        let order = store.find::<Order>(&row).await.unwrap().unwrap();
        let mut over = order.body.clone();
        over.sign_until = now().minus(Duration::from_seconds(1));
        let replaced = store.apply::<Order>(
            Change::update(
                Where::id(row),
                Set::body_only(&over).expires_at(over.sign_until),
            ),
            now(),
        );
        replaced.await.unwrap().unwrap();
    });
    let told = browser.open(waiting.url.as_str()).unwrap();
    assert!(told.html.contains("The time is over"), "{}", told.html);
}

#[test]
fn an_order_that_the_provider_has_forgotten_is_not_signed() {
    let world = World::new();
    let (mut browser, _, _) = world.signed_in("Kim");
    let waiting = world.ask(&mut browser, &[("text", "Gone"), ("device", "other")]);
    let later = now().plus(Duration::from_seconds(30 * 24 * 60 * 60));
    let swept = world.provider.store.sweep(later, 1000);
    assert!(world.runtime.block_on(swept).unwrap() > 0);
    let told = browser.open(waiting.url.as_str()).unwrap();
    assert!(told.html.contains("The time is over"), "{}", told.html);
}

#[test]
fn a_document_is_shown_to_nobody_else() {
    let world = World::new();
    let (mut kim, _, _) = world.signed_in("Kim");
    let (mut robin, _, _) = world.signed_in("Robin");
    let waiting = world.ask(&mut kim, &[("text", "Between us"), ("device", "other")]);
    for path in ["", "/state", "/code.svg", "/evidence.json", "/keys.json"] {
        let address = format!("{}{path}", waiting.url);
        assert_eq!(robin.open(&address).unwrap().status, 404, "{path}");
    }
    let stranger = Browser::new().open(waiting.url.as_str()).unwrap();
    assert_eq!(stranger.url.path(), "/");
}

#[test]
fn nobody_signs_for_somebody_else() {
    let world = World::new();
    let (mut kim, _, _) = world.signed_in("Kim");
    let (_, mut passkey_of_robin) = world.person("Robin");
    let asked = world.ask(&mut kim, &[("text", "In my name"), ("device", "this")]);
    let refused = kim.approve(&asked, &mut passkey_of_robin).unwrap();
    assert_eq!(
        refused.url.host_str(),
        Some("localhost"),
        "{}",
        refused.html
    );
    assert!(refused.status >= 400, "{}", refused.html);
}

#[test]
fn a_document_without_a_text_is_refused_with_advice() {
    let world = World::new();
    let (mut browser, _, _) = world.signed_in("Kim");
    let refused = world.ask(&mut browser, &[("text", "\u{7}"), ("device", "this")]);
    assert_eq!(refused.status, 400);
    assert!(
        refused.html.contains("control character"),
        "{}",
        refused.html
    );
}
