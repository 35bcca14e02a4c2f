use std::sync::atomic::Ordering;

use usim::{
    CallerError, Card, CardError, Error, LastTry, Pin, PinReference, PinStatus, Puk,
    soft::{Enabled, PinValues},
};

use crate::home::{BOTH, Network, Wire, profile};

const PIN1: PinReference = PinReference::PIN1;

fn locked(
    protocol: usim::transport::Protocol,
) -> (Card, std::sync::Arc<std::sync::atomic::AtomicUsize>) {
    let mut profile = profile(protocol, &[]);
    profile.pins.pin1 = PinValues::new("1234", "12345678", Enabled::Yes).unwrap();
    let (wire, burned) = Wire::new(profile);
    (Card::open(wire).unwrap(), burned)
}

fn pin(digits: &str) -> Pin {
    Pin::new(digits).unwrap()
}

#[test]
fn a_locked_card_asks_for_its_pin_and_opens_with_it() {
    for protocol in BOTH {
        let (mut card, _) = locked(protocol);
        let mut usim = card.usim().unwrap();
        let error = usim.imsi().unwrap_err();
        assert!(matches!(error, Error::Card(CardError::PinRequired)));
        usim.session()
            .verify_pin(PIN1, &pin("1234"), LastTry::Keep)
            .unwrap();
        assert_eq!(usim.imsi().unwrap().as_str(), "001010000000001");
    }
}

#[test]
fn a_locked_card_does_not_authenticate() {
    let (mut card, burned) = locked(BOTH[0]);
    let vector = Network::new().vector();
    let error = card
        .usim()
        .unwrap()
        .authenticate(&vector.rand, &vector.autn)
        .unwrap_err();
    assert!(matches!(error, Error::Card(CardError::PinRequired)));
    assert_eq!(burned.load(Ordering::Relaxed), 1);
}

#[test]
fn the_last_try_is_kept() {
    for protocol in BOTH {
        let (mut card, burned) = locked(protocol);
        let mut usim = card.usim().unwrap();
        let session = usim.session();
        for tries_left in [2, 1] {
            let error = session
                .verify_pin(PIN1, &pin("0000"), LastTry::Keep)
                .unwrap_err();
            let wrong = CardError::WrongPin { tries_left };
            assert!(matches!(error, Error::Card(met) if met == wrong));
        }
        let error = session
            .verify_pin(PIN1, &pin("0000"), LastTry::Keep)
            .unwrap_err();
        assert!(matches!(error, Error::Caller(CallerError::LastTry)));
        assert_eq!(burned.load(Ordering::Relaxed), 2);
        assert_eq!(session.pin_status(PIN1).unwrap(), PinStatus::TriesLeft(1));
    }
}

#[test]
fn a_blocked_pin_is_unblocked_with_its_puk() {
    for protocol in BOTH {
        let (mut card, _) = locked(protocol);
        let mut usim = card.usim().unwrap();
        let session = usim.session();
        for _ in 0..3 {
            session
                .verify_pin(PIN1, &pin("0000"), LastTry::Risk)
                .unwrap_err();
        }
        assert_eq!(session.pin_status(PIN1).unwrap(), PinStatus::Blocked);
        let error = session
            .verify_pin(PIN1, &pin("1234"), LastTry::Keep)
            .unwrap_err();
        assert!(matches!(error, Error::Card(CardError::PinBlocked)));

        assert_eq!(session.puk_status(PIN1).unwrap(), PinStatus::TriesLeft(10));
        let wrong = Puk::new("00000000").unwrap();
        let error = session
            .unblock_pin(PIN1, &wrong, &pin("4321"), LastTry::Keep)
            .unwrap_err();
        assert!(matches!(
            error,
            Error::Card(CardError::WrongPin { tries_left: 9 })
        ));
        let puk = Puk::new("12345678").unwrap();
        session
            .unblock_pin(PIN1, &puk, &pin("4321"), LastTry::Keep)
            .unwrap();
        session
            .verify_pin(PIN1, &pin("4321"), LastTry::Keep)
            .unwrap();
        assert_eq!(usim.imsi().unwrap().as_str(), "001010000000001");
    }
}

#[test]
fn a_pin_is_changed_disabled_and_enabled() {
    for protocol in BOTH {
        let (mut card, _) = locked(protocol);
        let mut usim = card.usim().unwrap();
        let session = usim.session();
        session
            .change_pin(PIN1, &pin("1234"), &pin("98765"), LastTry::Keep)
            .unwrap();
        session
            .disable_pin(PIN1, &pin("98765"), LastTry::Keep)
            .unwrap();
        drop(usim);
        card.transport_mut().reset().unwrap();
        assert_eq!(
            card.usim().unwrap().imsi().unwrap().as_str(),
            "001010000000001"
        );

        let mut usim = card.usim().unwrap();
        usim.session()
            .enable_pin(PIN1, &pin("98765"), LastTry::Keep)
            .unwrap();
        drop(usim);
        card.transport_mut().reset().unwrap();
        let error = card.usim().unwrap().imsi().unwrap_err();
        assert!(matches!(error, Error::Card(CardError::PinRequired)));
    }
}

#[test]
fn pins_1_and_2_are_counted_apart_on_the_2g_side_too() {
    for protocol in BOTH {
        let (mut card, _) = locked(protocol);
        let mut sim = card.sim().unwrap();
        let session = sim.session();
        let error = session
            .verify_pin(PIN1, &pin("0000"), LastTry::Keep)
            .unwrap_err();
        assert!(matches!(
            error,
            Error::Card(CardError::WrongPin { tries_left: 2 })
        ));
        assert_eq!(session.pin_status(PIN1).unwrap(), PinStatus::TriesLeft(2));
        assert_eq!(
            session.pin_status(PinReference::PIN2).unwrap(),
            PinStatus::TriesLeft(3)
        );
        session
            .verify_pin(PIN1, &pin("1234"), LastTry::Keep)
            .unwrap();
        assert_eq!(sim.imsi().unwrap().as_str(), "001010000000001");
    }
}
