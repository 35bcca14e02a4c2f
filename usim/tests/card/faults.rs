//! Every fault at every command of a session's life.

use std::sync::atomic::Ordering;

use usim::{
    Authentication, Card, Error, Fault as Blame, Identity, Subscriber,
    transport::{
        Protocol,
        fault::{Fault, FaultInjector, Faults},
    },
};

use crate::home::{BOTH, Network, Wire, profile};

/// Opens a card, asks who it is, and has it answer a challenge.
fn work(
    card: FaultInjector<Wire>,
    network: &mut Network,
) -> Result<(Identity, Authentication), Error> {
    let mut card = Card::open(card)?;
    let identity = card.identity()?;
    let vector = network.vector();
    let answer = card.usim()?.authenticate(&vector.rand, &vector.autn)?;
    Ok((identity, answer))
}

/// What comes of the work with a fault at the `n`-th command, and how many AUTHENTICATE were sent.
fn with_fault(
    protocol: Protocol,
    n: u64,
    fault: &Fault,
) -> (Result<(Identity, Authentication), Error>, usize) {
    let (wire, burned) = Wire::new(profile(protocol, &[]));
    let card = FaultInjector::new(wire).at(n, fault.clone());
    let done = work(card, &mut Network::new());
    (done, burned.load(Ordering::Relaxed))
}

/// How many commands the work takes.
fn commands(protocol: Protocol) -> u64 {
    let card = FaultInjector::new(Wire::new(profile(protocol, &[])).0);
    let faults: Faults = card.faults();
    work(card, &mut Network::new()).unwrap();
    faults.commands()
}

const FAULTS: [Fault; 8] = [
    Fault::Vanished(0),
    Fault::Vanished(1),
    Fault::PulledBefore,
    Fault::PulledDuring,
    Fault::SharingViolation,
    Fault::Timeout,
    Fault::AnswerLost,
    Fault::Truncated(1),
];

#[test]
fn the_transport_is_to_blame_and_authenticate_is_sent_once_at_most() {
    for protocol in BOTH {
        for n in 1..=commands(protocol) {
            for fault in &FAULTS {
                let (done, sent) = with_fault(protocol, n, fault);
                let error = done.expect_err("a fault was planned");
                assert_eq!(error.fault(), Blame::Transport, "{n} {fault:?}");
                assert!(sent <= 1, "{n} {fault:?}");
            }
        }
    }
}

#[test]
fn a_reset_by_someone_else_costs_a_challenge_only_when_it_meets_authenticate() {
    for protocol in BOTH {
        let failed = (1..=commands(protocol)).filter(|n| {
            let (done, sent) = with_fault(protocol, *n, &Fault::ResetByOther);
            assert!(sent <= 1);
            done.is_err()
        });
        // AUTHENTICATE itself, and under T=0 the GET RESPONSE that brings its answer
        let authenticate = if protocol == Protocol::T0 { 2 } else { 1 };
        assert_eq!(failed.count(), authenticate);
    }
}

#[test]
fn garbage_for_an_answer_is_told_from_an_answer() {
    let garbage = Fault::Garbage(vec![0x12, 0x34, 0x56, 0x78]);
    for protocol in BOTH {
        for n in 1..=commands(protocol) {
            let (done, sent) = with_fault(protocol, n, &garbage);
            assert!(sent <= 1);
            if let Err(error) = done {
                assert_eq!(error.fault(), Blame::Card, "{n}");
            }
        }
    }
}

#[test]
fn after_a_pulled_card_is_back_the_next_request_is_served() {
    for protocol in BOTH {
        for fault in [Fault::PulledBefore, Fault::PulledDuring, Fault::PulledAfter] {
            let (wire, burned) = Wire::new(profile(protocol, &[]));
            let injector = FaultInjector::new(wire);
            let faults = injector.faults();
            let mut card = Card::open(injector).unwrap();
            let mut network = Network::new();
            card.applications().unwrap();

            faults.inject_next(fault);
            card.identity().unwrap_err();
            faults.insert();
            card.transport_mut().reset().unwrap();
            let vector = network.vector();
            let answer = card
                .usim()
                .unwrap()
                .authenticate(&vector.rand, &vector.autn)
                .unwrap();
            assert!(matches!(answer, Authentication::Success(_)));
            assert_eq!(burned.load(Ordering::Relaxed), 1);
        }
    }
}
