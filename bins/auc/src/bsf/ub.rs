//! Ub: a request of a terminal, and what becomes of it (TS 24.109 §4).

use aka::{
    Amf, Autn, Ck, Ik, Imsi, Mac, Rand, Res,
    gba::{BootstrappingInfo, Terminal, UnixTime},
    http_digest::{
        AkaNonce, Algorithm, Challenge, Credentials, InvalidField, Password, Qop, Quoted, Sent,
    },
    kdf::gba::{Ks, Tmpi, uicc_autn},
    network::Vector,
};

use super::{
    Bsf, KsOnCard,
    identity::Impi,
    state::{After, Keeper, Open, Session, TooMany, Whom},
};
use crate::{CentreError, Directory, Use};

/// What a terminal sent.
#[derive(Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "the parts of a request")]
pub struct Request<'a> {
    /// The field `Authorization`.
    pub authorization: &'a str,
    /// The field `User-Agent`.
    pub user_agent: &'a str,
    /// The method.
    pub method: &'a str,
    /// The target, as the request line has it.
    pub target: &'a str,
    /// The field `Host`.
    pub host: &'a str,
    /// The body.
    pub body: &'a [u8],
}

impl std::fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request").finish_non_exhaustive()
    }
}

/// What goes back to a terminal.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Answer {
    /// 401, with `WWW-Authenticate`.
    Challenge(Challenge),
    /// 200, with `Authentication-Info` and a body.
    Bootstrapped {
        /// The field.
        information: String,
        /// The body, [`BootstrappingInfo`].
        body: String,
    },
}

