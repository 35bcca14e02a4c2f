//! The server, behind a RADIUS server.

use std::collections::HashMap;
use std::net::UdpSocket;

use aka::eap::{Answer, Nai, NetworkName, Next, Purpose, Resumption, Server, Step, Wanted};
use aka::network::{Home, MemoryStore, Request};
use aka::{Amf, Imsi, Rand, Sqn};
use anyhow::{Context as _, Result, bail};
use clap::Args;
use counterparts::radius::{Code, Message};

use crate::subscriber::{imsi, milenage, random, triplet};
use crate::{Method, Names};

/// How to let clients in.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[arg(long)]
    method: Method,
    /// The home's last sequence number.
    #[arg(long, default_value_t = 0)]
    sqn: u64,
    /// What is given out.
    #[arg(long, default_value = "none")]
    names: Names,
    /// Offer result indications.
    #[arg(long)]
    result_indications: bool,
    /// Offer a key derivation function that nobody has first.
    #[arg(long)]
    decoy: Option<u16>,
    /// Where.
    #[arg(long)]
    listen: String,
}

/// All that outlives a conversation.
struct Network<'s> {
    settings: &'s Serve,
    home: Home<MemoryStore<Imsi>>,
    pseudonyms: HashMap<Vec<u8>, Imsi>,
    resumable: HashMap<Vec<u8>, (Imsi, Resumption)>,
    given: u32,
}

/// One conversation.
struct Session {
    server: Server,
    imsi: Option<Imsi>,
    /// The identity that was given out for fast re-authentication.
    reauth_id: Option<Nai>,
    log: Vec<&'static str>,
}

/// What goes back to the client.
struct Verdict {
    code: Code,
    eap: Vec<u8>,
}

impl Serve {
    pub(crate) fn run(&self) -> Result<()> {
        let store = MemoryStore::new().with(imsi()?, Sqn::new(self.sqn)?);
        let mut network = Network {
            settings: self,
            home: Home::new(store),
            pseudonyms: HashMap::new(),
            resumable: HashMap::new(),
            given: 0,
        };
        let socket = UdpSocket::bind(&self.listen)?;
        println!("listening");
        let mut sessions: HashMap<Vec<u8>, Session> = HashMap::new();
        let mut room = [0; 4096];
        loop {
            let (size, client) = socket.recv_from(&mut room)?;
            let request = Message::parse(room.get(..size).unwrap_or_default())?;
            let number = u32::try_from(sessions.len())?.to_be_bytes().to_vec();
            let state = request.state().map_or(number, <[u8]>::to_vec);
            if !sessions.contains_key(&state) {
                sessions.insert(state.clone(), self.session()?);
            }
            let session = sessions.get_mut(&state).context("it was put there")?;
            let verdict = network.respond(session, &request.eap())?;
            let asked = request.authenticator();
            let mut answer = Message::answer(verdict.code, request.identifier())
                .with_eap(&verdict.eap)
                .with_state(&state);
            if let Some(keys) = session.server.keys() {
                answer = answer.with_keys(keys.msk().try_into()?, asked);
            }
            socket.send_to(&answer.answer_to(asked), client)?;
        }
    }

    fn session(&self) -> Result<Session> {
        let seed = random()?;
        let mut server = match self.method {
            Method::Sim => Server::sim(&seed),
            Method::Aka => Server::aka(&seed),
            Method::AkaPrime => Server::aka_prime(NetworkName::new(b"WLAN")?, &seed),
        };
        if self.result_indications {
            server = server.with_result_indications();
        }
        if let Some(number) = self.decoy {
            server = server.with_decoy_kdf(number);
        }
        Ok(Session {
            server,
            imsi: None,
            reauth_id: None,
            log: Vec::new(),
        })
    }
}

/// A step without its borrow.
enum Todo {
    LookUp(Box<Nai>, Purpose),
    Answer(Verdict),
    Success(Verdict),
    Failure(Verdict, String),
}

impl TryFrom<Step<'_>> for Todo {
    type Error = anyhow::Error;

    fn try_from(step: Step<'_>) -> Result<Self> {
        let verdict = |code, eap: &[u8]| Verdict {
            code,
            eap: eap.to_vec(),
        };
        Ok(match step {
            Step::Send(request) => Self::Answer(verdict(Code::Challenge, request)),
            Step::NeedVector(Wanted {
                identity, purpose, ..
            }) => Self::LookUp(Box::new(*identity), purpose),
            Step::Success(packet) => Self::Success(verdict(Code::Accept, packet)),
            Step::Failure(packet, reason) => {
                Self::Failure(verdict(Code::Reject, packet), format!("{reason:?}"))
            }
            _ => bail!("a step that is new"),
        })
    }
}

