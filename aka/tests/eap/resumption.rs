//! Pseudonyms and fast re-authentication, on both sides.

use aka::{
    card::Card,
    eap::{
        Attribute, Code, Event, Identities, Method, Nai, NetworkName, Packet, PacketWriter, Peer,
        Reason, Resumption, Server, Subtype, peer::Privacy,
    },
};

use crate::parties::{AKA, Ended, Operator, PRIME, SIM, agree, converse, named, reply};

const SEED: [u8; 32] = [9; 32];
const OTHER: [u8; 32] = [8; 32];

const METHODS: [Method; 3] = [Method::Aka, Method::AkaPrime, Method::Sim];

fn server(method: Method, seed: &[u8; 32]) -> Server {
    match method {
        Method::Aka => Server::aka(seed),
        Method::AkaPrime => Server::aka_prime(NetworkName::new(b"WLAN").unwrap(), seed),
        _ => Server::sim(seed),
    }
}

fn peer(method: Method, names: Identities<'_>) -> Peer<'_> {
    match method {
        Method::Aka => Peer::aka(names),
        Method::AkaPrime => Peer::aka_prime(names, Some(b"WLAN")),
        _ => Peer::sim(names, &OTHER),
    }
}

const fn identity(method: Method) -> &'static [u8] {
    match method {
        Method::Aka => AKA,
        Method::AkaPrime => PRIME,
        _ => SIM,
    }
}

/// A full authentication after which both sides have names and keys for the next time.
fn first(method: Method, operator: &mut Operator) -> (Nai, Nai, Resumption) {
    let mut server = server(method, &SEED);
    let mut peer = peer(method, named(identity(method)));
    let ended = converse(&mut server, operator, &mut peer, &mut Card::default(), None);
    assert!(agree(&server, &mut peer, &ended), "{:?}", ended.verdict);
    operator.keep(&server);
    let (reauth_id, resumption) = peer.resumption().expect("an identity was given out");
    (*peer.next_pseudonym().unwrap(), reauth_id, resumption)
}

/// A second conversation, with what the first one gave.
fn again<'i>(
    method: Method,
    operator: &mut Operator,
    (reauth_id, resumption): (&'i Nai, Resumption),
) -> (Server, Peer<'i>, Ended) {
    let mut server = server(method, &OTHER);
    let mut peer = peer(method, named(identity(method))).with_resumption(
        reauth_id.as_bytes(),
        resumption,
        &SEED,
    );
    let ended = converse(&mut server, operator, &mut peer, &mut Card::default(), None);
    (server, peer, ended)
}

fn subtypes(ended: &Ended) -> Vec<Subtype> {
    let whole = ended.packets.iter();
    let whole = whole.filter_map(|octets| Packet::parse(octets).ok());
    whole.map(|packet| packet.subtype()).collect()
}

#[test]
fn a_pseudonym_is_told_encrypted_and_used_in_place_of_the_imsi() {
    for method in METHODS {
        let mut operator = Operator::naming();
        let (pseudonym, ..) = first(method, &mut operator);
        let realm = identity(method)
            .split(|octet| *octet == b'@')
            .nth(1)
            .unwrap();
        assert_eq!(pseudonym.as_bytes(), [&b"pseudonym-1@"[..], realm].concat());
        operator.known.insert(
            pseudonym.as_bytes().to_vec(),
            crate::parties::IMSI.parse().unwrap(),
        );

        let names = Identities {
            permanent: identity(method),
            pseudonym: Some(pseudonym.as_bytes()),
        };
        let mut peer = peer(method, names);
        let mut server = server(method, &OTHER);
        let mut card = Card::default();
        let ended = converse(&mut server, &mut operator, &mut peer, &mut card, None);
        assert!(agree(&server, &mut peer, &ended), "{:?}", ended.verdict);
        assert_eq!(server.identity(), Some(&pseudonym));
        let imsi = b"001010000000001";
        let leaks = |packet: &Vec<u8>| packet.windows(imsi.len()).any(|octets| octets == imsi);
        assert!(!ended.packets.iter().any(leaks));
    }
}

