//! Subscribers in SQLite or PostgreSQL, their keys sealed.

mod row;

use aka::{Imsi, Sqn, network::Swap};
use server_kit::{
    seal::{SealError, Sealer},
    sql::{DatabaseUrl, Dialect, OpenError},
};
use sqlx::{
    AnyPool, AssertSqlSafe, Row as _,
    any::AnyRow,
    migrate::{MigrateError, Migrator},
};

use super::{Directory, DirectoryError};
use crate::{AlgorithmName, Subscriber, XorForTests};
use row::{COLUMNS, Sealed, Stored};

/// A database of subscribers, shared by as many centres as there are.
///
/// K and OPc are sealed for their subscriber and algorithm: a dump of the database gives no key
/// away, and a row moved to another IMSI, or passed off as of another algorithm, does not open.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use auc::{Directory as _, OnConflict, SqlDirectory, Subscribers};
/// use server_kit::seal::{Sealer, SealingKey};
///
/// let sealer = Sealer::new(&SealingKey::generate()?);
/// let directory = SqlDirectory::open(&"sqlite::memory:".parse()?, sealer).await?;
/// let subscribers = Subscribers::parse(
///     "imsi,k,opc\n\
///      001010000000001,465b5ce8b199b49faa5f0a2ee238a6bc,cd63cb71954a9f4e48a5994e37a02baf\n",
/// )?;
/// let added = directory.add(subscribers.iter(), OnConflict::Keep).await?;
/// assert_eq!(added.new, 1);
/// assert!(directory.find(&"001010000000001".parse()?).await?.is_some());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct SqlDirectory {
    pool: AnyPool,
    sealer: Sealer,
    xor: XorForTests,
}

/// Why the database of subscribers failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SqlError {
    /// It cannot be opened.
    #[error("cannot open the database")]
    Open(#[from] OpenError),
    /// Its tables cannot be brought up to date.
    #[error("cannot bring the database up to date")]
    Migrate(#[from] MigrateError),
    /// A statement failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// A key could not be sealed or opened.
    #[error("a subscriber's key")]
    Seal(#[from] SealError),
    /// A row holds what no centre has written.
    #[error("column {0} of a subscriber is damaged")]
    Damaged(&'static str),
    /// XOR gives K away with each vector, and nobody has allowed it.
    #[error(
        "a subscriber's algorithm is xor, which is for tests; --danger-xor-for-tests allows it"
    )]
    XorForTests,
    /// The row is gone.
    #[error("unknown subscriber")]
    UnknownSubscriber,
}

/// What to do with a subscriber that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "it stays as it is, or it does not")]
pub enum OnConflict {
    /// Leave it as it is.
    Keep,
    /// Take the new keys; the higher sequence number stays.
    Replace,
}

/// What came of adding subscribers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Added {
    /// So many were new.
    pub new: u64,
    /// So many were there already.
    pub known: u64,
}

