use std::sync::Arc;

use strict_jws::SystemRandom;

use super::*;
use crate::Duration;
use crate::id::FamilyId;
use crate::oauth::Authentication;
use crate::oauth::refresh::Refreshing;
use crate::store::conformance::{Harness, Threads};
use crate::store::{MemoryStore, New, StoreExt as _};

const ISSUER: &str = "https://op.example";
const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);
const HOUR: Duration = Duration::from_seconds(3600);

fn rp() -> ApplicationId {
    "rp".parse().expect("a name")
}

fn grant() -> Grant {
    Grant {
        client: rp(),
        scope: "openid".parse().expect("a scope"),
        authentication: Authentication {
            user: UserId::from([1; 16]),
            passkey: None,
            at: NOW,
            session: None,
            acr: "phr".into(),
            amr: vec!["hwk".into()],
        },
        nonce: Some("theirs".into()),
        claims: crate::oauth::Claims::default(),
        key: None,
    }
}

fn harness() -> Harness<Threads> {
    Harness::new(Arc::new(MemoryStore::new()), Threads)
}

fn access(harness: &Harness<Threads>) -> Stored<AccessToken> {
    let body = AccessToken {
        grant: grant(),
        family: FamilyId::from([7; 16]),
    };
    let id = "token".parse().expect("a name of a row");
    let new = New::record(id, crate::store::Live, &body).expires_at(NOW.plus(HOUR));
    let stored = harness.run(harness.store().insert(new, NOW));
    stored.expect("the store answers").expect("it is new")
}

fn refresh(harness: &Harness<Threads>) -> (RefreshToken, Stored<RefreshFamily>) {
    let (id, random) = (FamilyId::from([7; 16]), SystemRandom::new());
    let started = RefreshFamily::start(id, grant(), Refreshing::For(HOUR), &random, NOW);
    let (token, change) = started.expect("as set up");
    let row = harness.run(harness.store().apply(change, NOW));
    let row = row.expect("the store answers").expect("it is new");
    (token.expect("there is one"), row)
}

fn asker<'a>(client: &'a ApplicationId, registered: &'a Client) -> Asker<'a> {
    Asker { client, registered }
}

#[test]
fn a_client_is_told_what_its_token_is_good_for() {
    let (client, registered) = (rp(), Client::default());
    let token = access(&harness());
    let told = Told::of_access(&token, asker(&client, &registered), ISSUER, NOW);
    let expected = serde_json::json!({
        "active": true, "iss": ISSUER, "sub": UserId::from([1; 16]), "client_id": "rp",
        "scope": "openid", "exp": 1_800_003_600, "iat": 1_800_000_000, "aud": ISSUER,
        "token_type": "Bearer", "auth_time": 1_800_000_000, "acr": "phr", "amr": ["hwk"],
    });
    assert_eq!(serde_json::to_value(told.unwrap()).unwrap(), expected);
}

#[test]
fn a_stranger_is_told_nothing_unless_it_guards_what_tokens_are_for() {
    let (other, mut registered) = ("other".parse().unwrap(), Client::default());
    let harness = harness();
    let (token, (secret, family)) = (access(&harness), refresh(&harness));
    let ask = |registered: &Client| {
        let asker = asker(&other, registered);
        let access = Told::of_access(&token, asker, ISSUER, NOW);
        let refresh = Told::of_refresh((&family, &secret), asker, ISSUER, NOW);
        (access.is_some(), refresh.is_some())
    };
    assert_eq!(ask(&registered), (false, false));
    registered.introspection = Introspection::Everyones;
    assert_eq!(ask(&registered), (true, true));
}

#[test]
fn a_token_is_not_good_at_the_end_of_its_time() {
    let (client, registered) = (rp(), Client::default());
    let harness = harness();
    let (token, (secret, family)) = (access(&harness), refresh(&harness));
    let asker = asker(&client, &registered);
    let over = NOW.plus(HOUR);
    assert_eq!(Told::of_access(&token, asker, ISSUER, over), None);
    let pair = (&family, &secret);
    assert!(Told::of_refresh(pair, asker, ISSUER, over.minus(Duration::from_millis(1))).is_some());
    assert_eq!(Told::of_refresh(pair, asker, ISSUER, over), None);
}

#[test]
fn a_refresh_token_that_was_used_or_made_up_is_not_good() {
    let (client, registered) = (rp(), Client::default());
    let (_, family) = refresh(&harness());
    let made_up = format!(
        "{}.{}",
        family.body.id,
        strict_jws::base64::encode(&[0; 32])
    );
    let told = Told::of_refresh(
        (&family, &made_up.parse().unwrap()),
        asker(&client, &registered),
        ISSUER,
        NOW,
    );
    assert_eq!(told, None);
}
