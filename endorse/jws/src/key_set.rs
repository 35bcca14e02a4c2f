//! The keys that a verifier trusts, by name.

use crate::json::{Bounds, Document, InvalidJson, Kind, ObjectWriter, Value};
use crate::{InvalidKey, KeyId, Policy, PublicKey, Refusal, Unverified, Verified};

/// The keys that a verifier trusts, by name. No name is there twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeySet {
    keys: Vec<(KeyId, PublicKey)>,
}

/// A set has a key of this name already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is a key of this name already")]
#[non_exhaustive]
pub struct DuplicateKeyId;

/// What to do with keys of a JWK set that are for something else: another type, curve, use or
/// algorithm. Keys that are wrong in themselves refuse the set in either case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a set is refused for it or not")]
pub enum Unsupported {
    /// Refuse the whole set.
    Refuse,
    /// Leave them out (RFC 7517 §5).
    Skip,
}

/// Why a JWK set is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidKeySet {
    /// It is longer than 256 KiB.
    #[error("the set is longer than 256 KiB")]
    TooLong,
    /// It is no JSON document.
    #[error("the set is no JSON document")]
    Json(#[source] InvalidJson),
    /// It is no JSON object with an array `keys`.
    #[error("the set is no JSON object with an array of keys")]
    NotASet,
    /// A key is refused.
    #[error("key {index} is refused")]
    Key {
        /// Its place, from 0.
        index: usize,
        /// Why.
        #[source]
        cause: InvalidKey,
    },
    /// A key has no `kid`, or none that is a [`KeyId`].
    #[error("key {index} has no valid kid")]
    KeyId {
        /// Its place, from 0.
        index: usize,
    },
    /// A key's `kid` is an earlier one's.
    #[error("the kid of key {index} is an earlier one's")]
    DuplicateKeyId {
        /// Its place, from 0.
        index: usize,
    },
}

impl KeySet {
    /// How long a JWK set may be, in octets.
    pub const MAX_LEN: usize = 256 * 1024;

    /// A set without keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// From a JWK set (RFC 7517 §5), each of whose keys has a `kid`.
    ///
    /// # Errors
    /// [`InvalidKeySet`], for the first thing that is wrong.
    pub fn from_jwks(text: &[u8], unsupported: Unsupported) -> Result<Self, InvalidKeySet> {
        if text.len() > Self::MAX_LEN {
            return Err(InvalidKeySet::TooLong);
        }
        let bounds = Bounds::new(8, 8192);
        let document = Document::parse(text, bounds).map_err(InvalidKeySet::Json)?;
        let keys = document
            .root()
            .member("keys")
            .ok_or(InvalidKeySet::NotASet)?;
        if keys.kind() != Kind::Array {
            return Err(InvalidKeySet::NotASet);
        }
        let mut set = Self::new();
        for (index, jwk) in keys.elements().enumerate() {
            match PublicKey::from_jwk_value(jwk) {
                Ok(key) => set.take(index, jwk, key)?,
                Err(InvalidKey::Unsupported(_)) if unsupported == Unsupported::Skip => {}
                Err(cause) => return Err(InvalidKeySet::Key { index, cause }),
            }
        }
        Ok(set)
    }

    fn take(&mut self, index: usize, jwk: Value<'_>, key: PublicKey) -> Result<(), InvalidKeySet> {
        let key_id = jwk.member("kid").and_then(|kid| kid.string()?.parse().ok());
        let key_id = key_id.ok_or(InvalidKeySet::KeyId { index })?;
        self.insert(key_id, key)
            .map_err(|DuplicateKeyId| InvalidKeySet::DuplicateKeyId { index })
    }

    /// Adds a key.
    ///
    /// # Errors
    /// [`DuplicateKeyId`]
    pub fn insert(&mut self, key_id: KeyId, key: PublicKey) -> Result<(), DuplicateKeyId> {
        if self.get(&key_id).is_some() {
            return Err(DuplicateKeyId);
        }
        self.keys.push((key_id, key));
        Ok(())
    }

    /// Adds a key under the name that proves itself, and returns that name.
    ///
    /// # Errors
    /// [`DuplicateKeyId`]
    pub fn insert_certifying(&mut self, key: PublicKey) -> Result<KeyId, DuplicateKeyId> {
        let key_id = KeyId::certifying(&key);
        self.insert(key_id.clone(), key)?;
        Ok(key_id)
    }

    /// The key of this name.
    pub fn get(&self, key_id: &KeyId) -> Option<&PublicKey> {
        let found = self.keys.iter().find(|(known, _)| known == key_id);
        found.map(|(_, key)| key)
    }

    /// All keys with their names.
    pub fn iter(&self) -> impl Iterator<Item = (&KeyId, &PublicKey)> {
        self.keys.iter().map(|(key_id, key)| (key_id, key))
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Verifies a token under the key that it names.
    ///
    /// # Errors
    /// [`Refusal`]
    pub fn verify(
        &self,
        token: &(impl AsRef<[u8]> + ?Sized),
        policy: &Policy,
    ) -> Result<Verified, Refusal> {
        let unverified = Unverified::parse(token, policy)?;
        let key = self
            .get(unverified.header().key_id())
            .ok_or(Refusal::UnknownKey)?;
        unverified.verify(key)
    }

    /// The JWK set (RFC 7517 §5): each key with `use`, `alg` and `kid`.
    pub fn to_jwks(&self) -> String {
        let mut text = String::from("{\"keys\":[");
        for (index, (key_id, key)) in self.keys.iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            let mut jwk = ObjectWriter::new();
            key.describe(&mut jwk);
            jwk.string("use", "sig")
                .string("alg", key.algorithm().name());
            jwk.string("kid", key_id.as_str());
            text.push_str(&jwk.finish());
        }
        text.push_str("]}");
        text
    }
}
