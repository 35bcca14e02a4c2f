//! The peer of EAP-AKA, EAP-AKA' and EAP-SIM (RFC 4187 §3 to §6, RFC 9048 §3 and §4, RFC 4186 §4
//! to §6).
//!
//! One [`Peer`] is one conversation. What it learns for the next one, a pseudonym and what fast
//! re-authentication goes on from, is the caller's to keep.

mod challenge;
mod ending;
mod event;
mod gsm;
mod identity;
mod reauthentication;

use core::fmt;

pub use challenge::Challenge;
pub use event::{Bidding, Event, PeerError};
pub use gsm::GsmChallenge;
pub use identity::{Identities, Privacy};

use self::{ending::ClientError, gsm::Started, identity::Names};
use super::{
    Attribute, Code, Header, Method, Packet, PacketWriter, Resumption, SessionKeys, Subtype,
    checkcode::Checkcode, granted::Granted, negotiation::Negotiation, random::Random,
    sealed::Opened,
};

/// A peer in one conversation; its card answers by way of [`Challenge::answer`], a SIM by way of
/// [`GsmChallenge::answer`].
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
    names: Names<'i>,
    network: Option<&'i [u8]>,
    bidding: Bidding,
    checkcode: Checkcode,
    negotiation: Negotiation,
    random: Random,
    nonce_mt: [u8; 16],
    started: Option<Started>,
    state: State,
    result_ind: ResultInd,
    notification: Option<u16>,
}

#[derive(Debug)]
enum State {
    /// For an identity request or a challenge.
    Waiting,
    /// The challenge was answered.
    Answered(Granted),
    /// The server has said by a protected notification that it is content.
    Confirmed(Granted),
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
    /// A peer of EAP-AKA.
    pub fn aka(identities: Identities<'i>) -> Self {
        Self::new(Method::Aka, identities, None)
    }

    /// A peer of EAP-AKA'; `network` is the name of the access network (TS 24.302 §8.1.1), if the
    /// peer knows it: another in AT_KDF_INPUT is refused.
    pub fn aka_prime(identities: Identities<'i>, network: Option<&'i [u8]>) -> Self {
        Self::new(Method::AkaPrime, identities, network)
    }

    /// A peer of EAP-SIM; `seed`, for NONCE_MT, comes from a CSPRNG, fresh for each conversation.
    pub fn sim(identities: Identities<'i>, seed: &[u8; 32]) -> Self {
        let mut peer = Self::new(Method::Sim, identities, None);
        peer.reseed(seed);
        peer
    }

    fn new(method: Method, identities: Identities<'i>, network: Option<&'i [u8]>) -> Self {
        Self {
            method,
            names: Names::new(identities),
            network,
            bidding: Bidding::Indifferent,
            checkcode: Checkcode::new(method),
            negotiation: Negotiation::default(),
            random: Random::new(&[0; 32]),
            nonce_mt: [0; 16],
            started: None,
            state: State::Waiting,
            result_ind: ResultInd::Off,
            notification: None,
        }
    }

    /// Nothing random is drawn before this by a peer that needs it.
    fn reseed(&mut self, seed: &[u8; 32]) {
        self.random = Random::new(seed);
        self.nonce_mt = self.random.draw();
    }

    /// Offers a fast re-authentication with what [`Peer::resumption`] gave last time; of another
    /// method, it is ignored. `seed` comes from a CSPRNG, fresh for each conversation.
    #[must_use]
    pub fn with_resumption(
        mut self,
        identity: &'i [u8],
        resumption: Resumption,
        seed: &[u8; 32],
    ) -> Self {
        if resumption.method() == self.method {
            self.names.resume(identity, resumption);
            self.reseed(seed);
        }
        self
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

    /// Whether a pseudonym is given up when the server asks for the permanent identity.
    #[must_use]
    pub const fn with_privacy(mut self, privacy: Privacy) -> Self {
        self.names.privacy = privacy;
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
            Code::Failure => return self.failure(),
            Code::Response => return Err(PeerError::NotForUs),
            Code::Request => {}
        }
        if request.get(4) != Some(&self.method.number()) {
            return Err(PeerError::NotForUs);
        }
        if matches!(self.state, State::Confirmed(_)) {
            return Err(PeerError::Untimely);
        }
        match Packet::parse(request) {
            Ok(packet) => self.request(packet, room),
            Err(_) => self
                .client_error(header.identifier, ClientError::Unable, room)
                .map(Event::Reply),
        }
    }

    /// The keys, once the challenge was answered; believe the server only after [`Event::Success`].
    pub fn keys(&self) -> Option<&SessionKeys> {
        self.granted().map(|granted| &granted.keys)
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
        match (packet.subtype(), self.method) {
            (Subtype::Challenge, Method::Sim) => return GsmChallenge::begin(self, packet, room),
            (Subtype::Challenge, _) => return Challenge::begin(self, packet, room),
            (Subtype::Start, Method::Sim) => self.start(&packet, room),
            (Subtype::Identity, Method::Aka | Method::AkaPrime) => self.identify(&packet, room),
            (Subtype::Notification, _) => self.notified(&packet, room),
            (Subtype::Reauthentication, _) => self.reauthenticate(&packet, room),
            (
                Subtype::AuthenticationReject
                | Subtype::SynchronizationFailure
                | Subtype::Identity
                | Subtype::Start
                | Subtype::ClientError,
                _,
            ) => self.client_error(packet.identifier(), ClientError::Unable, room),
        }
        .map(Event::Reply)
    }

    fn response<'p>(
        &self,
        identifier: u8,
        subtype: Subtype,
        room: &'p mut [u8],
    ) -> PacketWriter<'p> {
        PacketWriter::new(room, Code::Response, identifier, (self.method, subtype))
    }

    /// AT_CHECKCODE and AT_RESULT_IND, as the request has them.
    fn acknowledge<'p>(
        &mut self,
        request: &Packet<'_>,
        mut writer: PacketWriter<'p>,
    ) -> PacketWriter<'p> {
        let attributes = request.attributes();
        if attributes.checkcode().is_some() {
            let code = &mut [0; 32];
            writer = writer.put(&Attribute::Checkcode(self.checkcode.write(code)));
        }
        if attributes.result_ind() && self.result_ind == ResultInd::Wanted {
            self.result_ind = ResultInd::Agreed;
            writer = writer.put(&Attribute::ResultInd);
        }
        writer
    }

    /// Keeps the identities of a genuine challenge; `false` when AT_ENCR_DATA cannot be read.
    fn learn(&mut self, challenge: &Packet<'_>, keys: &SessionKeys) -> bool {
        if challenge.attributes().encr_data().is_none() {
            return true;
        }
        let opened = challenge.open(keys.k_encr());
        let Some(attributes) = opened.as_ref().and_then(Opened::attributes) else {
            return false;
        };
        self.names
            .learn(attributes.next_pseudonym(), attributes.next_reauth_id());
        true
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
