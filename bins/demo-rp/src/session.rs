//! Which browser is which: a cookie, and what is known of the browser that has it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use openidconnect::CsrfToken;
use passkey_idp::random::Digest;
use passkey_idp::{Duration, Instant};

use crate::oidc::{Pending, Person};

/// What is known of browsers.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    known: Mutex<HashMap<[u8; 32], Session>>,
}

#[derive(Debug)]
struct Session {
    began: Instant,
    pending: Vec<Pending>,
    person: Option<Person>,
}

impl Sessions {
    /// Who has signed in with this cookie.
    pub(crate) fn person(&self, cookie: &str, now: Instant) -> Option<Person> {
        let mut known = self.lock(now);
        known.get_mut(&key(cookie))?.person.clone()
    }

    /// Keeps a sign-in that has begun, for the cookie or for a new one, which it returns.
    pub(crate) fn begin(&self, cookie: Option<&str>, pending: Pending, now: Instant) -> String {
        let mut known = self.lock(now);
        let cookie = match cookie {
            Some(cookie) if known.contains_key(&key(cookie)) => cookie.to_owned(),
            _ => fresh(),
        };
        let session = known
            .entry(key(&cookie))
            .or_insert_with(|| Session::new(now));
        if session.pending.len() == MOST_PENDING {
            session.pending.remove(0);
        }
        session.pending.push(pending);
        cookie
    }

    /// Takes out the sign-in that an answer with this `state` belongs to: it is answered once.
    pub(crate) fn take(&self, cookie: &str, state: &str, now: Instant) -> Option<Pending> {
        let mut known = self.lock(now);
        let pending = &mut known.get_mut(&key(cookie))?.pending;
        let at = pending.iter().position(|one| one.is_answered_by(state))?;
        Some(pending.remove(at))
    }

    /// Somebody has signed in: from now on the browser has another cookie, which nobody knew before.
    pub(crate) fn signed_in(&self, cookie: &str, person: Person, now: Instant) -> String {
        let mut known = self.lock(now);
        known.remove(&key(cookie));
        let cookie = fresh();
        let mut session = Session::new(now);
        session.person = Some(person);
        known.insert(key(&cookie), session);
        cookie
    }

    /// Forgets a browser, and says who was signed in.
    pub(crate) fn end(&self, cookie: &str, now: Instant) -> Option<Person> {
        self.lock(now).remove(&key(cookie))?.person
    }

    /// The table, without what is over; the oldest goes where there is no room.
    fn lock(&self, now: Instant) -> MutexGuard<'_, HashMap<[u8; 32], Session>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, session| now.since(session.began) < LIFETIME);
        if known.len() >= MOST_SESSIONS {
            let oldest = known.iter().min_by_key(|(_, session)| session.began);
            if let Some(oldest) = oldest.map(|(key, _)| *key) {
                known.remove(&oldest);
            }
        }
        known
    }
}

impl Session {
    const fn new(began: Instant) -> Self {
        Self {
            began,
            pending: Vec::new(),
            person: None,
        }
    }
}

/// What a cookie is kept as.
fn key(cookie: &str) -> [u8; 32] {
    *Digest::sha256(cookie.as_bytes()).as_bytes()
}

fn fresh() -> String {
    CsrfToken::new_random_len(32).secret().clone()
}

const LIFETIME: Duration = Duration::from_seconds(8 * 60 * 60);
const MOST_SESSIONS: usize = 10_000;
/// Sign-ins under way in one browser: a tab each.
const MOST_PENDING: usize = 5;
