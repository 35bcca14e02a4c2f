//! The peer, with servers written out here packet by packet.

use aka::{
    Amf, Autn, Ck, Ik, K, Kc, Milenage, Opc, Rand, Res, Sqn,
    algorithm::{HomeAlgorithm, Response},
    card::{Card, MacFailure, Outcome},
    eap::{
        Attribute, Code, Event, Identities, Method, Packet, PacketWriter, Peer, PeerError,
        SessionKeys, Subtype, peer::Bidding,
    },
    kdf::eap_prime::prime_keys,
};

const IDENTITY: &[u8] = b"6001010000000001@nai.epc.mnc001.mcc001.3gppnetwork.org";
const NAMES: Identities<'static> = Identities {
    permanent: IDENTITY,
    pseudonym: None,
};
const RAND: Rand = Rand::new([0x23; 16]);

fn milenage() -> Milenage {
    Milenage::new(&K::new([1; 16]), &Opc::new([2; 16]))
}

fn challenge(amf: Amf) -> (Autn, Response) {
    milenage().challenge(&RAND, Sqn::new(64).unwrap(), amf)
}

/// A request with these attributes, and a MAC if there are keys.
fn request(
    what: (Method, Subtype),
    attributes: &[Attribute<'_>],
    keys: Option<&SessionKeys>,
) -> Vec<u8> {
    let mut room = [0; 1500];
    let mut writer = PacketWriter::new(&mut room, Code::Request, 9, what);
    for attribute in attributes {
        writer = writer.put(attribute);
    }
    match keys {
        Some(keys) => writer
            .finish_with_mac(keys.mac_key(), &[])
            .unwrap()
            .to_vec(),
        None => writer.finish().unwrap().to_vec(),
    }
}

/// What the peer sends for a request, with a card of its own.
fn exchange(peer: &mut Peer<'_>, request: &[u8]) -> Vec<u8> {
    let mut room = [0; 1500];
    let event = peer.receive(request, &mut room).unwrap();
    if let Event::Reply(octets) = event {
        return octets.to_vec();
    }
    let Event::Challenge(challenge) = event else {
        panic!("the conversation is over");
    };
    let said = Card::default().authenticate(&milenage(), challenge.rand(), challenge.autn());
    challenge.answer(said).unwrap().to_vec()
}

fn subtype(reply: &[u8]) -> Subtype {
    let packet = Packet::parse(reply).unwrap();
    assert_eq!((packet.code(), packet.identifier()), (Code::Response, 9));
    packet.subtype()
}

/// A challenge of EAP-AKA with more attributes, and its keys.
fn aka(more: &[Attribute<'_>]) -> (Vec<u8>, SessionKeys) {
    let (autn, response) = challenge(Amf::ZERO);
    let keys = SessionKeys::aka(&response.ck, &response.ik, IDENTITY);
    let rand = [*RAND.as_bytes()];
    let attributes = [&[Attribute::Rand(&rand), Attribute::Autn(autn)], more].concat();
    (
        request((Method::Aka, Subtype::Challenge), &attributes, Some(&keys)),
        keys,
    )
}

/// A challenge of EAP-AKA' that offers `kdfs`, and its keys.
fn prime(amf: Amf, name: &[u8], kdfs: &[u16]) -> (Vec<u8>, SessionKeys) {
    let (autn, response) = challenge(amf);
    let (ck, ik) = prime_keys(&response.ck, &response.ik, name, &autn);
    let keys = SessionKeys::aka_prime(&ck, &ik, IDENTITY);
    let rand = [*RAND.as_bytes()];
    let mut attributes = vec![
        Attribute::Rand(&rand),
        Attribute::Autn(autn),
        Attribute::KdfInput(name),
    ];
    attributes.extend(kdfs.iter().copied().map(Attribute::Kdf));
    (
        request(
            (Method::AkaPrime, Subtype::Challenge),
            &attributes,
            Some(&keys),
        ),
        keys,
    )
}

#[test]
fn the_response_of_android_comes_out_octet_for_octet() {
    let request = hex::decode(concat!(
        "0102007c17010000010500005ce6529028f1cac804e37196a8726f81020500006b8a",
        "4586ade90000b354e13c660833e80b05000094f49ea5de01896acd3d1419720d10d5",
        "81050000ef3ddf8489a4abebdc08a58864176fb9820900000f454169eca585a3e4e1",
        "afbf108fd844901db30348ba29a90e0ecb9f042f8125",
    ))
    .unwrap();
    let identity = b"0234107813240779@nai.epc.mnc010.mcc234.3gppnetwork.org";
    let mut peer = Peer::aka(Identities {
        permanent: identity,
        pseudonym: None,
    });
    let mut room = [0; 64];
    let Event::Challenge(challenge) = peer.receive(&request, &mut room).unwrap() else {
        panic!("the card must be asked");
    };
    let said = Outcome::Success {
        res: "c79f02a59fc9a38f".parse::<Res>().unwrap(),
        ck: "f330a26f2c1ccc1ed9b45fd48d06c516".parse::<Ck>().unwrap(),
        ik: "06c4880743ef17aaa99ee7b17cee9119".parse::<Ik>().unwrap(),
        kc: "85de920d9e1b8fbb".parse::<Kc>().unwrap(),
    };
    assert_eq!(
        hex::encode(challenge.answer(Ok(said)).unwrap()),
        "020200281701000003030040c79f02a59fc9a38f0b0500001c141bddde8bef2e502fb6793808de7c"
    );
}

#[test]
fn a_full_authentication_ends_with_the_servers_keys() {
    let (request, keys) = aka(&[]);
    let mut peer = Peer::aka(NAMES);
    let reply = exchange(&mut peer, &request);
    let reply = Packet::parse(&reply).unwrap();
    assert!(reply.verify_mac(keys.mac_key(), &[]));
    let res = reply.attributes().res().unwrap();
    assert_eq!(res.expose(), challenge(Amf::ZERO).1.res.expose());
    assert!(matches!(
        peer.receive(&[3, 9, 0, 4], &mut []),
        Ok(Event::Success)
    ));
    assert_eq!(peer.keys().unwrap().msk(), keys.msk());
}

#[test]
fn an_identity_request_may_only_ask_for_more() {
    let names = Identities {
        permanent: IDENTITY,
        pseudonym: Some(b"2pseudonym"),
    };
    let ask = |wanted| request((Method::Aka, Subtype::Identity), &[wanted], None);
    let mut peer = Peer::aka(names);
    let any = exchange(&mut peer, &ask(Attribute::AnyIdReq));
    assert_eq!(
        Packet::parse(&any).unwrap().attributes().identity(),
        Some(&b"2pseudonym"[..])
    );
    let permanent = exchange(&mut peer, &ask(Attribute::PermanentIdReq));
    assert_eq!(
        Packet::parse(&permanent).unwrap().attributes().identity(),
        Some(IDENTITY)
    );
    let again = exchange(&mut peer, &ask(Attribute::FullauthIdReq));
    assert_eq!(subtype(&again), Subtype::ClientError);
}

#[test]
fn the_identity_rounds_are_checked_on_both_sides() {
    use sha1::{Digest, Sha1};
    let ask = request(
        (Method::Aka, Subtype::Identity),
        &[Attribute::PermanentIdReq],
        None,
    );
    let mut peer = Peer::aka(NAMES);
    let told = exchange(&mut peer, &ask);
    let code = Sha1::digest([ask.clone(), told].concat());
    let reply = exchange(&mut peer, &aka(&[Attribute::Checkcode(&code)]).0);
    assert_eq!(
        Packet::parse(&reply).unwrap().attributes().checkcode(),
        Some(&code[..])
    );

    let mut peer = Peer::aka(NAMES);
    exchange(&mut peer, &ask);
    let reply = exchange(&mut peer, &aka(&[Attribute::Checkcode(&[])]).0);
    assert_eq!(subtype(&reply), Subtype::ClientError);
}

#[test]
fn a_stale_challenge_is_answered_with_auts_and_the_offer() {
    for (request, kdfs) in [
        (aka(&[]).0, vec![]),
        (prime(Amf::SEPARATED, b"WLAN", &[1, 7]).0, vec![1, 7]),
    ] {
        let mut peer = match kdfs.len() {
            0 => Peer::aka(NAMES),
            _ => Peer::aka_prime(NAMES, None),
        };
        let mut room = [0; 200];
        let Ok(Event::Challenge(challenge)) = peer.receive(&request, &mut room) else {
            panic!("the card must be asked");
        };
        let auts = aka::Auts::new([5; 14]);
        let reply = challenge.answer(Ok(Outcome::SyncFailure(auts))).unwrap();
        assert_eq!(subtype(reply), Subtype::SynchronizationFailure);
        let attributes = Packet::parse(reply).unwrap().attributes();
        assert_eq!(attributes.auts(), Some(auts));
        assert_eq!(attributes.kdfs().collect::<Vec<_>>(), kdfs);
        // the next challenge is taken
        assert_eq!(subtype(&exchange(&mut peer, &request)), Subtype::Challenge);
    }
}

#[test]
fn a_wrong_autn_is_refused_and_a_wrong_mac_is_an_error() {
    let (mut request, _) = aka(&[]);
    *request.last_mut().unwrap() ^= 1;
    assert_eq!(
        subtype(&exchange(&mut Peer::aka(NAMES), &request)),
        Subtype::ClientError
    );

    let mut peer = Peer::aka(NAMES);
    let mut room = [0; 64];
    let Ok(Event::Challenge(challenge)) = peer.receive(&request, &mut room) else {
        panic!("the card must be asked");
    };
    let reply = challenge.answer(Err(MacFailure)).unwrap();
    assert_eq!(subtype(reply), Subtype::AuthenticationReject);
    assert_eq!(
        peer.receive(&[3, 9, 0, 4], &mut []).err(),
        Some(PeerError::Untimely)
    );
}

#[test]
fn rule_18_aka_prime_negotiates_its_function() {
    let mut peer = Peer::aka_prime(NAMES, Some(b"WLAN"));
    let reply = exchange(&mut peer, &prime(Amf::SEPARATED, b"WLAN", &[7, 1]).0);
    let asked = Packet::parse(&reply).unwrap().attributes();
    assert_eq!(asked.iter().count(), 1);
    assert_eq!(asked.kdfs().collect::<Vec<_>>(), [1]);
    let (request, keys) = prime(Amf::SEPARATED, b"WLAN", &[1, 7, 1]);
    let reply = exchange(&mut peer, &request);
    let reply = Packet::parse(&reply).unwrap();
    assert!(reply.attributes().res().is_some() && reply.verify_mac(keys.mac_key(), &[]));
    assert_eq!(peer.keys().unwrap().emsk(), keys.emsk());
}

#[test]
fn rule_18_aka_prime_refuses_as_if_autn_were_wrong() {
    let cases = [
        prime(Amf::ZERO, b"WLAN", &[1]),
        prime(Amf::SEPARATED, b"HRPD", &[1]),
        prime(Amf::SEPARATED, b"", &[1]),
        prime(Amf::SEPARATED, b"WLAN", &[2]),
    ];
    for (request, _) in cases {
        let mut peer = Peer::aka_prime(NAMES, Some(b"WLAN"));
        assert_eq!(
            subtype(&exchange(&mut peer, &request)),
            Subtype::AuthenticationReject
        );
        assert!(peer.keys().is_none());
    }
}

#[test]
fn rule_18_who_prefers_aka_prime_is_not_bid_down() {
    let (request, _) = aka(&[Attribute::Bidding(0x8000)]);
    let mut peer = Peer::aka(NAMES).with_bidding(Bidding::PrefersAkaPrime);
    assert_eq!(
        subtype(&exchange(&mut peer, &request)),
        Subtype::AuthenticationReject
    );
    assert_eq!(
        subtype(&exchange(&mut Peer::aka(NAMES), &request)),
        Subtype::Challenge
    );
}

#[test]
fn with_result_indications_success_must_be_notified() {
    let (request_, keys) = aka(&[Attribute::ResultInd]);
    let mut peer = Peer::aka(NAMES).with_result_indications();
    let reply = exchange(&mut peer, &request_);
    assert!(Packet::parse(&reply).unwrap().attributes().result_ind());
    assert_eq!(
        peer.receive(&[3, 9, 0, 4], &mut []).err(),
        Some(PeerError::Untimely)
    );
    let what = (Method::Aka, Subtype::Notification);
    let notice = request(what, &[Attribute::Notification(32768)], Some(&keys));
    let reply = exchange(&mut peer, &notice);
    assert!(
        Packet::parse(&reply)
            .unwrap()
            .verify_mac(keys.mac_key(), &[])
    );
    assert!(matches!(
        peer.receive(&[3, 9, 0, 4], &mut []),
        Ok(Event::Success)
    ));
}

/// RFC 3748 §4.2.
#[test]
fn after_a_success_was_notified_a_failure_is_discarded() {
    let (request_, keys) = aka(&[Attribute::ResultInd]);
    let mut peer = Peer::aka(NAMES).with_result_indications();
    exchange(&mut peer, &request_);
    let what = (Method::Aka, Subtype::Notification);
    let notice = request(what, &[Attribute::Notification(32768)], Some(&keys));
    exchange(&mut peer, &notice);
    assert_eq!(
        peer.receive(&[4, 9, 0, 4], &mut []).err(),
        Some(PeerError::Untimely)
    );
    assert!(matches!(
        peer.receive(&[3, 9, 0, 4], &mut []),
        Ok(Event::Success)
    ));
    assert!(peer.keys().is_some());
}

#[test]
fn a_notification_after_the_challenge_needs_its_mac() {
    let what = (Method::Aka, Subtype::Notification);
    let (request_, keys) = aka(&[Attribute::ResultInd]);
    let mut peer = Peer::aka(NAMES).with_result_indications();
    exchange(&mut peer, &request_);
    let forged = request(
        what,
        &[Attribute::Notification(32768), Attribute::Mac(&[0; 16])],
        None,
    );
    assert_eq!(subtype(&exchange(&mut peer, &forged)), Subtype::ClientError);

    let mut early = Peer::aka(NAMES);
    let notice = request(what, &[Attribute::Notification(1026)], Some(&keys));
    assert_eq!(
        subtype(&exchange(&mut early, &notice)),
        Subtype::ClientError
    );
}

#[test]
fn a_failure_notified_before_the_challenge_is_acknowledged() {
    let what = (Method::Aka, Subtype::Notification);
    let mut peer = Peer::aka(NAMES);
    let reply = exchange(
        &mut peer,
        &request(what, &[Attribute::Notification(16384)], None),
    );
    assert_eq!((subtype(&reply), reply.len()), (Subtype::Notification, 8));
    assert_eq!(peer.notification(), Some(16384));
    assert!(matches!(
        peer.receive(&[4, 9, 0, 4], &mut []),
        Ok(Event::Failure)
    ));
}

#[test]
fn what_cannot_be_read_is_a_client_error_and_what_is_not_ours_is_nothing() {
    let what = [1, 9, 0, 12, 23, 1, 0, 0, 9, 1, 0, 0];
    let error = exchange(&mut Peer::aka(NAMES), &what);
    assert_eq!(hex::encode(error), "0209000c170e000016010000");
    let mut peer = Peer::aka(NAMES);
    for (packet, expected) in [
        (&[2, 9, 0, 8, 23, 1, 0, 0][..], PeerError::NotForUs),
        (&[1, 9, 0, 8, 50, 1, 0, 0], PeerError::NotForUs),
        (&[3, 9, 0, 4], PeerError::Untimely),
    ] {
        assert_eq!(peer.receive(packet, &mut []).err(), Some(expected));
    }
    assert!(matches!(
        peer.receive(&[1], &mut []),
        Err(PeerError::Malformed(_))
    ));
    assert!(matches!(
        peer.receive(&what, &mut []),
        Err(PeerError::NoRoom(_))
    ));
}

#[test]
fn debug_tells_neither_the_identity_nor_a_packet_nor_a_key() {
    let (request, keys) = aka(&[]);
    let mut peer = Peer::aka(NAMES);
    let mut room = [0; 200];
    let event = peer.receive(&request, &mut room).unwrap();
    assert_eq!(format!("{event:?}"), "Challenge([redacted])");
    exchange(&mut peer, &request);
    let state = "Answered(Aka(MkKeys([redacted])))";
    let expected = format!("Peer {{ method: Aka, state: {state}, notification: None }}");
    assert_eq!(format!("{peer:?}"), expected);
    assert_eq!(format!("{:?}", keys.mac_key()), "MacKey([redacted])");
    let packet = format!("{:?}", Packet::parse(&request).unwrap());
    assert!(
        packet.ends_with("attributes: [Attribute(1), Attribute(2), Attribute(11)] }"),
        "{packet}"
    );
}
