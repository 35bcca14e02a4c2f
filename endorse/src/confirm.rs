//! Key confirmation: the device shows that it holds CK and IK of a challenge, and for what it uses them.
//!
//! RES alone proves a SIM to whoever relays it. Here the device answers with a MAC under a key that is
//! derived from CK and IK, over everything that the token will say on its behalf: a relay without CK
//! and IK has no answer, and one with another audience or key has the wrong one.
//!
//! ```text
//! PRK     = HKDF-Extract-SHA256(salt = RAND || AUTN, ikm = CK || IK)
//! K_auth  = HKDF-Expand-SHA256(PRK, "endorse v1" || origin || txn, 32)
//! confirm = HMAC-SHA256(K_auth, SHA-256(transcript))
//! ```
//!
//! The transcript is the octets `endorse v1 transcript`, and then origin, nonce, audience, the number of
//! request parameters, each parameter's name and value in the order of the names' octets, and the key's
//! thumbprint. Each of them stands behind its length (four octets, the most significant first); the
//! number of parameters stands alone in four such octets; nonce and thumbprint stand behind one octet 1, or
//! are one octet 0 if there is none. `txn` has 22 symbols; hence no two inputs have one form.

use std::fmt;

use ring::digest::{Context, SHA256};
use ring::{hkdf, hmac};
use strict_jws::{Thumbprint, base64};
use zeroize::Zeroizing;

use crate::RequestParameters;

/// What an AKA run leaves on both sides (TS 33.102 §6.3).
#[derive(Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "TS 33.102 has closed the set")]
pub struct AkaRun<'a> {
    /// RAND.
    pub rand: &'a [u8; 16],
    /// AUTN.
    pub autn: &'a [u8; 16],
    /// CK.
    pub ck: &'a [u8; 16],
    /// IK.
    pub ik: &'a [u8; 16],
}

impl fmt::Debug for AkaRun<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AkaRun([redacted])")
    }
}

/// The name of one challenge: 16 random octets, in 22 symbols of base64url.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Transaction([u8; 16]);

impl Transaction {
    /// From 16 random octets.
    pub const fn new(octets: [u8; 16]) -> Self {
        Self(octets)
    }
}

impl fmt::Display for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64::encode(&self.0))
    }
}

impl std::str::FromStr for Transaction {
    type Err = InvalidTransaction;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let octets = base64::decode(text.as_bytes()).ok();
        let octets = octets.and_then(|octets| octets.try_into().ok());
        octets.map(Self).ok_or(InvalidTransaction)
    }
}

/// Text is not a transaction's name: 22 symbols of base64url.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a transaction has 22 symbols of base64url")]
#[non_exhaustive]
pub struct InvalidTransaction;

/// What both sides must agree on, word for word.
#[derive(Clone, Copy)]
#[expect(
    clippy::exhaustive_structs,
    reason = "version 1 of the transcript has these parts"
)]
pub struct Transcript<'a> {
    /// The issuer's origin, as the device knows it: `https://endorse.example`.
    pub origin: &'a str,
    /// What the audience gave the device to have it in the token.
    pub nonce: Option<&'a str>,
    /// For whom the token is to be.
    pub audience: &'a str,
    /// What the device asks for.
    pub request_parameters: &'a RequestParameters,
    /// The device's key, if the token is to be bound to it.
    pub key: Option<&'a Thumbprint>,
}

impl Transcript<'_> {
    fn digest(&self) -> ring::digest::Digest {
        let mut context = Context::new(&SHA256);
        context.update(b"endorse v1 transcript");
        field(&mut context, self.origin.as_bytes());
        optional(&mut context, self.nonce.map(str::as_bytes));
        field(&mut context, self.audience.as_bytes());
        context.update(&length(self.request_parameters.len()));
        for (name, value) in self.request_parameters.iter() {
            field(&mut context, name.as_bytes());
            field(&mut context, value.as_bytes());
        }
        optional(&mut context, self.key.map(|key| &key.as_bytes()[..]));
        context.finish()
    }
}

impl fmt::Debug for Transcript<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transcript")
            .field("origin", &self.origin)
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}

/// The secret PRK of one AKA run: what is left to keep when CK and IK have been wiped.
///
/// Every transaction over the run has a key of its own. `Debug` does not show it; it is wiped when dropped.
#[derive(Clone)]
pub struct ConfirmationSecret(Zeroizing<[u8; 32]>);

