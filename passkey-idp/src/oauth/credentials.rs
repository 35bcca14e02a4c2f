//! How a client shows who it is (RFC 6749 §2.3, OpenID Connect Core §9).

use strict_jws::json::{Bounds, Document};
use strict_jws::{KeySet, Policy, base64};

use super::once::Once;
use super::parameters::decode;
use super::{Client, ErrorCode, OAuthError, Parameters, TokenEndpointAuth};
use crate::application::ApplicationId;
use crate::id::ClientSecret;
use crate::random::Digest;
use crate::store::Change;
use crate::{Duration, Instant};

/// What a client shows with a request: a secret, an assertion, or its name alone.
#[derive(Debug)]
pub struct Credentials {
    client: ApplicationId,
    shown: Shown,
}

/// `Debug` shows no secret and no assertion.
enum Shown {
    Nothing,
    Secret(TokenEndpointAuth, Option<ClientSecret>),
    Assertion(String),
}

/// What a server compares a client's credentials with.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the server knows it")]
pub struct Expected<'a> {
    /// What the client is registered with.
    pub registered: &'a Client,
    /// The digests of its secrets; two may be good at a time.
    pub secrets: &'a [Digest],
    /// Whom an assertion may be for: the issuer, and the endpoint's own address.
    pub audiences: &'a [&'a str],
}

impl Credentials {
    /// Reads them from the field `Authorization` and the parameters of a request.
    ///
    /// ```
    /// use passkey_idp::oauth::{Credentials, Parameters};
    ///
    /// let parameters = Parameters::parse("client_id=rp")?;
    /// let credentials = Credentials::read(None, &parameters)?;
    /// assert_eq!(credentials.client().as_str(), "rp");
    ///
    /// let two = Credentials::read(Some("Basic cnA6aHVzaA=="), &Parameters::parse("client_secret=a")?);
    /// assert!(two.is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// `invalid_request` if there are two ways at once or none, `invalid_client` if they are malformed.
    pub fn read(authorization: Option<&str>, parameters: &Parameters) -> Result<Self, OAuthError> {
        let basic = authorization.filter(|field| !is_of_scheme(field, "DPoP"));
        let assertion = parameters.get("client_assertion");
        let secret = parameters.get("client_secret");
        let ways = [basic, assertion, secret].into_iter().flatten().count();
        if ways > 1 {
            return Err(ErrorCode::InvalidRequest.because("the client authenticates in two ways"));
        }
        match (basic, assertion, secret) {
            (Some(basic), _, _) => Self::basic(basic, parameters),
            (_, Some(assertion), _) => Self::assertion(assertion, parameters),
            (_, _, Some(secret)) => {
                let shown = Shown::Secret(TokenEndpointAuth::ClientSecretPost, secret.parse().ok());
                Self::of(parameters, shown)
            }
            (None, None, None) => Self::of(parameters, Shown::Nothing),
        }
    }

    /// Who the client says it is.
    pub const fn client(&self) -> &ApplicationId {
        &self.client
    }

    /// Whether it is who it says: the way has to be the one that it is registered with. What is
    /// returned has to be committed, and refuses an assertion that was shown before.
    ///
    /// # Errors
    /// `invalid_client`, whatever is wrong.
    pub fn check(&self, expected: Expected<'_>, now: Instant) -> Result<Vec<Change>, OAuthError> {
        match (&self.shown, expected.registered.auth) {
            (Shown::Nothing, TokenEndpointAuth::None) => Ok(Vec::new()),
            (Shown::Secret(way, Some(secret)), registered) if *way == registered => {
                let digest = secret.digest();
                let matches = expected
                    .secrets
                    .iter()
                    .filter(|known| **known == digest)
                    .count();
                if matches == 0 {
                    Err(REFUSED)
                } else {
                    Ok(Vec::new())
                }
            }
            (Shown::Assertion(assertion), TokenEndpointAuth::PrivateKeyJwt) => {
                self.check_assertion(assertion, expected, now)
            }
            _ => Err(REFUSED),
        }
    }

    fn of(parameters: &Parameters, shown: Shown) -> Result<Self, OAuthError> {
        let client = parameters.get("client_id");
        let client = client.ok_or(ErrorCode::InvalidRequest.because("client_id is missing"))?;
        let client = client.parse().or(Err(REFUSED))?;
        Ok(Self { client, shown })
    }

    fn basic(field: &str, parameters: &Parameters) -> Result<Self, OAuthError> {
        let (client, secret) = read_basic(field).ok_or(REFUSED)?;
        let client: ApplicationId = client.parse().or(Err(REFUSED))?;
        if parameters
            .get("client_id")
            .is_some_and(|said| said != client.as_str())
        {
            return Err(ErrorCode::InvalidRequest.because("client_id is another"));
        }
        let secret = secret.parse().ok();
        let shown = Shown::Secret(TokenEndpointAuth::ClientSecretBasic, secret);
        Ok(Self { client, shown })
    }

