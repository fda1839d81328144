//! Rows of `messages` and `parts`: the timeline that the person sees.
//!
//! A part that is still streaming has a row as it was at its last structural change; what streamed since
//! is in the event log as deltas, and reading folds them in.

use std::collections::HashMap;

use slipway_protocol::event::EventBody;
use slipway_protocol::message::{Message, Part, PartState};
use slipway_protocol::{CallId, ConversationId, MessageId, PartId, RunId};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use super::row::{from_json, from_name, to_json, to_name};
use super::{PartAge, StoreError, Write};
use crate::events::fold;

/// Adds a message with its parts behind all others, and tells of it.
///
/// # Errors
/// When the database fails or there is no such conversation.
pub async fn insert(write: &mut Write, message: &Message) -> Result<(), StoreError> {
    insert_row(write, message, None).await?;
    let body = EventBody::MessageCreated { message: message.clone() };
    write.record(Some(&message.conversation_id), body).await
}

/// Adds the copy of a message, or of what that is a copy of, behind all others. Nothing tells of it.
///
/// # Errors
/// When the database fails or there is no such conversation.
pub async fn insert_copy(write: &mut Write, copy: &Message, of: &MessageId) -> Result<(), StoreError> {
    insert_row(write, copy, Some(of)).await
}

/// Adds a message behind all others of a conversation that nobody follows yet, so nothing tells of it.
///
/// # Errors
/// When the database fails or there is no such conversation.
pub async fn insert_silently(write: &mut Write, message: &Message) -> Result<(), StoreError> {
    insert_row(write, message, None).await
}

async fn insert_row(
    write: &mut Write,
    message: &Message,
    copy_of: Option<&MessageId>,
) -> Result<(), StoreError> {
    let id = &message.conversation_id;
    let ordinal: i64 = sqlx::query(
        "UPDATE conversations SET message_count = message_count + 1 WHERE id = $1 RETURNING message_count",
    )
    .bind(id.as_str())
    .fetch_one(write.connection())
    .await?
    .try_get(0)?;
    sqlx::query(
        "INSERT INTO messages (id, conversation_id, ordinal, run_id, role, attachments, client_id, call_id, \
         created_at, copy_of) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, \
         COALESCE((SELECT copy_of FROM messages AS original WHERE original.id = $10), $10))",
    )
    .bind(message.id.as_str())
    .bind(id.as_str())
    .bind(ordinal)
    .bind(message.run_id.as_ref().map(|id| id.0.clone()))
    .bind(to_name("role", &message.role)?)
    .bind(to_json("attachments", &message.attachments)?)
    .bind(message.client_id.clone())
    .bind(message.call_id.as_ref().map(|id| id.0.clone()))
    .bind(message.created_at)
    .bind(copy_of.map(|id| id.0.clone()))
    .execute(write.connection())
    .await?;
    for (ordinal, part) in message.parts.iter().enumerate() {
        insert_part(write, id, part, ordinal).await?;
    }
    Ok(())
}

/// Removes a message with its parts and their deltas, and tells of it.
///
/// # Errors
/// When the database fails.
pub async fn remove(
    write: &mut Write,
    conversation_id: &ConversationId,
    id: &MessageId,
) -> Result<(), StoreError> {
    write.insert_events().await?;
    for sql in [
        "DELETE FROM events WHERE delta_of IN (SELECT id FROM parts WHERE message_id = $1)",
        "DELETE FROM parts WHERE message_id = $1",
        "DELETE FROM messages WHERE id = $1",
    ] {
        sqlx::query(sql).bind(id.as_str()).execute(write.connection()).await?;
    }
    write.record(Some(conversation_id), EventBody::MessageRemoved { message_id: id.clone() }).await
}

/// Adds a part at position `ordinal` of its message, without telling of it.
///
/// # Errors
/// When the database fails or there is no such message.
pub async fn insert_part(
    write: &mut Write,
    conversation_id: &ConversationId,
    part: &Part,
    ordinal: usize,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO parts (id, message_id, conversation_id, ordinal, state, body) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(part.id.as_str())
    .bind(part.message_id.as_str())
    .bind(conversation_id.as_str())
    .bind(i64::try_from(ordinal).unwrap_or(i64::MAX))
    .bind(to_name("part state", &part.state)?)
    .bind(to_json("part", part)?)
    .execute(write.connection())
    .await?;
    Ok(())
}

/// Replaces a part's row and keeps its deltas.
///
/// # Errors
/// When the database fails.
pub async fn replace_part(write: &mut Write, base: &Part) -> Result<(), StoreError> {
    sqlx::query("UPDATE parts SET state = $2, body = $3 WHERE id = $1")
        .bind(base.id.as_str())
        .bind(to_name("part state", &base.state)?)
        .bind(to_json("part", base)?)
        .execute(write.connection())
        .await?;
    Ok(())
}

/// Deletes the deltas of a part whose row holds, or is about to hold, what they tell: whoever replays the log
/// gets the event that carries the part whole.
///
/// # Errors
/// When the database fails.
pub async fn forget_deltas(write: &mut Write, part: &PartId, age: PartAge) -> Result<(), StoreError> {
    write.forget_deltas(part, age).await
}

/// Up to `limit` messages with places in `after + 1 .. before`, those of sub-agents too, with their places.
///
/// # Errors
/// When the database fails.
pub async fn range(
    connection: &mut AnyConnection,
    id: &ConversationId,
    after: i64,
    before: i64,
    limit: i64,
) -> Result<Vec<(i64, Message)>, StoreError> {
    let sql = "SELECT * FROM messages WHERE conversation_id = $1 AND ordinal > $2 AND ordinal < $3 \
               ORDER BY ordinal LIMIT $4";
    let query = sqlx::query(sql).bind(id.as_str()).bind(after).bind(before).bind(limit);
    let rows = query.fetch_all(&mut *connection).await?;
    let places = rows.iter().map(|row| row.try_get("ordinal")).collect::<Result<Vec<i64>, _>>()?;
    Ok(places.into_iter().zip(filled(connection, &rows).await?).collect())
}

