//! Pages of a conversation's messages, without those of sub-agents.

use slipway_protocol::message::Message;
use slipway_protocol::{ConversationId, MessageId};
use sqlx::{AnyConnection, Row};

use super::StoreError;
use super::messages::filled;

/// Which messages a page is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The newest.
    Newest,
    /// Those before a message.
    Before(MessageId),
    /// Those behind a message.
    After(MessageId),
    /// Those around a message, or around the one that has a part of this id.
    Around(String),
}

/// Up to `limit` messages of a place, oldest first, and whether there are older ones. A place that is unknown is
/// answered by nothing.
///
/// # Errors
/// When the database fails.
pub async fn page(
    connection: &mut AnyConnection,
    id: &ConversationId,
    place: &Place,
    limit: u32,
) -> Result<(Vec<Message>, bool), StoreError> {
    let named = match place {
        Place::Newest => return between(connection, id, 0, i64::MAX, limit).await,
        Place::Before(message) | Place::After(message) => message.as_str(),
        Place::Around(named) => named,
    };
    let Some(at) = ordinal(connection, id, named).await? else { return Ok((Vec::new(), false)) };
    match place {
        Place::Newest | Place::Before(_) => between(connection, id, 0, at, limit).await,
        Place::After(_) => {
            let end = end(connection, id, at, limit).await?;
            Ok((between(connection, id, at, end + 1, limit).await?.0, true))
        }
        Place::Around(_) => {
            let end = end(connection, id, at, limit / 2).await?;
            between(connection, id, 0, end + 1, limit).await
        }
    }
}

/// The newest messages whose ordinals are above `above` and below `below`.
async fn between(
    connection: &mut AnyConnection,
    id: &ConversationId,
    above: i64,
    below: i64,
    limit: u32,
) -> Result<(Vec<Message>, bool), StoreError> {
    let sql = "SELECT * FROM messages WHERE conversation_id = $1 AND call_id IS NULL AND ordinal > $2 \
               AND ordinal < $3 ORDER BY ordinal DESC LIMIT $4";
    let query = sqlx::query(sql).bind(id.as_str()).bind(above).bind(below).bind(i64::from(limit) + 1);
    let mut rows = query.fetch_all(&mut *connection).await?;
    let has_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    rows.reverse();
    Ok((filled(connection, &rows).await?, has_more))
}

/// The ordinal of a message, or of the message that a part belongs to.
async fn ordinal(
    connection: &mut AnyConnection,
    id: &ConversationId,
    named: &str,
) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT ordinal FROM messages WHERE conversation_id = $1 \
               AND (id = $2 OR id = (SELECT message_id FROM parts WHERE id = $3))";
    let query = sqlx::query(sql).bind(id.as_str()).bind(named).bind(named);
    let row = query.fetch_optional(connection).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// The ordinal of the message that is `count` places behind, or of the last one.
async fn end(
    connection: &mut AnyConnection,
    id: &ConversationId,
    at: i64,
    count: u32,
) -> Result<i64, StoreError> {
    let sql = "SELECT ordinal FROM messages WHERE conversation_id = $1 AND call_id IS NULL AND ordinal > $2 \
               ORDER BY ordinal LIMIT $3";
    let query = sqlx::query(sql).bind(id.as_str()).bind(at).bind(i64::from(count));
    let rows = query.fetch_all(connection).await?;
    Ok(rows.last().map(|row| row.try_get(0)).transpose()?.unwrap_or(at))
}