#[test]
fn a_fast_re_authentication_gives_both_sides_new_keys_without_the_card() {
    for method in METHODS {
        let mut operator = Operator::naming();
        let (_, reauth_id, resumption) = first(method, &mut operator);
        operator.asked.clear();
        let (server, mut peer, ended) = again(method, &mut operator, (&reauth_id, resumption));
        assert!(agree(&server, &mut peer, &ended), "{:?}", ended.verdict);
        assert!(!subtypes(&ended).contains(&Subtype::Challenge));
        assert_eq!(
            operator.asked,
            [(reauth_id.as_bytes().to_vec(), "identify")]
        );
        let (next, resumption) = peer.resumption().unwrap();
        assert_eq!(next.as_bytes(), b"again-2@example.org");
        assert_eq!(resumption.counter(), 2);
        assert_eq!(server.resumption().unwrap().counter(), 2);
    }
}

#[test]
fn each_fast_re_authentication_counts_and_has_its_own_keys() {
    let mut operator = Operator::naming();
    let (_, mut reauth_id, mut resumption) = first(Method::AkaPrime, &mut operator);
    let mut seen = Vec::new();
    for counter in 2..5 {
        let (server, mut peer, ended) =
            again(Method::AkaPrime, &mut operator, (&reauth_id, resumption));
        assert!(agree(&server, &mut peer, &ended));
        operator.keep(&server);
        let msk = server.keys().unwrap().msk().to_vec();
        assert!(!seen.contains(&msk));
        seen.push(msk);
        let (next, kept) = peer.resumption().unwrap();
        (reauth_id, resumption) = (next, kept);
        assert_eq!(resumption.counter(), counter);
    }
}

#[test]
fn result_indications_of_a_fast_re_authentication_carry_the_counter() {
    for method in METHODS {
        let mut operator = Operator::naming();
        let (_, reauth_id, resumption) = first(method, &mut operator);
        let mut server = server(method, &OTHER).with_result_indications();
        let mut peer = peer(method, named(identity(method)))
            .with_resumption(reauth_id.as_bytes(), resumption, &SEED)
            .with_result_indications();
        let mut card = Card::default();
        let ended = converse(&mut server, &mut operator, &mut peer, &mut card, None);
        assert!(agree(&server, &mut peer, &ended), "{:?}", ended.verdict);
        let notice = &ended.packets[ended.packets.len() - 3];
        let notice = Packet::parse(notice).unwrap();
        assert_eq!(notice.subtype(), Subtype::Notification);
        assert!(notice.attributes().encr_data().is_some());
    }
}

#[test]
fn a_counter_that_was_used_leads_to_a_full_authentication() {
    for method in METHODS {
        let mut operator = Operator::naming();
        let (_, reauth_id, resumption) = first(method, &mut operator);
        let stale = operator.resumable.clone();
        let (_, peer, _) = again(method, &mut operator, (&reauth_id, resumption));
        let (_, newer) = peer.resumption().unwrap();
        operator.resumable = stale;
        operator.asked.clear();
        // the peer is at counter 2, and the server at 1
        let (server, mut peer, ended) = again(method, &mut operator, (&reauth_id, newer));
        assert!(agree(&server, &mut peer, &ended), "{:?}", ended.verdict);
        let purposes: Vec<_> = operator.asked.iter().map(|(_, purpose)| *purpose).collect();
        assert_eq!(purposes, ["identify", "authenticate"]);
        assert!(subtypes(&ended).contains(&Subtype::Reauthentication));
        assert_eq!(server.resumption().unwrap().counter(), 1);
    }
}

#[test]
fn a_server_that_lost_its_keys_authenticates_fully() {
    for method in METHODS {
        let mut operator = Operator::naming();
        let (_, reauth_id, resumption) = first(method, &mut operator);
        operator.known.clear();
        operator.resumable.clear();
        let (server, mut peer, ended) = again(method, &mut operator, (&reauth_id, resumption));
        assert!(agree(&server, &mut peer, &ended), "{:?}", ended.verdict);
        assert_eq!(server.identity().unwrap().as_bytes(), identity(method));
        assert!(!subtypes(&ended).contains(&Subtype::Reauthentication));
    }
}

#[test]
fn a_server_that_knows_the_subscriber_but_not_the_keys_authenticates_fully() {
    for method in METHODS {
        let mut operator = Operator::naming();
        let (_, reauth_id, resumption) = first(method, &mut operator);
        operator.resumable.clear();
        let (server, mut peer, ended) = again(method, &mut operator, (&reauth_id, resumption));
        assert!(agree(&server, &mut peer, &ended), "{:?}", ended.verdict);
    }
}

