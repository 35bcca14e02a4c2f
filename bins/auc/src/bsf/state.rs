//! What is open, and what was agreed.

use std::collections::HashMap;

use aka::{
    Auts, Imsi, Rand, Res,
    gba::UnixTime,
    http_digest::Quoted,
    kdf::gba::{Ks, Tmpi},
    network::Vector,
};

use super::{
    Settings,
    expiring::{Expiring, WhenFull},
    identity::Impi,
};

/// A challenge that waits for its answer.
pub(super) struct Open {
    pub(super) username: Quoted,
    pub(super) impi: Impi,
    pub(super) vector: Vector,
    pub(super) keys: Keeper,
    pub(super) after: After,
}

/// Who keeps Ks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keeper {
    Terminal,
    Card,
}

/// What a challenge comes after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    Nothing,
    Resynchronisation,
}

/// A bootstrapping that both sides know of.
pub(super) struct Session {
    pub(super) impi: Impi,
    pub(super) rand: Rand,
    pub(super) ks: Ks,
    pub(super) keys: Keeper,
    pub(super) bootstrapped: UnixTime,
    pub(super) until: UnixTime,
}

/// Why no challenge goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooMany;

/// Whom a challenge is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whom {
    Subscriber,
    /// Nobody has the identity. They are asked all the same, so that nobody learns it.
    Nobody,
}

/// The challenges that are open, and those that were answered wrongly.
struct Room {
    open: Expiring<Quoted, Open>,
    /// Who was asked, by the RAND of the challenge: until it is answered rightly, or for as long
    /// as it is open. A wrong answer makes no room, or strangers could have numbers made without
    /// end, until the card takes none of them.
    asked: Expiring<Rand, Imsi>,
}

pub(super) struct State {
    subscribers: Room,
    /// Apart, so that those who do not exist take no room from those who do.
    nobodies: Room,
    sessions: Expiring<String, Session>,
    /// The last bootstrapping of each subscriber; those before it count no more.
    last: HashMap<Imsi, (String, Tmpi)>,
    by_tmpi: HashMap<String, Imsi>,
    each: usize,
}

impl State {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            subscribers: Room::new(settings, WhenFull::Refuse),
            nobodies: Room::new(settings, WhenFull::Evict),
            sessions: Expiring::new(settings.lifetime, SESSIONS, WhenFull::Evict),
            last: HashMap::new(),
            by_tmpi: HashMap::new(),
            each: settings.challenges_each,
        }
    }

    /// Takes room for a challenge with this RAND for this IMSI.
    pub(super) fn reserve(
        &mut self,
        whom: Whom,
        (rand, imsi): (Rand, Imsi),
        now: UnixTime,
    ) -> Result<(), TooMany> {
        let each = self.each;
        let asked = &mut self.room(whom).asked;
        if asked.values(now).filter(|asked| **asked == imsi).count() >= each {
            return Err(TooMany);
        }
        let inserted = asked.insert(rand, imsi, now);
        inserted.map(|_until| ()).ok_or(TooMany)
    }

    /// Gives the room of a subscriber's challenge back.
    pub(super) fn release(&mut self, rand: &Rand, now: UnixTime) {
        self.subscribers.asked.remove(rand, now);
    }

    pub(super) fn open(
        &mut self,
        whom: Whom,
        (nonce, open): (Quoted, Open),
        now: UnixTime,
    ) -> Result<(), TooMany> {
        let inserted = self.room(whom).open.insert(nonce, open, now);
        inserted.map(|_until| ()).ok_or(TooMany)
    }

    /// Takes a challenge out: each is answered once.
    pub(super) fn take(&mut self, nonce: &Quoted, now: UnixTime) -> Option<Open> {
        let of_subscriber = self.subscribers.open.remove(nonce, now);
        of_subscriber.or_else(|| self.nobodies.open.remove(nonce, now))
    }

    const fn room(&mut self, whom: Whom) -> &mut Room {
        match whom {
            Whom::Subscriber => &mut self.subscribers,
            Whom::Nobody => &mut self.nobodies,
        }
    }

    /// Keeps what was agreed, in place of what the subscriber agreed on before.
    pub(super) fn agree(&mut self, btid: String, tmpi: Tmpi, session: Session) {
        let (imsi, now) = (session.impi.imsi, session.bootstrapped);
        if let Some((before, tmpi)) = self.last.remove(&imsi) {
            self.sessions.remove(&before, now);
            self.by_tmpi.remove(tmpi.as_str());
        }
        self.by_tmpi.insert(tmpi.as_str().to_owned(), imsi);
        self.last.insert(imsi, (btid.clone(), tmpi));
        self.sessions.insert(btid, session, now);
    }

    pub(super) fn session(&self, btid: &str, now: UnixTime) -> Option<&Session> {
        self.sessions.get(&btid.to_owned(), now)
    }

    /// The private identity behind a temporary one.
    pub(super) fn behind(&self, tmpi: &str, now: UnixTime) -> Option<Impi> {
        let (btid, _) = self.last.get(self.by_tmpi.get(tmpi)?)?;
        Some(self.session(btid, now)?.impi.clone())
    }
}

impl Room {
    fn new(settings: &Settings, when_full: WhenFull) -> Self {
        let (patience, most) = (settings.patience, settings.challenges);
        Self {
            open: Expiring::new(patience, most, when_full),
            asked: Expiring::new(patience, most, when_full),
        }
    }
}

impl Open {
    pub(super) const fn xres(&self) -> &Res {
        &self.vector.xres
    }

    /// Whether an AUTS may follow.
    pub(super) fn follows(&self, auts: Option<Auts>) -> Option<Auts> {
        auts.filter(|_| self.after == After::Nothing)
    }
}

/// Bootstrappings at once; the oldest make room.
const SESSIONS: usize = 1_000_000;
