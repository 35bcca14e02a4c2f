//! GSMA TS.43: EAP-AKA in steps that may reach any instance.
//!
//! What is kept between two requests is not the server of the conversation but what made it: a seed,
//! the vectors, and the responses. From these the same server arises again.

use std::fmt;

use aka::eap::{self, Answer, Nai, Next, Purpose as EapPurpose, Step};
use aka::network::Vector;
use aka::{Auts, Imsi, Rand};
use endorse::confirm::Transaction;
use endorse::ts43::{AppId, Asked, Operation};
use endorse::{Audience, Imei, Method, Presented, RequestParameters, UnixTime};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Proof, Proven, Server, ServerError, Wanted, random};
use crate::{Posed, Purpose, PurposeKeys};

/// What a phone is told next.
#[derive(Clone)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a phone is asked, or gets what it wants"
)]
pub enum Ts43Step {
    /// An EAP packet.
    Relay {
        /// The conversation's name.
        session: Transaction,
        /// The packet.
        packet: Vec<u8>,
    },
    /// It is proven.
    Granted(Ts43Grant),
}

/// What a phone gets.
#[derive(Clone)]
#[non_exhaustive]
pub struct Ts43Grant {
    /// A token for the server itself, with which the phone may come again.
    pub token: String,
    /// For how many seconds it is good.
    pub validity: u64,
    /// A token for an application's audience, where the phone asked for one.
    pub temporary: Option<(AppId, Proven)>,
}

impl fmt::Debug for Ts43Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Relay { .. } => "Relay([redacted])",
            Self::Granted(_) => "Granted([redacted])",
        })
    }
}

impl fmt::Debug for Ts43Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ts43Grant")
            .field("validity", &self.validity)
            .field("temporary", &self.temporary)
            .finish_non_exhaustive()
    }
}

/// A conversation between two requests.
#[derive(Serialize, Deserialize)]
struct Session {
    /// In hexadecimal digits, as all octets here.
    seed: String,
    identity: String,
    /// What was asked before: all but the last were answered with AUTS.
    turns: Vec<Turn>,
    imei: Option<String>,
    app: Option<String>,
    wants_temporary: bool,
}

#[derive(Serialize, Deserialize)]
struct Turn {
    posed: String,
    /// The response that said that the SIM is ahead.
    response: Option<String>,
}

impl Server {
    /// Asks a phone's SIM, or takes its token.
    ///
    /// # Errors
    /// [`ServerError::Token`] for a token that is not good, [`ServerError::NotProven`] for a phone
    /// that does not say who it is.
    pub async fn begin_ts43(&self, asked: &Asked, now: UnixTime) -> Result<Ts43Step, ServerError> {
        let wish = Wish {
            app: asked.apps().first().cloned(),
            wants_temporary: asked.operation() == Some(Operation::AcquireTemporaryToken),
        };
        if let Some(token) = asked.token() {
            let (endorsement, proof) = self.known_home(Presented::new(token), now).await?;
            let left = endorsement.expires.seconds();
            let left = left.saturating_sub(now.seconds());
            let granted = (token.to_owned(), left);
            return self.grant(&proof, &wish, granted, now).await;
        }
        let imsi = asked.imsi().ok_or(ServerError::NotProven)?;
        let aka: Imsi = imsi.as_str().parse().or(Err(ServerError::Damaged))?;
        let posed = self.pose(&aka, Purpose::Eap, now).await?;
        let mut session = Session {
            seed: hex::encode(random::<32>()?),
            identity: asked.identity().unwrap_or_default().to_owned(),
            turns: Vec::new(),
            imei: asked.terminal().map(|imei| imei.as_str().to_owned()),
            app: wish.app.map(|app| app.as_str().to_owned()),
            wants_temporary: wish.wants_temporary,
        };
        session.turns.push(Turn::of(&posed));
        self.relay(Transaction::new(random()?), &session, now).await
    }

    /// Takes a phone's response. A conversation goes on from one response only.
    ///
    /// # Errors
    /// [`ServerError::NotProven`], and the conversation is over.
    pub async fn continue_ts43(
        &self,
        name: Transaction,
        response: &[u8],
        now: UnixTime,
    ) -> Result<Ts43Step, ServerError> {
        let kept = self.store().take(&session_name(&name), now).await?;
        let kept = kept.ok_or(ServerError::NotProven)?;
        let mut session: Session = serde_json::from_slice(&kept).or(Err(ServerError::Damaged))?;
        match session.outcome(response)? {
            Outcome::Proven => {
                self.hear_ts43(&session, now).await?;
                self.proven(&session, now).await
            }
            Outcome::Ahead(rand, auts) => {
                let imsi = session.imsi()?;
                self.follow(&imsi, Purpose::Eap, &rand, &auts).await?;
                if let Some(turn) = session.turns.last_mut() {
                    turn.response = Some(hex::encode(response));
                }
                let posed = self.pose(&imsi, Purpose::Eap, now).await?;
                session.turns.push(Turn::of(&posed));
                self.relay(name, &session, now).await
            }
            Outcome::Refused => {
                self.hear_ts43(&session, now).await?;
                Err(ServerError::NotProven)
            }
        }
    }

    async fn hear_ts43(&self, session: &Session, now: UnixTime) -> Result<(), ServerError> {
        let asked = session.turns.last().and_then(Turn::vector);
        let asked = asked.ok_or(ServerError::Damaged)?;
        self.hear(&session.imsi()?, Purpose::Eap, &asked.rand, now)
            .await
    }

