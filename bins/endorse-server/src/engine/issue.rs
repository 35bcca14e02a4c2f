//! Tokens for SIMs that have been proven.

use aka::Imsi;
use endorse::{
    Audience, Claims, Imei, Issued, Method, Presented, Refusal, RequestParameters, Sim,
    StatusReference, UnixTime,
};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Server, ServerError, Wanted};
use crate::keys::KeyUse;
use crate::store::Secret;

/// A SIM that has been proven.
#[derive(Clone, Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "whoever has proven a SIM fills in all of it"
)]
pub struct Proof {
    /// Whose SIM.
    pub imsi: Imsi,
    /// By which means.
    pub method: Method,
    /// When.
    pub at: UnixTime,
    /// The device, as it calls itself.
    pub imei: Option<Imei>,
}

/// A token for a SIM that has been proven, and for how many seconds it lives.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Proven {
    /// The token.
    pub issued: Issued,
    /// Seconds.
    pub lifetime: u64,
    /// The name under which the SIM may ask next time, where it asked for itself.
    pub pseudonym: Option<String>,
}

impl Server {
    /// A native token. One for the server itself can be exchanged: what it stands for is kept.
    ///
    /// # Errors
    /// The store failed, or the token cannot be signed.
    pub async fn endorse(
        &self,
        proof: &Proof,
        wanted: Wanted,
        now: UnixTime,
    ) -> Result<Proven, ServerError> {
        let is_home = self.is_home(&wanted.audience);
        let mut claims = self.claims(proof, wanted)?;
        claims.status = Some(self.status().await?);
        let issued = self.sign(self.issuer(), KeyUse::Native, &claims, now)?;
        if is_home {
            let (name, until) = (home_name(&issued.token_id), issued.expires);
            self.store().keep(&name, proof.to_octets(), until).await?;
        }
        let lifetime = self.issuer().lifetime();
        Ok(Proven {
            issued,
            lifetime,
            pseudonym: None,
        })
    }

    /// A token in SORACOM's format, with what the operator lets such tokens tell.
    ///
    /// # Errors
    /// There are none, or the token cannot be signed.
    pub fn endorse_soracom(
        &self,
        proof: &Proof,
        parameters: RequestParameters,
        now: UnixTime,
    ) -> Result<Proven, ServerError> {
        let claims = self.soracom_claims(proof, parameters)?;
        let issuer = &self.soracom().issuer;
        Ok(Proven {
            issued: self.sign(issuer, KeyUse::Soracom, &claims, now)?,
            lifetime: issuer.lifetime(),
            pseudonym: None,
        })
    }

    /// The same, for a token for the server itself, which is taken once: and only if there is one
    /// for it.
    ///
    /// # Errors
    /// [`ServerError::Token`], or as above.
    pub async fn redeem(
        &self,
        presented: Presented<'_>,
        parameters: RequestParameters,
        now: UnixTime,
    ) -> Result<Proven, ServerError> {
        if !self.settings().dialects.soracom.enabled {
            return Err(ServerError::NotOffered);
        }
        let (endorsement, proof) = self.known_home(presented, now).await?;
        let parameters = if parameters.is_empty() {
            endorsement.claims.sim.request_parameters
        } else {
            parameters
        };
        let claims = self.soracom_claims(&proof, parameters.clone())?;
        let keys = self.keys().now();
        let signer = keys.signer(KeyUse::Soracom).ok_or(ServerError::NoKey)?;
        self.soracom().issuer.check(&claims, signer, now)?;
        let taken = self.take_proof_behind(&endorsement.token_id, now).await?;
        taken.ok_or(ServerError::Token(Refusal::Replayed))?;
        self.endorse_soracom(&proof, parameters, now)
    }

    fn soracom_claims(
        &self,
        proof: &Proof,
        parameters: RequestParameters,
    ) -> Result<Claims, ServerError> {
        let soracom = &self.settings().dialects.soracom;
        if !soracom.enabled {
            return Err(ServerError::NotOffered);
        }
        let (names, told) = (self.soracom(), soracom.parameters_to_endorse);
        let mut sim = Sim::default();
        if told.imsi {
            sim.imsi = Some(endorsed(&proof.imsi)?);
        }
        if told.imei {
            sim.imei.clone_from(&proof.imei);
        }
        if told.request_parameters {
            sim.request_parameters = parameters;
        }
        let claims = Claims::new(names.audience.clone(), names.subject.clone(), sim);
        Ok(claims)
    }

