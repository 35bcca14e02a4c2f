//! Issuing tokens.

use strict_jws::{Policy, SecureRandom, Signer, SigningFailed, UnixTime, base64};

use crate::claims::write::{self, Stamp};
use crate::profile::Profile;
use crate::{Claims, IssuerId, Refusal, Subject};

/// Issues tokens of one profile under one name. The keys are elsewhere: they change.
#[derive(Clone, Debug)]
pub struct Issuer {
    id: IssuerId,
    profile: Profile,
    lifetime: u64,
}

/// A token, and what the issuer may want to note.
#[derive(Clone)]
#[non_exhaustive]
pub struct Issued {
    /// The token.
    pub token: String,
    /// Its own name (`jti`).
    pub token_id: String,
    /// The first second in which it is no longer valid.
    pub expires: UnixTime,
}

/// Why no token was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// The claims or the key are not ones that the profile has.
    #[error("no verifier of the profile would take it")]
    OutsideProfile(#[source] Refusal),
    /// The system gave no randomness.
    #[error(transparent)]
    Signing(#[from] SigningFailed),
    /// The claims make a token that is longer than verifiers take: 8 KiB.
    #[error("the token would be longer than verifiers take")]
    TooLong,
}

impl Issuer {
    /// Issues native tokens, which live for 300 seconds.
    pub fn native(id: IssuerId) -> Self {
        Self::new(id, Profile::Native)
    }

    /// Issues tokens in SORACOM Endorse's format, all about `subject`, which live for 600 seconds.
    pub fn soracom(id: IssuerId, subject: Subject) -> Self {
        Self::new(id, Profile::Soracom { subject })
    }

    fn new(id: IssuerId, profile: Profile) -> Self {
        let lifetime = profile.lifetime();
        Self {
            id,
            profile,
            lifetime,
        }
    }

    /// With tokens that live for as many seconds.
    #[must_use]
    pub fn with_lifetime(mut self, seconds: u64) -> Self {
        self.lifetime = seconds;
        self
    }

    /// A token that says `claims`, signed by `signer`.
    ///
    /// # Errors
    /// [`IssueError`]
    pub fn issue(
        &self,
        claims: &Claims,
        signer: &Signer,
        now: UnixTime,
        random: &dyn SecureRandom,
    ) -> Result<Issued, IssueError> {
        self.check_profile(claims, signer)?;
        let mut octets = [0; 16];
        random.fill(&mut octets).map_err(SigningFailed::from)?;
        let token_id = base64::encode(&octets);
        let payload = self.payload(claims, &token_id, now);
        let token = signer.sign(self.profile.typ(), payload.as_bytes(), random)?;
        check_length(token.len())?;
        Ok(Issued {
            token,
            expires: now.plus(self.lifetime),
            token_id,
        })
    }

    /// Whether [`Issuer::issue`] would issue a token that says `claims`, before anybody does
    /// anything for it. Nothing is signed.
    ///
    /// # Errors
    /// [`IssueError`]
    pub fn check(&self, claims: &Claims, signer: &Signer, now: UnixTime) -> Result<(), IssueError> {
        self.check_profile(claims, signer)?;
        let payload = self.payload(claims, &base64::encode(&[0; 16]), now);
        check_length(signer.longest_token(self.profile.typ(), payload.len()))
    }

    fn payload(&self, claims: &Claims, token_id: &str, now: UnixTime) -> String {
        let stamp = Stamp {
            issuer: &self.id,
            token_id,
            issued: now,
            not_before: now.minus(self.profile.head_start()),
            expires: now.plus(self.lifetime),
        };
        write::payload(claims, &stamp, self.profile.sim_claim())
    }

    fn check_profile(&self, claims: &Claims, signer: &Signer) -> Result<(), IssueError> {
        let checked = self.profile.check_claims(claims);
        let checked = checked.and_then(|()| self.profile.check_signer(signer));
        checked.map_err(IssueError::OutsideProfile)
    }

    /// Under which name it issues.
    pub fn id(&self) -> &IssuerId {
        &self.id
    }

    /// For how many seconds its tokens live.
    pub fn lifetime(&self) -> u64 {
        self.lifetime
    }
}

fn check_length(octets: usize) -> Result<(), IssueError> {
    if octets > Policy::DEFAULT_MAX_LEN {
        return Err(IssueError::TooLong);
    }
    Ok(())
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issued")
            .field("token", &"[redacted]")
            .field("token_id", &self.token_id)
            .field("expires", &self.expires)
            .finish()
    }
}
