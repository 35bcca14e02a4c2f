//! `passkey-server`, and a service beside it that leaves signing in to it.

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use crate::program::{self, Program};

#[derive(Debug)]
pub(crate) struct Passkeys {
    _program: Program,
    folder: TempDir,
    /// The identity provider.
    pub(crate) provider: String,
    /// Where somebody makes a passkey, once.
    pub(crate) invitation: String,
    /// The service.
    pub(crate) service: String,
}

impl Passkeys {
    /// Starts both on loopback.
    pub(crate) fn start() -> Result<Self> {
        let folder = tempfile::tempdir().context("no folder for a database")?;
        let (provider, service) = (program::address(8445)?, program::address(8446)?);
        let arguments = ["try", "--provider", &provider, "--listen", &service];
        let arguments = arguments.into_iter().chain(["--state-dir"]).map(Into::into);
        let arguments = arguments.chain([folder.path().into()]);
        let (program, mut told) = Program::start_telling("demo-rp", arguments, "issuer")?;
        let mut next = || -> Result<String> {
            let line = told.next().context("demo-rp tells nothing")??;
            let address = line.split_whitespace().next_back();
            Ok(address.context("an empty line")?.to_owned())
        };
        Ok(Self {
            _program: program,
            provider: next()?,
            invitation: next()?,
            service: next()?,
            folder,
        })
    }

    /// A file among those of the two.
    pub(crate) fn file(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// Somebody else's first passkey.
    fn invite(&self) -> Result<String> {
        let state = self.file("passkey-server");
        let mut command = std::process::Command::new(program::path("passkey-server")?);
        let command = command.args(["user", "--state-dir"]).arg(state);
        let said = command.args(["add", "You", "--origin", &self.provider]);
        Ok(String::from_utf8(said.output()?.stdout)?.trim().to_owned())
    }

    pub(crate) fn suggest(&self) {
        let invitation = self.invite().unwrap_or_else(|error| format!("{error:#}"));
        println!("\nWith a passkey of your own, in a browser on this machine:");
        println!("  {invitation} makes it (good for an hour, once)");
        println!(
            "  {} lets you sign in with it, and sign documents",
            self.service
        );
    }
}
