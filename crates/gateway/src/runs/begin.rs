//! The beginning of a run, inside the transaction of whatever begins it.

use slipway_protocol::api::Conversation;
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_protocol::message::{Message, Part, PartBody, PartState, Role};
use slipway_protocol::transcript::{Entry, UserMessage};
use slipway_protocol::{ConversationId, PartId, RunId};

use super::active::{ActiveRun, Registration, Runs};
use crate::store::conversations::{self, Standing};
use crate::store::queue::PendingMessage;
use crate::store::{StoreError, Write, messages, runs, transcript};

/// Most characters of a title that is taken from a message.
const TITLE_CHARS: usize = 80;

/// Records a run and, unless it only continues, the message that starts it. The run is registered before
/// the transaction is committed, so that whoever learns of it finds it; it is to be driven after that.
///
/// # Errors
/// When the database fails.
pub(super) async fn begin(
    write: &mut Write,
    registry: &Runs,
    conversation: &Conversation,
    message: Option<PendingMessage>,
) -> Result<Registration, StoreError> {
    let (run_id, now) = (RunId::generate(), write.now());
    let id = &conversation.id;
    runs::insert(write, &run_id, id, &conversation.model).await?;
    if let Some(message) = message {
        if conversation.title.is_empty() {
            conversations::set_title(write, id, &title_from(&message.text)).await?;
        }
        say(write, id, &run_id, message).await?;
    }
    let standing = Standing {
        status: RunStatus::Running,
        run_id: Some(run_id.clone()),
        run_started_at: Some(now),
        problem: None,
    };
    conversations::set_standing(write, id, &standing).await?;
    let status = EventBody::RunStatus {
        status: RunStatus::Running,
        run_id: Some(run_id.clone()),
        step: 0,
        started_at: Some(now),
        problem: None,
        retry: None,
    };
    write.record(Some(id), status).await?;
    conversations::announce(write, id).await?;
    Ok(registry.register(ActiveRun::new(run_id, conversation, now)))
}

/// Puts a message into the transcript and the timeline.
async fn say(
    write: &mut Write,
    id: &ConversationId,
    run_id: &RunId,
    message: PendingMessage,
) -> Result<(), StoreError> {
    let entry = Entry::User(show(write, id, run_id, message).await?);
    transcript::append(write, id, &[&entry]).await
}

/// Puts a message into the timeline; gives what the model is told.
pub(super) async fn show(
    write: &mut Write,
    id: &ConversationId,
    run_id: &RunId,
    message: PendingMessage,
) -> Result<UserMessage, StoreError> {
    let part = Part {
        id: PartId::generate(),
        message_id: message.id.clone(),
        state: PartState::Done,
        body: PartBody::Text { text: message.text.clone() },
        started_at: message.created_at,
        ended_at: Some(message.created_at),
    };
    let shown = Message {
        id: message.id.clone(),
        conversation_id: id.clone(),
        run_id: Some(run_id.clone()),
        role: Role::User,
        parts: vec![part],
        attachments: message.attachments.clone(),
        call_id: None,
        client_id: Some(message.client_id.clone()),
        created_at: message.created_at,
    };
    messages::insert(write, &shown).await?;
    Ok(message.into())
}

/// The first line that is not blank, cut to a reasonable length.
pub(super) fn title_from(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let line = line.trim_start_matches(['#', '>', '-', '*', ' ']);
    if line.chars().count() <= TITLE_CHARS {
        return line.to_owned();
    }
    let cut: String = line.chars().take(TITLE_CHARS - 1).collect();
    format!("{}…", cut.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_one_short_line() {
        assert_eq!(title_from("\n  ## Fix the tests  \nplease"), "Fix the tests");
        let long = title_from(&"ä".repeat(200));
        assert_eq!(long.chars().count(), 80);
        assert!(long.ends_with('…'));
    }
}