    /// Whether there would be such a token, wherever its place in the status lists were.
    ///
    /// # Errors
    /// It would be too long.
    pub(super) fn check(
        &self,
        proof: &Proof,
        wanted: Wanted,
        now: UnixTime,
    ) -> Result<(), ServerError> {
        let mut claims = self.claims(proof, wanted)?;
        let list = self.status_list(u32::MAX.into());
        claims.status = Some(StatusReference::new(list, super::LIST - 1));
        let keys = self.keys().now();
        let signer = keys.signer(KeyUse::Native).ok_or(ServerError::NoKey)?;
        Ok(self.issuer().check(&claims, signer, now)?)
    }

    /// The SIM's subject for an audience.
    ///
    /// # Errors
    /// The IMSI is none.
    pub fn subject(&self, proof: &Proof, audience: &Audience) -> Result<String, ServerError> {
        let imsi = endorsed(&proof.imsi)?;
        let subject = self.settings().subjects.subject(&imsi, audience);
        Ok(subject.as_str().to_owned())
    }

    /// Whether tokens are issued for an audience: one of the operator's, or the server itself.
    pub fn serves(&self, audience: &Audience) -> bool {
        self.is_home(audience) || self.settings().audiences.contains(audience)
    }

    /// Whether an audience is the server itself.
    pub fn is_home(&self, audience: &Audience) -> bool {
        audience.as_str() == self.settings().origin
    }

    /// What a token for the server itself, by this name, stands for.
    pub(super) async fn proof_behind(
        &self,
        token_id: &str,
        now: UnixTime,
    ) -> Result<Option<Proof>, ServerError> {
        let octets = self.store().find(&home_name(token_id), now).await?;
        Ok(octets.and_then(|octets| Proof::read(&octets)))
    }

    /// The same, for the last time.
    pub(super) async fn take_proof_behind(
        &self,
        token_id: &str,
        now: UnixTime,
    ) -> Result<Option<Proof>, ServerError> {
        let octets = self.store().take(&home_name(token_id), now).await?;
        Ok(octets.and_then(|octets| Proof::read(&octets)))
    }

    fn claims(&self, proof: &Proof, wanted: Wanted) -> Result<Claims, ServerError> {
        let imsi = endorsed(&proof.imsi)?;
        let subject = self.settings().subjects.subject(&imsi, &wanted.audience);
        let mut sim =
            Sim::proven_by(proof.method).with_request_parameters(wanted.request_parameters);
        sim.imei.clone_from(&proof.imei);
        if self.settings().tells_imsi {
            sim = sim.with_imsi(imsi);
        }
        let mut claims = Claims::new(wanted.audience, subject, sim);
        claims.nonce = wanted.nonce;
        claims.key = wanted.key;
        claims.auth_time = Some(proof.at);
        claims.amr = vec!["sc".to_owned()];
        Ok(claims)
    }

    async fn status(&self) -> Result<StatusReference, ServerError> {
        let place = self.places().next(self.store()).await?;
        let uri = self.status_list(place / super::LIST);
        Ok(StatusReference::new(uri, place % super::LIST))
    }
}

fn home_name(token_id: &str) -> String {
    format!("home/{token_id}")
}

fn endorsed(imsi: &Imsi) -> Result<endorse::Imsi, ServerError> {
    imsi.as_str().parse().or(Err(ServerError::Damaged))
}

#[derive(Serialize, Deserialize)]
struct Kept<'k> {
    imsi: &'k str,
    method: &'k str,
    at: u64,
    imei: Option<&'k str>,
}

impl Proof {
    /// Its octets, for a store that keeps them secret.
    pub(super) fn to_octets(&self) -> Secret {
        let kept = Kept {
            imsi: self.imsi.as_str(),
            method: self.method.name(),
            at: self.at.seconds(),
            imei: self.imei.as_ref().map(Imei::as_str),
        };
        Zeroizing::new(serde_json::to_vec(&kept).expect("texts and numbers are JSON"))
    }

    pub(super) fn read(octets: &[u8]) -> Option<Self> {
        let kept: Kept<'_> = serde_json::from_slice(octets).ok()?;
        Some(Self {
            imsi: kept.imsi.parse().ok()?,
            method: Method::from_name(kept.method)?,
            at: UnixTime::from_seconds(kept.at),
            imei: kept.imei.map(str::parse).transpose().ok()?,
        })
    }
}
