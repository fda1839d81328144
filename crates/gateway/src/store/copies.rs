//! Copying the beginning of a conversation into a new one: entries, messages, runs, pictures and output, under ids of
//! their own.

use std::collections::{BTreeSet, HashMap};

use slipway_protocol::message::{Message, Part, PartBody, PartState};
use slipway_protocol::plan::Plan;
use slipway_protocol::transcript::Entry;
use slipway_protocol::{CallId, ConversationId, ImageId, MessageId, PartId, RunId};
use sqlx::Row;

use super::row::from_json;
use super::{StoreError, Write, messages, transcript};

/// Rows that are read at a time.
const PAGE: i64 = 100;

/// What is to be copied, and where to.
#[derive(Debug, Clone, Copy)]
pub struct Beginning<'a> {
    /// The conversation.
    pub from: &'a ConversationId,
    /// The new one, which has nothing yet.
    pub to: &'a ConversationId,
    /// The place of the first message that is not copied.
    pub message: i64,
    /// The place of the first entry that is not copied.
    pub entry: i64,
}

/// What copying has come to.
#[derive(Debug, Default)]
pub struct Copied {
    /// The copy of each message.
    pub messages: HashMap<MessageId, MessageId>,
    runs: HashMap<RunId, RunId>,
    /// The plan at the end of what is copied.
    pub plan: Option<Plan>,
}

/// The place of the entry that is this message; `None` when there is no such entry.
///
/// # Errors
/// When the database fails.
pub async fn place_of(
    write: &mut Write,
    id: &ConversationId,
    message_id: &MessageId,
) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT ordinal, body FROM entries WHERE conversation_id = $1 AND kind = 'user' \
               ORDER BY ordinal DESC";
    for row in sqlx::query(sql).bind(id.as_str()).fetch_all(write.connection()).await? {
        if let Entry::User(message) = from_json("entry", row.try_get("body")?)?
            && message.id == *message_id
        {
            return Ok(Some(row.try_get("ordinal")?));
        }
    }
    Ok(None)
}

/// Copies the beginning of a conversation. No event tells of it: nobody follows the new one yet.
///
/// # Errors
/// When the database fails.
pub async fn copy(write: &mut Write, beginning: Beginning<'_>) -> Result<Copied, StoreError> {
    let mut copied = Copied::default();
    copy_entries(write, beginning, &mut copied).await?;
    copy_messages(write, beginning, &mut copied).await?;
    Ok(copied)
}

async fn copy_entries(
    write: &mut Write,
    beginning: Beginning<'_>,
    copied: &mut Copied,
) -> Result<(), StoreError> {
    let sql = "SELECT ordinal, body FROM entries WHERE conversation_id = $1 AND ordinal > $2 AND ordinal < $3 \
               ORDER BY ordinal LIMIT $4";
    let mut last = 0;
    loop {
        let query =
            sqlx::query(sql).bind(beginning.from.as_str()).bind(last).bind(beginning.entry).bind(PAGE);
        let rows = query.fetch_all(write.connection()).await?;
        let Some(row) = rows.last() else { return Ok(()) };
        last = row.try_get("ordinal")?;
        let mut entries = Vec::with_capacity(rows.len());
        for row in &rows {
            entries.push(copied.entry(from_json("entry", row.try_get("body")?)?));
        }
        transcript::append(write, beginning.to, &entries.iter().collect::<Vec<_>>()).await?;
    }
}

async fn copy_messages(
    write: &mut Write,
    beginning: Beginning<'_>,
    copied: &mut Copied,
) -> Result<(), StoreError> {
    let mut last = 0;
    loop {
        let page = messages::range(write.connection(), beginning.from, last, beginning.message, PAGE).await?;
        let Some((ordinal, _)) = page.last() else { return Ok(()) };
        last = *ordinal;
        for (_, message) in page {
            let original = message.id.clone();
            let kept = Kept::of(&message);
            if let Some(run) = &message.run_id
                && !copied.runs.contains_key(run)
            {
                let new = RunId::generate();
                copy_run(write, run, &new, beginning.to).await?;
                copied.runs.insert(run.clone(), new);
            }
            let copy = copied.message(message, beginning.to, write.now());
            messages::insert_copy(write, &copy, &original).await?;
            kept.copy(write, beginning).await?;
        }
    }
}

