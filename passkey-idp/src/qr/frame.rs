//! A frame of either kind.

use super::{Refusal, Window, bankid, uyulala};
use crate::Duration;
use crate::id::{OrderId, OrderSecret};

/// A frame of either kind that nobody has verified yet.
///
/// ```
/// use passkey_idp::Duration;
/// use passkey_idp::id::{OrderId, OrderSecret};
/// use passkey_idp::qr::{Frame, bankid, uyulala};
///
/// let (order, secret) = (OrderId::from([1; 16]), OrderSecret::from([2; 32]));
/// let age = Duration::from_seconds(7);
/// let (token, start) = (bankid::start_token(&order), bankid::start_secret(&secret));
/// for text in [uyulala::frame(&order, &secret, age), bankid::frame(&token, &start, age)] {
///     let frame = Frame::parse(&text)?;
///     assert_eq!(frame.order(), order);
///     frame.verify(&secret, Duration::from_seconds(9))?;
/// }
/// # Ok::<(), passkey_idp::qr::Refusal>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Frame<'t> {
    /// Uyulala's.
    Uyulala(uyulala::Unverified<'t>),
    /// The BankID dialect's.
    BankId(bankid::Unverified<'t>),
}

impl<'t> Frame<'t> {
    /// Reads a frame.
    ///
    /// # Errors
    /// [`Refusal::Malformed`]
    pub fn parse(text: &'t str) -> Result<Self, Refusal> {
        if text.starts_with(bankid::PREFIX) {
            bankid::Unverified::parse(text).map(Self::BankId)
        } else {
            uyulala::Unverified::parse(text).map(Self::Uyulala)
        }
    }

    /// Which order it says that it belongs to.
    pub fn order(&self) -> OrderId {
        match self {
            Self::Uyulala(frame) => frame.order(),
            Self::BankId(frame) => OrderId::from(*frame.start_token().as_bytes()),
        }
    }

    /// Whether it says that it does not age: it is no code, but stands in an address for one browser.
    pub fn lasts(&self) -> bool {
        match self {
            Self::Uyulala(frame) => frame.lasts(),
            Self::BankId(_) => false,
        }
    }

    /// Verifies it with that order's secret, when the order is `age` old.
    ///
    /// # Errors
    /// [`Refusal::Foreign`], [`Refusal::Old`], [`Refusal::Future`]
    pub fn verify(&self, secret: &OrderSecret, age: Duration) -> Result<(), Refusal> {
        match self {
            Self::Uyulala(frame) => frame.verify(secret, age, Window::FIVE_SECONDS),
            Self::BankId(frame) => frame.verify(&bankid::start_secret(secret), age),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGE: Duration = Duration::from_seconds(60);

    fn frames() -> [String; 2] {
        let (order, secret) = (OrderId::from([1; 16]), OrderSecret::from([2; 32]));
        let start = bankid::start_secret(&secret);
        [
            uyulala::frame(&order, &secret, AGE),
            bankid::frame(&bankid::start_token(&order), &start, AGE),
        ]
    }

    fn verify(text: &str, secret: u8, age: u64) -> Result<(), Refusal> {
        let secret = OrderSecret::from([secret; 32]);
        Frame::parse(text)?.verify(&secret, Duration::from_seconds(age))
    }

    #[test]
    fn old_future_and_foreign_frames_of_either_kind_are_refused() {
        for text in frames() {
            assert_eq!(verify(&text, 2, 60), Ok(()));
            assert_eq!(verify(&text, 2, 66), Err(Refusal::Old));
            assert_eq!(verify(&text, 2, 54), Err(Refusal::Future));
            assert_eq!(verify(&text, 3, 60), Err(Refusal::Foreign));
            let cut = &text[..text.len() - 1];
            assert!(verify(cut, 2, 60).is_err(), "{cut}");
        }
        assert_eq!(verify("", 2, 60), Err(Refusal::Malformed));
    }

    #[test]
    fn a_token_lasts_and_a_code_does_not() {
        let (order, secret) = (OrderId::from([1; 16]), OrderSecret::from([2; 32]));
        let token = uyulala::persistent(&order, &secret);
        let lasts = |text: &str| Frame::parse(text).map(|frame| frame.lasts());
        assert_eq!(lasts(&token), Ok(true));
        assert_eq!(frames().map(|text| lasts(&text)), [Ok(false), Ok(false)]);
    }

    #[test]
    fn a_start_secret_tells_nothing_of_the_orders_secret() {
        let secret = OrderSecret::from([2; 32]);
        assert_ne!(
            bankid::start_secret(&secret).expose_bytes(),
            secret.expose_bytes()
        );
    }
}
