//! The peer, behind a RADIUS client.

use std::fmt;
use std::net::UdpSocket;
use std::time::Duration;

use aka::card::{Card, Outcome};
use aka::eap::{Event, Identities, Nai, Peer, Resumption};
use anyhow::{Context as _, Result, bail};
use clap::Args;
use counterparts::card;
use counterparts::radius::{Code, Message};

use crate::subscriber::{card_at, milenage, random, triplet};
use crate::{Method, Names};

/// How to log in.
#[derive(Debug, Args)]
pub(crate) struct Login {
    #[arg(long)]
    method: Method,
    /// How often.
    #[arg(long, default_value_t = 1)]
    times: u32,
    /// What the card has taken already.
    #[arg(long, default_value_t = 0)]
    card_sqn: u64,
    /// What is kept from one time to the next.
    #[arg(long, default_value = "none")]
    keep: Names,
    /// Take result indications.
    #[arg(long)]
    result_indications: bool,
    /// The server.
    #[arg(long)]
    server: String,
}

/// What is kept.
#[derive(Default)]
struct Kept {
    pseudonym: Option<Nai>,
    resumption: Option<(Nai, Resumption)>,
}

/// What one time came to.
#[derive(Debug, Default)]
struct Told {
    admitted: bool,
    first: String,
    asked_card: u32,
    followed: bool,
    counter: Option<u16>,
    notification: Option<u16>,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.admitted { "admitted" } else { "refused" };
        write!(f, "{verdict} as {}", self.first)?;
        write!(f, ", card asked {} times", self.asked_card)?;
        write!(f, ", followed {}", self.followed)?;
        write!(f, ", counter {:?}", self.counter)?;
        write!(f, ", notification {:?}", self.notification)
    }
}

impl Login {
    pub(crate) fn run(&self) -> Result<()> {
        let mut card = card_at(self.card_sqn)?;
        let mut kept = Kept::default();
        for _ in 0..self.times {
            let (told, next) = self.once(&mut card, &kept)?;
            println!("{told}");
            if self.keep != Names::None {
                kept.pseudonym = next.pseudonym.or(kept.pseudonym);
            }
            if self.keep == Names::All {
                kept.resumption = next.resumption;
            }
        }
        println!("done");
        Ok(())
    }

    fn once(&self, card: &mut Card, kept: &Kept) -> Result<(Told, Kept)> {
        let permanent = self.permanent();
        let names = Identities {
            permanent: permanent.as_bytes(),
            pseudonym: kept.pseudonym.as_ref().map(Nai::as_bytes),
        };
        let mut peer = self.peer(names)?;
        if let Some((identity, resumption)) = &kept.resumption {
            peer = peer.with_resumption(identity.as_bytes(), resumption.clone(), &random()?);
        }
        let mut told = Told {
            first: kind(peer.identity()),
            ..Told::default()
        };
        self.converse(&mut peer, card, &mut told)?;
        told.notification = peer.notification();
        let next = Kept {
            pseudonym: peer.next_pseudonym().copied(),
            resumption: peer.resumption(),
        };
        told.counter = next.resumption.as_ref().map(|(_, next)| next.counter());
        Ok((told, next))
    }

    fn peer<'i>(&self, names: Identities<'i>) -> Result<Peer<'i>> {
        let peer = match self.method {
            Method::Sim => Peer::sim(names, &random()?),
            Method::Aka => Peer::aka(names),
            Method::AkaPrime => Peer::aka_prime(names, Some(b"WLAN")),
        };
        Ok(if self.result_indications {
            peer.with_result_indications()
        } else {
            peer
        })
    }

    fn permanent(&self) -> String {
        let leading = match self.method {
            Method::Sim => '1',
            Method::Aka => '0',
            Method::AkaPrime => '6',
        };
        format!("{leading}{}@wlan.mnc001.mcc001.3gppnetwork.org", card::IMSI)
    }

    fn converse(&self, peer: &mut Peer<'_>, card: &mut Card, told: &mut Told) -> Result<()> {
        let mut client = Client::new(&self.server, peer.identity())?;
        let [high, low] = u16::try_from(peer.identity().len() + 5)?.to_be_bytes();
        let mut response = [&[2, 0, high, low, 1], peer.identity()].concat();
        for _ in 0..20 {
            let (answer, request) = client.exchange(&response)?;
            let eap = answer.eap();
            let mut room = [0; 1500];
            response = match peer.receive(&eap, &mut room) {
                Ok(Event::Reply(reply)) => reply.to_vec(),
                Ok(Event::Challenge(challenge)) => {
                    told.asked_card += 1;
                    let said = card.authenticate(&milenage()?, challenge.rand(), challenge.autn());
                    told.followed |= matches!(said, Ok(Outcome::SyncFailure(_)));
                    challenge.answer(said)?.to_vec()
                }
                Ok(Event::GsmChallenge(challenge)) => {
                    told.asked_card += 1;
                    let answers = challenge.rands().map(|rand| {
                        let triplet = triplet(rand)?;
                        Ok((triplet.sres, triplet.kc))
                    });
                    let answers = answers.collect::<Result<Vec<_>>>()?;
                    challenge.answer(&answers)?.to_vec()
                }
                Ok(Event::Success) => {
                    let keys = peer.keys().context("a success has keys")?;
                    let msk = answer.msk(&request).context("no keys")?;
                    told.admitted = answer.code() == Code::Accept && keys.msk() == msk;
                    return Ok(());
                }
                Ok(Event::Failure) => return Ok(()),
                Ok(_) => bail!("something new"),
                // the server wants another method first
                Err(_) if eap.first() == Some(&1) => bail!("another method: {eap:?}"),
                Err(error) => return Err(error.into()),
            };
        }
        bail!("the conversation does not end")
    }
}

fn kind(identity: &[u8]) -> String {
    match Nai::new(identity).ok().and_then(|nai| nai.kind()) {
        Some(kind) => format!("{kind:?}"),
        None => "unknown".to_owned(),
    }
}

/// The network's side of the conversation, up to the server.
struct Client {
    socket: UdpSocket,
    user: Vec<u8>,
    identifier: u8,
    state: Option<Vec<u8>>,
}

impl Client {
    fn new(server: &str, user: &[u8]) -> Result<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.connect(server)?;
        socket.set_read_timeout(Some(Duration::from_secs(10)))?;
        Ok(Self {
            socket,
            user: user.to_vec(),
            identifier: 0,
            state: None,
        })
    }

    /// The answer to a response of the peer's, and the authenticator that it is for.
    fn exchange(&mut self, response: &[u8]) -> Result<(Message, [u8; 16])> {
        self.identifier = self.identifier.wrapping_add(1);
        let authenticator = random()?;
        let mut request = Message::request(self.identifier, authenticator, &self.user, response);
        if let Some(state) = &self.state {
            request = request.with_state(state);
        }
        self.socket.send(&request.encode())?;
        let mut room = [0; 4096];
        let size = self.socket.recv(&mut room).context("no answer")?;
        let answer = room.get(..size).unwrap_or_default();
        let answer = Message::parse_answer(answer, &authenticator)?;
        self.state = answer.state().map(<[u8]>::to_vec);
        Ok((answer, authenticator))
    }
}
