//! The keys that sign, kept in the store under the sealing key, and seen alike by all instances.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use axum::body::Bytes;
use passkey_idp::seal::{SealFailed, Sealed, Sealer};
use passkey_idp::store::{
    Change, Kind, List, New, PageSize, Record, RowId, Set, State, Store, StoreError, StoreExt as _,
    Stored, Where,
};
use passkey_idp::{Duration, Instant};
use serde::{Deserialize, Serialize};
use strict_jws::{
    Algorithm, InvalidSigningKey, KeyId, KeySet, SecureRandom, Signer, SigningFailed, SigningKey,
};
use zeroize::Zeroizing;

/// A key as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoredKey {
    /// `ES256`, `EdDSA` or `RS256`.
    pub algorithm: String,
    /// PKCS#8 in PEM, sealed.
    pub pem: Sealed,
    /// From when on it signs; until then verifiers learn it.
    pub signs_from: Instant,
}

/// Whether verifiers are told of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyState {
    /// They are.
    Published,
    /// They are not any more.
    Retired,
}

impl State for KeyState {
    const ALL: &'static [Self] = &[Self::Published, Self::Retired];

    fn name(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Retired => "retired",
        }
    }
}

impl Record for StoredKey {
    const KIND: Kind = Kind::SigningKey;
    type State = KeyState;
}

