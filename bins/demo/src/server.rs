//! `usim-server`, started for the story and ended with it.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread;

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;
use usim::transport::remote::Server;

/// A `usim-server` with one software SIM.
#[derive(Debug)]
pub(crate) struct SimServer {
    child: Child,
    url: String,
    folder: TempDir,
}

impl SimServer {
    /// Starts it on loopback, at its usual port where that is free.
    pub(crate) fn start() -> Result<Self> {
        let folder = tempfile::tempdir().context("no folder for the certificate")?;
        let listen = format!("127.0.0.1:{}", port()?);
        let mut child = Command::new(program()?)
            .args(["--soft", "--listen", &listen, "--state-dir"])
            .arg(folder.path())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start usim-server")?;
        let log = child.stderr.take().context("usim-server has no log")?;
        listening(log)?;
        Ok(Self {
            child,
            url: format!("https://{listen}/"),
            folder,
        })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The server as its clients see it: trusted by the certificate that it made at its start.
    pub(crate) fn client(&self) -> Result<Server> {
        let certificate = self.folder.path().join("server.pem");
        Ok(Server::new(&self.url)?.with_certificate_file(certificate)?)
    }

    /// Waits until somebody ends it.
    pub(crate) fn wait(&mut self) -> Result<()> {
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for SimServer {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The program lies beside this one.
fn program() -> Result<PathBuf> {
    let program = std::env::current_exe()?.with_file_name("usim-server");
    if !program.is_file() {
        bail!("{} is missing: run `cargo xtask demo`", program.display());
    }
    Ok(program)
}

fn port() -> Result<u16> {
    let usual = TcpListener::bind("127.0.0.1:8443");
    let free = usual.or_else(|_taken| TcpListener::bind("127.0.0.1:0"))?;
    Ok(free.local_addr()?.port())
}

/// Reads the log until the server listens, and the rest in the background.
fn listening(log: ChildStderr) -> Result<()> {
    let mut lines = BufReader::new(log).lines();
    let mut said = Vec::new();
    for line in lines.by_ref() {
        let line = line?;
        if line.contains("listening") {
            thread::spawn(move || lines.for_each(drop));
            return Ok(());
        }
        said.push(line);
    }
    bail!("usim-server ended:\n{}", said.join("\n"))
}
