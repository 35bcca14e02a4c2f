//! Verifying tokens.

use std::sync::Arc;

use strict_jws::json::{Bounds, Document};
use strict_jws::{UnixTime, Unverified};

use crate::claims::read;
use crate::dpop::ProofCheck;
use crate::keys::KeySource;
use crate::profile::Profile;
use crate::single_use::{SingleUse, Use};
use crate::{Audience, Endorsement, IssuerId, Policy, Presented, Refusal, Subject};

/// Verifies the tokens of one issuer for one audience, by the issuer's keys: without all three there is
/// no verifier.
///
/// ```
/// use endorse::{Verifier, keys::{Cached, JwksFile}};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let jwks = folder.path().join("jwks.json");
/// # std::fs::write(&jwks, r#"{"keys":[]}"#)?;
/// let verifier = Verifier::native(
///     "https://endorse.example".parse()?,
///     "https://api.example".parse()?,
///     Cached::new(JwksFile::new(jwks)),
/// );
///
/// let now = std::time::SystemTime::now().into();
/// match verifier.verify("eyJ...", now) {
///     Ok(endorsement) => println!("{:?}", endorsement.sim().imsi),
///     Err(refusal) => println!("refused: {refusal}"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Verifier {
    issuer: IssuerId,
    audience: Audience,
    keys: Arc<dyn KeySource>,
    profile: Profile,
    max_lifetime: u64,
    leeway: u64,
    binding: Binding,
    proofs: ProofCheck,
    policies: Vec<Box<dyn Policy>>,
    once: Option<Arc<dyn SingleUse>>,
}

/// Which tokens must be bound to a key of the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Binding {
    /// A token that is bound needs its proof; one that is not needs none.
    AsIssued,
    /// Every token must be bound.
    Required,
    /// Nobody here looks at proofs: for an issuer that tells others what a token says, who must.
    DangerUnchecked,
}

impl Verifier {
    /// The most by which a verifier lets clocks differ, in seconds: a token is of no use to anybody
    /// so long after it has expired.
    pub const MAX_LEEWAY: u64 = 60;

    /// Verifies native tokens that live for at most 300 seconds.
    pub fn native(issuer: IssuerId, audience: Audience, keys: impl KeySource + 'static) -> Self {
        Self::new(issuer, audience, Arc::new(keys), Profile::Native)
    }

    /// Verifies tokens in SORACOM Endorse's format, all of them about `subject`, that live for at
    /// most 600 seconds.
    pub fn soracom(
        issuer: IssuerId,
        audience: Audience,
        subject: Subject,
        keys: impl KeySource + 'static,
    ) -> Self {
        Self::new(
            issuer,
            audience,
            Arc::new(keys),
            Profile::Soracom { subject },
        )
    }

    fn new(
        issuer: IssuerId,
        audience: Audience,
        keys: Arc<dyn KeySource>,
        profile: Profile,
    ) -> Self {
        Self {
            issuer,
            audience,
            keys,
            max_lifetime: profile.lifetime(),
            profile,
            leeway: 5,
            binding: Binding::AsIssued,
            proofs: ProofCheck::new(),
            policies: Vec::new(),
            once: None,
        }
    }

    /// Takes tokens that live for at most as many seconds.
    #[must_use]
    pub fn with_max_lifetime(mut self, seconds: u64) -> Self {
        self.max_lifetime = seconds;
        self
    }

    /// Lets clocks differ by as many seconds, [`Verifier::MAX_LEEWAY`] at most; 5 unless it is said.
    #[must_use]
    pub fn with_leeway(mut self, seconds: u64) -> Self {
        self.leeway = seconds.min(Self::MAX_LEEWAY);
        self
    }

    /// Demands of each token what `policy` demands.
    #[must_use]
    pub fn with_policy(mut self, policy: impl Policy + 'static) -> Self {
        self.policies.push(Box::new(policy));
        self
    }

    /// Takes each token once. That is decided last: a token that something else refuses stays unused.
    #[must_use]
    pub fn with_single_use(mut self, store: Arc<dyn SingleUse>) -> Self {
        self.once = Some(store);
        self
    }

    /// Says which tokens must be bound to a key, and how its proofs are checked.
    #[must_use]
    pub fn with_binding(mut self, binding: Binding, proofs: ProofCheck) -> Self {
        self.binding = binding;
        self.proofs = proofs;
        self
    }

