//! The signing keys: which of them signs now, and which verifiers must know.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use endorse::UnixTime;
use endorse::keys::KeySource;
use strict_jws::{
    Algorithm, InvalidSigningKey, KeyId, KeySet, PublicKey, Signer, SigningKey, SystemRandom,
};
use zeroize::Zeroizing;

use crate::store::{SigningKeys, StoreError};

pub mod rotation;

/// Which tokens a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there are two profiles")]
pub enum KeyUse {
    /// Native ones.
    Native,
    /// Those in SORACOM Endorse's format.
    Soracom,
}

impl KeyUse {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Native, Self::Soracom];

    /// Its name in a store and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Soracom => "soracom",
        }
    }

    /// The use of exactly this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }
}

/// A key as a store keeps it.
#[derive(Clone)]
#[expect(clippy::exhaustive_structs, reason = "a row of a store")]
pub struct StoredKey {
    /// Its name.
    pub key_id: KeyId,
    /// Which tokens it signs.
    pub key_use: KeyUse,
    /// The private key in PEM.
    pub pem: Zeroizing<String>,
    /// Since when verifiers may know it.
    pub created: UnixTime,
    /// From when on it signs, unless a later one does; none for one that is only announced.
    pub signs_from: Option<UnixTime>,
    /// The last second in which it is published, where that is decided.
    pub until: Option<UnixTime>,
}

/// A key's place in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a key's life")]
pub enum Stage {
    /// It is published, and will sign.
    Next,
    /// It signs.
    Active,
    /// It signs no more, and is published while a token of its may live.
    Retired,
    /// It is published no more.
    Gone,
}

/// The keys cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeysError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A key is none.
    #[error("the key {key_id} cannot be used")]
    Invalid {
        /// Its name.
        key_id: KeyId,
        /// Why.
        #[source]
        source: InvalidSigningKey,
    },
    /// No key could be made.
    #[error("no key could be made")]
    Make(#[from] InvalidSigningKey),
}

impl StoredKey {
    /// A new key, announced from `now` on.
    ///
    /// # Errors
    /// The PEM holds no private key.
    pub fn announced(
        pem: Zeroizing<String>,
        key_use: KeyUse,
        now: UnixTime,
    ) -> Result<Self, InvalidSigningKey> {
        let key = SigningKey::from_pem(&pem, &SystemRandom::new())?;
        Ok(Self {
            key_id: KeyId::certifying(key.public()),
            key_use,
            pem,
            created: now,
            signs_from: None,
            until: None,
        })
    }

    /// A key that was made here, announced from `now` on.
    ///
    /// # Errors
    /// RSA keys are not made here.
    pub fn generate(
        algorithm: Algorithm,
        key_use: KeyUse,
        now: UnixTime,
    ) -> Result<Self, InvalidSigningKey> {
        let pem = SigningKey::generate_pem(algorithm, &SystemRandom::new())?;
        Self::announced(Zeroizing::new(pem), key_use, now)
    }

    /// The same, signing from `from` on.
    #[must_use]
    pub fn signing_from(self, from: UnixTime) -> Self {
        Self {
            signs_from: Some(from),
            ..self
        }
    }

    /// Whether it waits for its turn.
    pub fn is_announced(&self) -> bool {
        self.signs_from.is_none() && self.until.is_none()
    }

    /// The algorithm of its signatures.
    ///
    /// # Errors
    /// It is no key.
    pub fn algorithm(&self) -> Result<Algorithm, KeysError> {
        Ok(self.signer()?.algorithm())
    }

    fn is_published(&self, now: UnixTime) -> bool {
        self.until.is_none_or(|until| now <= until)
    }

    fn signer(&self) -> Result<Signer, KeysError> {
        let key = SigningKey::from_pem(&self.pem, &SystemRandom::new());
        let key = key.map_err(|source| KeysError::Invalid {
            key_id: self.key_id.clone(),
            source,
        })?;
        Ok(Signer::new(self.key_id.clone(), key))
    }
}

