//! Connections, and how a list of changes is made on one of them.

use std::path::PathBuf;
use std::time::Duration;
use std::{fs, io};

use sqlx::any::{AnyPoolOptions, install_default_drivers};
use sqlx::migrate::MigrateError;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AnyConnection, AnyPool, Connection as _, Executor as _};

use super::statement::{Require, Statement};
use super::unavailable;
use crate::Instant;
use crate::store::{Change, Commit, StoreError};

/// Which database speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each statement is tested on both")]
pub enum Dialect {
    /// SQLite: one file, one writer.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Dialect {
    pub(super) fn of(url: &str) -> Result<Self, SqlOpenError> {
        match url.split_once(':') {
            Some(("sqlite", rest)) if !rest.is_empty() => Ok(Self::Sqlite),
            Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => Ok(Self::Postgres),
            _ => Err(SqlOpenError::Url),
        }
    }
}

/// Why a database is not opened. It does not repeat the URL, which may hold a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SqlOpenError {
    /// The text names no database.
    #[error("a database is sqlite:PATH or postgres://USER@HOST/NAME")]
    Url,
    /// The SQLite file cannot be made.
    #[error("cannot make {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// PostgreSQL does not answer, or does not let us in.
    #[error("cannot connect to PostgreSQL at {place}")]
    Unreachable {
        /// Host, port and name, without user and password.
        place: String,
        /// What came of it.
        #[source]
        source: sqlx::Error,
    },
    /// The database refuses.
    #[error("the database refuses")]
    Database(#[from] sqlx::Error),
    /// Its table cannot be brought up to date.
    #[error("cannot bring the database up to date")]
    Migrate(#[from] MigrateError),
}

/// Where changes go, and where reads go.
pub(super) struct Pools {
    pub(super) writer: AnyPool,
    pub(super) readers: AnyPool,
}

/// SQLite has one connection that writes, and a few that read beside it.
pub(super) async fn open(url: &str, dialect: Dialect) -> Result<Pools, SqlOpenError> {
    install_default_drivers();
    let path = path(url);
    if dialect == Dialect::Postgres {
        reach(&server(url)?).await?;
    }
    if dialect == Dialect::Postgres || path.is_none() {
        let connections = if dialect == Dialect::Postgres {
            POSTGRES_CONNECTIONS
        } else {
            1
        };
        let pool = pool(dialect, connections).connect(url).await?;
        let writer = pool.clone();
        return Ok(Pools {
            writer,
            readers: pool,
        });
    }
    path.map_or(Ok(()), make_file)?;
    let writer = pool(dialect, 1).connect(url).await?;
    let readers = pool(dialect, SQLITE_READERS).connect(url).await?;
    Ok(Pools { writer, readers })
}

fn pool(dialect: Dialect, connections: u32) -> AnyPoolOptions {
    let options = AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(10));
    if dialect == Dialect::Postgres {
        return options;
    }
    options
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(move |connection, _meta| {
            Box::pin(async move { connection.execute(SQLITE_SETTINGS).await.map(drop) })
        })
}

/// Tries one connection: a pool asks again and again, and in the end cannot say why.
async fn reach(server: &PgConnectOptions) -> Result<(), SqlOpenError> {
    let connecting = PgConnection::connect_with(server);
    let late = |_elapsed| Err(io::Error::from(io::ErrorKind::TimedOut).into());
    let connected = tokio::time::timeout(PATIENCE, connecting).await;
    match connected.unwrap_or_else(late) {
        Ok(connection) => Ok(connection.close().await?),
        Err(source) => Err(SqlOpenError::Unreachable {
            place: postgres(server),
            source,
        }),
    }
}

pub(super) fn server(url: &str) -> Result<PgConnectOptions, SqlOpenError> {
    url.parse().or(Err(SqlOpenError::Url))
}

/// What `url` names, without user and password.
pub(super) fn place(url: &str) -> Result<String, SqlOpenError> {
    Ok(match (Dialect::of(url)?, path(url)) {
        (Dialect::Postgres, _) => format!("PostgreSQL at {}", postgres(&server(url)?)),
        (Dialect::Sqlite, Some(path)) => format!("SQLite in {}", path.display()),
        (Dialect::Sqlite, None) => "SQLite in memory".to_owned(),
    })
}

fn postgres(server: &PgConnectOptions) -> String {
    let name = server.get_database().unwrap_or_default();
    match server.get_socket() {
        Some(socket) => format!("{}/{name}", socket.display()),
        None => format!("{}:{}/{name}", server.get_host(), server.get_port()),
    }
}

