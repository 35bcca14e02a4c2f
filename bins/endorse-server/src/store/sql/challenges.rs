//! Budgets, open challenges, and what is under way.

use aka::Rand;
use endorse::UnixTime;
use sqlx::any::AnyRow;
use sqlx::{AnyPool, Row as _};

use super::{SqlError, SqlStore, seconds, time};
use crate::store::record::Record;
use crate::store::{Asked, Budget, Challenges, Secret, Task, Whom};

impl Challenges for SqlStore {
    fn ask<'a>(&'a self, whom: &'a Whom, budget: Budget, now: UnixTime) -> Task<'a, Asked> {
        Box::pin(async move {
            for _ in 0..ATTEMPTS {
                if let Some(asked) = self.try_ask(whom, budget, now).await? {
                    return Ok(asked);
                }
            }
            Err(SqlError::Contended.into())
        })
    }

    fn offer<'a>(
        &'a self,
        whom: &'a Whom,
        vector: Secret,
        until: UnixTime,
        now: UnixTime,
    ) -> Task<'a, Secret> {
        Box::pin(async move {
            for _ in 0..ATTEMPTS {
                if let Some(counts) = self.try_offer(whom, &vector, until, now).await? {
                    return Ok(counts);
                }
            }
            Err(SqlError::Contended.into())
        })
    }

    fn close<'a>(&'a self, whom: &'a Whom) -> Task<'a, ()> {
        Box::pin(async move { Ok(self.close_challenge(whom).await?) })
    }

    fn keep<'a>(&'a self, name: &'a str, what: Secret, until: UnixTime) -> Task<'a, ()> {
        Box::pin(async move { Ok(self.put(name, &what, until).await?) })
    }

    fn find<'a>(&'a self, name: &'a str, now: UnixTime) -> Task<'a, Option<Secret>> {
        let statement = "SELECT what FROM under_way WHERE name = $1 AND until > $2";
        Box::pin(async move { Ok(self.get(statement, name, now).await?) })
    }

    fn take<'a>(&'a self, name: &'a str, now: UnixTime) -> Task<'a, Option<Secret>> {
        let statement = "DELETE FROM under_way WHERE name = $1 AND until > $2 RETURNING what";
        Box::pin(async move { Ok(self.get(statement, name, now).await?) })
    }

    fn answer_once<'a>(&'a self, rand: &'a Rand, until: UnixTime, now: UnixTime) -> Task<'a, bool> {
        let note = concat!(
            "INSERT INTO under_way (name, what, until) VALUES ($1, '', $2) ON CONFLICT (name) ",
            "DO UPDATE SET until = excluded.until WHERE under_way.until <= $3"
        );
        Box::pin(async move {
            let name = format!("answered {:x}", rand.hex());
            Ok(first(&self.passing, note, &name, (until, now)).await?)
        })
    }

    fn use_once<'a>(&'a self, name: &'a str, until: UnixTime, now: UnixTime) -> Task<'a, bool> {
        let note = concat!(
            "INSERT INTO used (name, until) VALUES ($1, $2) ON CONFLICT (name) ",
            "DO UPDATE SET until = excluded.until WHERE used.until <= $3"
        );
        Box::pin(async move { Ok(first(&self.lasting, note, name, (until, now)).await?) })
    }
}

impl SqlStore {
    /// Nothing when somebody else has changed the record meanwhile.
    async fn try_ask(
        &self,
        whom: &Whom,
        budget: Budget,
        now: UnixTime,
    ) -> Result<Option<Asked>, SqlError> {
        let (mut record, revision) = self.record(whom, now).await?;
        let asked = record.ask(budget, now);
        if matches!(asked, Asked::Soon | Asked::TooOften) {
            return Ok(Some(asked));
        }
        let is_stored = self.count(whom, &record, revision).await?;
        Ok(is_stored.then_some(asked))
    }

    async fn try_offer(
        &self,
        whom: &Whom,
        vector: &Secret,
        until: UnixTime,
        now: UnixTime,
    ) -> Result<Option<Secret>, SqlError> {
        let (mut record, revision) = self.record(whom, now).await?;
        let counts = record.offer(vector.clone(), until, now);
        if *counts != **vector {
            return Ok(Some(counts));
        }
        let is_stored = self.open_challenge(whom, vector, until, revision).await?;
        Ok(is_stored.then_some(counts))
    }

    /// What a SIM was asked lately, and the revision of that; none where nothing is known.
    async fn record(&self, whom: &Whom, now: UnixTime) -> Result<(Record, Option<i64>), SqlError> {
        let row = sqlx::query(concat!(
            "SELECT since, vectors, challenges, vector, open_until, making_until, revision ",
            "FROM asked WHERE imsi = $1 AND purpose = $2"
        ))
        .bind(whom.imsi.as_str())
        .bind(whom.purpose.name())
        .fetch_optional(&self.passing)
        .await?;
        match row {
            None => Ok((Record::new(now), None)),
            Some(row) => Ok((self.read(whom, &row)?, Some(row.try_get("revision")?))),
        }
    }

