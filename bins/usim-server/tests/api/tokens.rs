//! Tokens of issuers that the settings trust.

#[path = "../../../../endorse/tests/refusals/claims.rs"]
mod claims;
#[path = "../../../../endorse/tests/refusals/form.rs"]
mod form;
#[path = "../../../../endorse/tests/refusals/header.rs"]
mod header;
#[path = "../../../../endorse/tests/refusals/payload.rs"]
mod payload;
#[path = "../../../../endorse/tests/refusals/signature.rs"]
mod signature;
#[path = "../../../../endorse/tests/refusals/times.rs"]
mod times;

mod access;
mod bound;
