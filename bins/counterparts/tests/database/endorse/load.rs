//! Two instances under load: killed at any moment, and while the keys rotate.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use aka::Rand;
use anyhow::{Context as _, Result, ensure};
use counterparts::http::Sent;
use counterparts::postgres::{Durability, Postgres};
use counterparts::{Draw, wait};
use endorse::Verifier;
use serde_json::Value;
use strict_jws::{KeySet, Unsupported};

use super::device::{AUDIENCE, Device, ORIGIN, Proof, get};
use super::instances::Deployment;

const NAMES: [&str; 2] = ["one", "two"];
const DEVICES: usize = 6;

/// Devices that ask, each until the end.
struct Load {
    servers: Vec<PathBuf>,
    ending: AtomicBool,
    tokens: AtomicU64,
    /// The RAND for which each number of each SIM was used.
    numbers: Mutex<HashMap<(usize, u64), Rand>>,
}

impl Load {
    fn new(deployment: &Deployment) -> Self {
        Self {
            servers: NAMES.map(|name| deployment.socket(name)).to_vec(),
            ending: AtomicBool::new(false),
            tokens: AtomicU64::new(0),
            numbers: Mutex::default(),
        }
    }

    /// Runs the devices beside `work`.
    fn run(&self, work: impl FnOnce() -> Result<()>) -> Result<()> {
        thread::scope(|scope| {
            let devices: Vec<_> = (0..DEVICES)
                .map(|index| scope.spawn(move || self.device(index)))
                .collect();
            let worked = work();
            self.ending.store(true, Ordering::Relaxed);
            for device in devices {
                device.join().ok().context("a device panicked")??;
            }
            worked
        })
    }

    fn device(&self, index: usize) -> Result<()> {
        let seed = u64::try_from(index)?;
        let (device, mut draw) = (Device::new(index)?, Draw::new(seed));
        let mut keys = KeySet::new();
        while !self.ending.load(Ordering::Relaxed) {
            let (here, there) = self.two(&mut draw)?;
            let Some(proof) = device.ask(here)? else {
                continue;
            };
            self.note(index, &proof)?;
            if draw.below(4) == 0 {
                Self::refused(&proof, there)?;
            } else if let Some(token) = self.token(&proof, &mut draw)? {
                Self::verify(&token, &mut keys, here)?;
            }
        }
        Ok(())
    }

    /// A server, and any server.
    fn two(&self, draw: &mut Draw) -> Result<(&Path, &Path)> {
        let mut any = || {
            let index = usize::try_from(draw.below(2))?;
            let server = self.servers.get(index).map(PathBuf::as_path);
            server.context("there are two")
        };
        Ok((any()?, any()?))
    }

    /// A number is for one RAND, however often that is told again.
    fn note(&self, index: usize, proof: &Proof) -> Result<()> {
        let mut numbers = self.numbers.lock().ok().context("poisoned")?;
        let first = numbers.entry((index, proof.sqn)).or_insert(proof.rand);
        ensure!(*first == proof.rand, "SQN {} was used twice", proof.sqn);
        Ok(())
    }

    fn refused(proof: &Proof, server: &Path) -> Result<()> {
        if let Sent::Answered(status, answer) = proof.send_without_sim(server) {
            ensure!(status == 401, "a token for nobody's SIM: {status} {answer}");
        }
        Ok(())
    }

    /// What a challenge promises: whoever hears the answer first has a token for it, unless it dies.
    fn token(&self, proof: &Proof, draw: &mut Draw) -> Result<Option<String>> {
        while !self.ending.load(Ordering::Relaxed) {
            let (server, _) = self.two(draw)?;
            match proof.send(server) {
                Sent::Answered(200, answer) => {
                    self.tokens.fetch_add(1, Ordering::Relaxed);
                    let token = answer.get("token").and_then(Value::as_str);
                    return Ok(Some(token.context("no token")?.to_owned()));
                }
                Sent::Answered(status, answer) => {
                    anyhow::bail!("a promised token was refused: {status} {answer}")
                }
                Sent::Unheard => {}
                Sent::Broken => return Ok(None),
            }
        }
        Ok(None)
    }

