//! Proofs of a device's key: DPoP (RFC 9449).

use std::sync::Arc;

use ring::digest::{SHA256, digest};
use strict_jws::json::{Bounds, Document, InvalidJson, ObjectWriter, Value};
use strict_jws::proof::{self, Proof};
use strict_jws::{Policy, SecureRandom, SigningFailed, SigningKey, Thumbprint, UnixTime, base64};

use crate::single_use::{SingleUse, Use};

const POLICY: Policy = Policy::typed("dpop+jwt");

/// A proof as it was presented with a request.
#[derive(Clone, Copy)]
pub struct ProofOf<'r> {
    text: &'r [u8],
    method: &'r str,
    uri: &'r str,
}

impl<'r> ProofOf<'r> {
    /// The proof from the field `DPoP` of a request with this method for this URI. A query and a
    /// fragment of the URI do not count (RFC 9449 §4.2).
    pub fn new(text: &'r (impl AsRef<[u8]> + ?Sized), method: &'r str, uri: &'r str) -> Self {
        Self {
            text: text.as_ref(),
            method,
            uri,
        }
    }
}

impl std::fmt::Debug for ProofOf<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProofOf")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

/// Why a proof is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofRefusal {
    /// The form, the header or the signature is wrong.
    #[error(transparent)]
    Token(#[from] strict_jws::Refusal),
    /// The payload is no JSON document.
    #[error("the payload is no JSON document")]
    PayloadJson(#[source] InvalidJson),
    /// A claim is missing, or has the wrong type.
    #[error("the claim {0} is missing or has the wrong type")]
    Claim(&'static str),
    /// It is for another method.
    #[error("it is for another method")]
    Method,
    /// It is for another URI.
    #[error("it is for another URI")]
    Uri,
    /// It was made too long ago, or in the future.
    #[error("it was not made just now")]
    Stale,
    /// It is for another token.
    #[error("it is for another token")]
    OtherToken,
    /// It is of another key than the token's.
    #[error("it is of another key than the token's")]
    OtherKey,
    /// It has been presented before.
    #[error("it has been presented before")]
    Replayed,
    /// Whether it has been presented before cannot be told now.
    #[error("the store of presented proofs fails")]
    StoreFails,
}

/// How proofs are checked.
#[derive(Clone, Debug)]
pub struct ProofCheck {
    window: u64,
    once: Option<Arc<dyn SingleUse>>,
}

impl Default for ProofCheck {
    fn default() -> Self {
        Self::new()
    }
}

impl ProofCheck {
    /// Takes proofs that were made within the last 60 seconds.
    pub const fn new() -> Self {
        Self {
            window: 60,
            once: None,
        }
    }

    /// Takes each proof once (RFC 9449 §11.1).
    #[must_use]
    pub fn once(mut self, store: Arc<dyn SingleUse>) -> Self {
        self.once = Some(store);
        self
    }

    /// Takes proofs that were made within as many seconds.
    #[must_use]
    pub const fn with_window(mut self, seconds: u64) -> Self {
        self.window = seconds;
        self
    }

    /// Checks a proof of the key `expected` for `token` (RFC 9449 §4.3).
    ///
    /// # Errors
    /// [`ProofRefusal`]
    pub fn check(
        &self,
        proof: ProofOf<'_>,
        token: &[u8],
        expected: &Thumbprint,
        now: UnixTime,
    ) -> Result<(), ProofRefusal> {
        let verified = Proof::verify(proof.text, &POLICY)?;
        if verified.key().thumbprint() != *expected {
            return Err(ProofRefusal::OtherKey);
        }
        let claims = Document::parse(verified.payload(), Bounds::PAYLOAD)
            .map_err(ProofRefusal::PayloadJson)?;
        let claims = claims.root();
        check_request(claims, proof)?;
        if string(claims, "ath")? != hash(token) {
            return Err(ProofRefusal::OtherToken);
        }
        let made = claims.member("iat").and_then(|iat| iat.integer());
        let made = UnixTime::from_seconds(made.ok_or(ProofRefusal::Claim("iat"))?);
        if made.minus(SKEW) > now || made.plus(self.window) < now {
            return Err(ProofRefusal::Stale);
        }
        self.check_first_use(&string(claims, "jti")?, expected, made, now)
    }

    fn check_first_use(
        &self,
        id: &str,
        key: &Thumbprint,
        made: UnixTime,
        now: UnixTime,
    ) -> Result<(), ProofRefusal> {
        let Some(store) = &self.once else {
            return Ok(());
        };
        let name = format!("dpop {key} {id}");
        match store.use_once(&name, made.plus(self.window), now) {
            Ok(Use::First) => Ok(()),
            Ok(Use::Repeated) => Err(ProofRefusal::Replayed),
            Err(_) => Err(ProofRefusal::StoreFails),
        }
    }
}

/// How far a device's clock may be ahead, in seconds.
const SKEW: u64 = 5;

/// A proof of `key` for a request with `token` (RFC 9449 §4.2).
///
/// # Errors
/// [`SigningFailed`]
pub fn prove(
    key: &SigningKey,
    token: &str,
    request: (&str, &str),
    now: UnixTime,
    random: &dyn SecureRandom,
) -> Result<String, SigningFailed> {
    let mut id = [0; 16];
    random.fill(&mut id).map_err(SigningFailed::from)?;
    let (method, uri) = request;
    let mut payload = ObjectWriter::new();
    payload
        .string("jti", &base64::encode(&id))
        .string("htm", method)
        .string("htu", without_query(uri))
        .integer("iat", now.seconds())
        .string("ath", &hash(token.as_bytes()));
    proof::make(key, "dpop+jwt", payload.finish().as_bytes(), random)
}

fn check_request(claims: Value<'_>, proof: ProofOf<'_>) -> Result<(), ProofRefusal> {
    if string(claims, "htm")? != proof.method {
        return Err(ProofRefusal::Method);
    }
    if without_query(&string(claims, "htu")?) != without_query(proof.uri) {
        return Err(ProofRefusal::Uri);
    }
    Ok(())
}

fn string<'d>(
    claims: Value<'d>,
    name: &'static str,
) -> Result<std::borrow::Cow<'d, str>, ProofRefusal> {
    let value = claims.member(name).and_then(|value| value.string());
    value.ok_or(ProofRefusal::Claim(name))
}

fn hash(token: &[u8]) -> String {
    base64::encode(digest(&SHA256, token).as_ref())
}

fn without_query(uri: &str) -> &str {
    uri.split(['?', '#']).next().unwrap_or_default()
}
