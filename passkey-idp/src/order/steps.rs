//! The steps of an order, as pure functions.

use serde::{Deserialize, Serialize};

use super::{Entrance, Number, Order, OrderState};
use crate::application::ApplicationId;
use crate::id::{EvidenceId, UserId, ViewerSecret};
use crate::random::Digest;
use crate::store::{Change, Set, Stored, Where};
use crate::{Duration, Instant};

/// How an order stands at a point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the state machine is closed")]
pub enum Status {
    /// Nobody has looked at it.
    Pending,
    /// A page shows it to a user.
    Viewed,
    /// A user has approved it, and nobody has collected it yet.
    Signed,
    /// The application has been told of the approval.
    Collected,
    /// A user has refused it.
    Rejected,
    /// The application has taken it back.
    Cancelled,
    /// Nobody signed, or nobody collected it, in time.
    Expired,
}

/// What came of an order that was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "ceremonies elsewhere make it")]
pub struct Outcome {
    /// Who signed.
    pub user: UserId,
    /// The digest of the passkey's identifier; nobody knows it of what was signed before it was kept.
    #[serde(default)]
    pub passkey: Option<Digest>,
    /// When.
    pub signed_at: Instant,
    /// Whether the authenticator verified them (UV).
    pub user_verified: bool,
    /// Whether the passkey may exist on other devices as well (BE).
    #[serde(default)]
    pub may_be_synced: bool,
    /// Where the proof is.
    pub evidence: EvidenceId,
}

/// Why a step is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// There is no such order, or it is another application's: nobody is told which.
    #[error("there is no such order")]
    Unknown,
    /// The order is not in a state from which that step leads.
    #[error("the order is {}", .0.name())]
    Status(Status),
    /// Another page views it.
    #[error("another page views the order")]
    AnotherViewer,
    /// The number is not the one that the other device shows. Where people type it,
    /// [`Stored::open`] counts.
    #[error("the number is another")]
    WrongNumber,
    /// It is opened with a QR code, or a token that goes with it.
    #[error("the order is opened with a code")]
    NeedsCode,
    /// Others changed it all the time; it may be tried again.
    #[error("the order is being changed by others")]
    Contended,
}

impl Status {
    /// Its name, in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Viewed => "viewed",
            Self::Signed => "signed",
            Self::Collected => "collected",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// Whether nothing can become of it any more.
    pub const fn is_final(self) -> bool {
        match self {
            Self::Pending | Self::Viewed | Self::Signed => false,
            Self::Collected | Self::Rejected | Self::Cancelled | Self::Expired => true,
        }
    }
}

impl Stored<Order> {
    /// How it stands at `now`.
    pub fn status(&self, now: Instant) -> Status {
        match self.state {
            OrderState::Collected => Status::Collected,
            OrderState::Rejected => Status::Rejected,
            OrderState::Cancelled => Status::Cancelled,
            OrderState::Pending | OrderState::Viewed | OrderState::Signed
                if self.has_expired(now) =>
            {
                Status::Expired
            }
            OrderState::Pending => Status::Pending,
            OrderState::Viewed => Status::Viewed,
            OrderState::Signed => Status::Signed,
        }
    }

    /// How long ago it was placed; nothing if the clock has gone back since.
    pub fn age(&self, now: Instant) -> Duration {
        now.since(self.created_at)
    }

    /// A page shows it to a user. The first page that does keeps it; to that one it may be shown
    /// again, which changes nothing. The page that waits for another device takes the order back.
    ///
    /// # Errors
    /// [`Refusal`]
    pub fn view(
        &self,
        viewer: Option<&ViewerSecret>,
        number: Option<Number>,
        now: Instant,
    ) -> Result<Vec<Change>, Refusal> {
        if self.stands(&[Status::Pending, Status::Viewed], now)? == Status::Viewed {
            return self.seen_by(viewer).map(|()| Vec::new());
        }
        let waits = viewer.is_some_and(|viewer| self.body.is_waited_for_by(viewer));
        let wanted = self.body.wanted_number();
        if wanted.is_some() && wanted != number && !waits {
            return Err(Refusal::WrongNumber);
        }
        if self.body.entrance == Entrance::Code && !waits {
            return Err(Refusal::NeedsCode);
        }
        let order = Order {
            viewer: viewer.map(ViewerSecret::digest),
            handover: self.body.handover.clone().filter(|_| !waits),
            ..self.body.clone()
        };
        Ok(vec![self.become_of(OrderState::Viewed, &order)])
    }

