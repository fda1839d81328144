//! Sessions and login links, by the hashes of their tokens.

use slipway_protocol::UserId;
use slipway_protocol::api::Role;
use sqlx::Row;

use super::row::from_name;
use super::{Store, StoreError};

/// A session to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// SHA-256 of its token, in hex.
    pub token_hash: String,
    /// Whose it is.
    pub user: UserId,
    /// Now, in ms since the Unix epoch.
    pub now: i64,
    /// Until when it is good.
    pub expires_at: i64,
    /// What the browser calls itself.
    pub agent: String,
}

/// A session that is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveSession {
    /// Whose it is.
    pub user: UserId,
    /// What that person may do.
    pub role: Role,
    /// When it was last used, as far as that was noted.
    pub seen_at: i64,
}

impl Store {
    /// Adds a session, and forgets expired ones.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_session(&self, session: &NewSession) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        sqlx::query("DELETE FROM sessions WHERE expires_at <= $1")
            .bind(session.now)
            .execute(write.connection())
            .await?;
        sqlx::query(
            "INSERT INTO sessions (token_hash, user_id, expires_at, created_at, seen_at, agent) \
             VALUES ($1, $2, $3, $4, $4, $5)",
        )
        .bind(session.token_hash.as_str())
        .bind(session.user.as_str())
        .bind(session.expires_at)
        .bind(session.now)
        .bind(session.agent.as_str())
        .execute(write.connection())
        .await?;
        write.commit().await
    }

    /// The session with this token, if it is good at the moment `now` and its person may come in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session(&self, token_hash: &str, now: i64) -> Result<Option<LiveSession>, StoreError> {
        let row = sqlx::query(
            "SELECT users.id, users.role, sessions.seen_at FROM sessions JOIN users ON users.id = sessions.user_id \
             WHERE token_hash = $1 AND expires_at > $2 AND users.disabled = 0",
        )
        .bind(token_hash)
        .bind(now)
        .fetch_optional(self.pool())
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(LiveSession {
            user: UserId(row.try_get("id")?),
            role: from_name("role", row.try_get("role")?)?,
            seen_at: row.try_get("seen_at")?,
        }))
    }

    /// Notes that a session is in use.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session_seen(&self, token_hash: &str, now: i64) -> Result<(), StoreError> {
        let _turn = self.turn().await?;
        sqlx::query("UPDATE sessions SET seen_at = $2 WHERE token_hash = $1")
            .bind(token_hash)
            .bind(now)
            .execute(self.pool())
            .await?;
        Ok(())
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

    /// Adds a link that logs in as `user` until `expires_at`, and forgets expired ones.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_login_link(
        &self,
        token_hash: &str,
        user: &UserId,
        expires_at: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        let now = write.now();
        sqlx::query("DELETE FROM login_links WHERE expires_at <= $1")
            .bind(now)
            .execute(write.connection())
            .await?;
        sqlx::query("INSERT INTO login_links (token_hash, user_id, expires_at) VALUES ($1, $2, $3)")
            .bind(token_hash)
            .bind(user.as_str())
            .bind(expires_at)
            .execute(write.connection())
            .await?;
        write.commit().await
    }

    /// Uses up a login link: as whom it logs in; `None` when there is none that is good at the moment `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn use_login_link(&self, token_hash: &str, now: i64) -> Result<Option<UserId>, StoreError> {
        let mut write = self.write().await?;
        let row = sqlx::query(
            "DELETE FROM login_links WHERE token_hash = $1 AND expires_at > $2 RETURNING user_id",
        )
        .bind(token_hash)
        .bind(now)
        .fetch_optional(write.connection())
        .await?;
        write.commit().await?;
        Ok(row.map(|row| row.try_get("user_id")).transpose()?.map(UserId))
    }
}
