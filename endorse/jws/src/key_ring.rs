//! An issuer's keys through their lives: announced, active, retired, forgotten.

use crate::{DuplicateKeyId, KeyId, KeySet, PublicKey, Signer, UnixTime};

/// The keys of one issuer: one signs, the next is published ahead of its time, and the retired are
/// published until no token of theirs can be alive.
///
/// ```
/// use strict_jws::{Algorithm, KeyRing, Policy, Signer, SigningKey, SystemRandom, UnixTime};
///
/// let random = SystemRandom::new();
/// let new_key = || -> Result<Signer, Box<dyn std::error::Error>> {
///     let pem = SigningKey::generate_pem(Algorithm::Es256, &random)?;
///     Ok(Signer::certifying(SigningKey::from_pem(&pem, &random)?))
/// };
///
/// // Tokens live for 300 seconds at the longest.
/// let mut ring = KeyRing::new(new_key()?, 300);
/// let token = ring.active().sign(None, b"{}", &random)?;
///
/// let now = UnixTime::from_seconds(1_700_000_000);
/// ring.announce(new_key()?)?;
/// ring.rotate(now)?;
/// assert!(ring.published(now.plus(300)).verify(&token, &Policy::untyped()).is_ok());
/// assert!(ring.published(now.plus(301)).verify(&token, &Policy::untyped()).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct KeyRing {
    active: Signer,
    next: Option<Signer>,
    retired: Vec<Retired>,
    overlap: u64,
}

/// A key that signs no more.
#[derive(Clone, Debug)]
struct Retired {
    key_id: KeyId,
    key: PublicKey,
    /// The last second in which it is published.
    until: UnixTime,
}

/// Why a key ring stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyRingError {
    /// A key is announced already.
    #[error("a next key is announced already")]
    NextKeyThere,
    /// No key is announced that could become the active one.
    #[error("no next key is announced")]
    NoNextKey,
    /// A key of this name is or was in the ring.
    #[error(transparent)]
    DuplicateKeyId(#[from] DuplicateKeyId),
}

impl KeyRing {
    /// A ring whose retired keys are published for `overlap` more seconds: at least the longest life
    /// of a token.
    pub fn new(active: Signer, overlap: u64) -> Self {
        Self {
            active,
            next: None,
            retired: Vec::new(),
            overlap,
        }
    }

    /// Publishes a key that signs from the next rotation on.
    ///
    /// # Errors
    /// [`KeyRingError::NextKeyThere`] and [`KeyRingError::DuplicateKeyId`].
    pub fn announce(&mut self, next: Signer) -> Result<(), KeyRingError> {
        if self.next.is_some() {
            return Err(KeyRingError::NextKeyThere);
        }
        self.must_be_new(next.key_id())?;
        self.next = Some(next);
        Ok(())
    }

    /// Lets the announced key sign, and retires the one that did.
    ///
    /// # Errors
    /// [`KeyRingError::NoNextKey`]
    pub fn rotate(&mut self, now: UnixTime) -> Result<(), KeyRingError> {
        let next = self.next.take().ok_or(KeyRingError::NoNextKey)?;
        let former = std::mem::replace(&mut self.active, next);
        self.retired.push(Retired {
            key_id: former.key_id().clone(),
            key: former.public().clone(),
            until: now.plus(self.overlap),
        });
        Ok(())
    }

    /// Adds a key that was retired earlier and is published until the end of the second `until`.
    ///
    /// # Errors
    /// [`KeyRingError::DuplicateKeyId`]
    pub fn restore(
        &mut self,
        key_id: KeyId,
        key: PublicKey,
        until: UnixTime,
    ) -> Result<(), KeyRingError> {
        self.must_be_new(&key_id)?;
        self.retired.push(Retired { key_id, key, until });
        Ok(())
    }

    /// Forgets the retired keys that are published no more.
    pub fn sweep(&mut self, now: UnixTime) {
        self.retired.retain(|retired| now <= retired.until);
    }

    /// The key that signs.
    pub fn active(&self) -> &Signer {
        &self.active
    }

    /// The key that signs next.
    pub fn next(&self) -> Option<&Signer> {
        self.next.as_ref()
    }

    /// The keys that verifiers must know now: active, next and retired.
    pub fn published(&self, now: UnixTime) -> KeySet {
        let mut set = KeySet::new();
        let signing = std::iter::once(&self.active).chain(&self.next);
        let signing = signing.map(|signer| (signer.key_id(), signer.public()));
        let alive = self.retired.iter().filter(|retired| now <= retired.until);
        for (key_id, key) in signing.chain(alive.map(|retired| (&retired.key_id, &retired.key))) {
            set.insert(key_id.clone(), key.clone())
                .expect("no key enters the ring under a name that is there");
        }
        set
    }

    fn must_be_new(&self, key_id: &KeyId) -> Result<(), DuplicateKeyId> {
        let signing = std::iter::once(&self.active)
            .chain(&self.next)
            .map(Signer::key_id);
        let mut known = signing.chain(self.retired.iter().map(|retired| &retired.key_id));
        if known.any(|known| known == key_id) {
            Err(DuplicateKeyId)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests;
