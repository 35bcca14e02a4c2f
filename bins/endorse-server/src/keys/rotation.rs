//! How keys come and go while servers run: `key new`, `key rotate`, `key retire`.

use endorse::UnixTime;
use strict_jws::{Algorithm, KeyId};

use super::{KeyUse, KeysError, Stage, StoredKey, signing, stage};
use crate::store::SigningKeys;

/// How long before it signs a key is announced, and how long after it is still published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "before and after")]
pub struct Timing {
    /// Seconds between a key's announcement and its first signature: longer than verifiers keep
    /// what they have fetched.
    pub lead: u64,
    /// Seconds that a key is published after its last signature: at least the longest life of a
    /// token.
    pub overlap: u64,
}

impl Timing {
    /// The longest life of a token that the overlap is made for, in seconds.
    pub const LONGEST_LIFE: u64 = 3600;
    /// Seconds until every running instance has seen what changed in the store.
    pub const SETTLING: u64 = 3;
}

impl Default for Timing {
    /// Five minutes before, and an hour and a minute after.
    fn default() -> Self {
        Self {
            lead: 300,
            overlap: Self::LONGEST_LIFE + 60,
        }
    }
}

/// Why a key does not change.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RotationError {
    /// The keys cannot be read or made.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// There is no such key.
    #[error("there is no key {0}")]
    Unknown(KeyId),
    /// It signs: another one must do so first.
    #[error("this key signs: `key rotate` first")]
    Signs,
    /// A rotation is under way already.
    #[error("the next rotation is under way: the new key signs from {} on", .0.seconds())]
    UnderWay(UnixTime),
    /// Somebody else rotated at the same moment.
    #[error("somebody else has rotated the keys at this moment")]
    Raced,
}

impl From<crate::store::StoreError> for RotationError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Keys(error.into())
    }
}

/// Makes sure that a key signs native tokens, and that the one after it is announced.
///
/// # Errors
/// [`KeysError`]
pub async fn prepare(
    store: &(impl SigningKeys + ?Sized),
    algorithm: Algorithm,
    now: UnixTime,
) -> Result<(), KeysError> {
    let keys = store.keys().await?;
    if signing(&keys, KeyUse::Native, now).is_none() {
        let first = StoredKey::generate(algorithm, KeyUse::Native, now)?;
        store.add_key(first.signing_from(now)).await?;
    }
    if announced(&keys, KeyUse::Native).is_none() {
        let next = StoredKey::generate(algorithm, KeyUse::Native, now)?;
        store.add_key(next).await?;
    }
    Ok(())
}

/// Lets the announced key sign as soon as it has been announced for long enough, and announces
/// another. The returned moment is when it begins.
///
/// # Errors
/// [`RotationError`]
pub async fn rotate(
    store: &(impl SigningKeys + ?Sized),
    key_use: KeyUse,
    timing: Timing,
    now: UnixTime,
) -> Result<UnixTime, RotationError> {
    let keys = store.keys().await?;
    let begun = keys.iter().filter(|key| key.key_use == key_use);
    if let Some(from) = begun
        .filter(|key| key.is_published(now))
        .filter_map(|key| key.signs_from)
        .find(|from| *from > now)
    {
        return Err(RotationError::UnderWay(from));
    }
    let (from, _) = begin(store, &keys, key_use, (timing, now)).await?;
    Ok(from)
}

/// When the announced key signs, and until when those before it are published.
async fn begin(
    store: &(impl SigningKeys + ?Sized),
    keys: &[StoredKey],
    key_use: KeyUse,
    (timing, now): (Timing, UnixTime),
) -> Result<(UnixTime, UnixTime), RotationError> {
    let next = match announced(keys, key_use) {
        Some(next) => next.clone(),
        None => announce(store, keys, key_use, now).await?,
    };
    let from = next
        .created
        .plus(timing.lead)
        .max(now.plus(Timing::SETTLING));
    let until = from.plus(timing.overlap);
    if !store.promote(&next.key_id, key_use, from, until).await? {
        return Err(RotationError::Raced);
    }
    announce(store, keys, key_use, now).await?;
    Ok((from, until))
}

