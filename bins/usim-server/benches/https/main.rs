//! AKA over HTTPS: how many a second, how much a request adds to the card's own time, how soon the
//! server answers and how much memory it takes; and the rate of a Python server that works as the
//! original one does, with the same card.
//!
//! `cargo bench -p usim-server --bench https`. The servers run on the first processor and the
//! clients on the second. `python_server.py` is a re-creation for this comparison, not the original.
#![expect(clippy::print_stdout, reason = "a benchmark shows its result")]

mod challenges;
mod client;
mod servers;

use std::{
    env,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;
use usim::{
    Authentication, Card,
    soft::{Profile, SoftCard},
};

use challenges::Challenges;
use client::{Client, Reuse};
use servers::{Python, Server};

const PINNED: &str = "--pinned";
const SECONDS: Duration = Duration::from_secs(5);

fn main() -> Result<()> {
    if !env::args().any(|argument| argument == PINNED) {
        let mut again = Command::new("taskset");
        again.args(["-c", "1"]).arg(env::current_exe()?).arg(PINNED);
        ensure!(again.status().context("taskset")?.success(), "see above");
        return Ok(());
    }
    let folder = TempDir::new()?;
    let card = own_time()?;
    println!("the card alone, in process: {:.2} us an AKA", micros(card));

    let begun = Instant::now();
    let server = Server::start(folder.path())?;
    Client::connect(&server.address)?.get("/?type=imsi")?;
    println!(
        "start to the first answer over TLS: {:.1} ms",
        begun.elapsed().as_secs_f64() * 1e3
    );
    println!("resident memory after it: {:.1} MB", server.megabytes()?);

    let one = rate(&server.address, 1, Reuse::Always)?;
    println!("keep-alive, 1 client: {one:.0} AKA/s");
    let added = Duration::from_secs_f64(1.0 / one).saturating_sub(card);
    println!(
        "a request adds {:.0} us to the card's own time",
        micros(added)
    );
    let many = rate(&server.address, 16, Reuse::Always)?;
    println!("keep-alive, 16 clients: {many:.0} AKA/s");
    let fresh = rate(&server.address, 1, Reuse::Never)?;
    println!("a connection for each, 1 client: {fresh:.0} AKA/s");
    println!("resident memory after that: {:.1} MB", server.megabytes()?);
    drop(server);

    let python = Python::start(folder.path())?;
    let peer = rate(&python.address, 1, Reuse::Never)?;
    println!("Python re-creation, 1 client: {peer:.0} AKA/s");
    let peers = rate(&python.address, 4, Reuse::Never)?;
    println!("Python re-creation, 4 clients: {peers:.0} AKA/s");
    println!(
        "ratio, the best of each: {:.1}x",
        many.max(one) / peer.max(peers)
    );
    Ok(())
}

/// Clients that ask for `SECONDS`, each with a slot of SQNs of its own; all answers are counted,
/// and each must be a success.
fn rate(address: &str, clients: u8, reuse: Reuse) -> Result<f64> {
    let begun = Instant::now();
    let done: Result<u64> = thread::scope(|scope| {
        let clients: Vec<_> = (0..clients)
            .map(|slot| scope.spawn(move || ask(address, slot, reuse)))
            .collect();
        let counts = clients.into_iter().map(|client| match client.join() {
            Ok(count) => count,
            Err(_panicked) => anyhow::bail!("a client panicked"),
        });
        counts.sum()
    });
    let done = u32::try_from(done?)?;
    Ok(f64::from(done) / begun.elapsed().as_secs_f64())
}

fn ask(address: &str, slot: u8, reuse: Reuse) -> Result<u64> {
    let mut challenges = Challenges::new(slot);
    let mut client = Client::connect(address)?;
    let begun = Instant::now();
    let mut done = 0;
    while begun.elapsed() < SECONDS {
        if reuse == Reuse::Never && done > 0 {
            client = Client::connect(address)?;
        }
        let answer = client.get(&challenges.next_target())?;
        ensure!(answer.contains("\"ck\": \""), "no success: {answer}");
        done += 1;
    }
    Ok(done)
}

/// What an AKA takes without a server around it.
fn own_time() -> Result<Duration> {
    let mut challenges = Challenges::new(0);
    let mut card = Card::open(SoftCard::new(Profile::default()))?;
    let mut usim = card.usim()?;
    let begun = Instant::now();
    let rounds = 20_000;
    for _ in 0..rounds {
        let (rand, autn) = challenges.next_challenge();
        let answer = usim.authenticate(&rand, &autn)?;
        ensure!(matches!(answer, Authentication::Success(_)), "stale");
    }
    Ok(begun.elapsed() / rounds)
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
