//! Ub: the SIM answers the BSF's challenge.

use aka::{
    Ck, Ik, Res,
    gba::{Answered, Challenged, Session, Terminal, UbError},
    http_digest::{Cnonce, Credentials},
    kdf::gba::{Ks, KsNaf, NafId, NafKey},
};
use anyhow::{Context, anyhow};
use usim::{ApplicationKind, Authentication, GbaBootstrapping, Subscriber};

use super::http::{Answer, Client, Url};
use crate::cli::Failure;

/// Who bootstraps, and with whom.
pub(super) struct Who {
    /// The private identity, or a temporary one in its place.
    pub(super) username: String,
    pub(super) impi: String,
    pub(super) bsf: String,
    /// Which application answers; `None` where the card keeps Ks.
    pub(super) application: Option<ApplicationKind>,
}

/// A bootstrapping, with Ks unless the card keeps it.
pub(super) struct Bootstrapped {
    pub(super) session: Session,
    ks: Option<Ks>,
}

pub(super) fn run(
    client: &Client,
    url: &Url,
    who: &Who,
    subscriber: &mut dyn Subscriber,
) -> Result<Bootstrapped, Failure> {
    let bsf = Bsf { client, url, who };
    let terminal = Terminal::new(&who.username, &who.bsf, url.target());
    let terminal = terminal.context("the identity or the BSF's name");
    let terminal = terminal.map_err(Failure::Usage)?;
    let asked = bsf.send(terminal.credentials())?;
    let mut challenged = terminal.challenged(challenge(&asked)?).map_err(blamed)?;
    let mut answer = who.ask(&challenged, subscriber)?;
    if let Outcome::Ahead(auts) = answer {
        let again = challenged.resynchronise(auts, cnonce()?).map_err(blamed)?;
        let asked = bsf.send(again.credentials())?;
        challenged = again.challenged(challenge(&asked)?).map_err(blamed)?;
        answer = who.ask(&challenged, subscriber)?;
    }
    match answer {
        Outcome::Ahead(_) => Err(blamed(UbError::OutOfSync)),
        Outcome::Answered(res, ks) => {
            let session = bsf.finish(challenged.answer(&res, cnonce()?))?;
            Ok(Bootstrapped { session, ks })
        }
    }
}

struct Bsf<'a> {
    client: &'a Client,
    url: &'a Url,
    who: &'a Who,
}

impl Bsf<'_> {
    fn send(&self, credentials: &Credentials) -> Result<Answer, Failure> {
        let product = match self.who.application {
            Some(_) => Terminal::SUPPORTS_TMPI,
            None => Terminal::CARD_KEEPS_KS,
        };
        let field = credentials.to_string();
        self.client.get(self.url, product, Some(&field))
    }

    fn finish(&self, answered: Answered) -> Result<Session, Failure> {
        let answer = self.send(answered.credentials())?;
        if answer.status != 200 {
            return Err(refused(&answer));
        }
        let session = answered.finish(answer.information(), &answer.body);
        session.map_err(blamed)
    }
}

/// What the SIM makes of a challenge.
enum Outcome {
    Answered(Res, Option<Ks>),
    Ahead(aka::Auts),
}

impl Who {
    fn ask(&self, asked: &Challenged, sim: &mut dyn Subscriber) -> Result<Outcome, Failure> {
        let (rand, autn) = (asked.rand(), asked.autn());
        let Some(application) = self.application else {
            return Ok(match sim.gba_bootstrap(rand, autn)? {
                GbaBootstrapping::Success(res) => Outcome::Answered(res, None),
                GbaBootstrapping::SyncFailure(auts) => Outcome::Ahead(auts),
            });
        };
        Ok(match sim.authenticate(application, rand, autn)? {
            Authentication::Success(keys) => {
                let ks = ks(&keys.ck, &keys.ik);
                Outcome::Answered(keys.res, Some(ks))
            }
            Authentication::SyncFailure(auts) => Outcome::Ahead(auts),
        })
    }
}

fn ks(ck: &Ck, ik: &Ik) -> Ks {
    Ks::new(ck, ik)
}

impl Bootstrapped {
    /// Ks_NAF, or Ks_ext_NAF of the card.
    pub(super) fn naf_key(
        &self,
        who: &Who,
        sim: &mut dyn Subscriber,
        naf: NafId<'_>,
    ) -> Result<KsNaf, Failure> {
        if let Some(ks) = &self.ks {
            return Ok(ks.naf_key(NafKey::Me, &self.session.rand, &who.impi, naf));
        }
        let key = sim.gba_naf(naf.octets().as_ref(), &who.impi)?;
        Ok(KsNaf::new(*key.expose()))
    }

    /// The temporary identity for the next time, where it can be told here.
    pub(super) fn tmpi(&self, who: &Who) -> Option<String> {
        let ks = self.ks.as_ref()?;
        let tmpi = ks.tmpi(&self.session.rand, &who.impi, &who.bsf);
        Some(tmpi.as_str().to_owned())
    }
}

pub(super) fn cnonce() -> Result<Cnonce, Failure> {
    let mut octets = [0; 16];
    let filled = getrandom::fill(&mut octets).context("the system has no random numbers");
    filled.map_err(Failure::System)?;
    Ok(Cnonce::new(octets))
}

fn challenge(answer: &Answer) -> Result<&str, Failure> {
    answer.challenge().ok_or_else(|| refused(answer))
}

fn refused(answer: &Answer) -> Failure {
    let why = match answer.status {
        400 => "it does not understand the request, or wants another --bsf URL",
        401 => "it asks again: the answer came too late",
        403 => "it does not know this SIM, or took another answer for right",
        404 => "there is no BSF",
        429 => "too many challenges are open for this SIM; try again in a minute",
        _ => "it has no answer",
    };
    Failure::System(anyhow!("the BSF says {}: {why}", answer.status))
}

fn blamed(error: UbError) -> Failure {
    Failure::System(anyhow::Error::from(error).context("the bootstrapping came to nothing"))
}
