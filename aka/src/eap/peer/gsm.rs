//! EAP-SIM: the version, the peer's nonce, and two or three GSM challenges (RFC 4186 §4, §9).

use core::fmt;

use super::{
    super::{
        Attribute, MkKeys, Packet, SessionKeys, Subtype,
        asked::Asked,
        granted::Granted,
        gsm::{Fault, VERSION, fault},
    },
    ClientError, Event, Peer, PeerError, Reply, State,
};
use crate::{Kc, Rand, Sres};

/// What EAP-SIM/Start settled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Started {
    versions: [[u8; 2]; MOST_VERSIONS],
    count: usize,
    nonce_mt: [u8; 16],
}

/// There is one version; whoever lists more than these is up to something.
const MOST_VERSIONS: usize = 8;

impl Started {
    fn new(versions: &[[u8; 2]], nonce_mt: [u8; 16]) -> Option<Self> {
        let mut started = Self {
            versions: [[0; 2]; MOST_VERSIONS],
            count: versions.len(),
            nonce_mt,
        };
        let places = started.versions.get_mut(..versions.len())?;
        places.copy_from_slice(versions);
        places.contains(&VERSION.to_be_bytes()).then_some(started)
    }

    fn versions(&self) -> &[[u8; 2]] {
        self.versions.get(..self.count).unwrap_or_default()
    }
}

/// GSM challenges that the SIM is to be asked about, one after another.
#[must_use = "the server waits for the answer"]
pub struct GsmChallenge<'p, 'i> {
    peer: &'p mut Peer<'i>,
    packet: Packet<'p>,
    room: &'p mut [u8],
    started: Started,
}

impl Peer<'_> {
    /// AT_NONCE_MT is the same in every round; with an identity for fast re-authentication it is
    /// left out (RFC 4186 §9.2).
    pub(super) fn start<'p>(&mut self, packet: &Packet<'_>, room: &'p mut [u8]) -> Reply<'p> {
        let identifier = packet.identifier();
        let nonce_mt = self.nonce_mt;
        let versions = packet.attributes().version_list().unwrap_or_default();
        let agreed = Started::new(versions, nonce_mt).ok_or(ClientError::Version);
        let agreed = agreed.and_then(|started| Ok((started, self.identity_for(packet)?)));
        let (started, identity) = match agreed {
            Ok(agreed) => agreed,
            Err(error) => return self.client_error(identifier, error, room),
        };
        let resumes = identity.is_some() && self.names.resumption().is_some();
        self.started = (!resumes).then_some(started);
        let mut writer = self.response(identifier, Subtype::Start, room);
        if let Some(identity) = identity {
            writer = writer.put(&Attribute::Identity(identity));
        }
        if !resumes {
            writer = writer
                .put(&Attribute::NonceMt(&nonce_mt))
                .put(&Attribute::SelectedVersion(VERSION));
        }
        Ok(writer.finish()?)
    }
}

impl<'i> Peer<'i> {
    /// A first round may ask for nothing, and so may one after a counter that was too small.
    fn identity_for(&mut self, packet: &Packet<'_>) -> Result<Option<&'i [u8]>, ClientError> {
        let waiting = matches!(self.state, State::Waiting);
        let asked = Asked::of(packet).filter(|_| waiting);
        let identity = match asked.ok_or(ClientError::Unable)? {
            Asked::Nothing if self.started.is_none() => return Ok(None),
            wanted @ (Asked::Nothing | Asked::Any | Asked::Fullauth | Asked::Permanent) => {
                self.names.answer(wanted)
            }
        };
        identity.map(Some).ok_or(ClientError::Unable)
    }
}

impl<'p, 'i> GsmChallenge<'p, 'i> {
    pub(super) fn begin(
        peer: &'p mut Peer<'i>,
        packet: Packet<'p>,
        room: &'p mut [u8],
    ) -> Result<Event<'p, 'i>, PeerError> {
        let identifier = packet.identifier();
        let attributes = packet.attributes();
        let ready = matches!(peer.state, State::Waiting) && attributes.mac().is_some();
        let Some(started) = peer.started.filter(|_| ready) else {
            let reply = peer.client_error(identifier, ClientError::Unable, room);
            return reply.map(Event::Reply);
        };
        let error = match fault(attributes.rands().unwrap_or_default()) {
            Some(Fault::Number) => Some(ClientError::TooFewChallenges),
            Some(Fault::Repeated) => Some(ClientError::StaleChallenges),
            None => None,
        };
        match error {
            Some(error) => peer.client_error(identifier, error, room).map(Event::Reply),
            None => Ok(Event::GsmChallenge(Self {
                peer,
                packet,
                room,
                started,
            })),
        }
    }

    /// Two or three different challenges for the SIM.
    pub fn rands(&self) -> impl Iterator<Item = Rand> + use<'p> {
        let rands = self.packet.attributes().rands().unwrap_or_default();
        rands.iter().copied().map(Rand::new)
    }

    /// The reply to what the SIM answered to each of [`rands`](Self::rands), in their order.
    ///
    /// # Errors
    /// [`PeerError::NoRoom`].
    pub fn answer(self, answers: &[(Sres, Kc)]) -> Result<&'p [u8], PeerError> {
        let Self {
            peer,
            packet,
            room,
            started,
        } = self;
        let identifier = packet.identifier();
        let keys = MkKeys::sim(
            answers.iter().map(|(_, kc)| kc),
            peer.names.sent,
            &started.nonce_mt,
            (started.versions(), VERSION),
        );
        let keys = SessionKeys::Sim(keys);
        if !packet.verify_mac(keys.mac_key(), &started.nonce_mt) || !peer.learn(&packet, &keys) {
            return peer.client_error(identifier, ClientError::Unable, room);
        }
        let mut sres = zeroize::Zeroizing::new([[0; 4]; 3]);
        for (to, (from, _)) in sres.iter_mut().zip(answers) {
            *to = *from.expose();
        }
        let sres = sres.get(..answers.len()).unwrap_or_default();
        let writer = peer.response(identifier, Subtype::Challenge, room);
        let writer = peer.acknowledge(&packet, writer);
        let reply = writer.finish_with_mac(keys.mac_key(), sres.as_flattened())?;
        peer.state = State::Answered(Granted::fully(keys));
        Ok(reply)
    }

    /// The reply when the SIM does not answer.
    ///
    /// # Errors
    /// [`PeerError::NoRoom`].
    pub fn refuse(self) -> Result<&'p [u8], PeerError> {
        let identifier = self.packet.identifier();
        self.peer
            .client_error(identifier, ClientError::Unable, self.room)
    }
}

impl fmt::Debug for GsmChallenge<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GsmChallenge([redacted])")
    }
}
