//! Every way in which a card differs from the book, and what a session makes of it.

use std::sync::atomic::Ordering;

use usim::{
    Authentication, Card, CardError, ChannelUse, Error, Generation, Keys, Subscriber,
    apdu::StatusWord,
    soft::Quirk,
    transport::{Protocol, TransportErrorKind},
};

use crate::home::{BOTH, Network, Wire, card, profile};

/// One challenge: what came of it, and how many AUTHENTICATE were sent.
fn challenge(protocol: Protocol, quirks: &[Quirk]) -> (Result<Keys, Error>, usize) {
    let (wire, burned) = Wire::new(profile(protocol, quirks));
    let mut card = Card::open(wire).unwrap();
    let vector = Network::new().vector();
    let answer = card
        .usim()
        .and_then(|mut usim| usim.authenticate(&vector.rand, &vector.autn));
    let keys = answer.map(|answer| match answer {
        Authentication::Success(keys) => keys,
        Authentication::SyncFailure(_) => panic!("a synchronisation failure"),
    });
    (keys, burned.load(Ordering::Relaxed))
}

/// Manners that a session copes with: everything is read and answered all the same.
const HARMLESS: [Quirk; 14] = [
    Quirk::EmptyDirectoryRecords,
    Quirk::LongDirectoryRecords,
    Quirk::NoDirectory,
    Quirk::UnreadableDirectory,
    Quirk::TwoUsims,
    Quirk::ShortAd,
    Quirk::NoGsm,
    Quirk::NoChannels,
    Quirk::SelectP2Zero,
    Quirk::LongFcp,
    Quirk::SelectWarning,
    Quirk::Proactive,
    Quirk::BusyAtFirst,
    Quirk::TrailingOctets,
];

#[test]
fn harmless_manners_change_nothing() {
    for (protocol, quirk) in BOTH
        .into_iter()
        .flat_map(|p| HARMLESS.map(|quirk| (p, quirk)))
    {
        for channels in [ChannelUse::Basic, ChannelUse::Logical] {
            let mut card = card(protocol, &[quirk]);
            card.set_channels(channels);
            let context = format!("{quirk} {protocol:?} {channels:?}");
            assert_eq!(
                card.identity().expect(&context).imsi.as_str(),
                "001010000000001"
            );
            assert_eq!(
                card.iccid().expect(&context).as_str(),
                "8900101000000000019"
            );
            let ims = card.ims_identity().expect(&context);
            assert_eq!(ims.domain, "ims.mnc001.mcc001.3gppnetwork.org", "{context}");
            let vector = Network::new().vector();
            let answer = card
                .usim()
                .unwrap()
                .authenticate(&vector.rand, &vector.autn);
            match answer.expect(&context) {
                Authentication::Success(keys) => assert!(vector.verify(&keys.res), "{context}"),
                Authentication::SyncFailure(_) => panic!("{context}"),
            }
        }
    }
}

#[test]
fn all_harmless_manners_at_once_change_nothing() {
    // records that are not there cannot be long
    let quirks: Vec<_> = HARMLESS
        .into_iter()
        .filter(|quirk| *quirk != Quirk::NoDirectory)
        .collect();
    for protocol in BOTH {
        let mut card = card(protocol, &quirks);
        assert_eq!(card.identity().unwrap().imsi.as_str(), "001010000000001");
        let (keys, sent) = challenge(protocol, &quirks);
        assert_eq!(keys.unwrap().res.expose().len(), 8);
        assert_eq!(sent, 1);
    }
}

#[test]
fn two_usims_are_both_reachable() {
    let mut card = card(Protocol::T0, &[Quirk::TwoUsims]);
    let usims: Vec<_> = card
        .applications()
        .unwrap()
        .iter()
        .filter(|application| application.kind() == Some(usim::ApplicationKind::Usim))
        .map(|application| application.aid)
        .collect();
    assert_eq!(usims.len(), 2);
    for aid in usims {
        assert_eq!(
            card.usim_named(&aid).unwrap().imsi().unwrap().as_str(),
            "001010000000001"
        );
    }
}

#[test]
fn a_short_ef_ad_tells_nothing_of_the_mnc() {
    for protocol in BOTH {
        let identity = card(protocol, &[Quirk::ShortAd]).identity().unwrap();
        assert_eq!(identity.mnc_length, None);
    }
}

