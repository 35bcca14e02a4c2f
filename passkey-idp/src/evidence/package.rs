//! The form of a package.

use serde::{Deserialize, Serialize};
use strict_jws::{PublicKey, SecureRandom, Signer, SigningFailed, base64};

use super::{Refusal, Statement, Trust, verify};

/// What a package of this version begins with.
pub const FORMAT: &str = "passkey-idp/evidence/v1";

/// The `typ` of the server's JWS.
pub(super) const TYP: &str = "passkey-evidence+jwt";

/// A package, as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Package {
    pub(super) format: String,
    pub(super) jwk: serde_json::Value,
    pub(super) jws: String,
}

/// Why a package is not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealPackageError {
    /// The server's signature could not be made.
    #[error(transparent)]
    Signing(#[from] SigningFailed),
    /// The package would not verify. Nobody is given such a thing.
    #[error("the package does not verify")]
    Refused(#[from] Refusal),
}

/// Makes a package, and verifies it as anyone would.
///
/// # Errors
/// [`SealPackageError`]
pub fn seal(
    statement: &Statement,
    signer: &Signer,
    random: &dyn SecureRandom,
) -> Result<String, SealPackageError> {
    let payload = json(statement);
    let package = Package {
        format: FORMAT.to_owned(),
        jwk: jwk(signer.public()),
        jws: signer.sign(Some(TYP), payload.as_bytes(), random)?,
    };
    let text = json(&package);
    verify(&text, &Trust::Embedded)?;
    Ok(text)
}

/// What a package says, without looking at its signatures: for whoever has verified it before, and kept
/// it where nobody else writes. Anybody else wants [`verify`].
///
/// # Errors
/// [`Refusal::Form`] and [`Refusal::Statement`].
pub fn read_unverified(package: &str) -> Result<Statement, Refusal> {
    let package: Package = serde_json::from_str(package).or(Err(Refusal::Form))?;
    let mut segments = package.jws.split('.');
    let payload = segments.nth(1).ok_or(Refusal::Form)?;
    let payload = base64::decode(payload.as_bytes()).or(Err(Refusal::Form))?;
    serde_json::from_slice(&payload).or(Err(Refusal::Statement))
}

/// The one form of a value: members in their order, nothing between them.
pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("packages have a JSON form")
}

pub(super) fn jwk(key: &PublicKey) -> serde_json::Value {
    serde_json::from_str(&key.to_jwk()).expect("a JWK is JSON")
}
