//! The server, with our peer and with packets written out here.

use aka::{
    Amf, Sqn,
    algorithm::HomeAlgorithm,
    card::Card,
    eap::{
        Answer, Attribute, Code, Event, Identities, Method, Nai, NetworkName, Next, Packet,
        PacketWriter, Peer, PeerError, Purpose, Reason, Server, ServerError, Step, Subtype,
        peer::Bidding, server::Denial,
    },
};

use crate::parties::{AKA, IMSI, Operator, PRIME, agree, converse, milenage, named, reply};

const SEED: [u8; 32] = [9; 32];

fn prime() -> Server {
    Server::aka_prime(NetworkName::new(b"WLAN").unwrap(), &SEED)
}

fn subtypes(packets: &[Vec<u8>]) -> Vec<Subtype> {
    let whole = packets
        .iter()
        .filter_map(|octets| Packet::parse(octets).ok());
    whole.map(|packet| packet.subtype()).collect()
}

/// A server that has sent its challenge, and the challenge.
fn challenged(mut server: Server) -> (Server, Vec<u8>) {
    let mut room = [0; 1500];
    let identity = Nai::new(AKA).unwrap();
    server.start(Some(&identity), &mut room).unwrap();
    let vector = Operator::at(0).vector(&IMSI.parse().unwrap());
    let step = server.answer(&Answer::Vector(&vector), Next::NONE, &mut room);
    let Ok(Step::Send(request)) = step else {
        panic!("{step:?} is no challenge");
    };
    let request = request.to_vec();
    (server, request)
}

