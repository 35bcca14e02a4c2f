//! What animated QR codes show, so that a photograph of one is soon worth nothing.
//!
//! Two kinds: [`uyulala`] (a JWT keyed with the order's secret) and [`bankid`] (a line of text). Both hold
//! how many seconds after the order they were made, and a MAC over that. [`Frame`] reads either.

pub mod bankid;
mod frame;
pub mod uyulala;

pub use frame::Frame;

use crate::Duration;

/// How far the time in a frame may be from the age of its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a window has two sides")]
pub struct Window {
    /// How old a frame may be.
    pub behind: Duration,
    /// How far it may be ahead: whole seconds and two clocks.
    pub ahead: Duration,
}

impl Window {
    /// 5 seconds on either side.
    pub const FIVE_SECONDS: Self = Self {
        behind: Duration::from_seconds(5),
        ahead: Duration::from_seconds(5),
    };

    /// Whether a frame made `made` after its order may be shown when the order is `age` old.
    fn admits(self, made: Duration, age: Duration) -> Result<(), Refusal> {
        let (made, age) = (made.as_millis(), age.as_millis());
        if age.saturating_sub(made) > self.behind.as_millis() {
            Err(Refusal::Old)
        } else if made.saturating_sub(age) > self.ahead.as_millis() {
            Err(Refusal::Future)
        } else {
            Ok(())
        }
    }
}

/// Why a frame is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// It is written as no frame of this kind is.
    #[error("not a frame of a QR code")]
    Malformed,
    /// It was not made with this order's secret.
    #[error("the frame belongs to another order")]
    Foreign,
    /// It was made too long ago.
    #[error("the frame is too old")]
    Old,
    /// It says that it will be made.
    #[error("the frame comes from the future")]
    Future,
}
