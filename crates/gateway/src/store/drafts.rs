//! Rows of `drafts`: what people have typed and not sent yet.

use slipway_protocol::api::Draft;
use slipway_protocol::{ConversationId, UserId};
use sqlx::Row;

use super::row::plain;
use super::{Store, StoreError, Write};

/// Stands for the conversation that is not there yet.
const NEW: &str = "";

fn key(conversation: Option<&ConversationId>) -> &str {
    conversation.map_or(NEW, ConversationId::as_str)
}

impl Store {
    /// A person's draft for a conversation, or for a new one; the default when there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn draft(
        &self,
        user: &UserId,
        conversation: Option<&ConversationId>,
    ) -> Result<Draft, StoreError> {
        let sql = "SELECT text, edited_at FROM drafts WHERE user_id = $1 AND conversation_id = $2";
        let query = sqlx::query(sql).bind(user.as_str()).bind(key(conversation));
        let Some(row) = query.fetch_optional(self.pool()).await? else { return Ok(Draft::default()) };
        Ok(Draft { text: row.try_get("text")?, edited_at: row.try_get("edited_at")? })
    }

    /// Keeps a draft, unless a newer one is there; gives the one that is there then.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save_draft(
        &self,
        user: &UserId,
        conversation: Option<&ConversationId>,
        draft: &Draft,
    ) -> Result<Draft, StoreError> {
        let mut write = self.write().await?;
        // A clock that is fast must not keep all others out.
        let edited_at = draft.edited_at.min(write.now());
        sqlx::query(
            "INSERT INTO drafts (user_id, conversation_id, text, edited_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (user_id, conversation_id) DO UPDATE SET text = excluded.text, \
             edited_at = excluded.edited_at WHERE drafts.edited_at <= excluded.edited_at",
        )
        .bind(user.as_str())
        .bind(key(conversation))
        .bind(plain(&draft.text).into_owned())
        .bind(edited_at)
        .execute(write.connection())
        .await?;
        write.commit().await?;
        self.draft(user, conversation).await
    }
}

/// Removes the drafts for a conversation.
///
/// # Errors
/// When the database fails.
pub(super) async fn remove(write: &mut Write, conversation: &ConversationId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM drafts WHERE conversation_id = $1")
        .bind(conversation.as_str())
        .execute(write.connection())
        .await?;
    Ok(())
}
