//! Frames of the BankID dialect: `bankid.<qrStartToken>.<t>.<MAC>`, where `t` is whole seconds since the
//! order, and the MAC is the HMAC-SHA256 of `t` under the text of `qrStartSecret`, in hexadecimal.

use std::fmt;

use ring::hmac;

use super::{Refusal, Window};
use crate::Duration;
use crate::id::{OrderId, OrderSecret, QrStartSecret, QrStartToken};
use crate::random::Digest;

/// A frame that nobody has verified yet.
///
/// ```
/// use passkey_idp::id::{QrStartSecret, QrStartToken};
/// use passkey_idp::qr::bankid::{self, Unverified};
/// use passkey_idp::Duration;
///
/// let (token, secret) = (QrStartToken::from([1; 16]), QrStartSecret::from([2; 32]));
/// let text = bankid::frame(&token, &secret, Duration::from_seconds(7));
/// let unverified = Unverified::parse(&text)?;
/// assert_eq!(unverified.start_token(), token);
/// unverified.verify(&secret, Duration::from_seconds(9))?;
/// # Ok::<(), passkey_idp::qr::Refusal>(())
/// ```
pub struct Unverified<'t> {
    start_token: QrStartToken,
    time: &'t str,
    seconds: u64,
    mac: [u8; 32],
}

/// How far a frame may be from the age of its order.
pub const WINDOW: Window = Window {
    behind: Duration::from_seconds(5),
    ahead: Duration::from_seconds(1),
};

/// What the frames of that order begin with: it leads to the order, and opens it not.
pub fn start_token(order: &OrderId) -> QrStartToken {
    QrStartToken::from(*order.as_bytes())
}

/// What the frames of the order with that secret are computed with; the order's relying party is told.
pub fn start_secret(secret: &OrderSecret) -> QrStartSecret {
    let derived = Digest::of("qr start secret of an order", &[secret.expose_bytes()]);
    QrStartSecret::from(*derived.as_bytes())
}

/// The frame of an order that is `age` old.
pub fn frame(token: &QrStartToken, secret: &QrStartSecret, age: Duration) -> String {
    let time = age.as_seconds().to_string();
    let mut text = format!("{PREFIX}{token}.{time}.");
    for octet in hmac::sign(&key(secret), time.as_bytes()).as_ref() {
        let digit = |nibble: u8| char::from_digit(nibble.into(), 16);
        text.extend([octet >> 4, octet & 0x0f].into_iter().filter_map(digit));
    }
    text
}

fn key(secret: &QrStartSecret) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes())
}

impl<'t> Unverified<'t> {
    /// Reads a frame.
    ///
    /// # Errors
    /// [`Refusal::Malformed`]
    pub fn parse(text: &'t str) -> Result<Self, Refusal> {
        Self::read(text).ok_or(Refusal::Malformed)
    }

    fn read(text: &'t str) -> Option<Self> {
        let mut parts = text.strip_prefix(PREFIX)?.split('.');
        let (token, time, mac) = (parts.next()?, parts.next()?, parts.next()?);
        let seconds = time.parse::<u64>().ok()?;
        // One form only: no sign, no zeros in front.
        if parts.next().is_some() || seconds.to_string() != time {
            return None;
        }
        Some(Self {
            start_token: token.parse().ok()?,
            time,
            seconds,
            mac: octets(mac)?,
        })
    }

    /// Which order it says that it belongs to.
    pub fn start_token(&self) -> QrStartToken {
        self.start_token
    }

    /// Verifies it with that order's secret, when the order is `age` old.
    ///
    /// # Errors
    /// [`Refusal::Foreign`], [`Refusal::Old`], [`Refusal::Future`]
    pub fn verify(&self, secret: &QrStartSecret, age: Duration) -> Result<(), Refusal> {
        hmac::verify(&key(secret), self.time.as_bytes(), &self.mac).or(Err(Refusal::Foreign))?;
        WINDOW.admits(Duration::from_seconds(self.seconds), age)
    }
}

impl fmt::Debug for Unverified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unverified").finish_non_exhaustive()
    }
}

/// 64 hexadecimal digits, in lower case as BankID writes them.
fn octets(text: &str) -> Option<[u8; 32]> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let nibble = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let octet = |[high, low]: &[u8; 2]| Some(nibble(*high)? << 4 | nibble(*low)?);
    let octets: Option<Vec<u8>> = pairs.iter().map(octet).collect();
    octets.filter(|_| rest.is_empty())?.try_into().ok()
}

pub(super) const PREFIX: &str = "bankid.";

#[cfg(test)]
mod tests {
    use super::*;

    const AGE: Duration = Duration::from_seconds(60);

    fn order() -> (QrStartToken, QrStartSecret) {
        (QrStartToken::from([1; 16]), QrStartSecret::from([2; 32]))
    }

    fn verify(text: &str, secret: &QrStartSecret, age: Duration) -> Result<(), Refusal> {
        Unverified::parse(text)?.verify(secret, age)
    }

    #[test]
    fn a_frame_is_what_a_relying_party_computes() {
        let (token, secret) = order();
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
        let mac = hex::encode(hmac::sign(&key, b"60"));
        assert_eq!(
            frame(&token, &secret, AGE),
            format!("bankid.{token}.60.{mac}")
        );
    }

    #[test]
    fn a_frame_is_good_for_five_seconds_and_one_before() {
        let (token, secret) = order();
        let text = frame(&token, &secret, AGE);
        let at = |millis| verify(&text, &secret, Duration::from_millis(millis));
        assert_eq!(at(59_000), Ok(()));
        assert_eq!(at(58_999), Err(Refusal::Future));
        assert_eq!(at(65_000), Ok(()));
        assert_eq!(at(65_001), Err(Refusal::Old));
    }

    #[test]
    fn a_frame_with_another_time_or_of_another_order_is_foreign() {
        let (token, secret) = order();
        let text = frame(&token, &secret, AGE);
        assert_eq!(
            verify(&text.replace(".60.", ".61."), &secret, AGE),
            Err(Refusal::Foreign)
        );
        let other = frame(&token, &QrStartSecret::from([3; 32]), AGE);
        assert_eq!(verify(&other, &secret, AGE), Err(Refusal::Foreign));
    }

    #[test]
    fn what_is_written_otherwise_is_malformed() {
        let (token, secret) = order();
        let text = frame(&token, &secret, AGE);
        for wrong in [
            String::new(),
            text.replace("bankid.", "other."),
            text.replace(".60.", ".060."),
            text.replace(".60.", ".+60."),
            text.replace(".60.", ".-60."),
            text.replace(".60.", ".6e1."),
            text.to_uppercase().replace("BANKID", "bankid"),
            format!("{text}.x"),
            format!("{text}0"),
            text[..text.len() - 2].to_owned(),
        ] {
            assert_eq!(
                verify(&wrong, &secret, AGE),
                Err(Refusal::Malformed),
                "{wrong}"
            );
        }
    }
}