#[test]
fn the_keys_of_another_method_are_not_offered() {
    let mut operator = Operator::naming();
    let (_, reauth_id, of_sim) = first(Method::Sim, &mut operator);
    let (_, mut peer, ended) = again(Method::Aka, &mut operator, (&reauth_id, of_sim));
    assert_eq!(ended.verdict, Ok(()));
    assert_eq!(peer.identity(), AKA);
    assert!(!subtypes(&ended).contains(&Subtype::Reauthentication));
    assert!(matches!(
        peer.receive(&ended.packets[ended.packets.len() - 1], &mut []),
        Ok(Event::Success)
    ));
}

#[test]
fn a_re_authentication_without_keys_or_out_of_its_time_is_a_client_error() {
    let mut room = [0; 200];
    let what = (Method::Aka, Subtype::Reauthentication);
    let writer = PacketWriter::new(&mut room, Code::Request, 9, what);
    let request = writer
        .put(&Attribute::Mac(&[0; 16]))
        .finish()
        .unwrap()
        .to_vec();
    let answer = reply(&mut Peer::aka(named(AKA)), &mut Card::default(), &request);
    let answer = Packet::parse(&answer).unwrap();
    assert_eq!(answer.subtype(), Subtype::ClientError);
}

#[test]
fn a_changed_bit_of_a_re_authentication_is_never_taken() {
    let mut operator = Operator::naming();
    let (_, reauth_id, resumption) = first(Method::Aka, &mut operator);
    let (_, _, ended) = again(Method::Aka, &mut operator, (&reauth_id, resumption.clone()));
    let request = &ended.packets[2];
    for bit in 0..request.len() * 8 {
        let mut changed = request.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let mut peer =
            Peer::aka(named(AKA)).with_resumption(reauth_id.as_bytes(), resumption.clone(), &SEED);
        // the identity round, which the checkcode is over
        reply(&mut peer, &mut Card::default(), &ended.packets[0]);
        let mut room = [0; 1500];
        if let Ok(Event::Reply(answer)) = peer.receive(&changed, &mut room) {
            let answer = Packet::parse(answer).unwrap();
            assert_eq!(answer.subtype(), Subtype::ClientError, "bit {bit}");
        }
        assert!(peer.keys().is_none(), "bit {bit}");
    }
}

#[test]
fn a_conservative_peer_with_a_pseudonym_keeps_its_imsi() {
    let names = Identities {
        permanent: AKA,
        pseudonym: Some(b"2pseudonym"),
    };
    let mut peer = Peer::aka(names).with_privacy(Privacy::Conservative);
    let mut server = Server::aka(&SEED);
    let mut operator = Operator::at(0);
    let ended = converse(
        &mut server,
        &mut operator,
        &mut peer,
        &mut Card::default(),
        None,
    );
    assert_eq!(ended.verdict, Err(Reason::ClientError(0)));
    let leaks = |packet: &Vec<u8>| packet.windows(15).any(|octets| octets == &AKA[1..16]);
    assert!(!ended.packets.iter().any(leaks));
}

#[test]
fn a_resumption_survives_a_restart_as_octets() {
    for method in METHODS {
        let mut operator = Operator::naming();
        let (_, reauth_id, resumption) = first(method, &mut operator);
        let kept = resumption.to_bytes();
        let resumption = Resumption::from_bytes(&kept).expect("it was kept");
        assert_eq!((resumption.method(), resumption.counter()), (method, 1));
        let (server, mut peer, ended) = again(method, &mut operator, (&reauth_id, resumption));
        assert!(agree(&server, &mut peer, &ended), "{:?}", ended.verdict);
        assert!(subtypes(&ended).contains(&Subtype::Reauthentication));
    }
}

#[test]
fn octets_that_nobody_kept_are_no_resumption() {
    let (.., resumption) = first(Method::Aka, &mut Operator::naming());
    let kept = resumption.to_bytes();
    // the format, the method, a counter of nothing, what lies beyond a key of 16 and one of 20 octets
    for (at, value) in [(0, 2), (1, 1), (3, 0), (4 + 16 + 16, 1), (4 + 48 + 20, 1)] {
        let mut changed = *kept;
        changed[at] = value;
        assert!(Resumption::from_bytes(&changed).is_err(), "octet {at}");
    }
}
