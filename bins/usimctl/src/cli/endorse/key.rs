//! The key of this device, to which tokens are bound (RFC 9449).

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    time::SystemTime,
};

use anyhow::Context;
use endorse::dpop;
use strict_jws::{Algorithm, SigningKey, SystemRandom, Thumbprint, UnixTime};
use zeroize::Zeroizing;

pub(crate) struct DeviceKey(SigningKey);

impl DeviceKey {
    /// The key in `path`.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let pem = fs::read_to_string(path).map(Zeroizing::new);
        let pem = pem.with_context(|| format!("cannot read {}", path.display()))?;
        let key = SigningKey::from_pem(&pem, &SystemRandom::new());
        Ok(Self(key.with_context(|| path.display().to_string())?))
    }

    /// The key in `path`, or a new one, which nobody else may read.
    pub(crate) fn open_or_make(path: &Path) -> anyhow::Result<Self> {
        match make(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Self::open(path),
            made => {
                made.with_context(|| format!("cannot write {}", path.display()))?;
                Self::open(path)
            }
        }
    }

    pub(crate) fn thumbprint(&self) -> Thumbprint {
        self.0.public().thumbprint()
    }

    /// A proof of the key for a request with `token`; `None` where the system has no randomness.
    pub(crate) fn prove(&self, token: &str, method: &str, uri: &str) -> Option<String> {
        dpop::prove(&self.0, token, (method, uri), now(), &SystemRandom::new()).ok()
    }
}

fn make(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    let pem = SigningKey::generate_pem(Algorithm::Es256, &SystemRandom::new());
    let pem = Zeroizing::new(pem.map_err(io::Error::other)?);
    file.write_all(pem.as_bytes())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the edge where the clock is read"
)]
fn now() -> UnixTime {
    SystemTime::now().into()
}
