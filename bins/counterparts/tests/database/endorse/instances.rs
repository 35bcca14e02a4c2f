//! Instances of the server on one database, each behind a socket of its own.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, ensure};
use counterparts::{Instance, program};
use tempfile::TempDir;

use super::device::{AUDIENCE, ORIGIN, subscribers};

/// A folder with the sealing key, the sockets and the logs.
#[derive(Debug)]
pub(crate) struct Deployment {
    folder: TempDir,
    database: String,
}

impl Deployment {
    /// In this database, or in SQLite, with so many subscribers.
    pub(crate) fn new(database: Option<String>, devices: usize) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let sqlite = || format!("sqlite:{}", folder.path().join("endorse.db").display());
        let database = database.unwrap_or_else(sqlite);
        let deployment = Self { folder, database };
        let file = deployment.path("subscribers");
        fs::write(&file, subscribers(devices))?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
        let imported = deployment.run(&["subscriber"], &["import", "subscribers"])?;
        ensure!(
            imported.starts_with(&format!("added {devices},")),
            "{imported}"
        );
        Ok(deployment)
    }

    /// What a command prints.
    pub(crate) fn run(&self, command: &[&str], rest: &[&str]) -> Result<String> {
        let done = self.program(command)?.args(rest).output()?;
        ensure!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
        Ok(String::from_utf8(done.stdout)?)
    }

    /// Starts an instance behind the socket of this name, and waits until it listens.
    pub(crate) fn start(&self, name: &str) -> Result<Instance> {
        let log = self.path(&format!("{name}.log"));
        let mut program = self.program(&["serve"])?;
        program
            .args(["--origin", ORIGIN, "--audience", AUDIENCE])
            .arg("--listen")
            .arg(format!("unix:{}", self.socket(name).display()))
            .args(["--vectors-per-minute", "1000000"])
            .args(["--challenges-per-minute", "1000000"])
            .args(["--rate-per-peer", "0", "--audit", "off"])
            .args(["--log", "info,access=off"]);
        Instance::start(program, log)
    }

    pub(crate) fn socket(&self, name: &str) -> PathBuf {
        self.path(name)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn program(&self, command: &[&str]) -> Result<Command> {
        let mut program = Command::new(program::ours("endorse-server")?);
        program
            .args(command)
            .args(["--database", &self.database, "--sealing-key", "sealing.key"])
            .current_dir(self.folder.path());
        Ok(program)
    }
}
