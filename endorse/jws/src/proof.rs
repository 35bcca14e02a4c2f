//! Proofs of possession: tokens that carry the key that signed them (RFC 9449 §4.2).
//!
//! Such a token says nothing but that its maker holds some private key. Who that is, the caller
//! learns from elsewhere: compare [`Proof::key`]'s thumbprint with one that is trusted.

use crate::header::{self, Members};
use crate::json::ObjectWriter;
use crate::token::{Parts, decode};
use crate::{
    Algorithm, Part, Policy, PublicKey, Refusal, SecureRandom, SigningFailed, SigningKey, signer,
};

/// A proof whose signature verifies under the key that it carries.
#[derive(Debug)]
pub struct Proof {
    key: PublicKey,
    payload: Vec<u8>,
}

impl Proof {
    /// Reads and verifies a proof: its header has `typ`, `alg` and `jwk`, and nothing else.
    ///
    /// ```
    /// use strict_jws::{Algorithm, Policy, SigningKey, SystemRandom, proof};
    ///
    /// let random = SystemRandom::new();
    /// let pem = SigningKey::generate_pem(Algorithm::Es256, &random)?;
    /// let key = SigningKey::from_pem(&pem, &random)?;
    ///
    /// let text = proof::make(&key, "dpop+jwt", br#"{"htm":"GET"}"#, &random)?;
    /// let proof = proof::Proof::verify(&text, &Policy::typed("dpop+jwt"))?;
    /// assert_eq!(proof.key().thumbprint(), key.public().thumbprint());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Refusal`]
    pub fn verify(token: &(impl AsRef<[u8]> + ?Sized), policy: &Policy) -> Result<Self, Refusal> {
        let parts = Parts::of(token.as_ref(), policy.max_len())?;
        let mut header = Vec::new();
        decode(Part::Header, parts.header, &mut header)?;
        let (algorithm, key) = read_header(&header, policy)?;
        let (mut payload, mut signature) = (Vec::new(), Vec::new());
        decode(Part::Payload, parts.payload, &mut payload)?;
        decode(Part::Signature, parts.signature, &mut signature)?;
        if algorithm != key.algorithm() {
            return Err(Refusal::AlgorithmMismatch {
                header: algorithm,
                key: key.algorithm(),
            });
        }
        if !key.verifies(parts.signed, &signature) {
            return Err(Refusal::Signature);
        }
        Ok(Self { key, payload })
    }

    /// The key that the proof carries, and that signed it.
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The payload's octets.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }
}

/// A proof of possession of `key`.
///
/// # Errors
/// [`SigningFailed`]
pub fn make(
    key: &SigningKey,
    typ: &str,
    payload: &[u8],
    random: &dyn SecureRandom,
) -> Result<String, SigningFailed> {
    let mut header = ObjectWriter::new();
    header
        .string("typ", typ)
        .string("alg", key.algorithm().name());
    header.object("jwk", |jwk| key.public().describe(jwk));
    signer::sign(key, &header.finish(), payload, random)
}

fn read_header(text: &[u8], policy: &Policy) -> Result<(Algorithm, PublicKey), Refusal> {
    let document = header::document(text)?;
    let members = Members::of(document.root())?;
    if members.key_id.is_some() {
        return Err(Refusal::ForbiddenMember("kid"));
    }
    let algorithm = members.algorithm()?;
    if !policy.expects(members.typ.as_deref()) {
        return Err(Refusal::UnexpectedTyp);
    }
    let jwk = members.jwk.ok_or(Refusal::MissingMember("jwk"))?;
    let key = PublicKey::from_jwk_value(jwk).map_err(Refusal::EmbeddedKey)?;
    Ok((algorithm, key))
}