    /// Verifies what is presented, with the keys that are there. It does no I/O.
    ///
    /// # Errors
    /// [`Refusal`]
    pub fn verify<'t>(
        &self,
        presented: impl Into<Presented<'t>>,
        now: UnixTime,
    ) -> Result<Endorsement, Refusal> {
        let presented = presented.into();
        let payload = self.verified_payload(presented.token)?;
        let document = Document::parse(&payload, Bounds::PAYLOAD).map_err(Refusal::PayloadJson)?;
        let addresses = read::addresses(document.root())?;
        if addresses.issuer != self.issuer.as_str() {
            return Err(Refusal::WrongIssuer);
        }
        if addresses.audience != self.audience.as_str() {
            return Err(Refusal::WrongAudience);
        }
        let sim = self.profile.sim_claim();
        let endorsement = read::endorsement(document.root(), self.audience.clone(), sim)?;
        self.check_times(&endorsement, addresses.not_before, now)?;
        self.profile.check_claims(&endorsement.claims)?;
        self.check_demands(&endorsement, &presented, now)?;
        Ok(endorsement)
    }

    /// Verifies what is presented, and fetches keys first where they are due or the token names one
    /// that is not there. It may block for as long as its source of keys takes; while it does, others
    /// verify with the keys that are there.
    ///
    /// # Errors
    /// [`Refusal`]; that fetching keys failed shows as an unknown key.
    pub fn verify_refreshing<'t>(
        &self,
        presented: impl Into<Presented<'t>>,
        now: UnixTime,
    ) -> Result<Endorsement, Refusal> {
        let presented = presented.into();
        if !self.keys.is_due(now) && !self.keys.is_aging(now) {
            match self.verify(presented, now) {
                Err(refusal) if refusal.is_unknown_key() => {}
                answer => return answer,
            }
        }
        // Whatever comes of it: the keys that are there decide.
        drop(self.refresh(presented.token, now));
        self.verify(presented, now)
    }

    /// Fetches keys where they are due, or where the key that `token` names is not there.
    ///
    /// # Errors
    /// [`KeySourceError`](crate::keys::KeySourceError)
    pub fn refresh(&self, token: &[u8], now: UnixTime) -> Result<(), crate::keys::KeySourceError> {
        let unverified = Unverified::parse(token, &self.profile.policy()).ok();
        let wanted = unverified.as_ref().map(|token| token.header().key_id());
        self.keys.refresh(wanted, now)
    }

    /// Whether [`Verifier::refresh`] must come before any token is verified.
    pub fn is_refresh_due(&self, now: UnixTime) -> bool {
        self.keys.is_due(now)
    }

    /// Whether somebody should call [`Verifier::refresh`], beside whatever is verified meanwhile.
    pub fn is_refresh_wanted(&self, now: UnixTime) -> bool {
        self.keys.is_aging(now)
    }

    /// For whom the tokens are.
    pub fn audience(&self) -> &Audience {
        &self.audience
    }

    fn verified_payload(&self, token: &[u8]) -> Result<Vec<u8>, Refusal> {
        let unverified = Unverified::parse(token, &self.profile.policy())?;
        self.profile.check_header(unverified.header())?;
        let key = self.keys.find(unverified.header().key_id());
        let key = key.ok_or(strict_jws::Refusal::UnknownKey)?;
        Ok(unverified.verify(&key)?.into_payload())
    }

    fn check_times(
        &self,
        endorsement: &Endorsement,
        not_before: Option<UnixTime>,
        now: UnixTime,
    ) -> Result<(), Refusal> {
        let (issued, expires) = (endorsement.issued, endorsement.expires);
        if issued > expires {
            return Err(Refusal::ExpiresBeforeIssued);
        }
        if expires.seconds() - issued.seconds() > self.max_lifetime {
            let max = self.max_lifetime;
            return Err(Refusal::LivesTooLong { max });
        }
        if expires.plus(self.leeway) <= now {
            return Err(Refusal::Expired);
        }
        if issued > now.plus(self.leeway) {
            return Err(Refusal::IssuedInFuture);
        }
        if not_before.is_some_and(|not_before| not_before > now.plus(self.leeway)) {
            return Err(Refusal::NotYetValid);
        }
        Ok(())
    }

    fn check_demands(
        &self,
        endorsement: &Endorsement,
        presented: &Presented<'_>,
        now: UnixTime,
    ) -> Result<(), Refusal> {
        if presented.nonce.is_some() && presented.nonce != endorsement.claims.nonce.as_deref() {
            return Err(Refusal::Nonce);
        }
        self.policies
            .iter()
            .try_for_each(|policy| policy.check(endorsement, now))?;
        self.check_binding(endorsement, presented, now)?;
        self.check_first_use(endorsement, now)
    }

    fn check_binding(
        &self,
        endorsement: &Endorsement,
        presented: &Presented<'_>,
        now: UnixTime,
    ) -> Result<(), Refusal> {
        match (&endorsement.claims.key, presented.proof) {
            _ if self.binding == Binding::DangerUnchecked => Ok(()),
            (Some(key), Some(proof)) => self
                .proofs
                .check(proof, presented.token, key, now)
                .map_err(Refusal::Proof),
            (Some(_), None) => Err(Refusal::ProofMissing),
            (None, _) if self.binding == Binding::Required => Err(Refusal::NotBound),
            (None, _) => Ok(()),
        }
    }

    fn check_first_use(&self, endorsement: &Endorsement, now: UnixTime) -> Result<(), Refusal> {
        let Some(store) = &self.once else {
            return Ok(());
        };
        let name = format!("jti {} {}", endorsement.token_id, self.issuer);
        match store.use_once(&name, endorsement.expires.plus(self.leeway), now) {
            Ok(Use::First) => Ok(()),
            Ok(Use::Repeated) => Err(Refusal::Replayed),
            Err(_) => Err(Refusal::StoreFails),
        }
    }
}
