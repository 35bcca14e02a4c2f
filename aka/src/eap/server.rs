//! The server of EAP-AKA, EAP-AKA' and EAP-SIM (RFC 4187 §3 to §6; RFC 9048 §3, §4; RFC 4186 §4
//! to §6).
//!
//! One [`Server`] is one conversation. It says what to do next by a [`Step`]; only two of them need
//! the caller's mind: a request is to be sent and its response handed back, or somebody is to be
//! looked up. A network that relays EAP over HTTP (TS.43) keeps the server between two requests.

mod challenge;
mod ending;
mod gsm;
mod identify;
mod reauthentication;
mod settings;
mod step;

use core::fmt;

pub use settings::Denial;
pub use step::{Answer, Next, Purpose, Reason, ServerError, Step, Wanted};

use self::{
    challenge::{KdfOffer, Pending},
    reauthentication::Resuming,
    settings::Settings,
};
use super::{
    Code, Header, Method, Nai, NetworkName, Packet, PacketWriter, Resumption, SessionKeys, Subtype,
    asked::Asked, checkcode::Checkcode, granted::Granted, random::Random,
};

/// A server in one conversation.
///
/// Sending, repeating and timing are the caller's (RFC 3748 §4.1), and so is what a Nak asks for.
///
/// ```
/// use aka::{Amf, Imsi, K, Milenage, Opc, Rand, Sqn, card::Card};
/// use aka::eap::{Answer, Event, Identities, Nai, Next, Peer, Purpose, Server, Step};
/// use aka::network::{Home, MemoryStore, Request};
///
/// # #[cfg(feature = "std")] {
/// let imsi: Imsi = "001010000000001".parse()?;
/// let milenage = Milenage::new(&K::new([1; 16]), &Opc::new([2; 16]));
/// let home = Home::new(MemoryStore::new().with(imsi, Sqn::ZERO));
/// # let mut card = Card::default();
/// # let mut peer = Peer::aka(Identities { permanent: b"0001010000000001", pseudonym: None });
///
/// let mut server = Server::aka(&[7; 32]); // in earnest from a CSPRNG
/// let mut room = [0; 1500];
/// let identity = Nai::new(b"0001010000000001")?; // of EAP-Response/Identity
/// let mut step = server.start(Some(&identity), &mut room)?;
/// loop {
///     step = match step {
///         Step::Send(request) => {
///             // send it, and wait for the response
/// #           let mut room_of_peer = [0; 1500];
/// #           let request = request.to_vec();
/// #           let response = match peer.receive(&request, &mut room_of_peer)? {
/// #               Event::Challenge(challenge) => {
/// #                   let said = card.authenticate(&milenage, challenge.rand(), challenge.autn());
/// #                   challenge.answer(said)?
/// #               }
/// #               Event::Reply(octets) => octets,
/// #               _ => unreachable!(),
/// #           };
///             server.receive(response, &mut room)?
///         }
///         Step::NeedVector(wanted) => {
///             let imsi = wanted.identity.imsi();
///             if let Purpose::Resynchronise { rand, auts } = wanted.purpose {
///                 home.resynchronise(&milenage, &imsi.unwrap(), &rand, &auts)?;
///             }
///             match imsi {
///                 Some(imsi) => {
///                     let rand = Rand::new([3; 16]); // in earnest from a CSPRNG
///                     let vector = home.vector(&milenage, &imsi, Request::new(rand, Amf::ZERO))?;
///                     server.answer(&Answer::Vector(&vector), Next::NONE, &mut room)?
///                 }
///                 None => server.answer(&Answer::Unknown, Next::NONE, &mut room)?,
///             }
///         }
///         Step::Success(packet) => break assert_eq!(packet[0], 3), // send it
///         Step::Failure(packet, reason) => panic!("send it, and log {reason:?}"),
///         _ => unreachable!("there are no other steps"),
///     };
/// }
/// assert_eq!(server.keys().unwrap().msk().len(), 64);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Server {
    settings: Settings,
    random: Random,
    identifier: u8,
    identity: Option<Nai>,
    asked: Asked,
    checkcode: Checkcode,
    kdfs: KdfOffer,
    resynchronised: u8,
    nonce_mt: Option<[u8; 16]>,
    state: State,
}