    /// The user has approved it, and the ceremony has verified that.
    ///
    /// # Errors
    /// [`Refusal`]
    pub fn sign(
        &self,
        viewer: Option<&ViewerSecret>,
        outcome: Outcome,
        now: Instant,
    ) -> Result<Vec<Change>, Refusal> {
        self.may_be_signed(viewer, now)?;
        let until = now.plus(self.body.grace);
        let order = Order {
            outcome: Some(outcome),
            ..self.body.clone()
        };
        let set = Set::state(OrderState::Signed)
            .body(&order)
            .expires_at(until)
            .purge_at(until.plus(self.body.retention));
        let which = self.unchanged();
        Ok(vec![Change::update(which, set)])
    }

    /// Whether that page may sign it now: what to ask before a signature is verified.
    ///
    /// # Errors
    /// [`Refusal`]
    pub fn may_be_signed(
        &self,
        viewer: Option<&ViewerSecret>,
        now: Instant,
    ) -> Result<(), Refusal> {
        self.stands(&[Status::Viewed], now)?;
        self.seen_by(viewer)
    }

    /// The user refuses, on the page that views it or on the one that waits for another device.
    ///
    /// # Errors
    /// [`Refusal`]
    pub fn reject(
        &self,
        viewer: Option<&ViewerSecret>,
        now: Instant,
    ) -> Result<Vec<Change>, Refusal> {
        let waits = viewer.is_some_and(|viewer| self.body.is_waited_for_by(viewer));
        if !waits {
            self.seen_by(viewer)?;
        }
        self.give_up(OrderState::Rejected, now)
    }

    /// `application` takes it back.
    ///
    /// # Errors
    /// [`Refusal`]
    pub fn cancel(
        &self,
        application: &ApplicationId,
        now: Instant,
    ) -> Result<Vec<Change>, Refusal> {
        self.belongs_to(application)?;
        self.give_up(OrderState::Cancelled, now)
    }

    /// `application` collects what was signed; that works once.
    ///
    /// # Errors
    /// [`Refusal`]
    pub fn collect(
        &self,
        application: &ApplicationId,
        now: Instant,
    ) -> Result<Vec<Change>, Refusal> {
        self.belongs_to(application)?;
        self.stands(&[Status::Signed], now)?;
        let set = Set::state(OrderState::Collected);
        Ok(vec![self.change(&[OrderState::Signed], set)])
    }

    /// Whether `application` placed it.
    ///
    /// # Errors
    /// [`Refusal::Unknown`], as if it did not exist.
    pub fn belongs_to(&self, application: &ApplicationId) -> Result<(), Refusal> {
        if self.body.application == *application {
            Ok(())
        } else {
            Err(Refusal::Unknown)
        }
    }

    fn seen_by(&self, viewer: Option<&ViewerSecret>) -> Result<(), Refusal> {
        match (self.body.viewer, viewer) {
            (None, _) if self.body.handover.is_none() => Ok(()),
            (Some(seen), Some(viewer)) if seen == viewer.digest() => Ok(()),
            (None | Some(_), _) => Err(Refusal::AnotherViewer),
        }
    }

    fn give_up(&self, state: OrderState, now: Instant) -> Result<Vec<Change>, Refusal> {
        self.stands(&[Status::Pending, Status::Viewed], now)?;
        let from = [OrderState::Pending, OrderState::Viewed];
        Ok(vec![self.change(&from, Set::state(state))])
    }

    pub(super) fn stands(&self, wanted: &[Status], now: Instant) -> Result<Status, Refusal> {
        let status = self.status(now);
        if wanted.contains(&status) {
            Ok(status)
        } else {
            Err(Refusal::Status(status))
        }
    }

    /// The order says something else from now on: unless somebody changes it before, whatever its
    /// state is then.
    pub(super) fn become_of(&self, state: OrderState, order: &Order) -> Change {
        Change::update(self.unchanged(), Set::state(state).body(order))
    }

    fn unchanged(&self) -> Where<Order> {
        Where::id(self.id.clone())
            .state_in(&[self.state])
            .version(self.version)
    }

    fn change(&self, from: &[OrderState], set: Set<Order>) -> Change {
        Change::update(Where::id(self.id.clone()).state_in(from), set)
    }
}

#[cfg(test)]
mod tests;
