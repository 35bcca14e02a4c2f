//! The identity provider is killed under load: what it has said stands, and what is good once is
//! taken once.

mod deployment;
mod order;
mod sign_in;
mod worker;

use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use counterparts::http::{Asked, Sent};
use counterparts::postgres::{Durability, Postgres};
use counterparts::{Draw, wait};
use passkey_idp::webauthn::Quirks;
use serde_json::json;

use deployment::Deployment;
use worker::{Load, Tally, Worker};

/// How many times a server is killed in one test: half of `SIMKEY_KILLS`, or so that all of it takes
/// a minute.
#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the test says how long"
)]
fn kills() -> Result<u64> {
    match std::env::var("SIMKEY_KILLS") {
        Ok(all) => Ok(all.parse::<u64>().context("SIMKEY_KILLS is a number")? / 2),
        Err(_) => Ok(30),
    }
}

/// Kills one of the instances at a moment that nobody chose, again and again.
#[expect(clippy::print_stdout, reason = "how much was at stake")]
fn killed(deployment: &Deployment, names: &[&'static str], seed: u64) -> Result<()> {
    let kills = kills()?;
    let load = Load::new(deployment, names);
    let mut draw = Draw::new(seed);
    let mut instances = names
        .iter()
        .map(|name| deployment.start(name))
        .collect::<Result<Vec<_>>>()?;
    let users = load.run(|| {
        for kill in 0..kills {
            // however slow the machine is, something is at stake
            load.goes_on(|tally| &tally.signed)?;
            if kill % 10 == 0 {
                load.goes_on(|tally| &tally.refreshed)?;
            }
            wait::a_moment(&mut draw, Duration::from_millis(150));
            let index = usize::try_from(draw.below(u64::try_from(names.len())?))?;
            let name = names.get(index).context("there is such an instance")?;
            instances.remove(index).kill()?;
            instances.insert(index, deployment.start(name)?);
        }
        Ok(())
    })?;
    let tally = &load.tally;
    println!("{kills} kills: {tally:?}");
    let count =
        |what: fn(&Tally) -> &std::sync::atomic::AtomicU64| what(tally).load(Ordering::Relaxed);
    ensure!(
        count(|tally| &tally.collected) > kills / 10,
        "too few orders to tell"
    );
    ensure!(
        count(|tally| &tally.broken) > kills / 4,
        "too few requests were cut off to tell"
    );
    let mut last = Worker::new(&load, u64::MAX);
    for mut user in users {
        last.signs_with(&mut user)
            .context("a registered key was lost")?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "kills passkey-server again and again: cargo xtask test --only crashes"]
async fn a_passkey_server_killed_on_sqlite_keeps_its_word() -> Result<()> {
    let deployment = Deployment::new(None).await?;
    killed(&deployment, &["one"], 41)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "kills passkey-server again and again: cargo xtask test --only crashes"]
async fn two_passkey_servers_killed_on_postgresql_keep_their_word() -> Result<()> {
    let server = Postgres::start(Durability::Synchronised)?;
    let deployment = Deployment::new(Some(server.url())).await?;
    killed(&deployment, &["one", "two"], 42)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL: cargo xtask test --only crashes"]
async fn a_collect_that_waits_at_one_instance_sees_a_signature_at_the_other() -> Result<()> {
    let server = Postgres::start(Durability::Fast)?;
    let deployment = Deployment::new(Some(server.url())).await?;
    let _instances = (deployment.start("one")?, deployment.start("two")?);
    let load = Load::new(&deployment, &["one"]);
    let mut worker = Worker::new(&load, 1);
    let mut user = worker
        .register()?
        .context("an instance that is not killed")?;
    let id = worker
        .place(&json!({ "text": "I agree" }))?
        .context("an order")?;
    let asked = Asked::post("/api/v1/collect", &json!({ "challengeId": id }));
    let asked = asked.with("Authorization", &deployment.basic);
    let asked = asked.with("Prefer", "wait=20");
    let there = deployment.socket("two");
    let waiting = std::thread::spawn(move || asked.send(&there));
    let ask = worker.view(&id)?.context("an order")?;
    let answer = json!(user.sign(&ask, &Quirks::default()));
    ensure!(worker.approve(&id, &answer)?.is_some(), "it is signed");
    let collected = waiting.join().ok().context("it panicked")?;
    ensure!(matches!(collected, Sent::Answered(200, _)), "{collected:?}");
    Ok(())
}
