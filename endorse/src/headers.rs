//! Tokens from a request's header fields.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use strict_jws::UnixTime;

use crate::dpop::ProofOf;
use crate::{Endorsement, Presented, Refusal, Verifier};

impl Verifier {
    /// Verifies the token of a request with these header fields, for which no proof can be checked.
    ///
    /// ```
    /// # use endorse::{Refusal, Verifier};
    /// # fn run(verifier: &Verifier) {
    /// let headers = http::HeaderMap::new();
    /// let now = std::time::SystemTime::now().into();
    /// if let Err(refusal) = verifier.verify_headers(&headers, now) {
    ///     let _answer = (401, ("WWW-Authenticate", refusal.challenge()));
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Refusal`]
    pub fn verify_headers(
        &self,
        headers: &HeaderMap,
        now: UnixTime,
    ) -> Result<Endorsement, Refusal> {
        self.verify(Presented::new(token(headers)?), now)
    }
}

/// The token in the only field `Authorization`: behind `Bearer` or `DPoP` (RFC 6750 §2.1, RFC 9449
/// §7.1), or alone.
///
/// # Errors
/// [`Refusal::NoToken`] and [`Refusal::SeveralTokens`].
pub fn token(headers: &HeaderMap) -> Result<&[u8], Refusal> {
    let mut fields = headers.get_all(AUTHORIZATION).iter();
    let field = fields.next().ok_or(Refusal::NoToken)?.as_bytes();
    if fields.next().is_some() {
        return Err(Refusal::SeveralTokens);
    }
    let mut words = field.splitn(2, |octet| *octet == b' ');
    match (words.next(), words.next()) {
        (Some(scheme), Some(token)) if is_scheme(scheme) => Ok(token),
        (Some(token), None) if !is_scheme(token) => Ok(token),
        _ => Err(Refusal::NoToken),
    }
}

/// The proof in the only field `DPoP` (RFC 9449 §4.1) of a request with this method for this URI.
pub fn proof<'r>(headers: &'r HeaderMap, method: &'r str, uri: &'r str) -> Option<ProofOf<'r>> {
    let mut fields = headers.get_all("dpop").iter();
    let field = fields.next()?;
    fields
        .next()
        .is_none()
        .then(|| ProofOf::new(field.as_bytes(), method, uri))
}

fn is_scheme(word: &[u8]) -> bool {
    word.eq_ignore_ascii_case(b"bearer") || word.eq_ignore_ascii_case(b"dpop")
}
