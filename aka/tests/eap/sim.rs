//! EAP-SIM: RFC 4186's own rules; what all methods share stands beside.

use aka::{
    Kc, Rand,
    card::Card,
    eap::{
        Answer, Attribute, Code, Event, Method, MkKeys, Nai, Next, Packet, PacketWriter, Peer,
        Reason, Server, ServerError, Step, Subtype,
    },
};

use crate::parties::{Operator, SIM, agree, converse, named, reply, triplet};

const SEED: [u8; 32] = [9; 32];
const OTHER: [u8; 32] = [8; 32];

fn start(versions: &[[u8; 2]], asks: Option<Attribute<'_>>) -> Vec<u8> {
    let mut room = [0; 1500];
    let what = (Method::Sim, Subtype::Start);
    let mut writer = PacketWriter::new(&mut room, Code::Request, 9, what);
    if let Some(asks) = asks {
        writer = writer.put(&asks);
    }
    let writer = writer.put(&Attribute::VersionList(versions));
    writer.finish().unwrap().to_vec()
}

fn error(answer: &[u8]) -> Option<u16> {
    Packet::parse(answer)
        .unwrap()
        .attributes()
        .client_error_code()
}

#[test]
fn the_keys_of_rfc_4186_appendix_a_come_out() {
    let kcs: Vec<Kc> = ["a0a1a2a3a4a5a6a7", "b0b1b2b3b4b5b6b7", "c0c1c2c3c4c5c6c7"]
        .iter()
        .map(|kc| kc.parse().unwrap())
        .collect();
    let nonce_mt = hex::decode("0123456789abcdeffedcba9876543210").unwrap();
    let identity = b"1244070100000001@eapsim.foo";
    let nonce_mt = nonce_mt.as_slice().try_into().unwrap();
    let keys = MkKeys::sim(&kcs, identity, nonce_mt, (&[[0, 1]], 1));
    assert_eq!(
        hex::encode(keys.mk()),
        "e576d5ca332e9930018bf1baee2763c795b3c712"
    );
    assert_eq!(
        hex::encode(keys.k_encr()),
        "536e5ebc4465582aa6a8ec9986ebb620"
    );
    assert_eq!(
        hex::encode(keys.k_aut()),
        "25af1942efcbf4bc72b3943421f2a974"
    );
    assert_eq!(
        hex::encode(&keys.msk()[..16]),
        "39d45aeaf4e30601983e972b6cfd46d1"
    );
}

#[test]
fn two_or_three_triplets_authenticate_with_and_without_an_identity_first() {
    for (first, triplets) in [(Some(SIM), 2), (Some(SIM), 3), (None, 2), (None, 3)] {
        let mut server = Server::sim(&SEED);
        let mut peer = Peer::sim(named(SIM), &OTHER);
        let mut operator = Operator::at(0);
        operator.triplets = triplets;
        let ended = converse(
            &mut server,
            &mut operator,
            &mut peer,
            &mut Card::default(),
            first,
        );
        assert!(agree(&server, &mut peer, &ended), "{:?}", ended.verdict);
        let request = Packet::parse(&ended.packets[2]).unwrap();
        assert_eq!(request.attributes().rands().unwrap().len(), triplets);
        assert_eq!(request.attributes().checkcode(), None);
    }
}

#[test]
fn a_server_takes_two_or_three_triplets_of_different_challenges_and_no_vector() {
    let mut server = Server::sim(&SEED);
    let mut room = [0; 1500];
    let Ok(Step::Send(request)) = server.start(Some(&Nai::new(SIM).unwrap()), &mut room) else {
        panic!("a start");
    };
    let answer = reply(
        &mut Peer::sim(named(SIM), &OTHER),
        &mut Card::default(),
        request,
    );
    let step = server.receive(&answer, &mut room);
    assert!(matches!(step, Ok(Step::NeedVector(_))), "{step:?}");
    let [one, other] = [1, 2].map(|octet| triplet(Rand::new([octet; 16])));
    let four = [3, 4, 5, 6].map(|octet| triplet(Rand::new([octet; 16])));
    for unsuitable in [
        vec![],
        vec![one.clone()],
        vec![one.clone(), one.clone()],
        four.to_vec(),
    ] {
        let step = server.answer(&Answer::Triplets(&unsuitable), Next::NONE, &mut room);
        assert_eq!(step.err(), Some(ServerError::Unsuitable));
    }
    let vector = Operator::at(0).vector(&crate::parties::IMSI.parse().unwrap());
    let step = server.answer(&Answer::Vector(&vector), Next::NONE, &mut room);
    assert_eq!(step.err(), Some(ServerError::Unsuitable));
    let step = server.answer(&Answer::Triplets(&[one, other]), Next::NONE, &mut room);
    assert!(matches!(step, Ok(Step::Send(_))), "{step:?}");
}

