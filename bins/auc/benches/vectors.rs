//! Vectors a second that the program gives over HTTP, to eight clients that keep their connections:
//! from a file with its journal, from SQLite, and from PostgreSQL if its URL is given.
//!
//! `cargo bench -p auc --bench vectors`; `-- postgres://USER@HOST/NAME` adds a database.
#![expect(clippy::print_stdout, reason = "a benchmark shows its result")]

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use anyhow::{Context as _, Result, ensure};
use server_kit::caller::{Entry, Token};
use ureq::Agent;

const PROGRAM: &str = env!("CARGO_BIN_EXE_auc");
const KEYS: &str = "465b5ce8b199b49faa5f0a2ee238a6bc,cd63cb71954a9f4e48a5994e37a02baf";
const SUBSCRIBERS: u32 = 1000;
const CLIENTS: u32 = 8;
const LOAD: Duration = Duration::from_secs(5);
const BULK: u32 = 100_000;

fn main() -> Result<()> {
    let postgres = std::env::args().find(|argument| argument.starts_with("postgres"));
    measure("a file", None)?;
    measure("SQLite", Some("sqlite:auc.db"))?;
    if let Some(url) = postgres {
        measure("PostgreSQL", Some(&url))?;
    }
    Ok(())
}

fn measure(name: &str, database: Option<&str>) -> Result<()> {
    let folder = tempfile::tempdir()?;
    write_subscribers(folder.path(), SUBSCRIBERS)?;
    let place = match database {
        Some(url) => vec!["--database", url, "--sealing-key", "key"],
        None => vec!["--subscribers", "all.csv"],
    };
    if database.is_some() {
        private(folder.path(), "key", &"5a".repeat(32))?;
        write_subscribers(folder.path(), BULK)?;
        let begun = Instant::now();
        let mut import = Command::new(PROGRAM);
        import.arg("subscriber").args(&place);
        import
            .args(["import", "all.csv"])
            .current_dir(folder.path());
        ensure!(
            import.stdout(Stdio::null()).status()?.success(),
            "no import"
        );
        println!(
            "{name}: {BULK} subscribers in {:.1} s",
            begun.elapsed().as_secs_f64()
        );
    }
    let home = Home::start(folder.path(), &place)?;
    let rate = home.load()?;
    println!("{name}: {rate:.0} vectors/s to {CLIENTS} clients");
    Ok(())
}

/// A running program, which ends with this.
struct Home {
    program: Child,
    vectors: String,
    token: Token,
}

impl Home {
    fn start(folder: &Path, place: &[&str]) -> Result<Self> {
        let token = Token::generate("auc")?;
        let caller = Entry::for_token("bench", token.digest(), vec!["auc:vectors".to_owned()]);
        private(folder, "callers.toml", &caller.to_toml()?)?;
        let mut program = Command::new(PROGRAM)
            .arg("serve")
            .args(place)
            .args(["--token-file", "callers.toml", "--audit", "off"])
            .args(["--http", "--listen", "127.0.0.1:0", "--log", "info"])
            .args(["--rate-per-caller", "0"])
            .current_dir(folder)
            .stderr(Stdio::piped())
            .spawn()?;
        let log = program.stderr.take().context("it is piped")?;
        let mut lines = BufReader::new(log).lines();
        let said = lines.find_map(|line| {
            let line = line.ok()?;
            let (_, url) = line.split_once("url=\"")?;
            Some(url.trim_end_matches('"').to_owned())
        });
        thread::spawn(move || lines.for_each(drop));
        Ok(Self {
            program,
            vectors: format!("{}v1/vectors", said.context("it does not listen")?),
            token,
        })
    }

    fn load(&self) -> Result<f64> {
        let done = thread::scope(|scope| {
            let clients = (0..CLIENTS).map(|client| scope.spawn(move || self.work(client)));
            let clients: Vec<_> = clients.collect();
            let counted = clients.into_iter().map(thread::ScopedJoinHandle::join);
            counted
                .map(|done| done.ok().context("a client broke")?)
                .sum::<Result<u32>>()
        })?;
        Ok(f64::from(done) / LOAD.as_secs_f64())
    }

    /// One client, which asks for its own share of the subscribers.
    fn work(&self, client: u32) -> Result<u32> {
        let (agent, begun) = (Agent::new_with_defaults(), Instant::now());
        let shown = format!("Bearer {}", self.token.expose());
        let share = (client..SUBSCRIBERS).step_by(usize::try_from(CLIENTS)?);
        let mut done = 0;
        for index in share.cycle() {
            if begun.elapsed() > LOAD {
                break;
            }
            let asked = agent.post(&self.vectors).header("authorization", &shown);
            let asked = asked.header("content-type", "application/json");
            let mut answer = asked.send(format!("{{\"imsi\":\"{}\"}}", imsi(index)))?;
            let text = answer.body_mut().read_to_string()?;
            ensure!(text.contains("autn"), "no vector");
            done += 1;
        }
        Ok(done)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // it has ended if that fails
        drop(self.program.kill());
        drop(self.program.wait());
    }
}

fn write_subscribers(folder: &Path, count: u32) -> Result<()> {
    let lines = (0..count).map(|index| format!("{},{KEYS}\n", imsi(index)));
    let lines: String = lines.collect();
    private(folder, "all.csv", &format!("imsi,k,opc\n{lines}"))
}

fn private(folder: &Path, name: &str, text: &str) -> Result<()> {
    let path = folder.join(name);
    fs::write(&path, text)?;
    Ok(fs::set_permissions(
        path,
        fs::Permissions::from_mode(0o600),
    )?)
}

fn imsi(index: u32) -> String {
    format!("00101{index:010}")
}
