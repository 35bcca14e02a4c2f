//! OAuth 2.1 and OpenID Connect, driven on the router as a relying party and a browser do.

mod authentication;
mod authorize;
pub(crate) mod client;
mod consent;
mod dpop;
mod par;
mod prompt;
mod token;
mod userinfo;