    /// As a verifier does: with the keys that it has, and those of any instance where it needs more.
    fn verify(token: &str, keys: &mut KeySet, server: &Path) -> Result<()> {
        let now = std::time::UNIX_EPOCH.elapsed()?.as_secs();
        let now = endorse::UnixTime::from_seconds(now);
        let verify = |keys: &KeySet| {
            let (issuer, audience) = (ORIGIN.parse()?, AUDIENCE.parse()?);
            let verifier = Verifier::native(issuer, audience, keys.clone());
            Ok::<_, anyhow::Error>(verifier.verify(token, now).map(|_| ())?)
        };
        if verify(keys).is_ok() {
            return Ok(());
        }
        let Ok(jwks) = get(server, "/.well-known/jwks.json") else {
            return Ok(());
        };
        *keys = KeySet::from_jwks(jwks.to_string().as_bytes(), Unsupported::Refuse)?;
        verify(keys).context("a good token was refused")
    }
}

/// Kills an instance at a moment that nobody chose, 15 times.
fn killed(database: Option<String>) -> Result<()> {
    let deployment = Deployment::new(database, DEVICES)?;
    let load = Load::new(&deployment);
    let (mut one, mut two) = (deployment.start("one")?, deployment.start("two")?);
    let mut draw = Draw::new(15);
    load.run(|| {
        for _ in 0..15 {
            wait::a_moment(&mut draw, Duration::from_millis(400));
            if draw.below(2) == 0 {
                one.kill()?;
                one = deployment.start("one")?;
            } else {
                two.kill()?;
                two = deployment.start("two")?;
            }
        }
        Ok(())
    })?;
    let tokens = load.tokens.load(Ordering::Relaxed);
    ensure!(tokens > 50, "too few tokens to tell: {tokens}");
    Ok(())
}

/// Rotates the keys three times under load.
fn rotated(database: Option<String>) -> Result<()> {
    let deployment = Deployment::new(database, DEVICES)?;
    let load = Load::new(&deployment);
    let _instances = (deployment.start("one")?, deployment.start("two")?);
    load.run(|| {
        for _ in 0..3 {
            let before = active(&deployment)?;
            deployment.run(&["key"], &["rotate", "--at-once"])?;
            changed(&deployment, &before)?;
        }
        Ok(())
    })?;
    let tokens = load.tokens.load(Ordering::Relaxed);
    ensure!(tokens > 50, "too few tokens to tell: {tokens}");
    Ok(())
}

fn active(deployment: &Deployment) -> Result<String> {
    let listed = deployment.run(&["key"], &["list"])?;
    let line = listed.lines().find(|line| line.contains("  active"));
    Ok(line.context("no key signs")?.to_owned())
}

/// Waits until another key signs, and for as long again: then every instance knows.
fn changed(deployment: &Deployment, before: &str) -> Result<()> {
    let name = before.split(' ').next().unwrap_or_default();
    let begun = Instant::now();
    wait::until("another key", || {
        let now = active(deployment).ok()?;
        (!now.starts_with(name)).then_some(())
    })?;
    let took = begun.elapsed();
    wait::until("the instances", || {
        (begun.elapsed() > took * 2).then_some(())
    })
}

#[test]
#[ignore = "needs PostgreSQL: cargo xtask test --only database"]
fn two_instances_killed_on_postgresql_keep_their_word() -> Result<()> {
    let server = Postgres::start(Durability::Fast)?;
    killed(Some(server.url()))
}

#[test]
#[ignore = "kills programs: cargo xtask test --only database"]
fn two_instances_killed_on_sqlite_keep_their_word() -> Result<()> {
    killed(None)
}

#[test]
#[ignore = "needs PostgreSQL: cargo xtask test --only database"]
fn keys_rotate_under_load_without_one_wrong_refusal() -> Result<()> {
    let server = Postgres::start(Durability::Fast)?;
    rotated(Some(server.url()))
}
