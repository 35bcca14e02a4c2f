//! A program that is started for the story and ended with it.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Lines};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::thread;

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

/// A server that listens.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
}

/// What the log says once a server listens.
const LISTENS: &str = "listening";

impl Program {
    /// Starts the server of this name, and waits until it listens.
    pub(crate) fn start(
        name: &'static str,
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Result<Self> {
        Self::spawn(name, arguments, LISTENS, Stdio::inherit())
    }

    /// The same, once the log says `mark`, and what it tells on standard output, line by line.
    pub(crate) fn start_telling(
        name: &'static str,
        arguments: impl IntoIterator<Item = OsString>,
        mark: &str,
    ) -> Result<(Self, Lines<BufReader<ChildStdout>>)> {
        let mut program = Self::spawn(name, arguments, mark, Stdio::piped())?;
        let told = program.child.stdout.take();
        let told = told.context("a program tells nothing")?;
        Ok((program, BufReader::new(told).lines()))
    }

    fn spawn(
        name: &'static str,
        arguments: impl IntoIterator<Item = OsString>,
        mark: &str,
        told: Stdio,
    ) -> Result<Self> {
        let mut child = Command::new(path(name)?)
            .args(arguments)
            .stdout(told)
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        let log = child.stderr.take().context("a program has no log")?;
        let program = Self { child };
        listening(name, log, mark)?;
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
        // It may have ended by itself, which is as good; it ends what it has started.
        let asked = Pid::from_child(&self.child);
        if kill_process(asked, Signal::TERM).is_err() {
            drop(self.child.kill());
        }
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
pub(crate) fn path(name: &str) -> Result<PathBuf> {
    let program = std::env::current_exe()?.with_file_name(name);
    if !program.is_file() {
        bail!("{} is missing: run `cargo xtask demo`", program.display());
    }
    Ok(program)
}

/// Reads the log until the server listens, and the rest in the background.
fn listening(name: &str, log: ChildStderr, mark: &str) -> Result<()> {
    let mut lines = BufReader::new(log).lines();
    let mut said = Vec::new();
    for line in lines.by_ref() {
        let line = line?;
        if line.contains(mark) {
            thread::spawn(move || lines.for_each(drop));
            return Ok(());
        }
        said.push(line);
    }
    bail!("{name} ended:\n{}", said.join("\n"))
}
