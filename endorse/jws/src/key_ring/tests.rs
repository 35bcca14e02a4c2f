use super::*;
use crate::{Algorithm, SigningKey, SystemRandom};

const NOW: UnixTime = UnixTime::from_seconds(1_700_000_000);

fn signer(name: &str) -> Signer {
    let random = SystemRandom::new();
    let pem = SigningKey::generate_pem(Algorithm::EdDsa, &random).unwrap();
    Signer::new(
        name.parse().unwrap(),
        SigningKey::from_pem(&pem, &random).unwrap(),
    )
}

fn names(ring: &KeyRing, now: UnixTime) -> Vec<String> {
    ring.published(now)
        .iter()
        .map(|(key_id, _)| key_id.to_string())
        .collect()
}

#[test]
fn a_key_is_published_before_it_signs_and_after_it_has_signed() {
    let mut ring = KeyRing::new(signer("a"), 300);
    assert_eq!(names(&ring, NOW), ["a"]);
    ring.announce(signer("b")).unwrap();
    assert_eq!(names(&ring, NOW), ["a", "b"]);
    assert_eq!(ring.active().key_id().as_str(), "a");
    ring.rotate(NOW).unwrap();
    assert_eq!(ring.active().key_id().as_str(), "b");
    assert!(ring.next().is_none());
    assert_eq!(names(&ring, NOW.plus(300)), ["b", "a"]);
    assert_eq!(names(&ring, NOW.plus(301)), ["b"]);
}

#[test]
fn nothing_rotates_without_a_next_key() {
    let mut ring = KeyRing::new(signer("a"), 300);
    assert_eq!(ring.rotate(NOW), Err(KeyRingError::NoNextKey));
    assert_eq!(ring.active().key_id().as_str(), "a");
}

#[test]
fn one_key_is_announced_at_a_time() {
    let mut ring = KeyRing::new(signer("a"), 300);
    ring.announce(signer("b")).unwrap();
    assert_eq!(ring.announce(signer("c")), Err(KeyRingError::NextKeyThere));
}

#[test]
fn a_name_is_used_once_even_after_it_has_retired() {
    let mut ring = KeyRing::new(signer("a"), 300);
    let duplicate = Err(KeyRingError::DuplicateKeyId(DuplicateKeyId));
    assert_eq!(ring.announce(signer("a")), duplicate);
    ring.announce(signer("b")).unwrap();
    ring.rotate(NOW).unwrap();
    assert_eq!(ring.announce(signer("a")), duplicate);
    let key = ring.active().public().clone();
    assert_eq!(
        ring.restore("b".parse().unwrap(), key.clone(), NOW),
        duplicate
    );
    ring.restore("c".parse().unwrap(), key, NOW).unwrap();
    assert_eq!(names(&ring, NOW), ["b", "a", "c"]);
}

#[test]
fn sweeping_forgets_what_is_no_longer_published() {
    let mut ring = KeyRing::new(signer("a"), 300);
    ring.announce(signer("b")).unwrap();
    ring.rotate(NOW).unwrap();
    ring.sweep(NOW.plus(300));
    assert_eq!(names(&ring, NOW), ["b", "a"]);
    ring.sweep(NOW.plus(301));
    assert_eq!(names(&ring, NOW), ["b"]);
}