impl Network<'_> {
    /// An identity begins, everything else goes on.
    fn respond(&mut self, session: &mut Session, eap: &[u8]) -> Result<Verdict> {
        let mut room = [0; 1500];
        let step = match eap {
            [2, _, _, _, 1, identity @ ..] => {
                let identity = Nai::new(identity)?;
                session.log.push(kind(&identity));
                session.server.start(Some(&identity), &mut room)?
            }
            _ => session.server.receive(eap, &mut room)?,
        };
        let mut todo = Todo::try_from(step)?;
        loop {
            todo = match todo {
                Todo::LookUp(identity, purpose) => {
                    let step = self.look_up(session, &identity, &purpose, &mut room)?;
                    Todo::try_from(step)?
                }
                Todo::Answer(verdict) => return Ok(verdict),
                Todo::Success(verdict) => {
                    let kept = session.server.resumption().zip(session.reauth_id);
                    if let Some(((resumption, identity), imsi)) = kept.zip(session.imsi) {
                        let identity = identity.as_bytes().to_vec();
                        self.resumable.insert(identity, (imsi, resumption));
                    }
                    println!("admitted: {}", session.log.join(", "));
                    return Ok(verdict);
                }
                Todo::Failure(verdict, reason) => {
                    println!("refused: {reason}: {}", session.log.join(", "));
                    return Ok(verdict);
                }
            };
        }
    }

    /// Who is known by the identity, and the keys to go on from.
    fn know(&mut self, identity: &Nai) -> (Option<Imsi>, Option<Resumption>) {
        let pseudonym = self.pseudonyms.get(identity.as_bytes()).copied();
        let resumable = self.resumable.remove(identity.as_bytes()).unzip();
        (identity.imsi().or(pseudonym).or(resumable.0), resumable.1)
    }

    fn look_up<'a>(
        &mut self,
        session: &'a mut Session,
        identity: &Nai,
        purpose: &Purpose,
        room: &'a mut [u8],
    ) -> Result<Step<'a>> {
        let (known, resumption) = self.know(identity);
        let Session { server, log, .. } = session;
        let Some(imsi) = known.or(session.imsi) else {
            log.push("unknown");
            return Ok(server.answer(&Answer::Unknown, Next::NONE, room)?);
        };
        session.imsi = Some(imsi);
        let (pseudonym, reauth_id) = self.next(imsi)?;
        session.reauth_id = reauth_id;
        let next = Next {
            pseudonym: pseudonym.as_ref(),
            reauth_id: reauth_id.as_ref(),
        };
        if let Purpose::Resynchronise { rand, auts } = purpose {
            log.push("resynchronised");
            self.home.resynchronise(&milenage()?, &imsi, rand, auts)?;
        }
        if let (Some(resumption), Purpose::Identify) = (resumption, purpose) {
            log.push("resumed");
            return Ok(server.answer(&Answer::Resume(&resumption), next, room)?);
        }
        if self.settings.method == Method::Sim {
            log.push("triplets");
            let triplets = (0..3).map(|_| triplet(Rand::new(random()?)));
            let triplets = triplets.collect::<Result<Vec<_>>>()?;
            return Ok(server.answer(&Answer::Triplets(&triplets), next, room)?);
        }
        log.push("vector");
        let request = Request::new(Rand::new(random()?), Amf::SEPARATED);
        let vector = self.home.vector(&milenage()?, &imsi, request)?;
        Ok(server.answer(&Answer::Vector(&vector), next, room)?)
    }

    /// The names that the settings want given out, with TS 23.003's first characters.
    fn next(&mut self, imsi: Imsi) -> Result<(Option<Nai>, Option<Nai>)> {
        let (pseudonym, reauth_id) = match self.settings.method {
            Method::Sim => ('3', '5'),
            Method::Aka => ('2', '4'),
            Method::AkaPrime => ('7', '8'),
        };
        self.given += 1;
        let number = self.given;
        let realm = "wlan.mnc001.mcc001.3gppnetwork.org";
        let mut names = (None, None);
        if self.settings.names != Names::None {
            let username = format!("{pseudonym}alias{number}");
            names.0 = Some(Nai::new(username.as_bytes())?);
            self.pseudonyms
                .insert(format!("{username}@{realm}").into(), imsi);
        }
        if self.settings.names == Names::All {
            let identity = format!("{reauth_id}again{number}@{realm}");
            names.1 = Some(Nai::new(identity.as_bytes())?);
        }
        Ok(names)
    }
}

fn kind(identity: &Nai) -> &'static str {
    use aka::eap::NaiKind::{Permanent, Pseudonym, Reauthentication};
    match identity.kind() {
        Some(Permanent(_)) => "permanent",
        Some(Pseudonym(_)) => "pseudonym",
        Some(Reauthentication(_)) => "re-authentication",
        None => "unknown kind",
    }
}
