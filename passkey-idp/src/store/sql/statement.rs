//! The statements: each as text with `$1`, which both databases understand.

use std::fmt::Write as _;

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row as _};

use super::unavailable;
use crate::Instant;
use crate::store::{Change, Guard, Kind, List, NewRow, Over, Patch, Row, RowId, StoreError};

/// What a requirement does to its row until the transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Require {
    /// Nobody else writes meanwhile.
    Nothing,
    /// Keeps it from being changed.
    Lock,
}

/// One statement and its values.
pub(super) struct Statement {
    text: String,
    values: Vec<Value>,
}

enum Value {
    Text(String),
    Number(i64),
    Nothing,
}

impl Statement {
    pub(super) fn change(change: &Change, now: Instant, require: Require) -> Self {
        match change {
            Change::Insert(new, over) => Self::insert(new, *over, now),
            Change::Update(guard, patch) => Self::update(guard, patch, now),
            Change::Delete(guard) => Self::of("DELETE FROM passkey_rows")
                .guarded(guard, now)
                .and(RETURNING),
            Change::Require(guard) => {
                let lock = if require == Require::Lock {
                    " FOR SHARE"
                } else {
                    ""
                };
                Self::select().guarded(guard, now).and(lock)
            }
            Change::DeleteOwned(kind, owner) => Self::of("DELETE FROM passkey_rows")
                .and(" WHERE kind = ")
                .text(kind.name())
                .and(" AND owner = ")
                .text(owner.as_str())
                .and(RETURNING),
        }
    }

    pub(super) fn get(kind: Kind, id: &RowId) -> Self {
        Self::select()
            .and(" WHERE kind = ")
            .text(kind.name())
            .and(" AND id = ")
            .text(id.as_str())
    }

    pub(super) fn list(list: &List<'_>) -> Self {
        let mut statement = Self::select().and(" WHERE kind = ").text(list.kind.name());
        if let Some(owner) = list.owner {
            statement = statement.and(" AND owner = ").text(owner.as_str());
        }
        let (beyond, order) = if list.reversed {
            ("<", " DESC")
        } else {
            (">", "")
        };
        if let Some(after) = list.after {
            statement = statement.and(" AND id ").and(beyond).text(after.as_str());
        }
        statement
            .and(" ORDER BY id")
            .and(order)
            .and(" LIMIT ")
            .number(list.limit.get().into())
    }

    pub(super) fn sweep(now: Instant, limit: usize) -> Self {
        Self::of("DELETE FROM passkey_rows WHERE (kind, id) IN (SELECT kind, id FROM passkey_rows")
            .and(" WHERE purge_at <= ")
            .instant(now)
            .and(" ORDER BY purge_at LIMIT ")
            .number(i64::try_from(limit).unwrap_or(i64::MAX))
            .and(") AND purge_at <= ")
            .instant(now)
            .and(RETURNING)
    }

    /// The rows that it returns.
    pub(super) async fn rows(self, connection: &mut AnyConnection) -> Result<Vec<Row>, StoreError> {
        let mut query = sqlx::query(AssertSqlSafe(self.text));
        for value in self.values {
            query = match value {
                Value::Text(text) => query.bind(text),
                Value::Number(number) => query.bind(number),
                Value::Nothing => query.bind(None::<String>),
            };
        }
        let rows = query.fetch_all(connection).await.map_err(unavailable)?;
        rows.iter().map(row).collect()
    }

    fn insert(new: &NewRow, over: Over, now: Instant) -> Self {
        let values = Self::of("INSERT INTO passkey_rows (")
            .and(COLUMNS)
            .and(") VALUES (")
            .text(new.kind.name())
            .and(", ")
            .text(new.id.as_str())
            .and(", ")
            .owner(new.owner.as_ref())
            .and(", ")
            .text(new.state)
            .and(", 1, ")
            .instant(new.created_at.unwrap_or(now))
            .and(", ")
            .instant(now)
            .and(", ")
            .instant(new.expires_at)
            .and(", ")
            .instant(new.purge_at)
            .and(", ")
            .text(&new.body)
            .and(") ON CONFLICT (kind, id) DO ");
        let conflict = match over {
            Over::Nothing => values.and("NOTHING"),
            Over::Expired => values
                .and(REPLACE)
                .and(" WHERE passkey_rows.expires_at <= ")
                .instant(now),
        };
        conflict.and(RETURNING)
    }

