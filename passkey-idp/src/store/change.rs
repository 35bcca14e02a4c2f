//! Changes: what is to be done to a row, and what must hold for it.

use std::fmt;
use std::marker::PhantomData;

use super::record::to_json;
use super::{Kind, Record, Row, RowId, State as _};
use crate::Instant;

/// One change to what is kept: one conditional statement.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "a store must know every change")]
pub enum Change {
    /// Inserts a row.
    Insert(NewRow, Over),
    /// Changes the row that meets the condition.
    Update(Guard, Patch),
    /// Deletes the row that meets the condition.
    Delete(Guard),
    /// Changes nothing, but refuses everything unless a row meets the condition until all is done.
    Require(Guard),
    /// Deletes every row of that kind and owner; there may be none.
    DeleteOwned(Kind, RowId),
}

/// What a new row may replace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a store must know every change")]
pub enum Over {
    /// No row.
    Nothing,
    /// A row of the same id that has expired.
    Expired,
}

/// A row that does not stand anywhere yet. `Debug` leaves the body out.
#[derive(Clone)]
#[expect(clippy::exhaustive_structs, reason = "stores elsewhere read them")]
pub struct NewRow {
    /// What it is.
    pub kind: Kind,
    /// Its name within its kind.
    pub id: RowId,
    /// Whose it is.
    pub owner: Option<RowId>,
    /// The name of its state.
    pub state: &'static str,
    /// When it was inserted first, if that was into another store; otherwise it is now.
    pub created_at: Option<Instant>,
    /// From then on it is of no use.
    pub expires_at: Instant,
    /// From then on it may be swept.
    pub purge_at: Instant,
    /// What it says, in JSON.
    pub body: String,
}

/// What must hold of a row.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "stores elsewhere read them")]
pub struct Guard {
    /// What it is.
    pub kind: Kind,
    /// Its name within its kind.
    pub id: RowId,
    /// It is in one of these states; in any, if none is named.
    pub states: Vec<&'static str>,
    /// It has this version.
    pub version: Option<u64>,
    /// Whether it must not have expired.
    pub unexpired: bool,
}

/// What becomes of a row: what is `None` stays. `Debug` leaves the body out.
#[derive(Clone, Default)]
#[expect(clippy::exhaustive_structs, reason = "stores elsewhere read them")]
pub struct Patch {
    /// The name of its new state.
    pub state: Option<&'static str>,
    /// When it will be of no use.
    pub expires_at: Option<Instant>,
    /// When it may be swept.
    pub purge_at: Option<Instant>,
    /// What it says, in JSON.
    pub body: Option<String>,
}

/// What came of a list of changes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "all or nothing")]
pub enum Commit {
    /// All were made. A row for each change but [`Change::DeleteOwned`], in their order: as it stands
    /// now, or as it stood when it was deleted.
    Done(Vec<Row>),
    /// None was made.
    Refused {
        /// Which change found no row to change, or one that it must not replace; from 0.
        at: usize,
    },
}

impl Change {
    /// Inserts a record whose id no row has, expired or not.
    pub fn insert<R: Record>(new: New<R>) -> Self {
        Self::Insert(new.row, Over::Nothing)
    }

    /// Inserts a record whose id no row has that is still of use.
    pub fn claim<R: Record>(new: New<R>) -> Self {
        Self::Insert(new.row, Over::Expired)
    }

    /// Changes the record that meets the condition.
    pub fn update<R: Record>(which: Where<R>, set: Set<R>) -> Self {
        Self::Update(which.guard, set.patch)
    }

    /// Deletes the record that meets the condition.
    pub fn delete<R: Record>(which: Where<R>) -> Self {
        Self::Delete(which.guard)
    }

    /// Refuses everything unless a record meets the condition.
    pub fn require<R: Record>(which: Where<R>) -> Self {
        Self::Require(which.guard)
    }

    /// Deletes all that is `owner`'s.
    pub fn delete_owned<R: Record>(owner: RowId) -> Self {
        Self::DeleteOwned(R::KIND, owner)
    }
}

impl NewRow {
    /// The row that it becomes.
    pub fn into_row(self, now: Instant) -> Row {
        Row {
            kind: self.kind,
            id: self.id,
            owner: self.owner,
            state: self.state.into(),
            version: 1,
            created_at: self.created_at.unwrap_or(now),
            changed_at: now,
            expires_at: self.expires_at,
            purge_at: self.purge_at,
            body: self.body,
        }
    }
}

