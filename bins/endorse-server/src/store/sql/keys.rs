//! The signing keys, sealed for their name.

use endorse::UnixTime;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use strict_jws::KeyId;

use super::{SqlError, SqlStore, seconds, text, time};
use crate::keys::{KeyUse, StoredKey};
use crate::store::{Secret, SigningKeys, Task};

impl SigningKeys for SqlStore {
    fn keys(&self) -> Task<'_, Vec<StoredKey>> {
        Box::pin(async move { Ok(self.all_keys().await?) })
    }

    fn add_key(&self, key: StoredKey) -> Task<'_, bool> {
        Box::pin(async move { Ok(self.insert_key(&key).await?) })
    }

    fn promote<'a>(
        &'a self,
        key_id: &'a KeyId,
        key_use: KeyUse,
        from: UnixTime,
        until: UnixTime,
    ) -> Task<'a, bool> {
        Box::pin(async move { Ok(self.promote_key(key_id, key_use, from, until).await?) })
    }

    fn retire<'a>(&'a self, key_id: &'a KeyId, until: UnixTime) -> Task<'a, bool> {
        Box::pin(async move { Ok(self.end_key(key_id, until).await?) })
    }

    fn secret<'a>(&'a self, name: &'static str, fresh: Secret) -> Task<'a, Secret> {
        Box::pin(async move { Ok(self.get_or_insert(name, &fresh).await?) })
    }
}

impl SqlStore {
    async fn all_keys(&self) -> Result<Vec<StoredKey>, SqlError> {
        let rows = sqlx::query(concat!(
            "SELECT key_id, key_use, pem, created, signs_from, until FROM signing_key ",
            "ORDER BY created, key_id"
        ))
        .fetch_all(&self.lasting)
        .await?;
        rows.iter().map(|row| self.key(row)).collect()
    }

    fn key(&self, row: &AnyRow) -> Result<StoredKey, SqlError> {
        let key_id: String = row.try_get("key_id")?;
        let key_use: String = row.try_get("key_use")?;
        let sealed: Vec<u8> = row.try_get("pem")?;
        let pem = text(&self.unseal(&place(&key_id), &sealed)?)?;
        let at = |column| -> Result<Option<UnixTime>, SqlError> {
            Ok(row.try_get::<Option<i64>, _>(column)?.map(time))
        };
        Ok(StoredKey {
            key_id: key_id.parse().or(Err(SqlError::Damaged("key_id")))?,
            key_use: KeyUse::from_name(&key_use).ok_or(SqlError::Damaged("key_use"))?,
            pem,
            created: time(row.try_get("created")?),
            signs_from: at("signs_from")?,
            until: at("until")?,
        })
    }

    async fn insert_key(&self, key: &StoredKey) -> Result<bool, SqlError> {
        let added = sqlx::query(concat!(
            "INSERT INTO signing_key (key_id, key_use, pem, created, signs_from, until) ",
            "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (key_id) DO NOTHING"
        ))
        .bind(key.key_id.as_str())
        .bind(key.key_use.name())
        .bind(self.seal(&place(key.key_id.as_str()), key.pem.as_bytes())?)
        .bind(seconds(key.created))
        .bind(key.signs_from.map(seconds))
        .bind(key.until.map(seconds))
        .execute(&self.lasting)
        .await?;
        Ok(added.rows_affected() == 1)
    }

    async fn promote_key(
        &self,
        key_id: &KeyId,
        key_use: KeyUse,
        from: UnixTime,
        until: UnixTime,
    ) -> Result<bool, SqlError> {
        let mut transaction = self.lasting.begin().await?;
        let promoted = sqlx::query(concat!(
            "UPDATE signing_key SET signs_from = $1 WHERE key_id = $2 AND key_use = $3 ",
            "AND signs_from IS NULL AND until IS NULL"
        ))
        .bind(seconds(from))
        .bind(key_id.as_str())
        .bind(key_use.name())
        .execute(&mut *transaction)
        .await?;
        if promoted.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query(concat!(
            "UPDATE signing_key SET until = $1 WHERE key_id <> $2 AND key_use = $3 ",
            "AND signs_from IS NOT NULL AND until IS NULL"
        ))
        .bind(seconds(until))
        .bind(key_id.as_str())
        .bind(key_use.name())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn end_key(&self, key_id: &KeyId, until: UnixTime) -> Result<bool, SqlError> {
        let ended = sqlx::query("UPDATE signing_key SET until = $1 WHERE key_id = $2")
            .bind(seconds(until))
            .bind(key_id.as_str())
            .execute(&self.lasting)
            .await?;
        Ok(ended.rows_affected() == 1)
    }

    async fn get_or_insert(&self, name: &str, fresh: &Secret) -> Result<Secret, SqlError> {
        let place = format!("endorse/secret/{name}");
        let added =
            "INSERT INTO secret (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
        let added = sqlx::query(added).bind(name);
        let added = added.bind(self.seal(&place, fresh)?);
        added.execute(&self.lasting).await?;
        let stored: Vec<u8> = sqlx::query_scalar("SELECT value FROM secret WHERE name = $1")
            .bind(name)
            .fetch_one(&self.lasting)
            .await?;
        Ok(self.unseal(&place, &stored)?)
    }
}

fn place(key_id: &str) -> String {
    format!("endorse/signing-key/{key_id}")
}