/// Where the conversation is.
#[derive(Clone)]
enum State {
    New,
    /// The peer is asked who it is, and then the caller.
    Identifying(Purpose),
    /// The caller is asked.
    Asking(Purpose),
    /// The peer is asked for RES.
    Challenging(Pending),
    /// The peer is asked for the counter.
    Resuming(Resuming),
    /// The peer is told how it ended.
    Notifying(Result<Granted, Reason>),
    Succeeded(Granted),
    Failed,
}

impl Server {
    /// A server of EAP-AKA; `seed` comes from a CSPRNG, fresh for each conversation.
    pub fn aka(seed: &[u8; 32]) -> Self {
        Self::new(Method::Aka, None, seed)
    }

    /// A server of EAP-AKA' for an access network; `seed` comes from a CSPRNG, fresh for each
    /// conversation.
    pub fn aka_prime(network: NetworkName, seed: &[u8; 32]) -> Self {
        Self::new(Method::AkaPrime, Some(network), seed)
    }

    /// A server of EAP-SIM; `seed` comes from a CSPRNG, fresh for each conversation.
    pub fn sim(seed: &[u8; 32]) -> Self {
        Self::new(Method::Sim, None, seed)
    }

    fn new(method: Method, network: Option<NetworkName>, seed: &[u8; 32]) -> Self {
        let mut random = Random::new(seed);
        let [identifier, ..] = random.draw();
        Self {
            settings: Settings::new(method, network),
            random,
            identifier,
            identity: None,
            asked: Asked::Nothing,
            checkcode: Checkcode::new(method),
            kdfs: KdfOffer::First,
            resynchronised: 0,
            nonce_mt: None,
            state: State::New,
        }
    }

