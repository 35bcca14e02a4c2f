//! `usim-server`, and curl as its client.

use anyhow::Result;

use crate::{Finished, Namespace, Program, Running, wait};

/// Where the server listens, on loopback.
pub const ADDRESS: &str = "127.0.0.1:18080";

/// A `usim-server` that runs in a namespace.
#[derive(Debug)]
pub struct Server {
    running: Running,
}

impl Server {
    /// Starts it on loopback without TLS, with the SIMs that `sims` names, and waits until it
    /// listens.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start(namespace: &Namespace, sims: &[&str]) -> Result<Self> {
        let server = namespace
            .ours("usim-server")?
            .args("--http --listen")
            .arg(ADDRESS);
        let server = sims.iter().fold(server, Program::arg);
        let mut running = server.start()?;
        running.prints("listening")?;
        Ok(Self { running })
    }

    /// What it has said so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.running.log()
    }
}

/// What curl prints of a path, and whether it liked the status.
///
/// # Errors
/// When curl cannot be run, or the server holds it up beyond the deadline.
pub fn get(namespace: &Namespace, path: &str) -> Result<Finished> {
    let curl = namespace
        .program("curl")
        .args("--silent --fail-with-body --max-time 20");
    curl.arg(format!("http://{ADDRESS}{path}")).finish()
}

/// Asks until the server can answer.
///
/// # Errors
/// When it does not within the deadline.
pub fn got(namespace: &Namespace, path: &str) -> Result<String> {
    wait::until(path, || {
        let answer = get(namespace, path).ok()?;
        answer.success.then_some(answer.output)
    })
}
