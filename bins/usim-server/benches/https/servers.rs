//! The servers, each on the first processor; dropping one ends it.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    thread::{self, JoinHandle},
};

use anyhow::{Context as _, Result, ensure};
use usim::soft::{Profile, Quirks, SoftCard, Stop, modem};

/// `usim-server` with the software card in it.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
}

impl Server {
    /// Its log goes to a file, as a journal would take it: nobody reads a pipe here.
    pub(crate) fn start(folder: &Path) -> Result<Self> {
        let log = folder.join("log");
        let mut child = pinned(env!("CARGO_BIN_EXE_usim-server"))
            .args(["--soft", "--listen", "127.0.0.1:0"])
            .args(["--rate-per-caller", "0", "--rate-per-sim", "0"])
            .arg("--audit")
            .arg(folder.join("audit"))
            .arg("--state-dir")
            .arg(folder)
            .stderr(File::create(&log)?)
            .spawn()?;
        loop {
            let said = fs::read_to_string(&log)?;
            if let Some((address, _)) = said
                .split_once("https://")
                .and_then(|(_, rest)| rest.split_once('/'))
            {
                let address = address.to_owned();
                return Ok(Self { child, address });
            }
            ensure!(child.try_wait()?.is_none(), "it ended: {said}");
            thread::yield_now();
        }
    }

    /// Resident memory, as the kernel counts it.
    pub(crate) fn megabytes(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next());
        let kilobytes: u32 = kilobytes.context("VmRSS")?.parse()?;
        Ok(f64::from(kilobytes) * 1024.0 / 1e6)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// The re-creation in Python, with a software card in a modem on a pseudo terminal.
pub(crate) struct Python {
    child: Child,
    pub(crate) address: String,
    stop: Stop,
    modem: Option<JoinHandle<()>>,
}

impl Python {
    pub(crate) fn start(folder: &Path) -> Result<Self> {
        let link = folder.join("modem");
        let stop = Stop::new();
        let (port, stopped) = (link.clone(), stop.clone());
        let (ready, is_ready) = std::sync::mpsc::channel();
        let modem = thread::spawn(move || {
            let mut card = SoftCard::new(Profile::default());
            let ended = modem::run(&mut card, &port, &Quirks::default(), &stopped, |_| {
                ready.send(()).unwrap_or_default();
            });
            if let Err(error) = ended {
                eprintln!("the modem: {error}");
            }
        });
        is_ready.recv().context("the modem does not start")?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/https/python_server.py");
        let mut child = pinned("python3")
            .arg(script)
            .arg(folder.join("server.pem"))
            .arg(&link)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut address = String::new();
        let output = child.stdout.take().context("piped")?;
        BufReader::new(output).read_line(&mut address)?;
        ensure!(!address.is_empty(), "the Python server does not start");
        Ok(Self {
            child,
            address: address.trim().to_owned(),
            stop,
            modem: Some(modem),
        })
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        end(&mut self.child);
        self.stop.stop();
        drop(self.modem.take().map(JoinHandle::join));
    }
}

fn pinned(program: &str) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", "0", program]).stdin(Stdio::null());
    command
}

fn end(child: &mut Child) {
    drop(child.kill());
    drop(child.wait());
}
