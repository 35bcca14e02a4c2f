//! The peer of EAP-AKA and EAP-AKA': full authentication (RFC 4187 §3, §4, §6; RFC 9048 §3, §4).

mod challenge;

use core::fmt;

pub use challenge::Challenge;

use super::{
    Attribute, Code, Header, Malformed, Method, NoRoom, Packet, PacketWriter, SessionKeys, Subtype,
    asked::Asked,
    checkcode::Checkcode,
    negotiation::{KDF_PRIME, Negotiation},
};

/// Nothing is to be sent for what came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PeerError {
    /// The server's octets are no packet.
    #[error("the server sent no EAP packet")]
    Malformed(#[source] Malformed),
    /// The server's packet is of another method, or a response.
    #[error("the packet is not for this peer")]
    NotForUs,
    /// A Success came too early: it is to be discarded.
    #[error("success comes before its time")]
    Untimely,
    /// The caller's buffer is too small for the reply.
    #[error("the reply does not fit")]
    NoRoom(#[from] NoRoom),
}

/// What follows from a packet of the server.
#[non_exhaustive]
pub enum Event<'p, 'i> {
    /// To be sent.
    Reply(&'p [u8]),
    /// The card is to be asked, once.
    Challenge(Challenge<'p, 'i>),
    /// Authenticated: the link is secured with [`Peer::keys`].
    Success,
    /// Not authenticated.
    Failure,
}

impl fmt::Debug for Event<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reply(_) => "Reply([redacted])",
            Self::Challenge(_) => "Challenge([redacted])",
            Self::Success => "Success",
            Self::Failure => "Failure",
        })
    }
}

/// Who the peer says it is; octet for octet as sent, realm included.
#[derive(Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "RFC 4187 §4.1.1 closes the set")]
pub struct Identities<'i> {
    /// `0` and the IMSI for EAP-AKA, `6` for EAP-AKA' (TS 23.003 §19.3.2), and the realm.
    pub permanent: &'i [u8],
    /// What the server gave out for a full authentication.
    pub pseudonym: Option<&'i [u8]>,
}

impl fmt::Debug for Identities<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identities([redacted])")
    }
}

impl<'i> Identities<'i> {
    const fn preferred(&self) -> &'i [u8] {
        match self.pseudonym {
            Some(pseudonym) => pseudonym,
            None => self.permanent,
        }
    }
}

/// Which methods the peer would rather take than EAP-AKA (RFC 9048 §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Bidding {
    /// EAP-AKA is as good as EAP-AKA'.
    Indifferent,
    /// EAP-AKA', so a server of EAP-AKA that would take it was kept from offering it.
    PrefersAkaPrime,
}

/// A peer in one conversation; its card answers by way of [`Challenge::answer`].
///
/// Requests that come twice are the caller's: send the reply again, as RFC 3748 §4.1 wants; a card
/// that is asked twice says that its SQN is ahead.
///
/// ```
/// use aka::eap::{Event, Identities, Peer};
///
/// # fn card(_: &aka::Rand, _: &aka::Autn) -> Result<aka::card::Outcome, aka::card::MacFailure> { Err(aka::card::MacFailure) }
/// let identity = b"0001010000000001@nai.epc.mnc001.mcc001.3gppnetwork.org";
/// let mut peer = Peer::aka(Identities { permanent: identity, pseudonym: None });
/// # let request = [1, 7, 0, 12, 23, 5, 0, 0, 10, 1, 0, 0];
/// let mut room = [0; 1500];
/// match peer.receive(&request, &mut room)? {
///     Event::Reply(octets) => assert_eq!(octets[..2], [2, 7]), // send it
///     Event::Challenge(challenge) => {
///         let outcome = card(challenge.rand(), challenge.autn());
///         let octets = challenge.answer(outcome)?; // send it
///     }
///     _ => {} // Event::Success or Event::Failure: the conversation is over
/// }
/// # Ok::<(), aka::eap::PeerError>(())
/// ```
pub struct Peer<'i> {
    method: Method,
    identities: Identities<'i>,
    network: Option<&'i [u8]>,
    bidding: Bidding,
    /// What stands in the last identity that was sent.
    identity: &'i [u8],
    asked: Asked,
    checkcode: Checkcode,
    negotiation: Negotiation,
    state: State,
    result_ind: ResultInd,
    notification: Option<u16>,
}

