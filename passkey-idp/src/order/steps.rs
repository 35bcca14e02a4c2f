//! The steps of an order, as pure functions.

use serde::{Deserialize, Serialize};

use super::{Number, Order, OrderState};
use crate::application::ApplicationId;
use crate::id::{EvidenceId, UserId, ViewerSecret};
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
    /// When.
    pub signed_at: Instant,
    /// Whether the authenticator verified them (UV).
    pub user_verified: bool,
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
    /// The number is not the one that the other device shows. The order should be rejected then: a
    /// second guess is one too many.
    #[error("the number is another")]
    WrongNumber,
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
    /// again, which changes nothing.
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
        if self.body.number.is_some() && self.body.number != number {
            return Err(Refusal::WrongNumber);
        }
        let viewer = viewer.map(ViewerSecret::digest);
        let order = Order {
            viewer,
            ..self.body.clone()
        };
        let set = Set::state(OrderState::Viewed).body(&order);
        Ok(vec![self.change(&[OrderState::Pending], set)])
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
        Ok(vec![self.change(&[OrderState::Viewed], set)])
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

    /// The user refuses.
    ///
    /// # Errors
    /// [`Refusal`]
    pub fn reject(
        &self,
        viewer: Option<&ViewerSecret>,
        now: Instant,
    ) -> Result<Vec<Change>, Refusal> {
        self.seen_by(viewer)?;
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
            (None, _) => Ok(()),
            (Some(seen), Some(viewer)) if seen == viewer.digest() => Ok(()),
            (Some(_), _) => Err(Refusal::AnotherViewer),
        }
    }

    fn give_up(&self, state: OrderState, now: Instant) -> Result<Vec<Change>, Refusal> {
        self.stands(&[Status::Pending, Status::Viewed], now)?;
        let from = [OrderState::Pending, OrderState::Viewed];
        Ok(vec![self.change(&from, Set::state(state))])
    }

    fn stands(&self, wanted: &[Status], now: Instant) -> Result<Status, Refusal> {
        let status = self.status(now);
        if wanted.contains(&status) {
            Ok(status)
        } else {
            Err(Refusal::Status(status))
        }
    }

    fn change(&self, from: &[OrderState], set: Set<Order>) -> Change {
        Change::update(Where::id(self.id.clone()).state_in(from), set)
    }
}

#[cfg(test)]
mod tests;
