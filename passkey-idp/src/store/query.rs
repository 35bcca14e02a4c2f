//! Lists in pages, and what callers ask of any store.

use std::future::Future;

use super::{Change, Commit, Kind, New, Record, Row, RowId, Set, Store, StoreError, Stored, Where};
use crate::Instant;

/// How many rows a page has: 1 to 1000.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSize(u16);

impl PageSize {
    /// The largest.
    pub const MAX: Self = Self(1000);

    /// `size`, or the nearest that there is.
    pub fn nearest(size: u64) -> Self {
        let size = u16::try_from(size).unwrap_or(u16::MAX);
        Self(size.clamp(1, Self::MAX.0))
    }

    /// How many that is.
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl Default for PageSize {
    /// 100.
    fn default() -> Self {
        Self(100)
    }
}

/// Which rows to list, in the order of their ids.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "stores elsewhere read them")]
pub struct List<'a> {
    /// Of this kind.
    pub kind: Kind,
    /// Of this owner, if one is named.
    pub owner: Option<&'a RowId>,
    /// Those after this id, if one is named; before it, when the order is reversed.
    pub after: Option<&'a RowId>,
    /// Whether the largest id comes first.
    pub reversed: bool,
    /// At most so many.
    pub limit: PageSize,
}

impl<'a> List<'a> {
    /// All records of that kind, from the smallest id, 100 of them.
    pub fn of<R: Record>() -> Self {
        Self {
            kind: R::KIND,
            owner: None,
            after: None,
            reversed: false,
            limit: PageSize::default(),
        }
    }

    /// Only those of `owner`.
    #[must_use]
    pub fn owned_by(mut self, owner: &'a RowId) -> Self {
        self.owner = Some(owner);
        self
    }

    /// Only those that come after `id`.
    #[must_use]
    pub fn after(mut self, id: Option<&'a RowId>) -> Self {
        self.after = id;
        self
    }

    /// From the largest id.
    #[must_use]
    pub fn reversed(mut self) -> Self {
        self.reversed = true;
        self
    }

    /// At most so many.
    #[must_use]
    pub fn limit(mut self, limit: PageSize) -> Self {
        self.limit = limit;
        self
    }
}

/// Records in the order of their ids.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Page<R: Record> {
    /// The records.
    pub items: Vec<Stored<R>>,
    /// Where the next page begins, if this one is full.
    pub next: Option<RowId>,
}

/// What callers ask of any store, with types.
pub trait StoreExt: Store {
    /// The record of that id, expired or not.
    ///
    /// # Errors
    /// [`StoreError`]
    fn find<R: Record>(
        &self,
        id: &RowId,
    ) -> impl Future<Output = Result<Option<Stored<R>>, StoreError>> + Send {
        async move {
            self.get(R::KIND, id)
                .await?
                .map(Stored::try_from)
                .transpose()
        }
    }

    /// Makes one change, and returns the record; nothing if the condition did not hold.
    ///
    /// # Errors
    /// [`StoreError`]
    fn apply<R: Record>(
        &self,
        change: Change,
        now: Instant,
    ) -> impl Future<Output = Result<Option<Stored<R>>, StoreError>> + Send {
        async move {
            match self.commit(vec![change], now).await? {
                Commit::Done(rows) => rows.into_iter().next().map(Stored::try_from).transpose(),
                Commit::Refused { .. } => Ok(None),
            }
        }
    }

    /// Inserts a record, and returns it; nothing if its id is taken.
    ///
    /// # Errors
    /// [`StoreError`]
    fn insert<R: Record>(
        &self,
        new: New<R>,
        now: Instant,
    ) -> impl Future<Output = Result<Option<Stored<R>>, StoreError>> + Send {
        self.apply(Change::insert(new), now)
    }

    /// Changes a record, and returns it; nothing if the condition did not hold.
    ///
    /// # Errors
    /// [`StoreError`]
    fn update<R: Record>(
        &self,
        which: Where<R>,
        set: Set<R>,
        now: Instant,
    ) -> impl Future<Output = Result<Option<Stored<R>>, StoreError>> + Send {
        self.apply(Change::update(which, set), now)
    }

    /// A page of records.
    ///
    /// # Errors
    /// [`StoreError`]
    fn page<R: Record>(
        &self,
        list: List<'_>,
    ) -> impl Future<Output = Result<Page<R>, StoreError>> + Send {
        async move {
            let rows = self.list(list).await?;
            let full = rows.len() >= usize::from(list.limit.get());
            let next = rows.last().filter(|_| full).map(|row| row.id.clone());
            let items = rows
                .into_iter()
                .map(Row::try_into)
                .collect::<Result<_, _>>()?;
            Ok(Page { items, next })
        }
    }
}

impl<S: Store + ?Sized> StoreExt for S {}
