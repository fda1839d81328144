//! What the model would be sent next, and closing files that it has open.

use slipway_protocol::context::RequestPreview;
use slipway_protocol::event::EventBody;
use slipway_protocol::message::NoticeLevel;
use slipway_protocol::transcript::{ContextChange, Entry, Notice, Origin, UserMessage};
use slipway_protocol::{ConversationId, MessageId, Problem, RunId};

use super::active::ActiveRun;
use super::commands::{already_running, existing, finish, goes_on};
use super::timeline::notice;
use super::{engine, pinning, request};
use crate::api::ApiError;
use crate::app::AppState;
use crate::store::{conversations, messages, now_ms, transcript};

/// Bytes of messages after which a part ends.
const PART_BYTES: usize = 512 << 10;

/// The request that the conversation's next step would make if the person said `text` now; without it, if the
/// model went on by itself. Its messages from number `from` on, as many as one part holds, and at least one.
///
/// The engine makes it as it makes any other. Nothing comes of it: what it is shown of files does not count as shown,
/// and the model is not asked.
///
/// # Errors
/// When there is no such conversation, no tool host or no engine is there, the model cannot be used, or the database
/// fails.
pub async fn next_request(
    app: &AppState,
    id: &ConversationId,
    text: Option<String>,
    from: usize,
) -> Result<RequestPreview, ApiError> {
    let mut moment = app.store.read().await?;
    let stored = conversations::get(&mut moment, id).await?;
    drop(moment);
    let conversation = stored.ok_or_else(|| ApiError::not_found("conversation", id))?.conversation;
    if app.sandboxes.client_in(&conversation.workspace_id).is_none() {
        return Err(no_sandbox());
    }
    let now = now_ms();
    let run = ActiveRun::new(RunId::generate(), &conversation, now);
    let registration = app.runs.imagine(run);
    let mut request = request::imagine(app, &registration.run).await?;
    let pinned = pinning::waiting(app, id).await?;
    request.transcript.extend(pinned.into_iter().map(|wish| Entry::ContextChange(wish.into_change())));
    if let Some(text) = text {
        let id = MessageId::generate();
        let attachments = Vec::new();
        let said = UserMessage { id, text, attachments, origin: Origin::Person, created_at: now };
        request.transcript.push(Entry::User(said));
    }
    let engines = app.runs.by_load(&app.addresses.engines);
    let preview = engine::preview(&app.http, &engines, &request).await?;
    Ok(part(preview, from))
}

/// The messages from number `from` on, as many as fit into one answer.
fn part(mut preview: RequestPreview, from: usize) -> RequestPreview {
    let total = preview.messages.len();
    let mut length = 0;
    let fits = |message: &serde_json::Value| {
        let was = length;
        length += message.to_string().len();
        was == 0 || length <= PART_BYTES
    };
    let mut messages = preview.messages.split_off(from.min(total));
    let count = messages.iter().map(|message| &message.message).map(fits).take_while(|fits| *fits).count();
    messages.truncate(count);
    let end = from.saturating_add(count);
    preview.next = (end < total).then(|| u32::try_from(end).unwrap_or(u32::MAX));
    preview.messages = messages;
    if from > 0 {
        preview.tools = Vec::new();
    }
    preview
}

/// Closes files that the model has open, pinned ones too, and tells it with the next message. Those that are not open are
/// passed over.
///
/// # Errors
/// When there is no such conversation, the model is at work, or the database fails.
pub async fn close(app: &AppState, id: ConversationId, paths: Vec<String>) -> Result<(), ApiError> {
    let state = app.clone();
    finish(app, async move {
        let mut write = state.store.write().await?;
        let stored = existing(&mut write, &id).await?;
        if goes_on(&stored) {
            return Err(already_running());
        }
        let (closed, left): (Vec<_>, Vec<_>) =
            stored.context.files.into_iter().partition(|file| paths.contains(&file.path));
        if closed.is_empty() {
            return Ok(());
        }
        let paths: Vec<String> = closed.into_iter().map(|file| file.path).collect();
        let names = paths.join(", ");
        let told = Notice {
            text: format!("The person has closed these files: {names}. Read them again when you need them."),
        };
        let evicted = Entry::ContextChange(ContextChange::Evict { paths });
        transcript::append(&mut write, &id, &[&evicted, &Entry::Notice(told)]).await?;
        conversations::set_context_files(&mut write, &id, &left).await?;
        write.record(Some(&id), EventBody::ContextFiles { files: left }).await?;
        let said = format!("Closed for the model: {names}.");
        let now = write.now();
        let shown = notice::message(&id, None, NoticeLevel::Info, said, None, now);
        messages::insert(&mut write, &shown).await?;
        Ok(write.commit().await?)
    })
    .await
}

fn no_sandbox() -> ApiError {
    Problem::new(503, "sandbox_unavailable", "The sandbox is not there")
        .detail("Without its tools and files nobody can say what the model would be sent.")
        .hint("Check the sandbox with `slipway ps` and `slipway logs`, then try again.")
        .into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;
    use slipway_protocol::context::PreviewMessage;

    use super::*;

    fn preview(lengths: &[usize]) -> RequestPreview {
        let message = |length: &usize| PreviewMessage {
            message: json!({ "content": "x".repeat(*length) }),
            tokens: 1,
            views: Vec::new(),
            result: None,
        };
        RequestPreview {
            fingerprint: String::new(),
            model: String::new(),
            tokens: 0,
            window: None,
            summarises_first: false,
            summarises_at: None,
            tools_tokens: 0,
            tools: Vec::new(),
            files: Vec::new(),
            total: u32::try_from(lengths.len()).unwrap(),
            messages: lengths.iter().map(message).collect(),
            next: None,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn parts_hold_every_message_once_and_not_much_at_a_time(
            lengths in proptest::collection::vec(prop_oneof![0_usize..200, 0_usize..700_000], 0..12),
        ) {
            let whole = preview(&lengths);
            let (mut from, mut seen) = (0, Vec::new());
            loop {
                let part = part(whole.clone(), from);
                let size: usize = part.messages.iter().map(|message| message.message.to_string().len()).sum();
                prop_assert!(size <= PART_BYTES || part.messages.len() == 1, "{size}");
                seen.extend(part.messages);
                let Some(next) = part.next else { break };
                prop_assert!(next as usize > from);
                from = next as usize;
            }
            prop_assert_eq!(seen, whole.messages);
        }
    }
}
