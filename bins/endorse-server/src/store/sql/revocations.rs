//! Revoked tokens, and the places of the status list.

use endorse::UnixTime;

use super::{SqlError, SqlStore, seconds};
use crate::store::{Revocation, Revocations, Task};

impl Revocations for SqlStore {
    fn reserve(&self, places: u32) -> Task<'_, u64> {
        Box::pin(async move { Ok(self.take_places(places).await?) })
    }

    fn revoke(&self, revocation: Revocation) -> Task<'_, ()> {
        Box::pin(async move { Ok(self.insert_revocation(&revocation).await?) })
    }

    fn is_revoked<'a>(&'a self, token_id: &'a str) -> Task<'a, bool> {
        Box::pin(async move { Ok(self.knows_revocation(token_id).await?) })
    }

    fn revoked(&self, now: UnixTime) -> Task<'_, Vec<u64>> {
        Box::pin(async move { Ok(self.revoked_places(now).await?) })
    }
}

impl SqlStore {
    async fn take_places(&self, places: u32) -> Result<u64, SqlError> {
        if places == 0 {
            // strangers ask how many lists there are, which must cost no writing
            let next: i64 = sqlx::query_scalar("SELECT next FROM place")
                .fetch_one(&self.lasting)
                .await?;
            return u64::try_from(next).or(Err(SqlError::Damaged("next")));
        }
        let next: i64 = sqlx::query_scalar("UPDATE place SET next = next + $1 RETURNING next")
            .bind(i64::from(places))
            .fetch_one(&self.lasting)
            .await?;
        let first = next.checked_sub(i64::from(places));
        let first = first.and_then(|first| u64::try_from(first).ok());
        first.ok_or(SqlError::Damaged("next"))
    }

    async fn insert_revocation(&self, revocation: &Revocation) -> Result<(), SqlError> {
        let place = revocation.index.map(i64::try_from).transpose();
        sqlx::query(concat!(
            "INSERT INTO revoked (token_id, place, until) VALUES ($1, $2, $3) ",
            "ON CONFLICT (token_id) DO NOTHING"
        ))
        .bind(revocation.token_id.as_str())
        .bind(place.or(Err(SqlError::Damaged("place")))?)
        .bind(seconds(revocation.until))
        .execute(&self.lasting)
        .await?;
        Ok(())
    }

    async fn knows_revocation(&self, token_id: &str) -> Result<bool, SqlError> {
        let found: Option<i64> =
            sqlx::query_scalar("SELECT until FROM revoked WHERE token_id = $1")
                .bind(token_id)
                .fetch_optional(&self.lasting)
                .await?;
        Ok(found.is_some())
    }

    async fn revoked_places(&self, now: UnixTime) -> Result<Vec<u64>, SqlError> {
        let places: Vec<i64> = sqlx::query_scalar(
            "SELECT place FROM revoked WHERE place IS NOT NULL AND until > $1 ORDER BY place",
        )
        .bind(seconds(now))
        .fetch_all(&self.lasting)
        .await?;
        let places = places.into_iter().map(u64::try_from);
        places
            .collect::<Result<_, _>>()
            .or(Err(SqlError::Damaged("place")))
    }
}
