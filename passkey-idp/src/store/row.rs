//! What a store keeps of any record.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::Instant;
use crate::random::Digest;

/// The name of a row within its kind: 1 to 128 of `A-Z a-z 0-9 . _ ~ - : /`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RowId(Box<str>);

/// Text is not the name of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a row's name has 1 to 128 letters, digits and . _ ~ - : /")]
#[non_exhaustive]
pub struct InvalidRowId;

impl RowId {
    /// How long the longest is.
    pub const MAX_LEN: usize = 128;

    /// A name that sorts by `at`: 13 hexadecimal digits, a hyphen, and `digest`.
    pub fn in_time(at: Instant, digest: &Digest) -> Self {
        Self(format!("{:013x}-{digest}", at.unix_millis()).into())
    }

    /// Makes what comes before and after every name, for ranges.
    pub(super) const LIMITS: [fn() -> Self; 2] =
        [|| Self(String::new().into()), || Self("\u{7f}".into())];

    /// The name's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Digest> for RowId {
    fn from(digest: Digest) -> Self {
        Self(digest.to_string().into())
    }
}

impl FromStr for RowId {
    type Err = InvalidRowId;

    fn from_str(text: &str) -> Result<Self, InvalidRowId> {
        let allowed = |octet: u8| octet.is_ascii_alphanumeric() || b"._~-:/".contains(&octet);
        if (1..=Self::MAX_LEN).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidRowId)
        }
    }
}

impl TryFrom<String> for RowId {
    type Error = InvalidRowId;

    fn try_from(text: String) -> Result<Self, InvalidRowId> {
        text.parse()
    }
}

impl From<RowId> for String {
    fn from(id: RowId) -> Self {
        id.0.into()
    }
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A row as a store keeps it. `Debug` leaves the body out.
#[derive(Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "stores elsewhere make rows")]
pub struct Row {
    /// What it is.
    pub kind: Kind,
    /// Its name within its kind.
    pub id: RowId,
    /// Whose it is, for lists.
    pub owner: Option<RowId>,
    /// The name of its state.
    pub state: Box<str>,
    /// 1 when it is inserted, and one more with each update.
    pub version: u64,
    /// When it was inserted.
    pub created_at: Instant,
    /// When it was last changed.
    pub changed_at: Instant,
    /// From then on conditions that ask for it fail.
    pub expires_at: Instant,
    /// From then on it may be swept.
    pub purge_at: Instant,
    /// What it says, in JSON.
    pub body: String,
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Row")
            .field("kind", &self.kind)
            .field("id", &self.id)
            .field("state", &self.state)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_plain() {
        let longest = "r".repeat(128);
        for text in ["a", "demo", "a/b:c-d_e.f~g", &longest] {
            assert_eq!(text.parse::<RowId>().unwrap().as_str(), text);
        }
        let too_long = "r".repeat(129);
        for text in ["", "a b", "a\0", "ä", "a'", "a%", &too_long] {
            assert_eq!(text.parse::<RowId>(), Err(InvalidRowId), "{text:?}");
        }
    }

    #[test]
    fn names_in_time_sort_by_it() {
        let digest = Digest::sha256(b"");
        let at = |millis| RowId::in_time(Instant::from_unix_millis(millis), &digest);
        assert!(at(9) < at(10));
        assert!(at(1_700_000_000_000) < at(1_700_000_000_001));
        assert_eq!(at(255).as_str().split_once('-').unwrap().0, "00000000000ff");
    }
}
