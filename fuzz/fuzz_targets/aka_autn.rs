//! A card that is sent genuine, tampered and invented challenges in any order.
//!
//! Holds: only what the home made is answered, with the home's own RES; nothing is taken twice; the
//! card's SQN never goes back; an AUTS tells exactly that SQN; a forgery changes nothing.
#![no_main]

use aka::algorithm::HomeAlgorithm;
use aka::card::{Card, Outcome};
use aka::{Amf, Autn, K, Mac, Milenage, Opc, Rand, Sqn};
use libfuzzer_sys::fuzz_target;

/// One byte that says what to do, 16 of RAND, 16 of AUTN or of SQN and the place of a flipped bit.
const STEP: usize = 33;

fuzz_target!(|data: &[u8]| {
    let milenage = Milenage::new(&K::new([1; 16]), &Opc::new([2; 16]));
    let mut card = Card::default();
    for step in data.chunks_exact(STEP) {
        let Some((kind, rand, rest)) = split(step) else {
            return;
        };
        let rand = Rand::new(rand);
        let sqn = sqn(&rest);
        let (genuine, expected) = milenage.challenge(&rand, sqn, Amf::ZERO);
        let highest = card.sqn_ms();
        let autn = match kind % 4 {
            0 => Autn::new(rest),
            1 => flipped(genuine, rest[6]),
            _ => genuine,
        };
        match card.authenticate(&milenage, &rand, &autn) {
            Ok(Outcome::Success { res, .. }) => {
                assert_eq!(
                    autn.as_bytes(),
                    genuine.as_bytes(),
                    "a forgery was answered"
                );
                assert_eq!(res.expose(), expected.res.expose());
                assert_eq!(card.sqn_ms(), highest.max(sqn));
                let again = card.authenticate(&milenage, &rand, &autn);
                assert!(matches!(again, Ok(Outcome::SyncFailure(_))), "taken twice");
            }
            Ok(Outcome::SyncFailure(auts)) => {
                assert_eq!(
                    autn.as_bytes(),
                    genuine.as_bytes(),
                    "a forgery was answered"
                );
                let (told, mac) = milenage.open_auts(&rand, &auts);
                assert!(Mac::verify(mac, auts.mac()), "AUTS does not verify");
                assert_eq!((told, card.sqn_ms()), (highest, highest));
            }
            Err(_) => {
                assert_ne!(
                    autn.as_bytes(),
                    genuine.as_bytes(),
                    "a genuine challenge was refused"
                );
                assert_eq!(card.sqn_ms(), highest, "a forgery moved the SQN");
            }
        }
    }
});

fn split(step: &[u8]) -> Option<(u8, [u8; 16], [u8; 16])> {
    let (kind, rest) = step.split_first()?;
    let (rand, rest) = rest.split_at_checked(16)?;
    Some((*kind, rand.try_into().ok()?, rest.try_into().ok()?))
}

fn sqn(rest: &[u8; 16]) -> Sqn {
    let [a, b, c, d, e, f, ..] = *rest;
    Sqn::from_bytes([a, b, c, d, e, f])
}

fn flipped(autn: Autn, place: u8) -> Autn {
    let mut octets = *autn.as_bytes();
    if let Some(octet) = octets.get_mut(usize::from(place / 8 % 16)) {
        *octet ^= 1 << (place % 8);
    }
    Autn::new(octets)
}
