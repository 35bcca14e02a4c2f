//! OAuth 2.1 and OpenID Connect, driven on the router as a relying party and a browser do.

mod assertion;
mod authentication;
mod authorize;
mod claims;
pub(crate) mod client;
mod consent;
mod device;
mod dpop;
mod ending;
mod logout;
mod par;
mod poisoning;
mod prompt;
mod remote;
mod shown;
mod sqlite;
mod token;
mod userinfo;
