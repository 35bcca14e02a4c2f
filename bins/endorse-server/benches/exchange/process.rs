//! The program over TLS, with a new certificate and new keys: its start and its memory.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use rustls::crypto::ring;
use serde_json::Value;
use ureq::Agent;
use ureq::tls::TlsConfig;

use crate::device::{self, AUDIENCE, DEVICES, ORIGIN};

const PROGRAM: &str = env!("CARGO_BIN_EXE_endorse-server");
const FILE: &str = "subscribers.csv";
const LOAD: Duration = Duration::from_secs(5);
const CLIENTS: usize = 8;

pub(crate) fn measure() -> Result<()> {
    for database in ["memory", "SQLite"] {
        let folder = tempfile::tempdir()?;
        subscribe(folder.path(), database)?;
        let begun = Instant::now();
        let server = Server::start(folder.path(), database)?;
        let agent = agent();
        let keys = format!("{}/.well-known/jwks.json", server.url);
        ensure!(agent.get(&keys).call()?.status() == 200, "no keys");
        let (took, fresh) = (begun.elapsed(), server.megabytes()?);
        println!(
            "the program, {database}: start to first answer {:.0} ms, {fresh:.1} MB",
            took.as_secs_f64() * 1e3
        );
        let done = load(&server.url)?;
        let (rate, after) = (done / LOAD.as_secs_f64(), server.megabytes()?);
        println!("{CLIENTS} clients: {rate:.0} exchanges/s over TLS; then {after:.1} MB");
    }
    Ok(())
}

/// Puts the subscribers where the server looks for them: a file beside which it keeps sequence
/// numbers, or the database.
fn subscribe(folder: &Path, database: &str) -> Result<()> {
    let file = folder.join(FILE);
    fs::write(&file, device::file())?;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
    if database == "SQLite" {
        let mut command = Command::new(PROGRAM);
        command.arg("subscriber").arg("--state-dir").arg(folder);
        let imported = command.arg("import").arg(file).stdout(Stdio::null());
        ensure!(imported.status()?.success(), "no subscribers");
    }
    Ok(())
}

/// How many exchanges came to a token.
fn load(url: &str) -> Result<f64> {
    let clients = |client| {
        thread::spawn({
            let url = url.to_owned();
            move || work(&url, client)
        })
    };
    let clients: Vec<_> = (0..CLIENTS).map(clients).collect();
    let mut done = 0;
    for client in clients {
        let worked = client.join().ok().context("a client broke")?;
        done += worked?;
    }
    Ok(f64::from(done))
}

/// One client, which speaks for its own share of the devices.
fn work(url: &str, client: usize) -> Result<u32> {
    let (agent, milenage, begun) = (agent(), device::milenage()?, Instant::now());
    let mut done = 0;
    for index in (client..DEVICES).step_by(CLIENTS).cycle() {
        if begun.elapsed() > LOAD {
            break;
        }
        let challenge = post(&agent, url, device::CHALLENGE, &device::question(index))?;
        let answer = device::answer(&milenage, &challenge)?;
        let answer = post(&agent, url, device::TOKEN, &answer)?;
        ensure!(answer.get("token").is_some(), "no token: {answer}");
        done += 1;
    }
    Ok(done)
}

fn post(agent: &Agent, url: &str, path: &str, body: &Value) -> Result<Value> {
    let request = agent.post(format!("{url}{path}"));
    let request = request.header("content-type", "application/json");
    let mut answer = request.send(body.to_string())?;
    Ok(serde_json::from_slice(&answer.body_mut().read_to_vec()?)?)
}

fn agent() -> Agent {
    let tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
        .disable_verification(true);
    let config = Agent::config_builder().tls_config(tls.build()).proxy(None);
    config.build().new_agent()
}

/// Dropping it ends it.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(folder: &Path, database: &str) -> Result<Self> {
        let log = folder.join("log");
        let mut command = Command::new(PROGRAM);
        command.args(["serve", "--listen", "127.0.0.1:0", "--origin", ORIGIN]);
        command.args(["--audience", AUDIENCE, "--rate-per-peer", "0"]);
        command.args(["--vectors-per-minute", "1000000"]);
        command.args(["--challenges-per-minute", "1000000"]);
        command.arg("--state-dir").arg(folder);
        command.arg("--audit").arg(folder.join("audit"));
        if database == "memory" {
            command.args(["--database", "memory", "--subscribers"]);
            command.arg(folder.join(FILE));
        }
        command.stdin(Stdio::null()).stderr(File::create(&log)?);
        let mut child = command.spawn()?;
        loop {
            let said = fs::read_to_string(&log)?;
            let rest = said.split_once("https://127").map(|(_, rest)| rest);
            if let Some((address, _)) = rest.and_then(|rest| rest.split_once('/')) {
                let url = format!("https://127{address}");
                return Ok(Self { child, url });
            }
            ensure!(child.try_wait()?.is_none(), "it ended: {said}");
            thread::yield_now();
        }
    }

    /// Resident memory, as the kernel counts it.
    fn megabytes(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next());
        let kilobytes: u32 = kilobytes.context("VmRSS")?.parse()?;
        Ok(f64::from(kilobytes) * 1024.0 / 1e6)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
