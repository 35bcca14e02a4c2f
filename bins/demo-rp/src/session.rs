//! Which browser is which: a cookie, and what is known of the browser that has it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use openidconnect::CsrfToken;
use passkey_idp::random::Digest;
use passkey_idp::{Duration, Instant};
use server_kit::limit::network;
use server_kit::listen::Peer;

use crate::oidc::{Pending, Person};
use crate::share::Room;

/// What is known of browsers.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    known: Mutex<Known>,
}

type Known = HashMap<[u8; 32], Session>;

#[derive(Debug)]
struct Session {
    owner: Owner,
    began: Instant,
    pending: Vec<Pending>,
    person: Option<Person>,
}

/// Whose a session is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Owner {
    /// Nobody has signed in: whoever asks from that network, if it is one.
    Network(Option<String>),
    /// Somebody has.
    Person(String),
}

impl Owner {
    /// Whoever is at the other end of a connection.
    pub(crate) fn at(peer: Option<&Peer>) -> Self {
        Self::Network(peer.and_then(Peer::ip).map(network))
    }
}

impl Sessions {
    /// Who has signed in with this cookie.
    pub(crate) fn person(&self, cookie: &str, now: Instant) -> Option<Person> {
        let mut known = self.lock(now);
        known.get_mut(&key(cookie))?.person.clone()
    }

    /// Keeps a sign-in that has begun, for the cookie or for a new one, which it returns.
    pub(crate) fn begin(
        &self,
        cookie: Option<&str>,
        owner: Owner,
        pending: Pending,
        now: Instant,
    ) -> String {
        let mut known = self.lock(now);
        let cookie = match cookie {
            Some(cookie) if known.contains_key(&key(cookie)) => cookie.to_owned(),
            _ => {
                make_room(&mut known, &owner);
                fresh()
            }
        };
        let session = known
            .entry(key(&cookie))
            .or_insert_with(|| Session::new(owner, now));
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
        let owner = Owner::Person(person.subject.clone());
        make_room(&mut known, &owner);
        let cookie = fresh();
        let mut session = Session::new(owner, now);
        session.person = Some(person);
        known.insert(key(&cookie), session);
        cookie
    }

    /// Forgets a browser, and says who was signed in.
    pub(crate) fn end(&self, cookie: &str, now: Instant) -> Option<Person> {
        self.lock(now).remove(&key(cookie))?.person
    }

    /// The table, without what is over.
    fn lock(&self, now: Instant) -> MutexGuard<'_, Known> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, session| now.since(session.began) < LIFETIME);
        known
    }
}

/// Makes room for one more session of `owner`.
fn make_room(known: &mut Known, owner: &Owner) {
    let mut oldest: Vec<_> = known.iter().collect();
    oldest.sort_unstable_by_key(|(_, session)| session.began);
    let (keys, owners): (Vec<_>, Vec<_>) = oldest
        .into_iter()
        .map(|(key, session)| (*key, &session.owner))
        .unzip();
    let gone = ROOM.gives_way(&owners, &owner);
    if let Some(gone) = gone.and_then(|at| keys.get(at)) {
        known.remove(gone);
    }
}

impl Session {
    const fn new(owner: Owner, began: Instant) -> Self {
        Self {
            owner,
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
const ROOM: Room = Room {
    share: 50,
    most: 5000,
};
/// Sign-ins under way in one browser: a tab each.
const MOST_PENDING: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Instant {
        Instant::from_unix_seconds(1_800_000_000).plus(Duration::from_seconds(seconds))
    }

    fn peer(address: &str) -> Owner {
        let address = format!("{address}:1024").parse().expect("an address");
        Owner::at(Some(&Peer::tcp(address)))
    }

    /// Begins sessions, one a second, as long as there is anything to begin.
    fn begin(known: &mut Known, owners: impl IntoIterator<Item = Owner>) {
        for owner in owners {
            make_room(known, &owner);
            let count = u64::try_from(known.len()).expect("not so many");
            let name = key(&format!("{owner:?} {count} {}", fresh()));
            known.insert(name, Session::new(owner, at(count)));
        }
    }

    fn of(known: &Known, owner: &Owner) -> usize {
        let theirs = known.values().filter(|session| session.owner == *owner);
        theirs.count()
    }

    #[test]
    fn one_visitor_fills_their_own_share_and_ends_nobody_elses_session() {
        let (kim, robin) = (Owner::Person("kim".into()), peer("192.0.2.1"));
        let mut known = Known::new();
        begin(&mut known, [kim.clone(), robin.clone()]);
        let flood = peer("[2001:db8::1]");
        begin(&mut known, std::iter::repeat_n(flood.clone(), 500));
        let same_network = peer("[2001:db8::2:1]");
        begin(&mut known, [same_network]);
        assert_eq!(of(&known, &flood), ROOM.share);
        assert_eq!([of(&known, &kim), of(&known, &robin)], [1, 1]);
    }

    #[test]
    fn where_all_is_full_whoever_has_most_gives_way() {
        let mut known = Known::new();
        let kim = Owner::Person("kim".into());
        begin(&mut known, [kim.clone()]);
        let networks = ROOM.most / ROOM.share + 1;
        for network in 0..networks {
            let crowd = peer(&format!("10.0.{}.{}", network / 250, network % 250));
            begin(&mut known, std::iter::repeat_n(crowd, ROOM.share));
        }
        assert_eq!(known.len(), ROOM.most);
        assert_eq!(of(&known, &kim), 1);
    }
}
