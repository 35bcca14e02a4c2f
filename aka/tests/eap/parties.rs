//! A subscriber, its card and its home, and conversations between our peer and our server.

use std::collections::HashMap;

use aka::{
    Amf, Imsi, K, Milenage, Opc, Rand, Sqn,
    card::Card,
    eap::{
        Answer, Event, Identities, Method, Nai, Next, Peer, Purpose, Reason, Resumption, Server,
        ServerError, Step, Wanted,
    },
    kdf::gsm::SresFunction,
    network::{Home, MemoryStore, Request, Triplet},
};

pub(crate) const IMSI: &str = "001010000000001";
pub(crate) const AKA: &[u8] = b"0001010000000001@nai.epc.mnc001.mcc001.3gppnetwork.org";
pub(crate) const SIM: &[u8] = b"1001010000000001@wlan.mnc001.mcc001.3gppnetwork.org";
pub(crate) const PRIME: &[u8] = b"6001010000000001@nai.epc.mnc001.mcc001.3gppnetwork.org";

pub(crate) fn milenage() -> Milenage {
    Milenage::new(&K::new([1; 16]), &Opc::new([2; 16]))
}

pub(crate) fn named(permanent: &[u8]) -> Identities<'_> {
    Identities {
        permanent,
        pseudonym: None,
    }
}

/// What the server's caller knows.
pub(crate) struct Operator {
    home: Home<MemoryStore<Imsi>>,
    pub(crate) amf: Amf,
    rands: u8,
    /// How many triplets a SIM is asked for.
    pub(crate) triplets: usize,
    /// Whether pseudonyms and identities for fast re-authentication are given out.
    pub(crate) names: bool,
    given: u8,
    pub(crate) known: HashMap<Vec<u8>, Imsi>,
    pub(crate) resumable: HashMap<Vec<u8>, Resumption>,
    /// Every identity that was looked up, and what for.
    pub(crate) asked: Vec<(Vec<u8>, &'static str)>,
}

impl Operator {
    /// Its sequence numbers are at `sqn`.
    pub(crate) fn at(sqn: u64) -> Self {
        let sqn = Sqn::new(sqn).unwrap();
        Self {
            home: Home::new(MemoryStore::new().with(IMSI.parse().unwrap(), sqn)),
            amf: Amf::SEPARATED,
            rands: 0,
            triplets: 3,
            names: false,
            given: 0,
            known: HashMap::new(),
            resumable: HashMap::new(),
            asked: Vec::new(),
        }
    }

    /// The same, giving out names.
    pub(crate) fn naming() -> Self {
        Self {
            names: true,
            ..Self::at(0)
        }
    }

    pub(crate) fn answer<'a>(
        &mut self,
        server: &'a mut Server,
        (identity, purpose): (&Nai, Purpose),
        room: &'a mut [u8],
    ) -> Result<Step<'a>, ServerError> {
        self.note(identity, &purpose);
        let known = self.known.get(identity.as_bytes()).copied();
        let subscriber = identity.imsi().filter(|imsi| imsi.as_str() == IMSI);
        let Some(imsi) = subscriber.or(known) else {
            return server.answer(&Answer::Unknown, Next::NONE, room);
        };
        if let Purpose::Resynchronise { rand, auts } = purpose {
            let followed = self.home.resynchronise(&milenage(), &imsi, &rand, &auts);
            followed.expect("the card's own AUTS");
        }
        let names = self.next(imsi);
        let next = match &names {
            Some((pseudonym, reauth_id)) => Next {
                pseudonym: Some(pseudonym),
                reauth_id: Some(reauth_id),
            },
            None => Next::NONE,
        };
        let resumption = self.resumable.remove(identity.as_bytes());
        if let (Some(resumption), Purpose::Identify) = (resumption, purpose) {
            return server.answer(&Answer::Resume(&resumption), next, room);
        }
        if server.method() == Method::Sim {
            let triplets = self.triplets();
            return server.answer(&Answer::Triplets(&triplets), next, room);
        }
        let vector = self.vector(&imsi);
        server.answer(&Answer::Vector(&vector), next, room)
    }

    /// New names of a subscriber's, which are known from now on.
    fn next(&mut self, imsi: Imsi) -> Option<(Nai, Nai)> {
        if !self.names {
            return None;
        }
        self.given += 1;
        let pseudonym = format!("pseudonym-{}", self.given);
        let reauth_id = format!("again-{}@example.org", self.given);
        let realm = str::from_utf8(AKA).unwrap().split_once('@').unwrap().1;
        self.known
            .insert(format!("{pseudonym}@{realm}").into(), imsi);
        self.known.insert(reauth_id.clone().into(), imsi);
        let name = |text: String| Nai::new(text.as_bytes()).unwrap();
        Some((name(pseudonym), name(reauth_id)))
    }

    /// Keeps what a server came to, with the identity that was given out last.
    pub(crate) fn keep(&mut self, server: &Server) {
        let identity = format!("again-{}@example.org", self.given);
        let resumption = server.resumption().expect("a success");
        self.resumable.insert(identity.into(), resumption);
    }

    fn triplets(&mut self) -> Vec<Triplet> {
        let challenges = (0..self.triplets).map(|_| {
            self.rands += 1;
            triplet(Rand::new([self.rands; 16]))
        });
        challenges.collect()
    }

    pub(crate) fn note(&mut self, identity: &Nai, purpose: &Purpose) {
        let purpose = match purpose {
            Purpose::Identify => "identify",
            Purpose::Authenticate => "authenticate",
            Purpose::Resynchronise { .. } => "resynchronise",
            _ => "something new",
        };
        self.asked.push((identity.as_bytes().to_vec(), purpose));
    }

    pub(crate) fn vector(&mut self, imsi: &Imsi) -> aka::network::Vector {
        self.rands += 1;
        let request = Request::new(Rand::new([self.rands; 16]), self.amf);
        let vector = self.home.vector(&milenage(), imsi, request);
        vector.expect("a known subscriber")
    }
}

