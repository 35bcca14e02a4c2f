//! The token endpoint (OAuth 2.1 §3.2).

use strict_jws::json::ObjectWriter;
use strict_jws::{SecureRandom, Thumbprint};

use super::code::{self, AuthorizationCode, CodeRefusal};
use super::refresh::{self, RefreshFamily, RefreshRefusal, RefreshToken, Refreshing};
use super::revocation;
use super::{
    Client, CodeVerifier, ErrorCode, Flow, Grant, IssueError, OAuthError, Parameters, Scope,
    TokenIssuer,
};
use crate::application::ApplicationId;
use crate::id::{Code, FamilyId};
use crate::random::NoRandomness;
use crate::seal::SealFailed;
use crate::store::{Change, Commit, Store, StoreError, StoreExt as _, Stored};
use crate::user::User;
use crate::{Duration, Instant};

/// What a client wants.
#[derive(Debug)]
#[non_exhaustive]
pub enum TokenRequest {
    /// Tokens for a code.
    Code {
        /// The code.
        code: Code,
        /// What its challenge was made of.
        verifier: CodeVerifier,
        /// Where it was sent, if the client says so.
        redirect_uri: Option<String>,
    },
    /// Tokens for a refresh token.
    Refresh {
        /// The refresh token.
        token: RefreshToken,
        /// The scopes that are wanted: all, if none are named.
        scope: Option<Scope>,
    },
}

/// Who wants it: a client that has authenticated, or is public.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the server knows it")]
pub struct Caller<'a> {
    /// Its name.
    pub client: &'a ApplicationId,
    /// What it is registered with.
    pub registered: &'a Client,
    /// The key that it has proven to hold.
    pub key: Option<Thumbprint>,
}

/// What a client gets. `Debug` shows no token.
#[non_exhaustive]
pub struct Tokens {
    /// The access token.
    pub access_token: String,
    /// `DPoP` if it is bound to a key, `Bearer` otherwise.
    pub token_type: &'static str,
    /// For how long it is good.
    pub expires_in: Duration,
    /// The refresh token, if there is one.
    pub refresh_token: Option<RefreshToken>,
    /// The ID token, if the scope has `openid`.
    pub id_token: Option<String>,
    /// What the access token reaches.
    pub scope: Scope,
}

/// Why a client gets no tokens.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// It may not have them.
    #[error(transparent)]
    Refused(#[from] OAuthError),
    /// There is none to be had.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// What is kept cannot be opened.
    #[error(transparent)]
    Seal(#[from] SealFailed),
    /// The store gives no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<NoRandomness> for TokenError {
    fn from(error: NoRandomness) -> Self {
        IssueError::from(error).into()
    }
}

impl TokenRequest {
    /// Reads a request. `refresh` is Uyulala's name for `refresh_token`.
    ///
    /// # Errors
    /// `invalid_request`, `invalid_grant` for what was never issued here, `unsupported_grant_type`.
    pub fn read(parameters: &Parameters) -> Result<Self, OAuthError> {
        match parameters.get("grant_type") {
            Some("authorization_code") => Self::code(parameters),
            Some("refresh_token" | "refresh") => Self::refresh(parameters),
            Some(_) => Err(ErrorCode::UnsupportedGrantType.because("unknown grant_type")),
            None => Err(ErrorCode::InvalidRequest.because("grant_type is missing")),
        }
    }

    fn code(parameters: &Parameters) -> Result<Self, OAuthError> {
        let missing = ErrorCode::InvalidRequest.because("code or code_verifier is missing");
        let code = parameters.get("code").ok_or(missing)?;
        let verifier = parameters.get("code_verifier").ok_or(missing)?;
        let never_issued = ErrorCode::InvalidGrant.because("the code is not valid");
        Ok(Self::Code {
            code: code.parse().or(Err(never_issued))?,
            verifier: verifier.parse().or(Err(never_issued))?,
            redirect_uri: parameters.get("redirect_uri").map(ToOwned::to_owned),
        })
    }

    fn refresh(parameters: &Parameters) -> Result<Self, OAuthError> {
        let missing = ErrorCode::InvalidRequest.because("refresh_token is missing");
        let token = parameters.get("refresh_token").ok_or(missing)?;
        let never_issued = ErrorCode::InvalidGrant.because("the refresh token is not valid");
        let scope = parameters.get("scope").map(str::parse).transpose();
        Ok(Self::Refresh {
            token: token.parse().or(Err(never_issued))?,
            scope: scope.or(Err(ErrorCode::InvalidScope.because("scope is malformed")))?,
        })
    }
}

/// What became of tokens that were to be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Given {
    /// They stand in the store.
    Made,
    /// What they rest on is gone: a user or a client who was locked out or removed, a passkey that was.
    Fallen,
    /// What they are given for was used before.
    Before,
}

