//! The engine that all dialects stand on: SIMs are asked, and tokens are signed.

use std::sync::Arc;
use std::time::Duration;

use aka::network::Vector;
use aka::{Autn, Auts, Ck, Ik, Imsi, Rand, Res};
use endorse::{Audience, Claims, Issued, Issuer, PairwiseSubjects, UnixTime};
use strict_jws::SystemRandom;

use crate::dialects::{Dialects, SoracomNames};
use crate::keys::{KeyUse, Keys};
use crate::source::{AMF, Resync, VectorSource};
use crate::store::{Asked, Budget, Store, Whom};
use crate::{Posed, Purpose};

mod error;
mod issue;
mod keys_api;
mod lists;
mod native;
mod places;
mod proofs;
mod pseudonym;
mod tokens;
mod ts43;

pub use error::ServerError;
pub use issue::{Proof, Proven};
pub use keys_api::{OfferedKey, ProvenCall};
pub use lists::SignedList;
pub use native::{Challenge, Wanted};
pub use pseudonym::Pseudonyms;
pub use tokens::{Exchanged, Known};
pub use ts43::{Ts43Grant, Ts43Step};

pub(crate) use places::LIST;

use lists::Lists;
use places::Places;

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
    /// Makes the names under which SIMs ask again.
    pub pseudonyms: Pseudonyms,
    /// Whether tokens tell the IMSI.
    pub tells_imsi: bool,
    /// How many seconds a native token lives.
    pub lifetime: u64,
    /// How often a SIM may be asked.
    pub budget: Budget,
    /// The dialects beside our own.
    pub dialects: Dialects,
}

/// Proves SIMs, and issues tokens.
#[derive(Debug)]
pub struct Server {
    settings: Settings,
    source: Arc<dyn VectorSource>,
    store: Arc<dyn Store>,
    keys: Arc<Keys>,
    issuer: Issuer,
    soracom: SoracomNames,
    places: Places,
    lists: Lists,
}

impl Server {
    /// How many seconds a challenge lives.
    pub const LIFE: u64 = 60;
    /// For how many seconds a SIM is asked the same challenge again.
    pub const AGAIN: u64 = 30;

    /// A server that issues in its own name.
    ///
    /// # Errors
    /// The origin is no name for an issuer.
    pub fn new(
        settings: Settings,
        source: Arc<dyn VectorSource>,
        store: Arc<dyn Store>,
        keys: Keys,
    ) -> Result<Self, endorse::InvalidName> {
        let issuer = Issuer::native(settings.origin.parse()?).with_lifetime(settings.lifetime);
        Ok(Self {
            soracom: settings.dialects.soracom.names(&settings.origin)?,
            settings,
            source,
            store,
            keys: Arc::new(keys),
            issuer,
            places: Places::default(),
            lists: Lists::default(),
        })
    }

    /// Asks a SIM for one purpose: with the challenge that it has been asked already and has not
    /// answered, or with a new one. A SIM that nobody knows is asked like any other.
    ///
    /// # Errors
    /// [`ServerError::TooOften`], [`ServerError::Full`], or what failed.
    pub async fn pose(
        &self,
        imsi: &Imsi,
        purpose: Purpose,
        now: UnixTime,
    ) -> Result<Posed, ServerError> {
        let whom = Whom {
            imsi: *imsi,
            purpose,
        };
        for pause in PAUSES {
            match self.store.ask(&whom, self.settings.budget, now).await? {
                Asked::Again(octets) => return purpose.read(&octets).ok_or(ServerError::Damaged),
                Asked::Anew => return self.pose_anew(&whom, now).await,
                Asked::Soon => tokio::time::sleep(Duration::from_millis(pause)).await,
                Asked::TooOften => return Err(ServerError::TooOften),
                Asked::Full => return Err(ServerError::Full),
            }
        }
        Err(ServerError::TooOften)
    }

    async fn pose_anew(&self, whom: &Whom, now: UnixTime) -> Result<Posed, ServerError> {
        let vector = match self.vector(&whom.imsi).await {
            Ok(vector) => vector,
            Err(error) => {
                self.store.close(whom).await?;
                return Err(error);
            }
        };
        let octets = whom.purpose.of(vector).to_octets();
        let until = now.plus(Self::AGAIN);
        let counts = self.store.offer(whom, octets, until, now).await?;
        whom.purpose.read(&counts).ok_or(ServerError::Damaged)
    }

