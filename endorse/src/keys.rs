//! Where a verifier's keys come from.
//!
//! A [`KeySet`] is itself a source. Others are [`Cached`]: over a [`JwksFile`], a [`PemFolder`], a
//! [`JwksUrl`] or a [`PemRepository`].

use std::fmt;
use std::sync::Arc;

use strict_jws::{InvalidKey, InvalidKeySet, KeyId, KeySet, PublicKey, UnixTime};

mod cached;
mod files;
#[cfg(feature = "remote")]
mod https;
mod remote;

pub use cached::{Cached, Load};
pub use files::{JwksFile, PemFolder};
#[cfg(feature = "client")]
pub(crate) use https::is_untrusted;
#[cfg(feature = "remote")]
pub use https::{Https, InvalidTrust, Trust};
pub use remote::{Fetch, InvalidUrl, JwksUrl, PemRepository, is_confidential};

/// The keys of one issuer.
pub trait KeySource: fmt::Debug + Send + Sync {
    /// The key of this name, if it is there. It does no I/O.
    fn find(&self, key_id: &KeyId) -> Option<Arc<PublicKey>>;

    /// Whether there are none, or so old ones that [`KeySource::refresh`] must come first.
    fn is_due(&self, _now: UnixTime) -> bool {
        false
    }

    /// Whether somebody should call [`KeySource::refresh`], beside whatever is verified meanwhile.
    fn is_aging(&self, _now: UnixTime) -> bool {
        false
    }

    /// Fetches keys, above all the `wanted` one. It may block, and does nothing more often than it
    /// should: whoever presents tokens with invented names must not be able to make it work.
    ///
    /// # Errors
    /// [`KeySourceError`]; the keys that were there stay.
    fn refresh(&self, _wanted: Option<&KeyId>, _now: UnixTime) -> Result<(), KeySourceError> {
        Ok(())
    }
}

/// Why keys could not be fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeySourceError {
    /// A file cannot be read.
    #[error("a file with keys cannot be read")]
    File(#[source] std::io::Error),
    /// A file or an answer is longer than keys can be.
    #[error("the keys are too long")]
    TooLong,
    /// The set of keys is refused.
    #[error("the set of keys is refused")]
    Set(#[from] InvalidKeySet),
    /// A key is refused.
    #[error("a key is refused")]
    Key(#[from] InvalidKey),
    /// The server cannot be reached, or answers with something else.
    #[error("the keys cannot be fetched")]
    Fetch(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl KeySource for KeySet {
    fn find(&self, key_id: &KeyId) -> Option<Arc<PublicKey>> {
        self.get(key_id).map(|key| Arc::new(key.clone()))
    }
}

impl<S: KeySource + ?Sized> KeySource for Arc<S> {
    fn find(&self, key_id: &KeyId) -> Option<Arc<PublicKey>> {
        (**self).find(key_id)
    }

    fn is_due(&self, now: UnixTime) -> bool {
        (**self).is_due(now)
    }

    fn is_aging(&self, now: UnixTime) -> bool {
        (**self).is_aging(now)
    }

    fn refresh(&self, wanted: Option<&KeyId>, now: UnixTime) -> Result<(), KeySourceError> {
        (**self).refresh(wanted, now)
    }
}
