//! The key that a client proves to hold, once with each proof (RFC 9449).

use strict_jws::Thumbprint;
use strict_jws::dpop::{Request, verify};

use super::once::Once;
use super::{ErrorCode, OAuthError};
use crate::seal::{Mark, Sealer};
use crate::store::Change;
use crate::{Duration, Instant};

/// A proof that verifies.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Taken {
    /// The key that the client holds.
    pub key: Thumbprint,
    /// What has to be committed, and is refused if the proof was used before.
    pub used: Change,
}

/// Takes the proof of a request, made within the last minute (RFC 9449 §4.3).
///
/// ```
/// use passkey_idp::Instant;
/// use passkey_idp::oauth::dpop;
/// use strict_jws::dpop::Request;
///
/// let now = Instant::from_unix_seconds(1_800_000_000);
/// let request = Request::new("POST", "https://op.example/token");
/// assert!(dpop::take("forged", request, None, now).is_err());
/// ```
///
/// # Errors
/// `invalid_dpop_proof`, whatever is wrong; `use_dpop_nonce` if it holds none of `nonces`, where they are
/// asked for.
pub fn take(
    proof: &str,
    request: Request<'_>,
    nonces: Option<Nonces<'_>>,
    now: Instant,
) -> Result<Taken, OAuthError> {
    let refused = ErrorCode::InvalidDpopProof.because("the proof is not one of this request");
    let proven = verify(proof, request, WINDOW, now.into()).or(Err(refused))?;
    let held = proven.nonce.as_deref().unwrap_or_default();
    if nonces.is_some_and(|nonces| !nonces.accept(held, now)) {
        return Err(ErrorCode::UseDpopNonce.because("the proof needs the nonce beside this answer"));
    }
    let key = proven.key.to_string();
    let name = [key.as_bytes(), proven.id.as_bytes()];
    let made = Instant::from_unix_seconds(proven.made.seconds());
    let until = made.plus(Duration::from_seconds(WINDOW)).plus(REMEMBERED);
    Ok(Taken {
        key: proven.key,
        used: Once::claim("dpop proof", &name, until),
    })
}

/// What proofs have to hold, so that none can be made long before it is used (RFC 9449 §8).
///
/// Nothing of it is kept: a nonce is what the sealing key says of the minute, hence good on all instances,
/// for one to two minutes.
///
/// ```
/// use passkey_idp::oauth::dpop::Nonces;
/// use passkey_idp::seal::{Sealer, SealingKey};
/// use passkey_idp::{Duration, Instant};
///
/// let sealer = Sealer::new(&SealingKey::new([7; 32]));
/// let (nonces, now) = (Nonces::of(&sealer), Instant::from_unix_seconds(1_800_000_000));
/// let nonce = nonces.at(now);
/// assert!(nonces.accept(&nonce, now.plus(Duration::from_seconds(60))));
/// assert!(!nonces.accept(&nonce, now.plus(Duration::from_seconds(120))));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Nonces<'a>(&'a Sealer);

impl<'a> Nonces<'a> {
    /// Those that this sealer makes.
    pub const fn of(sealer: &'a Sealer) -> Self {
        Self(sealer)
    }

    /// The one that is given out at `now`.
    pub fn at(self, now: Instant) -> String {
        self.mark(minute(now)).text()
    }

    /// Whether it was given out lately; the clock of the instance that did may be ahead.
    pub fn accept(self, nonce: &str, now: Instant) -> bool {
        let minute = minute(now);
        let minutes = minute.saturating_sub(1)..=minute.saturating_add(1);
        minutes
            .into_iter()
            .any(|minute| self.mark(minute).is(nonce))
    }

    fn mark(self, minute: u64) -> Mark {
        self.0.mark("dpop nonce", &minute.to_be_bytes())
    }
}

fn minute(at: Instant) -> u64 {
    at.unix_seconds() / 60
}

/// How many seconds a proof is good.
const WINDOW: u64 = 60;
/// How much longer it is remembered: the clocks of instances may differ.
const REMEMBERED: Duration = Duration::from_seconds(60);
