//! Keys in files.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use strict_jws::{KeyId, KeySet, PublicKey, Unsupported};

use super::{KeySourceError, Load};

/// A file with a JWK set (RFC 7517 §5).
#[derive(Clone, Debug)]
pub struct JwksFile {
    path: PathBuf,
}

impl JwksFile {
    /// The file at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }
}

impl Load for JwksFile {
    fn load(&self, _: &KeySet, _: &[KeyId]) -> Result<KeySet, KeySourceError> {
        let text = read(&self.path, KeySet::MAX_LEN)?;
        Ok(KeySet::from_jwks(&text, Unsupported::Refuse)?)
    }
}

/// A folder whose files are keys in PEM (`BEGIN PUBLIC KEY`), each under its `kid`.
///
/// Files whose names are no [`KeyId`] ending in `.pem` are left alone.
#[derive(Clone, Debug)]
pub struct PemFolder {
    path: PathBuf,
}

impl PemFolder {
    /// The folder at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }
}

impl Load for PemFolder {
    fn load(&self, _: &KeySet, _: &[KeyId]) -> Result<KeySet, KeySourceError> {
        let mut keys = KeySet::new();
        for entry in fs::read_dir(&self.path).map_err(KeySourceError::File)? {
            let entry = entry.map_err(KeySourceError::File)?;
            let Some(key_id) = key_id(&entry.file_name()) else {
                continue;
            };
            let key = pem(&read(&entry.path(), MAX_PEM)?)?;
            keys.insert(key_id, key)
                .expect("a folder has no name twice");
        }
        Ok(keys)
    }
}

/// How long a PEM block is at the most: RSA of 8192 bits takes 1.5 KiB.
pub(super) const MAX_PEM: usize = 4096;

pub(super) fn pem(text: &[u8]) -> Result<PublicKey, KeySourceError> {
    let text = std::str::from_utf8(text).unwrap_or_default();
    Ok(PublicKey::from_pem(text)?)
}

fn key_id(name: &std::ffi::OsStr) -> Option<KeyId> {
    let name = name.to_str()?;
    name.strip_suffix(".pem").and_then(|_| name.parse().ok())
}

fn read(path: &Path, limit: usize) -> Result<Vec<u8>, KeySourceError> {
    let mut octets = Vec::new();
    let beyond = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let file = File::open(path).map_err(KeySourceError::File)?;
    file.take(beyond)
        .read_to_end(&mut octets)
        .map_err(KeySourceError::File)?;
    if octets.len() > limit {
        return Err(KeySourceError::TooLong);
    }
    Ok(octets)
}
