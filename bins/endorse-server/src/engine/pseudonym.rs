//! Pseudonyms: under which a SIM that was proven asks again, so that its IMSI crosses no proxy.

use aka::Imsi;
use server_kit::seal::{SealError, Sealer, SealingKey};
use strict_jws::base64;

/// Makes pseudonyms, and knows whose they are. All instances need the same secret.
#[derive(Debug)]
pub struct Pseudonyms {
    sealer: Sealer,
}

/// What they are sealed for.
const PLACE: &str = "endorse/pseudonym";

/// Digits of the longest IMSI: all pseudonyms are as long.
const DIGITS: usize = 15;

impl Pseudonyms {
    /// Makes them with this secret.
    pub fn new(secret: [u8; 32]) -> Self {
        let sealer = Sealer::new(&SealingKey::new(secret));
        Self { sealer }
    }

    /// A new one. No two are alike, so that nobody tells by them whether two requests are of one SIM.
    ///
    /// # Errors
    /// The system gave no randomness.
    pub fn make(&self, imsi: &Imsi) -> Result<String, SealError> {
        let mut padded = [0; DIGITS];
        for (octet, digit) in padded.iter_mut().zip(imsi.as_str().bytes()) {
            *octet = digit;
        }
        Ok(base64::encode(&self.sealer.seal(PLACE, &padded)?))
    }

    /// Whose it is, if it is one of ours.
    pub fn imsi(&self, pseudonym: &str) -> Option<Imsi> {
        let sealed = base64::decode(pseudonym.as_bytes()).ok()?;
        let padded = self.sealer.open(PLACE, &sealed).ok()?;
        let digits = std::str::from_utf8(&padded).ok()?;
        digits.trim_end_matches('\0').parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudonym_is_known_by_whoever_has_the_secret_and_tells_others_nothing() {
        let (one, other) = (Pseudonyms::new([1; 32]), Pseudonyms::new([2; 32]));
        let (long, short) = (
            "001010000000001".parse().unwrap(),
            "001011".parse().unwrap(),
        );
        for imsi in [long, short] {
            let made = one.make(&imsi).unwrap();
            assert_eq!(one.imsi(&made), Some(imsi));
            assert_ne!(one.make(&imsi).unwrap(), made);
            assert_eq!(one.make(&long).unwrap().len(), made.len());
            assert_eq!(other.imsi(&made), None);
            let mut forged = made.into_bytes();
            forged[20] ^= 1;
            assert_eq!(one.imsi(&String::from_utf8(forged).unwrap()), None);
        }
        assert_eq!(one.imsi("001010000000001"), None);
        assert_eq!(one.imsi(""), None);
    }
}