#[test]
fn a_2g_sim_is_recognised_and_answers_gsm_challenges() {
    for protocol in BOTH {
        let mut card = card(protocol, &[Quirk::GsmOnly]);
        assert_eq!(card.generation(), Generation::Gsm);
        assert_eq!(card.identity().unwrap().imsi.as_str(), "001010000000001");
        assert_eq!(card.iccid().unwrap().as_str(), "8900101000000000019");
        assert_eq!(card.applications().unwrap(), []);
        let vector = Network::new().vector();
        let answer = card.authenticate_gsm(&vector.rand).unwrap();
        assert_eq!(answer.sres.expose().len(), 4);
        let error = card.usim().map(drop).unwrap_err();
        assert!(matches!(
            error,
            Error::Card(CardError::NotFound { what: "ADF_USIM" })
        ));
    }
}

#[test]
fn a_card_without_a_2g_side_says_so() {
    for protocol in BOTH {
        let error = card(protocol, &[Quirk::NoGsm]).sim().map(drop).unwrap_err();
        let status = StatusWord::CLASS_NOT_SUPPORTED;
        assert!(
            matches!(error, Error::Card(CardError::Status { status: met, .. }) if met == status)
        );
    }
}

#[test]
fn data_without_an_end_are_given_up_at_opening() {
    let (wire, _) = Wire::new(profile(Protocol::T0, &[Quirk::EndlessMoreData]));
    let error = Card::open(wire).unwrap_err();
    assert!(
        matches!(error, Error::Card(CardError::EndlessExchange { .. })),
        "{error:?}"
    );
}

#[test]
fn lengths_without_an_end_are_given_up() {
    for protocol in BOTH {
        let (wire, _) = Wire::new(profile(protocol, &[Quirk::EndlessWrongLength]));
        let error = Card::open(wire)
            .and_then(|mut card| card.identity())
            .unwrap_err();
        assert!(
            matches!(error, Error::Card(CardError::EndlessExchange { .. })),
            "{error:?}"
        );
    }
}

#[test]
fn a_res_of_4_and_of_16_octets_is_taken_whole() {
    for (quirk, size) in [(Quirk::ShortRes, 4), (Quirk::LongRes, 16)] {
        for protocol in BOTH {
            let (keys, sent) = challenge(protocol, &[quirk]);
            assert_eq!((keys.unwrap().res.expose().len(), sent), (size, 1));
        }
    }
}

#[test]
fn a_missing_kc_is_none() {
    for protocol in BOTH {
        assert!(challenge(protocol, &[Quirk::NoKc]).0.unwrap().kc.is_none());
        assert!(challenge(protocol, &[]).0.unwrap().kc.is_some());
    }
}

#[test]
fn lengths_past_the_end_are_malformed_after_one_authenticate() {
    for protocol in BOTH {
        let (keys, sent) = challenge(protocol, &[Quirk::LengthPastEnd]);
        let what = "answer to AUTHENTICATE";
        assert!(
            matches!(keys, Err(Error::Card(CardError::Malformed { what: met })) if met == what)
        );
        assert_eq!(sent, 1);
    }
}

#[test]
fn a_card_that_vanishes_during_authenticate_is_not_asked_again() {
    for protocol in BOTH {
        let (keys, sent) = challenge(protocol, &[Quirk::VanishOnAuthenticate]);
        let error = keys.unwrap_err();
        assert_eq!(
            error.transport().unwrap().kind(),
            TransportErrorKind::ShortAnswer
        );
        assert_eq!(sent, 1);
    }
}

/// The rest are the modem's manners, or tested above one by one.
#[test]
fn every_manner_of_a_card_is_tested_here() {
    let tested = [
        Quirk::GsmOnly,
        Quirk::EndlessMoreData,
        Quirk::EndlessWrongLength,
        Quirk::ShortRes,
        Quirk::LongRes,
        Quirk::NoKc,
        Quirk::LengthPastEnd,
        Quirk::VanishOnAuthenticate,
    ];
    let left = Quirk::ALL.iter().filter(|quirk| {
        !quirk.name().starts_with("modem-") && !HARMLESS.contains(quirk) && !tested.contains(quirk)
    });
    assert_eq!(left.collect::<Vec<_>>(), Vec::<&Quirk>::new());
}
