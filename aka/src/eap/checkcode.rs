//! AT_CHECKCODE: what both sides saw of the identity rounds (RFC 4187 §10.13, RFC 9048 §3.5).

use sha1::{Digest, Sha1};
use sha2::Sha256;

use super::{Method, Packet};

/// The packets of the identity rounds so far, hashed.
#[derive(Clone)]
pub(super) struct Checkcode {
    hash: Hash,
    rounds: bool,
}

#[derive(Clone)]
enum Hash {
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Checkcode {
    pub(super) fn new(method: Method) -> Self {
        let hash = match method {
            Method::Sim | Method::Aka => Hash::Sha1(Sha1::new()),
            Method::AkaPrime => Hash::Sha256(Sha256::new()),
        };
        Self {
            hash,
            rounds: false,
        }
    }

    /// Takes in a request or response of an identity round.
    pub(super) fn update(&mut self, packet: &[u8]) {
        self.rounds = true;
        match &mut self.hash {
            Hash::Sha1(hash) => hash.update(packet),
            Hash::Sha256(hash) => hash.update(packet),
        }
    }

    /// Puts the code into `room`; without an identity round it is empty.
    pub(super) fn write<'a>(&self, room: &'a mut [u8; 32]) -> &'a [u8] {
        if !self.rounds {
            return &[];
        }
        match &self.hash {
            Hash::Sha1(hash) => {
                let code = room.first_chunk_mut().expect("20 of 32");
                *code = hash.clone().finalize().0;
                code
            }
            Hash::Sha256(hash) => {
                *room = hash.clone().finalize().0;
                room
            }
        }
    }

    /// Whether the packet's code, if it has one, is ours.
    pub(super) fn agrees(&self, packet: &Packet<'_>) -> bool {
        let ours = &mut [0; 32];
        let ours = self.write(ours);
        let theirs = packet.attributes().checkcode();
        theirs.is_none_or(|theirs| theirs == ours)
    }
}
