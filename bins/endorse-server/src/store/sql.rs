//! A store in SQLite or PostgreSQL, shared by as many instances as there are, its secrets sealed.

use endorse::UnixTime;
use server_kit::seal::{SealError, Sealer};
use server_kit::sql::{DatabaseUrl, Dialect, Durability, OpenError};
use sqlx::AnyPool;
use sqlx::migrate::{MigrateError, Migrator};
use zeroize::Zeroizing;

use super::{Secret, Store, StoreError, Task};

mod challenges;
mod keys;
mod revocations;

/// Keeps everything in a database.
///
/// Every change is one conditional statement. What lives for a minute is written without waiting
/// for the disk; keys, revocations and used names are on it before anybody hears of them.
#[derive(Debug)]
pub struct SqlStore {
    /// For what lives for a minute.
    passing: AnyPool,
    /// For what lasts.
    lasting: AnyPool,
    sealer: Sealer,
}

/// Why the database failed.
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
    /// Something could not be sealed or opened.
    #[error("a secret in the database")]
    Seal(#[from] SealError),
    /// A row holds what no server has written.
    #[error("column {0} is damaged")]
    Damaged(&'static str),
    /// Others were faster every time.
    #[error("others were faster every time")]
    Contended,
}

impl From<SqlError> for StoreError {
    fn from(error: SqlError) -> Self {
        Self::new(error)
    }
}

impl SqlStore {
    /// Opens the database and brings its tables up to date.
    ///
    /// # Errors
    /// [`SqlError`]
    pub async fn open(url: &DatabaseUrl, sealer: Sealer) -> Result<Self, SqlError> {
        let lasting = url.open(LASTING).await?;
        migrator(url.dialect()).run(&lasting).await?;
        let passing = if url.is_memory() {
            lasting.clone()
        } else {
            url.open_with(connections(url.dialect()), Durability::Relaxed)
                .await?
        };
        Ok(Self {
            passing,
            lasting,
            sealer,
        })
    }

    /// Gives the database's connections back.
    pub async fn close(&self) {
        self.passing.close().await;
        self.lasting.close().await;
    }

    fn seal(&self, place: &str, secret: &[u8]) -> Result<Vec<u8>, SealError> {
        self.sealer.seal(place, secret)
    }

    fn unseal(&self, place: &str, sealed: &[u8]) -> Result<Secret, SealError> {
        self.sealer.open(place, sealed)
    }

    async fn sweep(&self, now: UnixTime) -> Result<(), SqlError> {
        for statement in [
            "DELETE FROM under_way WHERE until <= $1",
            "DELETE FROM asked WHERE COALESCE(open_until, 0) <= $1 AND since <= $1 - 60",
            "DELETE FROM asked WHERE since >= $1 + 60",
        ] {
            let swept = sqlx::query(statement).bind(seconds(now));
            swept.execute(&self.passing).await?;
        }
        for statement in [
            "DELETE FROM used WHERE until <= $1",
            "DELETE FROM revoked WHERE until <= $1",
            "DELETE FROM signing_key WHERE until < $1 - 86400",
        ] {
            let swept = sqlx::query(statement).bind(seconds(now));
            swept.execute(&self.lasting).await?;
        }
        Ok(())
    }
}

impl Store for SqlStore {
    fn sweep(&self, now: UnixTime) -> Task<'_, ()> {
        Box::pin(async move { Ok(self.sweep(now).await?) })
    }

    fn probe(&self) -> Task<'_, ()> {
        Box::pin(async move {
            let probed = sqlx::query("SELECT 1").execute(&self.lasting).await;
            probed.map(|_| ()).map_err(StoreError::new)
        })
    }
}

/// The tables of a database that may hold others' too, such as the subscribers.
fn migrator(dialect: Dialect) -> Migrator {
    let mut migrator = match dialect {
        Dialect::Sqlite => sqlx::migrate!("./migrations/sqlite"),
        Dialect::Postgres => sqlx::migrate!("./migrations/postgres"),
    };
    migrator.dangerous_set_table_name("endorse_migrations");
    migrator
}

/// SQLite has one writer: a second would only wait for the first.
const fn connections(dialect: Dialect) -> u32 {
    match dialect {
        Dialect::Sqlite => 1,
        Dialect::Postgres => 8,
    }
}

const LASTING: u32 = 2;

fn seconds(time: UnixTime) -> i64 {
    i64::try_from(time.seconds()).unwrap_or(i64::MAX)
}

fn time(seconds: i64) -> UnixTime {
    UnixTime::from_seconds(u64::try_from(seconds).unwrap_or_default())
}

fn text(secret: &Secret) -> Result<Zeroizing<String>, SqlError> {
    match std::str::from_utf8(secret) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => Err(SqlError::Damaged("pem")),
    }
}
