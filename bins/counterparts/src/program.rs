//! Programs that run inside a namespace and end with their guard.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::wait;

/// A program that is about to run.
#[derive(Debug)]
pub struct Program {
    command: Command,
    name: String,
    log: PathBuf,
    patience: Duration,
}

/// A program that has ended.
#[derive(Debug)]
pub struct Finished {
    /// Whether it ended with exit status 0.
    pub success: bool,
    /// What it printed on both streams.
    pub output: String,
}

/// A program that runs. Dropping it kills it.
#[derive(Debug)]
pub struct Running {
    child: Child,
    name: String,
    log: PathBuf,
    patience: Duration,
}

impl Program {
    /// `command`, called `name` in messages, with its output kept in `log`.
    #[must_use]
    pub(crate) fn new(command: Command, name: &str, log: PathBuf) -> Self {
        Self {
            command,
            name: name.to_owned(),
            log,
            patience: wait::DEADLINE,
        }
    }

    /// Lets it take that many seconds to its end, instead of [`wait::DEADLINE`].
    #[must_use]
    pub const fn within(mut self, seconds: u64) -> Self {
        self.patience = Duration::from_secs(seconds);
        self
    }

    /// Adds one argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// Adds the words of a line as arguments.
    #[must_use]
    pub fn args(mut self, line: &str) -> Self {
        self.command.args(line.split_whitespace());
        self
    }

    /// Starts it and leaves it running.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(mut self) -> Result<Running> {
        let log = File::create(&self.log).context("cannot make the log")?;
        self.command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        let child = self
            .command
            .spawn()
            .with_context(|| format!("cannot start {:?}", self.command))?;
        Ok(Running {
            child,
            name: self.name,
            log: self.log,
            patience: self.patience,
        })
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// When it cannot be started, or is not done within the deadline.
    pub fn finish(self) -> Result<Finished> {
        let mut running = self.start()?;
        let status = running.ended()?;
        Ok(Finished {
            success: status.success(),
            output: running.log(),
        })
    }

    /// Runs it to its end, where only success will do, and returns what it printed.
    ///
    /// # Errors
    /// When it fails, with what it printed.
    pub fn demand(self) -> Result<String> {
        let name = self.name.clone();
        let finished = self.finish()?;
        if !finished.success {
            bail!("{name} failed:\n{}", finished.output);
        }
        Ok(finished.output)
    }
}

impl Running {
    /// Its number in the system.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it has printed `text`.
    ///
    /// # Errors
    /// When it ends before, or the deadline passes; with what it printed instead.
    pub fn prints(&mut self, text: &str) -> Result<()> {
        let found = wait::until(text, || {
            let ended = self.child.try_wait().is_ok_and(|status| status.is_some());
            let printed = self.log().contains(text);
            (printed || ended).then_some(printed)
        });
        match found {
            Ok(true) => Ok(()),
            Ok(false) => bail!("{} ended before `{text}`:\n{}", self.name, self.log()),
            Err(error) => Err(error.context(format!("{} printed:\n{}", self.name, self.log()))),
        }
    }

    /// Waits until it ends by itself.
    ///
    /// # Errors
    /// When the deadline passes.
    pub fn ended(&mut self) -> Result<ExitStatus> {
        let ended = wait::within(self.patience, "the end", || {
            self.child.try_wait().ok().flatten()
        });
        ended.with_context(|| format!("{} printed:\n{}", self.name, self.log()))
    }

    /// What it has printed so far.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read(&self.log).map_or_else(
            |_| String::new(),
            |log| String::from_utf8_lossy(&log).into(),
        )
    }

    /// Ends it at once, as `kill -9` does, and waits until it is gone.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Where one of the workspace's own programs lies: beside the test that asks.
///
/// # Errors
/// When it is not built.
pub fn ours(name: &str) -> Result<PathBuf> {
    let test = std::env::current_exe()?;
    let built = test.ancestors().nth(2).unwrap_or(Path::new(".")).join(name);
    if !built.is_file() {
        bail!(
            "{} is missing: cargo build --workspace --all-features --bins",
            built.display()
        );
    }
    Ok(built)
}

/// Where `cargo xtask setup` keeps what comes from PyPI and npm: below the build folder.
///
/// # Errors
/// When this program lies elsewhere than a test does.
pub fn tools() -> Result<PathBuf> {
    let test = std::env::current_exe()?;
    let target = test.ancestors().nth(3).context("no build folder")?;
    Ok(target.join("tools"))
}