impl fmt::Debug for StoredKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredKey")
            .field("key_id", &self.key_id)
            .field("key_use", &self.key_use)
            .field("created", &self.created)
            .field("signs_from", &self.signs_from)
            .field("until", &self.until)
            .finish_non_exhaustive()
    }
}

/// The key of this use that signs at `now`: of those whose time has come the latest. A clock that
/// was set back before all of them finds the first.
pub fn signing(keys: &[StoredKey], key_use: KeyUse, now: UnixTime) -> Option<&StoredKey> {
    let of_use = || {
        let started = |key: &&StoredKey| key.key_use == key_use && key.signs_from.is_some();
        keys.iter().filter(started)
    };
    let order = |key: &&StoredKey| (key.signs_from, key.key_id.as_str().to_owned());
    let due = of_use().filter(|key| key.signs_from <= Some(now) && key.is_published(now));
    due.max_by_key(order).or_else(|| {
        of_use()
            .filter(|key| key.is_published(now))
            .min_by_key(order)
    })
}

/// A key's place in its life.
pub fn stage(keys: &[StoredKey], key: &StoredKey, now: UnixTime) -> Stage {
    if !key.is_published(now) {
        return Stage::Gone;
    }
    let active = signing(keys, key.key_use, now);
    if active.is_some_and(|active| active.key_id == key.key_id) {
        return Stage::Active;
    }
    match key.until {
        Some(_) => Stage::Retired,
        None => Stage::Next,
    }
}

/// The keys of this instance, as its store had them when it was last asked.
#[derive(Debug, Default)]
pub struct Keys {
    state: RwLock<Arc<Published>>,
}

/// What is made of the stored keys at one moment.
#[derive(Debug, Default)]
pub struct Published {
    native: Option<Signer>,
    soracom: Option<Signer>,
    keys: KeySet,
    jwks: String,
}

impl Keys {
    /// Keys that are read from `store`.
    ///
    /// # Errors
    /// [`KeysError`]
    pub async fn load(
        store: &(impl SigningKeys + ?Sized),
        now: UnixTime,
    ) -> Result<Self, KeysError> {
        let keys = Self::default();
        keys.refresh(store, now).await?;
        Ok(keys)
    }

    /// Reads them again; every second is often enough.
    ///
    /// # Errors
    /// [`KeysError`]; the keys then stay as they were.
    pub async fn refresh(
        &self,
        store: &(impl SigningKeys + ?Sized),
        now: UnixTime,
    ) -> Result<(), KeysError> {
        let published = Published::of(&store.keys().await?, now)?;
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        *state = Arc::new(published);
        Ok(())
    }

    /// What holds now.
    pub fn now(&self) -> Arc<Published> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl KeySource for Keys {
    fn find(&self, key_id: &KeyId) -> Option<Arc<PublicKey>> {
        self.now().get(key_id).map(|key| Arc::new(key.clone()))
    }
}

impl Published {
    fn of(stored: &[StoredKey], now: UnixTime) -> Result<Self, KeysError> {
        let mut published = Self::default();
        for key in stored.iter().filter(|key| key.is_published(now)) {
            let public = key.signer()?.public().clone();
            // a name is the key's digest, and stored once
            published
                .keys
                .insert(key.key_id.clone(), public)
                .unwrap_or_default();
        }
        let signer = |key_use| signing(stored, key_use, now).map(StoredKey::signer);
        published.native = signer(KeyUse::Native).transpose()?;
        published.soracom = signer(KeyUse::Soracom).transpose()?;
        published.jwks = published.keys.to_jwks();
        Ok(published)
    }

    /// The key that signs tokens of this use.
    pub fn signer(&self, key_use: KeyUse) -> Option<&Signer> {
        match key_use {
            KeyUse::Native => self.native.as_ref(),
            KeyUse::Soracom => self.soracom.as_ref(),
        }
    }

    /// The keys that verifiers must know.
    pub fn keys(&self) -> &KeySet {
        &self.keys
    }

    /// One of them.
    pub fn get(&self, key_id: &KeyId) -> Option<&PublicKey> {
        self.keys.get(key_id)
    }

    /// All of them as a JWK set.
    pub fn jwks(&self) -> &str {
        &self.jwks
    }
}
