//! A challenge on its way to the card, and what its answer makes of it (RFC 4187 §6.3, §9.3).

use core::fmt;

use super::{
    super::{
        Attribute, Method, Packet, SessionKeys, Subtype,
        granted::Granted,
        negotiation::{Choice, KDF_PRIME, is_network},
    },
    Bidding, ClientError, Event, Peer, PeerError, Reply, State,
};
use crate::{
    Autn, Auts, Ck, Ik, Rand, Res,
    card::{Access, MacFailure, Outcome},
    kdf::eap_prime::prime_keys,
};

/// A challenge that the card is to be asked about, once.
#[must_use = "the server waits for the answer"]
pub struct Challenge<'p, 'i> {
    peer: &'p mut Peer<'i>,
    packet: Packet<'p>,
    room: &'p mut [u8],
    rand: Rand,
    autn: Autn,
}

impl<'p, 'i> Challenge<'p, 'i> {
    pub(super) fn begin(
        peer: &'p mut Peer<'i>,
        packet: Packet<'p>,
        room: &'p mut [u8],
    ) -> Result<Event<'p, 'i>, PeerError> {
        let identifier = packet.identifier();
        let Some((rand, autn)) = parts(peer, &packet) else {
            let reply = peer.client_error(identifier, ClientError::Unable, room);
            return reply.map(Event::Reply);
        };
        match offered(peer, &packet) {
            Choice::Proceed => Ok(Event::Challenge(Self {
                peer,
                packet,
                room,
                rand,
                autn,
            })),
            Choice::Ask => ask_for_kdf(peer, identifier, room).map(Event::Reply),
            Choice::Reject => peer.reject(identifier, room).map(Event::Reply),
        }
    }

    /// For the card.
    pub const fn rand(&self) -> &Rand {
        &self.rand
    }

    /// For the card.
    pub const fn autn(&self) -> &Autn {
        &self.autn
    }

    /// The reply to what the card said: its answer, AUTS, or that the peer refuses.
    ///
    /// # Errors
    /// [`PeerError::NoRoom`].
    pub fn answer(self, said: Result<Outcome, MacFailure>) -> Reply<'p> {
        let access = match self.peer.method {
            Method::AkaPrime => Access::Separated,
            Method::Aka | Method::Sim => Access::Umts,
        };
        let amf = self.autn.amf();
        match said.map(|outcome| outcome.for_access(access, amf)) {
            Ok(Ok(Outcome::Success { res, ck, ik, .. })) => self.success(&res, &ck, &ik),
            Ok(Ok(Outcome::SyncFailure(auts))) => self.synchronise(auts),
            Ok(Err(_)) | Err(MacFailure) => self.peer.reject(self.packet.identifier(), self.room),
        }
    }

    fn success(self, res: &Res, ck: &Ck, ik: &Ik) -> Reply<'p> {
        let Self { peer, packet, .. } = self;
        let keys = keys(peer, &packet, (ck, ik), &self.autn);
        let identifier = packet.identifier();
        if !packet.verify_mac(keys.mac_key(), &[]) || !peer.checkcode.agrees(&packet) {
            return peer.client_error(identifier, ClientError::Unable, self.room);
        }
        if bids_down(peer, &packet) {
            return peer.reject(identifier, self.room);
        }
        if !peer.learn(&packet, &keys) {
            return peer.client_error(identifier, ClientError::Unable, self.room);
        }
        let writer = peer.response(identifier, Subtype::Challenge, self.room);
        let writer = writer.put(&Attribute::Res(res.clone()));
        let writer = peer.acknowledge(&packet, writer);
        let reply = writer.finish_with_mac(keys.mac_key(), &[])?;
        peer.state = State::Answered(Granted::fully(keys));
        Ok(reply)
    }

    /// EAP-AKA' tells the server's offer back (RFC 9048 §3.2).
    fn synchronise(self, auts: Auts) -> Reply<'p> {
        let subtype = Subtype::SynchronizationFailure;
        let identifier = self.packet.identifier();
        let writer = self.peer.response(identifier, subtype, self.room);
        let mut writer = writer.put(&Attribute::Auts(auts));
        for number in self.packet.attributes().kdfs() {
            writer = writer.put(&Attribute::Kdf(number));
        }
        Ok(writer.finish()?)
    }
}

impl fmt::Debug for Challenge<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Challenge([redacted])")
    }
}

/// RAND and AUTN of a challenge that is complete and comes in its time.
fn parts(peer: &Peer<'_>, packet: &Packet<'_>) -> Option<(Rand, Autn)> {
    let attributes = packet.attributes();
    let [rand] = attributes.rands()? else {
        return None;
    };
    // to EAP-AKA, AT_KDF and AT_KDF_INPUT are unknown and not skippable
    let foreign = attributes.kdf_input().is_some() || attributes.kdfs().next().is_some();
    let refused = attributes.mac().is_none()
        || !matches!(peer.state, State::Waiting)
        || (foreign && peer.method != Method::AkaPrime);
    (!refused).then_some((Rand::new(*rand), attributes.autn()?))
}

fn offered(peer: &mut Peer<'_>, packet: &Packet<'_>) -> Choice {
    if peer.method != Method::AkaPrime {
        return Choice::Proceed;
    }
    let attributes = packet.attributes();
    let name = attributes.kdf_input().unwrap_or_default();
    if !is_network(peer.network, name) {
        return Choice::Reject;
    }
    peer.negotiation.choose(attributes.kdfs())
}

fn ask_for_kdf<'p>(peer: &Peer<'_>, identifier: u8, room: &'p mut [u8]) -> Reply<'p> {
    let writer = peer.response(identifier, Subtype::Challenge, room);
    Ok(writer.put(&Attribute::Kdf(KDF_PRIME)).finish()?)
}

fn keys(peer: &Peer<'_>, packet: &Packet<'_>, (ck, ik): (&Ck, &Ik), autn: &Autn) -> SessionKeys {
    match peer.method {
        Method::AkaPrime => {
            let name = packet.attributes().kdf_input().unwrap_or_default();
            let (ck, ik) = prime_keys(ck, ik, name, autn);
            SessionKeys::aka_prime(&ck, &ik, peer.names.sent)
        }
        Method::Aka | Method::Sim => SessionKeys::aka(ck, ik, peer.names.sent),
    }
}

/// The D bit of AT_BIDDING: the server would take EAP-AKA' (RFC 9048 §4).
fn bids_down(peer: &Peer<'_>, packet: &Packet<'_>) -> bool {
    let bits = packet.attributes().bidding().unwrap_or_default();
    peer.method == Method::Aka && peer.bidding == Bidding::PrefersAkaPrime && bits & 0x8000 != 0
}