impl ConfirmationSecret {
    /// Derives the secret of a run.
    pub fn derive(run: AkaRun<'_>) -> Self {
        let salt = hmac::Key::new(hmac::HMAC_SHA256, &[*run.rand, *run.autn].concat());
        let secret = Zeroizing::new([*run.ck, *run.ik].concat());
        let mut octets = Zeroizing::new([0; 32]);
        octets.copy_from_slice(hmac::sign(&salt, &secret).as_ref());
        Self(octets)
    }

    /// Takes octets that were kept.
    pub fn from_octets(octets: [u8; 32]) -> Self {
        Self(Zeroizing::new(octets))
    }

    /// Its octets, to be kept where nobody else sees them.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key for one transaction with one issuer.
    pub fn key(&self, origin: &str, transaction: &Transaction) -> ConfirmationKey {
        let prk = hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, &self.0[..]);
        let transaction = transaction.to_string();
        let info = [b"endorse v1", origin.as_bytes(), transaction.as_bytes()];
        let okm = prk.expand(&info, hmac::HMAC_SHA256);
        ConfirmationKey {
            key: okm.expect("32 octets can be expanded").into(),
        }
    }
}

impl fmt::Debug for ConfirmationSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConfirmationSecret([redacted])")
    }
}

/// The key K_auth of one AKA run for one transaction.
pub struct ConfirmationKey {
    key: hmac::Key,
}

impl ConfirmationKey {
    /// Derives the key of a run for one transaction with one issuer.
    ///
    /// ```
    /// use endorse::RequestParameters;
    /// use endorse::confirm::{AkaRun, ConfirmationKey, Transaction, Transcript};
    ///
    /// # let (rand, autn, ck, ik) = ([1; 16], [2; 16], [3; 16], [4; 16]);
    /// let run = AkaRun { rand: &rand, autn: &autn, ck: &ck, ik: &ik };
    /// let origin = "https://endorse.example";
    /// let key = ConfirmationKey::derive(run, origin, &Transaction::new([5; 16]));
    ///
    /// let parameters = RequestParameters::default();
    /// let transcript = Transcript {
    ///     origin,
    ///     nonce: None,
    ///     audience: "https://api.example",
    ///     request_parameters: &parameters,
    ///     key: None,
    /// };
    /// let confirmation = key.confirm(&transcript); // on the device
    /// assert!(key.verifies(&transcript, confirmation.as_bytes())); // at the issuer
    ///
    /// let elsewhere = Transcript { audience: "https://evil.example", ..transcript };
    /// assert!(!key.verifies(&elsewhere, confirmation.as_bytes()));
    /// ```
    pub fn derive(run: AkaRun<'_>, origin: &str, transaction: &Transaction) -> Self {
        ConfirmationSecret::derive(run).key(origin, transaction)
    }

    /// The device's answer.
    pub fn confirm(&self, transcript: &Transcript<'_>) -> Confirmation {
        let tag = hmac::sign(&self.key, transcript.digest().as_ref());
        let mut octets = [0; 32];
        octets.copy_from_slice(tag.as_ref());
        Confirmation(octets)
    }

    /// Whether `confirmation` is the answer to that; compared in constant time.
    pub fn verifies(&self, transcript: &Transcript<'_>, confirmation: &[u8]) -> bool {
        hmac::verify(&self.key, transcript.digest().as_ref(), confirmation).is_ok()
    }
}

impl fmt::Debug for ConfirmationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConfirmationKey([redacted])")
    }
}

/// The device's answer: 32 octets, 43 symbols of base64url on the wire.
#[derive(Clone)]
pub struct Confirmation([u8; 32]);

impl Confirmation {
    /// Its octets.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Its form on the wire.
    pub fn to_base64(&self) -> String {
        base64::encode(&self.0)
    }
}

impl fmt::Debug for Confirmation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Confirmation([redacted])")
    }
}

fn field(context: &mut Context, octets: &[u8]) {
    context.update(&length(octets.len()));
    context.update(octets);
}

fn optional(context: &mut Context, octets: Option<&[u8]>) {
    match octets {
        Some(octets) => {
            context.update(&[1]);
            field(context, octets);
        }
        None => context.update(&[0]),
    }
}

fn length(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}
