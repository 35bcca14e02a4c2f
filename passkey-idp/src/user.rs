//! Users. There is none without a passkey: they are made together.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::UserId;
use crate::store::{Change, Kind, Record, RowId, State, Where};

/// A user, as they are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct User {
    /// Who.
    pub id: UserId,
    /// What they call themself; shown to them, and to an application that may know it.
    pub name: String,
    /// How many passkeys they have: at least one, while they are not removed.
    pub passkeys: u32,
}

/// A name for a user or a passkey: 1 to [`User::MAX_NAME`] characters, none of them a control
/// character, without white space around them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(String);

/// Text is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 64 characters, and no control characters")]
#[non_exhaustive]
pub struct InvalidName;

impl FromStr for Name {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let text = text.trim();
        let fits = (1..=User::MAX_NAME).contains(&text.chars().count());
        if fits && !text.contains(char::is_control) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidName)
        }
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

/// Whether a user may sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UserState {
    /// They may.
    Active,
    /// Someone has locked them out.
    Blocked,
}

impl State for UserState {
    const ALL: &'static [Self] = &[Self::Active, Self::Blocked];

    fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Blocked => "blocked",
        }
    }
}

impl Record for User {
    const KIND: Kind = Kind::User;
    type State = UserState;
}

impl User {
    /// How many characters the longest name has.
    pub const MAX_NAME: usize = 64;

    /// A user with their first passkey; a longer name is cut.
    pub fn new(id: UserId, name: &str) -> Self {
        Self {
            id,
            name: name.chars().take(Self::MAX_NAME).collect(),
            passkeys: 1,
        }
    }

    /// Where the user stands, and whose their passkeys are.
    pub fn row_id(id: &UserId) -> RowId {
        id.to_string()
            .parse()
            .expect("every identifier is a name of a row")
    }

    /// Refuses everything unless the user is there, and nobody has locked them out.
    pub fn require_active(id: &UserId) -> Change {
        let which = Where::<Self>::id(Self::row_id(id));
        Change::require(which.state_in(&[UserState::Active]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_1_to_64_characters_within_its_white_space() {
        let longest = "å".repeat(64);
        for text in [" Kim ", "å", &longest] {
            let name: String = text.parse::<Name>().unwrap().into();
            assert_eq!(name, text.trim());
        }
        let too_long = "å".repeat(65);
        for text in ["", " \t", "a\nb", &too_long] {
            assert_eq!(text.parse::<Name>(), Err(InvalidName), "{text:?}");
        }
    }
}
