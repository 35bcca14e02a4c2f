//! The daemon of this test, and the way into its namespace.

use std::{
    env, fs,
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result};
use counterparts::{Namespace, wait};
use usim::transport::pcsc::readers;

/// Set inside the namespace.
const INSIDE: &str = "COUNTERPARTS_INSIDE";

/// Runs `body` in a namespace of its own, by running the test `name` once more there.
pub(crate) fn within(name: &str, body: impl FnOnce() -> Result<()>) -> Result<()> {
    if env::var_os(INSIDE).is_some() {
        return body();
    }
    let test = env::current_exe()?;
    let again = format!(
        "{INSIDE}=1 exec '{}' --exact {name} --include-ignored",
        test.display()
    );
    let output = Namespace::new()?
        .program("sh")
        .arg("-c")
        .arg(again)
        .demand()?;
    anyhow::ensure!(output.contains("1 passed"), "{output}");
    Ok(())
}

/// A pcscd of one's own, killed when dropped.
pub(crate) struct Daemon(Child);

impl Daemon {
    /// Starts it and waits for its readers.
    pub(crate) fn start() -> Result<Self> {
        for left_over in fs::read_dir("/run/pcscd")?.flatten() {
            fs::remove_file(left_over.path())?;
        }
        let mut command = Command::new("pcscd");
        command.arg("--foreground").stdin(Stdio::null());
        let command = command.stdout(Stdio::null()).stderr(Stdio::null());
        let daemon = Self(command.spawn().context("pcscd")?);
        wait::until("the virtual readers", || {
            readers().ok().filter(|list| list.len() == 2)
        })?;
        Ok(daemon)
    }

    /// Ends it as `kill -9` does.
    pub(crate) fn kill(self) -> Result<()> {
        let mut daemon = self;
        daemon.0.kill()?;
        daemon.0.wait()?;
        Ok(())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have been killed before.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
