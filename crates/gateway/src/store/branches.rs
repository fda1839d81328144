//! Rows of `wordings`: which messages are one message in other words, and in which conversations those go on.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use slipway_protocol::api::{Wording, Wordings};
use slipway_protocol::event::EventBody;
use slipway_protocol::transcript::Attachment;
use slipway_protocol::{ConversationId, MessageId, RunId};
use sqlx::{AnyConnection, Row};

use super::row::from_json;
use super::{StoreError, Write};

/// A message that somebody said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Its place in the timeline.
    pub ordinal: i64,
    /// The run that it started, or in which it was heard.
    pub run_id: Option<RunId>,
    /// Whether it began its run; else the run's model had answered before it.
    pub begins_run: bool,
    /// Files that go with it.
    pub attachments: Vec<Attachment>,
    /// What it is a copy of, as long as that is there.
    pub copy_of: Option<Wording>,
}

/// A message of the person's (or one that was handed over to the model), if there is such a one.
///
/// # Errors
/// When the database fails.
pub async fn said(
    connection: &mut AnyConnection,
    id: &ConversationId,
    message_id: &MessageId,
) -> Result<Option<Said>, StoreError> {
    let row = sqlx::query(
        "SELECT said.ordinal, said.run_id, said.attachments, original.id AS original_id, \
         original.conversation_id AS original_place, (SELECT COUNT(*) FROM messages AS earlier \
         WHERE earlier.conversation_id = said.conversation_id AND earlier.run_id = said.run_id \
         AND earlier.role = 'assistant' AND earlier.ordinal < said.ordinal) AS answers \
         FROM messages AS said LEFT JOIN (messages AS original JOIN conversations AS place \
         ON place.id = original.conversation_id AND place.deleted_until IS NULL) ON original.id = said.copy_of \
         WHERE said.id = $1 AND said.conversation_id = $2 AND said.role = 'user' AND said.call_id IS NULL",
    )
    .bind(message_id.as_str())
    .bind(id.as_str())
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let text = |name: &str| row.try_get::<Option<String>, _>(name);
    let original = text("original_place")?.zip(text("original_id")?);
    Ok(Some(Said {
        ordinal: row.try_get("ordinal")?,
        run_id: text("run_id")?.map(RunId),
        begins_run: row.try_get::<i64, _>("answers")? == 0,
        attachments: from_json("attachments", row.try_get("attachments")?)?,
        copy_of: original.map(|(conversation_id, message_id)| Wording {
            conversation_id: ConversationId(conversation_id),
            message_id: MessageId(message_id),
        }),
    }))
}

/// What a request of this sender's id has made of a message before.
///
/// # Errors
/// When the database fails.
pub async fn made_before(
    connection: &mut AnyConnection,
    message_id: &MessageId,
    client_id: &str,
) -> Result<Option<Wording>, StoreError> {
    let row = sqlx::query(
        "SELECT messages.id, messages.conversation_id FROM wordings AS old \
         JOIN wordings AS new ON new.fork_id = old.fork_id JOIN messages ON messages.id = new.message_id \
         WHERE old.message_id = $1 AND messages.client_id = $2 AND messages.id <> $1",
    )
    .bind(message_id.as_str())
    .bind(client_id)
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(Wording {
            conversation_id: ConversationId(row.try_get("conversation_id")?),
            message_id: MessageId(row.try_get("id")?),
        })
    })
    .transpose()
}

/// Records that `new` says in other words what `old` says.
///
/// # Errors
/// When the database fails.
pub async fn reword(write: &mut Write, old: &Wording, new: &Wording) -> Result<(), StoreError> {
    let sql = "SELECT fork_id FROM wordings WHERE message_id = $1";
    let known = sqlx::query(sql).bind(old.message_id.as_str()).fetch_optional(write.connection()).await?;
    let fork = match known {
        Some(row) => row.try_get("fork_id")?,
        None => {
            let fork = old.message_id.0.clone();
            insert(write, old, &fork, 1).await?;
            fork
        }
    };
    let sql = "SELECT MAX(number) + 1 AS next FROM wordings WHERE fork_id = $1";
    let row = sqlx::query(sql).bind(fork.as_str()).fetch_one(write.connection()).await?;
    insert(write, new, &fork, row.try_get("next")?).await
}

