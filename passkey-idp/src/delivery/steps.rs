//! The steps of a delivery, as pure functions.

use super::{Delivery, DeliveryState, Message, Sealing};
use crate::seal::SealFailed;
use crate::store::{Change, Set, Stored, Where};
use crate::{Duration, Instant};

/// What the receiver said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is nothing else to do")]
pub enum Answer {
    /// It has the message.
    Taken,
    /// It does not want the message: another try would change nothing.
    Refused,
    /// Nothing, or that it cannot now.
    Failed,
}

impl Answer {
    /// What a status code means (CIBA Core §10.2): success is 2xx, redirects are not followed, and only
    /// what may pass is tried again.
    pub const fn of_status(status: u16) -> Self {
        match status {
            200..=299 => Self::Taken,
            408 | 425 | 429 | 500..=599 => Self::Failed,
            _ => Self::Refused,
        }
    }
}

impl Stored<Delivery> {
    /// What takes it for sending, for 30 seconds; nothing if it is not to be sent, or somebody else has
    /// it. It is refused if somebody else is faster.
    pub fn claim(&self, now: Instant) -> Option<Change> {
        let due = self.state == DeliveryState::Ready
            && !self.has_expired(now)
            && self.body.due <= now
            && self.body.leased_until <= now;
        due.then(|| {
            let claimed = Delivery {
                attempts: self.body.attempts.saturating_add(1),
                leased_until: now.plus(LEASE),
                ..self.body.clone()
            };
            Change::update(self.unchanged(), Set::body_only(&claimed))
        })
    }

    /// What follows from the receiver's answer: it is forgotten, or tried again later.
    pub fn settle(&self, answer: Answer, now: Instant) -> Change {
        let over = answer != Answer::Failed || self.body.attempts >= Delivery::MOST_ATTEMPTS;
        if over {
            return Change::delete(self.unchanged());
        }
        let later = Delivery {
            due: now.plus(pause(self.body.attempts)),
            leased_until: now,
            ..self.body.clone()
        };
        Change::update(self.unchanged(), Set::body_only(&later))
    }

    /// Whether it will not be tried again if this time fails.
    pub const fn is_last_attempt(&self) -> bool {
        self.body.attempts >= Delivery::MOST_ATTEMPTS
    }

    /// The answer that it waited for has come: it says `message`. That happens once.
    ///
    /// # Errors
    /// The message could not be sealed.
    pub fn ready(&self, message: &Message, sealing: Sealing<'_>) -> Result<Change, SealFailed> {
        let ready = Delivery {
            message: Some(message.seal(sealing)?),
            ..self.body.clone()
        };
        let which = self.unchanged().state_in(&[DeliveryState::Awaiting]);
        let set = Set::state(DeliveryState::Ready).body(&ready);
        Ok(Change::update(which, set))
    }

    /// There is nothing to be said.
    pub fn drop_it(&self) -> Change {
        Change::delete(self.unchanged())
    }

    fn unchanged(&self) -> Where<Delivery> {
        Where::id(self.id.clone())
            .version(self.version)
            .even_if_expired()
    }
}

impl Delivery {
    /// How many times a message is tried.
    pub const MOST_ATTEMPTS: u32 = 8;
}

/// 2, 4, 8 seconds and so on: five minutes in all.
fn pause(attempts: u32) -> Duration {
    Duration::from_seconds(1_u64 << attempts.min(8))
}

/// Longer than a sender waits for an answer.
const LEASE: Duration = Duration::from_seconds(30);
