//! A store for one instance, which forgets everything at its end.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use aka::Rand;
use endorse::UnixTime;
use strict_jws::KeyId;

use super::record::Record;
use super::{
    Asked, Budget, Challenges, Revocation, Revocations, Secret, SigningKeys, Store, Task, Whom,
};
use crate::keys::{KeyUse, StoredKey};

/// Keeps everything in memory.
#[derive(Debug)]
pub struct MemoryStore {
    state: Mutex<State>,
    capacity: usize,
}

#[derive(Debug, Default)]
struct State {
    asked: HashMap<Whom, Record>,
    under_way: HashMap<String, (Secret, UnixTime)>,
    answered: HashMap<[u8; 16], UnixTime>,
    used: HashMap<String, UnixTime>,
    keys: Vec<StoredKey>,
    secrets: HashMap<&'static str, Secret>,
    places: u64,
    revoked: HashMap<String, Revocation>,
    swept: Option<UnixTime>,
}

impl Default for MemoryStore {
    /// For 100 000 SIMs, and as many things under way.
    fn default() -> Self {
        Self::new(100_000)
    }
}

impl MemoryStore {
    /// For so many SIMs, and as many things under way.
    pub fn new(capacity: usize) -> Self {
        Self {
            state: Mutex::default(),
            capacity,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Challenges for MemoryStore {
    fn ask<'a>(&'a self, whom: &'a Whom, budget: Budget, now: UnixTime) -> Task<'a, Asked> {
        let mut state = self.state();
        let asked = if state.has_room(self.capacity, now) || state.asked.contains_key(whom) {
            let record = state.asked.entry(*whom).or_insert_with(|| Record::new(now));
            record.ask(budget, now)
        } else {
            Asked::Full
        };
        done(asked)
    }

    fn offer<'a>(
        &'a self,
        whom: &'a Whom,
        vector: Secret,
        until: UnixTime,
        now: UnixTime,
    ) -> Task<'a, Secret> {
        let mut state = self.state();
        let record = state.asked.entry(*whom).or_insert_with(|| Record::new(now));
        done(record.offer(vector, until, now))
    }

    fn close<'a>(&'a self, whom: &'a Whom) -> Task<'a, ()> {
        if let Some(record) = self.state().asked.get_mut(whom) {
            record.close();
        }
        done(())
    }

    fn keep<'a>(&'a self, name: &'a str, what: Secret, until: UnixTime) -> Task<'a, ()> {
        let mut state = self.state();
        state.under_way.insert(name.to_owned(), (what, until));
        done(())
    }

    fn find<'a>(&'a self, name: &'a str, now: UnixTime) -> Task<'a, Option<Secret>> {
        let state = self.state();
        let found = state.under_way.get(name).cloned();
        done(found.and_then(|kept| alive(kept, now)))
    }

    fn take<'a>(&'a self, name: &'a str, now: UnixTime) -> Task<'a, Option<Secret>> {
        let taken = self.state().under_way.remove(name);
        done(taken.and_then(|kept| alive(kept, now)))
    }

    fn answer_once<'a>(&'a self, rand: &'a Rand, until: UnixTime, now: UnixTime) -> Task<'a, bool> {
        done(first(
            &mut self.state().answered,
            *rand.as_bytes(),
            (until, now),
        ))
    }

    fn use_once<'a>(&'a self, name: &'a str, until: UnixTime, now: UnixTime) -> Task<'a, bool> {
        done(first(&mut self.state().used, name.to_owned(), (until, now)))
    }
}

impl SigningKeys for MemoryStore {
    fn keys(&self) -> Task<'_, Vec<StoredKey>> {
        done(self.state().keys.clone())
    }

    fn add_key(&self, key: StoredKey) -> Task<'_, bool> {
        let mut state = self.state();
        let is_new = state.keys.iter().all(|known| known.key_id != key.key_id);
        if is_new {
            state.keys.push(key);
        }
        done(is_new)
    }

    fn promote<'a>(
        &'a self,
        key_id: &'a KeyId,
        key_use: KeyUse,
        from: UnixTime,
        until: UnixTime,
    ) -> Task<'a, bool> {
        let mut state = self.state();
        let is_it = |key: &StoredKey| key.key_id == *key_id && key.is_announced();
        if !state.keys.iter().any(is_it) {
            return done(false);
        }
        for key in state.keys.iter_mut().filter(|key| key.key_use == key_use) {
            if is_it(key) {
                key.signs_from = Some(from);
            } else if key.signs_from.is_some() && key.until.is_none() {
                key.until = Some(until);
            }
        }
        done(true)
    }

    fn retire<'a>(&'a self, key_id: &'a KeyId, until: UnixTime) -> Task<'a, bool> {
        let mut state = self.state();
        let mut keys = state.keys.iter_mut();
        let found = keys.find(|key| key.key_id == *key_id);
        done(found.map(|key| key.until = Some(until)).is_some())
    }

    fn secret<'a>(&'a self, name: &'static str, fresh: Secret) -> Task<'a, Secret> {
        done(self.state().secrets.entry(name).or_insert(fresh).clone())
    }
}

impl Revocations for MemoryStore {
    fn reserve(&self, places: u32) -> Task<'_, u64> {
        let mut state = self.state();
        let first = state.places;
        state.places += u64::from(places);
        done(first)
    }

    fn revoke(&self, revocation: Revocation) -> Task<'_, ()> {
        let mut state = self.state();
        state
            .revoked
            .insert(revocation.token_id.clone(), revocation);
        done(())
    }

    fn is_revoked<'a>(&'a self, token_id: &'a str) -> Task<'a, bool> {
        done(self.state().revoked.contains_key(token_id))
    }

    fn revoked(&self, now: UnixTime) -> Task<'_, Vec<u64>> {
        let state = self.state();
        let alive = state.revoked.values().filter(|it| now < it.until);
        done(alive.filter_map(|it| it.index).collect())
    }
}

impl Store for MemoryStore {
    fn sweep(&self, now: UnixTime) -> Task<'_, ()> {
        self.state().sweep(now);
        done(())
    }

    fn probe(&self) -> Task<'_, ()> {
        done(())
    }
}

impl State {
    /// What is over makes room, looked for once a second.
    fn has_room(&mut self, capacity: usize, now: UnixTime) -> bool {
        let is_full = |state: &Self| state.asked.len().max(state.under_way.len()) >= capacity;
        if is_full(self) && self.swept != Some(now) {
            self.sweep(now);
        }
        !is_full(self)
    }

    fn sweep(&mut self, now: UnixTime) {
        self.swept = Some(now);
        self.asked.retain(|_, record| record.is_alive(now));
        self.under_way.retain(|_, (_, until)| now < *until);
        self.answered.retain(|_, until| now < *until);
        self.used.retain(|_, until| now < *until);
        self.revoked.retain(|_, revocation| now < revocation.until);
    }
}

/// Notes `name` until then, unless it is noted now.
fn first<K: Eq + Hash>(
    names: &mut HashMap<K, UnixTime>,
    name: K,
    (until, now): (UnixTime, UnixTime),
) -> bool {
    let is_noted = names.get(&name).is_some_and(|until| now < *until);
    if !is_noted {
        names.insert(name, until);
    }
    !is_noted
}

fn alive((what, until): (Secret, UnixTime), now: UnixTime) -> Option<Secret> {
    (now < until).then_some(what)
}

fn done<'a, T: Send + 'a>(value: T) -> Task<'a, T> {
    Box::pin(std::future::ready(Ok(value)))
}
