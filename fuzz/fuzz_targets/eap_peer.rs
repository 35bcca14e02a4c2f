//! Any packets for a peer of EAP-SIM, EAP-AKA or EAP-AKA', whose card answers.
//!
//! Holds: nobody without the keys makes the peer believe; every reply is a response to its request;
//! the IMSI is told to who asks for the permanent identity only.
#![no_main]

use aka::card::Card;
use aka::eap::{Code, Event, Identities, Packet, Peer};
use aka::kdf::gsm::SresFunction;
use aka::network::Triplet;
use aka::{K, Milenage, Opc};
use libfuzzer_sys::fuzz_target;

const IMSI: &[u8] = b"001010000000001";
const NAMES: Identities<'static> = Identities {
    permanent: b"0001010000000001@example.org",
    pseudonym: Some(b"2pseudonym@example.org"),
};

fuzz_target!(|data: &[u8]| {
    let Some((choice, mut rest)) = data.split_first() else {
        return;
    };
    let mut peer = match choice % 3 {
        0 => Peer::aka(NAMES),
        1 => Peer::aka_prime(NAMES, Some(b"WLAN")),
        _ => Peer::sim(NAMES, &[7; 32]),
    };
    if choice & 0x80 != 0 {
        peer = peer.with_result_indications();
    }
    let mut card = Card::default();
    while let Some((size, after)) = rest.split_first() {
        let (packet, after) = after.split_at(usize::from(*size).min(after.len()));
        rest = after;
        let Some(reply) = reply(&mut peer, &mut card, packet) else {
            continue;
        };
        let read = Packet::parse(&reply).expect("a reply is a packet");
        assert_eq!(
            (read.code(), Some(&read.identifier())),
            (Code::Response, packet.get(1))
        );
        let asked =
            Packet::parse(packet).is_ok_and(|packet| packet.attributes().permanent_id_req());
        let leaks = reply.windows(IMSI.len()).any(|octets| octets == IMSI);
        assert!(asked || !leaks, "the IMSI was told");
    }
    assert!(peer.keys().is_none(), "keys without the card's home");
});

fn reply(peer: &mut Peer<'_>, card: &mut Card, packet: &[u8]) -> Option<Vec<u8>> {
    let milenage = Milenage::new(&K::new([1; 16]), &Opc::new([2; 16]));
    let mut room = [0; 1500];
    let event = peer.receive(packet, &mut room).ok()?;
    assert!(!matches!(event, Event::Success), "the peer believes");
    match event {
        Event::Reply(octets) => Some(octets.to_vec()),
        Event::Challenge(challenge) => {
            let said = card.authenticate(&milenage, challenge.rand(), challenge.autn());
            challenge.answer(said).ok().map(<[u8]>::to_vec)
        }
        Event::GsmChallenge(challenge) => {
            let triplets = challenge
                .rands()
                .map(|rand| Triplet::generate(&milenage, rand, SresFunction::Folded));
            let answers: Vec<_> = triplets.map(|made| (made.sres, made.kc)).collect();
            challenge.answer(&answers).ok().map(<[u8]>::to_vec)
        }
        Event::Success | Event::Failure | _ => None,
    }
}
