//! Uyulala's frames: an HS256 JWT `{"challenge_id","duration","persistent"?}`, keyed with the text of the
//! order's secret.

use std::fmt;

use ring::hmac;
use serde::{Deserialize, Serialize};
use strict_jws::base64;

use super::{Refusal, Window};
use crate::Duration;
use crate::id::{OrderId, OrderSecret};

/// A frame that nobody has verified yet: it says which order's secret is needed for that.
///
/// ```
/// use passkey_idp::id::{OrderId, OrderSecret};
/// use passkey_idp::qr::{Window, uyulala::{self, Unverified}};
/// use passkey_idp::Duration;
///
/// let (order, secret) = (OrderId::from([1; 16]), OrderSecret::from([2; 32]));
/// let token = uyulala::frame(&order, &secret, Duration::from_seconds(7));
/// let unverified = Unverified::parse(&token)?;
/// assert_eq!(unverified.order(), order);
/// unverified.verify(&secret, Duration::from_seconds(9), Window::FIVE_SECONDS)?;
/// # Ok::<(), passkey_idp::qr::Refusal>(())
/// ```
pub struct Unverified<'t> {
    claims: Claims,
    signed: &'t str,
    mac: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    typ: Option<String>,
    #[serde(default, skip_serializing)]
    crit: Option<serde::de::IgnoredAny>,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    challenge_id: OrderId,
    duration: u64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    persistent: bool,
}

/// The frame of an order that is `age` old.
pub fn frame(order: &OrderId, secret: &OrderSecret, age: Duration) -> String {
    token(
        secret,
        &Claims {
            challenge_id: *order,
            duration: age.as_seconds(),
            persistent: false,
        },
    )
}

/// What a page on the same device is opened with: it does not age.
pub fn persistent(order: &OrderId, secret: &OrderSecret) -> String {
    token(
        secret,
        &Claims {
            challenge_id: *order,
            duration: 0,
            persistent: true,
        },
    )
}

fn token(secret: &OrderSecret, claims: &Claims) -> String {
    let header = Header {
        alg: "HS256".to_owned(),
        typ: None,
        crit: None,
    };
    let mut token = part(&header);
    token.push('.');
    token.push_str(&part(claims));
    let mac = hmac::sign(&key(secret), token.as_bytes());
    token.push('.');
    base64::encode_to(mac.as_ref(), &mut token);
    token
}

fn part(value: &impl Serialize) -> String {
    base64::encode(&serde_json::to_vec(value).expect("structs have a JSON form"))
}

/// Clients have the secret as text, and use its octets as they stand.
fn key(secret: &OrderSecret) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes())
}

impl<'t> Unverified<'t> {
    /// Reads a token.
    ///
    /// # Errors
    /// [`Refusal::Malformed`]
    pub fn parse(token: &'t str) -> Result<Self, Refusal> {
        let (signed, mac) = token.rsplit_once('.').ok_or(Refusal::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(Refusal::Malformed)?;
        if token.len() > MAX_LEN {
            return Err(Refusal::Malformed);
        }
        let header: Header = read(header)?;
        let typ = header
            .typ
            .as_deref()
            .is_none_or(|typ| typ.eq_ignore_ascii_case("jwt"));
        if header.alg != "HS256" || !typ || header.crit.is_some() {
            return Err(Refusal::Malformed);
        }
        let claims = read(claims)?;
        let mac = base64::decode(mac.as_bytes()).or(Err(Refusal::Malformed))?;
        Ok(Self {
            claims,
            signed,
            mac,
        })
    }

    /// Which order it says that it belongs to.
    pub fn order(&self) -> OrderId {
        self.claims.challenge_id
    }

    /// Whether it says that it does not age.
    pub const fn lasts(&self) -> bool {
        self.claims.persistent
    }

    /// Verifies it with that order's secret, when the order is `age` old. A persistent one may have any
    /// age.
    ///
    /// # Errors
    /// [`Refusal::Foreign`], [`Refusal::Old`], [`Refusal::Future`]
    pub fn verify(
        &self,
        secret: &OrderSecret,
        age: Duration,
        window: Window,
    ) -> Result<(), Refusal> {
        self.authentic(secret)?;
        if self.claims.persistent {
            return Ok(());
        }
        window.admits(Duration::from_seconds(self.claims.duration), age)
    }

    /// Verifies that it was made with that order's secret, at any time: for what follows after the
    /// order has been viewed.
    ///
    /// # Errors
    /// [`Refusal::Foreign`]
    pub fn authentic(&self, secret: &OrderSecret) -> Result<(), Refusal> {
        hmac::verify(&key(secret), self.signed.as_bytes(), &self.mac).or(Err(Refusal::Foreign))
    }
}

impl fmt::Debug for Unverified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unverified").finish_non_exhaustive()
    }
}

