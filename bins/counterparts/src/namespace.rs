//! A network, and a `/run`, of one's own.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use crate::program::{self, Program, Running};

/// A private network with loopback up, a private empty `/run`, and a folder for files.
///
/// Root makes it directly; anyone else through a user namespace, where the machine allows that.
#[derive(Debug)]
pub struct Namespace {
    holder: Running,
    way_in: WayIn,
    folder: TempDir,
    started: AtomicU32,
}

/// What it takes to enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WayIn {
    Root,
    UserNamespace,
}

/// Makes the inside habitable, says so, and keeps it alive.
const SETTLE: &str = "ip link set lo up && mount -t tmpfs tmpfs /run && mkdir /run/pcscd \
                      && echo settled && exec sleep infinity";

impl Namespace {
    /// Makes one.
    ///
    /// # Errors
    /// When the machine does not allow it.
    pub fn new() -> Result<Self> {
        Self::made("-nm", WayIn::Root).or_else(|as_root| {
            Self::made("-Urnm", WayIn::UserNamespace)
                .with_context(|| format!("without a user namespace: {as_root}"))
        })
    }

    fn made(kinds: &str, way_in: WayIn) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut unshare = Command::new("unshare");
        // Killed with this thread; as exec keeps the process, so is everything that replaces it.
        unshare.args([kinds, "setpriv", "--pdeathsig", "KILL", "sh", "-c", SETTLE]);
        let program = Program::new(unshare, "unshare", folder.path().join("namespace.log"));
        let mut holder = program.start()?;
        holder.prints("settled")?;
        Ok(Self {
            holder,
            way_in,
            folder,
            started: AtomicU32::new(0),
        })
    }

    /// Where this namespace's files lie; seen from inside and outside alike.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A program of the system, to run inside.
    #[must_use]
    pub fn program(&self, name: &str) -> Program {
        self.inside(name.as_ref(), name)
    }

    /// A program of this workspace, to run inside.
    ///
    /// # Errors
    /// When it is not built.
    pub fn ours(&self, name: &str) -> Result<Program> {
        Ok(self.inside(&program::ours(name)?, name))
    }

    /// Writes a file into the folder and returns its path.
    ///
    /// # Errors
    /// When that cannot be done.
    pub fn file(&self, name: &str, text: &str) -> Result<String> {
        let path = self.folder().join(name);
        std::fs::write(&path, text).with_context(|| format!("cannot write {name}"))?;
        Ok(path.display().to_string())
    }

    fn inside(&self, program: &Path, name: &str) -> Program {
        let mut command = Command::new("nsenter");
        command.args([
            "--target",
            &self.holder.pid().to_string(),
            "--net",
            "--mount",
        ]);
        if self.way_in == WayIn::UserNamespace {
            command.args(["--user", "--preserve-credentials"]);
        }
        command
            .args(["setpriv", "--pdeathsig", "KILL", "--"])
            .arg(program);
        command.env(
            "PATH",
            "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin",
        );
        let number = self.started.fetch_add(1, Ordering::Relaxed);
        Program::new(
            command,
            name,
            self.folder().join(format!("{number:03}-{name}.log")),
        )
    }
}
