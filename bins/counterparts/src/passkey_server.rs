//! `passkey-server` with one client that may do everything.

use anyhow::{Context as _, Result};

use crate::{Namespace, Running};

/// Its origin.
pub const ORIGIN: &str = "http://localhost:8445";

/// A `passkey-server` that runs in a namespace, on loopback without TLS.
#[derive(Debug)]
pub struct PasskeyServer {
    running: Running,
    /// The identifier and the secret of its client, with a colon between them.
    pub client: String,
}

impl PasskeyServer {
    /// Starts it over a database of its own, and waits until it listens.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start(namespace: &Namespace) -> Result<Self> {
        let folder = namespace.folder().join("passkey");
        let ours = || anyhow::Ok(namespace.ours("passkey-server")?);
        let added = ours()?.args("app --state-dir").arg(&folder);
        let added = added.args("add scanner --admin").demand()?;
        let mut words = added.split_whitespace();
        let secret = words.find(|word| *word == "client_secret");
        let secret = secret.and_then(|_| words.next());
        let client = format!("scanner:{}", secret.context("no secret")?);
        let server = ours()?.args("serve --listen 127.0.0.1:8445 --state-dir");
        let server = server
            .arg(&folder)
            .args("--rate-per-peer 0 --rate-per-client 0");
        let mut running = server.start()?;
        running.prints("listening")?;
        Ok(Self { running, client })
    }

    /// What it has said so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.running.log()
    }
}
