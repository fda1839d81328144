//! Rows in which a search may find something.

use slipway_protocol::api::Conversation;
use slipway_protocol::message::{Part, Role};
use slipway_protocol::{ConversationId, MessageId, UserId};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use super::StoreError;
use super::conversations::conversation;
use super::row::{from_json, from_name};

/// A part that fits the patterns, and where it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Where it is.
    pub conversation_id: ConversationId,
    /// That conversation's name.
    pub title: String,
    /// The message that it belongs to.
    pub message_id: MessageId,
    /// Who speaks in it.
    pub role: Role,
    /// When the message began.
    pub created_at: i64,
    /// The part.
    pub part: Part,
}

/// Position among messages, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeKey {
    /// `created_at` of the last message on the page before.
    pub created_at: i64,
    /// Its id.
    pub id: MessageId,
}

/// Up to `limit` parts of a person's conversations whose stored text fits all patterns, newest message first, without those of sub-agents.
/// `within` is the one conversation that is looked through, with what it has copied from others.
///
/// # Errors
/// When the database fails.
pub async fn parts(
    connection: &mut AnyConnection,
    owner: &UserId,
    within: Option<&ConversationId>,
    patterns: &[String],
    before: Option<&TimeKey>,
    limit: u32,
) -> Result<Vec<Candidate>, StoreError> {
    // Only placeholders are formatted into the statement.
    let fits: String =
        (6..6 + patterns.len()).map(|place| format!(" AND lower(parts.body) LIKE ${place}")).collect();
    let sql = format!(
        "SELECT parts.body, messages.id, messages.conversation_id, messages.role, messages.created_at, \
         conversations.title FROM messages JOIN parts ON parts.message_id = messages.id \
         JOIN conversations ON conversations.id = messages.conversation_id \
         WHERE conversations.user_id = $4 AND conversations.deleted_until IS NULL AND messages.call_id IS NULL \
         AND ($5 = '' OR messages.conversation_id = $5) AND ($5 <> '' OR NOT EXISTS (SELECT 1 FROM messages AS original JOIN conversations AS place \
         ON place.id = original.conversation_id AND place.deleted_until IS NULL \
         WHERE original.id = messages.copy_of)) \
         AND (messages.created_at, messages.id) < ($1, $2){fits} \
         ORDER BY messages.created_at DESC, messages.id DESC, parts.ordinal LIMIT $3"
    );
    let (created_at, id) = before.map_or((i64::MAX, ""), |key| (key.created_at, key.id.as_str()));
    let mut query = sqlx::query(AssertSqlSafe(sql))
        .bind(created_at)
        .bind(id)
        .bind(i64::from(limit))
        .bind(owner.as_str())
        .bind(within.map_or("", ConversationId::as_str));
    for pattern in patterns {
        query = query.bind(pattern.as_str());
    }
    query.fetch_all(connection).await?.iter().map(candidate).collect()
}

/// Up to `limit` conversations of a person whose name fits all patterns, newest first.
///
/// # Errors
/// When the database fails.
pub async fn titles(
    connection: &mut AnyConnection,
    owner: &UserId,
    patterns: &[String],
    limit: u32,
) -> Result<Vec<Conversation>, StoreError> {
    let fits: String =
        (3..3 + patterns.len()).map(|place| format!(" AND lower(title) LIKE ${place}")).collect();
    let sql = format!(
        "SELECT * FROM conversations WHERE user_id = $2 AND deleted_until IS NULL AND title <> ''{fits} ORDER BY updated_at DESC, id DESC LIMIT $1"
    );
    let mut query = sqlx::query(AssertSqlSafe(sql)).bind(i64::from(limit)).bind(owner.as_str());
    for pattern in patterns {
        query = query.bind(pattern.as_str());
    }
    query.fetch_all(connection).await?.iter().map(conversation).collect()
}

fn candidate(row: &AnyRow) -> Result<Candidate, StoreError> {
    Ok(Candidate {
        conversation_id: ConversationId(row.try_get("conversation_id")?),
        title: row.try_get("title")?,
        message_id: MessageId(row.try_get("id")?),
        role: from_name("role", row.try_get("role")?)?,
        created_at: row.try_get("created_at")?,
        part: from_json("part", row.try_get("body")?)?,
    })
}
