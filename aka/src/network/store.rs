//! Where the home keeps each subscriber's SQN_HE.

use crate::Sqn;

/// What came of a compare-and-set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "it was swapped, or it was not")]
pub enum Swap {
    /// The new number is stored, durably.
    Done,
    /// Another was faster: this is what is stored.
    Lost(Sqn),
}

/// Each subscriber's SQN_HE, the last number issued, changed by compare-and-set only.
///
/// Implement it over whatever holds the subscribers; [`Home`](super::Home) does the rest.
pub trait SqnStore {
    /// What names a subscriber.
    type Subscriber: ?Sized;
    /// What can go wrong.
    type Error: core::error::Error + 'static;

    /// The last number issued.
    ///
    /// # Errors
    /// When the subscriber is unknown or the store fails.
    fn load(&self, subscriber: &Self::Subscriber) -> Result<Sqn, Self::Error>;

    /// Stores `new` if `expected` is what is stored, in one atomic step, and returns after it is
    /// durable: what comes back as [`Swap::Done`] must survive a crash.
    ///
    /// # Errors
    /// When the subscriber is unknown or the store fails; whether `new` is stored is then unknown,
    /// which costs at most one number.
    fn compare_and_set(
        &self,
        subscriber: &Self::Subscriber,
        expected: Sqn,
        new: Sqn,
    ) -> Result<Swap, Self::Error>;
}

impl<S: SqnStore + ?Sized> SqnStore for &S {
    type Subscriber = S::Subscriber;
    type Error = S::Error;

    fn load(&self, subscriber: &Self::Subscriber) -> Result<Sqn, Self::Error> {
        (**self).load(subscriber)
    }

    fn compare_and_set(
        &self,
        subscriber: &Self::Subscriber,
        expected: Sqn,
        new: Sqn,
    ) -> Result<Swap, Self::Error> {
        (**self).compare_and_set(subscriber, expected, new)
    }
}
