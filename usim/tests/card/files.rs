use aka::MncLength;
use usim::{ApplicationKind, ChannelUse, Generation, Subscriber, soft::Profile};

use crate::home::{BOTH, card};

#[test]
fn who_the_subscriber_is_can_be_read_under_both_protocols() {
    for protocol in BOTH {
        let identity = card(protocol, &[]).identity().unwrap();
        assert_eq!(identity.imsi.as_str(), "001010000000001");
        assert_eq!(identity.mnc_length, Some(MncLength::Two));
    }
}

#[test]
fn the_usim_tells_what_is_written_on_it() {
    for protocol in BOTH {
        let mut card = card(protocol, &[]);
        let mut usim = card.usim().unwrap();
        let numbers = usim.msisdns().unwrap();
        assert_eq!(numbers.len(), 1);
        assert_eq!(numbers[0].number(), "+001010000000001");
        assert_eq!(usim.service_provider().unwrap().unwrap().name, "simkey");
        assert!(usim.services().unwrap().has(usim::ServiceTable::GSM_ACCESS));
    }
}

#[test]
fn the_iccid_is_that_of_the_profile() {
    let written = Profile::default().iccid;
    for protocol in BOTH {
        let iccid = card(protocol, &[]).iccid().unwrap();
        assert_eq!(iccid.as_str(), written.as_str());
    }
}

#[test]
fn both_applications_are_listed() {
    for protocol in BOTH {
        let mut card = card(protocol, &[]);
        let kinds: Vec<_> = card
            .applications()
            .unwrap()
            .iter()
            .map(usim::Application::kind)
            .collect();
        assert_eq!(
            kinds,
            [Some(ApplicationKind::Usim), Some(ApplicationKind::Isim)]
        );
    }
}

#[test]
fn the_isim_tells_who_the_subscriber_is_in_ims() {
    let written = Profile::default().isim.unwrap();
    for protocol in BOTH {
        let mut card = card(protocol, &[]);
        assert!(card.isim().unwrap().services().unwrap().is_some());
        let ims = card.ims_identity().unwrap();
        assert_eq!(ims.impi, written.impi);
        assert_eq!(ims.domain, written.domain);
        assert_eq!(ims.impu, written.impu);
    }
}

#[test]
fn without_an_isim_the_same_follows_from_the_imsi() {
    let mut profile = Profile::default();
    let written = profile.isim.take().unwrap();
    let mut card = usim::Card::open(usim::soft::SoftCard::new(profile)).unwrap();
    let ims = card.ims_identity().unwrap();
    assert_eq!(
        (ims.impi, ims.domain, ims.impu),
        (written.impi, written.domain, written.impu)
    );
}

#[test]
fn the_2g_side_tells_the_same() {
    for protocol in BOTH {
        let mut card = card(protocol, &[]);
        assert_eq!(card.generation(), Generation::Uicc);
        let mut sim = card.sim().unwrap();
        assert_eq!(sim.imsi().unwrap().as_str(), "001010000000001");
        assert_eq!(sim.mnc_length().unwrap(), Some(MncLength::Two));
        assert_eq!(sim.service_provider().unwrap().unwrap().name, "simkey");
    }
}

#[test]
fn sessions_on_logical_channels_read_the_same_and_give_their_channels_back() {
    for protocol in BOTH {
        let mut card = card(protocol, &[]);
        card.set_channels(ChannelUse::Logical);
        // more often than there are channels
        for _ in 0..25 {
            let mut usim = card.usim().unwrap();
            assert_eq!(usim.session().channel().number(), 1);
            assert_eq!(usim.imsi().unwrap().as_str(), "001010000000001");
        }
    }
}
