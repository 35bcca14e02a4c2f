//! The one writer of an SQLite file: what comes at once shares a transaction.

use sqlx::{AnyConnection, AnyPool, Executor as _};
use tokio::sync::{mpsc, oneshot};

use super::connection::make_each;
use super::statement::{Require, Statement};
use super::{tell, unavailable};
use crate::Instant;
use crate::store::{Change, Commit, StoreError, Watches};

/// Hands changes to the writer, which ends when this is dropped.
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
}

enum Job {
    Commit(Vec<Change>, Instant, Reply<Commit>),
    Sweep(Statement, Reply<usize>),
}

type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

impl Writer {
    pub(super) fn start(pool: AnyPool, watches: &Watches) -> Self {
        let (jobs, queue) = mpsc::channel(QUEUE);
        tokio::spawn(write(pool, watches.clone(), queue));
        Self { jobs }
    }

    pub(super) async fn commit(
        &self,
        changes: Vec<Change>,
        now: Instant,
    ) -> Result<Commit, StoreError> {
        self.ask(|reply| Job::Commit(changes, now, reply)).await
    }

    pub(super) async fn sweep(&self, statement: Statement) -> Result<usize, StoreError> {
        self.ask(|reply| Job::Sweep(statement, reply)).await
    }

    async fn ask<T>(&self, job: impl FnOnce(Reply<T>) -> Job) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.jobs.send(job(reply)).await.or(Err(gone()))?;
        answer.await.or(Err(gone()))?
    }
}

async fn write(pool: AnyPool, watches: Watches, mut queue: mpsc::Receiver<Job>) {
    let mut jobs = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut jobs, BATCH).await > 0 {
        // When that fails it is unknown what came of it, and whoever asked learns so: their replies
        // are gone.
        let Ok(answers) = together(&pool, std::mem::take(&mut jobs)).await else {
            continue;
        };
        for answer in answers {
            answer.give(&watches);
        }
    }
}

/// Does all jobs in one transaction. An answer is given when that has reached the disk.
async fn together(pool: &AnyPool, jobs: Vec<Job>) -> Result<Vec<Answered>, StoreError> {
    let mut connection = pool.acquire().await.map_err(unavailable)?;
    let done = within(&mut connection, jobs).await;
    if done.is_err() {
        // Closing it rolls back what is left of the transaction.
        drop(connection.close().await);
    }
    done
}

async fn within(
    connection: &mut AnyConnection,
    jobs: Vec<Job>,
) -> Result<Vec<Answered>, StoreError> {
    run(connection, "BEGIN IMMEDIATE").await?;
    let mut answers = Vec::with_capacity(jobs.len());
    for job in jobs {
        answers.push(match job {
            Job::Commit(changes, now, reply) => {
                Answered::Commit(make(connection, &changes, now).await?, reply)
            }
            Job::Sweep(statement, reply) => {
                Answered::Sweep(statement.rows(connection).await?.len(), reply)
            }
        });
    }
    run(connection, "COMMIT").await?;
    Ok(answers)
}

/// One list of changes, all or none of it. A single change that is refused has done nothing.
async fn make(
    connection: &mut AnyConnection,
    changes: &[Change],
    now: Instant,
) -> Result<Commit, StoreError> {
    if changes.len() == 1 {
        return make_each(connection, changes, now, Require::Nothing).await;
    }
    run(connection, "SAVEPOINT list").await?;
    let commit = make_each(connection, changes, now, Require::Nothing).await?;
    if matches!(commit, Commit::Refused { .. }) {
        run(connection, "ROLLBACK TO list").await?;
    }
    run(connection, "RELEASE list").await?;
    Ok(commit)
}

async fn run(connection: &mut AnyConnection, statement: &'static str) -> Result<(), StoreError> {
    connection
        .execute(statement)
        .await
        .map(drop)
        .map_err(unavailable)
}

enum Answered {
    Commit(Commit, Reply<Commit>),
    Sweep(usize, Reply<usize>),
}

impl Answered {
    fn give(self, watches: &Watches) {
        // Who has stopped waiting is not told.
        match self {
            Self::Commit(commit, reply) => {
                tell(watches, &commit);
                drop(reply.send(Ok(commit)));
            }
            Self::Sweep(count, reply) => drop(reply.send(Ok(count))),
        }
    }
}

fn gone() -> StoreError {
    unavailable("the database has failed, or its runtime has ended")
}

/// How many wait to be written.
const QUEUE: usize = 1024;
/// How many share a transaction.
const BATCH: usize = 128;
