//! A database by URL: SQLite in a file for one instance, PostgreSQL for several.
//!
//! Statements are written once, with `$1` as the placeholder: both understand it.

use std::{
    fmt, fs, io, os::unix::fs::OpenOptionsExt as _, path::PathBuf, str::FromStr, time::Duration,
};

use sqlx::{
    AnyConnection, AnyPool, Connection as _, Executor as _,
    any::{AnyPoolOptions, install_default_drivers},
};
use tokio::time::timeout;

/// Which database speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "every statement is tested on both")]
pub enum Dialect {
    /// SQLite: one file, one writer.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// What a commit waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "it waits for the disk, or not")]
pub enum Durability {
    /// For the disk: nothing that was committed is lost with the power.
    Full,
    /// For nothing: the last moments may be lost with the power, but not with the process.
    Relaxed,
}

/// Where a database is: `sqlite:PATH`, `sqlite::memory:` or `postgres://...`.
///
/// `Debug` and `Display` leave out the password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    text: String,
    dialect: Dialect,
}

/// A text is no database URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a database is sqlite:PATH or postgres://USER@HOST/NAME")]
#[non_exhaustive]
pub struct InvalidDatabaseUrl;

/// Why a database is not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
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
    #[error("cannot connect to {url}")]
    Unreachable {
        /// The database.
        url: DatabaseUrl,
        /// What came of it.
        #[source]
        source: sqlx::Error,
    },
    /// The database refuses.
    #[error("the database refuses")]
    Database(#[from] sqlx::Error),
}

impl DatabaseUrl {
    /// Which database it names.
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Opens a pool of up to `connections` connections. An SQLite file is made with mode 0600,
    /// written ahead and synchronised at every commit; in memory, one connection serves all.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(&self, connections: u32) -> Result<AnyPool, OpenError> {
        self.open_with(connections, Durability::Full).await
    }

    /// The same, with commits that wait for as much as `durability` says.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open_with(
        &self,
        connections: u32,
        durability: Durability,
    ) -> Result<AnyPool, OpenError> {
        install_default_drivers();
        self.reach().await?;
        self.make_file()?;
        let connections = if self.is_memory() { 1 } else { connections };
        let settings = settings(self.dialect, durability);
        let options = AnyPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(Duration::from_secs(5))
            .idle_timeout((!self.is_memory()).then_some(Duration::from_mins(10)))
            .max_lifetime((!self.is_memory()).then_some(Duration::from_hours(1)))
            .after_connect(move |connection, _meta| {
                Box::pin(async move {
                    if !settings.is_empty() {
                        connection.execute(settings).await?;
                    }
                    Ok(())
                })
            });
        Ok(options.connect(&self.text).await?)
    }

    /// Tries one connection: a pool asks again and again, and in the end cannot say why.
    async fn reach(&self) -> Result<(), OpenError> {
        if self.dialect == Dialect::Sqlite {
            return Ok(());
        }
        let connected = timeout(PATIENCE, AnyConnection::connect(&self.text)).await;
        let late = |_elapsed| Err(io::Error::from(io::ErrorKind::TimedOut).into());
        match connected.unwrap_or_else(late) {
            Ok(connection) => Ok(connection.close().await?),
            Err(source) => Err(OpenError::Unreachable {
                url: self.clone(),
                source,
            }),
        }
    }

    /// Whether it is an SQLite database in memory, to which one connection leads.
    pub fn is_memory(&self) -> bool {
        self.dialect == Dialect::Sqlite && self.path().is_none()
    }

    /// The file of an SQLite database.
    fn path(&self) -> Option<PathBuf> {
        let path = self.text.strip_prefix("sqlite:")?;
        let path = path.strip_prefix("//").unwrap_or(path);
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        (path != ":memory:").then(|| path.into())
    }

    fn make_file(&self) -> Result<(), OpenError> {
        let Some(path) = self.path() else {
            return Ok(());
        };
        let mut options = fs::OpenOptions::new();
        let made = options
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path);
        match made {
            Ok(_file) => Ok(()),
            Err(source) => Err(OpenError::File { path, source }),
        }
    }
}

