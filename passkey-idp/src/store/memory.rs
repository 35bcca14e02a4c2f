//! Rows in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Bound, RangeBounds as _};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{
    Answer, Change, Commit, Guard, Kind, List, NewRow, Over, Patch, Row, RowId, Store, Watch,
    Watches,
};
use crate::Instant;

/// Keeps rows in memory: for tests, and for one process that may forget everything.
///
/// ```
/// use passkey_idp::store::{MemoryStore, Store};
/// use std::sync::Arc;
///
/// let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
/// ```
#[derive(Default)]
pub struct MemoryStore {
    tables: Mutex<Tables>,
    watches: Watches,
}

impl MemoryStore {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

impl Store for MemoryStore {
    fn commit(&self, changes: Vec<Change>, now: Instant) -> Answer<'_, Commit> {
        Box::pin(async move {
            let commit = self.lock().commit(changes, now);
            if let Commit::Done(rows) = &commit {
                for row in rows {
                    self.watches.tell(row.kind, &row.id);
                }
            }
            Ok(commit)
        })
    }

    fn get<'a>(&'a self, kind: Kind, id: &'a RowId) -> Answer<'a, Option<Row>> {
        Box::pin(async move { Ok(self.lock().get(kind, id).cloned()) })
    }

    fn list<'a>(&'a self, list: List<'a>) -> Answer<'a, Vec<Row>> {
        Box::pin(async move { Ok(self.lock().list(&list)) })
    }

    fn sweep(&self, now: Instant, limit: usize) -> Answer<'_, usize> {
        Box::pin(async move { Ok(self.lock().sweep(now, limit)) })
    }

    fn watch(&self, kind: Kind, id: &RowId) -> Watch {
        self.watches.watch(kind, id)
    }
}

type Key = (Kind, RowId);

#[derive(Default)]
struct Tables {
    rows: BTreeMap<Key, Row>,
    /// Kind, owner and id of what has an owner.
    owned: BTreeSet<(Kind, RowId, RowId)>,
    /// What may be swept, and when.
    purges: BTreeSet<(Instant, Kind, RowId)>,
}

impl Tables {
    fn commit(&mut self, changes: Vec<Change>, now: Instant) -> Commit {
        let mut undo = Vec::new();
        let mut done = Vec::new();
        for (at, change) in changes.into_iter().enumerate() {
            match self.make(change, now, &mut undo) {
                Made::Row(row) => done.push(row),
                Made::Rows => {}
                Made::Nothing => {
                    self.take_back(undo);
                    return Commit::Refused { at };
                }
            }
        }
        Commit::Done(done)
    }

    fn make(&mut self, change: Change, now: Instant, undo: &mut Vec<Undo>) -> Made {
        match change {
            Change::Insert(new, over) => self.insert(new, over, now, undo),
            Change::Update(guard, patch) => self.update(&guard, patch, now, undo),
            Change::Delete(guard) => self.delete(&guard, now, undo),
            Change::Require(guard) => Made::one(self.admitted(&guard, now).cloned()),
            Change::DeleteOwned(kind, owner) => self.delete_owned(kind, &owner, undo),
        }
    }

    fn insert(&mut self, new: NewRow, over: Over, now: Instant, undo: &mut Vec<Undo>) -> Made {
        let taken = |row: &Row| over == Over::Nothing || row.expires_at > now;
        if self.get(new.kind, &new.id).is_some_and(taken) {
            return Made::Nothing;
        }
        self.put(new.into_row(now), undo)
    }

    fn update(&mut self, guard: &Guard, patch: Patch, now: Instant, undo: &mut Vec<Undo>) -> Made {
        let Some(row) = self.admitted(guard, now).cloned() else {
            return Made::Nothing;
        };
        self.put(patch.applied_to(row, now), undo)
    }

    fn delete(&mut self, guard: &Guard, now: Instant, undo: &mut Vec<Undo>) -> Made {
        if self.admitted(guard, now).is_none() {
            return Made::Nothing;
        }
        let row = self.take(&(guard.kind, guard.id.clone()));
        undo.extend(row.clone().map(Undo::Put));
        Made::one(row)
    }

    fn delete_owned(&mut self, kind: Kind, owner: &RowId, undo: &mut Vec<Undo>) -> Made {
        for id in self.ids_of(kind, owner) {
            undo.extend(self.take(&(kind, id)).map(Undo::Put));
        }
        Made::Rows
    }

