//! Rows of `queue` and `sends`: messages that wait, and messages that were accepted.

use std::collections::BTreeSet;

use slipway_protocol::api::{QueuedMessage, SendReceipt};
use slipway_protocol::event::EventBody;
use slipway_protocol::transcript::{Attachment, Origin, UserMessage};
use slipway_protocol::{ConversationId, MessageId, RunId};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::row::{from_json, plain, to_json};
use super::{StoreError, Write};

/// A message that is to start a run.
#[derive(Debug, Clone, PartialEq)]
pub struct PendingMessage {
    /// Its id.
    pub id: MessageId,
    /// The sender's id for it.
    pub client_id: String,
    /// What it says.
    pub text: String,
    /// Files that go with it.
    pub attachments: Vec<Attachment>,
    /// Who says it; what waits in the queue is a person's.
    pub origin: Origin,
    /// When it was sent.
    pub created_at: i64,
}

impl From<PendingMessage> for UserMessage {
    fn from(message: PendingMessage) -> Self {
        let PendingMessage { id, client_id: _, text, attachments, origin, created_at } = message;
        Self { id, text, attachments, origin, created_at }
    }
}

/// When a waiting message starts its run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// When the present run is done.
    Patient,
    /// However the present run ends.
    Urgent,
}

/// What was answered when this message was sent before, if it was.
///
/// # Errors
/// When the database fails.
pub async fn receipt(
    connection: &mut AnyConnection,
    id: &ConversationId,
    client_id: &str,
) -> Result<Option<SendReceipt>, StoreError> {
    let row =
        sqlx::query("SELECT message_id, run_id FROM sends WHERE conversation_id = $1 AND client_id = $2")
            .bind(id.as_str())
            .bind(client_id)
            .fetch_optional(connection)
            .await?;
    let Some(row) = row else { return Ok(None) };
    let run_id = row.try_get::<Option<String>, _>("run_id")?.map(RunId);
    Ok(Some(SendReceipt { message_id: MessageId(row.try_get("message_id")?), run_id }))
}

/// Remembers that a message was accepted, and what was answered.
///
/// # Errors
/// When the database fails.
pub async fn remember(
    write: &mut Write,
    id: &ConversationId,
    client_id: &str,
    receipt: &SendReceipt,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO sends (conversation_id, client_id, message_id, run_id) VALUES ($1, $2, $3, $4)")
        .bind(id.as_str())
        .bind(client_id)
        .bind(receipt.message_id.as_str())
        .bind(receipt.run_id.as_ref().map(|id| id.0.clone()))
        .execute(write.connection())
        .await?;
    Ok(())
}

/// Puts a message at the end of the queue, and tells of it.
///
/// # Errors
/// When the database fails.
pub async fn push(
    write: &mut Write,
    id: &ConversationId,
    message: &PendingMessage,
    urgency: Urgency,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO queue (message_id, conversation_id, ordinal, urgent, client_id, text, attachments, \
         created_at) SELECT $1, $2, COALESCE(MAX(ordinal), 0) + 1, $3, $4, $5, $6, $7 \
         FROM queue WHERE conversation_id = $2",
    )
    .bind(message.id.as_str())
    .bind(id.as_str())
    .bind(i64::from(urgency == Urgency::Urgent))
    .bind(message.client_id.as_str())
    .bind(plain(&message.text).into_owned())
    .bind(to_json("attachments", &message.attachments)?)
    .bind(message.created_at)
    .execute(write.connection())
    .await?;
    announce(write, id).await
}

/// Makes a waiting message urgent, and tells of the new order. `false` when there is no such message.
///
/// # Errors
/// When the database fails.
pub async fn hurry(
    write: &mut Write,
    id: &ConversationId,
    message_id: &MessageId,
) -> Result<bool, StoreError> {
    let done = sqlx::query("UPDATE queue SET urgent = 1 WHERE conversation_id = $1 AND message_id = $2")
        .bind(id.as_str())
        .bind(message_id.as_str())
        .execute(write.connection())
        .await?;
    announce(write, id).await?;
    Ok(done.rows_affected() > 0)
}

/// Takes a certain message out of the queue, and tells of it.
///
/// # Errors
/// When the database fails.
pub async fn take(
    write: &mut Write,
    id: &ConversationId,
    message_id: &MessageId,
) -> Result<Option<PendingMessage>, StoreError> {
    let row = sqlx::query("DELETE FROM queue WHERE conversation_id = $1 AND message_id = $2 RETURNING *")
        .bind(id.as_str())
        .bind(message_id.as_str())
        .fetch_optional(write.connection())
        .await?;
    let Some(row) = row else { return Ok(None) };
    announce(write, id).await?;
    pending(&row).map(Some)
}