#[test]
fn a_peer_without_the_version_or_with_too_many_of_them_says_so() {
    for versions in [&[[0, 2]][..], &[[0, 1]; 9], &[]] {
        let mut peer = Peer::sim(named(SIM), &OTHER);
        let answer = reply(&mut peer, &mut Card::default(), &start(versions, None));
        assert_eq!(error(&answer), Some(1));
    }
}

#[test]
fn one_challenge_is_not_enough_and_the_same_twice_is_stale() {
    for (rands, expected) in [
        (&[[1; 16]][..], 2),
        (&[[1; 16], [1; 16]], 3),
        (&[[1; 16], [2; 16], [1; 16]], 3),
    ] {
        let mut peer = Peer::sim(named(SIM), &OTHER);
        reply(&mut peer, &mut Card::default(), &start(&[[0, 1]], None));
        let mut room = [0; 200];
        let what = (Method::Sim, Subtype::Challenge);
        let writer = PacketWriter::new(&mut room, Code::Request, 10, what);
        let writer = writer.put(&Attribute::Rand(rands));
        let request = writer.put(&Attribute::Mac(&[0; 16])).finish().unwrap();
        let answer = reply(&mut peer, &mut Card::default(), request);
        assert_eq!(error(&answer), Some(expected));
    }
}

#[test]
fn a_challenge_before_the_start_or_with_a_wrong_mac_is_a_client_error() {
    let mut room = [0; 200];
    let what = (Method::Sim, Subtype::Challenge);
    let writer = PacketWriter::new(&mut room, Code::Request, 10, what);
    let writer = writer.put(&Attribute::Rand(&[[1; 16], [2; 16]]));
    let request = writer.put(&Attribute::Mac(&[0; 16])).finish().unwrap();
    for begun in [false, true] {
        let mut peer = Peer::sim(named(SIM), &OTHER);
        if begun {
            reply(&mut peer, &mut Card::default(), &start(&[[0, 1]], None));
        }
        let answer = reply(&mut peer, &mut Card::default(), request);
        assert_eq!(error(&answer), Some(0));
        assert!(peer.keys().is_none());
    }
}

#[test]
fn a_sim_that_does_not_answer_is_a_client_error() {
    let mut peer = Peer::sim(named(SIM), &OTHER);
    reply(&mut peer, &mut Card::default(), &start(&[[0, 1]], None));
    let mut room = [0; 200];
    let what = (Method::Sim, Subtype::Challenge);
    let writer = PacketWriter::new(&mut room, Code::Request, 10, what);
    let writer = writer.put(&Attribute::Rand(&[[1; 16], [2; 16]]));
    let request = writer
        .put(&Attribute::Mac(&[0; 16]))
        .finish()
        .unwrap()
        .to_vec();
    let mut room = [0; 200];
    let Ok(Event::GsmChallenge(challenge)) = peer.receive(&request, &mut room) else {
        panic!("the SIM must be asked");
    };
    assert_eq!(format!("{challenge:?}"), "GsmChallenge([redacted])");
    let answer = challenge.refuse().unwrap();
    assert_eq!(error(answer), Some(0));
}

#[test]
fn another_sim_is_refused() {
    let mut server = Server::sim(&SEED);
    let mut peer = Peer::sim(named(SIM), &OTHER);
    let mut room = [0; 1500];
    let Ok(Step::Send(request)) = server.start(Some(&Nai::new(SIM).unwrap()), &mut room) else {
        panic!("a start");
    };
    let answer = reply(&mut peer, &mut Card::default(), request);
    server.receive(&answer, &mut room).unwrap();
    let mut triplets = [1, 2].map(|octet| triplet(Rand::new([octet; 16])));
    // the home's Kc, with an SRES that no card has
    triplets[0].sres = aka::Sres::new([0; 4]);
    let Ok(Step::Send(request)) =
        server.answer(&Answer::Triplets(&triplets), Next::NONE, &mut room)
    else {
        panic!("a challenge");
    };
    let answer = reply(&mut peer, &mut Card::default(), request);
    let Ok(Step::Send(notice)) = server.receive(&answer, &mut room) else {
        panic!("a notification");
    };
    let acknowledged = reply(&mut peer, &mut Card::default(), notice);
    let step = server.receive(&acknowledged, &mut room).unwrap();
    assert!(
        matches!(step, Step::Failure(_, Reason::WrongResponse)),
        "{step:?}"
    );
}

#[test]
fn a_challenge_has_a_subtype_of_its_own() {
    let mut room = [0; 8];
    for (method, expected) in [(Method::Sim, 11), (Method::Aka, 1), (Method::AkaPrime, 1)] {
        let what = (method, Subtype::Challenge);
        let packet = PacketWriter::new(&mut room, Code::Request, 9, what).finish();
        let packet = packet.unwrap();
        assert_eq!(packet[5], expected);
        assert_eq!(Packet::parse(packet).unwrap().subtype(), Subtype::Challenge);
        packet[5] = 12 - expected;
        assert!(Packet::parse(packet).is_err());
    }
}
