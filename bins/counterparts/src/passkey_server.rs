//! `passkey-server` over a database of its own, with one application that asks users.

use anyhow::{Context as _, Result};

use crate::{Namespace, Program, Running};

/// Its origin.
pub const ORIGIN: &str = "http://localhost:8445";

/// Where the application's users come back to.
pub const REDIRECT: &str = "http://localhost:8446/back";

/// Where the application takes forms.
pub const POST: &str = "http://localhost:8446/post";

/// Where the public application `spa` is, which runs in a browser.
pub const SPA: &str = "http://localhost:8446/spa";

/// The application, which is an admin.
pub const CLIENT: &str = "library";

/// A `passkey-server` that runs in a namespace, on loopback without TLS.
#[derive(Debug)]
pub struct PasskeyServer {
    running: Running,
    secret: String,
}

impl PasskeyServer {
    /// Starts it, and waits until it listens.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start(namespace: &Namespace) -> Result<Self> {
        let state = namespace.folder().join("state");
        let kept = |words: &str| -> Result<Program> {
            let mut words = words.splitn(2, ' ');
            let command = words.next().unwrap_or_default();
            let program = namespace.ours("passkey-server")?.arg(command);
            let program = program.arg("--state-dir").arg(&state);
            Ok(program.args(words.next().unwrap_or_default()))
        };
        let app = kept("app add --admin --redirect")?
            .arg(REDIRECT)
            .arg("--redirect")
            .arg(POST)
            .arg("--title");
        let told = app.arg("Example Library").arg(CLIENT).demand()?;
        let mut words = told
            .split_whitespace()
            .skip_while(|word| *word != "client_secret");
        let secret = words.nth(1).context("no secret is told")?.to_owned();
        let public = kept("app add --public --redirect")?.arg(SPA);
        public
            .arg("--title")
            .arg("Example App")
            .arg("spa")
            .demand()?;
        let device = kept("app add --public --grant device-code --title")?;
        device.arg("Living Room TV").arg("tv").demand()?;
        let mut running = kept("serve --rate-per-peer 0")?.start()?;
        running.prints("listening")?;
        Ok(Self { running, secret })
    }

    /// The application's secret.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// What it has said so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.running.log()
    }
}
