//! A program that is started for the story and ended with it.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread;

use anyhow::{Context as _, Result, bail};

/// A server that listens.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
}

impl Program {
    /// Starts the server of this name, and waits until it listens.
    pub(crate) fn start(
        name: &'static str,
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Result<Self> {
        let mut child = Command::new(path(name)?)
            .args(arguments)
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        let log = child.stderr.take().context("a program has no log")?;
        let program = Self { child };
        listening(name, log)?;
        Ok(program)
    }

    /// Waits until somebody ends it.
    pub(crate) fn wait(&mut self) -> Result<()> {
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// An address on loopback: at the usual port where that is free.
pub(crate) fn address(usual: u16) -> Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", usual));
    let free = listener.or_else(|_taken| TcpListener::bind("127.0.0.1:0"))?;
    Ok(free.local_addr()?.to_string())
}

/// The programs lie beside this one.
fn path(name: &str) -> Result<PathBuf> {
    let program = std::env::current_exe()?.with_file_name(name);
    if !program.is_file() {
        bail!("{} is missing: run `cargo xtask demo`", program.display());
    }
    Ok(program)
}

/// Reads the log until the server listens, and the rest in the background.
fn listening(name: &str, log: ChildStderr) -> Result<()> {
    let mut lines = BufReader::new(log).lines();
    let mut said = Vec::new();
    for line in lines.by_ref() {
        let line = line?;
        if line.contains("listening") {
            thread::spawn(move || lines.for_each(drop));
            return Ok(());
        }
        said.push(line);
    }
    bail!("{name} ended:\n{}", said.join("\n"))
}
