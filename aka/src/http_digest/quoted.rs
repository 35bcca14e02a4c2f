//! Text that stands between quotes.

use alloc::{borrow::ToOwned, string::String};
use core::{fmt, str::FromStr};

/// Text does not fit between quotes as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected printable ASCII without quotes and backslashes")]
#[non_exhaustive]
pub struct InvalidQuoted;

/// Text between quotes: printable ASCII without `"` and `\`, so that there is one reading of what
/// the digest is over. `Debug` does not show it: it may be who somebody is.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Quoted(String);

impl Quoted {
    /// No text.
    pub const EMPTY: Self = Self(String::new());

    /// The text without its quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn of_ascii(text: String) -> Self {
        Self(text)
    }
}

impl FromStr for Quoted {
    type Err = InvalidQuoted;

    fn from_str(text: &str) -> Result<Self, InvalidQuoted> {
        if text.bytes().all(is_plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidQuoted)
        }
    }
}

pub(super) fn is_plain(octet: u8) -> bool {
    matches!(octet, b' '..=b'~') && octet != b'"' && octet != b'\\'
}

impl fmt::Display for Quoted {
    /// The text with its quotes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

impl fmt::Debug for Quoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Quoted([redacted])")
    }
}
