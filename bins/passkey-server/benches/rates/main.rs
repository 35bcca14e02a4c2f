//! How many a second: sign-ins and signatures from the order to what is collected, what relying
//! parties fetch, refreshed tokens, verified assertions; how soon the program answers and how much
//! memory it takes; and npm's oidc-provider beside it where that does the same.
//!
//! `cargo bench -p passkey-server --bench rates`; `-- postgres://USER@HOST/NAME` adds a database. The
//! servers run on the first processor and their clients on the second. oidc-provider comes with
//! `cargo xtask setup`, and is left out where it is missing.
#![expect(clippy::print_stdout, reason = "a benchmark shows its result")]

mod assertions;
mod client;
mod load;
mod program;
mod server;

use std::env;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use load::Load;
use program::Program;
use server::Served;

const PINNED: &str = "--pinned";
/// This program as a server, on the first processor.
const SERVER: &str = "--server";

fn main() -> Result<()> {
    let mut words = env::args().skip(1);
    if let Some(url) = words.by_ref().skip_while(|word| word != SERVER).nth(1) {
        return server::serve(&url);
    }
    if !env::args().any(|word| word == PINNED) {
        let mut again = Command::new("taskset");
        again.args(["-c", "1"]).arg(env::current_exe()?);
        let again = again.args(env::args().skip(1)).arg(PINNED);
        ensure!(again.status().context("taskset")?.success(), "see above");
        return Ok(());
    }
    measure()
}

fn measure() -> Result<()> {
    assertions::measure()?;
    start()?;
    let folder = tempfile::tempdir()?;
    let sqlite = format!("sqlite:{}", folder.path().join("bench.db").display());
    for (name, url) in [("memory", "memory"), ("SQLite", &sqlite)] {
        orders(name, url)?;
    }
    let given = env::args().skip(1);
    for url in given.filter(|word| word.starts_with("postgres")) {
        orders("PostgreSQL", &url)?;
    }
    beside_the_peer()
}

/// The program itself, with a new database and new keys.
fn start() -> Result<()> {
    for database in ["memory", "SQLite"] {
        let folder = tempfile::tempdir()?;
        let program = Program::start(folder.path(), database)?;
        println!(
            "the program, {database}: start to the first answer {:.1} ms, {:.1} MB",
            program.took.as_secs_f64() * 1e3,
            program.megabytes()?
        );
        let rate = Load::new(&program.told).get("/jwks")?;
        println!(
            "the program, {database}: JWKS {rate:.0}/s; then {:.1} MB",
            program.megabytes()?
        );
    }
    Ok(())
}

fn orders(name: &str, url: &str) -> Result<()> {
    let served = Served::start(url)?;
    let load = Load::new(&served.told);
    let placed = load.placed()?;
    let pending = load.pending()?;
    let whole = load.orders()?;
    println!("{name}: {placed:.0} orders placed/s, {pending:.0} pending ones asked for/s");
    println!("{name}: {whole:.0} orders/s placed, viewed, signed and collected");
    let refreshed = load.refreshed()?;
    println!("{name}: {refreshed:.0} tokens refreshed/s");
    println!("{name}: then {:.1} MB", served.megabytes()?);
    Ok(())
}

/// The same of both, in turn and each alone on its processor.
fn beside_the_peer() -> Result<()> {
    let bare = Load::new(&Served::bare()?.told).get("/")?;
    println!("a server that does nothing: {bare:.0}/s");
    let ours = rates(&Served::start("memory")?)?;
    for access_tokens in ["random", "signed"] {
        let Some(peer) = Served::peer(access_tokens)? else {
            println!("oidc-provider is missing: cargo xtask setup");
            return Ok(());
        };
        println!("oidc-provider with {access_tokens} access tokens; ours are signed");
        let theirs = rates(&peer)?;
        for ((what, ours), (_, theirs)) in ours.iter().zip(theirs) {
            let ratio = ours / theirs;
            println!("{what}: {ours:.0}, oidc-provider {theirs:.0}: {ratio:.2}x");
        }
    }
    Ok(())
}

fn rates(served: &Served) -> Result<[(&'static str, f64); 4]> {
    let load = Load::new(&served.told);
    let discovery = load.get("/.well-known/openid-configuration")?;
    let keys = load.get("/jwks")?;
    let refreshed = load.refreshed()?;
    Ok([
        ("discovery/s", discovery),
        ("JWKS/s", keys),
        ("tokens refreshed/s", refreshed),
        ("MB after it", served.megabytes()?),
    ])
}