/// The file of an SQLite database; none of one in memory.
fn path(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    (path != ":memory:").then(|| path.into())
}

fn make_file(path: PathBuf) -> Result<(), SqlOpenError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(&path) {
        Ok(_file) => Ok(()),
        Err(source) => Err(SqlOpenError::File { path, source }),
    }
}

/// Makes all changes or none, on PostgreSQL.
pub(super) async fn commit(
    pool: &AnyPool,
    changes: Vec<Change>,
    now: Instant,
) -> Result<Commit, StoreError> {
    let mut attempts = 0;
    loop {
        match attempt(pool, &changes, now).await {
            Err(StoreError::Unavailable(error))
                if attempts < MOST_ATTEMPTS && is_conflict(&*error) =>
            {
                attempts += 1;
            }
            done => return done,
        }
    }
}

async fn attempt(pool: &AnyPool, changes: &[Change], now: Instant) -> Result<Commit, StoreError> {
    if let [change] = changes {
        let mut connection = pool.acquire().await.map_err(unavailable)?;
        return make_each(
            &mut connection,
            std::slice::from_ref(change),
            now,
            Require::Lock,
        )
        .await;
    }
    let mut transaction = pool.begin().await.map_err(unavailable)?;
    let commit = make_each(&mut transaction, changes, now, Require::Lock).await?;
    match commit {
        Commit::Done(_) => transaction.commit().await.map_err(unavailable)?,
        Commit::Refused { .. } => transaction.rollback().await.map_err(unavailable)?,
    }
    Ok(commit)
}

/// Makes changes in their order, until one finds no row.
pub(super) async fn make_each(
    connection: &mut AnyConnection,
    changes: &[Change],
    now: Instant,
    require: Require,
) -> Result<Commit, StoreError> {
    let mut done = Vec::with_capacity(changes.len());
    for (at, change) in changes.iter().enumerate() {
        let mut rows = Statement::change(change, now, require)
            .rows(connection)
            .await?;
        if matches!(change, Change::DeleteOwned(..)) {
            continue;
        }
        match rows.pop() {
            Some(row) => done.push(row),
            None => return Ok(Commit::Refused { at }),
        }
    }
    Ok(Commit::Done(done))
}

/// Two transactions wait for each other, and the database has ended this one.
fn is_conflict(error: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    let error = error.downcast_ref::<sqlx::Error>();
    let code = error.and_then(sqlx::Error::as_database_error);
    let code = code.and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| ["40P01", "40001"].contains(&&*code))
}

/// How often a transaction is begun that others keep ending.
const MOST_ATTEMPTS: u32 = 32;
/// How long the first connection may take.
const PATIENCE: Duration = Duration::from_secs(5);
const POSTGRES_CONNECTIONS: u32 = 16;
const SQLITE_READERS: u32 = 4;

/// Every commit reaches the disk before it is answered.
const SQLITE_SETTINGS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
    PRAGMA busy_timeout = 5000; PRAGMA secure_delete = ON;";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_tells_neither_user_nor_password() {
        for (url, expected) in [
            (
                "postgres://kim:hush@db.example:5433/passkey?sslmode=disable",
                "PostgreSQL at db.example:5433/passkey",
            ),
            (
                "postgres:///passkey?host=/run/pg&user=kim&password=hush",
                "PostgreSQL at /run/pg/passkey",
            ),
            ("sqlite:/var/lib/p.db?mode=rwc", "SQLite in /var/lib/p.db"),
            ("sqlite::memory:", "SQLite in memory"),
        ] {
            assert_eq!(place(url).unwrap(), expected);
        }
    }

    #[tokio::test]
    async fn a_database_that_nobody_serves_is_named_at_once_with_the_reason() {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = closed.local_addr().unwrap();
        drop(closed);
        let url = format!("postgres://kim:hush@{address}/passkey");
        let error = open(&url, Dialect::Postgres).await.err().unwrap();
        assert_eq!(
            error.to_string(),
            format!("cannot connect to PostgreSQL at {address}/passkey")
        );
        let SqlOpenError::Unreachable { source, .. } = error else {
            panic!("{error}")
        };
        let refused = matches!(&source, sqlx::Error::Io(reason)
            if reason.kind() == io::ErrorKind::ConnectionRefused);
        assert!(refused, "{source}");
    }
}
