//! RSA public keys (RFC 8017 §3.1) that are worth trusting.

use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};

use super::InvalidKey;
use super::der::{self, INTEGER, SEQUENCE};

/// Modulus and exponent, big-endian without leading zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RsaKey {
    modulus: Box<[u8]>,
    exponent: Box<[u8]>,
}

impl RsaKey {
    /// Checks both; neither may have leading zeros.
    pub(super) fn new(modulus: &[u8], exponent: &[u8]) -> Result<Self, InvalidKey> {
        check_modulus(modulus)?;
        check_exponent(exponent)?;
        Ok(Self {
            modulus: modulus.into(),
            exponent: exponent.into(),
        })
    }

    /// From the DER form of an `RSAPublicKey` (RFC 8017 §A.1.1).
    pub(super) fn from_der(der: &[u8]) -> Result<Self, InvalidKey> {
        let (sequence, _) = der::read(der, SEQUENCE).ok_or(InvalidKey::Der)?;
        let (modulus, rest) = der::read(sequence, INTEGER).ok_or(InvalidKey::Der)?;
        let (exponent, _) = der::read(rest, INTEGER).ok_or(InvalidKey::Der)?;
        Self::new(der::magnitude(modulus), der::magnitude(exponent))
    }

    pub(super) fn to_der(&self) -> Vec<u8> {
        let integers = [&self.modulus, &self.exponent].map(|value| der::write_integer(value));
        der::write(SEQUENCE, &integers.concat())
    }

    pub(super) fn modulus(&self) -> &[u8] {
        &self.modulus
    }

    pub(super) fn exponent(&self) -> &[u8] {
        &self.exponent
    }

    pub(super) fn verify(
        &self,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), ring::error::Unspecified> {
        let key = RsaPublicKeyComponents {
            n: &*self.modulus,
            e: &*self.exponent,
        };
        key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
    }
}

fn check_modulus(modulus: &[u8]) -> Result<(), InvalidKey> {
    let bits = bits(modulus);
    if bits < 2048 {
        return Err(InvalidKey::ModulusTooSmall { bits });
    }
    if bits > 8192 {
        return Err(InvalidKey::ModulusTooLarge { bits });
    }
    if modulus.last().is_none_or(|last| last % 2 == 0) {
        return Err(InvalidKey::EvenModulus);
    }
    Ok(())
}

/// FIPS 186-5 §5.4 wants more than 2^16; no more than 33 bits is what `ring` computes with.
fn check_exponent(exponent: &[u8]) -> Result<(), InvalidKey> {
    let odd = exponent.last().is_some_and(|last| last % 2 == 1);
    if odd && (17..=33).contains(&bits(exponent)) {
        Ok(())
    } else {
        Err(InvalidKey::Exponent)
    }
}

/// How many bits a number has that is written without leading zeros.
fn bits(number: &[u8]) -> usize {
    let first = number.first().map_or(0, |first| first.leading_zeros());
    let unused = usize::try_from(first).expect("at most 8");
    number.len() * 8 - unused
}
