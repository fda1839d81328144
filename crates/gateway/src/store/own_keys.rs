//! Rows of `own_keys`: keys that people have for themselves. They pass through here encrypted only.

use slipway_protocol::{ProviderId, UserId};
use sqlx::Row;

use super::{Store, StoreError};

/// A person's own key of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOwnKey {
    /// Of which provider.
    pub provider_id: ProviderId,
    /// The provider's address when the key was entered: where it may be sent.
    pub base_url: String,
    /// The key, encrypted.
    pub encrypted_key: String,
    /// When it was entered.
    pub created_at: i64,
}

impl Store {
    /// A person's own keys.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn own_keys(&self, user: &UserId) -> Result<Vec<StoredOwnKey>, StoreError> {
        let sql = "SELECT * FROM own_keys WHERE user_id = $1 ORDER BY provider_id";
        let rows = sqlx::query(sql).bind(user.as_str()).fetch_all(self.pool()).await?;
        rows.iter()
            .map(|row| {
                Ok(StoredOwnKey {
                    provider_id: row.try_get::<String, _>("provider_id")?.into(),
                    base_url: row.try_get("base_url")?,
                    encrypted_key: row.try_get("api_key")?,
                    created_at: row.try_get("created_at")?,
                })
            })
            .collect()
    }

    /// Keeps a key, instead of the one that was there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save_own_key(
        &self,
        user: &UserId,
        provider: &ProviderId,
        base_url: &str,
        encrypted_key: &str,
    ) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        let now = write.now();
        sqlx::query(
            "INSERT INTO own_keys (user_id, provider_id, base_url, api_key, created_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (user_id, provider_id) DO UPDATE SET base_url = excluded.base_url, \
             api_key = excluded.api_key, created_at = excluded.created_at",
        )
        .bind(user.as_str())
        .bind(provider.as_str())
        .bind(base_url)
        .bind(encrypted_key)
        .bind(now)
        .execute(write.connection())
        .await?;
        write.commit().await
    }

    /// Forgets a key; `false` when there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_own_key(&self, user: &UserId, provider: &ProviderId) -> Result<bool, StoreError> {
        let mut write = self.write().await?;
        let sql = "DELETE FROM own_keys WHERE user_id = $1 AND provider_id = $2";
        let query = sqlx::query(sql).bind(user.as_str()).bind(provider.as_str());
        let done = query.execute(write.connection()).await?;
        write.commit().await?;
        Ok(done.rows_affected() == 1)
    }
}
