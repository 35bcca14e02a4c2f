//! OAuth 2.1 and OpenID Connect, driven on the router as a relying party and a browser do.

mod authorize;
pub(crate) mod client;
mod consent;
mod prompt;
