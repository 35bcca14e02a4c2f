//! PINs from a file, from standard input, or from the terminal without showing them.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, Write},
    path::Path,
};

use anyhow::{Context, anyhow};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use crate::cli::Failure;

/// Secrets in the order they are asked for.
pub(crate) enum Secrets {
    /// The lines of a file or of standard input.
    Lines(Box<dyn Iterator<Item = io::Result<String>>>),
    /// A person at the terminal.
    Terminal,
}

impl Secrets {
    /// From `file`, where `-` is standard input; from the terminal without one.
    pub(crate) fn open(file: Option<&Path>) -> Result<Self, Failure> {
        match file {
            None => Ok(Self::Terminal),
            Some(path) if path.as_os_str() == "-" => Ok(Self::Lines(Box::new(io::stdin().lines()))),
            Some(path) => {
                let file = File::open(path);
                let file = file.with_context(|| format!("cannot read {}", path.display()));
                let lines = BufReader::new(file.map_err(Failure::Usage)?).lines();
                Ok(Self::Lines(Box::new(lines)))
            }
        }
    }

    /// The next secret; `what` is the question at the terminal.
    pub(crate) fn next(&mut self, what: &str) -> Result<Zeroizing<String>, Failure> {
        let line = match self {
            Self::Terminal => ask(what),
            Self::Lines(lines) => match lines.next() {
                Some(line) => line.map(Zeroizing::new).context("cannot read it"),
                None => Err(anyhow!("a line for it is missing")),
            },
        };
        let line = line.with_context(|| what.to_owned());
        let line = line.map_err(Failure::Usage)?;
        Ok(Zeroizing::new(line.trim().to_owned()))
    }

    /// A new secret, asked for twice at the terminal.
    pub(crate) fn next_new(&mut self, what: &str) -> Result<Zeroizing<String>, Failure> {
        let new = self.next(what)?;
        if let Self::Terminal = self
            && *self.next(&format!("{what} again"))? != *new
        {
            return Err(Failure::Usage(anyhow!("the two are not the same")));
        }
        Ok(new)
    }
}

fn ask(what: &str) -> anyhow::Result<Zeroizing<String>> {
    let mut terminal = OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/tty")
        .context("there is no terminal to ask at; use --pin-file FILE, or - for standard input")?;
    write!(terminal, "{what}: ")?;
    let silence = Silence::of(&terminal)?;
    let mut line = Zeroizing::new(String::new());
    BufReader::new(&silence.terminal).read_line(&mut line)?;
    drop(silence);
    writeln!(terminal)?;
    Ok(line)
}

/// A terminal that does not show what is typed, until this is dropped.
struct Silence {
    terminal: File,
    before: Termios,
}

impl Silence {
    fn of(terminal: &File) -> io::Result<Self> {
        let terminal = terminal.try_clone()?;
        let before = tcgetattr(&terminal)?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&terminal, OptionalActions::Flush, &silent)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        let restored = tcsetattr(&self.terminal, OptionalActions::Flush, &self.before);
        // a terminal that is gone shows nothing anyway
        restored.unwrap_or_default();
    }
}
