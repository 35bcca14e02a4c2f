//! What every store must do, as functions for tests.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what is unexpected fails the test"
)]

use std::collections::BTreeSet;
use std::sync::Arc;

use aka::Rand;
use endorse::UnixTime;
use strict_jws::{Algorithm, KeyId};

use super::{Asked, Budget, Revocation, Secret, Store, Whom};
use crate::Purpose;
use crate::keys::{KeyUse, Keys, Stage, StoredKey, signing, stage};

const NOW: UnixTime = UnixTime::from_seconds(1_700_000_000);

/// Everything that one task can tell; the store is empty before.
pub async fn a_store(store: &dyn Store) {
    a_challenge_is_told_again_until_it_is_closed(store).await;
    purposes_and_sims_are_apart(store).await;
    budgets_hold(store).await;
    what_is_under_way_is_taken_once(store).await;
    a_challenge_is_answered_once(store).await;
    a_name_is_used_once_until_it_is_worth_nothing(store).await;
    keys_live_through_their_stages(store).await;
    revocations_are_kept_while_a_token_lives(store).await;
    what_is_over_is_swept(store).await;
    a_secret_is_made_once(store).await;
    store.probe().await.unwrap();
}

/// 64 tasks ask for one SIM and take one thing: one of them each.
pub async fn a_race(store: Arc<dyn Store>) {
    let whom = whom("001010000000064", Purpose::Confirmation);
    let budget = Budget {
        vectors: 10,
        challenges: 100,
    };
    store.keep("race", secret(1), NOW.plus(60)).await.unwrap();
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let asked = store.ask(&whom, budget, NOW).await.unwrap();
                let taken = store.take("race", NOW).await.unwrap();
                let (rand, until) = (Rand::new([64; 16]), NOW.plus(60));
                let answered = store.answer_once(&rand, until, NOW).await.unwrap();
                let used = store.use_once("race", until, NOW).await.unwrap();
                let place = store.reserve(3).await.unwrap();
                let is_anew = matches!(asked, Asked::Anew);
                ([is_anew, taken.is_some(), answered, used], place)
            })
        })
        .collect();
    let (mut won, mut places) = ([0; 4], BTreeSet::new());
    for task in tasks {
        let (wins, place) = task.await.unwrap();
        for (won, win) in won.iter_mut().zip(wins) {
            *won += u32::from(win);
        }
        assert!(places.insert(place / 3), "a place was given twice");
    }
    assert_eq!((won, places.len()), ([1; 4], 64));
}

/// 64 tasks offer a challenge for one SIM, and all hear of the same one.
pub async fn a_race_of_offers(store: Arc<dyn Store>) {
    let whom = whom("001010000000065", Purpose::Eap);
    store.ask(&whom, Budget::default(), NOW).await.unwrap();
    let tasks: Vec<_> = (0..64)
        .map(|octet| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let offered = store.offer(&whom, secret(octet), NOW.plus(30), NOW);
                offered.await.unwrap().to_vec()
            })
        })
        .collect();
    let mut counts = BTreeSet::new();
    for task in tasks {
        counts.insert(task.await.unwrap());
    }
    assert_eq!(counts.len(), 1);
}

async fn a_challenge_is_told_again_until_it_is_closed(store: &dyn Store) {
    let whom = whom("001010000000001", Purpose::KeysApi);
    assert_eq!(ask(store, &whom, NOW).await, "anew");
    assert_eq!(ask(store, &whom, NOW).await, "soon");
    let counts = store.offer(&whom, secret(1), NOW.plus(30), NOW).await;
    assert_eq!(*counts.unwrap(), [1]);
    let late = store.offer(&whom, secret(2), NOW.plus(30), NOW).await;
    assert_eq!(*late.unwrap(), [1]);
    match store.ask(&whom, Budget::default(), NOW.plus(29)).await {
        Ok(Asked::Again(vector)) => assert_eq!(*vector, [1]),
        other => panic!("{other:?}"),
    }
    store.close(&whom).await.unwrap();
    assert_eq!(ask(store, &whom, NOW.plus(29)).await, "anew");
}