    /// Begins. Give the identity of EAP-Response/Identity to believe it, or nothing to ask the peer
    /// again within the method, as RFC 4187 §4.1.4 would rather have it.
    ///
    /// # Errors
    /// [`ServerError`], when nothing is to be done.
    pub fn start<'a>(
        &'a mut self,
        identity: Option<&Nai>,
        room: &'a mut [u8],
    ) -> Result<Step<'a>, ServerError> {
        if !matches!(self.state, State::New) {
            return Err(ServerError::OutOfTurn);
        }
        match identity {
            Some(identity) => self.begin(identity, room),
            None => self.ask_further(room),
        }
    }

    /// Takes a response of the peer; a request goes into `room`.
    ///
    /// # Errors
    /// [`ServerError`], when nothing is to be done: the server waits on.
    pub fn receive<'a>(
        &'a mut self,
        response: &[u8],
        room: &'a mut [u8],
    ) -> Result<Step<'a>, ServerError> {
        if !self.awaits_response() {
            return Err(ServerError::OutOfTurn);
        }
        let header = Header::parse(response).map_err(ServerError::Malformed)?;
        if header.code != Code::Response || header.identifier != self.identifier {
            return Err(ServerError::NotForUs);
        }
        match response.get(4) {
            Some(&NAK) => return Err(ServerError::Nak),
            Some(kind) if *kind == self.settings.method.number() => {}
            _ => return Err(ServerError::NotForUs),
        }
        match Packet::parse(response) {
            Ok(packet) => self.respond(&packet, room),
            Err(_) => self.fail(Reason::Malformed, room),
        }
    }

    /// Takes the caller's answer to [`Step::NeedVector`]; `next` goes to the peer encrypted, and is
    /// good from now on: the peer keeps it once it believes the challenge, whatever follows.
    ///
    /// # Errors
    /// [`ServerError::OutOfTurn`] when nothing was asked, [`ServerError::Unsuitable`] for an answer
    /// that this method cannot use, [`ServerError::NoRoom`]; the question stays open.
    pub fn answer<'a>(
        &'a mut self,
        answer: &Answer<'_>,
        next: Next<'_>,
        room: &'a mut [u8],
    ) -> Result<Step<'a>, ServerError> {
        let State::Asking(purpose) = &self.state else {
            return Err(ServerError::OutOfTurn);
        };
        match (answer, purpose) {
            (Answer::Vector(vector), _) => self.challenge(vector, next, room),
            (Answer::Triplets(triplets), _) => self.challenge_gsm(triplets, next, room),
            (Answer::Resume(known), Purpose::Identify) if self.asked <= Asked::Any => {
                self.resume(known, next, room)
            }
            (Answer::Unknown | Answer::Resume(_), Purpose::Identify) => self.ask_further(room),
            (Answer::Resume(_), _) => Err(ServerError::Unsuitable),
            (Answer::Unknown, _) => self.fail(Reason::Unknown, room),
            (Answer::Refuse, _) => self.fail(Reason::Refused, room),
        }
    }

    /// The method.
    pub const fn method(&self) -> Method {
        self.settings.method
    }

    /// Who the peer says it is, in the last identity that came; believe it after
    /// [`Step::Success`].
    pub const fn identity(&self) -> Option<&Nai> {
        self.identity.as_ref()
    }

    /// The keys for the link, after [`Step::Success`].
    pub const fn keys(&self) -> Option<&SessionKeys> {
        if let State::Succeeded(granted) = &self.state {
            Some(&granted.keys)
        } else {
            None
        }
    }

    /// What a fast re-authentication will need, after [`Step::Success`]: keep it with the identity
    /// that went out as [`Next::reauth_id`].
    pub fn resumption(&self) -> Option<Resumption> {
        if let State::Succeeded(granted) = &self.state {
            granted.resumption()
        } else {
            None
        }
    }

    const fn awaits_response(&self) -> bool {
        matches!(
            self.state,
            State::Identifying(_)
                | State::Challenging(_)
                | State::Resuming(_)
                | State::Notifying(_)
        )
    }

    fn respond<'a>(
        &'a mut self,
        packet: &Packet<'_>,
        room: &'a mut [u8],
    ) -> Result<Step<'a>, ServerError> {
        match (&self.state, packet.subtype()) {
            (State::Notifying(_), _) => self.notified(packet, room),
            (_, Subtype::ClientError) => {
                let code = packet.attributes().client_error_code();
                self.ended(Reason::ClientError(code.unwrap_or_default()), room)
            }
            (State::Identifying(_), Subtype::Identity) if !self.is_gsm() => {
                self.identified(packet, room)
            }
            (State::Identifying(then), Subtype::Start) if self.is_gsm() => {
                let then = *then;
                self.started(packet, then, room)
            }
            (State::Challenging(pending), Subtype::Challenge) => {
                let verdict = pending.check(packet, self);
                let keys = pending.keys.clone();
                self.challenged(verdict, keys, room)
            }
            (State::Challenging(_), Subtype::AuthenticationReject) if !self.is_gsm() => {
                self.ended(Reason::Rejected, room)
            }
            (State::Challenging(pending), Subtype::SynchronizationFailure) if !self.is_gsm() => {
                let asked = pending.resynchronisation(packet, self);
                self.resynchronise(asked, room)
            }
            (State::Resuming(resuming), Subtype::Reauthentication) => {
                let resumed = resuming.check(packet, &self.checkcode);
                let granted = Granted {
                    keys: resuming.keys.clone(),
                    counter: Some(resuming.counter),
                };
                self.resumed(resumed, granted, room)
            }
            _ => self.fail(Reason::Unexpected, room),
        }
    }

    /// Begins a request, which is not [sent](Self::sent) yet.
    fn request<'p>(&self, subtype: Subtype, room: &'p mut [u8]) -> PacketWriter<'p> {
        let what = (self.settings.method, subtype);
        PacketWriter::new(room, Code::Request, self.identifier.wrapping_add(1), what)
    }

    /// Waits for the response to a request that is whole.
    fn sent(&mut self, state: State) {
        self.identifier = self.identifier.wrapping_add(1);
        self.state = state;
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::New => "New",
            State::Identifying(_) => "Identifying",
            State::Asking(_) => "Asking",
            State::Challenging(_) => "Challenging",
            State::Resuming(_) => "Resuming",
            State::Notifying(_) => "Notifying",
            State::Succeeded(_) => "Succeeded",
            State::Failed => "Failed",
        };
        f.debug_struct("Server")
            .field("method", &self.settings.method)
            .field("state", &format_args!("{state}"))
            .finish_non_exhaustive()
    }
}

/// The Type of a legacy Nak (RFC 3748 §5.3.1).
const NAK: u8 = 3;