/// Why there are no keys, or not the wanted ones.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// No key is published.
    #[error("no key is published; `passkey-server key new` makes one")]
    None,
    /// There is no such key, or it is retired.
    #[error("no published key has this name")]
    Unknown,
    /// It is the last one that signs.
    #[error("it is the only key that signs")]
    Last,
    /// The sealing key is another.
    #[error(transparent)]
    Seal(#[from] SealFailed),
    /// What is kept is no key.
    #[error(transparent)]
    Invalid(#[from] InvalidSigningKey),
    /// No key could be made.
    #[error(transparent)]
    Making(#[from] SigningFailed),
    /// The store has failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The keys at one moment.
#[derive(Debug)]
pub struct Current {
    /// The youngest of each algorithm that signs, the one that signs by default first.
    signers: Vec<Signer>,
    /// When the key that signs was to begin, if that is yet to come.
    early: Option<Instant>,
    published: KeySet,
    /// What clients fetch, written once for as long as the keys stay.
    jwks: Bytes,
    discovery: OnceLock<Bytes>,
}

impl Current {
    /// The key that signs.
    pub fn signer(&self) -> &Signer {
        self.signers
            .first()
            .expect("there is one from the beginning")
    }

    /// The key that signs for a client that wants this algorithm; the default if there is none.
    pub fn signer_of(&self, algorithm: Option<&str>) -> &Signer {
        let wanted = |signer: &&Signer| Some(signer.algorithm().name()) == algorithm;
        self.signers.iter().find(wanted).unwrap_or(self.signer())
    }

    /// The algorithms of the keys that sign, the default's first.
    pub fn algorithms(&self) -> impl Iterator<Item = &'static str> {
        self.signers.iter().map(|signer| signer.algorithm().name())
    }

    /// When the key that signs was to begin, if none of those published has by this clock: it signs before its
    /// time, since a clock that is wrong takes no instance out of service. Verifiers know it already.
    pub const fn early(&self) -> Option<Instant> {
        self.early
    }

    /// The keys that verifiers must know.
    pub const fn published(&self) -> &KeySet {
        &self.published
    }

    /// The same as a JWK set (RFC 7517 §5).
    pub fn jwks(&self) -> Bytes {
        self.jwks.clone()
    }

    /// What discovery says while these are the keys, made by `describe` the first time.
    pub(crate) fn discovery(&self, describe: impl FnOnce(&Self) -> Bytes) -> Bytes {
        self.discovery.get_or_init(|| describe(self)).clone()
    }

    /// Reads them: of each algorithm the published key that signs since last is the one that signs,
    /// and the last of these by default. RSA is for clients that want it. If none signs yet, the first that will
    /// [does](Self::early).
    ///
    /// # Errors
    /// [`KeyError`]
    pub async fn load(
        store: &dyn Store,
        sealer: &Sealer,
        random: &(dyn SecureRandom + Sync),
        now: Instant,
    ) -> Result<Self, KeyError> {
        let mut published = KeySet::new();
        let mut known: Vec<(Instant, Signer)> = Vec::new();
        for stored in list(store).await? {
            if stored.state == KeyState::Retired {
                continue;
            }
            let signer = stored.body.open(sealer, random)?;
            // two rows never bear the same name
            let _known = published.insert(signer.key_id().clone(), signer.public().clone());
            known.push((stored.body.signs_from, signer));
        }
        let first = known.iter().map(|(from, _)| *from).min();
        let first = first.ok_or(KeyError::None)?;
        known.retain(|(from, _)| *from <= now.max(first));
        Ok(Self {
            signers: youngest_of_each(known),
            early: Some(first).filter(|first| *first > now),
            jwks: published.to_jwks().into(),
            published,
            discovery: OnceLock::new(),
        })
    }
}

/// The last of each algorithm, the one that signs by default first.
fn youngest_of_each(mut signing: Vec<(Instant, Signer)>) -> Vec<Signer> {
    signing.sort_by_key(|(since, signer)| {
        let is_rsa = signer.algorithm() == Algorithm::Rs256;
        (is_rsa, std::cmp::Reverse(*since))
    });
    let mut signers: Vec<Signer> = Vec::new();
    for (_, signer) in signing {
        let is_same = |known: &Signer| known.algorithm() == signer.algorithm();
        if !signers.iter().any(is_same) {
            signers.push(signer);
        }
    }
    signers
}

/// The keys, as of the last look into the store.
#[derive(Debug)]
pub struct Keys(RwLock<Arc<Current>>);

impl Keys {
    /// These, until [`Keys::replace`].
    pub fn new(current: Current) -> Self {
        Self(RwLock::new(Arc::new(current)))
    }

    /// The keys now.
    pub fn now(&self) -> Arc<Current> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Others from now on.
    pub fn replace(&self, current: Current) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(current);
    }
}

impl StoredKey {
    /// The key, unsealed.
    ///
    /// # Errors
    /// The sealing key is another, or what is kept is no key.
    pub fn open(
        &self,
        sealer: &Sealer,
        random: &(dyn SecureRandom + Sync),
    ) -> Result<Signer, KeyError> {
        let pem = sealer.open(PLACE, &self.pem)?;
        let pem = std::str::from_utf8(&pem).or(Err(KeyError::Unknown))?;
        Ok(Signer::certifying(SigningKey::from_pem(pem, random)?))
    }

    /// Whether `sealer` has the key that has sealed it.
    pub fn is_sealed_by(&self, sealer: &Sealer) -> bool {
        sealer.open(PLACE, &self.pem).is_ok()
    }

    /// Makes a key that signs from `signs_from` on; the change that keeps it, and its name.
    ///
    /// # Errors
    /// No random numbers.
    pub fn generate(
        algorithm: Algorithm,
        signs_from: Instant,
        sealer: &Sealer,
        random: &(dyn SecureRandom + Sync),
    ) -> Result<(KeyId, Change), KeyError> {
        let pem = Zeroizing::new(SigningKey::generate_pem(algorithm, random)?);
        Self::seal(&pem, signs_from, sealer, random)
    }

    /// The same for a key that was made elsewhere, in PEM (PKCS#8).
    ///
    /// # Errors
    /// It is no key, or the system gives no random numbers.
    pub fn seal(
        pem: &str,
        signs_from: Instant,
        sealer: &Sealer,
        random: &(dyn SecureRandom + Sync),
    ) -> Result<(KeyId, Change), KeyError> {
        let signer = Signer::certifying(SigningKey::from_pem(pem, random)?);
        let key_id = signer.key_id().clone();
        let stored = Self {
            algorithm: signer.algorithm().name().to_owned(),
            pem: sealer.seal(PLACE, pem.as_bytes(), random)?,
            signs_from,
        };
        let new = New::record(row_id(&key_id)?, KeyState::Published, &stored);
        Ok((key_id, Change::insert(new)))
    }
}

/// All keys, retired ones too.
///
/// # Errors
/// The store has failed.
pub async fn list(store: &dyn Store) -> Result<Vec<Stored<StoredKey>>, StoreError> {
    let list = List::of::<StoredKey>().limit(PageSize::MAX);
    Ok(store.page::<StoredKey>(list).await?.items)
}

/// Makes the first key where there is none. Instances that start together may make one each, and
/// then agree on the younger.
///
/// # Errors
/// [`KeyError`]
pub async fn prepare(
    store: &dyn Store,
    sealer: &Sealer,
    random: &(dyn SecureRandom + Sync),
    now: Instant,
) -> Result<(), KeyError> {
    if list(store).await?.is_empty() {
        let (_, change) = StoredKey::generate(Algorithm::Es256, now, sealer, random)?;
        store.commit(vec![change], now).await?;
    }
    Ok(())
}

/// Announces another key, which signs after `lead`.
///
/// # Errors
/// [`KeyError`]
pub async fn announce(
    store: &dyn Store,
    (sealer, random): (&Sealer, &(dyn SecureRandom + Sync)),
    algorithm: Algorithm,
    lead: Duration,
    now: Instant,
) -> Result<KeyId, KeyError> {
    let (key_id, change) = StoredKey::generate(algorithm, now.plus(lead), sealer, random)?;
    store.commit(vec![change], now).await?;
    Ok(key_id)
}

/// Publishes a key no more.
///
/// # Errors
/// [`KeyError::Unknown`] and [`KeyError::Last`].
pub async fn retire(store: &dyn Store, key_id: &KeyId, now: Instant) -> Result<(), KeyError> {
    let row = row_id(key_id)?;
    let keys = list(store).await?;
    let signs = |key: &&Stored<StoredKey>| {
        key.id != row && key.state == KeyState::Published && key.body.signs_from <= now
    };
    if !keys.iter().any(|key| signs(&key)) {
        return Err(KeyError::Last);
    }
    let which = Where::<StoredKey>::id(row).state_in(&[KeyState::Published]);
    let retired = store
        .update(which, Set::state(KeyState::Retired), now)
        .await?;
    retired.map(drop).ok_or(KeyError::Unknown)
}

fn row_id(key_id: &KeyId) -> Result<RowId, KeyError> {
    key_id.as_str().parse().or(Err(KeyError::Unknown))
}

const PLACE: &str = "signing-key";
