//! Orders: something a user is asked to approve with a passkey.
//!
//! ```text
//! pending -- viewed --> viewed -- signed --> signed -- collected --> collected
//!    |                    |
//!    +--------------------+--> rejected (by the user), cancelled (by the application)
//! ```
//! A page may hand the order that it views to another device ([`Handover`]): then it is pending again.
//! That an order has expired is computed, never written: a pending or viewed one at the end of its
//! time, a signed one at the end of its grace period.
//!
//! The steps are pure functions of an order as it stands in a store ([`Stored<Order>`]), who acts, and
//! `now`; they return the [`Change`]s to commit, or a [`Refusal`]. [`advance`] takes a step: it reads,
//! decides, commits, and if someone was faster, reads and decides again.
//!
//! ```
//! use passkey_idp::order::{self, Placement, Status, What};
//! use passkey_idp::seal::{Sealer, SealingKey};
//! use passkey_idp::store::{MemoryStore, Store, StoreExt as _};
//! use passkey_idp::{Duration, Instant};
//! use strict_jws::SystemRandom;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let (store, random) = (MemoryStore::new(), SystemRandom::new());
//! let sealer = Sealer::new(&SealingKey::new([7; 32]));
//! let now = Instant::from(std::time::SystemTime::now());
//!
//! let placement = Placement::new("demo".parse()?, What::SignIn);
//! let placed = placement.place(&sealer, &random, now)?;
//! store.commit(vec![placed.change], now).await?;
//!
//! let viewed = order::advance(&store, &placed.id, now, |order| order.view(None, None, now)).await?;
//! assert_eq!(viewed.status(now), Status::Viewed);
//! let later = now.plus(Duration::from_seconds(300));
//! assert_eq!(viewed.status(later), Status::Expired);
//! # Ok(())
//! # }
//! ```
//!
//! [`Change`]: crate::store::Change
//! [`Stored<Order>`]: crate::store::Stored

mod advance;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod document;
mod handover;
mod number;
mod placement;
mod steps;

use serde::{Deserialize, Serialize};

pub use advance::{OrderError, advance};
pub use document::{Document, InvalidDocument, MediaType};
pub use handover::{Entrance, Guest, Handover, MOST_WRONG_NUMBERS};
pub use number::{InvalidNumber, Number};
pub use placement::{Cause, PlaceError, Placed, Placement};
pub use steps::{Outcome, Refusal, Status};

use crate::application::{ApplicationId, RedirectUri};
use crate::binding::{Binding, Scheme};
use crate::id::{Nonce, OrderId, OrderSecret, UserId};
use crate::random::Digest;
use crate::seal::{SealFailed, Sealed, Sealer};
use crate::store::{Kind, Record, RowId, State};
use crate::{Duration, Instant};

/// An order, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Order {
    /// Who asks.
    pub application: ApplicationId,
    /// What is asked.
    pub what: What,
    /// The user who is asked, if it is one in particular.
    pub requested_user: Option<UserId>,
    /// Whether the browser is told which passkeys that user has.
    #[serde(default)]
    pub offer: Offer,
    /// What makes this order unlike every other.
    pub nonce: Nonce,
    /// Whether the authenticator must verify the user, not only their presence.
    pub user_verification: UserVerification,
    /// How it becomes a challenge.
    pub scheme: Scheme,
    /// Until when it can be signed.
    pub sign_until: Instant,
    /// How long it can be collected after it was signed.
    pub grace: Duration,
    /// How long it is remembered after it is of no use.
    pub retention: Duration,
    /// Its secret; only the server reads it.
    pub secret: Sealed,
    /// Where the browser goes when all is done.
    pub redirect: Option<RedirectUri>,
    /// What it was placed for, if that is a record of its own.
    pub cause: Option<Cause>,
    /// What the user must see on both devices.
    pub number: Option<Number>,
    /// Whose page views it; nobody else's may sign it.
    pub viewer: Option<Digest>,
    /// How it is opened.
    #[serde(default)]
    pub entrance: Entrance,
    /// The page that waits for another device to open it.
    #[serde(default)]
    pub handover: Option<Handover>,
    /// How many wrong numbers were typed.
    #[serde(default)]
    pub wrong_numbers: u8,
    /// What came of it.
    pub outcome: Option<Outcome>,
}