/// Runs that have not ended are over in the copy; what they consumed counts where they were made.
async fn copy_run(
    write: &mut Write,
    from: &RunId,
    to: &RunId,
    conversation: &ConversationId,
) -> Result<(), StoreError> {
    let now = write.now();
    sqlx::query(
        "INSERT INTO runs (id, conversation_id, status, provider_id, model, step, problem, started_at, ended_at, \
         imported_provider) SELECT $2, $3, CASE WHEN ended_at IS NULL THEN 'stopped' ELSE status END, provider_id, model, step, \
         problem, started_at, COALESCE(ended_at, $4), imported_provider FROM runs WHERE id = $1",
    )
    .bind(from.as_str())
    .bind(to.as_str())
    .bind(conversation.as_str())
    .bind(now)
    .execute(write.connection())
    .await?;
    Ok(())
}

/// What else is kept of a message's calls.
struct Kept {
    calls: BTreeSet<CallId>,
    images: BTreeSet<ImageId>,
}

impl Kept {
    fn of(message: &Message) -> Self {
        let tools = message.parts.iter().filter_map(|part| match &part.body {
            PartBody::Tool(tool) => Some(tool),
            PartBody::Text { .. } | PartBody::Reasoning { .. } | PartBody::Notice { .. } => None,
        });
        let mut kept = Self { calls: BTreeSet::new(), images: BTreeSet::new() };
        for tool in tools {
            kept.calls.insert(tool.call_id.clone());
            kept.images.extend(tool.images.iter().filter_map(|image| image.id().cloned()));
        }
        kept
    }

    async fn copy(&self, write: &mut Write, beginning: Beginning<'_>) -> Result<(), StoreError> {
        let output = "INSERT INTO call_output (conversation_id, call_id, start_byte, end_byte, text) \
                      SELECT $2, call_id, start_byte, end_byte, text FROM call_output \
                      WHERE conversation_id = $1 AND call_id = $3 ON CONFLICT DO NOTHING";
        let image = "INSERT INTO images (conversation_id, id, media_type, content, created_at) \
                     SELECT $2, id, media_type, content, created_at FROM images \
                     WHERE conversation_id = $1 AND id = $3 ON CONFLICT DO NOTHING";
        let calls = self.calls.iter().map(|call| (output, call.as_str()));
        let images = self.images.iter().map(|id| (image, id.as_str()));
        for (sql, id) in calls.chain(images) {
            let query = sqlx::query(sql).bind(beginning.from.as_str()).bind(beginning.to.as_str()).bind(id);
            query.execute(write.connection()).await?;
        }
        Ok(())
    }
}

impl Copied {
    fn message_id(&mut self, id: MessageId) -> MessageId {
        self.messages.entry(id).or_insert_with(MessageId::generate).clone()
    }

    fn entry(&mut self, entry: Entry) -> Entry {
        match entry {
            Entry::User(mut message) => {
                message.id = self.message_id(message.id);
                Entry::User(message)
            }
            Entry::Assistant(mut step) => {
                step.id = self.message_id(step.id);
                Entry::Assistant(step)
            }
            Entry::Plan(update) => {
                self.plan = Some(update.plan.clone());
                Entry::Plan(update)
            }
            Entry::ToolResult(_)
            | Entry::Correction(_)
            | Entry::View(_)
            | Entry::Notice(_)
            | Entry::Handover(_)
            | Entry::ContextChange(_) => entry,
        }
    }

    /// The message as it stands in the new conversation, where nothing of it is open any more.
    fn message(&mut self, message: Message, to: &ConversationId, now: i64) -> Message {
        let id = self.message_id(message.id.clone());
        let part = |part: Part| Part {
            id: PartId::generate(),
            message_id: id.clone(),
            state: PartState::Done,
            ended_at: part.ended_at.or(Some(now)),
            ..part
        };
        Message {
            conversation_id: to.clone(),
            run_id: message.run_id.as_ref().and_then(|run| self.runs.get(run).cloned()),
            parts: message.parts.into_iter().map(part).collect(),
            client_id: None,
            id: id.clone(),
            ..message
        }
    }
}