impl Patch {
    /// What `row` becomes.
    pub fn applied_to(self, row: Row, now: Instant) -> Row {
        Row {
            state: self.state.map_or(row.state, Into::into),
            version: row.version.saturating_add(1),
            changed_at: now,
            expires_at: self.expires_at.unwrap_or(row.expires_at),
            purge_at: self.purge_at.unwrap_or(row.purge_at),
            body: self.body.unwrap_or(row.body),
            ..row
        }
    }
}

impl Guard {
    /// Whether `row` is of this kind and id and meets the condition.
    pub fn admits(&self, row: &Row, now: Instant) -> bool {
        row.kind == self.kind
            && row.id == self.id
            && (self.states.is_empty() || self.states.iter().any(|state| **state == *row.state))
            && self.version.is_none_or(|version| version == row.version)
            && (!self.unexpired || row.expires_at > now)
    }
}

/// A record to be inserted.
#[derive(Clone, Debug)]
pub struct New<R: Record> {
    row: NewRow,
    record: PhantomData<R>,
}

impl<R: Record> New<R> {
    /// A record that never expires and is never swept.
    pub fn record(id: RowId, state: R::State, body: &R) -> Self {
        let row = NewRow {
            kind: R::KIND,
            id,
            owner: None,
            state: state.name(),
            created_at: None,
            expires_at: Instant::NEVER,
            purge_at: Instant::NEVER,
            body: to_json(body),
        };
        Self {
            row,
            record: PhantomData,
        }
    }

    /// Whose it is.
    #[must_use]
    pub fn owned_by(mut self, owner: RowId) -> Self {
        self.row.owner = Some(owner);
        self
    }

    /// It is of no use from then on, and may be swept.
    #[must_use]
    pub fn expires_at(mut self, at: Instant) -> Self {
        self.row.expires_at = at;
        self.row.purge_at = at;
        self
    }

    /// It may be swept from then on. Say it after [`New::expires_at`].
    #[must_use]
    pub fn purge_at(mut self, at: Instant) -> Self {
        self.row.purge_at = at;
        self
    }
}

/// The condition of a change: the row of this id, unless it has expired.
#[derive(Clone, Debug)]
pub struct Where<R: Record> {
    guard: Guard,
    record: PhantomData<R>,
}

impl<R: Record> Where<R> {
    /// The record of that id.
    pub fn id(id: RowId) -> Self {
        let guard = Guard {
            kind: R::KIND,
            id,
            states: Vec::new(),
            version: None,
            unexpired: true,
        };
        Self {
            guard,
            record: PhantomData,
        }
    }

    /// It is in one of these states.
    #[must_use]
    pub fn state_in(mut self, states: &[R::State]) -> Self {
        self.guard.states = states.iter().map(|state| state.name()).collect();
        self
    }

    /// Nobody has changed it since it was read.
    #[must_use]
    pub fn version(mut self, version: u64) -> Self {
        self.guard.version = Some(version);
        self
    }

    /// It may have expired.
    #[must_use]
    pub fn even_if_expired(mut self) -> Self {
        self.guard.unexpired = false;
        self
    }
}

/// What a change does to a record.
#[derive(Clone, Debug)]
pub struct Set<R: Record> {
    patch: Patch,
    record: PhantomData<R>,
}

impl<R: Record> Set<R> {
    /// It is in that state from now on.
    pub fn state(state: R::State) -> Self {
        Self::patch(Patch {
            state: Some(state.name()),
            ..Patch::default()
        })
    }

    /// It says `body` from now on, in the same state.
    pub fn body_only(body: &R) -> Self {
        Self::patch(Patch {
            body: Some(to_json(body)),
            ..Patch::default()
        })
    }

    /// It says `body` from now on.
    #[must_use]
    pub fn body(mut self, body: &R) -> Self {
        self.patch.body = Some(to_json(body));
        self
    }

    /// It is of no use from then on.
    #[must_use]
    pub fn expires_at(mut self, at: Instant) -> Self {
        self.patch.expires_at = Some(at);
        self
    }

    /// It may be swept from then on.
    #[must_use]
    pub fn purge_at(mut self, at: Instant) -> Self {
        self.patch.purge_at = Some(at);
        self
    }

    fn patch(patch: Patch) -> Self {
        Self {
            patch,
            record: PhantomData,
        }
    }
}

impl fmt::Debug for NewRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewRow")
            .field("kind", &self.kind)
            .field("id", &self.id)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Patch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Patch")
            .field("state", &self.state)
            .field("expires_at", &self.expires_at)
            .field("purge_at", &self.purge_at)
            .finish_non_exhaustive()
    }
}