/// What a SIM answers, and its home knows.
pub(crate) fn triplet(rand: Rand) -> Triplet {
    Triplet::generate(&milenage(), rand, SresFunction::Folded)
}

/// What the peer sends for a request, its card being asked where that is needed.
pub(crate) fn reply(peer: &mut Peer<'_>, card: &mut Card, request: &[u8]) -> Vec<u8> {
    let mut room = [0; 1500];
    match peer.receive(request, &mut room).expect("a request") {
        Event::Reply(octets) => octets.to_vec(),
        Event::Challenge(challenge) => {
            let said = card.authenticate(&milenage(), challenge.rand(), challenge.autn());
            challenge.answer(said).expect("room").to_vec()
        }
        Event::GsmChallenge(challenge) => {
            let answers: Vec<_> = challenge
                .rands()
                .map(triplet)
                .map(|triplet| (triplet.sres, triplet.kc))
                .collect();
            challenge.answer(&answers).expect("room").to_vec()
        }
        other => panic!("{other:?} is no request"),
    }
}

/// What came of a conversation, and every packet of it.
pub(crate) struct Ended {
    pub(crate) verdict: Result<(), Reason>,
    pub(crate) packets: Vec<Vec<u8>>,
}

/// What the caller has to do, without the borrow of the server.
pub(crate) enum Todo {
    Send(Vec<u8>),
    LookUp(Box<Nai>, Purpose),
    End(Vec<u8>, Result<(), Reason>),
}

impl From<Step<'_>> for Todo {
    fn from(step: Step<'_>) -> Self {
        match step {
            Step::Send(request) => Self::Send(request.to_vec()),
            Step::NeedVector(Wanted {
                identity, purpose, ..
            }) => Self::LookUp(Box::new(*identity), purpose),
            Step::Success(packet) => Self::End(packet.to_vec(), Ok(())),
            Step::Failure(packet, reason) => Self::End(packet.to_vec(), Err(reason)),
            _ => panic!("there are no other steps"),
        }
    }
}

/// Both sides until the end, with the identity that came before the method, if any is believed.
pub(crate) fn converse(
    server: &mut Server,
    operator: &mut Operator,
    peer: &mut Peer<'_>,
    card: &mut Card,
    first: Option<&[u8]>,
) -> Ended {
    let first = first.map(|octets| Nai::new(octets).unwrap());
    let mut room = [0; 1500];
    let mut packets = Vec::new();
    let mut todo = Todo::from(server.start(first.as_ref(), &mut room).unwrap());
    for _ in 0..20 {
        todo = match todo {
            Todo::Send(request) => {
                let response = reply(peer, card, &request);
                packets.extend([request, response.clone()]);
                server.receive(&response, &mut room).unwrap().into()
            }
            Todo::LookUp(identity, purpose) => operator
                .answer(server, (&identity, purpose), &mut room)
                .unwrap()
                .into(),
            Todo::End(packet, verdict) => {
                packets.push(packet);
                return Ended { verdict, packets };
            }
        };
    }
    panic!("the conversation does not end");
}

/// Whether the peer takes the last packet for a success, with the server's keys.
pub(crate) fn agree(server: &Server, peer: &mut Peer<'_>, ended: &Ended) -> bool {
    let last = ended.packets.last().unwrap();
    let succeeded = matches!(peer.receive(last, &mut []), Ok(Event::Success));
    let keys = server.keys().zip(peer.keys());
    succeeded
        && keys.is_some_and(|(one, other)| (one.msk(), one.emsk()) == (other.msk(), other.emsk()))
}
