//! How an order stands.

use super::Refusal;
use super::refusal::NO_SUCH_ORDER;
use crate::Instant;
use crate::application::ApplicationId;
use crate::order::{Order, Status};
use crate::store::{Change, Stored};

/// What a relying party is told of its order.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "the API has three statuses")]
pub enum Collected {
    /// The user has not answered yet (`pending`).
    Pending(Hint),
    /// Nothing comes of it (`failed`).
    Failed(Hint),
    /// The user has approved (`complete`): these changes make it told once.
    Complete(Vec<Change>),
}

/// Why an order stands as it does (`hintCode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hint {
    /// Nobody has opened it.
    OutstandingTransaction,
    /// A browser has opened it, and does not show it yet.
    Started,
    /// A page shows it to the user.
    UserSign,
    /// The user did not answer in time, or it was collected too late.
    ExpiredTransaction,
    /// The user has refused.
    UserCancel,
    /// Somebody else than the user has ended it.
    Cancelled,
    /// Nobody has opened it in time.
    StartFailed,
}

impl Hint {
    /// As it is written.
    pub const fn code(self) -> &'static str {
        match self {
            Self::OutstandingTransaction => "outstandingTransaction",
            Self::Started => "started",
            Self::UserSign => "userSign",
            Self::ExpiredTransaction => "expiredTransaction",
            Self::UserCancel => "userCancel",
            Self::Cancelled => "cancelled",
            Self::StartFailed => "startFailed",
        }
    }
}

/// How `order` of `application` stands at `now`.
///
/// # Errors
/// There is no such order any more, or it is another application's: nobody is told which.
pub fn collect(
    order: &Stored<Order>,
    application: &ApplicationId,
    now: Instant,
) -> Result<Collected, Refusal> {
    order.belongs_to(application).or(Err(NO_SUCH_ORDER))?;
    match order.status(now) {
        Status::Pending if was_opened(&order.body) => Ok(Collected::Pending(Hint::Started)),
        Status::Pending => Ok(Collected::Pending(Hint::OutstandingTransaction)),
        Status::Viewed => Ok(Collected::Pending(Hint::UserSign)),
        Status::Rejected => Ok(Collected::Failed(Hint::UserCancel)),
        Status::Cancelled => Ok(Collected::Failed(Hint::Cancelled)),
        Status::Expired if was_opened(&order.body) => {
            Ok(Collected::Failed(Hint::ExpiredTransaction))
        }
        Status::Expired => Ok(Collected::Failed(Hint::StartFailed)),
        Status::Collected => Err(NO_SUCH_ORDER),
        Status::Signed => order
            .collect(application, now)
            .map(Collected::Complete)
            .or(Err(NO_SUCH_ORDER)),
    }
}

fn was_opened(order: &Order) -> bool {
    let tried = order.handover.is_some() || order.wrong_numbers > 0;
    tried || order.viewer.is_some() || order.outcome.is_some()
}
