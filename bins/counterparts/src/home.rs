//! `auc serve`: our home, behind hostapd.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::{Namespace, Program, Running};

/// An `auc` that answers at a socket in the namespace's folder.
#[derive(Debug)]
pub struct Home {
    running: Running,
    socket: PathBuf,
}

impl Home {
    /// Starts it over a subscribers' file; its sequence numbers lie beside that, and outlive it.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start(namespace: &Namespace, subscribers: &str) -> Result<Self> {
        Self::over(namespace, &["--subscribers", subscribers])
    }

    /// Starts it over a database, whose keys are sealed with the key in a file.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn over_database(namespace: &Namespace, url: &str, sealing_key: &str) -> Result<Self> {
        Self::over(
            namespace,
            &["--database", url, "--sealing-key", sealing_key],
        )
    }

    fn over(namespace: &Namespace, source: &[&str]) -> Result<Self> {
        let socket = namespace.folder().join("auc.sock");
        let serve = namespace.ours("auc")?.args("serve --hostapd-socket");
        let serve = source.iter().fold(serve.arg(&socket), Program::arg);
        let mut running = serve.start()?;
        running.prints("answering at")?;
        Ok(Self { running, socket })
    }

    /// Ends it at once and starts another one in its place, over another file.
    ///
    /// # Errors
    /// When the other does not come up.
    pub fn replace(&mut self, namespace: &Namespace, subscribers: &str) -> Result<()> {
        self.running.kill()?;
        *self = Self::start(namespace, subscribers)?;
        Ok(())
    }

    /// Where hostapd reaches it.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// What it has said so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.running.log()
    }

    /// Ends it at once.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn kill(mut self) -> Result<()> {
        self.running.kill()
    }
}
