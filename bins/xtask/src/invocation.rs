//! One program to run: what it is called, how it is shown, what came of it.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{self, BufRead as _, BufReader, PipeReader};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use crate::console::Console;
use crate::{machine, workspace};

/// A program with its arguments and environment.
#[derive(Debug)]
pub(crate) struct Invocation {
    command: Command,
}

/// What a program left behind.
#[derive(Debug)]
pub(crate) struct Finished {
    /// Whether it ended with exit status 0.
    pub(crate) success: bool,
    /// Standard output and standard error, as they came.
    pub(crate) output: String,
}

impl Invocation {
    /// `program`, run in the checkout's folder.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program);
        command.current_dir(workspace::root());
        for (name, _) in std::env::vars_os().filter(|(name, _)| is_of_this_package(name)) {
            command.env_remove(name);
        }
        Self { command }
    }

    /// The cargo that started this program.
    pub(crate) fn cargo() -> Self {
        Self::new("cargo")
    }

    /// Debian's installer, which asks nothing; through sudo unless root runs this.
    pub(crate) fn apt() -> Self {
        let apt = ["DEBIAN_FRONTEND=noninteractive", "apt-get"];
        if machine::is_root() {
            Self::new("env").args(apt)
        } else {
            Self::new("sudo").args(["env"]).args(apt)
        }
    }

    /// Adds arguments.
    pub(crate) fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    /// Sets an environment variable.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it with this program's own input and output.
    ///
    /// # Errors
    /// When it cannot be started, or ends with another status than 0.
    pub(crate) fn run_in_sight(&mut self) -> Result<(), String> {
        match self.command.status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("{status}: {self}")),
            Err(error) => Err(format!("cannot start {self}: {error}")),
        }
    }

    /// Runs it without input, keeps its output, and shows on the console that it lives.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) fn run(&mut self, console: &Console) -> io::Result<Finished> {
        let (reader, writer) = io::pipe()?;
        self.command
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer);
        let mut child = self.command.spawn()?;
        // The command holds the pipe's writing ends; the reading end closes when they are gone.
        self.command.stdout(Stdio::null()).stderr(Stdio::null());
        let output = collect(reader, console);
        let status = child.wait()?;
        Ok(Finished {
            success: status.success(),
            output,
        })
    }

    /// Runs it like [`run`](Self::run), where only success will do.
    ///
    /// # Errors
    /// Its line and its output when it fails.
    pub(crate) fn demand(&mut self, console: &Console) -> Result<String, String> {
        match self.run(console) {
            Ok(finished) if finished.success => Ok(finished.output),
            Ok(finished) => Err(format!("$ {self}\n{}", finished.output)),
            Err(error) => Err(format!("cannot start {self}: {error}\n")),
        }
    }

    /// Asks a program something, and returns what it prints on standard output.
    ///
    /// # Errors
    /// When it cannot be started or fails.
    pub(crate) fn output(&mut self) -> Result<String, String> {
        let output = self
            .command
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output();
        let output = output.map_err(|error| format!("cannot start {self}: {error}"))?;
        if !output.status.success() {
            return Err(format!("{}: {self}", output.status));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs it unseen, and says only whether it succeeded.
    pub(crate) fn succeeds(&mut self) -> bool {
        let quiet = self
            .command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        quiet.status().is_ok_and(|status| status.success())
    }
}

impl fmt::Display for Invocation {
    /// The line that does the same in a shell.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in self.command.get_envs() {
            if let Some(value) = value {
                write!(f, "{}={} ", name.display(), quoted(value))?;
            }
        }
        write!(f, "{}", quoted(self.command.get_program()))?;
        self.command
            .get_args()
            .try_for_each(|argument| write!(f, " {}", quoted(argument)))
    }
}

/// Build scripts that watch these variables would run again below cargo's own `run`.
fn is_of_this_package(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    name.starts_with(b"CARGO_PKG_") || name.starts_with(b"CARGO_MANIFEST_")
}

fn collect(reader: PipeReader, console: &Console) -> String {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        let mut reader = BufReader::new(reader);
        let mut line = Vec::new();
        while reader
            .read_until(b'\n', &mut line)
            .is_ok_and(|count| count > 0)
        {
            if sender
                .send(String::from_utf8_lossy(&line).into_owned())
                .is_err()
            {
                break;
            }
            line.clear();
        }
    });
    let mut output = String::new();
    loop {
        match lines.recv_timeout(Duration::from_millis(500)) {
            Ok(line) => {
                console.line(&line);
                output.push_str(&line);
            }
            Err(RecvTimeoutError::Timeout) => console.tick(),
            Err(RecvTimeoutError::Disconnected) => return output,
        }
    }
}

fn quoted(word: &OsStr) -> String {
    let word = OsString::from(word).to_string_lossy().into_owned();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,@+%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invocation_reads_as_a_shell_line() {
        let line = Invocation::cargo()
            .args(["nextest", "run", "-E", "not package(demo)"])
            .env("RUSTFLAGS", "--cfg fuzzing");
        assert_eq!(
            line.to_string(),
            "RUSTFLAGS='--cfg fuzzing' cargo nextest run -E 'not package(demo)'"
        );
    }

    #[test]
    fn both_streams_are_kept_with_the_status() {
        let mut shell = Invocation::new("sh").args(["-c", "echo one; echo two >&2; exit 3"]);
        let finished = shell
            .run(&Console::new(crate::console::Detail::Steps))
            .unwrap();
        assert!(!finished.success);
        assert_eq!(finished.output, "one\ntwo\n");
    }
}
