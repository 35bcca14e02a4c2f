//! The program `passkey-server`, which lies beside this one.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

/// It, and where it keeps what it keeps.
pub(super) struct Provider {
    program: PathBuf,
    listen: SocketAddr,
    origin: String,
    folder: PathBuf,
    child: Option<Child>,
}

impl Provider {
    pub(super) fn new(listen: SocketAddr, folder: PathBuf) -> Result<Self> {
        let program = std::env::current_exe()?.with_file_name("passkey-server");
        ensure!(
            program.is_file(),
            "{} is missing: `cargo build -p passkey-server` makes it",
            program.display()
        );
        Ok(Self {
            program,
            listen,
            origin: format!("http://localhost:{}", listen.port()),
            folder,
            child: None,
        })
    }

    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    /// Makes this service known to it, and returns the secret.
    pub(super) fn add(&self, client: &str, origin: &str) -> Result<String> {
        let back = ["/callback", "/documents/back"].map(|path| format!("{origin}{path}"));
        let [sign_in, sign] = back.each_ref().map(String::as_str);
        let arguments = ["add", client, "--title", "Demo service"];
        let home = format!("{origin}/");
        let redirects = ["--redirect", sign_in, "--redirect", sign];
        let home = ["--post-logout-redirect", &home];
        let arguments = arguments.into_iter().chain(redirects).chain(home);
        let said = self.tell("app", arguments)?;
        let mut lines = said.lines();
        let secret = lines.find_map(|line| line.strip_prefix("client_secret"));
        Ok(secret
            .context("passkey-server told no secret")?
            .trim()
            .to_owned())
    }

    /// The address where somebody makes a passkey.
    pub(super) fn invite(&self, name: &str) -> Result<String> {
        let said = self.tell("user", ["add", name, "--origin", &self.origin])?;
        Ok(said.trim().to_owned())
    }

    /// One of its commands, and what it says.
    fn tell<'a>(&self, what: &str, arguments: impl IntoIterator<Item = &'a str>) -> Result<String> {
        let mut command = self.command(what);
        let said = command.args(arguments).stderr(Stdio::inherit()).output()?;
        if !said.status.success() {
            bail!("`passkey-server {what}` has failed");
        }
        Ok(String::from_utf8(said.stdout)?)
    }

    /// Starts it, and waits until it listens; its log goes on to our standard error.
    pub(super) fn start(&mut self) -> Result<()> {
        let mut command = self.command("serve");
        let command = command.args(["--listen", &self.listen.to_string()]);
        let mut child = command.stderr(Stdio::piped()).spawn()?;
        let log = child.stderr.take().context("no log")?;
        self.child = Some(child);
        let mut lines = BufReader::new(log).lines();
        for line in lines.by_ref() {
            let line = line?;
            pass_on(&line);
            if line.contains("listening") {
                std::thread::spawn(move || {
                    lines.map_while(Result::ok).for_each(|line| pass_on(&line));
                });
                return Ok(());
            }
        }
        bail!("passkey-server has ended");
    }

    fn command(&self, what: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(what).arg("--state-dir").arg(&self.folder);
        command
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // It may have ended by itself, which is as good.
            drop(child.kill());
            drop(child.wait());
        }
    }
}

fn pass_on(line: &str) {
    // nobody is left to be told that standard error is closed
    drop(writeln!(std::io::stderr(), "{line}"));
}