/// Takes the next message of at least this urgency out of the queue, and tells of it.
///
/// # Errors
/// When the database fails.
pub async fn take_next(
    write: &mut Write,
    id: &ConversationId,
    at_least: Urgency,
) -> Result<Option<PendingMessage>, StoreError> {
    let row = sqlx::query(
        "SELECT message_id FROM queue WHERE conversation_id = $1 AND urgent >= $2 \
         ORDER BY urgent DESC, ordinal LIMIT 1",
    )
    .bind(id.as_str())
    .bind(i64::from(at_least == Urgency::Urgent))
    .fetch_optional(write.connection())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let message_id = MessageId(row.try_get("message_id")?);
    take(write, id, &message_id).await
}

/// Has a waiting message say something else, and tells of it. `false` when there is no such message.
///
/// # Errors
/// When the database fails.
pub async fn rewrite(
    write: &mut Write,
    id: &ConversationId,
    message_id: &MessageId,
    text: &str,
) -> Result<bool, StoreError> {
    let done = sqlx::query("UPDATE queue SET text = $3 WHERE conversation_id = $1 AND message_id = $2")
        .bind(id.as_str())
        .bind(message_id.as_str())
        .bind(plain(text).into_owned())
        .execute(write.connection())
        .await?;
    announce(write, id).await?;
    Ok(done.rows_affected() > 0)
}

/// Puts what waits into another order, and tells of it. `false`, and nothing is changed, when something else waits
/// than what is named. Urgent messages stay before patient ones.
///
/// # Errors
/// When the database fails.
pub async fn reorder(
    write: &mut Write,
    id: &ConversationId,
    order: &[MessageId],
) -> Result<bool, StoreError> {
    let waiting = list(write.connection(), id).await?;
    let waiting: BTreeSet<_> = waiting.iter().map(|message| &message.message_id).collect();
    if waiting.len() != order.len() || order.iter().collect::<BTreeSet<_>>() != waiting {
        return Ok(false);
    }
    for (place, message_id) in (1_i64..).zip(order) {
        sqlx::query("UPDATE queue SET ordinal = $3 WHERE conversation_id = $1 AND message_id = $2")
            .bind(id.as_str())
            .bind(message_id.as_str())
            .bind(place)
            .execute(write.connection())
            .await?;
    }
    announce(write, id).await?;
    Ok(true)
}

/// Has the messages that wait in one conversation wait in another, which has none, and tells of it.
///
/// # Errors
/// When the database fails.
pub async fn move_all(
    write: &mut Write,
    from: &ConversationId,
    to: &ConversationId,
) -> Result<(), StoreError> {
    let moved = sqlx::query("UPDATE queue SET conversation_id = $2 WHERE conversation_id = $1")
        .bind(from.as_str())
        .bind(to.as_str())
        .execute(write.connection())
        .await?;
    if moved.rows_affected() > 0 {
        announce(write, from).await?;
        announce(write, to).await?;
    }
    Ok(())
}

/// All that wait, in the order in which they will be sent.
///
/// # Errors
/// When the database fails.
pub async fn list(
    connection: &mut AnyConnection,
    id: &ConversationId,
) -> Result<Vec<QueuedMessage>, StoreError> {
    let rows = sqlx::query("SELECT * FROM queue WHERE conversation_id = $1 ORDER BY urgent DESC, ordinal")
        .bind(id.as_str())
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| {
            let PendingMessage { id: message_id, client_id, text, created_at, .. } = pending(row)?;
            Ok(QueuedMessage { message_id, client_id, text, created_at })
        })
        .collect()
}

async fn announce(write: &mut Write, id: &ConversationId) -> Result<(), StoreError> {
    let queue = list(write.connection(), id).await?;
    write.record(Some(id), EventBody::QueueUpdated { queue }).await
}

fn pending(row: &AnyRow) -> Result<PendingMessage, StoreError> {
    Ok(PendingMessage {
        id: MessageId(row.try_get("message_id")?),
        client_id: row.try_get("client_id")?,
        text: row.try_get("text")?,
        attachments: from_json("attachments", row.try_get("attachments")?)?,
        origin: Origin::Person,
        created_at: row.try_get("created_at")?,
    })
}
