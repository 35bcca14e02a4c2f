//! `usim-server`, with one software SIM.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use tempfile::TempDir;
use usim::transport::remote::Server;

use crate::program::{self, Program};

#[derive(Debug)]
pub(crate) struct SimServer {
    program: Program,
    url: String,
    folder: TempDir,
}

impl SimServer {
    /// Starts it on loopback.
    pub(crate) fn start() -> Result<Self> {
        let folder = tempfile::tempdir().context("no folder for the certificate")?;
        let listen = program::address(8443)?;
        let arguments = ["--soft", "--listen", &listen, "--state-dir"];
        let arguments = arguments.map(Into::into).into_iter();
        let program = Program::start("usim-server", arguments.chain([folder.path().into()]))?;
        Ok(Self {
            program,
            url: format!("https://{listen}/"),
            folder,
        })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The certificate that it made at its start.
    pub(crate) fn certificate(&self) -> PathBuf {
        certificate(self.folder.path())
    }

    /// The server as its clients see it: trusted by that certificate.
    pub(crate) fn client(&self) -> Result<Server> {
        Ok(Server::new(&self.url)?.with_certificate_file(self.certificate())?)
    }

    pub(crate) fn wait(&mut self) -> Result<()> {
        self.program.wait()
    }
}

/// Where a server keeps the certificate that it made.
pub(crate) fn certificate(folder: &Path) -> PathBuf {
    folder.join("server.pem")
}
