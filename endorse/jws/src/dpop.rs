//! Proofs of a client's key: DPoP (RFC 9449).
//!
//! [`verify`] says what a proof proves; whether it was presented before, and whether its key is the
//! one that is wanted, is the caller's to ask.

use std::borrow::Cow;

use ring::digest::{SHA256, digest};

use crate::json::{Bounds, Document, InvalidJson, ObjectWriter, Value};
use crate::proof::{self, Proof};
use crate::{
    Policy, Refusal, SecureRandom, SigningFailed, SigningKey, Thumbprint, UnixTime, base64,
};

/// What a proof goes with. `Debug` leaves the token out.
#[derive(Clone, Copy)]
pub struct Request<'r> {
    method: &'r str,
    uri: &'r str,
    token: Option<&'r [u8]>,
}

/// What a proof that verifies says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Proven {
    /// The key that its maker holds.
    pub key: Thumbprint,
    /// Its name: whoever takes each proof once remembers it with the key (`jti`).
    pub id: String,
    /// When it was made (`iat`).
    pub made: UnixTime,
    /// What the server had asked to find in it (`nonce`, RFC 9449 §8).
    pub nonce: Option<String>,
}

/// What is wrong with a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Flaw {
    /// The form, the header or the signature is wrong.
    #[error(transparent)]
    Token(#[from] Refusal),
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
}

impl<'r> Request<'r> {
    /// A request with this method for this URI. A query and a fragment do not count (RFC 9449 §4.2).
    pub const fn new(method: &'r str, uri: &'r str) -> Self {
        let token = None;
        Self { method, uri, token }
    }

    /// It carries that access token, whose digest the proof has to hold (`ath`).
    #[must_use]
    pub const fn with_token(mut self, token: &'r [u8]) -> Self {
        self.token = Some(token);
        self
    }
}

impl std::fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

/// Verifies a proof that was made for `request` within the last `window` seconds (RFC 9449 §4.3).
///
/// # Errors
/// [`Flaw`]
pub fn verify(
    text: &(impl AsRef<[u8]> + ?Sized),
    request: Request<'_>,
    window: u64,
    now: UnixTime,
) -> Result<Proven, Flaw> {
    let proof = Proof::verify(text, &POLICY)?;
    let claims = Document::parse(proof.payload(), Bounds::PAYLOAD);
    let claims = claims.map_err(Flaw::PayloadJson)?;
    let claims = claims.root();
    check_request(claims, request)?;
    let made = claims.member("iat").and_then(|iat| iat.integer());
    let made = UnixTime::from_seconds(made.ok_or(Flaw::Claim("iat"))?);
    if made.minus(SKEW) > now || made.plus(window) < now {
        return Err(Flaw::Stale);
    }
    let nonce = claims.member("nonce").map(|_| string(claims, "nonce"));
    Ok(Proven {
        key: proof.key().thumbprint(),
        id: name(claims)?,
        made,
        nonce: nonce.transpose()?.map(Cow::into_owned),
    })
}

/// A proof of `key` for `request` (RFC 9449 §4.2), with the `nonce` that the server wants, if it
/// wants one.
///
/// ```
/// use strict_jws::dpop::{self, Request};
/// use strict_jws::{Algorithm, SigningKey, SystemRandom, UnixTime};
///
/// let random = SystemRandom::new();
/// let pem = SigningKey::generate_pem(Algorithm::Es256, &random)?;
/// let key = SigningKey::from_pem(&pem, &random)?;
///
/// let (request, now) = (Request::new("POST", "https://op.example/token"), UnixTime::from_seconds(9));
/// let proof = dpop::prove(&key, request, None, now, &random)?;
/// let proven = dpop::verify(&proof, request, 60, now)?;
/// assert_eq!(proven.key, key.public().thumbprint());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`SigningFailed`]
pub fn prove(
    key: &SigningKey,
    request: Request<'_>,
    nonce: Option<&str>,
    now: UnixTime,
    random: &dyn SecureRandom,
) -> Result<String, SigningFailed> {
    let mut id = [0; 16];
    random.fill(&mut id).map_err(SigningFailed::from)?;
    let mut payload = ObjectWriter::new();
    payload
        .string("jti", &base64::encode(&id))
        .string("htm", request.method)
        .string("htu", without_query(request.uri))
        .integer("iat", now.seconds());
    if let Some(token) = request.token {
        payload.string("ath", &hash(token));
    }
    if let Some(nonce) = nonce {
        payload.string("nonce", nonce);
    }
    proof::make(key, TYP, payload.finish().as_bytes(), random)
}

fn check_request(claims: Value<'_>, request: Request<'_>) -> Result<(), Flaw> {
    if string(claims, "htm")? != request.method {
        return Err(Flaw::Method);
    }
    if without_query(&string(claims, "htu")?) != without_query(request.uri) {
        return Err(Flaw::Uri);
    }
    match request.token {
        Some(token) if string(claims, "ath")? != hash(token) => Err(Flaw::OtherToken),
        _ => Ok(()),
    }
}

fn string<'d>(claims: Value<'d>, name: &'static str) -> Result<Cow<'d, str>, Flaw> {
    let value = claims.member(name).and_then(|value| value.string());
    value.ok_or(Flaw::Claim(name))
}

/// Printable ASCII of 1 to 256 octets, which any store takes as a key.
fn name(claims: Value<'_>) -> Result<String, Flaw> {
    let id = string(claims, "jti")?;
    let is_printable = id.bytes().all(|octet| octet.is_ascii_graphic());
    if is_printable && (1..=LONGEST_NAME).contains(&id.len()) {
        Ok(id.into_owned())
    } else {
        Err(Flaw::Claim("jti"))
    }
}

fn hash(token: &[u8]) -> String {
    base64::encode(digest(&SHA256, token).as_ref())
}

fn without_query(uri: &str) -> &str {
    uri.split(['?', '#']).next().unwrap_or_default()
}

const TYP: &str = "dpop+jwt";
const POLICY: Policy = Policy::typed(TYP);

const LONGEST_NAME: usize = 256;

/// How far a client's clock may be ahead, in seconds.
const SKEW: u64 = 5;