    fn assertion(assertion: &str, parameters: &Parameters) -> Result<Self, OAuthError> {
        if parameters.get("client_assertion_type") != Some(ASSERTION_TYPE) {
            return Err(ErrorCode::InvalidRequest.because("client_assertion_type is unknown"));
        }
        let said = parameters.get("client_id").map(ToOwned::to_owned);
        let client = said.or_else(|| subject(assertion)).ok_or(REFUSED)?;
        Ok(Self {
            client: client.parse().or(Err(REFUSED))?,
            shown: Shown::Assertion(assertion.to_owned()),
        })
    }

    /// RFC 7523 §3: issuer and subject are the client, the audience is this server, it expires soon,
    /// and it has a name. Others may be named beside this server ("an intended audience"): it is good for each of them once.
    fn check_assertion(
        &self,
        assertion: &str,
        expected: Expected<'_>,
        now: Instant,
    ) -> Result<Vec<Change>, OAuthError> {
        let keys = expected.registered.jwks.as_ref().ok_or(REFUSED)?;
        let keys = KeySet::from_jwks(keys.as_bytes(), strict_jws::Unsupported::Skip);
        let keys = keys.or(Err(REFUSED))?;
        let verified = keys
            .verify(assertion, &Policy::untyped_or_jwt())
            .or(Err(REFUSED))?;
        let claims = Document::parse(verified.payload(), Bounds::PAYLOAD).or(Err(REFUSED))?;
        let claims = claims.root();
        let text = |name| claims.member(name).and_then(|value| value.string());
        let client = self.client.as_str();
        let audience = claims.member("aud").ok_or(REFUSED)?;
        let mut audiences = audience
            .elements()
            .filter_map(|one| one.string())
            .chain(audience.string());
        let is_for_us = audiences.any(|one| expected.audiences.contains(&&*one));
        let ours = text("iss").as_deref() == Some(client) && text("sub").as_deref() == Some(client);
        let expires = claims
            .member("exp")
            .and_then(|value| value.integer())
            .ok_or(REFUSED)?;
        let since = |name| {
            let since = claims.member(name);
            let since = since.map_or(Some(0), |value| value.integer());
            since.map(Instant::from_unix_seconds).ok_or(REFUSED)
        };
        let begins = since("nbf")?.max(since("iat")?);
        let expires = Instant::from_unix_seconds(expires);
        let soon = now < expires && expires <= now.plus(LONGEST) && begins <= now.plus(SKEW);
        let name = text("jti").filter(|name| !name.is_empty()).ok_or(REFUSED)?;
        if !(ours && is_for_us && soon) {
            return Err(REFUSED);
        }
        let name = [client.as_bytes(), name.as_bytes()];
        Ok(vec![Once::claim("client assertion", &name, expires)])
    }
}

/// What every client is told that is not let in.
const REFUSED: OAuthError = ErrorCode::InvalidClient.because("the client is not authenticated");

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How long an assertion may be good.
const LONGEST: Duration = Duration::from_seconds(10 * 60);
/// How far a client's clock may be ahead.
const SKEW: Duration = Duration::from_seconds(5);

fn is_of_scheme(field: &str, scheme: &str) -> bool {
    let (said, _) = field.split_once(' ').unwrap_or((field, ""));
    said.eq_ignore_ascii_case(scheme)
}

/// Both are encoded as in a form (RFC 6749 §2.3.1).
fn read_basic(field: &str) -> Option<(String, zeroize::Zeroizing<String>)> {
    let (scheme, encoded) = field.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let pair = zeroize::Zeroizing::new(base64::decode_padded(encoded.as_bytes()).ok()?);
    let (client, secret) = std::str::from_utf8(&pair).ok()?.split_once(':')?;
    Some((decode(client).ok()?, decode(secret).ok()?.into()))
}

/// Whose keys an assertion is to be verified with: nothing else is believed of it before.
fn subject(assertion: &str) -> Option<String> {
    let payload = base64::decode(assertion.split('.').nth(1)?.as_bytes()).ok()?;
    let claims = Document::parse(&payload, Bounds::PAYLOAD).ok()?;
    let subject = claims.root().member("sub")?.string()?;
    Some(subject.into_owned())
}

impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Nothing => "Nothing",
            Self::Secret(..) => "Secret([redacted])",
            Self::Assertion(_) => "Assertion([redacted])",
        })
    }
}

#[cfg(test)]
mod tests;
