//! OAuth 2.1 and OpenID Connect, as functions from requests to decisions.
//!
//! | you want | look at |
//! |---|---|
//! | a request's parameters, each at most once | [`Parameters`] |
//! | what to do with an authorization request | [`authorize::read`] |
//! | single claims that are asked for | [`Claims`] |
//! | a code, and what it is exchanged for | [`code`] |
//! | tokens that are rotated, and die together when one is used twice | [`refresh`] |
//! | devices without a browser | [`device::DeviceGrant`] |
//! | what a token is good for, and to take it back | [`Told`], [`revocation`] |
//! | to sign out, here and at every client | [`logout`] |
//! | who the client is | [`Credentials`] |
//! | the token endpoint | [`token::Exchange`] |
//! | the key that a client proves to hold | [`dpop::take`] |
//! | a browser that has signed in | [`session`] |
//! | what users have let clients know | [`consent`] |
//! | PKCE | [`CodeChallenge`] |
//!
//! What is decided here is written down as [`Change`](crate::store::Change)s, which the caller commits;
//! nothing is decided twice.

pub mod authorize;
mod claims;
mod client;
pub mod code;
pub mod consent;
mod credentials;
pub mod device;
pub mod dpop;
mod error;
mod grant;
mod id_token;
mod introspection;
pub mod logout;
mod once;
mod pace;
mod parameters;
mod pkce;
pub mod refresh;
pub mod revocation;
mod scope;
pub mod session;
pub mod token;
mod tokens;

pub use claims::{Claim, Claims};
pub use client::{Client, ConsentRule, Flow, TokenEndpointAuth};
pub use credentials::{Credentials, Expected};
pub use error::{ErrorCode, OAuthError};
pub use grant::{Authentication, Grant};
pub use id_token::{IdToken, InvalidIdToken};
pub use introspection::{Asker, Introspection, Told};
pub(crate) use once::Once;
pub use pace::Pace;
pub use parameters::{InvalidParameters, Parameters};
pub use pkce::{CodeChallenge, CodeVerifier, InvalidChallenge, InvalidVerifier};
pub use scope::{InvalidScope, Scope};
pub(crate) use tokens::half_hash;
pub use tokens::{AccessToken, IssueError, IssuedToken, TokenIssuer};
