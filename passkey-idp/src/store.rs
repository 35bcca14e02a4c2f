//! What is kept, and how it changes: one small mechanism for every kind of record.
//!
//! # The mechanism
//!
//! Whatever the crate keeps is a [`Row`]: a [`Kind`], an id that is unique within it, perhaps an
//! owner by which it is listed, a state, a version that each change increments, an instant after which
//! it is of no use, an instant after which it is swept, and a body in JSON that the store never
//! looks into. A store therefore needs one table (or one of the same shape for each kind) and
//! five statements, and a new kind of record costs no store a line:
//!
//! ```
//! use passkey_idp::store::{Kind, Record, State};
//! use serde::{Deserialize, Serialize};
//!
//! /// What a browser that has signed in is remembered by.
//! #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
//! struct Session { user: String }
//!
//! #[derive(Clone, Copy, Debug, PartialEq, Eq)]
//! enum SessionState { Open, Ended }
//!
//! impl State for SessionState {
//!     const ALL: &'static [Self] = &[Self::Open, Self::Ended];
//!     fn name(self) -> &'static str {
//!         match self { Self::Open => "open", Self::Ended => "ended" }
//!     }
//! }
//!
//! impl Record for Session {
//!     const KIND: Kind = Kind::Session;
//!     type State = SessionState;
//! }
//! ```
//!
//! # Changes
//!
//! Nothing is changed but by [`Store::commit`], which takes a list of [`Change`]s and makes all of
//! them or none. Each change is **one conditional statement**:
//!
//! | change | statement |
//! |---|---|
//! | [`Change::insert`] | `INSERT ... ON CONFLICT DO NOTHING` |
//! | [`Change::claim`] | `INSERT ... ON CONFLICT DO UPDATE ... WHERE expires_at <= $now` |
//! | [`Change::update`] | `UPDATE ... SET state, body, version = version + 1 WHERE id = $1 AND state IN (...) AND expires_at > $now RETURNING *` |
//! | [`Change::delete`] | `DELETE ... WHERE id = $1 AND ... RETURNING *` |
//! | [`Change::require`] | `SELECT ... WHERE id = $1 AND ... FOR SHARE` |
//! | [`Change::delete_owned`] | `DELETE ... WHERE owner = $1` |
//!
//! A statement that finds no row refuses the whole list ([`Commit::Refused`] says at which change);
//! of any number of callers who want the same transition, one gets the row and the others are
//! refused. A list of one change needs no transaction.
//!
//! There are two ways to be right about a body that is replaced as a whole:
//! - [`Where::state_in`] one state, if a record's body never changes but together with its state:
//!   what was read in that state is then still what stands there. Orders do that;
//! - [`Where::version`], for bodies that change within a state: a credential's counter, a family of
//!   refresh tokens. Who loses reads again and decides again.
//!
//! Whether a row has expired is asked by default. What also counts afterwards says
//! [`Where::even_if_expired`].
//!
//! # How to keep something new
//!
//! 1. Give it a [`Kind`] (add the variant) and a [`State`] ([`Live`] if it has none).
//! 2. Its id: [`RowId::from`] a secret's or identifier's digest, so that a dump of the database holds
//!    nothing usable. What must be unique besides is a row of its own ([`Slot`], or [`Hold`] for
//!    minutes), claimed in the same commit.
//! 3. Its transitions: **pure functions** of the record, the request and `now`, which return the
//!    [`Change`] or a refusal. An `async` function around them reads, decides, commits, and on a
//!    refusal reads once more to say why.
//! 4. `expires_at` for the protocol, `purge_at` for the sweep: a used code must be remembered as
//!    long as its reuse must be noticed.
//!
//! Records that answer to several secrets (an order with a QR token, a device code with a user code)
//! have a [`Hold`] for each further one, whose body names the record.
//!
//! # Stores
//!
//! [`MemoryStore`] for tests and for one process that may forget, `SqlStore` (feature `sqlx`) for SQLite
//! and PostgreSQL. Whoever writes another one runs the suite `conformance` (feature `conformance`) on
//! it.

mod change;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod memory;
mod query;
pub mod record;
mod row;
mod slot;
#[cfg(feature = "sqlx")]
mod sql;
mod watch;

use std::error::Error;
use std::future::Future;
use std::pin::Pin;

pub use change::{Change, Commit, Guard, New, NewRow, Over, Patch, Set, Where};
pub use memory::MemoryStore;
pub use query::{List, Page, PageSize, StoreExt};
pub use record::{Kind, Live, Record, State, Stored};
pub use row::{InvalidRowId, Row, RowId};
pub use slot::{Hold, Slot};
#[cfg(feature = "sqlx")]
pub use sql::{Dialect, SqlOpenError, SqlStore};
pub use watch::{Watch, Watches};

use crate::Instant;

/// Where rows are kept.
///
/// Its futures belong to no runtime; what they need, the store brings along. Dropping a future
/// leaves everything changed or nothing.
pub trait Store: Send + Sync + std::fmt::Debug {
    /// Makes all of `changes`, in their order, or none of them. Each sees what those before it did.
    ///
    /// # Errors
    /// [`StoreError`]; whether the changes were made is then unknown.
    fn commit(&self, changes: Vec<Change>, now: Instant) -> Answer<'_, Commit>;

    /// The row of that kind and id, expired or not.
    ///
    /// # Errors
    /// [`StoreError`]
    fn get<'a>(&'a self, kind: Kind, id: &'a RowId) -> Answer<'a, Option<Row>>;

    /// Rows of one kind in the order of their ids, expired ones too.
    ///
    /// # Errors
    /// [`StoreError`]
    fn list<'a>(&'a self, list: List<'a>) -> Answer<'a, Vec<Row>>;

    /// Deletes up to `limit` rows whose `purge_at` has come, and says how many.
    ///
    /// # Errors
    /// [`StoreError`]
    fn sweep(&self, now: Instant, limit: usize) -> Answer<'_, usize>;

    /// Waits for that row to be changed, here or on another instance. Begin the watch, then read,
    /// then wait: so nothing is missed.
    fn watch(&self, kind: Kind, id: &RowId) -> Watch;
}

/// What a store's functions return: a future that any executor can drive.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Why a store gives no answer. It says nothing of what is kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database does not do what it is asked.
    #[error("the store is not available")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// What stands in a row is not what this crate writes there.
    #[error("a row of kind {kind} is malformed")]
    Malformed {
        /// The row's kind.
        kind: &'static str,
        /// What is wrong with it.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}
