use std::sync::Arc;

use endorse::status_list::{StatusList, StatusLists};
use endorse::{Refusal, StatusReference};
use strict_jws::{Signer, SystemRandom};

use crate::world::{NOW, World, claims, new_key};

const URI: &str = "https://endorse.example/status/1";

fn list_token(signer: &Signer, revoked: &[u64]) -> String {
    let mut list = StatusList::new(1000);
    for index in revoked {
        assert!(list.revoke(*index));
    }
    list.to_token(URI, signer, (NOW, 600), &SystemRandom::new())
        .unwrap()
}

#[test]
fn a_revoked_token_is_refused_and_its_neighbours_are_not() {
    let world = World::new();
    let lists = Arc::new(StatusLists::new());
    let verifier = world.verifier().with_policy(Arc::clone(&lists));
    let refusal = |index| {
        let mut claims = claims();
        claims.status = Some(StatusReference::new(URI, index));
        verifier.verify(&world.token(&claims), NOW).err()
    };
    assert_eq!(refusal(41), Some(Refusal::StatusUnknown));
    let token = list_token(&world.signer, &[42]);
    lists
        .update(URI, token.as_bytes(), &world.keys(), NOW)
        .unwrap();
    assert_eq!(
        [41, 42, 43].map(refusal),
        [None, Some(Refusal::Revoked), None]
    );
    assert_eq!(refusal(1000), Some(Refusal::StatusUnknown));
    assert_eq!(refusal(u64::from(u32::MAX)), Some(Refusal::StatusUnknown));
}

#[test]
fn a_token_without_status_and_one_of_another_list_are_refused() {
    let world = World::new();
    let lists = Arc::new(StatusLists::new());
    let token = list_token(&world.signer, &[]);
    lists
        .update(URI, token.as_bytes(), &world.keys(), NOW)
        .unwrap();
    let verifier = world.verifier().with_policy(lists);
    let refusal = verifier.verify(&world.token(&claims()), NOW).err();
    assert_eq!(refusal, Some(Refusal::StatusUnknown));
    let mut elsewhere = claims();
    elsewhere.status = Some(StatusReference::new("https://endorse.example/status/2", 1));
    let refusal = verifier.verify(&world.token(&elsewhere), NOW).err();
    assert_eq!(refusal, Some(Refusal::StatusUnknown));
}

#[test]
fn a_list_that_has_expired_tells_nothing() {
    let world = World::new();
    let lists = Arc::new(StatusLists::new());
    let mut token = list_token(&world.signer, &[]);
    lists
        .update(URI, token.as_bytes(), &world.keys(), NOW)
        .unwrap();
    let verifier = world
        .verifier()
        .with_policy(Arc::clone(&lists))
        .with_max_lifetime(900);
    let issuer = world.issuer.clone().with_lifetime(900);
    let mut claims = claims();
    claims.status = Some(StatusReference::new(URI, 1));
    let issued = issuer
        .issue(&claims, &world.signer, NOW, &SystemRandom::new())
        .unwrap();
    assert!(verifier.verify(&issued.token, NOW.plus(599)).is_ok());
    let late = verifier.verify(&issued.token, NOW.plus(600)).err();
    assert_eq!(late, Some(Refusal::StatusUnknown));
    let refusal = lists.update(URI, token.as_bytes(), &world.keys(), NOW.plus(600));
    assert_eq!(refusal, Err(Refusal::Expired));
    token.clear();
    let empty = lists.update(URI, token.as_bytes(), &world.keys(), NOW);
    assert_eq!(empty, Err(strict_jws::Refusal::Empty.into()));
}

#[test]
fn a_list_of_another_place_or_key_or_kind_is_refused() {
    let world = World::new();
    let lists = StatusLists::new();
    let update = |uri, token: &str| {
        lists
            .update(uri, token.as_bytes(), &world.keys(), NOW)
            .err()
    };
    let token = list_token(&world.signer, &[]);
    assert_eq!(
        update("https://endorse.example/status/2", &token),
        Some(Refusal::WrongSubject)
    );
    let foreign = list_token(&Signer::certifying(new_key()), &[]);
    assert_eq!(
        update(URI, &foreign),
        Some(strict_jws::Refusal::UnknownKey.into())
    );
    let sim = world.token(&claims());
    assert_eq!(
        update(URI, &sim),
        Some(strict_jws::Refusal::UnexpectedTyp.into())
    );
}

#[test]
fn a_list_is_never_taken_for_an_endorsement() {
    let world = World::new();
    let list = list_token(&world.signer, &[]);
    let refusal = world.verifier().verify(&list, NOW).err();
    assert_eq!(refusal, Some(strict_jws::Refusal::UnexpectedTyp.into()));
}

#[test]
fn a_list_that_unpacks_to_more_than_a_mebibyte_is_refused() {
    let world = World::new();
    let bomb = strict_jws::base64::encode(&zeros_compressed());
    let payload = format!(
        r#"{{"sub":"{URI}","iat":1700000000,"exp":1700000600,"status_list":{{"bits":1,"lst":"{bomb}"}}}}"#
    );
    let random = SystemRandom::new();
    let token = world
        .signer
        .sign(Some("statuslist+jwt"), payload.as_bytes(), &random)
        .unwrap();
    let refusal = StatusLists::new().update(URI, token.as_bytes(), &world.keys(), NOW);
    assert_eq!(refusal, Err(Refusal::InvalidClaim("lst")));
}

/// Four mebibytes of zeros in about 4 KiB.
fn zeros_compressed() -> Vec<u8> {
    miniz_oxide::deflate::compress_to_vec_zlib(&vec![0; 4 << 20], 9)
}