/// Ends a key's publication: verifiers refuse its tokens as soon as they fetch the keys again. Where
/// it was about to sign, the one after it does so instead, and the one before it until then.
///
/// # Errors
/// [`RotationError::Signs`] for the active one.
pub async fn retire(
    store: &(impl SigningKeys + ?Sized),
    key_id: &KeyId,
    now: UnixTime,
) -> Result<(), RotationError> {
    let keys = store.keys().await?;
    let key = keys.iter().find(|key| key.key_id == *key_id);
    let key = key.ok_or_else(|| RotationError::Unknown(key_id.clone()))?;
    if stage(&keys, key, now) == Stage::Active {
        return Err(RotationError::Signs);
    }
    if key.until.is_none() && key.signs_from > Some(now) {
        let when = (Timing::default(), now);
        let (_, until) = begin(store, &keys, key.key_use, when).await?;
        if let Some(signs) = signing(&keys, key.key_use, now) {
            store.retire(&signs.key_id, until).await?;
        }
    }
    store.retire(key_id, now.minus(1)).await?;
    Ok(())
}

/// A new key like the one that signs.
async fn announce(
    store: &(impl SigningKeys + ?Sized),
    keys: &[StoredKey],
    key_use: KeyUse,
    now: UnixTime,
) -> Result<StoredKey, KeysError> {
    let like = signing(keys, key_use, now).and_then(|key| key.signer().ok());
    let algorithm = like.map_or(Algorithm::Es256, |signer| signer.algorithm());
    let key = StoredKey::generate(algorithm, key_use, now)?;
    store.add_key(key.clone()).await?;
    Ok(key)
}