impl FromStr for DatabaseUrl {
    type Err = InvalidDatabaseUrl;

    fn from_str(text: &str) -> Result<Self, InvalidDatabaseUrl> {
        let dialect = match text.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => Dialect::Sqlite,
            Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => Dialect::Postgres,
            _ => return Err(InvalidDatabaseUrl),
        };
        let text = text.to_owned();
        Ok(Self { text, dialect })
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((scheme, rest)) = self.text.split_once("://") else {
            return f.write_str(&self.text);
        };
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = authority
            .rsplit_once('@')
            .map_or(authority, |(_, host)| host);
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        write!(f, "{scheme}://{host}/{path}")
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

/// How long the first connection may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What every connection begins with; in SQLite, a writer waits for the other.
const fn settings(dialect: Dialect, durability: Durability) -> &'static str {
    match (dialect, durability) {
        (Dialect::Sqlite, Durability::Full) => {
            "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
             PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;"
        }
        (Dialect::Sqlite, Durability::Relaxed) => {
            "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; \
             PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;"
        }
        (Dialect::Postgres, Durability::Full) => "",
        (Dialect::Postgres, Durability::Relaxed) => "SET synchronous_commit = off",
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use sqlx::Row as _;

    use super::*;

    fn url(text: &str) -> Result<Dialect, InvalidDatabaseUrl> {
        text.parse().map(|url: DatabaseUrl| url.dialect())
    }

    #[test]
    fn both_databases_are_known_by_their_scheme() {
        assert_eq!(url("sqlite:auc.db"), Ok(Dialect::Sqlite));
        assert_eq!(url("sqlite::memory:"), Ok(Dialect::Sqlite));
        assert_eq!(url("postgres://a:b@h/n"), Ok(Dialect::Postgres));
        assert_eq!(url("postgresql:///n"), Ok(Dialect::Postgres));
        for wrong in ["", "auc.db", "mysql://h/n", "sqlite:", "postgres:n"] {
            assert_eq!(url(wrong), Err(InvalidDatabaseUrl), "{wrong}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let url: DatabaseUrl = "postgres://auc:secret@db:5432/auc?password=secret"
            .parse()
            .unwrap();
        assert_eq!(format!("{url:?}"), "DatabaseUrl(postgres://db:5432/auc)");
    }

    #[tokio::test]
    async fn an_sqlite_file_is_private_and_written_ahead() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let url: DatabaseUrl = format!("sqlite:{}", path.display()).parse().unwrap();
        let pool = url.open(2).await.unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let row = sqlx::query("PRAGMA journal_mode")
            .fetch_one(&pool)
            .await
            .unwrap();
        assert_eq!(row.get::<String, _>(0), "wal");
        let row = sqlx::query("PRAGMA synchronous")
            .fetch_one(&pool)
            .await
            .unwrap();
        assert_eq!(row.get::<i64, _>(0), 2);
    }

    #[tokio::test]
    async fn a_relaxed_connection_does_not_wait_for_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("a.db").display());
        let url: DatabaseUrl = url.parse().unwrap();
        let pool = url.open_with(1, Durability::Relaxed).await.unwrap();
        let synchronous = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&pool);
        let synchronous: i64 = synchronous.await.unwrap();
        assert_eq!(synchronous, 1);
    }

    #[tokio::test]
    async fn a_postgresql_that_nobody_serves_is_named_without_its_password() {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = closed.local_addr().unwrap();
        drop(closed);
        let url: DatabaseUrl = format!("postgres://auc:secret@{address}/auc")
            .parse()
            .unwrap();
        let error = url.open(1).await.unwrap_err();
        let expected = format!("cannot connect to postgres://{address}/auc");
        assert_eq!(error.to_string(), expected);
    }

    #[tokio::test]
    async fn a_file_in_no_folder_is_an_error() {
        let url: DatabaseUrl = "sqlite:/nonexistent/a.db".parse().unwrap();
        assert!(matches!(url.open(1).await, Err(OpenError::File { .. })));
    }
}