async fn purposes_and_sims_are_apart(store: &dyn Store) {
    let one = whom("001010000000002", Purpose::KeysApi);
    ask(store, &one, NOW).await;
    store
        .offer(&one, secret(1), NOW.plus(30), NOW)
        .await
        .unwrap();
    for other in [
        whom("001010000000002", Purpose::Confirmation),
        whom("001010000000003", Purpose::KeysApi),
    ] {
        assert_eq!(ask(store, &other, NOW).await, "anew");
    }
}

async fn budgets_hold(store: &dyn Store) {
    let whom = whom("001010000000004", Purpose::Confirmation);
    for _ in 0..10 {
        assert_eq!(ask(store, &whom, NOW).await, "anew");
        store.close(&whom).await.unwrap();
    }
    assert_eq!(ask(store, &whom, NOW.plus(59)).await, "too often");
    assert_eq!(ask(store, &whom, NOW.plus(60)).await, "anew");
}

async fn what_is_under_way_is_taken_once(store: &dyn Store) {
    let until = NOW.plus(60);
    store.keep("a", secret(7), until).await.unwrap();
    store.keep("b", secret(8), until).await.unwrap();
    assert_eq!(*store.find("a", NOW).await.unwrap().unwrap(), [7]);
    store.keep("a", secret(9), until).await.unwrap();
    assert_eq!(*store.take("a", NOW.plus(59)).await.unwrap().unwrap(), [9]);
    assert!(store.take("a", NOW).await.unwrap().is_none());
    assert!(store.find("a", NOW).await.unwrap().is_none());
    assert!(store.find("b", until).await.unwrap().is_none());
    assert!(store.take("b", until).await.unwrap().is_none());
}

async fn a_challenge_is_answered_once(store: &dyn Store) {
    let (one, other, until) = (Rand::new([1; 16]), Rand::new([2; 16]), NOW.plus(95));
    assert!(store.answer_once(&one, until, NOW).await.unwrap());
    assert!(!store.answer_once(&one, until, NOW.plus(94)).await.unwrap());
    assert!(store.answer_once(&other, until, NOW).await.unwrap());
    store.sweep(NOW.plus(94)).await.unwrap();
    assert!(!store.answer_once(&one, until, NOW.plus(94)).await.unwrap());
    store.sweep(until).await.unwrap();
    assert!(store.answer_once(&one, until, NOW).await.unwrap());
}

async fn a_name_is_used_once_until_it_is_worth_nothing(store: &dyn Store) {
    let until = NOW.plus(60);
    store.keep("d", secret(7), until).await.unwrap();
    assert!(store.use_once("d", until, NOW).await.unwrap());
    assert!(!store.use_once("d", until, NOW.plus(59)).await.unwrap());
    assert!(store.use_once("e", until, NOW).await.unwrap());
    assert!(store.use_once("d", until.plus(60), until).await.unwrap());
    assert!(!store.use_once("d", until, until).await.unwrap());
    assert_eq!(*store.find("d", NOW).await.unwrap().unwrap(), [7]);
}

