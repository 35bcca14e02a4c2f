//! What a client is registered with (RFC 7591 §2).

use serde::{Deserialize, Serialize};

use super::{ErrorCode, Introspection, OAuthError, Scope};
use crate::application::RedirectUri;
use crate::ciba::Notification;
use crate::delivery::Endpoint;

/// What an application may do as a client of OAuth. The default may do nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Client {
    /// Where a browser may be sent back to with a code (`redirect_uris`).
    pub redirect_uris: Vec<RedirectUri>,
    /// Where a browser may be sent after signing out (`post_logout_redirect_uris`).
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// How it authenticates (`token_endpoint_auth_method`).
    pub auth: TokenEndpointAuth,
    /// Its keys as a JWK set, for `private_key_jwt`, signed hints and signed backchannel requests (`jwks`).
    pub jwks: Option<String>,
    /// What it may ask for (`scope`).
    pub scope: Scope,
    /// By which flows (`grant_types`).
    pub flows: Vec<Flow>,
    /// Whether it has to push its requests (`require_pushed_authorization_requests`, RFC 9126 §6).
    pub pushes: bool,
    /// Whether its tokens are bound to a key (`dpop_bound_access_tokens`, RFC 9449 §5.2).
    pub proves_key: bool,
    /// What its tokens are signed with (`id_token_signed_response_alg`), if the server has such a key.
    pub id_token_alg: Option<String>,
    /// Whether its users are asked what it may have.
    pub consent: ConsentRule,
    /// Where it is told that a user has signed out (`backchannel_logout_uri`).
    pub backchannel_logout_uri: Option<Endpoint>,
    /// Whose tokens it may ask about.
    pub introspection: Introspection,
    /// How it learns what a user has answered without its browser (CIBA §4).
    pub notification: Notification,
}

/// Whether a client's users are asked for their consent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ConsentRule {
    /// They are, once for each scope.
    #[default]
    Asked,
    /// They are not: the client belongs to whoever runs the server.
    Implied,
}

/// How a client authenticates at the token endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TokenEndpointAuth {
    /// Not at all: a public client, which proves itself by PKCE alone.
    None,
    /// By its secret, in the header (RFC 6749 §2.3.1).
    #[default]
    ClientSecretBasic,
    /// By its secret, in the body (RFC 6749 §2.3.1).
    ClientSecretPost,
    /// By an assertion that its key has signed (OpenID Connect Core §9).
    PrivateKeyJwt,
}

/// A way to tokens (`grant_types`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Flow {
    /// The authorization code (OAuth 2.1 §4.1).
    #[serde(rename = "authorization_code")]
    AuthorizationCode,
    /// Refresh tokens (OAuth 2.1 §4.3).
    #[serde(rename = "refresh_token")]
    RefreshToken,
    /// For itself (OAuth 2.1 §4.2).
    #[serde(rename = "client_credentials")]
    ClientCredentials,
    /// The device grant (RFC 8628).
    #[serde(rename = "urn:ietf:params:oauth:grant-type:device_code")]
    DeviceCode,
    /// CIBA (OpenID Connect CIBA Core §10).
    #[serde(rename = "urn:openid:params:grant-type:ciba")]
    Ciba,
}

impl Client {
    /// Whether it may go that way.
    pub fn may(&self, flow: Flow) -> bool {
        self.flows.contains(&flow)
    }

    /// What it may ask for of the scopes that it asks for. `offline_access` is nothing to a client that may
    /// not use refresh tokens, and left out (OpenID Connect Core §11).
    ///
    /// # Errors
    /// `invalid_scope` for scopes that are malformed, or not registered.
    pub fn granted(&self, wanted: Option<&str>) -> Result<Scope, OAuthError> {
        let wanted = wanted.unwrap_or_default().parse::<Scope>();
        let wanted = wanted.or(Err(ErrorCode::InvalidScope.because("scope is malformed")))?;
        if !wanted.is_within(&self.scope) {
            let beyond = "the client may not ask for one of the scopes";
            return Err(ErrorCode::InvalidScope.because(beyond));
        }
        Ok(if self.may(Flow::RefreshToken) {
            wanted
        } else {
            wanted.without("offline_access")
        })
    }

    /// Whether it has nothing to authenticate with.
    pub fn is_public(&self) -> bool {
        self.auth == TokenEndpointAuth::None
    }

    /// Whether a secret is what it authenticates with.
    pub fn has_secret(&self) -> bool {
        use TokenEndpointAuth::{ClientSecretBasic, ClientSecretPost};
        matches!(self.auth, ClientSecretBasic | ClientSecretPost)
    }
}
