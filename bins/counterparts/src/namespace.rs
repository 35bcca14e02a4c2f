//! A network, and a `/run`, of one's own.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
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

/// The address of a namespace that another one was made [beside](Namespace::beside).
pub const NEAR: &str = "10.111.0.1";

/// The address of the other one.
pub const FAR: &str = "10.111.0.2";

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

    /// Makes another one, joined to this one by a cable: this end is [`NEAR`], the other [`FAR`].
    ///
    /// # Errors
    /// When the machine does not allow it.
    pub fn beside(&self) -> Result<Self> {
        let mut unshare = self.entered();
        unshare.args(["unshare", "-nm"]);
        let far = Self::settled(unshare, self.way_in)?;
        let cable = format!(
            "ip link add near type veth peer name far netns {} && ip address add {NEAR}/30 dev near \
             && ip link set near up",
            far.holder.pid()
        );
        self.program("sh").arg("-c").arg(cable).demand()?;
        let end = format!("ip address add {FAR}/30 dev far && ip link set far up");
        far.program("sh").arg("-c").arg(end).demand()?;
        Ok(far)
    }

    fn made(kinds: &str, way_in: WayIn) -> Result<Self> {
        let mut unshare = Command::new("unshare");
        unshare.arg(kinds);
        Self::settled(unshare, way_in)
    }

    fn settled(mut unshare: Command, way_in: WayIn) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        // Killed with this thread; as exec keeps the process, so is everything that replaces it.
        unshare.args(["setpriv", "--pdeathsig", "KILL", "sh", "-c", SETTLE]);
        let log = folder.path().join("namespace.log");
        let mut holder = Program::new(unshare, "unshare", log).start()?;
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
        let program = program::ours(name)?;
        // an example lies in a folder of its own
        let name = name.rsplit('/').next().unwrap_or(name);
        Ok(self.inside(&program, name))
    }

    /// Writes a file into the folder, for nobody else to read, and returns its path.
    ///
    /// # Errors
    /// When that cannot be done.
    pub fn file(&self, name: &str, text: &str) -> Result<String> {
        let path = self.folder().join(name);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let written = options
            .open(&path)
            .and_then(|mut file| file.write_all(text.as_bytes()));
        written.with_context(|| format!("cannot write {name}"))?;
        Ok(path.display().to_string())
    }

    fn inside(&self, program: &Path, name: &str) -> Program {
        let mut command = self.entered();
        command
            .args(["setpriv", "--pdeathsig", "KILL", "--"])
            .arg(program);
        let number = self.started.fetch_add(1, Ordering::Relaxed);
        Program::new(
            command,
            name,
            self.folder().join(format!("{number:03}-{name}.log")),
        )
    }

    /// A command that goes in, and waits for the words of what to run there.
    fn entered(&self) -> Command {
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
        command.env(
            "PATH",
            "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin",
        );
        command
    }
}