    fn read(&self, whom: &Whom, row: &AnyRow) -> Result<Record, SqlError> {
        let count = |column| -> Result<u32, SqlError> {
            let count = u32::try_from(row.try_get::<i64, _>(column)?);
            count.map_err(|_too_big| SqlError::Damaged(column))
        };
        let vector: Option<Vec<u8>> = row.try_get("vector")?;
        let vector = vector.map(|sealed| self.unseal(&place(whom), &sealed));
        let until: Option<i64> = row.try_get("open_until")?;
        let making: Option<i64> = row.try_get("making_until")?;
        Ok(Record {
            since: time(row.try_get("since")?),
            vectors: count("vectors")?,
            challenges: count("challenges")?,
            open: vector.transpose()?.zip(until.map(time)),
            making: making.map(time),
        })
    }

    /// Stores the counts of a record, if its revision is what it was.
    async fn count(
        &self,
        whom: &Whom,
        record: &Record,
        revision: Option<i64>,
    ) -> Result<bool, SqlError> {
        let statement = match revision {
            None => concat!(
                "INSERT INTO asked (since, vectors, challenges, making_until, imsi, purpose, revision) ",
                "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (imsi, purpose) DO NOTHING"
            ),
            Some(_) => concat!(
                "UPDATE asked SET since = $1, vectors = $2, challenges = $3, making_until = $4, ",
                "revision = revision + 1 WHERE imsi = $5 AND purpose = $6 AND revision = $7"
            ),
        };
        let stored = sqlx::query(statement)
            .bind(seconds(record.since))
            .bind(i64::from(record.vectors))
            .bind(i64::from(record.challenges))
            .bind(record.making.map(seconds))
            .bind(whom.imsi.as_str())
            .bind(whom.purpose.name())
            .bind(revision.unwrap_or_default())
            .execute(&self.passing)
            .await?;
        Ok(stored.rows_affected() == 1)
    }

    async fn open_challenge(
        &self,
        whom: &Whom,
        vector: &Secret,
        until: UnixTime,
        revision: Option<i64>,
    ) -> Result<bool, SqlError> {
        let stored = sqlx::query(concat!(
            "UPDATE asked SET vector = $1, open_until = $2, making_until = NULL, ",
            "revision = revision + 1 WHERE imsi = $3 AND purpose = $4 AND revision = $5"
        ))
        .bind(self.seal(&place(whom), vector)?)
        .bind(seconds(until))
        .bind(whom.imsi.as_str())
        .bind(whom.purpose.name())
        .bind(revision.unwrap_or_default())
        .execute(&self.passing)
        .await?;
        // a record that was swept meanwhile leaves a challenge that is not told again
        Ok(stored.rows_affected() == 1 || revision.is_none())
    }

    async fn close_challenge(&self, whom: &Whom) -> Result<(), SqlError> {
        sqlx::query(concat!(
            "UPDATE asked SET vector = NULL, open_until = NULL, making_until = NULL, ",
            "revision = revision + 1 WHERE imsi = $1 AND purpose = $2"
        ))
        .bind(whom.imsi.as_str())
        .bind(whom.purpose.name())
        .execute(&self.passing)
        .await?;
        Ok(())
    }

    async fn put(&self, name: &str, what: &Secret, until: UnixTime) -> Result<(), SqlError> {
        sqlx::query(concat!(
            "INSERT INTO under_way (name, what, until) VALUES ($1, $2, $3) ",
            "ON CONFLICT (name) DO UPDATE SET what = excluded.what, until = excluded.until"
        ))
        .bind(name)
        .bind(self.seal(&under_way(name), what)?)
        .bind(seconds(until))
        .execute(&self.passing)
        .await?;
        Ok(())
    }

    async fn get(
        &self,
        statement: &'static str,
        name: &str,
        now: UnixTime,
    ) -> Result<Option<Secret>, SqlError> {
        let sealed: Option<Vec<u8>> = sqlx::query_scalar(statement)
            .bind(name)
            .bind(seconds(now))
            .fetch_optional(&self.passing)
            .await?;
        let what = sealed.map(|sealed| self.unseal(&under_way(name), &sealed));
        Ok(what.transpose()?)
    }
}

/// Whether `note` wrote this name down: nobody has before, or not for now.
async fn first(
    pool: &AnyPool,
    note: &'static str,
    name: &str,
    (until, now): (UnixTime, UnixTime),
) -> Result<bool, SqlError> {
    let noted = sqlx::query(note)
        .bind(name)
        .bind(seconds(until))
        .bind(seconds(now))
        .execute(pool)
        .await?;
    Ok(noted.rows_affected() == 1)
}

/// More would mean that somebody asks for one SIM without end.
const ATTEMPTS: u32 = 1000;

fn place(whom: &Whom) -> String {
    format!(
        "endorse/asked/{}/{}",
        whom.purpose.name(),
        whom.imsi.as_str()
    )
}

fn under_way(name: &str) -> String {
    format!("endorse/under-way/{name}")
}
