use std::sync::atomic::Ordering;

use aka::{
    Autn, Rand,
    kdf::gba::{Ks, NafId, NafKey, UaProtocol, uicc_autn},
};
use usim::{
    ApplicationKind, Authentication, Card, CardError, Error, Fault, GbaBootstrapping, Keys,
    Subscriber, apdu::StatusWord,
};

use crate::home::{BOTH, Network, Wire, card, profile};

fn keys(answer: Authentication) -> Keys {
    match answer {
        Authentication::Success(keys) => keys,
        Authentication::SyncFailure(_) => panic!("a synchronisation failure"),
    }
}

#[test]
fn a_fresh_challenge_is_answered_as_the_home_expects() {
    for protocol in BOTH {
        for application in [ApplicationKind::Usim, ApplicationKind::Isim] {
            let vector = Network::new().vector();
            let answer = card(protocol, &[])
                .authenticate(application, &vector.rand, &vector.autn)
                .unwrap();
            let keys = keys(answer);
            assert!(vector.verify(&keys.res));
            assert_eq!(keys.ck.expose(), vector.ck.expose());
            assert_eq!(keys.ik.expose(), vector.ik.expose());
        }
    }
}

#[test]
fn a_replayed_challenge_gives_auts_and_the_home_follows() {
    for protocol in BOTH {
        let (mut home, mut card) = (Network::new(), card(protocol, &[]));
        let vector = home.vector();
        card.usim()
            .unwrap()
            .authenticate(&vector.rand, &vector.autn)
            .unwrap();
        let again = card
            .usim()
            .unwrap()
            .authenticate(&vector.rand, &vector.autn)
            .unwrap();
        let Authentication::SyncFailure(auts) = again else {
            panic!("keys for a replay")
        };
        home.resynchronise(&vector.rand, &auts);
        let vector = home.vector();
        let answer = card
            .usim()
            .unwrap()
            .authenticate(&vector.rand, &vector.autn)
            .unwrap();
        assert!(vector.verify(&keys(answer).res));
    }
}

#[test]
fn a_forged_challenge_is_refused_after_one_authenticate() {
    for protocol in BOTH {
        let (wire, burned) = Wire::new(profile(protocol, &[]));
        let mut card = Card::open(wire).unwrap();
        let (rand, autn) = (Rand::new([1; 16]), Autn::new([2; 16]));
        let error = card.usim().unwrap().authenticate(&rand, &autn).unwrap_err();
        assert!(matches!(error, Error::Card(CardError::MacFailure)));
        assert_eq!(error.fault(), Fault::Card);
        assert_eq!(burned.load(Ordering::Relaxed), 1);
    }
}

#[test]
fn a_gsm_challenge_is_answered_alike_by_the_usim_and_the_sim() {
    let rand = Rand::new([7; 16]);
    for protocol in BOTH {
        let mut card = card(protocol, &[]);
        let usim = card.authenticate_gsm(&rand).unwrap();
        let sim = card.sim().unwrap().run_gsm_algorithm(&rand).unwrap();
        assert_eq!(usim.sres.expose(), sim.sres.expose());
        assert_eq!(usim.kc.expose(), sim.kc.expose());
    }
}

#[test]
fn a_naf_key_needs_a_bootstrapping_first() {
    for protocol in BOTH {
        let (mut home, mut card) = (Network::new(), card(protocol, &[]));
        let error = card.gba_naf(b"naf", "me").unwrap_err();
        let status = StatusWord::CONDITIONS_NOT_SATISFIED;
        assert!(matches!(
            error,
            Error::Card(CardError::Status { operation: "AUTHENTICATE", status: met }) if met == status
        ));

        let vector = home.vector();
        let masked = uicc_autn(&vector.autn, &vector.ik);
        match card.gba_bootstrap(&vector.rand, &masked).unwrap() {
            GbaBootstrapping::Success(res) => assert!(vector.verify(&res)),
            GbaBootstrapping::SyncFailure(_) => panic!("a synchronisation failure"),
        }
        let one = card
            .gba_naf(b"naf.example\x01\x00\x00\x00\x00", "me")
            .unwrap();
        let other = card
            .gba_naf(b"naf.example\x01\x00\x00\x00\x01", "me")
            .unwrap();
        let ks = Ks::new(&vector.ck, &vector.ik);
        for (key, ua) in [(one, UaProtocol::CERTIFICATES), (other, UaProtocol::MBMS)] {
            let naf = NafId {
                fqdn: "naf.example",
                ua,
            };
            let expected = ks.naf_key(NafKey::Me, &vector.rand, "me", naf);
            assert_eq!(key.expose(), expected.expose());
        }
    }
}

#[test]
fn a_replayed_bootstrapping_gives_auts() {
    let (mut home, mut card) = (Network::new(), card(BOTH[0], &[]));
    let vector = home.vector();
    let masked = uicc_autn(&vector.autn, &vector.ik);
    card.gba_bootstrap(&vector.rand, &masked).unwrap();
    let again = card.gba_bootstrap(&vector.rand, &masked).unwrap();
    assert!(matches!(again, GbaBootstrapping::SyncFailure(_)));
}

#[test]
fn a_card_that_does_not_compute_the_suci_says_so() {
    let mut card = card(BOTH[0], &[]);
    let error = card.usim().unwrap().suci().unwrap_err();
    let status = StatusWord::INSTRUCTION_NOT_SUPPORTED;
    assert!(matches!(
        error,
        Error::Card(CardError::Status { operation: "GET IDENTITY", status: met }) if met == status
    ));
}