/// A response of the peer's to the last request, without a MAC.
fn response(request: &[u8], subtype: Subtype, attributes: &[Attribute<'_>]) -> Vec<u8> {
    let request = Packet::parse(request).unwrap();
    let mut room = [0; 1500];
    let what = (request.method(), subtype);
    let mut writer = PacketWriter::new(&mut room, Code::Response, request.identifier(), what);
    for attribute in attributes {
        writer = writer.put(attribute);
    }
    writer.finish().unwrap().to_vec()
}

/// The reason of the failure that `octets` lead to, after its notification.
fn refused(server: &mut Server, octets: &[u8]) -> Reason {
    let mut room = [0; 1500];
    let notice = match server.receive(octets, &mut room).unwrap() {
        Step::Failure(_, reason) => return reason,
        Step::Send(notice) => notice.to_vec(),
        step => panic!("{step:?} is no refusal"),
    };
    let code = Packet::parse(&notice).unwrap().attributes().notification();
    assert_eq!(code, Some(16384));
    let acknowledged = response(&notice, Subtype::Notification, &[]);
    match server.receive(&acknowledged, &mut room).unwrap() {
        Step::Failure(packet, reason) => {
            assert_eq!(packet, [4, acknowledged[1], 0, 4]);
            reason
        }
        step => panic!("{step:?} is no failure"),
    }
}

#[test]
fn both_methods_end_with_the_same_keys_on_both_sides() {
    for (mut server, mut peer, identity) in [
        (Server::aka(&SEED), Peer::aka(named(AKA)), AKA),
        (prime(), Peer::aka_prime(named(PRIME), Some(b"WLAN")), PRIME),
    ] {
        let mut operator = Operator::at(0);
        let first = Some(identity);
        let ended = converse(
            &mut server,
            &mut operator,
            &mut peer,
            &mut Card::default(),
            first,
        );
        assert_eq!(ended.verdict, Ok(()));
        assert_eq!(subtypes(&ended.packets), [Subtype::Challenge; 2]);
        assert!(agree(&server, &mut peer, &ended));
        assert_eq!(server.identity().unwrap().as_bytes(), identity);
    }
}

#[test]
fn without_an_identity_the_peer_is_asked_and_both_check_the_rounds() {
    for (mut server, mut peer) in [
        (Server::aka(&SEED), Peer::aka(named(AKA))),
        (prime(), Peer::aka_prime(named(PRIME), None)),
    ] {
        let mut operator = Operator::at(0);
        let ended = converse(
            &mut server,
            &mut operator,
            &mut peer,
            &mut Card::default(),
            None,
        );
        assert!(agree(&server, &mut peer, &ended));
        let [ask, told, challenge, answer] = &ended.packets[..4] else {
            panic!("two rounds");
        };
        assert!(Packet::parse(ask).unwrap().attributes().any_id_req());
        assert!(
            Packet::parse(told)
                .unwrap()
                .attributes()
                .identity()
                .is_some()
        );
        let [ours, theirs] = [challenge, answer].map(|octets| {
            Packet::parse(octets)
                .unwrap()
                .attributes()
                .checkcode()
                .unwrap()
        });
        assert!(ours == theirs && !ours.is_empty());
    }
}

#[test]
fn an_identity_that_nobody_knows_leads_to_the_permanent_one() {
    let names = Identities {
        permanent: AKA,
        pseudonym: Some(b"2lost"),
    };
    let mut peer = Peer::aka(names);
    let mut operator = Operator::at(0);
    let mut server = Server::aka(&SEED);
    let ended = converse(
        &mut server,
        &mut operator,
        &mut peer,
        &mut Card::default(),
        None,
    );
    assert_eq!(ended.verdict, Ok(()));
    let rounds = [(b"2lost".to_vec(), "identify"), (AKA.to_vec(), "identify")];
    assert_eq!(operator.asked, rounds);
    let asked = Packet::parse(&ended.packets[2]).unwrap().attributes();
    assert!(asked.permanent_id_req());
}

#[test]
fn requests_for_an_identity_go_from_any_to_permanent_and_end() {
    let mut server = Server::aka(&SEED);
    let mut room = [0; 200];
    let mut asked = Vec::new();
    let mut request = match server.start(None, &mut room).unwrap() {
        Step::Send(request) => request.to_vec(),
        step => panic!("{step:?} asks nothing"),
    };
    loop {
        let attributes = Packet::parse(&request).unwrap().attributes();
        asked.push(attributes.iter().next().unwrap().kind());
        let told = response(
            &request,
            Subtype::Identity,
            &[Attribute::Identity(b"nobody")],
        );
        let step = server.receive(&told, &mut room).unwrap();
        assert!(matches!(step, Step::NeedVector(_)), "{step:?}");
        let Step::Send(next) = server
            .answer(&Answer::Unknown, Next::NONE, &mut room)
            .unwrap()
        else {
            panic!("somebody is to be told");
        };
        request = next.to_vec();
        if Packet::parse(&request).unwrap().subtype() != Subtype::Identity {
            break;
        }
    }
    // AT_ANY_ID_REQ, AT_FULLAUTH_ID_REQ, AT_PERMANENT_ID_REQ
    assert_eq!(asked, [13, 17, 10]);
    let told = response(&request, Subtype::Notification, &[]);
    let step = server.receive(&told, &mut room).unwrap();
    assert!(
        matches!(step, Step::Failure(_, Reason::Unknown)),
        "{step:?}"
    );
}

#[test]
fn a_home_behind_its_card_follows_it_once() {
    for (mut server, mut peer, identity) in [
        (Server::aka(&SEED), Peer::aka(named(AKA)), AKA),
        (prime(), Peer::aka_prime(named(PRIME), None), PRIME),
    ] {
        let mut card = Card::default();
        let rand = aka::Rand::new([0x55; 16]);
        let (autn, _) = milenage().challenge(&rand, Sqn::new(0x1000).unwrap(), Amf::ZERO);
        card.authenticate(&milenage(), &rand, &autn).unwrap();
        let mut operator = Operator::at(0);
        let ended = converse(
            &mut server,
            &mut operator,
            &mut peer,
            &mut card,
            Some(identity),
        );
        assert!(agree(&server, &mut peer, &ended));
        let purposes: Vec<_> = operator.asked.iter().map(|(_, purpose)| *purpose).collect();
        assert_eq!(purposes, ["identify", "resynchronise"]);
    }
}

#[test]
fn a_card_that_never_has_enough_is_refused() {
    let (mut server, mut request) = challenged(Server::aka(&SEED));
    let auts = [Attribute::Auts(aka::Auts::new([5; 14]))];
    let mut room = [0; 1500];
    for _ in 0..2 {
        let stale = response(&request, Subtype::SynchronizationFailure, &auts);
        let step = server.receive(&stale, &mut room).unwrap();
        assert!(matches!(step, Step::NeedVector(_)), "{step:?}");
        let vector = Operator::at(0).vector(&IMSI.parse().unwrap());
        let step = server.answer(&Answer::Vector(&vector), Next::NONE, &mut room);
        let Ok(Step::Send(next)) = step else {
            panic!("{step:?} is no challenge");
        };
        request = next.to_vec();
    }
    let stale = response(&request, Subtype::SynchronizationFailure, &auts);
    assert_eq!(refused(&mut server, &stale), Reason::OutOfStep);
}

#[test]
fn a_wrong_response_a_client_error_and_a_rejection_fail() {
    let wrong = |subtype, attributes: &[Attribute<'_>]| {
        let (mut server, request) = challenged(Server::aka(&SEED));
        let octets = response(&request, subtype, attributes);
        let reason = refused(&mut server, &octets);
        assert!(server.keys().is_none() && server.resumption().is_none());
        reason
    };
    let res = Attribute::Res(aka::Res::from_f2([0; 8]));
    let mac = Attribute::Mac(&[0; 16]);
    assert_eq!(
        wrong(Subtype::Challenge, &[res, mac]),
        Reason::WrongResponse
    );
    assert_eq!(wrong(Subtype::Challenge, &[]), Reason::Unexpected);
    assert_eq!(
        wrong(Subtype::ClientError, &[Attribute::ClientErrorCode(0)]),
        Reason::ClientError(0)
    );
    assert_eq!(wrong(Subtype::AuthenticationReject, &[]), Reason::Rejected);
    assert_eq!(wrong(Subtype::Identity, &[]), Reason::Unexpected);
    assert_eq!(
        wrong(Subtype::SynchronizationFailure, &[]),
        Reason::Unexpected
    );
    let (mut server, request) = challenged(Server::aka(&SEED));
    let garbage = [2, request[1], 0, 9, 23, 1, 0, 0, 9];
    assert_eq!(refused(&mut server, &garbage), Reason::Malformed);
}

#[test]
fn another_card_is_refused_on_both_sides() {
    let mut peer = Peer::aka(named(AKA));
    let (mut server, mut request) = challenged(Server::aka(&SEED));
    request[20] ^= 1; // RAND
    let answer = reply(&mut peer, &mut Card::default(), &request);
    assert_eq!(refused(&mut server, &answer), Reason::Rejected);
}

#[test]
fn what_is_not_for_the_server_changes_nothing() {
    let (mut server, request) = challenged(Server::aka(&SEED));
    let mut room = [0; 1500];
    let identifier = request[1];
    for (packet, expected) in [
        (
            vec![2, identifier ^ 1, 0, 8, 23, 1, 0, 0],
            ServerError::NotForUs,
        ),
        (
            vec![1, identifier, 0, 8, 23, 1, 0, 0],
            ServerError::NotForUs,
        ),
        (
            vec![2, identifier, 0, 8, 50, 1, 0, 0],
            ServerError::NotForUs,
        ),
        (vec![2, identifier, 0, 6, 3, 50], ServerError::Nak),
    ] {
        assert_eq!(server.receive(&packet, &mut room).err(), Some(expected));
    }
    assert!(matches!(
        server.receive(&[2], &mut room),
        Err(ServerError::Malformed(_))
    ));
    let answer = reply(&mut Peer::aka(named(AKA)), &mut Card::default(), &request);
    assert!(matches!(
        server.receive(&answer, &mut []),
        Err(ServerError::NoRoom(_))
    ));
    assert!(matches!(
        server.receive(&answer, &mut room),
        Ok(Step::Success(_))
    ));
    assert_eq!(
        server.receive(&answer, &mut room).err(),
        Some(ServerError::OutOfTurn)
    );
}

#[test]
fn the_caller_can_refuse_and_cannot_answer_unasked_or_with_the_wrong_vector() {
    let mut room = [0; 1500];
    let mut server = prime();
    let refuse = |server: &mut Server, room: &mut [u8]| {
        server.answer(&Answer::Refuse, Next::NONE, room).map(|_| ())
    };
    assert_eq!(refuse(&mut server, &mut room), Err(ServerError::OutOfTurn));
    let identity = Nai::new(PRIME).unwrap();
    server.start(Some(&identity), &mut room).unwrap();
    assert_eq!(
        server.start(None, &mut room).err(),
        Some(ServerError::OutOfTurn)
    );
    let mut operator = Operator::at(0);
    operator.amf = Amf::ZERO;
    let vector = operator.vector(&IMSI.parse().unwrap());
    let step = server.answer(&Answer::Vector(&vector), Next::NONE, &mut room);
    assert_eq!(step.err(), Some(ServerError::Unsuitable));
    let Ok(Step::Send(notice)) = server.answer(&Answer::Refuse, Next::NONE, &mut room) else {
        panic!("the peer is to be told");
    };
    let told = response(notice, Subtype::Notification, &[]);
    let step = server.receive(&told, &mut room).unwrap();
    assert!(
        matches!(step, Step::Failure(_, Reason::Refused)),
        "{step:?}"
    );
}

#[test]
fn result_indications_are_agreed_on_and_protected() {
    for wanted in [true, false] {
        let mut server = Server::aka(&SEED).with_result_indications();
        let mut peer = Peer::aka(named(AKA));
        if wanted {
            peer = peer.with_result_indications();
        }
        let mut operator = Operator::at(0);
        let ended = converse(
            &mut server,
            &mut operator,
            &mut peer,
            &mut Card::default(),
            Some(AKA),
        );
        assert!(agree(&server, &mut peer, &ended));
        let notified = subtypes(&ended.packets).contains(&Subtype::Notification);
        assert_eq!(notified, wanted);
    }
}

#[test]
fn nothing_ends_a_peer_that_both_sides_have_confirmed_but_success() {
    let (mut server, request) = challenged(Server::aka(&SEED).with_result_indications());
    let mut peer = Peer::aka(named(AKA)).with_result_indications();
    let answer = reply(&mut peer, &mut Card::default(), &request);
    let mut room = [0; 1500];
    let Ok(Step::Send(notice)) = server.receive(&answer, &mut room) else {
        panic!("the peer is to be told");
    };
    let notice = notice.to_vec();
    reply(&mut peer, &mut Card::default(), &notice);
    let unprotected = [1, 9, 0, 12, 23, 12, 0, 0, 12, 1, 0x40, 0];
    let unreadable = [1, 9, 0, 9, 23, 12, 0, 0, 0];
    let failure = [4, 9, 0, 4];
    for stray in [&unprotected[..], &unreadable, &notice, &request, &failure] {
        let said = peer.receive(stray, &mut [0; 1500]).err();
        assert_eq!(said, Some(PeerError::Untimely), "{stray:02x?}");
    }
    assert!(matches!(
        peer.receive(&[3, 9, 0, 4], &mut []),
        Ok(Event::Success)
    ));
}

#[test]
fn a_success_that_is_not_acknowledged_under_the_key_is_none() {
    let (mut server, request) = challenged(Server::aka(&SEED).with_result_indications());
    let mut peer = Peer::aka(named(AKA)).with_result_indications();
    let answer = reply(&mut peer, &mut Card::default(), &request);
    let mut room = [0; 1500];
    let Ok(Step::Send(notice)) = server.receive(&answer, &mut room) else {
        panic!("the peer is to be told");
    };
    let forged = response(notice, Subtype::Notification, &[Attribute::Mac(&[0; 16])]);
    let step = server.receive(&forged, &mut room).unwrap();
    assert!(
        matches!(step, Step::Failure(_, Reason::WrongResponse)),
        "{step:?}"
    );
    assert!(server.keys().is_none());
}

#[test]
fn a_subscriber_who_is_denied_learns_why_under_the_key() {
    for (denial, code) in [
        (Denial::TemporarilyDenied, 1026),
        (Denial::NotSubscribed, 1031),
    ] {
        let mut server = Server::aka(&SEED).with_denial(denial);
        let mut peer = Peer::aka(named(AKA));
        let mut operator = Operator::at(0);
        let ended = converse(
            &mut server,
            &mut operator,
            &mut peer,
            &mut Card::default(),
            Some(AKA),
        );
        assert_eq!(ended.verdict, Err(Reason::Refused));
        assert_eq!(peer.notification(), Some(code));
        assert!(server.keys().is_none());
    }
}

#[test]
fn rule_18_a_function_that_comes_second_is_negotiated() {
    let mut server = prime().with_decoy_kdf(7);
    let mut peer = Peer::aka_prime(named(PRIME), Some(b"WLAN"));
    let mut operator = Operator::at(0);
    let ended = converse(
        &mut server,
        &mut operator,
        &mut peer,
        &mut Card::default(),
        Some(PRIME),
    );
    assert!(agree(&server, &mut peer, &ended));
    let kdfs: Vec<Vec<u16>> = ended.packets[..4]
        .iter()
        .map(|octets| Packet::parse(octets).unwrap().attributes().kdfs().collect())
        .collect();
    assert_eq!(kdfs, [vec![7, 1], vec![1], vec![1, 7, 1], vec![]]);
}

#[test]
fn rule_18_a_function_that_was_not_offered_or_came_first_is_not_negotiated() {
    for number in [1, 2] {
        let mut room = [0; 1500];
        let mut server = prime();
        server
            .start(Some(&Nai::new(PRIME).unwrap()), &mut room)
            .unwrap();
        let vector = Operator::at(0).vector(&IMSI.parse().unwrap());
        let step = server.answer(&Answer::Vector(&vector), Next::NONE, &mut room);
        let Ok(Step::Send(request)) = step else {
            panic!("{step:?} is no challenge");
        };
        let asks = response(request, Subtype::Challenge, &[Attribute::Kdf(number)]);
        assert_eq!(refused(&mut server, &asks), Reason::Unexpected);
    }
}

#[test]
fn rule_18_a_resynchronisation_must_tell_back_what_was_offered() {
    let mut room = [0; 1500];
    let mut server = prime();
    server
        .start(Some(&Nai::new(PRIME).unwrap()), &mut room)
        .unwrap();
    let vector = Operator::at(0).vector(&IMSI.parse().unwrap());
    let step = server.answer(&Answer::Vector(&vector), Next::NONE, &mut room);
    let Ok(Step::Send(request)) = step else {
        panic!("{step:?} is no challenge");
    };
    let auts = Attribute::Auts(aka::Auts::new([5; 14]));
    let told = [auts, Attribute::Kdf(2)];
    let stale = response(request, Subtype::SynchronizationFailure, &told);
    assert_eq!(refused(&mut server, &stale), Reason::Unexpected);
}

#[test]
fn rule_18_who_prefers_aka_prime_learns_that_it_could_be_had() {
    let mut server = Server::aka(&SEED).with_aka_prime_available();
    let mut peer = Peer::aka(named(AKA)).with_bidding(Bidding::PrefersAkaPrime);
    let mut operator = Operator::at(0);
    let ended = converse(
        &mut server,
        &mut operator,
        &mut peer,
        &mut Card::default(),
        Some(AKA),
    );
    assert_eq!(ended.verdict, Err(Reason::Rejected));
}

#[test]
fn a_server_says_its_method_and_where_it_is_and_nothing_else() {
    let (server, request) = challenged(Server::aka(&SEED));
    assert_eq!(
        format!("{server:?}"),
        "Server { method: Aka, state: \"Challenging\", .. }".replace('"', "")
    );
    assert_eq!(Packet::parse(&request).unwrap().method(), Method::Aka);
    let wanted = format!("{:?}", Purpose::Identify);
    assert_eq!(wanted, "Identify");
}
