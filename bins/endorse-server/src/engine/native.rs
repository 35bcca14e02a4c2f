//! The native exchange: a challenge, and a token for whoever confirms that it holds CK and IK.

use std::collections::BTreeMap;

use aka::{Autn, Auts, Imsi, Rand};
use endorse::confirm::{ConfirmationSecret, Transaction, Transcript};
use endorse::{Audience, Imei, Method, RequestParameters, UnixTime};
use serde::{Deserialize, Serialize};
use strict_jws::Thumbprint;
use zeroize::Zeroizing;

use super::{Proof, Proven, Server, ServerError, random};
use crate::store::Secret;
use crate::{Posed, Purpose, PurposeKeys};

/// What the device asks to have in its token.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "whoever asks fills in all of it")]
pub struct Wanted {
    /// For whom the token is to be.
    pub audience: Audience,
    /// What the audience gave the device.
    pub nonce: Option<String>,
    /// The key that the token is to be bound to.
    pub key: Option<Thumbprint>,
    /// Names and values.
    pub request_parameters: RequestParameters,
}

impl Wanted {
    /// The device, as it calls itself in the request parameter `imei`: its own word, which the
    /// confirmation has kept from being changed on its way.
    pub fn imei(&self) -> Option<Imei> {
        self.request_parameters.get("imei")?.parse().ok()
    }

    /// What the device has proven with the right answer.
    fn proof(&self, imsi: Imsi, at: UnixTime) -> Proof {
        Proof {
            imsi,
            method: Method::Aka,
            at,
            imei: self.imei(),
        }
    }
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

/// A challenge that waits for its answer.
struct Open {
    imsi: Imsi,
    rand: Rand,
    secret: ConfirmationSecret,
    wanted: Wanted,
}

impl Server {
    /// Asks a SIM. Several transactions may be about one challenge, which has one answer all the
    /// same.
    ///
    /// # Errors
    /// [`ServerError`]
    pub async fn challenge(
        &self,
        imsi: Imsi,
        wanted: Wanted,
        now: UnixTime,
    ) -> Result<Challenge, ServerError> {
        if !self.serves(&wanted.audience) {
            return Err(ServerError::Audience);
        }
        // before the SIM does anything for it
        self.check(&wanted.proof(imsi, now), wanted.clone(), now)?;
        let Posed { rand, autn, keys } = self.pose(&imsi, Purpose::Confirmation, now).await?;
        let PurposeKeys::Confirmation(secret) = keys else {
            return Err(ServerError::Damaged);
        };
        let transaction = Transaction::new(random()?);
        let open = Open {
            imsi,
            rand,
            secret,
            wanted,
        };
        let (name, until) = (name(&transaction), now.plus(Self::LIFE));
        self.store().keep(&name, open.to_octets(), until).await?;
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
    pub async fn token(
        &self,
        transaction: &Transaction,
        confirm: &[u8],
        now: UnixTime,
    ) -> Result<Proven, ServerError> {
        let open = self.open(transaction, now).await?;
        self.hear(&open.imsi, Purpose::Confirmation, &open.rand, now)
            .await?;
        if !open.is_confirmed(&self.settings().origin, transaction, confirm) {
            return Err(ServerError::NotProven);
        }
        let proof = open.wanted.proof(open.imsi, now);
        let pseudonym = self.settings().pseudonyms.make(&open.imsi)?;
        let proven = self.endorse(&proof, open.wanted, now).await?;
        Ok(Proven {
            pseudonym: Some(pseudonym),
            ..proven
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
        let open = self.open(transaction, now).await?;
        self.follow(&open.imsi, Purpose::Confirmation, &open.rand, auts)
            .await?;
        self.challenge(open.imsi, open.wanted, now).await
    }

    async fn open(&self, transaction: &Transaction, now: UnixTime) -> Result<Open, ServerError> {
        let taken = self.store().take(&name(transaction), now).await?;
        let octets = taken.ok_or(ServerError::NotProven)?;
        Open::read(&octets).ok_or(ServerError::Damaged)
    }
}

fn name(transaction: &Transaction) -> String {
    format!("native/{transaction}")
}

impl Open {
    /// Whether `confirm` is the answer of whoever holds CK and IK, to an issuer at `origin`.
    fn is_confirmed(&self, origin: &str, transaction: &Transaction, confirm: &[u8]) -> bool {
        let transcript = Transcript {
            origin,
            nonce: self.wanted.nonce.as_deref(),
            audience: self.wanted.audience.as_str(),
            request_parameters: &self.wanted.request_parameters,
            key: self.wanted.key.as_ref(),
        };
        let key = self.secret.key(origin, transaction);
        key.verifies(&transcript, confirm)
    }

    /// Secret and RAND, then the rest as JSON.
    fn to_octets(&self) -> Secret {
        let rest = Rest {
            imsi: self.imsi.as_str().into(),
            audience: self.wanted.audience.as_str().into(),
            nonce: self.wanted.nonce.clone(),
            key: self.wanted.key.as_ref().map(ToString::to_string),
            parameters: self
                .wanted
                .request_parameters
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        };
        let rest = serde_json::to_vec(&rest).expect("texts are JSON");
        Zeroizing::new([&self.secret.expose()[..], self.rand.as_bytes(), &rest].concat())
    }

    fn read(octets: &[u8]) -> Option<Self> {
        let (secret, octets) = octets.split_first_chunk()?;
        let (rand, octets) = octets.split_first_chunk()?;
        let rest: Rest = serde_json::from_slice(octets).ok()?;
        let key = rest.key.map(|key| key.parse()).transpose().ok()?;
        Some(Self {
            imsi: rest.imsi.parse().ok()?,
            rand: Rand::new(*rand),
            secret: ConfirmationSecret::from_octets(*secret),
            wanted: Wanted {
                audience: rest.audience.parse().ok()?,
                nonce: rest.nonce,
                key,
                request_parameters: RequestParameters::collect(rest.parameters).ok()?,
            },
        })
    }
}

#[derive(Serialize, Deserialize)]
struct Rest {
    imsi: String,
    audience: String,
    nonce: Option<String>,
    key: Option<String>,
    parameters: BTreeMap<String, String>,
}