#[derive(Debug)]
enum State {
    /// For an identity request or a challenge.
    Waiting,
    /// The challenge was answered.
    Answered(SessionKeys),
    /// The server has said by a protected notification that it is content.
    Confirmed(SessionKeys),
    Failed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ResultInd {
    /// The peer does not want them.
    Off,
    /// The peer takes them if the server does.
    Wanted,
    /// Both do: a Success without one is not believed.
    Agreed,
}

impl<'i> Peer<'i> {
    /// A peer of EAP-AKA; its first identity is the one in EAP-Response/Identity.
    pub fn aka(identities: Identities<'i>) -> Self {
        Self::new(Method::Aka, identities, None)
    }

    /// A peer of EAP-AKA'; `network` is the name of the access network (TS 24.302 §8.1.1), if the
    /// peer knows it: another in AT_KDF_INPUT is refused.
    pub fn aka_prime(identities: Identities<'i>, network: Option<&'i [u8]>) -> Self {
        Self::new(Method::AkaPrime, identities, network)
    }

    fn new(method: Method, identities: Identities<'i>, network: Option<&'i [u8]>) -> Self {
        Self {
            method,
            identities,
            network,
            bidding: Bidding::Indifferent,
            identity: identities.preferred(),
            asked: Asked::Nothing,
            checkcode: Checkcode::new(method),
            negotiation: Negotiation::default(),
            state: State::Waiting,
            result_ind: ResultInd::Off,
            notification: None,
        }
    }

    /// Takes protected result indications when the server offers them (RFC 4187 §6.2).
    #[must_use]
    pub const fn with_result_indications(mut self) -> Self {
        self.result_ind = ResultInd::Wanted;
        self
    }

    /// What AT_BIDDING of a server of EAP-AKA means to this peer.
    #[must_use]
    pub const fn with_bidding(mut self, bidding: Bidding) -> Self {
        self.bidding = bidding;
        self
    }

    /// Takes a packet of the server; the reply is put into `room`.
    ///
    /// # Errors
    /// [`PeerError`], when nothing is to be sent.
    pub fn receive<'p>(
        &'p mut self,
        request: &'p [u8],
        room: &'p mut [u8],
    ) -> Result<Event<'p, 'i>, PeerError> {
        let header = Header::parse(request).map_err(PeerError::Malformed)?;
        match header.code {
            Code::Success => return self.success(),
            Code::Failure => {
                self.state = State::Failed;
                return Ok(Event::Failure);
            }
            Code::Response => return Err(PeerError::NotForUs),
            Code::Request => {}
        }
        if request.get(4) != Some(&self.method.number()) {
            return Err(PeerError::NotForUs);
        }
        let Ok(packet) = Packet::parse(request) else {
            return self.client_error(header.identifier, room).map(Event::Reply);
        };
        self.request(packet, room)
    }

    /// The keys, once the challenge was answered; believe the server only after [`Event::Success`].
    pub const fn keys(&self) -> Option<&SessionKeys> {
        match &self.state {
            State::Answered(keys) | State::Confirmed(keys) => Some(keys),
            State::Waiting | State::Failed => None,
        }
    }

    /// The last AT_NOTIFICATION (RFC 4187 §10.19): 1026 and 1031 say why the subscriber is refused.
    pub const fn notification(&self) -> Option<u16> {
        self.notification
    }

