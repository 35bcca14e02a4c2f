//! A PostgreSQL of a test's own, heard on a unix socket in its folder and nowhere else.

use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use tempfile::TempDir;

use crate::wait;

/// A server with an empty database. Dropping it ends it and removes what it stored.
#[derive(Debug)]
pub struct Postgres {
    folder: TempDir,
    programs: PathBuf,
    owner: Owner,
    durability: Durability,
}

/// PostgreSQL refuses to run as root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    Ourselves,
    Postgres,
}

/// Whether what was committed survives the machine, at a price in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// For tests that end no process but their own.
    Fast,
    /// For tests that kill the server.
    Synchronised,
}

impl Postgres {
    /// Makes a cluster and starts it.
    ///
    /// # Errors
    /// When PostgreSQL is missing or does not start, with what it printed.
    pub fn start(durability: Durability) -> Result<Self> {
        let owner = if is_root()? {
            Owner::Postgres
        } else {
            Owner::Ourselves
        };
        let server = Self {
            folder: tempfile::tempdir()?,
            programs: programs()?,
            owner,
            durability,
        };
        server.give_away()?;
        server.run(
            "initdb",
            &format!(
                "-D {} -A trust -U postgres --no-sync -E UTF8 --locale=C",
                server.data()
            ),
        )?;
        server.run_server()?;
        Ok(server)
    }

    /// Ends it as `kill -9` does, and starts it again over what it has left.
    ///
    /// # Errors
    /// When the system refuses, or the server does not come back.
    pub fn crash(&self) -> Result<()> {
        let path = self.folder.path().join("data/postmaster.pid");
        let pid = fs::read_to_string(&path)?;
        let pid = pid.lines().next().context("no process number")?;
        let killed = Command::new("kill").args(["-9", pid]).status()?;
        ensure!(killed.success(), "kill -9 {pid}");
        // its own processes notice, and until they are gone another one refuses to start
        wait::until("the server's return", || self.run_server().ok())
    }

    fn run_server(&self) -> Result<()> {
        let fsync = match self.durability {
            Durability::Fast => "off",
            Durability::Synchronised => "on",
        };
        let options = format!(
            "-c listen_addresses= -c fsync={fsync} -c max_connections=200 -c unix_socket_directories={}",
            self.folder.path().display()
        );
        self.run(
            "pg_ctl",
            &format!(
                "-D {} -w -l {} -o '{options}' start",
                self.data(),
                self.log()
            ),
        )
    }

    /// Where a client finds it.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_of("postgres")
    }

    /// Makes another empty database, and says where a client finds it.
    ///
    /// # Errors
    /// When there is one of that name, or the server is gone.
    pub fn make_database(&self, name: &str) -> Result<String> {
        let folder = self.folder.path().display();
        self.run("createdb", &format!("-h {folder} -U postgres {name}"))?;
        Ok(self.url_of(name))
    }

    fn url_of(&self, database: &str) -> String {
        let folder = self.folder.path().display();
        format!("postgres:///{database}?host={folder}&user=postgres")
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    fn log(&self) -> String {
        self.folder.path().join("log").display().to_string()
    }

    fn give_away(&self) -> Result<()> {
        if self.owner == Owner::Postgres {
            let (user, group) = account("postgres")?;
            chown(self.folder.path(), Some(user), Some(group))?;
        }
        Ok(())
    }

    fn run(&self, program: &str, arguments: &str) -> Result<()> {
        let line = format!("{} {arguments}", self.programs.join(program).display());
        let mut command = match self.owner {
            Owner::Ourselves => Command::new("sh"),
            Owner::Postgres => {
                let mut command = Command::new("setpriv");
                command.args([
                    "--reuid=postgres",
                    "--regid=postgres",
                    "--clear-groups",
                    "sh",
                ]);
                command
            }
        };
        let log = fs::File::create(self.folder.path().join(format!("{program}.log")))?;
        // a server inherits the streams, so they must not be a pipe that is read to its end
        let status = command
            .args(["-c", &line])
            .current_dir(self.folder.path())
            .stdout(log.try_clone()?)
            .stderr(log)
            .status()
            .with_context(|| format!("cannot start {program}"))?;
        if !status.success() {
            let said = fs::read_to_string(self.folder.path().join(format!("{program}.log")))?;
            let logged = fs::read_to_string(self.log()).unwrap_or_default();
            bail!("{program} failed:\n{said}{logged}");
        }
        Ok(())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let stopped = self.run("pg_ctl", &format!("-D {} -m immediate stop", self.data()));
        // a server that did not start has nothing to stop
        drop(stopped);
    }
}

/// The newest version that Debian or the path has.
fn programs() -> Result<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let folders = versions.flatten().map(|entry| entry.path().join("bin"));
    let newest = folders.filter(|bin| bin.join("initdb").is_file()).max();
    newest.context("PostgreSQL's server is missing: cargo xtask setup")
}

fn is_root() -> Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    Ok(fs::metadata("/proc/self")?.uid() == 0)
}

/// User and group number of an account of this machine.
fn account(name: &str) -> Result<(u32, u32)> {
    let accounts = fs::read_to_string(Path::new("/etc/passwd"))?;
    let fields = |line: &str| -> Option<(u32, u32)> {
        let mut fields = line.split(':');
        (fields.next()? == name).then_some(())?;
        let mut numbers = fields.skip(1);
        Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    };
    let found = accounts.lines().find_map(fields);
    found.with_context(|| format!("this machine has no account {name}"))
}
