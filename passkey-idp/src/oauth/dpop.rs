//! The key that a client proves to hold, once with each proof (RFC 9449).

use strict_jws::Thumbprint;
use strict_jws::dpop::{Request, verify};

use super::once::Once;
use super::{ErrorCode, OAuthError};
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
/// assert!(dpop::take("forged", request, now).is_err());
/// ```
///
/// # Errors
/// `invalid_dpop_proof`, whatever is wrong.
pub fn take(proof: &str, request: Request<'_>, now: Instant) -> Result<Taken, OAuthError> {
    let refused = ErrorCode::InvalidDpopProof.because("the proof is not one of this request");
    let proven = verify(proof, request, WINDOW, now.into()).or(Err(refused))?;
    let key = proven.key.to_string();
    let name = [key.as_bytes(), proven.id.as_bytes()];
    let made = Instant::from_unix_seconds(proven.made.seconds());
    let until = made.plus(Duration::from_seconds(WINDOW)).plus(REMEMBERED);
    Ok(Taken {
        key: proven.key,
        used: Once::claim("dpop proof", &name, until),
    })
}

/// How many seconds a proof is good.
const WINDOW: u64 = 60;
/// How much longer it is remembered: the clocks of instances may differ.
const REMEMBERED: Duration = Duration::from_seconds(60);