    fn update(guard: &Guard, patch: &Patch, now: Instant) -> Self {
        let mut statement =
            Self::of("UPDATE passkey_rows SET version = version + 1, changed_at = ").instant(now);
        if let Some(state) = patch.state {
            statement = statement.and(", state = ").text(state);
        }
        if let Some(at) = patch.expires_at {
            statement = statement.and(", expires_at = ").instant(at);
        }
        if let Some(at) = patch.purge_at {
            statement = statement.and(", purge_at = ").instant(at);
        }
        if let Some(body) = &patch.body {
            statement = statement.and(", body = ").text(body);
        }
        statement.guarded(guard, now).and(RETURNING)
    }

    fn guarded(self, guard: &Guard, now: Instant) -> Self {
        let mut statement = self
            .and(" WHERE kind = ")
            .text(guard.kind.name())
            .and(" AND id = ")
            .text(guard.id.as_str());
        for (index, state) in guard.states.iter().enumerate() {
            let before = if index == 0 { " AND state IN (" } else { ", " };
            statement = statement.and(before).text(state);
        }
        if !guard.states.is_empty() {
            statement = statement.and(")");
        }
        if let Some(version) = guard.version {
            let version = i64::try_from(version).unwrap_or(i64::MAX);
            statement = statement.and(" AND version = ").number(version);
        }
        if guard.unexpired {
            statement = statement.and(" AND expires_at > ").instant(now);
        }
        statement
    }

    fn select() -> Self {
        Self::of("SELECT ").and(COLUMNS).and(" FROM passkey_rows")
    }

    fn of(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            values: Vec::with_capacity(12),
        }
    }

    fn and(mut self, text: &str) -> Self {
        self.text.push_str(text);
        self
    }

    fn text(self, text: &str) -> Self {
        self.value(Value::Text(text.to_owned()))
    }

    fn number(self, number: i64) -> Self {
        self.value(Value::Number(number))
    }

    fn instant(self, at: Instant) -> Self {
        self.number(i64::try_from(at.unix_millis()).unwrap_or(i64::MAX))
    }

    fn owner(self, owner: Option<&RowId>) -> Self {
        match owner {
            Some(owner) => self.text(owner.as_str()),
            None => self.value(Value::Nothing),
        }
    }

    fn value(mut self, value: Value) -> Self {
        self.values.push(value);
        write!(self.text, "${}", self.values.len()).expect("text takes whatever is written");
        self
    }
}

fn row(row: &AnyRow) -> Result<Row, StoreError> {
    let kind: String = row.try_get("kind").map_err(unavailable)?;
    let kind = Kind::ALL.iter().copied().find(|known| known.name() == kind);
    let kind =
        kind.ok_or_else(|| malformed("unknown", "a kind that this version does not know"))?;
    let name = |text: String| -> Result<RowId, StoreError> {
        text.parse().map_err(|error| malformed(kind.name(), error))
    };
    let at = |column: &str| -> Result<Instant, StoreError> {
        Ok(Instant::from_unix_millis(number(row, column)?))
    };
    let owner: Option<String> = row.try_get("owner").map_err(unavailable)?;
    Ok(Row {
        kind,
        id: name(row.try_get("id").map_err(unavailable)?)?,
        owner: owner.map(name).transpose()?,
        state: row
            .try_get::<String, _>("state")
            .map_err(unavailable)?
            .into(),
        version: number(row, "version")?,
        created_at: at("created_at")?,
        changed_at: at("changed_at")?,
        expires_at: at("expires_at")?,
        purge_at: at("purge_at")?,
        body: row.try_get("body").map_err(unavailable)?,
    })
}

fn number(row: &AnyRow, column: &str) -> Result<u64, StoreError> {
    let number: i64 = row.try_get(column).map_err(unavailable)?;
    u64::try_from(number).map_err(unavailable)
}

fn malformed(
    kind: &'static str,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> StoreError {
    let source = source.into();
    StoreError::Malformed { kind, source }
}

const COLUMNS: &str =
    "kind, id, owner, state, version, created_at, changed_at, expires_at, purge_at, body";

const RETURNING: &str = " RETURNING kind, id, owner, state, version, created_at, changed_at, \
    expires_at, purge_at, body";

const REPLACE: &str = "UPDATE SET owner = excluded.owner, state = excluded.state, version = 1, \
    created_at = excluded.created_at, changed_at = excluded.changed_at, \
    expires_at = excluded.expires_at, purge_at = excluded.purge_at, body = excluded.body";
