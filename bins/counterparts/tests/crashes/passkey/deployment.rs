//! A database with one client, and instances over it, each behind a socket of its own.

use std::path::PathBuf;
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context as _, Result};
use counterparts::{Instance, program};
use passkey_idp::application::{Application, Rights};
use passkey_idp::id::ClientSecret;
use passkey_idp::oauth::{ConsentRule, Flow};
use passkey_idp::store::{SqlStore, StoreExt as _};
use passkey_idp::{Duration, Instant};
use strict_jws::{SystemRandom, base64};
use tempfile::TempDir;

pub(super) const ORIGIN: &str = "http://localhost:8445";
pub(super) const REDIRECT: &str = "https://rp.example/cb";
pub(super) const CLIENT: &str = "rp";

/// A folder with the sealing key, the sockets and the logs.
pub(super) struct Deployment {
    folder: TempDir,
    database: String,
    /// How the client authenticates.
    pub(super) basic: String,
}

impl Deployment {
    /// In this database, or in SQLite.
    pub(super) async fn new(database: Option<String>) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let sqlite = || format!("sqlite:{}", folder.path().join("passkey.db").display());
        let database = database.unwrap_or_else(sqlite);
        let secret = ClientSecret::generate(&SystemRandom::new())?;
        let store = SqlStore::open(&database).await?;
        let now = Instant::from(std::time::UNIX_EPOCH + SystemTime::UNIX_EPOCH.elapsed()?);
        let added = store.apply::<Application>(client(&secret, now)?.insert(), now);
        added.await?.context("it is empty")?;
        let pair = format!("{CLIENT}:{}", *secret.expose());
        let basic = format!("Basic {}", base64::encode_padded(pair.as_bytes()));
        Ok(Self {
            folder,
            database,
            basic,
        })
    }

    /// Starts an instance behind the socket of this name, and waits until it listens.
    pub(super) fn start(&self, name: &str) -> Result<Instance> {
        let mut program = Command::new(program::ours("passkey-server")?);
        program
            .args(["serve", "--origin", ORIGIN, "--database", &self.database])
            .args(["--sealing-key", "sealing.key", "--audit", "off"])
            .args(["--rate-per-peer", "0", "--rate-per-client", "0"])
            .args(["--log", "info,access=off", "--listen"])
            .arg(format!("unix:{}", self.socket(name).display()))
            .current_dir(self.folder.path());
        let log = self.folder.path().join(format!("{name}.log"));
        Instance::start(program, log)
    }

    pub(super) fn socket(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// A client that may do everything, and belongs to whoever runs the server.
fn client(secret: &ClientSecret, now: Instant) -> Result<Application> {
    let mut application = Application::new(CLIENT.parse()?, "Shop");
    application.rights = Rights::Admin;
    application.client.redirect_uris = vec![REDIRECT.parse()?];
    application.client.flows = vec![Flow::AuthorizationCode, Flow::RefreshToken];
    application.client.scope = "openid profile offline_access".parse()?;
    application.client.consent = ConsentRule::Implied;
    application.rotate(secret, now, Duration::default());
    Ok(application)
}
