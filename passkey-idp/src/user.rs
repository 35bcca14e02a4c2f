//! Users. There is none without a passkey: they are made together.

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
