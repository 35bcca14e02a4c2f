//! A document that somebody is to sign, and the proof that they have.

use passkey_idp::Instant;
use passkey_idp::evidence::{Act, Refusal, Statement, Trust, Verified, verify};
use passkey_idp::id::OrderId;
use passkey_idp::random::Digest;
use strict_jws::KeySet;

use crate::orders::Placed;

/// A document.
#[derive(Debug)]
#[non_exhaustive]
pub struct Document {
    /// What is signed.
    pub asked: Asked,
    /// The order at the provider.
    pub placed: Placed,
    /// Until when it can be signed.
    pub until: Instant,
    /// How it stands.
    pub standing: Standing,
}

/// What somebody was asked to sign.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "what a form says")]
pub struct Asked {
    /// Who is asked.
    pub subject: String,
    /// The service that asks.
    pub application: String,
    /// The text.
    pub text: String,
    /// `text/plain` or `text/markdown`.
    pub media_type: &'static str,
    /// What is signed beside the text.
    pub file: Option<File>,
}

/// A file that is signed.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "what a form says")]
pub struct File {
    /// What it was called on its owner's device.
    pub name: String,
    /// How many octets it has.
    pub size: usize,
    /// Its SHA-256.
    pub digest: Digest,
}

/// How a document stands.
#[derive(Debug)]
#[non_exhaustive]
pub enum Standing {
    /// Nobody has looked at it.
    Pending,
    /// It is open in a browser.
    Viewed,
    /// It was signed; the evidence is yet to be verified.
    Collected(String),
    /// It was signed, and the evidence proves it.
    Signed(Box<Proof>),
    /// The person said no.
    Rejected,
    /// Its time is over.
    Expired,
    /// The evidence does not show what was asked for.
    Unproven(Mismatch),
}

/// Evidence that was verified.
#[derive(Debug)]
#[non_exhaustive]
pub struct Proof {
    /// The package, as anyone can verify it.
    pub package: String,
    /// What it says.
    pub verified: Verified,
    /// The provider's keys when it was collected, as a JWK set.
    pub keys: String,
}

/// Why evidence does not prove that a document was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Mismatch {
    /// The evidence itself is not to be believed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It is evidence of another order, or for another service.
    #[error("the evidence is of another order")]
    Order,
    /// Somebody else has signed.
    #[error("somebody else has signed")]
    Signer,
    /// Something else was signed.
    #[error("something else was signed")]
    Content,
}

impl Document {
    /// The evidence, once it was verified.
    pub fn proof(&self) -> Option<&Proof> {
        if let Standing::Signed(proof) = &self.standing {
            Some(proof)
        } else {
            None
        }
    }
}

impl Asked {
    /// Verifies a package, and that it proves that this was signed, by `order`.
    ///
    /// # Errors
    /// [`Mismatch`]
    pub fn prove(
        &self,
        order: &OrderId,
        package: String,
        keys: &KeySet,
    ) -> Result<Proof, Mismatch> {
        let verified = verify(&package, &Trust::Keys(keys))?;
        let statement = &verified.statement;
        if statement.order != *order || statement.application.as_str() != self.application {
            return Err(Mismatch::Order);
        }
        if statement.user.to_string() != self.subject {
            return Err(Mismatch::Signer);
        }
        if statement.act != Act::Sign || !self.is_content_of(statement) {
            return Err(Mismatch::Content);
        }
        Ok(Proof {
            package,
            verified,
            keys: keys.to_jwks(),
        })
    }

    fn is_content_of(&self, statement: &Statement) -> bool {
        let data = statement.data.as_ref();
        let data = data.map(|data| Digest::sha256(data.as_slice()));
        let file = self.file.as_ref().map(|file| file.digest);
        self.text == statement.text && self.media_type == statement.media_type && data == file
    }

    /// The first line of the text.
    pub fn title(&self) -> &str {
        let line = self.text.lines().find(|line| !line.trim().is_empty());
        line.unwrap_or_default().trim_start_matches(['#', ' '])
    }
}

impl Proof {
    /// What a verifier says of this package with one octet changed, which stands in its middle.
    ///
    /// # Errors
    /// Always: a change is noticed.
    pub fn changed(&self) -> Result<(), Refusal> {
        let middle = self.package.len() / 2;
        let changed = |(at, c): (usize, char)| match c {
            'A' if at == middle => 'B',
            _ if at == middle => 'A',
            c => c,
        };
        let changed: String = self.package.chars().enumerate().map(changed).collect();
        verify(&changed, &Trust::Embedded).map(drop)
    }
}
