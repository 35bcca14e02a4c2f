//! The subscriber's home, and a wire that counts.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use aka::{
    Amf, Imsi, Milenage, Rand, Sqn,
    network::{Home, MemoryStore, Request, Vector},
};
use usim::{
    Card,
    apdu::Channel,
    soft::{Algorithm, Profile, Quirk, SoftCard},
    transport::{Protocol, Transport, TransportError, TransportInfo},
};

/// The home of the default profile.
pub(crate) struct Network {
    home: Home<MemoryStore>,
    milenage: Milenage,
    imsi: Imsi,
    challenges: u8,
}

impl Network {
    pub(crate) fn new() -> Self {
        let profile = Profile::default();
        let Algorithm::Milenage { k, opc } = &profile.algorithm else {
            panic!("the default is MILENAGE")
        };
        let store = MemoryStore::new().with(profile.imsi, Sqn::ZERO);
        Self {
            home: Home::new(store),
            milenage: Milenage::new(k, opc),
            imsi: profile.imsi,
            challenges: 0,
        }
    }

    pub(crate) fn vector(&mut self) -> Vector {
        self.challenges += 1;
        let request = Request::new(Rand::new([self.challenges; 16]), Amf::SEPARATED);
        self.home
            .vector(&self.milenage, &self.imsi, request)
            .unwrap()
    }

    pub(crate) fn resynchronise(&self, rand: &Rand, auts: &aka::Auts) {
        self.home
            .resynchronise(&self.milenage, &self.imsi, rand, auts)
            .unwrap();
    }
}

/// A wire that counts the AUTHENTICATE and VERIFY that go over it.
#[derive(Debug)]
pub(crate) struct Wire {
    card: SoftCard,
    burned: Arc<AtomicUsize>,
}

impl Wire {
    pub(crate) fn new(profile: Profile) -> (Self, Arc<AtomicUsize>) {
        let burned = Arc::default();
        let wire = Self {
            card: SoftCard::new(profile),
            burned: Arc::clone(&burned),
        };
        (wire, burned)
    }
}

impl Transport for Wire {
    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, TransportError> {
        // a VERIFY without a PIN only asks
        if command[1] == 0x88 || command[1] == 0x20 && command.len() > 5 {
            self.burned.fetch_add(1, Ordering::Relaxed);
        }
        self.card.transmit(command, response)
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.card.reset()
    }

    fn info(&self) -> TransportInfo {
        self.card.info()
    }

    fn open_channel(&mut self, aid: &[u8]) -> Result<Option<Channel>, TransportError> {
        self.card.open_channel(aid)
    }
}

pub(crate) fn profile(protocol: Protocol, quirks: &[Quirk]) -> Profile {
    let mut profile = Profile::default();
    profile.protocol = protocol;
    profile.quirks = quirks.iter().copied().collect();
    profile
}

pub(crate) fn card(protocol: Protocol, quirks: &[Quirk]) -> Card {
    Card::open(SoftCard::new(profile(protocol, quirks))).unwrap()
}

pub(crate) const BOTH: [Protocol; 2] = [Protocol::T0, Protocol::T1];