    async fn vector(&self, imsi: &Imsi) -> Result<Vector, ServerError> {
        // made for everybody, so that time tells nobody apart
        let invented = invented()?;
        Ok(self.source.vector(imsi).await?.unwrap_or(invented))
    }

    /// Takes a SIM's answer, whoever gives it: of all that are given to one challenge, under
    /// whichever names it was told, the first. The SIM is asked anew next time.
    ///
    /// # Errors
    /// [`ServerError::NotProven`] for any other, or the store failed.
    pub(crate) async fn hear(
        &self,
        imsi: &Imsi,
        purpose: Purpose,
        rand: &Rand,
        now: UnixTime,
    ) -> Result<(), ServerError> {
        // in this order: a challenge that was answered must not be told again
        self.settle(imsi, purpose).await?;
        let until = now.plus(Self::AGAIN + Self::LIFE + tokens::LEEWAY);
        let is_first = self.store.answer_once(rand, until, now).await?;
        is_first.then_some(()).ok_or(ServerError::NotProven)
    }

    /// A SIM has answered: it will be asked anew.
    ///
    /// # Errors
    /// The store failed.
    pub async fn settle(&self, imsi: &Imsi, purpose: Purpose) -> Result<(), ServerError> {
        let imsi = *imsi;
        Ok(self.store.close(&Whom { imsi, purpose }).await?)
    }

    /// Follows the SIM's sequence number, after which it is to be asked anew.
    ///
    /// # Errors
    /// [`ServerError::NotProven`] for an AUTS that is not the SIM's on this challenge.
    pub async fn follow(
        &self,
        imsi: &Imsi,
        purpose: Purpose,
        rand: &Rand,
        auts: &Auts,
    ) -> Result<(), ServerError> {
        match self.source.resynchronise(imsi, rand, auts).await? {
            Resync::Followed => self.settle(imsi, purpose).await,
            Resync::Refused => Err(ServerError::NotProven),
        }
    }

    /// A token of `issuer` with these claims.
    ///
    /// # Errors
    /// There is no key for this use, or the claims are outside the issuer's profile.
    pub fn sign(
        &self,
        issuer: &Issuer,
        key_use: KeyUse,
        claims: &Claims,
        now: UnixTime,
    ) -> Result<Issued, ServerError> {
        let keys = self.keys.now();
        let signer = keys.signer(key_use).ok_or(ServerError::NoKey)?;
        Ok(issuer.issue(claims, signer, now, &SystemRandom::new())?)
    }

    /// Reads the keys from the store again.
    ///
    /// # Errors
    /// The store failed, or a key in it cannot be used; the keys then stay as they were.
    pub async fn refresh_keys(&self, now: UnixTime) -> Result<(), crate::keys::KeysError> {
        self.keys.refresh(&*self.store, now).await
    }

    /// The keys.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The store that all instances share.
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// Who issues native tokens.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// What the operator decided.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Where the status list of this number is.
    pub(crate) fn status_list(&self, number: u64) -> String {
        format!("{}/status-lists/{number}", self.settings.origin)
    }

    fn shared_keys(&self) -> &Arc<Keys> {
        &self.keys
    }

    fn soracom(&self) -> &SoracomNames {
        &self.soracom
    }

    fn places(&self) -> &Places {
        &self.places
    }
}

/// Milliseconds to wait, one after the other, while somebody else makes the SIM's challenge.
const PAUSES: [u64; 10] = [2, 5, 10, 20, 50, 100, 200, 500, 1000, 1000];

/// A vector of nobody: like any other to look at, its AMF included, and with keys that nobody holds.
fn invented() -> Result<Vector, getrandom::Error> {
    let mut autn = random()?;
    for (octet, amf) in autn.iter_mut().skip(6).zip(AMF.as_bytes()) {
        *octet = *amf;
    }
    Ok(Vector {
        rand: Rand::generate(getrandom::fill)?,
        xres: Res::from_f2(random()?),
        ck: Ck::new(random()?),
        ik: Ik::new(random()?),
        autn: Autn::new(autn),
    })
}

fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut octets = [0; N];
    getrandom::fill(&mut octets)?;
    Ok(octets)
}
