//! Somebody between the two changes what they send, or invents it.

use aka::{
    card::Card,
    eap::{Event, Identities, Method, Nai, NetworkName, Packet, Peer, Server, peer::Privacy},
};
use proptest::prelude::*;

use crate::parties::{AKA, Operator, PRIME, SIM, Todo, milenage, triplet};

const SEED: [u8; 32] = [9; 32];
const PSEUDONYM: &[u8] = b"2pseudonym";

fn server(method: Method) -> Server {
    let server = match method {
        Method::Aka => Server::aka(&SEED),
        Method::AkaPrime => Server::aka_prime(NetworkName::new(b"WLAN").unwrap(), &SEED),
        _ => Server::sim(&SEED),
    };
    server.with_result_indications()
}

fn peer(method: Method, pseudonym: Option<&'static [u8]>) -> Peer<'static> {
    let names = |permanent| Identities {
        permanent,
        pseudonym,
    };
    let peer = match method {
        Method::Aka => Peer::aka(names(AKA)),
        Method::AkaPrime => Peer::aka_prime(names(PRIME), Some(b"WLAN")),
        _ => Peer::sim(names(SIM), &[8; 32]),
    };
    peer.with_result_indications()
}

/// What the peer sends; `None` when it sends nothing.
fn answer(peer: &mut Peer<'_>, card: &mut Card, request: &[u8]) -> Option<Vec<u8>> {
    let mut room = [0; 1500];
    match peer.receive(request, &mut room).ok()? {
        Event::Reply(octets) => Some(octets.to_vec()),
        Event::Challenge(challenge) => {
            let said = card.authenticate(&milenage(), challenge.rand(), challenge.autn());
            challenge.answer(said).ok().map(<[u8]>::to_vec)
        }
        Event::GsmChallenge(challenge) => {
            let answers: Vec<_> = challenge
                .rands()
                .map(triplet)
                .map(|triplet| (triplet.sres, triplet.kc))
                .collect();
            challenge.answer(&answers).ok().map(<[u8]>::to_vec)
        }
        _ => None,
    }
}

/// A conversation in which every packet passes through `change`, with how many passed before;
/// whether the peer believes in a success.
fn through(
    (server, peer): (&mut Server, &mut Peer<'_>),
    mut change: impl FnMut(usize, &mut Vec<u8>),
) -> bool {
    let (mut operator, mut card) = (Operator::naming(), Card::default());
    let mut room = [0; 1500];
    let mut passed = 0;
    let mut pass = |mut packet: Vec<u8>| {
        change(passed, &mut packet);
        passed += 1;
        packet
    };
    let mut todo = Todo::from(server.start(None, &mut room).unwrap());
    for _ in 0..20 {
        todo = match todo {
            Todo::Send(request) => {
                let Some(response) = answer(peer, &mut card, &pass(request)) else {
                    return false;
                };
                match server.receive(&pass(response), &mut room) {
                    Ok(step) => step.into(),
                    Err(_) => return false,
                }
            }
            Todo::LookUp(identity, purpose) => operator
                .answer(server, (&identity, purpose), &mut room)
                .unwrap()
                .into(),
            Todo::End(packet, _) => {
                return matches!(peer.receive(&pass(packet), &mut []), Ok(Event::Success));
            }
        };
    }
    panic!("the conversation does not end");
}

fn same_keys(server: &Server, peer: &Peer<'_>) -> bool {
    let both = server.keys().zip(peer.keys());
    both.is_some_and(|(one, other)| (one.msk(), one.emsk()) == (other.msk(), other.emsk()))
}

/// Changes one bit of one packet.
fn flip(number: usize, bit: usize) -> impl FnMut(usize, &mut Vec<u8>) {
    move |at, packet| {
        if at == number {
            packet[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

/// Whether whoever believes in a success, server or peer, has the other's keys.
fn keeps_keys_together(method: Method, change: impl FnMut(usize, &mut Vec<u8>)) -> bool {
    let (mut server, mut peer) = (server(method), peer(method, None));
    let believed = through((&mut server, &mut peer), change);
    let concluded = believed || server.keys().is_some();
    !concluded || same_keys(&server, &peer)
}

#[test]
fn no_changed_bit_of_any_packet_leads_to_a_success_with_different_keys() {
    for method in [Method::Aka, Method::AkaPrime, Method::Sim] {
        let mut sizes = Vec::new();
        let (mut honest, mut believer) = (server(method), peer(method, None));
        let succeeded = through((&mut honest, &mut believer), |_, packet| {
            sizes.push(packet.len());
        });
        assert!(succeeded && same_keys(&honest, &believer));
        for (number, size) in sizes.iter().enumerate() {
            for bit in 0..size * 8 {
                let kept = keeps_keys_together(method, flip(number, bit));
                assert!(kept, "{method:?}, packet {number}, bit {bit}");
            }
        }
    }
}

/// A packet of an honest conversation, with some octets changed and the end cut or extended.
fn changed() -> impl Strategy<Value = (usize, Vec<(usize, u8)>, usize)> {
    (
        0_usize..8,
        prop::collection::vec((0_usize..200, any::<u8>()), 1..6),
        0_usize..220,
    )
}

proptest! {
    #[test]
    fn any_changes_lead_to_the_same_keys_or_to_none(
        method in prop::sample::select(vec![Method::Aka, Method::AkaPrime, Method::Sim]),
        changes in prop::collection::vec(changed(), 1..4),
    ) {
        let kept = keeps_keys_together(method, |at, packet| {
            for (_, octets, size) in changes.iter().filter(|(number, ..)| *number == at) {
                for (place, octet) in octets {
                    packet.get_mut(*place).into_iter().for_each(|place| *place = *octet);
                }
                packet.truncate(*size);
            }
        });
        prop_assert!(kept);
    }

    #[test]
    fn any_octets_do_not_make_a_peer_believe(
        packets in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 0..6),
        method in prop::sample::select(vec![Method::Aka, Method::AkaPrime, Method::Sim]),
    ) {
        let mut peer = peer(method, Some(PSEUDONYM));
        for mut packet in packets {
            // as if it were a request of this method, of the right length
            let size = u16::try_from(packet.len()).unwrap().to_be_bytes();
            let head = [1, 7, size[0], size[1], method.number()];
            for (to, from) in packet.iter_mut().zip(head) {
                *to = from;
            }
            answer(&mut peer, &mut Card::default(), &packet);
            prop_assert!(peer.keys().is_none());
        }
    }

    #[test]
    fn the_imsi_is_told_to_who_asks_for_it_alone(
        marks in prop::collection::vec(prop::sample::select(vec![10_u8, 13, 17]), 0..4),
        conservative: bool,
    ) {
        let mut peer = peer(Method::Aka, Some(PSEUDONYM));
        if conservative {
            peer = peer.with_privacy(Privacy::Conservative);
        }
        let attributes: Vec<u8> = marks.iter().flat_map(|mark| [*mark, 1, 0, 0]).collect();
        let size = u8::try_from(attributes.len() + 8).unwrap();
        let request = [&[1, 7, 0, size, 23, 5, 0, 0], &attributes[..]].concat();
        let told = answer(&mut peer, &mut Card::default(), &request).unwrap();
        let imsi = &AKA[1..16];
        let leaks = told.windows(imsi.len()).any(|octets| octets == imsi);
        prop_assert_eq!(leaks, marks == [10] && !conservative);
        let identity = Packet::parse(&told).unwrap().attributes().identity();
        prop_assert!(identity.is_none_or(|identity| Nai::new(identity).is_ok()));
    }
}
