//! Signing in with OpenID Connect: authorization code, PKCE, pushed requests (RFC 9126), `state`,
//! `nonce`, and `iss` in the answer (RFC 9207).
//!
//! What the provider can do is discovered with each sign-in, so that it may change its keys.

use openidconnect::core::CoreAuthenticationFlow;
use openidconnect::url::Url;
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce,
    OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
    TokenResponse as _,
};
use passkey_idp::random::Digest;
use strict_jws::{KeySet, Unsupported};

use crate::web::Web;

mod error;
mod provider;
mod push;

pub use error::SignInError;
use provider::{Provider, Tokens, VERIFIED, discover};

/// This service, as the provider knows it.
#[derive(Clone, Debug)]
pub struct Oidc {
    issuer: IssuerUrl,
    id: ClientId,
    secret: ClientSecret,
    back: RedirectUrl,
    web: Web,
}

/// What the answer of a sign-in has to fit.
#[derive(Debug)]
pub struct Pending {
    provider: Provider,
    state: CsrfToken,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
}

/// What the browser brings back.
#[derive(Clone, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "the parameters of the answer")]
pub struct Answer {
    /// `code`
    pub code: Option<String>,
    /// `iss`
    pub issuer: Option<String>,
    /// `error`
    pub error: Option<String>,
}

/// Somebody who has signed in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Person {
    /// Who they are to the provider (`sub`).
    pub subject: String,
    /// What they are called, where the provider says so (`name`).
    pub name: Option<String>,
    /// When they signed in, in seconds since 1970 (`auth_time`).
    pub signed_in: Option<i64>,
    /// How strongly (`acr`).
    pub level: Option<String>,
    /// By what means (`amr`).
    pub means: Vec<String>,
    /// The ID token, which asks the provider to sign them out (`id_token_hint`).
    pub token: IdTokenText,
}

/// An ID token as text; it is not shown.
#[derive(Clone)]
pub struct IdTokenText(String);

impl std::fmt::Debug for IdTokenText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdTokenText([redacted])")
    }
}

impl Pending {
    /// Whether an answer with this `state` belongs to it.
    pub fn is_answered_by(&self, state: &str) -> bool {
        let digest = |text: &str| Digest::sha256(text.as_bytes());
        digest(self.state.secret()) == digest(state)
    }
}

impl Oidc {
    /// A client of `issuer`, to which browsers come back at `back`.
    pub fn new(
        issuer: IssuerUrl,
        (id, secret): (ClientId, ClientSecret),
        back: RedirectUrl,
        web: Web,
    ) -> Self {
        Self {
            issuer,
            id,
            secret,
            back,
            web,
        }
    }

    /// Begins a sign-in: what to keep for the browser, and where to send it.
    ///
    /// # Errors
    /// The provider does not answer, is another one, or does not take the request.
    pub async fn begin(&self) -> Result<(Pending, Url), SignInError> {
        let provider = discover(self).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (onward, state, nonce) = provider
            .client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scope(Scope::new("profile".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        let onward = push::pushed(self, &provider, onward).await?;
        let pending = Pending {
            provider,
            state,
            nonce,
            verifier,
        };
        Ok((pending, onward))
    }

    /// Finishes a sign-in, with what came to the browser that began it.
    ///
    /// # Errors
    /// The answer is another's, an error, or does not prove who has signed in.
    pub async fn finish(&self, pending: Pending, answer: Answer) -> Result<Person, SignInError> {
        pending.provider.check_issuer(answer.issuer.as_deref())?;
        if let Some(code) = &answer.error {
            return Err(SignInError::refused(code));
        }
        let code = AuthorizationCode::new(answer.code.ok_or(SignInError::NoCode)?);
        let provider = &pending.provider;
        let tokens = provider
            .client
            .exchange_code(code)
            .map_err(SignInError::incomplete)?
            .set_pkce_verifier(pending.verifier)
            .request_async(&self.web)
            .await
            .map_err(SignInError::exchange)?;
        self.person(provider, &tokens, &pending.nonce).await
    }

    /// Who the tokens speak of.
    async fn person(
        &self,
        provider: &Provider,
        tokens: &Tokens,
        nonce: &Nonce,
    ) -> Result<Person, SignInError> {
        let id_token = tokens.id_token().ok_or(SignInError::NoIdToken)?;
        let verifier = provider.client.id_token_verifier();
        let verifier = verifier.set_allowed_algs(VERIFIED);
        let claims = id_token.claims(&verifier, nonce)?;
        if let Some(expected) = claims.access_token_hash() {
            let algorithm = id_token.signing_alg().map_err(SignInError::unsigned)?;
            let key = id_token
                .signing_key(&verifier)
                .map_err(SignInError::unsigned)?;
            let token = tokens.access_token();
            let hash = AccessTokenHash::from_token(token, algorithm, key);
            if hash.map_err(SignInError::unsigned)? != *expected {
                return Err(SignInError::OtherToken);
            }
        }
        let means = claims.auth_method_refs().into_iter().flatten();
        let subject = claims.subject();
        let name = match claims.name().and_then(|name| name.get(None)) {
            Some(name) => Some(name.to_string()),
            None => provider.name(self, tokens.access_token(), subject).await,
        };
        Ok(Person {
            subject: subject.to_string(),
            name,
            signed_in: claims.auth_time().map(|at| at.timestamp()),
            level: claims.auth_context_ref().map(|acr| acr.to_string()),
            means: means.map(|amr| amr.to_string()).collect(),
            token: IdTokenText(id_token.to_string()),
        })
    }

    /// Where the provider signs a person out as well, and sends them back to `home`; nothing if it
    /// cannot.
    pub async fn sign_out(&self, person: &Person, home: &str) -> Option<Url> {
        let provider = discover(self).await.ok()?;
        let mut url = provider.sign_out?;
        url.query_pairs_mut()
            .append_pair("client_id", self.id.as_str())
            .append_pair("id_token_hint", &person.token.0)
            .append_pair("post_logout_redirect_uri", home);
        Some(url)
    }

    /// The keys with which the provider signs, evidence among others.
    ///
    /// # Errors
    /// The provider does not answer, or its keys cannot be read.
    pub async fn keys(&self) -> Result<KeySet, SignInError> {
        let provider = discover(self).await?;
        let request = openidconnect::http::Request::get(provider.keys.as_str());
        let request = request.body(Vec::new()).map_err(SignInError::discovery)?;
        let answer = self.web.send(request).await;
        let answer = answer.map_err(SignInError::discovery)?;
        KeySet::from_jwks(answer.body(), Unsupported::Skip).map_err(SignInError::discovery)
    }

    /// The provider's name for itself.
    pub fn issuer(&self) -> &str {
        self.issuer.as_str()
    }

    /// The name by which the provider knows this service.
    pub fn id(&self) -> &str {
        self.id.as_str()
    }
}