static SQLITE: Migrator = sqlx::migrate!("./migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("./migrations/postgres");

impl SqlDirectory {
    /// Opens the database and brings its tables up to date.
    ///
    /// # Errors
    /// [`SqlError`].
    pub async fn open(url: &DatabaseUrl, sealer: Sealer) -> Result<Self, SqlError> {
        let pool = url.open(CONNECTIONS).await?;
        match url.dialect() {
            Dialect::Sqlite => SQLITE.run(&pool).await?,
            Dialect::Postgres => POSTGRES.run(&pool).await?,
        }
        let xor = XorForTests::Refused;
        Ok(Self { pool, sealer, xor })
    }

    /// The same, and says whether test subscribers with the XOR algorithm are taken.
    #[must_use]
    pub fn with_xor(self, xor: XorForTests) -> Self {
        Self { xor, ..self }
    }

    /// Adds subscribers, all of them or, after an error, none.
    ///
    /// # Errors
    /// [`SqlError`].
    pub async fn add(
        &self,
        subscribers: impl Iterator<Item = &Subscriber>,
        conflict: OnConflict,
    ) -> Result<Added, SqlError> {
        let mut transaction = self.pool.begin().await?;
        // SQLite lets a transaction that has begun with reading write only if nobody else has written since
        sqlx::query("DELETE FROM subscriber WHERE imsi = ''")
            .execute(&mut *transaction)
            .await?;
        let count = "SELECT COUNT(*) FROM subscriber";
        let before: i64 = sqlx::query_scalar(count)
            .fetch_one(&mut *transaction)
            .await?;
        let mut subscribers = subscribers.peekable();
        let mut given = 0;
        while subscribers.peek().is_some() {
            let rows: Vec<_> = subscribers.by_ref().take(ROWS).collect();
            given += rows.len();
            let statement = AssertSqlSafe(insert(rows.len(), conflict));
            let mut query = sqlx::query(statement);
            for subscriber in rows {
                query = self.sealed(subscriber)?.bind(query);
            }
            query.execute(&mut *transaction).await?;
        }
        let after: i64 = sqlx::query_scalar(count)
            .fetch_one(&mut *transaction)
            .await?;
        transaction.commit().await?;
        let new = u64::try_from(after - before).unwrap_or_default();
        let given = u64::try_from(given).unwrap_or_default();
        Ok(Added {
            new,
            known: given.saturating_sub(new),
        })
    }

    /// Takes a subscriber out; `false` when it was not there.
    ///
    /// # Errors
    /// [`SqlError`].
    pub async fn remove(&self, imsi: &Imsi) -> Result<bool, SqlError> {
        let removed = sqlx::query("DELETE FROM subscriber WHERE imsi = $1")
            .bind(imsi.as_str())
            .execute(&self.pool)
            .await?;
        Ok(removed.rows_affected() > 0)
    }

    /// Up to `limit` subscribers whose IMSI comes after `after`, in order of their IMSI.
    ///
    /// # Errors
    /// [`SqlError`].
    pub async fn list(&self, after: &str, limit: u32) -> Result<Vec<Subscriber>, SqlError> {
        let statement = select("WHERE imsi > $1 ORDER BY imsi LIMIT $2");
        let rows = sqlx::query(AssertSqlSafe(statement))
            .bind(after)
            .bind(i64::from(limit))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| self.subscriber(row)).collect()
    }

    /// Gives the database's connections back.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    fn sealed<'a>(&self, subscriber: &'a Subscriber) -> Result<Sealed<'a>, SqlError> {
        let xor = subscriber.keys.algorithm() == AlgorithmName::Xor;
        if xor && self.xor == XorForTests::Refused {
            return Err(SqlError::XorForTests);
        }
        Ok(Sealed::new(&self.sealer, subscriber)?)
    }

    fn subscriber(&self, row: &AnyRow) -> Result<Subscriber, SqlError> {
        let (sealer, xor) = (&self.sealer, self.xor);
        Stored { row, sealer, xor }.subscriber()
    }

    async fn row(&self, imsi: &Imsi) -> Result<Option<Subscriber>, SqlError> {
        let row = sqlx::query(AssertSqlSafe(select("WHERE imsi = $1")))
            .bind(imsi.as_str())
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| self.subscriber(&row)).transpose()
    }

    async fn swap(&self, imsi: &Imsi, expected: Sqn, new: Sqn) -> Result<Swap, SqlError> {
        let swapped = sqlx::query("UPDATE subscriber SET sqn = $1 WHERE imsi = $2 AND sqn = $3")
            .bind(new.get().cast_signed())
            .bind(imsi.as_str())
            .bind(expected.get().cast_signed())
            .execute(&self.pool)
            .await?;
        if swapped.rows_affected() == 1 {
            return Ok(Swap::Done);
        }
        let stored = sqlx::query("SELECT sqn FROM subscriber WHERE imsi = $1")
            .bind(imsi.as_str())
            .fetch_optional(&self.pool)
            .await?
            .ok_or(SqlError::UnknownSubscriber)?;
        let sqn = u64::try_from(stored.try_get::<i64, _>("sqn")?).ok();
        let sqn = sqn.and_then(|sqn| Sqn::new(sqn).ok());
        Ok(Swap::Lost(sqn.ok_or(SqlError::Damaged("sqn"))?))
    }
}

impl Directory for SqlDirectory {
    async fn find(&self, imsi: &Imsi) -> Result<Option<Subscriber>, DirectoryError> {
        self.row(imsi).await.map_err(DirectoryError::new)
    }

    async fn knows(&self, imsi: &Imsi) -> Result<bool, DirectoryError> {
        let counted = sqlx::query_scalar("SELECT COUNT(*) FROM subscriber WHERE imsi = $1");
        let counted = counted.bind(imsi.as_str()).fetch_one(&self.pool).await;
        let counted: i64 = counted.map_err(DirectoryError::new)?;
        Ok(counted == 1)
    }

    async fn compare_and_set(
        &self,
        imsi: &Imsi,
        expected: Sqn,
        new: Sqn,
    ) -> Result<Swap, DirectoryError> {
        let swap = self.swap(imsi, expected, new).await;
        swap.map_err(DirectoryError::new)
    }
}

fn select(which: &str) -> String {
    format!("SELECT {} FROM subscriber {which}", COLUMNS.join(", "))
}

/// One statement for so many rows.
fn insert(rows: usize, conflict: OnConflict) -> String {
    let width = COLUMNS.len();
    let row = |first: usize| {
        let places: Vec<_> = (first..first + width).map(|n| format!("${n}")).collect();
        format!("({})", places.join(", "))
    };
    let values: Vec<_> = (0..rows).map(|index| row(index * width + 1)).collect();
    let resolution = match conflict {
        OnConflict::Keep => "DO NOTHING",
        OnConflict::Replace => REPLACE,
    };
    format!(
        "INSERT INTO subscriber ({}) VALUES {} ON CONFLICT (imsi) {resolution}",
        COLUMNS.join(", "),
        values.join(", ")
    )
}

const REPLACE: &str = "DO UPDATE SET k = excluded.k, opc = excluded.opc, amf = excluded.amf, \
     res_length = excluded.res_length, algorithm = excluded.algorithm, \
     iterations = excluded.iterations, constants = excluded.constants, \
     sqn = CASE WHEN excluded.sqn > subscriber.sqn THEN excluded.sqn ELSE subscriber.sqn END";

/// SQLite takes 32 766 placeholders a statement; past some hundred rows nothing is gained.
const ROWS: usize = 500;
const CONNECTIONS: u32 = 8;
