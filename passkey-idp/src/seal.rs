//! Secrets at rest that must be read again: AES-256-GCM under a key that the store does not hold.
//!
//! ```
//! use passkey_idp::seal::{Sealer, SealingKey};
//! use strict_jws::SystemRandom;
//!
//! let sealer = Sealer::new(&SealingKey::new([7; 32])); // from a file, not from here
//! let sealed = sealer.seal("order/secret", b"secret", &SystemRandom::new())?;
//! assert_eq!(*sealer.open("order/secret", &sealed)?, *b"secret");
//! // what is sealed for one place cannot be put into another
//! assert!(sealer.open("signing_key/pkcs8", &sealed).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use serde::{Deserialize, Serialize};
use strict_jws::{SecureRandom, base64};
use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::random::{self, Digest};

/// The key that seals secrets: 256 bits, kept outside the store that holds what it seals.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SealingKey([u8; 32]);

/// A secret that only its [`Sealer`] reads: base64url of key id, nonce, ciphertext and tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

/// Something could not be sealed or opened; why is nobody's business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a secret could not be sealed or opened; is it the right sealing key?")]
#[non_exhaustive]
pub struct SealFailed;

/// Seals with one key, and opens what that or an earlier one has sealed.
pub struct Sealer {
    keys: Vec<(KeyTag, LessSafeKey)>,
    mark: hmac::Key,
}

/// What a [`Sealer`] says of some octets. Comparing takes the same time whatever differs.
#[derive(Clone, Copy, Debug)]
pub struct Mark(hmac::Tag);

impl Mark {
    /// 22 characters of base64url: 128 bits of it.
    pub fn text(&self) -> String {
        let (half, _) = self.0.as_ref().split_at(16);
        base64::encode(half)
    }

    /// Whether `text` is its text.
    pub fn is(&self, text: &str) -> bool {
        self.text().as_bytes().ct_eq(text.as_bytes()).into()
    }
}

/// Enough of a key's digest to tell a few keys apart.
type KeyTag = [u8; 4];

impl SealingKey {
    /// Takes the octets.
    pub const fn new(octets: [u8; 32]) -> Self {
        Self(octets)
    }

    fn tag(&self) -> KeyTag {
        let digest = Digest::of("sealing key", &[&self.0]);
        let [a, b, c, d, ..] = *digest.as_bytes();
        [a, b, c, d]
    }
}

impl Sealer {
    /// A sealer with one key.
    pub fn new(key: &SealingKey) -> Self {
        let derived = Digest::of("sealing key/mark", &[&key.0]);
        let unused = Self {
            keys: Vec::new(),
            mark: hmac::Key::new(hmac::HMAC_SHA256, derived.as_bytes()),
        };
        unused.with_earlier(key)
    }

    /// The same, opening what `key` has sealed, too.
    #[must_use]
    pub fn with_earlier(mut self, key: &SealingKey) -> Self {
        let unbound = UnboundKey::new(&AES_256_GCM, &key.0).expect("the key has 32 octets");
        self.keys.push((key.tag(), LessSafeKey::new(unbound)));
        self
    }

    /// Seals `secret` for `place`. A key seals up to 2^32 secrets, because its nonces are random.
    ///
    /// # Errors
    /// [`SealFailed`] when the system gives no random numbers.
    pub fn seal(
        &self,
        place: &str,
        secret: &[u8],
        random: &dyn SecureRandom,
    ) -> Result<Sealed, SealFailed> {
        let (tag, key) = self.keys.first().ok_or(SealFailed)?;
        let nonce: [u8; NONCE_LEN] = random::fill(random).or(Err(SealFailed))?;
        // Room for the tag of GCM, so that the plaintext is not left behind by a reallocation.
        let mut body = Zeroizing::new(Vec::with_capacity(secret.len() + AES_256_GCM.tag_len()));
        body.extend_from_slice(secret);
        let unique = Nonce::assume_unique_for_key(nonce);
        key.seal_in_place_append_tag(unique, Aad::from(place), &mut *body)
            .or(Err(SealFailed))?;
        Ok(Sealed(base64::encode(&[tag, &nonce[..], &body].concat())))
    }

