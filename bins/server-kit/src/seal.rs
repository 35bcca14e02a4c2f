//! Secrets at rest: sealed with AES-256-GCM under a key that is not in the database.
//!
//! ```
//! use server_kit::seal::{Sealer, SealingKey};
//!
//! let sealer = Sealer::new(&SealingKey::generate()?);
//! let sealed = sealer.seal("subscriber/001010000000001/k", b"secret")?;
//! assert_eq!(*sealer.open("subscriber/001010000000001/k", &sealed)?, *b"secret");
//! // what is sealed for one place cannot be put into another
//! assert!(sealer.open("subscriber/001010000000002/k", &sealed).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::{fmt, fs, io, os::unix::fs::OpenOptionsExt as _, path::Path, str::FromStr};

use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    digest::{SHA256, digest},
};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The key that seals other keys: 256 bits, kept outside the database that holds what it seals.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SealingKey([u8; 32]);

/// A text is no sealing key; it is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sealing key has 64 hexadecimal digits")]
#[non_exhaustive]
pub struct InvalidSealingKey;

/// Why a file gives no sealing key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// The file cannot be read or made.
    #[error("cannot read or make the sealing key's file")]
    Io(#[from] io::Error),
    /// The file holds no sealing key.
    #[error("the file holds no sealing key")]
    Invalid(#[from] InvalidSealingKey),
    /// The system has no randomness to give.
    #[error("the system has no random numbers")]
    Random(#[from] getrandom::Error),
}

impl SealingKey {
    /// Takes the octets.
    pub const fn new(octets: [u8; 32]) -> Self {
        Self(octets)
    }

    /// The octets, for a library that seals by its own means.
    pub const fn octets(&self) -> &[u8; 32] {
        &self.0
    }

    /// A key from the system's random generator.
    ///
    /// # Errors
    /// The system has no randomness to give.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut key = Self([0; 32]);
        getrandom::fill(&mut key.0)?;
        Ok(key)
    }

    /// Reads the key from a file of 64 hexadecimal digits, or makes one there with mode 0600.
    ///
    /// # Errors
    /// [`KeyFileError`].
    pub fn from_file(path: &Path) -> Result<Self, KeyFileError> {
        Self::read(path)?.map_or_else(|| Self::make(path), Ok)
    }

    /// Reads the key from a file of 64 hexadecimal digits; none where there is no such file.
    ///
    /// # Errors
    /// [`KeyFileError`].
    pub fn read(path: &Path) -> Result<Option<Self>, KeyFileError> {
        match fs::read_to_string(path) {
            Ok(text) => Ok(Some(Zeroizing::new(text).trim().parse()?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes a key, and a file of it with mode 0600, which appears whole or not at all. Where there is
    /// one by then, because another process was faster, it is that one's.
    ///
    /// # Errors
    /// [`KeyFileError`].
    pub fn make(path: &Path) -> Result<Self, KeyFileError> {
        let key = Self::generate()?;
        let mut beside = path.as_os_str().to_owned();
        beside.push(format!(".{}", hex::encode(key.id())));
        let beside = Path::new(&beside);
        let written = key.write_new(beside);
        let linked = written.and_then(|()| fs::hard_link(beside, path));
        // it may not even have been made
        fs::remove_file(beside).unwrap_or_default();
        match linked {
            Ok(()) => Ok(key),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Self::read(path)?.ok_or_else(|| error.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    fn write_new(&self, path: &Path) -> io::Result<()> {
        let mut options = fs::OpenOptions::new();
        let mut file = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        let text = Zeroizing::new(hex::encode(self.0));
        io::Write::write_all(&mut file, text.as_bytes())?;
        file.sync_all()
    }

    /// The first 4 octets of its digest: enough to tell a few keys apart.
    fn id(&self) -> [u8; ID_SIZE] {
        let digest = digest(&SHA256, &self.0);
        let mut id = [0; ID_SIZE];
        for (to, from) in id.iter_mut().zip(digest.as_ref()) {
            *to = *from;
        }
        id
    }
}

impl FromStr for SealingKey {
    type Err = InvalidSealingKey;

    fn from_str(text: &str) -> Result<Self, InvalidSealingKey> {
        let mut key = Self([0; 32]);
        match hex::decode_to_slice(text, &mut key.0) {
            Ok(()) => Ok(key),
            Err(_) => Err(InvalidSealingKey),
        }
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey([redacted])")
    }
}

/// Something could not be sealed or opened. Why is not told: it would help an attacker only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a secret could not be sealed or opened; is it the right sealing key?")]
#[non_exhaustive]
pub struct SealError;

/// Seals with one key, and opens what that or an earlier one has sealed.
pub struct Sealer {
    keys: Vec<([u8; ID_SIZE], LessSafeKey)>,
}

impl Sealer {
    /// A sealer with one key.
    pub fn new(key: &SealingKey) -> Self {
        Self { keys: Vec::new() }.with_earlier(key)
    }

    /// The same, opening what `key` has sealed, too.
    #[must_use]
    pub fn with_earlier(mut self, key: &SealingKey) -> Self {
        let unbound = UnboundKey::new(&AES_256_GCM, &key.0).expect("the key has 32 octets");
        self.keys.push((key.id(), LessSafeKey::new(unbound)));
        self
    }

    /// Seals `secret` for the place that `context` names: version, key id, nonce, ciphertext, tag.
    ///
    /// A key seals up to 2^32 secrets: that is when random nonces of 96 bits are used up.
    ///
    /// # Errors
    /// [`SealError`] when the system has no randomness to give.
    pub fn seal(&self, context: &str, secret: &[u8]) -> Result<Vec<u8>, SealError> {
        let (id, key) = self.keys.first().ok_or(SealError)?;
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(|_unavailable| SealError)?;
        let mut sealed = Vec::with_capacity(HEADER + secret.len() + AES_256_GCM.tag_len());
        sealed.push(VERSION);
        sealed.extend_from_slice(id);
        sealed.extend_from_slice(&nonce);
        let mut body = Zeroizing::new(secret.to_vec());
        let tag = key.seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(context),
            &mut body,
        );
        sealed.extend_from_slice(&body);
        sealed.extend_from_slice(tag.map_err(|_unspecified| SealError)?.as_ref());
        Ok(sealed)
    }

    /// Opens what was sealed for the same `context`.
    ///
    /// # Errors
    /// [`SealError`] for anything else.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let rest = sealed.strip_prefix(&[VERSION]).ok_or(SealError)?;
        let (id, rest) = rest.split_first_chunk::<ID_SIZE>().ok_or(SealError)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(SealError)?;
        let mut keys = self.keys.iter();
        let (_, key) = keys.find(|(known, _)| known == id).ok_or(SealError)?;
        let mut body = Zeroizing::new(body.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = key.open_in_place(nonce, Aad::from(context), &mut body);
        let size = opened.map_err(|_unspecified| SealError)?.len();
        body.truncate(size);
        Ok(body)
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer([redacted])")
    }
}

const VERSION: u8 = 1;
const ID_SIZE: usize = 4;
const HEADER: usize = 1 + ID_SIZE + NONCE_LEN;

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn key(seed: u8) -> SealingKey {
        SealingKey::new([seed; 32])
    }

    #[test]
    fn two_seals_of_one_secret_differ_and_both_open() {
        let sealer = Sealer::new(&key(1));
        let (one, two) = (
            sealer.seal("c", b"s").unwrap(),
            sealer.seal("c", b"s").unwrap(),
        );
        assert_ne!(one, two);
        assert_eq!(*sealer.open("c", &one).unwrap(), b"s");
        assert_eq!(*sealer.open("c", &two).unwrap(), b"s");
    }

    #[test]
    fn a_changed_octet_anywhere_does_not_open() {
        let sealer = Sealer::new(&key(1));
        let sealed = sealer.seal("c", b"secret").unwrap();
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert_eq!(sealer.open("c", &changed), Err(SealError), "octet {index}");
            assert_eq!(sealer.open("c", &sealed[..index]), Err(SealError));
        }
    }

    #[test]
    fn another_place_does_not_open_it() {
        let sealer = Sealer::new(&key(1));
        let sealed = sealer.seal("a/k", b"secret").unwrap();
        assert_eq!(sealer.open("b/k", &sealed), Err(SealError));
    }

    #[test]
    fn a_new_key_seals_and_the_earlier_one_still_opens() {
        let old = Sealer::new(&key(1)).seal("c", b"s").unwrap();
        let rotated = Sealer::new(&key(2)).with_earlier(&key(1));
        assert_eq!(*rotated.open("c", &old).unwrap(), b"s");
        let new = rotated.seal("c", b"s").unwrap();
        assert_eq!(Sealer::new(&key(1)).open("c", &new), Err(SealError));
        assert_eq!(*Sealer::new(&key(2)).open("c", &new).unwrap(), b"s");
    }

    #[test]
    fn a_key_file_is_made_once_private_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let made = SealingKey::from_file(&path).unwrap();
        assert_eq!(SealingKey::from_file(&path).unwrap().0, made.0);
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::write(&path, "short").unwrap();
        assert!(matches!(
            SealingKey::from_file(&path),
            Err(KeyFileError::Invalid(InvalidSealingKey))
        ));
    }

    #[test]
    fn whoever_makes_the_same_file_at_once_gets_the_same_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let keys = std::thread::scope(|scope| {
            let made: Vec<_> = (0..16)
                .map(|_| scope.spawn(|| SealingKey::make(&path).unwrap().0))
                .collect();
            let keys = made.into_iter().map(|one| one.join().unwrap());
            keys.collect::<std::collections::BTreeSet<_>>()
        });
        assert_eq!(keys.len(), 1);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_key_is_redacted_in_debug_output() {
        assert_eq!(format!("{:?}", key(7)), "SealingKey([redacted])");
        assert_eq!(format!("{:?}", Sealer::new(&key(7))), "Sealer([redacted])");
    }
}