/// Why a terminal gets nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The field is not what it should be.
    #[error(transparent)]
    Field(#[from] InvalidField),
    /// The answer is to somebody else's challenge, or of another kind.
    #[error("the answer is not to this challenge")]
    Foreign,
    /// The credentials are for something else than what was asked.
    #[error("the credentials are for another target")]
    Target,
    /// Nobody has this identity.
    #[error("unknown identity")]
    UnknownIdentity,
    /// Too many challenges are open.
    #[error("too many open challenges")]
    TooMany,
    /// The digest is wrong: not the SIM that was asked.
    #[error("the digest is wrong")]
    Digest,
    /// The card is ahead again, right after it was followed.
    #[error("the card is ahead again")]
    OutOfSync,
    /// The system has no randomness to give.
    #[error("the system has no random numbers")]
    Randomness(#[from] getrandom::Error),
    /// The centre refused, or failed; AUTS of another challenge or card is `MacFailure` here.
    #[error(transparent)]
    Centre(#[from] CentreError),
}

impl From<TooMany> for Refusal {
    fn from(TooMany: TooMany) -> Self {
        Self::TooMany
    }
}

impl<D: Directory> Bsf<D> {
    /// Answers a request.
    ///
    /// # Errors
    /// [`Refusal`]. A challenge that was answered wrongly is gone.
    pub async fn ub(&self, request: Request<'_>, now: UnixTime) -> Result<Answer, Refusal> {
        let credentials: Credentials = request.authorization.parse()?;
        let username = credentials.username.as_str();
        let impi = self
            .identify(username, now)
            .ok_or(Refusal::UnknownIdentity)?;
        let ask = Ask {
            username: credentials.username.clone(),
            impi,
            keys: self.keeper(request.user_agent),
            after: After::Nothing,
        };
        if credentials.protection.is_none() {
            return self.challenge(ask, Freshness::First, now).await;
        }
        let taken = self.state().take(&credentials.nonce, now);
        match taken {
            Some(open) => self.answer(&request, &credentials, open, now).await,
            None => self.challenge(ask, Freshness::Stale, now).await,
        }
    }

    fn identify(&self, username: &str, now: UnixTime) -> Option<Impi> {
        if Tmpi::is_one(username) {
            return self.state().behind(username, now);
        }
        Impi::parse(username)
    }

    fn keeper(&self, user_agent: &str) -> Keeper {
        let says = |product: &str| {
            let mut words = user_agent.split([' ', ';', ',']);
            words.any(|word| word == product)
        };
        match self.settings.ks_on_card {
            KsOnCard::Always => Keeper::Card,
            KsOnCard::Asked if says(Terminal::CARD_KEEPS_KS) => Keeper::Card,
            KsOnCard::Asked | KsOnCard::Never => Keeper::Terminal,
        }
    }

    async fn challenge(
        &self,
        ask: Ask,
        freshness: Freshness,
        now: UnixTime,
    ) -> Result<Answer, Refusal> {
        let (whom, vector) = self.vector(&ask.impi.imsi, now).await?;
        let autn = match ask.keys {
            Keeper::Terminal => vector.autn,
            Keeper::Card => uicc_autn(&vector.autn, &vector.ik),
        };
        let nonce = AkaNonce::new(vector.rand, autn, Vec::new()).text();
        let open = Open {
            username: ask.username,
            impi: ask.impi,
            vector,
            keys: ask.keys,
            after: ask.after,
        };
        self.state().open(whom, (nonce.clone(), open), now)?;
        let realm = self.settings.name.clone();
        let mut challenge = Challenge::new(realm, nonce, Algorithm::AkaV1Md5, Qop::AuthInt);
        challenge.stale = freshness == Freshness::Stale;
        Ok(Answer::Challenge(challenge))
    }

    /// A vector, and room for its challenge. For an IMSI that nobody has it is one that nobody can
    /// answer.
    async fn vector(&self, imsi: &Imsi, now: UnixTime) -> Result<(Whom, Vector), Refusal> {
        let rand = Rand::generate(getrandom::fill)?;
        self.state().reserve(Whom::Subscriber, (rand, *imsi), now)?;
        let vector = self.centre.vector_for(imsi, rand, OURS).await;
        if matches!(vector, Err(CentreError::UnknownSubscriber)) {
            let mut state = self.state();
            state.release(&rand, now);
            state.reserve(Whom::Nobody, (rand, *imsi), now)?;
            return Ok((Whom::Nobody, unanswerable(rand)?));
        }
        Ok((Whom::Subscriber, vector?))
    }

    async fn answer(
        &self,
        request: &Request<'_>,
        credentials: &Credentials,
        open: Open,
        now: UnixTime,
    ) -> Result<Answer, Refusal> {
        self.check_form(request, credentials, &open)?;
        let sent = Sent {
            method: request.method,
            body: request.body,
        };
        if credentials.auts.is_some() {
            return self.follow(credentials, sent, open, now).await;
        }
        let password = Password::of_res(open.xres());
        if !credentials.verify(&password, sent) {
            return Err(Refusal::Digest);
        }
        self.state().release(&open.vector.rand, now);
        let body = self.agree(open, now).to_string();
        let information = credentials.information(&password, body.as_bytes());
        let information = information.ok_or(Refusal::Foreign)?.to_string();
        Ok(Answer::Bootstrapped { information, body })
    }

    fn check_form(
        &self,
        request: &Request<'_>,
        credentials: &Credentials,
        open: &Open,
    ) -> Result<(), Refusal> {
        let protection = credentials.protection.as_ref();
        let over_body = protection.is_some_and(|it| it.qop() == Qop::AuthInt && it.count() == 1);
        let is_ours = credentials.username == open.username
            && credentials.realm == self.settings.name
            && credentials.algorithm == Some(Algorithm::AkaV1Md5);
        if !(over_body && is_ours) {
            return Err(Refusal::Foreign);
        }
        let target = self.settings.uri.of(request.target, request.host);
        if target.is_named_by(credentials) {
            Ok(())
        } else {
            Err(Refusal::Target)
        }
    }

    /// Follows a card that is ahead, once, and asks it again (§4.5).
    async fn follow(
        &self,
        credentials: &Credentials,
        sent: Sent<'_>,
        open: Open,
        now: UnixTime,
    ) -> Result<Answer, Refusal> {
        if !credentials.verify(&Password::empty(), sent) {
            return Err(Refusal::Digest);
        }
        let auts = open.follows(credentials.auts).ok_or(Refusal::OutOfSync)?;
        let (imsi, rand) = (&open.impi.imsi, &open.vector.rand);
        self.centre.resynchronise(imsi, rand, &auts).await?;
        self.state().release(rand, now);
        let again = Ask {
            username: open.username,
            impi: open.impi,
            keys: open.keys,
            after: After::Resynchronisation,
        };
        self.challenge(again, Freshness::First, now).await
    }

    fn agree(&self, open: Open, now: UnixTime) -> BootstrappingInfo {
        let (rand, until) = (open.vector.rand, now.after(self.settings.lifetime));
        let btid = format!("{}@{}", base64_of(&rand), self.settings.name.as_str());
        let ks = Ks::new(&open.vector.ck, &open.vector.ik);
        let tmpi = ks.tmpi(&rand, &open.impi.text, self.settings.name.as_str());
        let info = BootstrappingInfo::new(&btid, until);
        let session = Session {
            impi: open.impi,
            rand,
            ks,
            keys: open.keys,
            bootstrapped: now,
            until,
        };
        self.state().agree(btid, tmpi, session);
        info
    }
}

/// Who is asked, and how.
struct Ask {
    username: Quoted,
    impi: Impi,
    keys: Keeper,
    after: After,
}

/// Whether a challenge takes the place of one that is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Freshness {
    First,
    Stale,
}

/// What all challenges carry: a subscriber's own would tell them from strangers, and without the
/// separation bit no terminal takes one from LTE or 5G (TS 33.102 Annex H, TS 33.401 §6.1.1), where
/// whoever relays it to a phone could read RES.
const AMF: Amf = Amf::ZERO;

const OURS: Use = Use::new().with_amf(AMF);

/// What looks like a vector and is of no key.
fn unanswerable(rand: Rand) -> Result<Vector, getrandom::Error> {
    let (mut sqn, [mut mac, mut res], [mut ck, mut ik]) = ([0; 6], [[0; 8]; 2], [[0; 16]; 2]);
    for octets in [&mut sqn[..], &mut mac, &mut res, &mut ck, &mut ik] {
        getrandom::fill(octets)?;
    }
    Ok(Vector {
        rand,
        xres: Res::from_f2(res),
        ck: Ck::new(ck),
        ik: Ik::new(ik),
        autn: Autn::from_parts(sqn, AMF, Mac::new(mac)),
    })
}

fn base64_of(rand: &Rand) -> String {
    aka::http_digest::base64(rand.as_bytes())
}
