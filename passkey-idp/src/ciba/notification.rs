//! How clients learn of answers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::delivery::Endpoint;
use crate::random::InvalidValue;

/// How a client learns what a user has answered (`backchannel_token_delivery_mode` and
/// `backchannel_client_notification_endpoint`, CIBA §4).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "lowercase")]
#[expect(clippy::exhaustive_enums, reason = "the standard has three ways")]
pub enum Notification {
    /// It asks.
    #[default]
    Poll,
    /// It is told that there is an answer, and asks.
    Ping {
        /// Where it is told.
        endpoint: Endpoint,
    },
    /// It is sent the answer.
    Push {
        /// Where to.
        endpoint: Endpoint,
    },
}

/// The name of a way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(clippy::exhaustive_enums, reason = "the standard has three ways")]
pub enum Mode {
    /// The client asks.
    Poll,
    /// It is told to ask.
    Ping,
    /// It is sent the answer.
    Push,
}

impl Notification {
    /// Its name.
    pub const fn mode(&self) -> Mode {
        match self {
            Self::Poll => Mode::Poll,
            Self::Ping { .. } => Mode::Ping,
            Self::Push { .. } => Mode::Push,
        }
    }

    /// Where the client is told, if it is.
    pub const fn endpoint(&self) -> Option<&Endpoint> {
        match self {
            Self::Poll => None,
            Self::Ping { endpoint } | Self::Push { endpoint } => Some(endpoint),
        }
    }
}

impl Mode {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::Poll, Self::Ping, Self::Push];

    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Poll => "poll",
            Self::Ping => "ping",
            Self::Push => "push",
        }
    }
}

/// What a client knows us by when it is told something (`client_notification_token`, CIBA §7.1): a
/// bearer token of at most 1024 characters.
#[derive(Clone, PartialEq, Eq)]
pub struct NotificationToken(zeroize::Zeroizing<String>);

impl NotificationToken {
    /// Its text.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for NotificationToken {
    type Err = InvalidValue;

    /// RFC 6750 §2.1: nothing that could end a header field.
    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let symbol = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~+/".contains(&octet);
        let bare = text.trim_end_matches('=');
        if text.len() <= 1024 && !bare.is_empty() && bare.bytes().all(symbol) {
            Ok(Self(text.to_owned().into()))
        } else {
            Err(InvalidValue)
        }
    }
}

impl fmt::Debug for NotificationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NotificationToken([redacted])")
    }
}
