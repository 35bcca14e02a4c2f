//! Whoever uses the server while it is killed, and holds it to its word.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use counterparts::http::{Asked, Sent};
use counterparts::{Draw, wait};
use passkey_idp::webauthn::TestAuthenticator;
use serde_json::Value;

use super::deployment::Deployment;

/// How much was at stake.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) registered: AtomicU64,
    pub(super) signed: AtomicU64,
    pub(super) collected: AtomicU64,
    pub(super) redeemed: AtomicU64,
    pub(super) refreshed: AtomicU64,
    /// Requests that somebody heard who died of them.
    pub(super) broken: AtomicU64,
}

/// Workers, each until the end.
pub(super) struct Load<'a> {
    pub(super) basic: &'a str,
    servers: Vec<PathBuf>,
    ending: AtomicBool,
    pub(super) tally: Tally,
}

/// One of them.
pub(super) struct Worker<'a> {
    pub(super) load: &'a Load<'a>,
    pub(super) draw: Draw,
}

/// What an answer says that was waited for.
pub(super) struct Heard {
    pub(super) status: u16,
    pub(super) body: Value,
    /// Whether somebody had heard the request before, and died.
    pub(super) again: bool,
}

const WORKERS: u64 = 6;

impl<'a> Load<'a> {
    pub(super) fn new(deployment: &'a Deployment, names: &[&str]) -> Self {
        Self {
            basic: &deployment.basic,
            servers: names.iter().map(|name| deployment.socket(name)).collect(),
            ending: AtomicBool::new(false),
            tally: Tally::default(),
        }
    }

    /// Runs the workers beside `work`, and returns the passkeys that the server has promised to keep.
    pub(super) fn run(&self, work: impl FnOnce() -> Result<()>) -> Result<Vec<TestAuthenticator>> {
        let users = thread::scope(|scope| {
            let workers: Vec<_> = (0..WORKERS)
                .map(|seed| scope.spawn(move || Worker::new(self, seed).run()))
                .collect();
            let worked = work();
            self.ending.store(true, Ordering::Relaxed);
            let mut users = Vec::new();
            for worker in workers {
                users.extend(worker.join().ok().context("a worker panicked")??);
            }
            worked.map(|()| users)
        })?;
        self.ending.store(false, Ordering::Relaxed);
        Ok(users)
    }

    pub(super) fn count(&self, what: fn(&Tally) -> &AtomicU64) {
        what(&self.tally).fetch_add(1, Ordering::Relaxed);
    }

    /// Waits until there is one more.
    pub(super) fn goes_on(&self, what: fn(&Tally) -> &AtomicU64) -> Result<()> {
        let count = || what(&self.tally).load(Ordering::Relaxed);
        let before = count();
        wait::until("one more", || (count() > before).then_some(()))
    }

    /// The same request to every instance at once, or twice to the only one; what they answer.
    pub(super) fn race(&self, asked: &Asked) -> Vec<Sent> {
        let servers = self.servers.iter().cycle().take(2.max(self.servers.len()));
        thread::scope(|scope| {
            let racers: Vec<_> = servers
                .map(|server| scope.spawn(move || asked.send(server)))
                .collect();
            let sent = racers.into_iter().filter_map(|racer| racer.join().ok());
            sent.collect()
        })
    }

    fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }
}

impl<'a> Worker<'a> {
    pub(super) fn new(load: &'a Load<'a>, seed: u64) -> Self {
        Self {
            load,
            draw: Draw::new(seed),
        }
    }

    fn run(mut self) -> Result<Vec<TestAuthenticator>> {
        let mut users = Vec::new();
        while !self.load.is_ending() {
            let Some(mut user) = self.register()? else {
                continue;
            };
            for _ in 0..8 {
                match self.draw.below(2) {
                    0 => self.signs_in(&mut user)?,
                    _ => self.signs_a_document(&mut user)?,
                }
            }
            users.push(user);
        }
        Ok(users)
    }

    /// Any of the servers.
    fn server(&mut self) -> Result<&'a Path> {
        let count = u64::try_from(self.load.servers.len())?;
        let index = usize::try_from(self.draw.below(count))?;
        let server = self.load.servers.get(index).map(PathBuf::as_path);
        server.context("there is one")
    }

    /// Sends a request once; nothing unless it is answered.
    pub(super) fn once(&mut self, asked: &Asked) -> Result<Option<(u16, Value)>> {
        match asked.send(self.server()?) {
            Sent::Answered(status, body) => Ok(Some((status, body))),
            Sent::Unheard => {
                self.rest();
                Ok(None)
            }
            Sent::Broken => {
                self.load.count(|tally| &tally.broken);
                Ok(None)
            }
        }
    }

    /// Sends a request until it is answered.
    pub(super) fn insist(&mut self, asked: &Asked) -> Result<Heard> {
        let mut again = false;
        for _ in 0..10_000 {
            match asked.send(self.server()?) {
                Sent::Answered(status, body) => {
                    return Ok(Heard {
                        status,
                        body,
                        again,
                    });
                }
                Sent::Unheard => self.rest(),
                Sent::Broken => {
                    self.load.count(|tally| &tally.broken);
                    again = true;
                }
            }
        }
        bail!("no instance has come back")
    }

    fn rest(&mut self) {
        wait::a_moment(&mut self.draw, Duration::from_millis(20));
    }
}

/// What a member of an answer says.
pub(super) fn text<'v>(body: &'v Value, name: &str) -> Result<&'v str> {
    let member = body.get(name).and_then(Value::as_str);
    member.with_context(|| format!("no {name} in {body}"))
}
