//! Any packets for a server of EAP-SIM, EAP-AKA or EAP-AKA', whose caller knows everybody.
//!
//! Holds: nobody without the card is let in; every request is a packet; it ends, and after that
//! nothing more is sent.
#![no_main]

use aka::eap::{Answer, Code, Method, NetworkName, Next, Packet, Server, ServerError, Step};
use aka::kdf::gsm::SresFunction;
use aka::network::{Triplet, Vector};
use aka::{Ck, Ik, K, Milenage, Opc, Rand, Res};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((choice, mut rest)) = data.split_first() else {
        return;
    };
    let mut server = match choice % 3 {
        0 => Server::aka(&[7; 32]),
        1 => Server::aka_prime(NetworkName::new(b"WLAN").expect("a name"), &[7; 32]),
        _ => Server::sim(&[7; 32]),
    };
    if choice & 0x80 != 0 {
        server = server.with_result_indications();
    }
    let mut room = [0; 1500];
    let mut more = goes_on(server.start(None, &mut room));
    while let Some((size, after)) = rest.split_first() {
        let (packet, after) = after.split_at(usize::from(*size).min(after.len()));
        rest = after;
        // as if it were the response to the last request
        let identifier = room[1];
        let packet: Vec<u8> = packet
            .iter()
            .enumerate()
            .map(|(at, octet)| if at == 1 { identifier } else { *octet })
            .collect();
        let step = server.receive(&packet, &mut room);
        if !more {
            assert!(matches!(step, Err(ServerError::OutOfTurn)), "it had ended");
            return;
        }
        if matches!(step, Ok(Step::NeedVector(_))) {
            more = known(&mut server, &mut room, choice & 0x40 != 0);
        } else if step.is_ok() {
            more = goes_on(step);
        }
    }
    assert!(server.keys().is_none(), "keys without a card");
});

/// Whether the server waits for a response.
fn goes_on(step: Result<Step<'_>, ServerError>) -> bool {
    let step = step.expect("1500 octets are enough");
    assert!(!matches!(step, Step::NeedVector(_)), "it was answered");
    assert!(
        !matches!(step, Step::Success(_)),
        "somebody without a card is let in"
    );
    let Step::Send(request) = step else {
        return false;
    };
    let packet = Packet::parse(request).expect("a request is a packet");
    assert_eq!(packet.code(), Code::Request);
    true
}

fn known(server: &mut Server, room: &mut [u8], unknown: bool) -> bool {
    let milenage = Milenage::new(&K::new([1; 16]), &Opc::new([2; 16]));
    let vector = Vector {
        rand: Rand::new([3; 16]),
        xres: Res::from_f2([4; 8]),
        ck: Ck::new([5; 16]),
        ik: Ik::new([6; 16]),
        autn: aka::Autn::new([0xff; 16]),
    };
    let triplets = [1, 2, 3]
        .map(|octet| Triplet::generate(&milenage, Rand::new([octet; 16]), SresFunction::Folded));
    let answer = if unknown {
        Answer::Unknown
    } else if server.method() == Method::Sim {
        Answer::Triplets(&triplets)
    } else {
        Answer::Vector(&vector)
    };
    goes_on(server.answer(&answer, Next::NONE, room))
}