/// The token endpoint over a store.
#[derive(Debug)]
pub struct Exchange<'a, S: ?Sized> {
    pub(crate) store: &'a S,
    pub(crate) issuer: TokenIssuer<'a>,
    pub(crate) random: &'a (dyn SecureRandom + Sync),
    pub(crate) now: Instant,
}

impl<'a, S: Store + ?Sized> Exchange<'a, S> {
    /// Over that store, with tokens of that issuer.
    pub fn new(
        store: &'a S,
        issuer: TokenIssuer<'a>,
        random: &'a (dyn SecureRandom + Sync),
        now: Instant,
    ) -> Self {
        Self {
            store,
            issuer,
            random,
            now,
        }
    }

    /// Gives `caller` what it wants, or says why not. A code or a refresh token that comes a second
    /// time takes everything with it that came of the first.
    ///
    /// # Errors
    /// [`TokenError`]
    pub async fn answer(
        &self,
        caller: Caller<'_>,
        request: &TokenRequest,
    ) -> Result<Tokens, TokenError> {
        proven(caller)?;
        match request {
            TokenRequest::Code {
                code,
                verifier,
                redirect_uri,
            } => {
                let presented = code::Presented {
                    client: caller.client,
                    verifier,
                    redirect_uri: redirect_uri.as_deref(),
                    key: caller.key,
                };
                self.redeem(caller, code, &presented).await
            }
            TokenRequest::Refresh { token, scope } => {
                let presented = refresh::Presented {
                    client: caller.client,
                    token,
                    scope: scope.as_ref(),
                    key: caller.key,
                };
                self.rotate(caller, &presented).await
            }
        }
    }

