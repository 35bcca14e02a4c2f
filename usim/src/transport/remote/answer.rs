//! A server's answer, and the values in it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use zeroize::Zeroizing;

use crate::{
    Error,
    transport::{TransportError, TransportErrorKind, remote::failure},
};

/// What a server answered. `Debug` shows the status only.
pub(super) struct Answer {
    status: u16,
    body: Zeroizing<Vec<u8>>,
}

/// An answer does not have the form of its dialect; it is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server's answer has not the form of its dialect")]
struct InvalidAnswer;

impl Answer {
    pub(super) fn new(status: u16, body: Zeroizing<Vec<u8>>) -> Self {
        Self { status, body }
    }

    pub(super) fn status(&self) -> u16 {
        self.status
    }

    /// The body of a success; what the server refuses, as the error that it stands for.
    pub(super) fn success<T: DeserializeOwned>(&self) -> Result<T, Error> {
        self.expect_success()?;
        self.json().ok_or_else(malformed)
    }

    /// A success, whatever its body.
    pub(super) fn expect_success(&self) -> Result<(), Error> {
        if (200..300).contains(&self.status) {
            Ok(())
        } else {
            Err(failure::of(self))
        }
    }

    pub(super) fn json<T: DeserializeOwned>(&self) -> Option<T> {
        // What serde_json would say of a wrong value repeats it.
        serde_json::from_slice(&self.body).ok()
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// An answer does not have the form of its dialect.
pub(super) fn malformed() -> Error {
    TransportError::new(TransportErrorKind::Protocol, InvalidAnswer).into()
}

/// Text that may be a key: wiped, and never shown.
pub(super) struct Secret(Zeroizing<String>);

impl Secret {
    /// The value that the text stands for.
    pub(super) fn read<T: FromStr>(&self) -> Result<T, Error> {
        self.0.parse().map_err(|_not_repeated| malformed())
    }

    /// The octets that the text stands for.
    pub(super) fn octets(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        let octets = hex::decode(self.0.as_bytes()).map(Zeroizing::new);
        octets.map_err(|_not_repeated| malformed())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Zeroizing::new(text)))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