/// What a user is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum What {
    /// To sign in.
    SignIn,
    /// To sign a text, and perhaps data.
    Sign(Document),
    /// To register a passkey: for the requested user, or for a new one who is created with it.
    Register {
        /// The name that the authenticator shows.
        name: String,
        /// Whose passkey it will be: the requested user, or who is made with it.
        user: UserId,
    },
}

/// Whether a user must be verified (WebAuthn §5.8.6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum UserVerification {
    /// By PIN or biometrics, or nothing is signed.
    Required,
    /// If the authenticator can.
    #[default]
    Preferred,
    /// Presence will do.
    Discouraged,
}

/// Whether a browser is told which passkeys the requested user has (WebAuthn §5.5, `allowCredentials`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Offer {
    /// It is: whoever has named the user may know that.
    #[default]
    Listed,
    /// It is not, and the authenticator finds out which of its own will do: anybody may have named the user, and
    /// would learn what passkeys they have (WebAuthn §14.6.3).
    Discoverable,
}

/// What stands in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the state machine is closed")]
pub enum OrderState {
    /// Nobody has looked at it.
    Pending,
    /// A page shows it to a user.
    Viewed,
    /// A user has approved it.
    Signed,
    /// The application has been told.
    Collected,
    /// A user has refused it.
    Rejected,
    /// The application does not want it any more.
    Cancelled,
}

impl State for OrderState {
    const ALL: &'static [Self] = &[
        Self::Pending,
        Self::Viewed,
        Self::Signed,
        Self::Collected,
        Self::Rejected,
        Self::Cancelled,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Viewed => "viewed",
            Self::Signed => "signed",
            Self::Collected => "collected",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
        }
    }
}

impl Record for Order {
    const KIND: Kind = Kind::Order;
    type State = OrderState;
}

impl Order {
    /// Where the order of that identifier stands.
    pub fn row_id(id: &OrderId) -> RowId {
        id.digest().into()
    }

    /// The challenge that a passkey of `rp_id` signs.
    pub fn challenge(&self, id: &OrderId, rp_id: &str) -> [u8; 32] {
        let user = self.requested_user.map(|user| user.to_string());
        let document = self.document();
        let binding = Binding {
            rp_id,
            application: self.application.as_str(),
            order: &id.to_string(),
            requested_user: user.as_deref(),
            nonce: &self.nonce.to_string(),
            expires_at: self.sign_until,
            media_type: document.map_or("", |document| document.media_type().as_str()),
            text: document.map_or("", Document::text),
            data: document.and_then(Document::data),
        };
        binding.challenge(self.scheme)
    }

    /// The browser that learns what came of it: the page that waits, or else the one where it is signed.
    pub fn answered_to(&self) -> Option<Digest> {
        let handover = self.handover.as_ref();
        handover.map_or(self.viewer, |handover| Some(handover.page))
    }

    /// What is to be signed, if it is a document.
    pub const fn document(&self) -> Option<&Document> {
        match &self.what {
            What::Sign(document) => Some(document),
            What::SignIn | What::Register { .. } => None,
        }
    }

    /// Its secret, for QR tokens.
    ///
    /// # Errors
    /// [`SealFailed`] if `sealer` is not the one that sealed it.
    pub fn open_secret(&self, sealer: &Sealer) -> Result<OrderSecret, SealFailed> {
        let octets = sealer.open(SECRET_PLACE, &self.secret)?;
        let octets: &[u8; 32] = octets.as_slice().try_into().or(Err(SealFailed))?;
        Ok(OrderSecret::from(*octets))
    }
}

/// Where an order's secret is sealed for.
const SECRET_PLACE: &str = "order/secret";
