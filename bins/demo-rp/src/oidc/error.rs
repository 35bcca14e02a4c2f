//! Why nobody is signed in, and what to do about it.

use std::error::Error;

use openidconnect::ClaimsVerificationError;

type Cause = Box<dyn Error + Send + Sync>;

/// Why nobody is signed in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignInError {
    /// No sign-in of this browser has the answer's `state`.
    #[error("this browser has not asked for that answer")]
    OtherState,
    /// `iss` is another provider, or missing.
    #[error("the answer comes from another identity provider")]
    OtherProvider,
    /// The provider answered with an error code.
    #[error("the identity provider answers {0}")]
    Refused(&'static str),
    /// The answer has neither a code nor an error.
    #[error("the answer holds no code")]
    NoCode,
    /// The provider could not be asked what it can do.
    #[error("the identity provider cannot be discovered")]
    Discovery(#[source] Cause),
    /// The code was not taken for tokens.
    #[error("the code was not exchanged for tokens")]
    Exchange(#[source] Cause),
    /// There was no ID token among the tokens.
    #[error("the identity provider does not say who has signed in")]
    NoIdToken,
    /// The ID token is for another sign-in or service, too old, or not signed by the provider.
    #[error("the ID token is not to be believed")]
    IdToken(#[from] ClaimsVerificationError),
    /// The ID token is for another access token (`at_hash`).
    #[error("the ID token belongs to another access token")]
    OtherToken,
}

impl SignInError {
    pub(super) fn discovery(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::Discovery(cause.into())
    }

    pub(super) fn exchange(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::Exchange(cause.into())
    }

    pub(super) fn incomplete(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::Discovery(cause.into())
    }

    pub(super) fn unsigned(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::Exchange(cause.into())
    }

    /// The provider's code, if it is one: whoever made the answer may have written anything.
    pub(super) fn refused(code: &str) -> Self {
        let known = CODES.iter().find(|known| **known == code);
        Self::Refused(known.copied().unwrap_or("with an error of its own"))
    }

    /// What the person, or whoever operates this service, can do.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::OtherState | Self::OtherProvider | Self::NoCode => {
                "Nothing was done. Start again here, in this window."
            }
            Self::Refused(code) => advice(code),
            Self::Discovery(_) => {
                "Is the identity provider running, and is --issuer exactly the issuer that it names \
                 in /.well-known/openid-configuration?"
            }
            Self::Exchange(_) => {
                "Is the client secret still right? `passkey-server app rotate-secret` gives another."
            }
            Self::NoIdToken | Self::IdToken(_) | Self::OtherToken => {
                "Nothing was believed. Start again; if it happens again, look at the log."
            }
        }
    }
}

/// RFC 6749 §4.1.2.1 and §5.2, OpenID Connect Core §3.1.2.6.
const CODES: [&str; 11] = [
    "access_denied",
    "account_selection_required",
    "consent_required",
    "interaction_required",
    "invalid_client",
    "invalid_request",
    "invalid_scope",
    "login_required",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
];

/// By the code of RFC 6749 §4.1.2.1 and OpenID Connect Core §3.1.2.6.
fn advice(code: &str) -> &'static str {
    match code {
        "access_denied" => "You said no, which is fine. You can sign in whenever you like.",
        "login_required" | "interaction_required" | "consent_required" => {
            "The identity provider has to ask you something first. Sign in again."
        }
        "invalid_client" | "unauthorized_client" => {
            "The identity provider does not know this service: check --client-id and the secret."
        }
        "invalid_request" | "invalid_scope" => {
            "Is this service's address registered? `passkey-server app add NAME --redirect URL`, \
             with the URL of /callback here."
        }
        "temporarily_unavailable" | "server_error" => "Try again in a minute.",
        _ => "Start again; if it happens again, look at the log of the identity provider.",
    }
}
