//! Rows in SQLite or PostgreSQL.

mod connection;
mod listener;
mod statement;
mod teller;
mod writer;

use std::fmt;

use sqlx::AnyPool;
use sqlx::migrate::{MigrateError, Migrator};

use self::listener::Listener;
use self::statement::Statement;
use self::teller::Teller;
use self::writer::Writer;
use super::{Answer, Change, Commit, Kind, List, Row, RowId, Store, StoreError, Watch, Watches};
use crate::Instant;

pub use self::connection::{Dialect, SqlOpenError};

/// Keeps rows in a database: SQLite for one instance, PostgreSQL for several.
///
/// Every change is one conditional statement; a list of them is one transaction. What has been
/// answered stands on the disk. On SQLite, changes that come at once share a transaction and so a
/// write to the disk; on PostgreSQL, instances tell each other of changes by LISTEN and NOTIFY
/// when they stand there.
///
/// It belongs to the tokio runtime on which it was opened.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use passkey_idp::store::{Kind, SqlStore, Store as _};
///
/// let store = SqlStore::open("sqlite::memory:").await?;
/// assert!(store.get(Kind::User, &"a".parse()?).await?.is_none());
/// # Ok(())
/// # }
/// ```
pub struct SqlStore {
    dialect: Dialect,
    place: String,
    pool: AnyPool,
    watches: Watches,
    writer: Option<Writer>,
    others: Option<Others>,
}

/// The other instances on the same PostgreSQL.
struct Others {
    teller: Teller,
    _listener: Listener,
}

static SQLITE: Migrator = sqlx::migrate!("./migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("./migrations/postgres");

impl SqlStore {
    /// Opens `sqlite:PATH`, `sqlite::memory:` or `postgres://USER@HOST/NAME`, and brings its table
    /// up to date. An SQLite file is made with mode 0600.
    ///
    /// # Errors
    /// [`SqlOpenError`]
    pub async fn open(url: &str) -> Result<Self, SqlOpenError> {
        let dialect = Dialect::of(url)?;
        let pool = connection::open(url, dialect).await?;
        migrate(&pool, dialect).await?;
        let watches = Watches::new();
        let writer = (dialect == Dialect::Sqlite).then(|| Writer::start(pool.writer, &watches));
        let others = match dialect {
            Dialect::Postgres => Some(Others {
                teller: Teller::start(connection::server(url)?),
                _listener: Listener::start(url, &watches).await?,
            }),
            Dialect::Sqlite => None,
        };
        Ok(Self {
            dialect,
            place: connection::place(url)?,
            pool: pool.readers,
            watches,
            writer,
            others,
        })
    }

    /// Which database it is.
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Where it is, for people: no user and no password.
    pub fn place(&self) -> &str {
        &self.place
    }

    async fn commit_all(&self, changes: Vec<Change>, now: Instant) -> Result<Commit, StoreError> {
        let commit = match &self.writer {
            Some(writer) => return writer.commit(changes, now).await,
            None => connection::commit(&self.pool, changes, now).await?,
        };
        tell(&self.watches, &commit);
        if let Some(others) = &self.others {
            others.teller.tell(&commit);
        }
        Ok(commit)
    }

    async fn rows(&self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        let mut connection = self.pool.acquire().await.map_err(unavailable)?;
        statement.rows(&mut connection).await
    }
}

async fn migrate(pools: &connection::Pools, dialect: Dialect) -> Result<(), MigrateError> {
    match dialect {
        Dialect::Sqlite => SQLITE.run(&pools.writer).await,
        Dialect::Postgres => POSTGRES.run(&pools.writer).await,
    }
}

impl Store for SqlStore {
    fn commit(&self, changes: Vec<Change>, now: Instant) -> Answer<'_, Commit> {
        Box::pin(self.commit_all(changes, now))
    }

    fn get<'a>(&'a self, kind: Kind, id: &'a RowId) -> Answer<'a, Option<Row>> {
        Box::pin(async move { Ok(self.rows(Statement::get(kind, id)).await?.pop()) })
    }

    fn list<'a>(&'a self, list: List<'a>) -> Answer<'a, Vec<Row>> {
        Box::pin(self.rows(Statement::list(&list)))
    }

    fn sweep(&self, now: Instant, limit: usize) -> Answer<'_, usize> {
        Box::pin(async move {
            let statement = Statement::sweep(now, limit);
            match &self.writer {
                Some(writer) => writer.sweep(statement).await,
                None => Ok(self.rows(statement).await?.len()),
            }
        })
    }

    fn watch(&self, kind: Kind, id: &RowId) -> Watch {
        self.watches.watch(kind, id)
    }
}

impl fmt::Debug for SqlStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlStore")
            .field("dialect", &self.dialect)
            .finish_non_exhaustive()
    }
}

/// Tells those who wait on this instance.
fn tell(watches: &Watches, commit: &Commit) {
    if let Commit::Done(rows) = commit {
        for row in rows {
            watches.tell(row.kind, &row.id);
        }
    }
}

fn unavailable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::Unavailable(error.into())
}
