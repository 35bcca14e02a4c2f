//! Instances of a server that are killed and started again.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};

use crate::wait;

/// One running server. Dropping it kills it.
#[derive(Debug)]
pub struct Instance {
    child: Child,
    log: PathBuf,
}

impl Instance {
    /// Starts it, with its log in `log`, and waits until it says that it listens.
    ///
    /// # Errors
    /// When it does not come up, with what it said.
    pub fn start(mut program: Command, log: PathBuf) -> Result<Self> {
        let child = program
            .stdin(Stdio::null())
            .stderr(File::create(&log)?)
            .spawn()?;
        let mut instance = Self { child, log };
        instance.listens()?;
        Ok(instance)
    }

    /// Ends it at once, as `kill -9` does.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    fn listens(&mut self) -> Result<()> {
        let log = self.log.clone();
        wait::until("an instance", || {
            let ended = self.child.try_wait().is_ok_and(|status| status.is_some());
            (said(&log).contains("listening") || ended).then_some(())
        })?;
        let listens = said(&self.log).contains("listening");
        listens.then_some(()).with_context(|| said(&self.log))
    }
}

fn said(log: &Path) -> String {
    fs::read_to_string(log).unwrap_or_default()
}

impl Drop for Instance {
    fn drop(&mut self) {
        // it may be dead already, which is as good
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