    async fn relay(
        &self,
        name: Transaction,
        session: &Session,
        now: UnixTime,
    ) -> Result<Ts43Step, ServerError> {
        let (_, packet) = session.server()?;
        let kept = serde_json::to_vec(session).or(Err(ServerError::Damaged))?;
        let until = now.plus(Self::LIFE);
        self.store()
            .keep(&session_name(&name), Zeroizing::new(kept), until)
            .await?;
        Ok(Ts43Step::Relay {
            session: name,
            packet,
        })
    }

    async fn proven(&self, session: &Session, now: UnixTime) -> Result<Ts43Step, ServerError> {
        let imsi = session.imsi()?;
        let imei: Option<Imei> = session.imei.as_ref().and_then(|imei| imei.parse().ok());
        let proof = Proof {
            imsi,
            method: Method::EapAka,
            at: now,
            imei,
        };
        let home = self
            .settings()
            .origin
            .parse()
            .or(Err(ServerError::Damaged))?;
        let home = self.endorse(&proof, wanted(home), now).await?;
        let wish = Wish {
            app: session.app.as_ref().and_then(|app| app.parse().ok()),
            wants_temporary: session.wants_temporary,
        };
        self.grant(&proof, &wish, (home.issued.token, home.lifetime), now)
            .await
    }

    async fn grant(
        &self,
        proof: &Proof,
        wish: &Wish,
        (token, validity): (String, u64),
        now: UnixTime,
    ) -> Result<Ts43Step, ServerError> {
        let temporary = match &wish.app {
            Some(app) if wish.wants_temporary => {
                let audience = self.audience_of(app)?;
                let proven = self.endorse(proof, wanted(audience), now).await?;
                Some((app.clone(), proven))
            }
            _ => None,
        };
        Ok(Ts43Step::Granted(Ts43Grant {
            token,
            validity,
            temporary,
        }))
    }

    /// For whom the tokens of an application are.
    fn audience_of(&self, app: &AppId) -> Result<Audience, ServerError> {
        let settings = self.settings();
        match settings.dialects.ts43.apps.get(app.as_str()) {
            Some(audience) => audience.parse().or(Err(ServerError::Audience)),
            None => settings
                .audiences
                .first()
                .cloned()
                .ok_or(ServerError::Audience),
        }
    }
}

/// What a phone wants beside being proven.
struct Wish {
    app: Option<AppId>,
    wants_temporary: bool,
}

/// What a response comes to.
enum Outcome {
    Proven,
    Ahead(Rand, Auts),
    Refused,
}

impl Session {
    fn imsi(&self) -> Result<Imsi, ServerError> {
        self.nai()?.imsi().ok_or(ServerError::Damaged)
    }

    fn nai(&self) -> Result<Nai, ServerError> {
        Nai::new(self.identity.as_bytes()).or(Err(ServerError::Damaged))
    }

    /// The server of this conversation, and the last packet that it sent.
    fn server(&self) -> Result<(eap::Server, Vec<u8>), ServerError> {
        let mut seed = Zeroizing::new([0; 32]);
        hex::decode_to_slice(&self.seed, &mut *seed).or(Err(ServerError::Damaged))?;
        let mut server = eap::Server::aka(&seed);
        let mut room = [0; ROOM];
        server
            .start(Some(&self.nai()?), &mut room)
            .or(Err(ServerError::Damaged))?;
        let mut sent = Vec::new();
        for turn in &self.turns {
            let vector = turn.vector().ok_or(ServerError::Damaged)?;
            let step = server.answer(&Answer::Vector(&vector), Next::NONE, &mut room);
            let Ok(Step::Send(packet)) = step else {
                return Err(ServerError::Damaged);
            };
            sent = packet.to_vec();
            if let Some(response) = &turn.response {
                let response = hex::decode(response).or(Err(ServerError::Damaged))?;
                server
                    .receive(&response, &mut room)
                    .or(Err(ServerError::Damaged))?;
            }
        }
        Ok((server, sent))
    }

    fn outcome(&self, response: &[u8]) -> Result<Outcome, ServerError> {
        let (mut server, _) = self.server()?;
        let mut room = [0; ROOM];
        Ok(match server.receive(response, &mut room) {
            Ok(Step::Success(_)) => Outcome::Proven,
            Ok(Step::NeedVector(wanted)) => ahead(wanted.purpose),
            Ok(_) | Err(_) => Outcome::Refused,
        })
    }
}

impl Turn {
    fn of(posed: &Posed) -> Self {
        Self {
            posed: hex::encode(&*posed.to_octets()),
            response: None,
        }
    }

    fn vector(&self) -> Option<Vector> {
        let octets = Zeroizing::new(hex::decode(&self.posed).ok()?);
        let Posed { rand, autn, keys } = Purpose::Eap.read(&octets)?;
        let PurposeKeys::Eap { xres, ck, ik } = keys else {
            return None;
        };
        Some(Vector {
            rand,
            xres,
            ck,
            ik,
            autn,
        })
    }
}

fn ahead(purpose: EapPurpose) -> Outcome {
    if let EapPurpose::Resynchronise { rand, auts } = purpose {
        Outcome::Ahead(rand, auts)
    } else {
        Outcome::Refused
    }
}

/// Octets of the longest packet of EAP-AKA without re-authentication, and more.
const ROOM: usize = 1500;

fn session_name(name: &Transaction) -> String {
    format!("ts43/{name}")
}

fn wanted(audience: Audience) -> Wanted {
    Wanted {
        audience,
        nonce: None,
        key: None,
        request_parameters: RequestParameters::default(),
    }
}