/// What the sub-agent of a call has said, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn nested(
    connection: &mut AnyConnection,
    id: &ConversationId,
    call_id: &CallId,
) -> Result<Vec<Message>, StoreError> {
    let rows =
        sqlx::query("SELECT * FROM messages WHERE conversation_id = $1 AND call_id = $2 ORDER BY ordinal")
            .bind(id.as_str())
            .bind(call_id.as_str())
            .fetch_all(&mut *connection)
            .await?;
    filled(connection, &rows).await
}

/// What sub-agents of a run have said, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn nested_in_run(
    connection: &mut AnyConnection,
    id: &ConversationId,
    run_id: &RunId,
) -> Result<Vec<Message>, StoreError> {
    let rows = sqlx::query(
        "SELECT * FROM messages WHERE conversation_id = $1 AND call_id IS NOT NULL AND run_id = $2 \
         ORDER BY ordinal",
    )
    .bind(id.as_str())
    .bind(run_id.as_str())
    .fetch_all(&mut *connection)
    .await?;
    filled(connection, &rows).await
}

pub(super) async fn filled(
    connection: &mut AnyConnection,
    rows: &[AnyRow],
) -> Result<Vec<Message>, StoreError> {
    let mut messages = rows.iter().map(message).collect::<Result<Vec<_>, _>>()?;
    // In portions: each message is a parameter of the statement.
    for portion in messages.chunks_mut(100) {
        fill(connection, portion).await?;
    }
    Ok(messages)
}

/// The model's messages that have a part which is still streaming, or no part yet, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn unfinished(
    connection: &mut AnyConnection,
    id: &ConversationId,
) -> Result<Vec<Message>, StoreError> {
    let rows = sqlx::query(
        "SELECT * FROM messages WHERE conversation_id = $1 AND role = 'assistant' AND (id IN \
         (SELECT message_id FROM parts WHERE conversation_id = $1 AND state = 'streaming') \
         OR NOT EXISTS (SELECT 1 FROM parts WHERE message_id = messages.id)) ORDER BY ordinal",
    )
    .bind(id.as_str())
    .fetch_all(&mut *connection)
    .await?;
    let mut messages = rows.iter().map(message).collect::<Result<Vec<_>, _>>()?;
    fill(connection, &mut messages).await?;
    Ok(messages)
}

/// Up to `limit` of the user's messages (id, text, time) behind `after`, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn from_user(
    connection: &mut AnyConnection,
    id: &ConversationId,
    after: Option<&MessageId>,
    limit: u32,
) -> Result<Vec<Message>, StoreError> {
    let sql = "SELECT * FROM messages WHERE conversation_id = $1 AND role = 'user' AND ordinal > \
               COALESCE((SELECT ordinal FROM messages WHERE conversation_id = $1 AND id = $2), 0) \
               ORDER BY ordinal LIMIT $3";
    let rows = sqlx::query(sql)
        .bind(id.as_str())
        .bind(after.map_or("", MessageId::as_str))
        .bind(i64::from(limit))
        .fetch_all(&mut *connection)
        .await?;
    let mut messages = rows.iter().map(message).collect::<Result<Vec<_>, _>>()?;
    fill(connection, &mut messages).await?;
    Ok(messages)
}

/// Reads the parts of `messages`.
async fn fill(connection: &mut AnyConnection, messages: &mut [Message]) -> Result<(), StoreError> {
    if messages.is_empty() {
        return Ok(());
    }
    // Only placeholders are formatted into the statement.
    let places = (1..=messages.len()).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ");
    let sql = format!("SELECT message_id, body FROM parts WHERE message_id IN ({places}) ORDER BY ordinal");
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for message in messages.iter() {
        query = query.bind(message.id.as_str());
    }
    let mut parts: HashMap<String, Vec<Part>> = HashMap::new();
    for row in query.fetch_all(&mut *connection).await? {
        let part = from_json("part", row.try_get("body")?)?;
        parts.entry(row.try_get("message_id")?).or_default().push(part);
    }
    for message in messages {
        message.parts = parts.remove(message.id.as_str()).unwrap_or_default();
        for part in message.parts.iter_mut().filter(|part| part.state == PartState::Streaming) {
            for delta in deltas(connection, &part.id).await? {
                fold::append(part, &delta);
            }
        }
    }
    Ok(())
}

async fn deltas(connection: &mut AnyConnection, part_id: &PartId) -> Result<Vec<EventBody>, StoreError> {
    let rows = sqlx::query("SELECT body FROM events WHERE delta_of = $1 ORDER BY seq")
        .bind(part_id.as_str())
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| from_json("event", row.try_get("body")?)).collect()
}

fn message(row: &AnyRow) -> Result<Message, StoreError> {
    Ok(Message {
        id: MessageId(row.try_get("id")?),
        conversation_id: ConversationId(row.try_get("conversation_id")?),
        run_id: row.try_get::<Option<String>, _>("run_id")?.map(RunId),
        role: from_name("role", row.try_get("role")?)?,
        parts: Vec::new(),
        attachments: from_json("attachments", row.try_get("attachments")?)?,
        client_id: row.try_get("client_id")?,
        call_id: row.try_get::<Option<String>, _>("call_id")?.map(CallId),
        created_at: row.try_get("created_at")?,
    })
}