    /// Revokes all tokens of a grant, access tokens included; nothing if what they came with was never
    /// committed. A refresh at the same time comes before all of it, or is refused.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn revoke(&self, family: &FamilyId) -> Result<(), StoreError> {
        let revoked = self.store.commit(revocation::all(family), self.now);
        revoked.await.map(drop)
    }

    async fn redeem(
        &self,
        caller: Caller<'_>,
        code: &Code,
        presented: &code::Presented<'_>,
    ) -> Result<Tokens, TokenError> {
        may(caller, Flow::AuthorizationCode)?;
        let id = AuthorizationCode::row_id(code);
        let found: Option<Stored<AuthorizationCode>> = self.store.find(&id).await?;
        let invalid = ErrorCode::InvalidGrant.because("the code is not valid");
        let found = found.ok_or(invalid)?;
        let (grant, used) = match found.redeem(presented, self.now) {
            Ok(redeemed) => redeemed,
            Err(refusal) => return self.refuse_code(refusal).await,
        };
        let family = found.body.family;
        match self.issue(caller, &grant, family, used).await? {
            Some(tokens) => Ok(tokens),
            None => self.refuse_code(CodeRefusal::Replayed(family)).await,
        }
    }

    /// The first tokens of a grant, as the family that dies together. `used` makes whatever the grant
    /// came of good once: if it is refused, there are no tokens, and nothing has changed.
    ///
    /// # Errors
    /// [`TokenError`]; `invalid_grant` if the grant does not [stand](Grant::stands).
    pub async fn issue(
        &self,
        caller: Caller<'_>,
        grant: &Grant,
        family: FamilyId,
        used: Change,
    ) -> Result<Option<Tokens>, TokenError> {
        let name = self.name(grant).await?;
        let (tokens, minted) = self.mint(caller, grant, family, name.as_deref())?;
        let changes = std::iter::once(used).chain(minted).collect();
        match self.give(grant.stands(), changes).await? {
            Given::Made => Ok(Some(tokens)),
            Given::Fallen => Err(FALLEN.into()),
            Given::Before => Ok(None),
        }
    }

    /// The first tokens of a grant, and what has to be [given](Self::give) with whatever makes it good
    /// once.
    pub(crate) fn mint(
        &self,
        caller: Caller<'_>,
        grant: &Grant,
        family: FamilyId,
        name: Option<&str>,
    ) -> Result<(Tokens, Vec<Change>), IssueError> {
        let lasting = lasting(caller, grant);
        let started = RefreshFamily::start(family, grant.clone(), lasting, self.random, self.now)?;
        let (mut tokens, access) = self.tokens(grant, family, name)?;
        tokens.refresh_token = started.0;
        Ok((tokens, vec![started.1, access]))
    }

    /// Makes `changes` if whatever `standing` asks for is there in the same commit.
    pub(crate) async fn give(
        &self,
        standing: Vec<Change>,
        changes: Vec<Change>,
    ) -> Result<Given, StoreError> {
        let before = standing.len();
        let changes = standing.into_iter().chain(changes).collect();
        Ok(match self.store.commit(changes, self.now).await? {
            Commit::Done(_) => Given::Made,
            Commit::Refused { at } if at < before => Given::Fallen,
            Commit::Refused { .. } => Given::Before,
        })
    }

    async fn refuse_code(&self, refusal: CodeRefusal) -> Result<Tokens, TokenError> {
        if let CodeRefusal::Replayed(family) = refusal {
            self.revoke(&family).await?;
        }
        Err(OAuthError::from(refusal).into())
    }

    async fn rotate(
        &self,
        caller: Caller<'_>,
        presented: &refresh::Presented<'_>,
    ) -> Result<Tokens, TokenError> {
        may(caller, Flow::RefreshToken)?;
        let family = *presented.token.family();
        let found: Option<Stored<RefreshFamily>> =
            self.store.find(&RefreshFamily::row_id(&family)).await?;
        let invalid = ErrorCode::InvalidGrant.because("the refresh token is not valid");
        let rotated = match found
            .ok_or(invalid)?
            .rotate(presented, self.random, self.now)
        {
            Ok(rotated) => rotated,
            Err(refusal) => return self.refuse_refresh(family, refusal).await,
        };
        let grant = Grant {
            nonce: None,
            ..rotated.grant
        };
        let name = self.name(&grant).await?;
        let (mut tokens, access) = self.tokens(&grant, family, name.as_deref())?;
        tokens.refresh_token = Some(rotated.token);
        match self
            .give(grant.stands(), vec![rotated.change, access])
            .await?
        {
            Given::Made => Ok(tokens),
            Given::Fallen => Err(FALLEN.into()),
            Given::Before => self.refuse_refresh(family, RefreshRefusal::Reused).await,
        }
    }

    async fn refuse_refresh(
        &self,
        family: FamilyId,
        refusal: RefreshRefusal,
    ) -> Result<Tokens, TokenError> {
        if refusal == RefreshRefusal::Reused {
            self.revoke(&family).await?;
        }
        Err(OAuthError::from(refusal).into())
    }

    /// What the user is called, where the ID token tells it.
    async fn name(&self, grant: &Grant) -> Result<Option<String>, StoreError> {
        if !grant.tells_name() {
            return Ok(None);
        }
        let row = User::row_id(&grant.authentication.user);
        let user = self.store.find::<User>(&row).await?;
        Ok(user.map(|user| user.body.name))
    }

    fn tokens(
        &self,
        grant: &Grant,
        family: FamilyId,
        name: Option<&str>,
    ) -> Result<(Tokens, Change), IssueError> {
        let access = self
            .issuer
            .access_token(grant, family, self.random, self.now)?;
        let wants_identity = grant.scope.contains("openid");
        let also = |claims: &mut ObjectWriter| {
            if let Some(name) = name {
                claims.string("name", name);
            }
        };
        let identity = || {
            self.issuer
                .id_token_with(grant, &access.token, also, (self.random, self.now))
        };
        let id_token = wants_identity.then(identity).transpose()?;
        let tokens = Tokens {
            access_token: access.token,
            token_type: if grant.key.is_some() {
                "DPoP"
            } else {
                "Bearer"
            },
            expires_in: self.issuer.access,
            refresh_token: None,
            id_token,
            scope: grant.scope.clone(),
        };
        Ok((tokens, access.change))
    }
}

pub(crate) fn may(caller: Caller<'_>, flow: Flow) -> Result<(), OAuthError> {
    if caller.registered.may(flow) {
        Ok(())
    } else {
        Err(ErrorCode::UnauthorizedClient.because("the client may not use this grant_type"))
    }
}

/// RFC 9449 §5.2: a client whose tokens are bound to a key proves it each time.
pub(crate) fn proven(caller: Caller<'_>) -> Result<(), OAuthError> {
    if caller.registered.proves_key && caller.key.is_none() {
        return Err(ErrorCode::InvalidDpopProof.because("the client has to prove its key"));
    }
    Ok(())
}

/// OpenID Connect Core §11: a client that knows its users stays in their absence if they said so.
fn lasting(caller: Caller<'_>, grant: &Grant) -> Refreshing {
    let wanted = !grant.scope.contains("openid") || grant.scope.contains("offline_access");
    if wanted && caller.registered.may(Flow::RefreshToken) {
        Refreshing::For(REFRESH)
    } else {
        Refreshing::Not(REMEMBERED)
    }
}

/// What a client is told whose user, or itself, is not what they were.
pub(crate) const FALLEN: OAuthError =
    ErrorCode::InvalidGrant.because("the user, their passkey or the client is gone or locked out");

/// How long after the grant its refresh tokens end.
const REFRESH: Duration = Duration::from_seconds(30 * 24 * 60 * 60);
/// How long a family without refresh tokens is remembered: longer than its access token.
const REMEMBERED: Duration = Duration::from_seconds(24 * 60 * 60);

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens")
            .field("token_type", &self.token_type)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
