//! The program itself.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::client::{Client, Request};
use crate::server::{ORIGIN, Told};

/// `passkey-server serve` on the first processor. Dropping it ends it.
pub(crate) struct Program {
    child: Child,
    pub(crate) told: Told,
    /// From its start to its first answer.
    pub(crate) took: Duration,
}

impl Program {
    /// Its log goes to a file, as a journal would take it: nobody reads a pipe here.
    pub(crate) fn start(folder: &Path, database: &str) -> Result<Self> {
        let log = folder.join("log");
        let mut command = pinned(env!("CARGO_BIN_EXE_passkey-server"));
        command.args(["serve", "--http", "--listen", "127.0.0.1:0"]);
        command.args(["--origin", ORIGIN]);
        command.args(["--rate-per-peer", "0", "--rate-per-client", "0"]);
        command.arg("--audit").arg(folder.join("audit"));
        command.arg("--state-dir").arg(folder);
        if database == "memory" {
            command.args(["--database", "memory"]);
        }
        let begun = Instant::now();
        let mut child = command.stderr(File::create(&log)?).spawn()?;
        let address = loop {
            let said = fs::read_to_string(&log)?;
            let rest = said.split_once("http://127").map(|(_, rest)| rest);
            if let Some((rest, _)) = rest.and_then(|rest| rest.split_once('/')) {
                break format!("127{rest}");
            }
            ensure!(child.try_wait()?.is_none(), "it ended: {said}");
            thread::yield_now();
        };
        Client::connect(&address)?.told(&Request::get("/jwks"))?;
        let took = begun.elapsed();
        Ok(Self {
            child,
            told: Told::anybody(address),
            took,
        })
    }

    pub(crate) fn megabytes(&self) -> Result<f64> {
        megabytes(&self.child)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// On the first processor.
pub(crate) fn pinned(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", "0"]).arg(program).stdin(Stdio::null());
    command
}

/// Resident memory, as the kernel counts it.
pub(crate) fn megabytes(child: &Child) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id()))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next());
    let kilobytes: u32 = kilobytes.context("VmRSS")?.parse()?;
    Ok(f64::from(kilobytes) * 1024.0 / 1e6)
}
