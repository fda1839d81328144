//! Sessions and login links, by the hashes of their tokens.

use super::{Store, StoreError};

impl Store {
    /// Adds a session that is good until `expires_at`, and forgets expired ones.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_session(&self, token_hash: &str, expires_at: i64) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        let now = write.now();
        sqlx::query("DELETE FROM sessions WHERE expires_at <= $1")
            .bind(now)
            .execute(write.connection())
            .await?;
        sqlx::query("INSERT INTO sessions (token_hash, expires_at) VALUES ($1, $2)")
            .bind(token_hash)
            .bind(expires_at)
            .execute(write.connection())
            .await?;
        write.commit().await
    }

    /// Whether there is such a session at the moment `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_session(&self, token_hash: &str, now: i64) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT expires_at FROM sessions WHERE token_hash = $1 AND expires_at > $2")
            .bind(token_hash)
            .bind(now)
            .fetch_optional(self.pool())
            .await?;
        Ok(row.is_some())
    }

    /// Ends a session; nothing happens when there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_session(&self, token_hash: &str) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        sqlx::query("DELETE FROM sessions WHERE token_hash = $1")
            .bind(token_hash)
            .execute(write.connection())
            .await?;
        write.commit().await
    }

    /// Adds a login link that is good until `expires_at`, and forgets expired ones.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_login_link(&self, token_hash: &str, expires_at: i64) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        let now = write.now();
        sqlx::query("DELETE FROM login_links WHERE expires_at <= $1")
            .bind(now)
            .execute(write.connection())
            .await?;
        sqlx::query("INSERT INTO login_links (token_hash, expires_at) VALUES ($1, $2)")
            .bind(token_hash)
            .bind(expires_at)
            .execute(write.connection())
            .await?;
        write.commit().await
    }

    /// Uses up a login link; `false` when there is none that is good at the moment `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn use_login_link(&self, token_hash: &str, now: i64) -> Result<bool, StoreError> {
        let mut write = self.write().await?;
        let done = sqlx::query("DELETE FROM login_links WHERE token_hash = $1 AND expires_at > $2")
            .bind(token_hash)
            .bind(now)
            .execute(write.connection())
            .await?;
        write.commit().await?;
        Ok(done.rows_affected() == 1)
    }
}
