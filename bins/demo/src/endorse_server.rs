//! `endorse-server`, which knows the software SIM's keys.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use endorse::keys::{Https, Trust};
use tempfile::TempDir;

use crate::program::{self, Program};
use crate::sim_server::certificate;
use crate::story::{KEY, OPC};

#[derive(Debug)]
pub(crate) struct EndorseServer {
    _program: Program,
    origin: String,
    folder: TempDir,
}

impl EndorseServer {
    /// Starts it on loopback, for these audiences.
    pub(crate) fn start(audiences: &[&str]) -> Result<Self> {
        let folder = tempfile::tempdir().context("no folder for keys")?;
        let listen = program::address(8480)?;
        let origin = format!("https://{listen}");
        let mut arguments: Vec<OsString> = ["serve", "--tell-imsi", "--listen", &listen]
            .map(Into::into)
            .into();
        arguments.extend(["--origin", &origin, "--state-dir"].map(Into::into));
        arguments.push(folder.path().into());
        for audience in audiences {
            arguments.extend(["--audience", audience].map(Into::into));
        }
        let subscribers = format!("imsi,k,opc\n001010000000001,{KEY},{OPC}\n");
        let subscribers = write(folder.path(), "subscribers.csv", subscribers.as_bytes())?;
        arguments.extend(["--subscribers".into(), subscribers.into()]);
        Ok(Self {
            _program: Program::start("endorse-server", arguments)?,
            origin,
            folder,
        })
    }

    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// The certificate that it made at its start.
    pub(crate) fn certificate(&self) -> PathBuf {
        certificate(self.folder.path())
    }

    /// The way to it, which trusts that certificate and no other.
    pub(crate) fn https(&self) -> Result<Https> {
        let pem = std::fs::read_to_string(self.certificate())?;
        Ok(Https::new(Trust::Only(&pem))?)
    }

    /// Where its public keys are.
    pub(crate) fn keys(&self) -> String {
        format!("{}/.well-known/jwks.json", self.origin)
    }
}

fn write(folder: &Path, name: &str, octets: &[u8]) -> Result<PathBuf> {
    let path = folder.join(name);
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)?;
    file.write_all(octets)?;
    Ok(path)
}