/// The key that waits longest for its turn.
fn announced(keys: &[StoredKey], key_use: KeyUse) -> Option<&StoredKey> {
    let waiting = |key: &&StoredKey| key.key_use == key_use && key.is_announced();
    keys.iter()
        .filter(waiting)
        .min_by_key(|key| (key.created, key.key_id.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Keys;
    use crate::store::MemoryStore;

    const NOW: UnixTime = UnixTime::from_seconds(1_700_000_000);

    async fn prepared() -> MemoryStore {
        let store = MemoryStore::default();
        prepare(&store, Algorithm::EdDsa, NOW).await.unwrap();
        store
    }

    async fn stages(store: &MemoryStore, now: UnixTime) -> Vec<Stage> {
        let keys = store.keys().await.unwrap();
        keys.iter().map(|key| stage(&keys, key, now)).collect()
    }

    async fn active(store: &MemoryStore, now: UnixTime) -> KeyId {
        let keys = Keys::load(store, now).await.unwrap().now();
        keys.signer(KeyUse::Native).unwrap().key_id().clone()
    }

    #[tokio::test]
    async fn the_first_start_makes_the_key_that_signs_and_the_next() {
        let store = prepared().await;
        assert_eq!(stages(&store, NOW).await, [Stage::Active, Stage::Next]);
        prepare(&store, Algorithm::EdDsa, NOW).await.unwrap();
        assert_eq!(stages(&store, NOW).await, [Stage::Active, Stage::Next]);
    }

    #[tokio::test]
    async fn a_key_signs_once_it_was_announced_for_long_enough() {
        let store = prepared().await;
        let timing = Timing::default();
        let soon = NOW.plus(100);
        let from = rotate(&store, KeyUse::Native, timing, soon).await.unwrap();
        assert_eq!(from, NOW.plus(300));
        assert_eq!(
            stages(&store, from.minus(1)).await,
            [Stage::Active, Stage::Next, Stage::Next]
        );
        assert_eq!(
            stages(&store, from).await,
            [Stage::Retired, Stage::Active, Stage::Next]
        );
        let end = from.plus(timing.overlap);
        assert_eq!(
            stages(&store, end.plus(1)).await,
            [Stage::Gone, Stage::Active, Stage::Next]
        );
        // and the next one has been announced long ago
        let later = rotate(&store, KeyUse::Native, timing, end).await.unwrap();
        assert_eq!(later, end.plus(Timing::SETTLING));
    }

    #[tokio::test]
    async fn a_rotation_that_is_under_way_is_not_begun_again() {
        let store = prepared().await;
        let rotate = || rotate(&store, KeyUse::Native, Timing::default(), NOW);
        rotate().await.unwrap();
        assert!(matches!(
            rotate().await,
            Err(RotationError::UnderWay(from)) if from == NOW.plus(300)
        ));
    }

    #[tokio::test]
    async fn a_key_is_published_from_before_its_first_token_until_after_its_last() {
        let store = prepared().await;
        let before = active(&store, NOW).await;
        let from = rotate(&store, KeyUse::Native, Timing::default(), NOW);
        let from = from.await.unwrap();
        for now in [NOW, from.minus(1), from, from.plus(3660)] {
            let keys = Keys::load(&store, now).await.unwrap().now();
            assert!(keys.get(&before).is_some());
            assert!(keys.get(&active(&store, from).await).is_some());
        }
        let keys = Keys::load(&store, from.plus(3661)).await.unwrap().now();
        assert!(keys.get(&before).is_none());
    }

    #[tokio::test]
    async fn a_clock_that_is_set_back_signs_with_a_key_that_is_published() {
        let store = prepared().await;
        let past = NOW.minus(86_400);
        let signer = active(&store, past).await;
        let keys = Keys::load(&store, past).await.unwrap().now();
        assert!(keys.get(&signer).is_some());
        rotate(&store, KeyUse::Native, Timing::default(), past)
            .await
            .unwrap_err();
    }

    #[tokio::test]
    async fn the_key_that_signs_is_not_retired_and_others_are_at_once() {
        let store = prepared().await;
        let first = active(&store, NOW).await;
        assert!(matches!(
            retire(&store, &first, NOW).await,
            Err(RotationError::Signs)
        ));
        let timing = Timing {
            lead: 0,
            overlap: 3660,
        };
        let from = rotate(&store, KeyUse::Native, timing, NOW).await.unwrap();
        assert_eq!(from, NOW.plus(Timing::SETTLING));
        retire(&store, &first, from).await.unwrap();
        let keys = Keys::load(&store, from).await.unwrap().now();
        assert!(keys.get(&first).is_none());
        let nobody = StoredKey::generate(Algorithm::EdDsa, KeyUse::Native, NOW).unwrap();
        assert!(matches!(
            retire(&store, &nobody.key_id, NOW).await,
            Err(RotationError::Unknown(_))
        ));
    }

    #[tokio::test]
    async fn a_key_that_is_retired_before_it_signs_leaves_no_gap() {
        let store = prepared().await;
        let (timing, first) = (Timing::default(), active(&store, NOW).await);
        let from = rotate(&store, KeyUse::Native, timing, NOW).await.unwrap();
        let second = active(&store, from).await;
        retire(&store, &second, NOW.plus(250)).await.unwrap();
        assert_eq!(active(&store, from.minus(1)).await, first);
        let third = active(&store, from.plus(3)).await;
        assert!(third != first && third != second);
        let keys = Keys::load(&store, from).await.unwrap().now();
        assert!(keys.get(&second).is_none() && keys.get(&third).is_some());
        // the last token of the first key is taken to its end
        let keys = Keys::load(&store, from.plus(3660)).await.unwrap().now();
        assert!(keys.get(&first).is_some());
        let end = from.plus(3 + timing.overlap).plus(1);
        assert_eq!(active(&store, end).await, third);
        let stages = stages(&store, end).await;
        assert_eq!(
            stages,
            [Stage::Gone, Stage::Gone, Stage::Active, Stage::Next]
        );
    }

    #[tokio::test]
    async fn rsa_keys_are_brought_and_not_made() {
        let store = MemoryStore::default();
        let refused = prepare(&store, Algorithm::Rs256, NOW).await;
        assert!(matches!(refused, Err(KeysError::Make(_))));
    }
}
