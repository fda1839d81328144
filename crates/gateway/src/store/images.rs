//! Rows of `images`: pictures that came of tool calls, each kept once in a conversation.

use slipway_protocol::{ConversationId, ImageId};
use sqlx::{AnyConnection, Row};

use super::{StoreError, Write};

/// A picture as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredImage {
    /// Its media type.
    pub media_type: String,
    /// Its bytes in Base64.
    pub content: String,
}

/// Keeps a picture.
///
/// # Errors
/// When the database fails.
pub async fn keep(
    write: &mut Write,
    conversation: &ConversationId,
    id: &ImageId,
    image: &StoredImage,
) -> Result<(), StoreError> {
    let now = write.now();
    sqlx::query(
        "INSERT INTO images (conversation_id, id, media_type, content, created_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (conversation_id, id) DO NOTHING",
    )
    .bind(conversation.as_str())
    .bind(id.as_str())
    .bind(&image.media_type)
    .bind(&image.content)
    .bind(now)
    .execute(write.connection())
    .await?;
    Ok(())
}

/// A picture of a conversation, if there is such a one.
///
/// # Errors
/// When the database fails.
pub async fn get(
    connection: &mut AnyConnection,
    conversation: &ConversationId,
    id: &ImageId,
) -> Result<Option<StoredImage>, StoreError> {
    let row = sqlx::query("SELECT media_type, content FROM images WHERE conversation_id = $1 AND id = $2")
        .bind(conversation.as_str())
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    row.map(|row| {
        Ok(StoredImage { media_type: row.try_get("media_type")?, content: row.try_get("content")? })
    })
    .transpose()
}
