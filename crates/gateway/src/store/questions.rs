//! Rows of `questions`: what models ask the person. A row stays when it is answered, so that the same answer
//! sent again is recognised.

use slipway_protocol::event::EventBody;
use slipway_protocol::question::Question;
use slipway_protocol::{CallId, ConversationId, RunId};
use sqlx::{AnyConnection, Row};

use super::row::{from_json, to_json};
use super::{StoreError, Write, asked};

/// A question as it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredQuestion {
    /// What is asked.
    pub question: Question,
    /// The run that asks.
    pub run_id: RunId,
    /// When it was asked.
    pub asked_at: i64,
    /// Whether it still waits.
    pub state: QuestionState,
}

/// Whether a question still waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuestionState {
    /// It does.
    Open,
    /// It does not; the sender's id for the answer, if there was one.
    Closed(Option<String>),
}

/// Adds questions that a run asks, and tells of them.
///
/// # Errors
/// When the database fails or one of these calls has asked before.
pub async fn insert(
    write: &mut Write,
    id: &ConversationId,
    run_id: &RunId,
    questions: &[Question],
) -> Result<(), StoreError> {
    for (question, ordinal) in questions.iter().zip(1_i64..) {
        sqlx::query(
            "INSERT INTO questions (conversation_id, call_id, run_id, ordinal, body, asked_at, closed_at, \
             client_id) VALUES ($1, $2, $3, $4, $5, $6, NULL, NULL)",
        )
        .bind(id.as_str())
        .bind(question.call_id.as_str())
        .bind(run_id.as_str())
        .bind(ordinal)
        .bind(to_json("question", question)?)
        .bind(write.now())
        .execute(write.connection())
        .await?;
    }
    announce(write, id).await
}

/// A question, whether it waits or not.
///
/// # Errors
/// When the database fails.
pub async fn get(
    connection: &mut AnyConnection,
    id: &ConversationId,
    call_id: &CallId,
) -> Result<Option<StoredQuestion>, StoreError> {
    let sql = "SELECT * FROM questions WHERE conversation_id = $1 AND call_id = $2";
    let Some(row) = asked::of_call(connection, sql, id, call_id).await? else { return Ok(None) };
    let closed_at: Option<i64> = row.try_get("closed_at")?;
    let client_id: Option<String> = row.try_get("client_id")?;
    Ok(Some(StoredQuestion {
        question: from_json("question", row.try_get("body")?)?,
        run_id: RunId(row.try_get("run_id")?),
        asked_at: row.try_get("asked_at")?,
        state: closed_at.map_or(QuestionState::Open, |_| QuestionState::Closed(client_id)),
    }))
}

/// The questions that wait, in the order in which they were asked.
///
/// # Errors
/// When the database fails.
pub async fn open(connection: &mut AnyConnection, id: &ConversationId) -> Result<Vec<Question>, StoreError> {
    let sql = "SELECT body FROM questions WHERE conversation_id = $1 AND closed_at IS NULL \
               ORDER BY asked_at, ordinal";
    asked::bodies(connection, "question", sql, id).await
}

/// Records that a question is answered, by what its sender calls `client_id`, and tells of those that remain.
///
/// # Errors
/// When the database fails.
pub async fn close(
    write: &mut Write,
    id: &ConversationId,
    call_id: &CallId,
    client_id: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE questions SET closed_at = $3, client_id = $4 \
         WHERE conversation_id = $1 AND call_id = $2 AND closed_at IS NULL",
    )
    .bind(id.as_str())
    .bind(call_id.as_str())
    .bind(write.now())
    .bind(client_id)
    .execute(write.connection())
    .await?;
    announce(write, id).await
}

/// Records that nothing is asked any more, and tells of it.
///
/// # Errors
/// When the database fails.
pub async fn close_all(write: &mut Write, id: &ConversationId) -> Result<(), StoreError> {
    let sql = "UPDATE questions SET closed_at = $2 WHERE conversation_id = $1 AND closed_at IS NULL";
    asked::close_all(write, sql, id).await?;
    announce(write, id).await
}

async fn announce(write: &mut Write, id: &ConversationId) -> Result<(), StoreError> {
    let questions = open(write.connection(), id).await?;
    write.record(Some(id), EventBody::QuestionsUpdated { questions }).await
}