async fn keys_live_through_their_stages(store: &dyn Store) {
    let key = |key_use| StoredKey::generate(Algorithm::EdDsa, key_use, NOW).unwrap();
    let (old, next) = (key(KeyUse::Native), key(KeyUse::Native));
    let other = key(KeyUse::Soracom).signing_from(NOW);
    assert!(store.add_key(old.clone().signing_from(NOW)).await.unwrap());
    assert!(!store.add_key(old.clone()).await.unwrap());
    assert!(store.add_key(next.clone()).await.unwrap());
    assert!(store.add_key(other.clone()).await.unwrap());
    let (from, until) = (NOW.plus(10), NOW.plus(400));
    let promote = || store.promote(&next.key_id, KeyUse::Native, from, until);
    assert!(promote().await.unwrap());
    assert!(!promote().await.unwrap());

    let stored = store.keys().await.unwrap();
    let active = |now| {
        signing(&stored, KeyUse::Native, now)
            .unwrap()
            .key_id
            .clone()
    };
    assert_eq!(active(NOW.plus(9)), old.key_id);
    assert_eq!(active(from), next.key_id);
    let of = |id: &KeyId| stored.iter().find(|key| key.key_id == *id).unwrap();
    assert_eq!(*of(&old.key_id).pem, *old.pem);
    assert_eq!(stage(&stored, of(&old.key_id), until), Stage::Retired);
    assert_eq!(stage(&stored, of(&old.key_id), until.plus(1)), Stage::Gone);
    assert_eq!(stage(&stored, of(&other.key_id), until), Stage::Active);
    a_retired_key_is_published_no_more(store, &other.key_id).await;
}

async fn a_retired_key_is_published_no_more(store: &dyn Store, other: &KeyId) {
    assert!(store.retire(other, NOW.plus(5)).await.unwrap());
    let keys = Keys::load(store, NOW.plus(6)).await.unwrap().now();
    assert!(keys.get(other).is_none());
    assert_eq!(keys.keys().len(), 2);
    let nobody = StoredKey::generate(Algorithm::EdDsa, KeyUse::Native, NOW).unwrap();
    assert!(!store.retire(&nobody.key_id, NOW).await.unwrap());
}

async fn revocations_are_kept_while_a_token_lives(store: &dyn Store) {
    let (first, second) = (store.reserve(10).await, store.reserve(1).await);
    assert_eq!(first.unwrap() + 10, second.unwrap());
    let revocation = |token_id: &str, index| Revocation {
        token_id: token_id.to_owned(),
        index,
        until: NOW.plus(300),
    };
    store.revoke(revocation("one", Some(5))).await.unwrap();
    store.revoke(revocation("one", Some(5))).await.unwrap();
    store.revoke(revocation("two", None)).await.unwrap();
    assert!(store.is_revoked("one").await.unwrap());
    assert!(store.is_revoked("two").await.unwrap());
    assert!(!store.is_revoked("three").await.unwrap());
    assert_eq!(store.revoked(NOW).await.unwrap(), [5]);
    assert_eq!(store.revoked(NOW.plus(300)).await.unwrap(), [0; 0]);
}

async fn a_secret_is_made_once(store: &dyn Store) {
    assert_eq!(*store.secret("one", secret(1)).await.unwrap(), [1]);
    assert_eq!(*store.secret("two", secret(2)).await.unwrap(), [2]);
    assert_eq!(*store.secret("one", secret(3)).await.unwrap(), [1]);
}

async fn what_is_over_is_swept(store: &dyn Store) {
    let whom = whom("001010000000005", Purpose::Confirmation);
    ask(store, &whom, NOW).await;
    store.keep("c", secret(1), NOW.plus(60)).await.unwrap();
    store.sweep(NOW.plus(59)).await.unwrap();
    assert!(store.find("c", NOW).await.unwrap().is_some());
    assert_eq!(ask(store, &whom, NOW).await, "soon");
    store.sweep(NOW.plus(300)).await.unwrap();
    assert!(store.find("c", NOW).await.unwrap().is_none());
    assert_eq!(ask(store, &whom, NOW).await, "anew");
    assert!(!store.is_revoked("one").await.unwrap());
}

async fn ask(store: &dyn Store, whom: &Whom, now: UnixTime) -> &'static str {
    match store.ask(whom, Budget::default(), now).await.unwrap() {
        Asked::Again(_) => "again",
        Asked::Anew => "anew",
        Asked::Soon => "soon",
        Asked::TooOften => "too often",
        Asked::Full => "full",
    }
}

fn whom(imsi: &str, purpose: Purpose) -> Whom {
    Whom {
        imsi: imsi.parse().unwrap(),
        purpose,
    }
}

fn secret(octet: u8) -> Secret {
    Secret::new(vec![octet])
}