    fn request<'p>(
        &'p mut self,
        packet: Packet<'p>,
        room: &'p mut [u8],
    ) -> Result<Event<'p, 'i>, PeerError> {
        match packet.subtype() {
            Subtype::Identity => self.identify(&packet, room),
            Subtype::Challenge => return Challenge::begin(self, packet, room),
            Subtype::Notification => self.notified(&packet, room),
            Subtype::AuthenticationReject
            | Subtype::SynchronizationFailure
            | Subtype::Start
            | Subtype::Reauthentication
            | Subtype::ClientError => self.client_error(packet.identifier(), room),
        }
        .map(Event::Reply)
    }

    /// Without result indications Success may follow the answer, with them only the notification.
    fn success<'p>(&mut self) -> Result<Event<'p, 'i>, PeerError> {
        match (&self.state, self.result_ind) {
            (State::Confirmed(_), _) | (State::Answered(_), ResultInd::Off | ResultInd::Wanted) => {
                Ok(Event::Success)
            }
            (State::Answered(_), ResultInd::Agreed) | (State::Waiting | State::Failed, _) => {
                Err(PeerError::Untimely)
            }
        }
    }

    fn identify<'p>(&mut self, packet: &Packet<'_>, room: &'p mut [u8]) -> Reply<'p> {
        let wanted = match Asked::of(packet) {
            Some(wanted) if matches!(self.state, State::Waiting) && wanted > self.asked => wanted,
            _ => return self.client_error(packet.identifier(), room),
        };
        self.asked = wanted;
        self.identity = match wanted {
            Asked::Permanent => self.identities.permanent,
            Asked::Nothing | Asked::Any | Asked::Fullauth => self.identities.preferred(),
        };
        let writer = self.response(packet.identifier(), Subtype::Identity, room);
        let reply = writer.put(&Attribute::Identity(self.identity)).finish()?;
        self.checkcode.update(packet.octets());
        self.checkcode.update(reply);
        Ok(reply)
    }

    fn notified<'p>(&mut self, packet: &Packet<'_>, room: &'p mut [u8]) -> Reply<'p> {
        let identifier = packet.identifier();
        let Some(code) = packet.attributes().notification() else {
            return self.client_error(identifier, room);
        };
        let [success, before] = [SUCCESS, BEFORE_CHALLENGE].map(|bit| code & bit != 0);
        let keys = match self.keys() {
            _ if before && !success => None,
            Some(keys) if !before && packet.verify_mac(keys.mac_key(), &[]) => Some(keys.clone()),
            _ => return self.client_error(identifier, room),
        };
        let writer = self.response(identifier, Subtype::Notification, room);
        let reply = match &keys {
            Some(keys) => writer.finish_with_mac(keys.mac_key(), &[])?,
            None => writer.finish()?,
        };
        let confirmed = keys.filter(|_| success);
        self.notification = Some(code);
        self.state = confirmed.map_or(State::Failed, State::Confirmed);
        Ok(reply)
    }

    fn client_error<'p>(&mut self, identifier: u8, room: &'p mut [u8]) -> Reply<'p> {
        self.state = State::Failed;
        let writer = self.response(identifier, Subtype::ClientError, room);
        let cannot = Attribute::ClientErrorCode(UNABLE_TO_PROCESS);
        Ok(writer.put(&cannot).finish()?)
    }

    /// As for a wrong AUTN.
    fn reject<'p>(&mut self, identifier: u8, room: &'p mut [u8]) -> Reply<'p> {
        self.state = State::Failed;
        let writer = self.response(identifier, Subtype::AuthenticationReject, room);
        Ok(writer.finish()?)
    }

    fn ask_for_kdf<'p>(&self, identifier: u8, room: &'p mut [u8]) -> Reply<'p> {
        let writer = self.response(identifier, Subtype::Challenge, room);
        Ok(writer.put(&Attribute::Kdf(KDF_PRIME)).finish()?)
    }

    fn response<'p>(
        &self,
        identifier: u8,
        subtype: Subtype,
        room: &'p mut [u8],
    ) -> PacketWriter<'p> {
        PacketWriter::new(room, Code::Response, identifier, (self.method, subtype))
    }
}

impl fmt::Debug for Peer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peer")
            .field("method", &self.method)
            .field("state", &self.state)
            .field("notification", &self.notification)
            .finish()
    }
}

type Reply<'p> = Result<&'p [u8], PeerError>;

/// The S bit of AT_NOTIFICATION.
const SUCCESS: u16 = 0x8000;
/// The P bit of AT_NOTIFICATION.
const BEFORE_CHALLENGE: u16 = 0x4000;
/// AT_CLIENT_ERROR_CODE of RFC 4187 §10.20, the only one.
const UNABLE_TO_PROCESS: u16 = 0;
