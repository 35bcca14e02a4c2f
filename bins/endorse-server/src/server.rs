//! The authentication centre, the keys and the issuer around the open challenges.

use std::sync::{PoisonError, RwLock};

use aka::{Amf, Autn, Auts, Ck, Ik, Imsi, Rand};
use auc::{Centre, CentreError, Directory};
use endorse::confirm::{AkaRun, ConfirmationKey, Transaction};
use endorse::{
    Audience, Claims, IssueError, Issued, Issuer, Method, PairwiseSubjects, Sim, UnixTime,
};
use strict_jws::{KeyRing, KeySet, SystemRandom};

use crate::{Exchange, Open, Refused, Wanted};

/// What an operator decides.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "an operator decides all of it")]
pub struct Settings {
    /// The server's origin, as devices know it: also the tokens' `iss`.
    pub origin: String,
    /// For whom tokens are issued.
    pub audiences: Vec<Audience>,
    /// Makes the tokens' subjects.
    pub subjects: PairwiseSubjects,
    /// Whether tokens tell the IMSI.
    pub tells_imsi: bool,
}

/// Proves SIMs of the directory `D`, and issues tokens.
#[derive(Debug)]
pub struct Server<D> {
    settings: Settings,
    centre: Centre<D>,
    issuer: Issuer,
    keys: RwLock<KeyRing>,
    exchange: Exchange,
}

/// A challenge for a SIM.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Challenge {
    /// Its name.
    pub transaction: Transaction,
    /// RAND.
    pub rand: Rand,
    /// AUTN.
    pub autn: Autn,
}

/// A token for a SIM that has been proven, and for how many seconds it lives.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Proven {
    /// The token.
    pub issued: Issued,
    /// Seconds.
    pub lifetime: u64,
}

/// Why there is no challenge, or no token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// Tokens are not issued for this audience.
    #[error("no tokens are issued for this audience")]
    Audience,
    /// The SIM's budget, or the server's, is spent.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The transaction is unknown, over or answered, or the answer is wrong: which of them is not told.
    #[error("the SIM has not been proven")]
    NotProven,
    /// The authentication centre failed.
    #[error("the authentication centre failed")]
    Centre(#[source] CentreError),
    /// The token could not be issued.
    #[error("the token could not be issued")]
    Issue(#[from] IssueError),
    /// The system gave no randomness.
    #[error("the system gave no randomness")]
    Randomness(#[from] getrandom::Error),
}

impl<D: Directory> Server<D> {
    /// A server that issues in its own name.
    ///
    /// # Errors
    /// The origin is no name for an issuer.
    pub fn new(
        settings: Settings,
        centre: Centre<D>,
        keys: KeyRing,
    ) -> Result<Self, endorse::InvalidName> {
        Ok(Self {
            issuer: Issuer::native(settings.origin.parse()?),
            settings,
            centre,
            keys: RwLock::new(keys),
            exchange: Exchange::default(),
        })
    }

    /// Asks a SIM. A SIM that nobody knows gets a challenge like any other, and no token.
    ///
    /// # Errors
    /// [`ServerError`]
    pub async fn challenge(
        &self,
        imsi: Imsi,
        wanted: Wanted,
        now: UnixTime,
    ) -> Result<Challenge, ServerError> {
        if !self.settings.audiences.contains(&wanted.audience) {
            return Err(ServerError::Audience);
        }
        self.exchange.spend(&imsi, now)?;
        let rand = Rand::generate(getrandom::fill)?;
        let (autn, ck, ik) = match self.centre.vector(&imsi, rand).await {
            Ok(vector) => (vector.autn, vector.ck, vector.ik),
            Err(CentreError::UnknownSubscriber) => invented()?,
            Err(error) => return Err(ServerError::Centre(error)),
        };
        let transaction = Transaction::new(random()?);
        let run = AkaRun {
            rand: rand.as_bytes(),
            autn: autn.as_bytes(),
            ck: ck.expose(),
            ik: ik.expose(),
        };
        let open = Open {
            imsi,
            rand,
            key: ConfirmationKey::derive(run, &self.settings.origin, &transaction),
            wanted,
            until: now.plus(Exchange::LIFE),
        };
        self.exchange.keep(transaction, open);
        Ok(Challenge {
            transaction,
            rand,
            autn,
        })
    }

    /// Issues the token that was asked for, if the device has confirmed that it holds CK and IK.
    ///
    /// # Errors
    /// [`ServerError::NotProven`], and there is no second answer.
    pub fn token(
        &self,
        transaction: &Transaction,
        confirm: &[u8],
        now: UnixTime,
    ) -> Result<Proven, ServerError> {
        let open = self
            .exchange
            .take(transaction, now)
            .ok_or(ServerError::NotProven)?;
        if !open.is_confirmed(&self.settings.origin, confirm) {
            return Err(ServerError::NotProven);
        }
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let random = SystemRandom::new();
        let issued = self
            .issuer
            .issue(&self.claims(open, now)?, keys.active(), now, &random)?;
        Ok(Proven {
            issued,
            lifetime: self.issuer.lifetime(),
        })
    }

    /// Follows the SIM's sequence number, and asks it again.
    ///
    /// # Errors
    /// [`ServerError::NotProven`] for an AUTS that is not the SIM's on this challenge.
    pub async fn resynchronise(
        &self,
        transaction: &Transaction,
        auts: &Auts,
        now: UnixTime,
    ) -> Result<Challenge, ServerError> {
        let open = self
            .exchange
            .take(transaction, now)
            .ok_or(ServerError::NotProven)?;
        match self
            .centre
            .resynchronise(&open.imsi, &open.rand, auts)
            .await
        {
            Ok(_) => self.challenge(open.imsi, open.wanted, now).await,
            Err(CentreError::MacFailure | CentreError::UnknownSubscriber) => {
                Err(ServerError::NotProven)
            }
            Err(error) => Err(ServerError::Centre(error)),
        }
    }

    /// The keys that verifiers must know now.
    pub fn published(&self, now: UnixTime) -> KeySet {
        self.keys
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .published(now)
    }

    /// What the operator decided.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    fn claims(&self, open: Open, now: UnixTime) -> Result<Claims, ServerError> {
        let digits = open.imsi.as_str();
        let imsi: endorse::Imsi = digits.parse().or(Err(ServerError::NotProven))?;
        let subject = self.settings.subjects.subject(&imsi, &open.wanted.audience);
        let mut sim =
            Sim::proven_by(Method::Aka).with_request_parameters(open.wanted.request_parameters);
        if self.settings.tells_imsi {
            sim = sim.with_imsi(imsi);
        }
        let mut claims = Claims::new(open.wanted.audience, subject, sim);
        claims.nonce = open.wanted.nonce;
        claims.key = open.wanted.key;
        claims.auth_time = Some(now);
        claims.amr = vec!["sc".to_owned()];
        Ok(claims)
    }
}

/// A vector of nobody: like any other to look at, its AMF included, and with keys that nobody holds.
fn invented() -> Result<(Autn, Ck, Ik), getrandom::Error> {
    let mut autn = random()?;
    for (octet, amf) in autn.iter_mut().skip(6).zip(Amf::SEPARATED.as_bytes()) {
        *octet = *amf;
    }
    Ok((Autn::new(autn), Ck::new(random()?), Ik::new(random()?)))
}

fn random() -> Result<[u8; 16], getrandom::Error> {
    let mut octets = [0; 16];
    getrandom::fill(&mut octets)?;
    Ok(octets)
}
