//! What this instance has changed, for the others on the same PostgreSQL.

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use tokio::sync::mpsc;

use super::listener::CHANNEL;
use crate::store::{Commit, Row};

/// Tells the others after a commit, many changes in one statement, until it is dropped.
///
/// Within the commit they would cost more: transactions that notify are committed one after the
/// other, each with its own wait for the disk. A notice that is lost between the two is not told
/// again; who waits looks by themselves now and then.
pub(super) struct Teller {
    notices: mpsc::Sender<String>,
}

impl Teller {
    pub(super) fn start(options: PgConnectOptions) -> Self {
        let (notices, queue) = mpsc::channel(QUEUE);
        // nothing of it has to stand on the disk
        let options = options.options([("synchronous_commit", "off")]);
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .connect_lazy_with(options);
        tokio::spawn(tell_others(pool, queue));
        Self { notices }
    }

    /// Tells of the rows that were there before. Nobody waits for one that is new.
    pub(super) fn tell(&self, commit: &Commit) {
        let Commit::Done(rows) = commit else {
            return;
        };
        for row in rows.iter().filter(|row| row.version > 1) {
            // where the database is slower than this it has more to do than to tell
            drop(self.notices.try_send(notice(row)));
        }
    }
}

/// What [`super::listener`] reads.
fn notice(row: &Row) -> String {
    format!("{} {}", row.kind, row.id)
}

async fn tell_others(pool: PgPool, mut queue: mpsc::Receiver<String>) {
    let mut notices = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut notices, BATCH).await > 0 {
        let told = sqlx::query(TELL).bind(CHANNEL).bind(&notices);
        // a connection that was lost is made again the next time
        drop(told.execute(&pool).await);
        notices.clear();
    }
}

const TELL: &str = "SELECT pg_notify($1, notice) FROM unnest($2) AS notice";
/// How many changes wait to be told.
const QUEUE: usize = 4096;
/// How many are told at once.
const BATCH: usize = 256;
