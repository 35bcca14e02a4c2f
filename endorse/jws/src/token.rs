//! A token in compact form (RFC 7515 §7.1), from its text to its verified payload.

use std::fmt;

use crate::header::Header;
use crate::{Part, Policy, PublicKey, Refusal, base64};

/// A token that has the right form, and whose payload nobody may read yet.
///
/// ```
/// use strict_jws::{Algorithm, KeyId, Policy, Refusal, Signer, SigningKey, SystemRandom, Unverified};
///
/// let random = SystemRandom::new();
/// let pem = SigningKey::generate_pem(Algorithm::Es256, &random)?;
/// let signer = Signer::certifying(SigningKey::from_pem(&pem, &random)?);
/// let token = signer.sign(Some("example+jwt"), b"anything", &random)?;
///
/// let policy = Policy::typed("example+jwt");
/// let unverified = Unverified::parse(&token, &policy)?;
/// assert_eq!(unverified.header().key_id(), signer.key_id());
/// let verified = unverified.verify(signer.public())?;
/// assert_eq!(verified.payload(), b"anything");
///
/// let forged = token.replacen('.', ".AAAA", 1);
/// let refusal = Unverified::parse(&forged, &policy)?.verify(signer.public());
/// assert_eq!(refusal.err(), Some(Refusal::Signature));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Unverified<'t> {
    header: Header,
    signed: &'t [u8],
    /// The payload and then the signature, decoded.
    decoded: Vec<u8>,
    payload_len: usize,
}

impl<'t> Unverified<'t> {
    /// Reads the form of a token, in the order in which that is cheapest to refuse.
    ///
    /// # Errors
    /// [`Refusal`] for anything but a signature that does not verify.
    pub fn parse(token: &'t (impl AsRef<[u8]> + ?Sized), policy: &Policy) -> Result<Self, Refusal> {
        let parts = Parts::of(token.as_ref(), policy.max_len())?;
        let mut decoded = Vec::with_capacity(token.as_ref().len());
        decode(Part::Header, parts.header, &mut decoded)?;
        let header = Header::read(&decoded, |typ| policy.expects(typ))?;
        decoded.clear();
        decode(Part::Payload, parts.payload, &mut decoded)?;
        let payload_len = decoded.len();
        decode(Part::Signature, parts.signature, &mut decoded)?;
        Ok(Self {
            header,
            signed: parts.signed,
            decoded,
            payload_len,
        })
    }

    /// The header, for finding the key.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Verifies the signature under the key, which fixes the algorithm.
    ///
    /// # Errors
    /// [`Refusal::AlgorithmMismatch`] and [`Refusal::Signature`].
    pub fn verify(mut self, key: &PublicKey) -> Result<Verified, Refusal> {
        if self.header.algorithm() != key.algorithm() {
            return Err(Refusal::AlgorithmMismatch {
                header: self.header.algorithm(),
                key: key.algorithm(),
            });
        }
        let signature = self.decoded.get(self.payload_len..).unwrap_or_default();
        if !key.verifies(self.signed, signature) {
            return Err(Refusal::Signature);
        }
        self.decoded.truncate(self.payload_len);
        Ok(Verified {
            header: self.header,
            payload: self.decoded,
        })
    }
}

impl fmt::Debug for Unverified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unverified")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

/// What a verified token holds. `Debug` shows no payload.
pub struct Verified {
    header: Header,
    payload: Vec<u8>,
}

impl Verified {
    /// The header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The payload's octets.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The payload's octets, taken out.
    pub fn into_payload(self) -> Vec<u8> {
        self.payload
    }
}

impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

/// The parts of a token's text, not decoded.
pub(crate) struct Parts<'t> {
    pub(crate) header: &'t [u8],
    pub(crate) payload: &'t [u8],
    pub(crate) signature: &'t [u8],
    /// Header, dot and payload (RFC 7515 §5.2).
    pub(crate) signed: &'t [u8],
}

impl<'t> Parts<'t> {
    pub(crate) fn of(token: &'t [u8], limit: usize) -> Result<Self, Refusal> {
        if token.is_empty() {
            return Err(Refusal::Empty);
        }
        if token.len() > limit {
            return Err(Refusal::TooLong { limit });
        }
        if !token.is_ascii() {
            return Err(Refusal::NotAscii);
        }
        let mut parts = token.split(|octet| *octet == b'.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Refusal::Parts);
        };
        let signed = token
            .get(..header.len() + 1 + payload.len())
            .ok_or(Refusal::Parts)?;
        Ok(Self {
            header,
            payload,
            signature,
            signed,
        })
    }
}

pub(crate) fn decode(part: Part, text: &[u8], octets: &mut Vec<u8>) -> Result<(), Refusal> {
    base64::decode_to(text, octets).map_err(|cause| Refusal::Base64(part, cause))
}
