//! What a client is told when it does not get what it asked for.

/// Declares the codes and how they are written.
macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// The `error` of an answer, as its standard writes it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[$doc])* $variant,)+
        }

        impl ErrorCode {
            /// As it is written.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

codes! {
    /// Something is missing, repeated or malformed (RFC 6749 §4.1.2.1).
    InvalidRequest = "invalid_request",
    /// The client could not be authenticated (RFC 6749 §5.2).
    InvalidClient = "invalid_client",
    /// The code, token or assertion is not valid, or not this client's (RFC 6749 §5.2).
    InvalidGrant = "invalid_grant",
    /// The client may not do that (RFC 6749 §5.2).
    UnauthorizedClient = "unauthorized_client",
    /// There is no such grant type here (RFC 6749 §5.2).
    UnsupportedGrantType = "unsupported_grant_type",
    /// Only `code` is answered (RFC 6749 §4.1.2.1).
    UnsupportedResponseType = "unsupported_response_type",
    /// A scope that the client may not have (RFC 6749 §5.2).
    InvalidScope = "invalid_scope",
    /// The user, or the server for them, said no (RFC 6749 §4.1.2.1).
    AccessDenied = "access_denied",
    /// It is the server's fault (RFC 6749 §4.1.2.1).
    ServerError = "server_error",
    /// The server cannot do it now (RFC 6749 §4.1.2.1).
    TemporarilyUnavailable = "temporarily_unavailable",
    /// The user would have to do something (OpenID Connect Core §3.1.2.6).
    InteractionRequired = "interaction_required",
    /// The user would have to sign in (OpenID Connect Core §3.1.2.6).
    LoginRequired = "login_required",
    /// The user would have to consent (OpenID Connect Core §3.1.2.6).
    ConsentRequired = "consent_required",
    /// The pushed request is unknown, used or expired (RFC 9101 §7).
    InvalidRequestUri = "invalid_request_uri",
    /// Request objects are not read here (OpenID Connect Core §3.1.2.6).
    RequestNotSupported = "request_not_supported",
    /// The wanted level of authentication cannot be reached (OpenID Connect Unmet Authentication
    /// Requirements).
    UnmetAuthenticationRequirements = "unmet_authentication_requirements",
    /// The proof of the client's key is refused (RFC 9449 §5).
    InvalidDpopProof = "invalid_dpop_proof",
    /// The proof must hold the nonce that comes with the answer (RFC 9449 §8).
    UseDpopNonce = "use_dpop_nonce",
    /// The token is not valid here (RFC 6750 §3.1).
    InvalidToken = "invalid_token",
    /// The token does not reach that far (RFC 6750 §3.1).
    InsufficientScope = "insufficient_scope",
    /// Such tokens cannot be revoked (RFC 7009 §2.2.1).
    UnsupportedTokenType = "unsupported_token_type",
    /// The user has not answered yet (RFC 8628 §3.5, CIBA §11).
    AuthorizationPending = "authorization_pending",
    /// The same, and the client asks too often (RFC 8628 §3.5, CIBA §11).
    SlowDown = "slow_down",
    /// The request's time is over (RFC 8628 §3.5, CIBA §11).
    ExpiredToken = "expired_token",
    /// The hint names nobody (CIBA §13).
    UnknownUserId = "unknown_user_id",
    /// The token that says who the user is has expired (CIBA §13).
    ExpiredLoginHintToken = "expired_login_hint_token",
    /// Users have no codes here (CIBA §13).
    InvalidUserCode = "invalid_user_code",
    /// The message is too long or cannot be shown (CIBA §13).
    InvalidBindingMessage = "invalid_binding_message",
}

/// An error with a word for whoever writes the client. It never repeats what the client sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {description}", code.name())]
#[non_exhaustive]
pub struct OAuthError {
    /// The `error`.
    pub code: ErrorCode,
    /// The `error_description`.
    pub description: &'static str,
}

impl ErrorCode {
    /// The error with that description.
    pub const fn because(self, description: &'static str) -> OAuthError {
        OAuthError {
            code: self,
            description,
        }
    }
}