/// Has the copies of messages stand among the wordings where the messages stand. `copies` has the copy of each.
///
/// # Errors
/// When the database fails.
pub async fn copy(
    write: &mut Write,
    from: &ConversationId,
    to: &ConversationId,
    copies: &HashMap<MessageId, MessageId>,
) -> Result<(), StoreError> {
    let sql = "SELECT message_id, fork_id, number FROM wordings WHERE conversation_id = $1";
    let rows = sqlx::query(sql).bind(from.as_str()).fetch_all(write.connection()).await?;
    for row in rows {
        let Some(copy) = copies.get(&MessageId(row.try_get("message_id")?)) else { continue };
        let wording = Wording { conversation_id: to.clone(), message_id: copy.clone() };
        insert(write, &wording, row.try_get("fork_id")?, row.try_get("number")?).await?;
    }
    Ok(())
}

async fn insert(write: &mut Write, wording: &Wording, fork: &str, number: i64) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO wordings (message_id, conversation_id, fork_id, number) VALUES ($1, $2, $3, $4)",
    )
    .bind(wording.message_id.as_str())
    .bind(wording.conversation_id.as_str())
    .bind(fork)
    .bind(number)
    .execute(write.connection())
    .await?;
    Ok(())
}

/// The messages of a conversation that have several wordings, with all of these.
///
/// # Errors
/// When the database fails.
pub async fn list(connection: &mut AnyConnection, id: &ConversationId) -> Result<Vec<Wordings>, StoreError> {
    let rows = sqlx::query(
        "SELECT own.message_id AS own_id, own.number AS own_number, other.number, other.message_id, \
         other.conversation_id FROM wordings AS own JOIN wordings AS other ON other.fork_id = own.fork_id \
         JOIN conversations ON conversations.id = other.conversation_id \
         WHERE own.conversation_id = $1 AND conversations.deleted_until IS NULL \
         ORDER BY own.message_id, other.number, conversations.updated_at DESC, conversations.id",
    )
    .bind(id.as_str())
    .fetch_all(connection)
    .await?;
    let mut found: BTreeMap<MessageId, BTreeMap<i64, Wording>> = BTreeMap::new();
    for row in &rows {
        let message_id = MessageId(row.try_get("own_id")?);
        let number: i64 = row.try_get("number")?;
        let other = if number == row.try_get::<i64, _>("own_number")? {
            Wording { conversation_id: id.clone(), message_id: message_id.clone() }
        } else {
            Wording {
                conversation_id: ConversationId(row.try_get("conversation_id")?),
                message_id: MessageId(row.try_get("message_id")?),
            }
        };
        found.entry(message_id).or_default().entry(number).or_insert(other);
    }
    let several = found.into_iter().filter(|(_, all)| all.len() > 1);
    Ok(several.map(|(message_id, all)| Wordings { message_id, all: all.into_values().collect() }).collect())
}

/// The conversations in which messages of this one stand in other words, and itself.
///
/// # Errors
/// When the database fails.
pub async fn relatives(
    connection: &mut AnyConnection,
    id: &ConversationId,
) -> Result<BTreeSet<ConversationId>, StoreError> {
    let rows = sqlx::query(
        "SELECT DISTINCT other.conversation_id FROM wordings AS own \
         JOIN wordings AS other ON other.fork_id = own.fork_id WHERE own.conversation_id = $1",
    )
    .bind(id.as_str())
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok(ConversationId(row.try_get("conversation_id")?))).collect()
}

/// Tells the readers of these conversations which wordings there are now.
///
/// # Errors
/// When the database fails.
pub async fn announce(write: &mut Write, to: &BTreeSet<ConversationId>) -> Result<(), StoreError> {
    for id in to {
        let wordings = list(write.connection(), id).await?;
        write.record(Some(id), EventBody::WordingsUpdated { wordings }).await?;
    }
    Ok(())
}
