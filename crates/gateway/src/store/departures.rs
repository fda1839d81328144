//! People who leave, and what becomes of what was theirs.

use slipway_protocol::{ConversationId, UserId};
use sqlx::{AnyConnection, Row};

use super::{Store, StoreError, conversations, workspaces};

/// What goes with a person.
const THEIRS: [&str; 7] = [
    // With what waits for them.
    "DELETE FROM webhooks WHERE user_id = $1",
    "DELETE FROM own_keys WHERE user_id = $1",
    "DELETE FROM drafts WHERE user_id = $1",
    "DELETE FROM answers WHERE user_id = $1",
    "DELETE FROM sessions WHERE user_id = $1",
    "DELETE FROM login_links WHERE user_id = $1",
    "DELETE FROM users WHERE id = $1",
];

impl Store {
    /// The conversations of a person.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn conversations_of(&self, user: &UserId) -> Result<Vec<ConversationId>, StoreError> {
        ids(&mut *self.pool().acquire().await?, user).await
    }

    /// Makes the conversations of `user` those of `heir`, who is told of each.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hand_over(&self, user: &UserId, heir: &UserId) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        let all = ids(write.connection(), user).await?;
        sqlx::query("UPDATE conversations SET user_id = $2 WHERE user_id = $1")
            .bind(user.as_str())
            .bind(heir.as_str())
            .execute(write.connection())
            .await?;
        for id in &all {
            conversations::announce(&mut write, id).await?;
        }
        write.commit().await
    }

    /// Removes a person with their webhooks, keys, sessions and kept answers; their workspaces, whose files nobody
    /// has asked to delete, become the heir's. `false`, and nothing is removed, while they have conversations.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_user(&self, user: &UserId, heir: &UserId) -> Result<bool, StoreError> {
        let mut write = self.write().await?;
        if !ids(write.connection(), user).await?.is_empty() {
            return Ok(false);
        }
        workspaces::hand_over(&mut write, user, heir).await?;
        for sql in THEIRS {
            sqlx::query(sql).bind(user.as_str()).execute(write.connection()).await?;
        }
        write.commit().await?;
        Ok(true)
    }
}

async fn ids(connection: &mut AnyConnection, user: &UserId) -> Result<Vec<ConversationId>, StoreError> {
    let query =
        sqlx::query("SELECT id FROM conversations WHERE user_id = $1 ORDER BY id").bind(user.as_str());
    let rows = query.fetch_all(connection).await?;
    rows.iter().map(|row| Ok(ConversationId(row.try_get("id")?))).collect()
}