    /// What only holders of the key say of `octets`, and say alike (HMAC-SHA256): for what is not worth
    /// keeping. Another key, and another `place`, say something else.
    pub fn mark(&self, place: &str, octets: &[u8]) -> Mark {
        Mark(hmac::sign(
            &self.mark,
            Digest::of(place, &[octets]).as_bytes(),
        ))
    }

    /// Opens what was sealed for the same `place`.
    ///
    /// # Errors
    /// [`SealFailed`] for anything else.
    pub fn open(&self, place: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, SealFailed> {
        let octets = base64::decode(sealed.0.as_bytes()).or(Err(SealFailed))?;
        let (tag, rest) = octets.split_first_chunk().ok_or(SealFailed)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(SealFailed)?;
        let mut keys = self.keys.iter();
        let (_, key) = keys.find(|(known, _)| known == tag).ok_or(SealFailed)?;
        let mut body = Zeroizing::new(body.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = key.open_in_place(nonce, Aad::from(place), &mut body);
        let length = opened.or(Err(SealFailed))?.len();
        body.truncate(length);
        Ok(body)
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey([redacted])")
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use strict_jws::SystemRandom;

    use super::*;

    fn sealer(seed: u8) -> Sealer {
        Sealer::new(&SealingKey::new([seed; 32]))
    }

    fn seal(sealer: &Sealer) -> Sealed {
        sealer
            .seal("here", b"secret", &SystemRandom::new())
            .unwrap()
    }

    #[test]
    fn a_secret_comes_back_from_its_own_place_only() {
        let sealer = sealer(1);
        let sealed = seal(&sealer);
        assert_eq!(sealer.open("here", &sealed).unwrap().as_slice(), b"secret");
        assert_eq!(sealer.open("there", &sealed), Err(SealFailed));
    }

    #[test]
    fn the_same_secret_never_looks_alike() {
        let sealer = sealer(1);
        assert_ne!(seal(&sealer), seal(&sealer));
    }

    #[test]
    fn every_changed_octet_is_noticed() {
        let sealer = sealer(1);
        let octets = base64::decode(seal(&sealer).0.as_bytes()).unwrap();
        for at in 0..octets.len() {
            let mut changed = octets.clone();
            changed[at] ^= 1;
            let changed = Sealed(base64::encode(&changed));
            assert_eq!(sealer.open("here", &changed), Err(SealFailed), "octet {at}");
        }
        for length in 0..octets.len() {
            let cut = Sealed(base64::encode(&octets[..length]));
            assert_eq!(sealer.open("here", &cut), Err(SealFailed));
        }
    }

    #[test]
    fn an_earlier_key_opens_and_a_foreign_one_does_not() {
        let sealed = seal(&sealer(1));
        let rotated = sealer(2).with_earlier(&SealingKey::new([1; 32]));
        assert_eq!(rotated.open("here", &sealed).unwrap().as_slice(), b"secret");
        assert_eq!(sealer(1).open("here", &seal(&rotated)), Err(SealFailed));
    }

    #[test]
    fn a_mark_is_made_alike_by_all_who_hold_the_key_and_by_nobody_else() {
        let mark = sealer(1).mark("here", b"1");
        assert_eq!(mark.text().len(), 22);
        let earlier = SealingKey::new([2; 32]);
        assert!(
            sealer(1)
                .with_earlier(&earlier)
                .mark("here", b"1")
                .is(&mark.text())
        );
        for other in [
            sealer(2).mark("here", b"1"),
            sealer(1).mark("there", b"1"),
            sealer(1).mark("here", b"2"),
        ] {
            assert!(!other.is(&mark.text()));
        }
        assert!(!mark.is("") && !mark.is(&mark.text()[..21]));
    }

    #[test]
    fn nothing_shows_a_key() {
        assert_eq!(format!("{:?}", sealer(1)), "Sealer([redacted])");
        assert_eq!(
            format!("{:?}", SealingKey::new([1; 32])),
            "SealingKey([redacted])"
        );
    }
}
