//! Signatures of provisioning calls, and keys for applications: digests that end with CK.

use std::fmt;

use ring::digest::{Context, SHA256};
use strict_jws::base64;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// The only digest, as the field `x-soracom-digest-algorithm` names it.
pub const ALGORITHM: &str = "SHA-256";

/// A provisioning call as it was sent.
#[derive(Clone, Copy)]
pub struct Signed<'r> {
    body: &'r [u8],
    timestamp: u64,
    signature: [u8; 32],
}

/// The header fields of a call hold no signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSignature {
    /// `x-soracom-timestamp` is no number of milliseconds.
    #[error("x-soracom-timestamp is no number of milliseconds")]
    Timestamp,
    /// `x-soracom-digest-algorithm` is not SHA-256.
    #[error("x-soracom-digest-algorithm is not SHA-256")]
    Algorithm,
    /// `x-soracom-signature` is not the base64 form of 32 octets.
    #[error("x-soracom-signature is not the base64 form of 32 octets")]
    Signature,
}

impl<'r> Signed<'r> {
    /// Reads the fields `x-soracom-timestamp`, `x-soracom-digest-algorithm` and `x-soracom-signature`.
    ///
    /// # Errors
    /// [`InvalidSignature`]
    pub fn new(
        body: &'r [u8],
        timestamp: &str,
        algorithm: Option<&str>,
        signature: &str,
    ) -> Result<Self, InvalidSignature> {
        if algorithm.is_some_and(|algorithm| algorithm != ALGORITHM) {
            return Err(InvalidSignature::Algorithm);
        }
        let milliseconds: Option<u64> = timestamp.parse().ok();
        // The digits themselves are signed: there must be one way of writing them.
        let milliseconds = milliseconds.filter(|number| number.to_string() == timestamp);
        let signature = base64::decode_padded(signature.as_bytes()).ok();
        let signature = signature.and_then(|octets| octets.try_into().ok());
        Ok(Self {
            body,
            timestamp: milliseconds.ok_or(InvalidSignature::Timestamp)?,
            signature: signature.ok_or(InvalidSignature::Signature)?,
        })
    }

    /// When the device says that it signed: milliseconds since 1970.
    pub fn timestamp(&self) -> u64 {
        self.timestamp
    }

    /// Whether whoever signed holds `ck`; compared in constant time.
    pub fn is_by(&self, ck: &[u8; 16]) -> bool {
        let expected = digest(self.body, self.timestamp, ck);
        expected.ct_eq(&self.signature).into()
    }
}

impl fmt::Debug for Signed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed")
            .field("timestamp", &self.timestamp)
            .finish_non_exhaustive()
    }
}

/// The device's signature of a call, for the field `x-soracom-signature`; `timestamp` in milliseconds.
pub fn sign(body: &[u8], timestamp: u64, ck: &[u8; 16]) -> String {
    base64::encode_padded(&*digest(body, timestamp, ck))
}

/// The key of 16 octets that both sides derive after `inventory/bootstrap`; `timestamp` in milliseconds.
pub fn application_key(nonce: &[u8], timestamp: u64, ck: &[u8; 16]) -> Zeroizing<[u8; 16]> {
    let digest = digest(nonce, timestamp, ck);
    let (key, _) = digest.split_at(16);
    let mut cut = Zeroizing::new([0; 16]);
    cut.copy_from_slice(key);
    cut
}

fn digest(text: &[u8], timestamp: u64, ck: &[u8; 16]) -> Zeroizing<[u8; 32]> {
    let mut context = Context::new(&SHA256);
    context.update(text);
    context.update(timestamp.to_string().as_bytes());
    context.update(ck);
    let mut octets = Zeroizing::new([0; 32]);
    octets.copy_from_slice(context.finish().as_ref());
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"keyId":"rFhF18J_KdHsGDI4Fp7xZg","requestParameters":null}"#;
    const TIMESTAMP: &str = "1795320497335";
    const SIGNATURE: &str = "y+SeU05kLKoDhQ/JQ9gTbXjaDB48n6sFtowdK3JbHBI=";
    const CK: [u8; 16] = 0x91cf_49dc_4367_ecce_7473_3a8a_5f3d_42b5_u128.to_be_bytes();

    #[test]
    fn the_recorded_call_is_by_its_key_and_no_other() {
        let signed = Signed::new(BODY, TIMESTAMP, Some("SHA-256"), SIGNATURE).unwrap();
        assert!(signed.is_by(&CK));
        assert!(!signed.is_by(&[0; 16]));
        assert_eq!(sign(BODY, 1_795_320_497_335, &CK), SIGNATURE);
        let other = Signed::new(b"{}", TIMESTAMP, None, SIGNATURE).unwrap();
        assert!(!other.is_by(&CK));
        let later = Signed::new(BODY, "1795320497336", None, SIGNATURE).unwrap();
        assert!(!later.is_by(&CK));
    }

    #[test]
    fn what_is_no_signature_is_told() {
        let read = |timestamp, algorithm, signature| {
            Signed::new(BODY, timestamp, algorithm, signature).map(|signed| signed.timestamp())
        };
        assert_eq!(
            read(TIMESTAMP, Some("MD5"), SIGNATURE),
            Err(InvalidSignature::Algorithm)
        );
        for timestamp in ["", "x", "-1", "+1", "01", "1e3", "18446744073709551616"] {
            assert_eq!(
                read(timestamp, None, SIGNATURE),
                Err(InvalidSignature::Timestamp)
            );
        }
        for signature in ["", "AAAA", "y-SeU05kLKoDhQ_JQ9gTbXjaDB48n6sFtowdK3JbHBI="] {
            assert_eq!(
                read(TIMESTAMP, None, signature),
                Err(InvalidSignature::Signature)
            );
        }
    }

    #[test]
    fn an_applications_key_is_the_first_half_of_the_digest() {
        let key = application_key(b"nonce", 5, &[1; 16]);
        let whole = digest(b"nonce", 5, &[1; 16]);
        assert_eq!(key[..], whole[..16]);
        assert_ne!(application_key(b"nonce", 6, &[1; 16])[..], key[..]);
    }
}