fn read<T: serde::de::DeserializeOwned>(part: &str) -> Result<T, Refusal> {
    let octets = base64::decode(part.as_bytes()).or(Err(Refusal::Malformed))?;
    serde_json::from_slice(&octets).or(Err(Refusal::Malformed))
}

const MAX_LEN: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    const AGE: Duration = Duration::from_seconds(60);

    fn order() -> (OrderId, OrderSecret) {
        (OrderId::from([1; 16]), OrderSecret::from([2; 32]))
    }

    fn verify(token: &str, secret: &OrderSecret, age: Duration) -> Result<(), Refusal> {
        Unverified::parse(token)?.verify(secret, age, Window::FIVE_SECONDS)
    }

    /// What a client makes with any JWT library.
    fn foreign(header: &str, claims: &str, secret: &OrderSecret) -> String {
        let signed = [header, claims]
            .map(|part| base64::encode(part.as_bytes()))
            .join(".");
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
        let mac = hmac::sign(&key, signed.as_bytes());
        format!("{signed}.{}", base64::encode(mac.as_ref()))
    }

    #[test]
    fn a_frame_has_the_claims_that_clients_write() {
        let (order, secret) = order();
        let claims = format!(r#"{{"challenge_id":"{order}","duration":60}}"#);
        assert_eq!(
            frame(&order, &secret, AGE),
            foreign(r#"{"alg":"HS256"}"#, &claims, &secret)
        );
        let typed = foreign(r#"{"typ":"JWT","alg":"HS256"}"#, &claims, &secret);
        assert_eq!(verify(&typed, &secret, AGE), Ok(()));
    }

    #[test]
    fn a_frame_is_good_for_five_seconds_on_either_side() {
        let (order, secret) = order();
        let token = frame(&order, &secret, AGE);
        let at = |millis| verify(&token, &secret, Duration::from_millis(millis));
        assert_eq!(at(65_000), Ok(()));
        assert_eq!(at(65_001), Err(Refusal::Old));
        assert_eq!(at(55_000), Ok(()));
        assert_eq!(at(54_999), Err(Refusal::Future));
        let endless = foreign(
            r#"{"alg":"HS256"}"#,
            &format!(r#"{{"challenge_id":"{order}","duration":18446744073709551615}}"#),
            &secret,
        );
        assert_eq!(verify(&endless, &secret, AGE), Err(Refusal::Future));
    }

    #[test]
    fn a_persistent_token_does_not_age_and_cannot_be_made_of_a_frame() {
        let (order, secret) = order();
        let later = Duration::from_seconds(250);
        assert_eq!(verify(&persistent(&order, &secret), &secret, later), Ok(()));
        let token = frame(&order, &secret, AGE);
        let claims = format!(r#"{{"challenge_id":"{order}","duration":60,"persistent":true}}"#);
        let mut parts: Vec<_> = token.split('.').collect();
        let changed = base64::encode(claims.as_bytes());
        parts[1] = &changed;
        assert_eq!(
            verify(&parts.join("."), &secret, later),
            Err(Refusal::Foreign)
        );
    }

    #[test]
    fn another_orders_secret_makes_a_foreign_frame() {
        let (order, secret) = order();
        let token = frame(&order, &OrderSecret::from([3; 32]), AGE);
        assert_eq!(verify(&token, &secret, AGE), Err(Refusal::Foreign));
        let token = frame(&order, &secret, AGE);
        for at in token.rfind('.').unwrap() + 1..token.len() - 1 {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(
                verify(&changed, &secret, AGE),
                Err(Refusal::Foreign),
                "{at}"
            );
        }
    }

    #[test]
    fn what_is_no_hs256_token_is_malformed() {
        let (order, secret) = order();
        let claims = format!(r#"{{"challenge_id":"{order}","duration":60}}"#);
        for header in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"HS512"}"#,
            r#"{"alg":"ES256"}"#,
            r#"{"alg":"HS256","crit":["x"]}"#,
            r#"{"alg":"HS256","typ":"at+jwt"}"#,
            "{}",
        ] {
            let token = foreign(header, &claims, &secret);
            assert_eq!(
                verify(&token, &secret, AGE),
                Err(Refusal::Malformed),
                "{header}"
            );
        }
        for claims in [
            "{}",
            r#"{"challenge_id":"x","duration":1}"#,
            &claims.replace("60", "-1"),
        ] {
            let token = foreign(r#"{"alg":"HS256"}"#, claims, &secret);
            assert_eq!(
                verify(&token, &secret, AGE),
                Err(Refusal::Malformed),
                "{claims}"
            );
        }
        for token in ["", ".", "..", "a.b", "a.b.c.d", &"a".repeat(2000)] {
            assert_eq!(
                verify(token, &secret, AGE),
                Err(Refusal::Malformed),
                "{token}"
            );
        }
    }
}
