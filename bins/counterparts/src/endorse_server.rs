//! `endorse-server` with every dialect switched on, and the software SIM as its only subscriber.

use anyhow::{Context as _, Result};

use crate::{Namespace, Program, Running};

/// Its origin.
pub const ORIGIN: &str = "http://127.0.0.1:8480";

/// Where it lets people log in.
pub const REDIRECT: &str = "http://127.0.0.1:8481/callback";

const SUBSCRIBER: &str = "imsi,k,opc\n\
    001010000000001,465b5ce8b199b49faa5f0a2ee238a6bc,cd63cb71954a9f4e48a5994e37a02baf\n";

const RSA: &str = include_str!("../../../endorse/tests/keys/rsa2048.pem");

/// An `endorse-server` that runs in a namespace, on loopback without TLS.
#[derive(Debug)]
pub struct EndorseServer {
    running: Running,
}

impl EndorseServer {
    /// Starts it over a database of its own, with a key for tokens in SORACOM's format, and waits
    /// until it listens.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start(namespace: &Namespace) -> Result<Self> {
        let database = namespace.folder().join("endorse.db");
        let database = format!("sqlite://{}", database.display());
        let sealing = namespace.file("sealing.key", &"5a".repeat(32))?;
        let kept = |program: Program| {
            let program = program.arg("--database").arg(&database);
            program.arg("--sealing-key").arg(&sealing)
        };
        let rsa = namespace.file("rsa.pem", RSA)?;
        let key = kept(namespace.ours("endorse-server")?.arg("key"));
        key.args("new --for soracom --pem").arg(rsa).demand()?;
        let subscribers = namespace.file("subscribers.csv", SUBSCRIBER)?;
        let soracom = format!("{{ enabled = true, authorizedRedirectUrls = [\"{REDIRECT}\"] }}");
        let server = namespace.ours("endorse-server")?;
        let server = server.args("serve --http --listen 127.0.0.1:8480 --rate-per-peer 0");
        let server = server.args("--audience https://api.example --origin");
        let server = server.arg(ORIGIN).arg("--subscribers").arg(subscribers);
        let mut running = kept(server.arg("--soracom").arg(soracom)).start()?;
        running.prints("listening")?;
        Ok(Self { running })
    }

    /// What it has said so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.running.log()
    }
}

/// A token for the server itself, by the software SIM.
///
/// # Errors
/// When there is none.
pub fn token(namespace: &Namespace) -> Result<String> {
    let usimctl = namespace.ours("usimctl")?.args("--soft endorse --server");
    let printed = usimctl.arg(ORIGIN).arg("--aud").arg(ORIGIN).demand()?;
    let mut lines = printed.lines().map(str::trim);
    let token = lines.find(|line| line.starts_with("ey") && line.matches('.').count() == 2);
    token.map(str::to_owned).with_context(|| printed.clone())
}
