//! The server's own tokens, when they come back to it.

use std::fmt;
use std::sync::Arc;

use endorse::dpop::ProofCheck;
use endorse::{Audience, Binding, Endorsement, Presented, Refusal, UnixTime, Verifier};
use strict_jws::base64;
use strict_jws::json::{Bounds, Document};

use super::proofs::ProofNames;
use super::{LIST, Proof, Proven, Server, ServerError, Wanted};
use crate::store::Revocation;

/// A token of ours that is good.
#[derive(Clone)]
#[non_exhaustive]
pub struct Known {
    /// What it says, word for word.
    pub payload: Vec<u8>,
    /// The same, understood.
    pub endorsement: Endorsement,
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Known")
            .field("endorsement", &self.endorsement)
            .finish_non_exhaustive()
    }
}

/// A token that was exchanged for another.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Exchanged {
    /// The new one.
    pub proven: Proven,
    /// Whether both are bound to a key.
    pub is_bound: bool,
}

/// Seconds by which the clocks of instances may differ.
pub(super) const LEEWAY: u64 = 5;

impl Server {
    /// A token for one of the operator's audiences, for one for the server itself (RFC 8693). It is
    /// bound to the same key, and says the same of the SIM.
    ///
    /// # Errors
    /// [`ServerError::Token`] and [`ServerError::Audience`].
    pub async fn exchange(
        &self,
        presented: Presented<'_>,
        audience: Audience,
        now: UnixTime,
    ) -> Result<Exchanged, ServerError> {
        if !self.settings().audiences.contains(&audience) || self.is_home(&audience) {
            return Err(ServerError::Audience);
        }
        let (endorsement, proof) = self.known_home(presented, now).await?;
        let key = endorsement.claims.key;
        let wanted = Wanted {
            audience,
            nonce: None,
            key,
            request_parameters: endorsement.claims.sim.request_parameters,
        };
        Ok(Exchanged {
            proven: self.endorse(&proof, wanted, now).await?,
            is_bound: key.is_some(),
        })
    }

    /// What a token of ours says, if it is good; whoever asks checks proofs of its key.
    ///
    /// # Errors
    /// The store failed.
    pub async fn inspect(&self, token: &str, now: UnixTime) -> Result<Option<Known>, ServerError> {
        let known = self.known(token, LEEWAY, now);
        let Some(known) = known.filter(|known| now < known.endorsement.expires) else {
            return Ok(None);
        };
        let name = &known.endorsement.token_id;
        let is_revoked = self.store().is_revoked(name).await?;
        Ok((!is_revoked).then_some(known))
    }

    /// Revokes a token of ours; any other is none that could be revoked. It stays revoked for as
    /// long as the most patient verifier takes it.
    ///
    /// # Errors
    /// The store failed.
    pub async fn revoke(&self, token: &str, now: UnixTime) -> Result<(), ServerError> {
        let known = self.known(token, Verifier::MAX_LEEWAY, now);
        let Some(Known { endorsement, .. }) = known else {
            return Ok(());
        };
        let status = endorsement.claims.status.as_ref();
        let revocation = Revocation {
            index: status.and_then(|status| {
                let number = status.uri.rsplit('/').next()?.parse::<u64>().ok()?;
                Some(number * LIST + status.index)
            }),
            token_id: endorsement.token_id,
            until: endorsement.expires.plus(Verifier::MAX_LEEWAY),
        };
        self.store().revoke(revocation).await?;
        self.lists.forget().await;
        Ok(())
    }

    /// A token for the server itself, and what it stands for.
    pub(super) async fn known_home(
        &self,
        presented: Presented<'_>,
        now: UnixTime,
    ) -> Result<(Endorsement, Proof), ServerError> {
        let endorsement = self.verify_home(presented, now).await?;
        let found = self.proof_behind(&endorsement.token_id, now).await?;
        let proof = found.ok_or(ServerError::Token(Refusal::Replayed))?;
        Ok((endorsement, proof))
    }

    async fn verify_home(
        &self,
        presented: Presented<'_>,
        now: UnixTime,
    ) -> Result<Endorsement, ServerError> {
        let home: Audience = self
            .settings()
            .origin
            .parse()
            .or(Err(ServerError::Damaged))?;
        let names = Arc::new(ProofNames::default());
        let proofs = ProofCheck::new().once(names.clone());
        let verifier = self
            .verifier(home)
            .with_leeway(LEEWAY)
            .with_binding(Binding::AsIssued, proofs);
        let endorsement = verifier
            .verify(presented, now)
            .map_err(ServerError::Token)?;
        names.use_up(self.store(), now).await?;
        if self.store().is_revoked(&endorsement.token_id).await? {
            return Err(ServerError::Token(Refusal::Revoked));
        }
        Ok(endorsement)
    }

    fn known(&self, token: &str, leeway: u64, now: UnixTime) -> Option<Known> {
        let payload = token.split('.').nth(1)?;
        let payload = base64::decode(payload.as_bytes()).ok()?;
        // Nothing is believed here: it only says which verifier to ask.
        let audience = Document::parse(&payload, Bounds::PAYLOAD).ok()?;
        let audience: Audience = audience.root().member("aud")?.string()?.parse().ok()?;
        let native = || {
            let unproven = ProofCheck::new();
            let verifier = self.verifier(audience.clone()).with_leeway(leeway);
            let verifier = verifier.with_binding(Binding::DangerUnchecked, unproven);
            verifier.verify(token, now).ok()
        };
        let soracom = || {
            let verifier = self.soracom_verifier(audience.clone())?.with_leeway(leeway);
            verifier.verify(token, now).ok()
        };
        let endorsement = native().or_else(soracom)?;
        Some(Known {
            payload,
            endorsement,
        })
    }

    fn verifier(&self, audience: Audience) -> Verifier {
        let keys = Arc::clone(self.shared_keys());
        Verifier::native(self.issuer().id().clone(), audience, keys)
            .with_max_lifetime(self.issuer().lifetime())
    }

    fn soracom_verifier(&self, audience: Audience) -> Option<Verifier> {
        if !self.settings().dialects.soracom.enabled {
            return None;
        }
        let (names, keys) = (self.soracom(), Arc::clone(self.shared_keys()));
        let (issuer, subject) = (names.issuer.id().clone(), names.subject.clone());
        let verifier = Verifier::soracom(issuer, audience, subject, keys);
        Some(verifier.with_max_lifetime(names.issuer.lifetime()))
    }
}
