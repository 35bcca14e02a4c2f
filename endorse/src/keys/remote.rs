//! Keys behind a URL, by whatever fetches them.

use std::fmt;

use strict_jws::{KeyId, KeySet, PublicKey, Unsupported};

use super::files::{MAX_PEM, pem};
use super::{KeySourceError, Load};

/// Fetches what is at a URL.
pub trait Fetch: fmt::Debug + Send + Sync {
    /// The body of a 200 answer to a GET, at most `limit` octets; `None` for 404.
    ///
    /// # Errors
    /// [`KeySourceError`]
    fn fetch(&self, url: &str, limit: usize) -> Result<Option<Vec<u8>>, KeySourceError>;
}

/// The URL is neither `https://` nor on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("keys come over https, or over http from this machine")]
#[non_exhaustive]
pub struct InvalidUrl;

/// A JWK set behind a URL. Keys of it that are for something else are left out.
#[derive(Clone, Debug)]
pub struct JwksUrl<F> {
    url: String,
    fetch: F,
}

impl<F: Fetch> JwksUrl<F> {
    /// The set at `url`.
    ///
    /// # Errors
    /// [`InvalidUrl`]
    pub fn new(url: impl Into<String>, fetch: F) -> Result<Self, InvalidUrl> {
        let url = checked(url.into())?;
        Ok(Self { url, fetch })
    }
}

impl<F: Fetch> Load for JwksUrl<F> {
    fn load(&self, _: &KeySet, _: &[KeyId]) -> Result<KeySet, KeySourceError> {
        let text = self.fetch.fetch(&self.url, KeySet::MAX_LEN)?;
        let text = text.ok_or_else(|| KeySourceError::Fetch("404 Not Found".into()))?;
        Ok(KeySet::from_jwks(&text, Unsupported::Skip)?)
    }
}

/// A repository of PEM files behind a URL, each under its `kid`: SORACOM's way of publishing keys.
///
/// A `kid` has no slash and no colon: it cannot lead out of the repository.
#[derive(Clone, Debug)]
pub struct PemRepository<F> {
    url: String,
    fetch: F,
}

impl<F: Fetch> PemRepository<F> {
    /// The repository whose files are at `url`, a slash and their names.
    ///
    /// # Errors
    /// [`InvalidUrl`]
    pub fn new(url: impl Into<String>, fetch: F) -> Result<Self, InvalidUrl> {
        let mut url = checked(url.into())?;
        url.truncate(url.trim_end_matches('/').len());
        Ok(Self { url, fetch })
    }
}

impl<F: Fetch> PemRepository<F> {
    fn key(&self, key_id: &KeyId) -> Result<Option<PublicKey>, KeySourceError> {
        let url = format!("{}/{key_id}", self.url);
        let text = self.fetch.fetch(&url, MAX_PEM)?;
        text.map(|text| pem(&text)).transpose()
    }
}

impl<F: Fetch> Load for PemRepository<F> {
    fn load(&self, known: &KeySet, wanted: &[KeyId]) -> Result<KeySet, KeySourceError> {
        let mut keys = KeySet::new();
        let mut insert = |key_id: &KeyId, key| {
            keys.insert(key_id.clone(), key)
                .expect("each name comes once");
        };
        for (key_id, _) in known.iter() {
            // What is gone from the repository is trusted no more.
            if let Some(key) = self.key(key_id)? {
                insert(key_id, key);
            }
        }
        let mut failed = None;
        for key_id in wanted.iter().filter(|wanted| known.get(wanted).is_none()) {
            match self.key(key_id) {
                Ok(Some(key)) => insert(key_id, key),
                Ok(None) => {}
                Err(error) => failed = Some(error),
            }
        }
        // Some repositories answer an unknown name with a refusal or a page: a stranger, who may
        // invent names, must not keep the other keys from being looked after.
        match failed {
            Some(error) if known.iter().chain(keys.iter()).next().is_none() => Err(error),
            Some(_) | None => Ok(keys),
        }
    }
}

fn checked(url: String) -> Result<String, InvalidUrl> {
    if is_confidential(&url) {
        Ok(url)
    } else {
        Err(InvalidUrl)
    }
}

/// Whether nobody on the way can read or change what passes, and the URL is a place and no question:
/// `https://`, or `http://` on this machine.
///
/// ```
/// use endorse::keys::is_confidential;
///
/// assert!(is_confidential("https://keys.example/"));
/// assert!(is_confidential("http://127.0.0.1:8080"));
/// assert!(!is_confidential("http://keys.example/"));
/// ```
pub fn is_confidential(url: &str) -> bool {
    let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
    let rest = local.iter().find_map(|local| url.strip_prefix(local));
    let is_local = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']));
    (url.starts_with("https://") || is_local) && !url.contains(['?', '#', '@'])
}
