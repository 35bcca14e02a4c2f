//! Messages to applications: a ping or a push of CIBA, a logout token.
//!
//! What is to be delivered is a row, so that no restart forgets it, and any instance may deliver it:
//! the one whose [`claim`](crate::store::Stored::claim) is committed does, the others wait for its lease
//! to end. It is tried a bounded number of times, with growing pauses, and a receiver that gets it twice
//! gets the same octets.
//!
//! ```
//! use passkey_idp::delivery::{Answer, Delivery, Message, Sealing};
//! use passkey_idp::seal::{Sealer, SealingKey};
//! use passkey_idp::store::{MemoryStore, Store, StoreExt as _};
//! use passkey_idp::Instant;
//! use strict_jws::SystemRandom;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let (store, random) = (MemoryStore::new(), SystemRandom::new());
//! let sealer = Sealer::new(&SealingKey::new([7; 32]));
//! let now = Instant::from(std::time::SystemTime::now());
//!
//! let message = Message::form("logout_token=a.b.c");
//! let sealing = Sealing { sealer: &sealer, random: &random };
//! let to = "https://rp.example/logout".parse()?;
//! let id = "session-1".parse()?;
//! let delivery = Delivery::new("demo".parse()?, to, &message, sealing)?;
//! store.commit(vec![delivery.insert(&id, now)], now).await?;
//!
//! let waiting = store.find::<Delivery>(&id).await?.ok_or("it is there")?;
//! let claim = waiting.claim(now).ok_or("it is due")?;
//! let claimed = store.apply::<Delivery>(claim, now).await?.ok_or("it is ours")?;
//! // ... send it, then:
//! store.commit(vec![claimed.settle(Answer::Taken, now)], now).await?;
//! # Ok(())
//! # }
//! ```

mod address;
mod endpoint;
mod message;
mod steps;

use serde::{Deserialize, Serialize};

pub use address::Reach;
pub use endpoint::{Endpoint, InvalidEndpoint};
pub use message::{Message, Sealing};
pub use steps::Answer;

use crate::application::ApplicationId;
use crate::seal::{SealFailed, Sealed};
use crate::store::{Change, Kind, New, Record, RowId, State};
use crate::{Duration, Instant};

/// A message to an application, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Delivery {
    /// Who gets it.
    pub application: ApplicationId,
    /// Where.
    pub endpoint: Endpoint,
    /// The message, once it is known.
    pub message: Option<Sealed>,
    /// The backchannel request whose answer it waits for.
    pub awaits: Option<RowId>,
    /// How many times it was tried.
    pub attempts: u32,
    /// When it is to be tried.
    pub due: Instant,
    /// Until when somebody is trying it.
    pub leased_until: Instant,
}

/// Whether a message can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the state machine is closed")]
pub enum DeliveryState {
    /// What it will say depends on what a user answers.
    Awaiting,
    /// It is to be sent.
    Ready,
}

impl State for DeliveryState {
    const ALL: &'static [Self] = &[Self::Awaiting, Self::Ready];

    fn name(self) -> &'static str {
        match self {
            Self::Awaiting => "awaiting",
            Self::Ready => "ready",
        }
    }
}

impl Record for Delivery {
    const KIND: Kind = Kind::Delivery;
    type State = DeliveryState;
}

impl Delivery {
    /// `message`, to be sent to `endpoint` at once.
    ///
    /// # Errors
    /// The message could not be sealed.
    pub fn new(
        application: ApplicationId,
        endpoint: Endpoint,
        message: &Message,
        sealing: Sealing<'_>,
    ) -> Result<Self, SealFailed> {
        let message = Some(message.seal(sealing)?);
        Ok(Self {
            message,
            ..Self::blank(application, endpoint)
        })
    }

    /// What will be sent to `endpoint` when the backchannel request `awaits` is answered.
    pub fn awaiting(application: ApplicationId, endpoint: Endpoint, awaits: RowId) -> Self {
        Self {
            awaits: Some(awaits),
            ..Self::blank(application, endpoint)
        }
    }

    /// What inserts it; refused if `id` was taken before. It is given up an hour after `until`.
    pub fn insert(&self, id: &RowId, until: Instant) -> Change {
        let state = match self.message {
            Some(_) => DeliveryState::Ready,
            None => DeliveryState::Awaiting,
        };
        let new = New::record(id.clone(), state, self).expires_at(until.plus(LONGEST));
        Change::insert(new)
    }

    fn blank(application: ApplicationId, endpoint: Endpoint) -> Self {
        Self {
            application,
            endpoint,
            message: None,
            awaits: None,
            attempts: 0,
            due: Instant::from_unix_millis(0),
            leased_until: Instant::from_unix_millis(0),
        }
    }
}

/// After that nobody waits for a message any more.
const LONGEST: Duration = Duration::from_seconds(60 * 60);

#[cfg(test)]
mod tests;