    fn put(&mut self, row: Row, undo: &mut Vec<Undo>) -> Made {
        let key = (row.kind, row.id.clone());
        undo.push(match self.take(&key) {
            Some(before) => Undo::Put(before),
            None => Undo::Take(key),
        });
        self.place(row.clone());
        Made::Row(row)
    }

    fn take_back(&mut self, undo: Vec<Undo>) {
        for step in undo.into_iter().rev() {
            match step {
                Undo::Take(key) => drop(self.take(&key)),
                Undo::Put(row) => {
                    self.take(&(row.kind, row.id.clone()));
                    self.place(row);
                }
            }
        }
    }

    fn place(&mut self, row: Row) {
        if let Some(owner) = &row.owner {
            self.owned.insert((row.kind, owner.clone(), row.id.clone()));
        }
        self.purges.insert((row.purge_at, row.kind, row.id.clone()));
        self.rows.insert((row.kind, row.id.clone()), row);
    }

    fn take(&mut self, key: &Key) -> Option<Row> {
        let row = self.rows.remove(key)?;
        if let Some(owner) = &row.owner {
            self.owned
                .remove(&(row.kind, owner.clone(), row.id.clone()));
        }
        self.purges
            .remove(&(row.purge_at, row.kind, row.id.clone()));
        Some(row)
    }

    fn get(&self, kind: Kind, id: &RowId) -> Option<&Row> {
        self.rows.get(&(kind, id.clone()))
    }

    fn admitted(&self, guard: &Guard, now: Instant) -> Option<&Row> {
        self.get(guard.kind, &guard.id)
            .filter(|row| guard.admits(row, now))
    }

    fn ids_of(&self, kind: Kind, owner: &RowId) -> Vec<RowId> {
        let bounds = RowId::LIMITS.map(|limit| (kind, owner.clone(), limit()));
        let [first, last] = bounds;
        self.owned
            .range(first..last)
            .map(|(_, _, id)| id.clone())
            .collect()
    }

    fn list(&self, list: &List<'_>) -> Vec<Row> {
        let ids: Vec<RowId> = match list.owner {
            Some(owner) => self.ids_of(list.kind, owner),
            None => return self.within(list).map(|(_, row)| row.clone()).collect(),
        };
        let (first, last) = bounds(list);
        let owned = ids.into_iter().map(|id| (list.kind, id));
        let chosen = owned.filter(|key| (first.as_ref(), last.as_ref()).contains(key));
        let mut rows: Vec<Row> = chosen
            .filter_map(|key| self.rows.get(&key).cloned())
            .collect();
        if list.reversed {
            rows.reverse();
        }
        rows.truncate(list.limit.get().into());
        rows
    }

    fn within(&self, list: &List<'_>) -> impl Iterator<Item = (&Key, &Row)> {
        let mut range = self.rows.range(bounds(list));
        let reversed = list.reversed;
        let next = move || {
            if reversed {
                range.next_back()
            } else {
                range.next()
            }
        };
        std::iter::from_fn(next).take(list.limit.get().into())
    }

    fn sweep(&mut self, now: Instant, limit: usize) -> usize {
        let due = self.purges.iter().take_while(|(at, _, _)| *at <= now);
        let keys: Vec<Key> = due
            .take(limit)
            .map(|(_, kind, id)| (*kind, id.clone()))
            .collect();
        keys.iter().filter_map(|key| self.take(key)).count()
    }
}

/// Between which keys a list stands.
fn bounds(list: &List<'_>) -> (Bound<Key>, Bound<Key>) {
    let [first, last] = RowId::LIMITS.map(|limit| Bound::Excluded((list.kind, limit())));
    let after = list
        .after
        .map(|id| Bound::Excluded((list.kind, id.clone())));
    match (after, list.reversed) {
        (None, _) => (first, last),
        (Some(after), false) => (after, last),
        (Some(before), true) => (first, before),
    }
}

/// What came of one change.
enum Made {
    Row(Row),
    Rows,
    Nothing,
}

impl Made {
    fn one(row: Option<Row>) -> Self {
        row.map_or(Self::Nothing, Self::Row)
    }
}

/// How to take one change back.
enum Undo {
    Take(Key),
    Put(Row),
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::store::conformance::{Harness, Threads};

    fn harness() -> Harness<Threads> {
        Harness::new(Arc::new(MemoryStore::new()), Threads)
    }

    crate::store_conformance!(harness());
}
