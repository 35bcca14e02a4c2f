//! What a token says.

use strict_jws::{Thumbprint, UnixTime};

use crate::{Audience, Sim, Subject};

pub(crate) mod read;
pub(crate) mod write;

/// What someone has verified, to be put into a token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claims {
    /// For whom the token is.
    pub audience: Audience,
    /// About whom it speaks: [`PairwiseSubjects`](crate::PairwiseSubjects) keeps audiences from comparing.
    pub subject: Subject,
    /// The SIM.
    pub sim: Sim,
    /// What the audience gave the device to have it in the token (`nonce`).
    pub nonce: Option<String>,
    /// When the SIM was proven (`auth_time`).
    pub auth_time: Option<UnixTime>,
    /// How thoroughly it was proven (`acr`).
    pub acr: Option<String>,
    /// By which means it was proven (`amr`, RFC 8176).
    pub amr: Vec<String>,
    /// The device's key, without a proof of which the token is worth nothing (`cnf.jkt`, RFC 9449 §6.1).
    pub key: Option<Thumbprint>,
    /// Where a status list tells whether the token has been revoked.
    pub status: Option<StatusReference>,
}

impl Claims {
    /// What every token says.
    pub fn new(audience: Audience, subject: Subject, sim: Sim) -> Self {
        Self {
            audience,
            subject,
            sim,
            nonce: None,
            auth_time: None,
            acr: None,
            amr: Vec::new(),
            key: None,
            status: None,
        }
    }

    /// With the audience's nonce.
    #[must_use]
    pub fn with_nonce(mut self, nonce: impl Into<String>) -> Self {
        self.nonce = Some(nonce.into());
        self
    }

    /// Bound to the device's key.
    #[must_use]
    pub fn with_key(mut self, key: Thumbprint) -> Self {
        self.key = Some(key);
        self
    }
}

/// A token's place in a status list (`status.status_list` of the Token Status List specification).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatusReference {
    /// Where the list is.
    pub uri: String,
    /// The token's place in it.
    pub index: u64,
}

impl StatusReference {
    /// The place `index` in the list at `uri`.
    pub fn new(uri: impl Into<String>, index: u64) -> Self {
        Self {
            uri: uri.into(),
            index,
        }
    }
}

/// What a verified token says, of which every word has been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Endorsement {
    /// What was endorsed.
    pub claims: Claims,
    /// The token's own name: 22 symbols of base64url (`jti`).
    pub token_id: String,
    /// When it was issued (`iat`).
    pub issued: UnixTime,
    /// The first second in which it is no longer valid (`exp`).
    pub expires: UnixTime,
}

impl Endorsement {
    /// The SIM.
    pub fn sim(&self) -> &Sim {
        &self.claims.sim
    }

    /// About whom the token speaks.
    pub fn subject(&self) -> &Subject {
        &self.claims.subject
    }
}
