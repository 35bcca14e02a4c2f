use std::convert::Infallible;

use aka::{
    Autn, Sqn,
    card::{Card, Outcome},
    network::MemoryStore,
};

use super::*;
use crate::{Functions, Kept, Subscribers};

const IMSI: &str = "001010000000001";
/// TS 35.208 §4.3, test set 1.
const SUBSCRIBERS: &str = "imsi,k,op,amf\n\
    001010000000001,465b5ce8b199b49faa5f0a2ee238a6bc,cdc202d5123e20f62b6d676ac72cb318,b9b9\n";
const RAND: [u8; 16] = [
    0x23, 0x55, 0x3c, 0xbe, 0x96, 0x37, 0xa8, 0x9d, 0x21, 0x8a, 0xe6, 0x4d, 0xae, 0x47, 0xbf, 0x35,
];

type Draw = fn() -> Result<Rand, Infallible>;

fn responder(last: u64) -> Responder<Kept<MemoryStore>, Draw> {
    let store = MemoryStore::new().with(IMSI.parse().unwrap(), Sqn::new(last).unwrap());
    let directory = Kept::new(Subscribers::parse(SUBSCRIBERS).unwrap(), store);
    Responder::new(Arc::new(Centre::new(directory)), || Ok(Rand::new(RAND)))
}

async fn answer(responder: &mut Responder<Kept<MemoryStore>, Draw>, datagram: &str) -> String {
    let reply = responder.respond(datagram.as_bytes()).await;
    reply.answer.unwrap().to_string()
}

fn milenage() -> Functions {
    let subscribers = Subscribers::parse(SUBSCRIBERS).unwrap();
    let subscriber = subscribers.get(&IMSI.parse().unwrap()).unwrap();
    subscriber.functions()
}

/// RAND and AUTN of an `AKA-RESP-AUTH`.
fn challenge(answer: &str) -> (Rand, Autn) {
    let words: Vec<&str> = answer.split(' ').collect();
    assert_eq!((words[0], words[1]), ("AKA-RESP-AUTH", IMSI));
    (words[2].parse().unwrap(), words[3].parse().unwrap())
}

#[tokio::test]
async fn a_vector_of_the_standards_keys_is_the_standards() {
    let mut responder = responder(0xff9b_b4d0_b5e7);
    // SQN is one slot above the last one, so only MAC-A and the concealed SQN differ from set 1
    let answer = answer(&mut responder, "AKA-REQ-AUTH 001010000000001").await;
    let words: Vec<&str> = answer.split(' ').collect();
    assert_eq!(words[2], "23553cbe9637a89d218ae64dae47bf35");
    assert_eq!(words[4], "f769bcd751044604127672711c6d3441", "IK");
    assert_eq!(words[5], "b40ba9a3c58b2a05bbf0d987b21bf8cb", "CK");
    assert_eq!(words[6], "a54211d5e3ba50bf", "XRES");
    assert_eq!(words[3].get(12..16), Some("b9b9"), "AMF");
}

#[tokio::test]
async fn a_card_takes_every_vector_in_turn() {
    let mut responder = responder(0);
    let mut card = Card::default();
    for _ in 0..3 {
        let answer = answer(&mut responder, "AKA-REQ-AUTH 001010000000001").await;
        let (rand, autn) = challenge(&answer);
        let outcome = card.authenticate(&milenage(), &rand, &autn).unwrap();
        assert!(matches!(outcome, Outcome::Success { .. }));
    }
}

#[tokio::test]
async fn after_an_auts_the_card_takes_the_next_vector() {
    let mut card = Card::default();
    let mut ahead = responder(32 * 1000);
    let (rand, autn) = challenge(&answer(&mut ahead, "AKA-REQ-AUTH 001010000000001").await);
    card.authenticate(&milenage(), &rand, &autn).unwrap();

    let mut behind = responder(0);
    let (rand, autn) = challenge(&answer(&mut behind, "AKA-REQ-AUTH 001010000000001").await);
    let outcome = card.authenticate(&milenage(), &rand, &autn).unwrap();
    let Outcome::SyncFailure(auts) = outcome else {
        panic!("the card is ahead");
    };
    let message = format!("AKA-AUTS {IMSI} {:x} {:x}", auts.hex(), rand.hex());
    let reply = behind.respond(message.as_bytes()).await;
    assert!(reply.answer.is_none());
    assert_eq!(reply.event.to_string(), "resynchronised");

    let (rand, autn) = challenge(&answer(&mut behind, "AKA-REQ-AUTH 001010000000001").await);
    let outcome = card.authenticate(&milenage(), &rand, &autn).unwrap();
    assert!(matches!(outcome, Outcome::Success { .. }));
}

#[tokio::test]
async fn a_forged_auts_changes_nothing() {
    let mut responder = responder(32);
    let forged = format!("AKA-AUTS {IMSI} {} {}", "00".repeat(14), "11".repeat(16));
    let reply = responder.respond(forged.as_bytes()).await;

    assert!(reply.answer.is_none());
    assert_eq!(
        reply.event.to_string(),
        "refused: MAC-S of AUTS does not match"
    );
}

#[tokio::test]
async fn triplets_are_those_of_the_standard() {
    // TS 55.205 §6.3, set 1: SRES by function 1, and Kc
    let one = " eae4be823af9a08b:46f8416a:23553cbe9637a89d218ae64dae47bf35";
    let mut responder = responder(0);
    assert_eq!(
        answer(&mut responder, "SIM-REQ-AUTH 001010000000001 2").await,
        format!("SIM-RESP-AUTH {IMSI}{one}{one}")
    );
}

#[tokio::test]
async fn a_stranger_fails_by_name_and_the_log_keeps_it_out() {
    let mut responder = responder(0);
    let reply = responder.respond(b"AKA-REQ-AUTH 999990000000009").await;
    assert_eq!(
        **reply.answer.as_ref().unwrap(),
        "AKA-RESP-AUTH 999990000000009 FAILURE"
    );
    assert_eq!(reply.event.to_string(), "refused: unknown subscriber");
    assert!(!format!("{reply:?}").contains("eae4"));
    assert_eq!(
        answer(&mut responder, "SIM-REQ-AUTH 999990000000009 3").await,
        "SIM-RESP-AUTH 999990000000009 FAILURE"
    );
}

#[tokio::test]
async fn used_up_numbers_fail_instead_of_wrapping() {
    let mut responder = responder(Sqn::MAX.get());
    let reply = responder.respond(b"AKA-REQ-AUTH 001010000000001").await;
    assert_eq!(
        **reply.answer.as_ref().unwrap(),
        "AKA-RESP-AUTH 001010000000001 FAILURE"
    );
    assert!(reply.event.to_string().contains("used up"));
}

#[tokio::test]
async fn rubbish_fails() {
    let reply = responder(0).respond(b"\0\xff").await;
    assert_eq!(**reply.answer.as_ref().unwrap(), "FAILURE");
    assert_eq!(reply.event.to_string(), "refused: not a request");
}
