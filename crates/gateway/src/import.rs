//! Reading an exported conversation back. It becomes a new conversation of whoever reads it, with ids of its own; what
//! it says about the instance that wrote it (instructions, limits) does not apply here.

mod check;
mod timeline;

use std::collections::HashSet;

use slipway_fail_points::{Point, reach};
use slipway_protocol::api::{Conversation, ModelChoice};
use slipway_protocol::event::RunStatus;
use slipway_protocol::export::{ConversationExport, ExportedRun};
use slipway_protocol::message::{Message, NoticeLevel, PartBody};
use slipway_protocol::plan::Plan;
use slipway_protocol::tool::{ToolOutcome, ToolStatus};
use slipway_protocol::transcript::{Entry, ToolResult};
use slipway_protocol::{CallId, ConversationId, MessageId, Problem, RunId, UserId, WorkspaceId};

use self::check::{Flaw, check};
use self::timeline::Reader;
use crate::api::ApiError;
use crate::app::AppState;
use crate::providers;
use crate::runs::timeline::notice;
use crate::store::imports::{self, ImportedRun};
use crate::store::{StoreError, Write, conversations, messages, now_ms, ownership, transcript};

/// What the model is told of a call whose result is not in the file.
const WITHOUT_RESULT: &str = "The conversation was exported before this call had a result.";

/// Makes a conversation of `owner` from a file.
///
/// # Errors
/// When the file makes no sense (422), or the database fails.
pub(crate) async fn import(
    app: &AppState,
    owner: UserId,
    export: ConversationExport,
) -> Result<Conversation, ApiError> {
    check(&export).map_err(|flaw| refused(&flaw))?;
    let model = model_of(app, &export).await?;
    let read = tokio::task::spawn_blocking(move || Imported::read(export, model, now_ms()));
    let imported = read.await.map_err(ApiError::internal)?;
    let state = app.clone();
    // On a task of its own, so that it is not given up half-way with the request.
    let written = app.tasks.spawn(async move {
        let mut write = state.store.write().await?;
        imported.write(&mut write, &owner).await?;
        reach(Point::ImportBeforeCommit);
        write.commit().await?;
        reach(Point::ImportAfterCommit);
        Ok::<_, StoreError>(imported.conversation)
    });
    Ok(written.await.map_err(ApiError::internal)??)
}

fn refused(flaw: &Flaw) -> ApiError {
    Problem::new(422, "import_invalid", "The file cannot be imported")
        .detail(format!("{}.", capitalised(&flaw.to_string())))
        .hint("Import a file as \u{201c}Export as JSON\u{201d} writes it.")
        .into()
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// The model that was asked last if it is configured here too, else the default.
async fn model_of(app: &AppState, export: &ConversationExport) -> Result<(ModelChoice, bool), ApiError> {
    let configured = providers::all(app).await?;
    let known = |id: &slipway_protocol::ProviderId| configured.iter().find(|one| one.provider.id == *id);
    let last = export.runs.last().and_then(|run| {
        let found = known(&run.provider.id).filter(|one| one.provider.profile == run.provider.profile)?;
        Some((ModelChoice { provider_id: found.provider.id.clone(), model: run.model.clone() }, found))
    });
    if let Some((model, found)) = last {
        return Ok((model, found.provider.scripted));
    }
    let model = providers::default_model(app).await?;
    let scripted = known(&model.provider_id).is_some_and(|one| one.provider.scripted);
    Ok((model, scripted))
}

/// A file as it is written to the database.
struct Imported {
    conversation: Conversation,
    /// The conversation that the file tells of.
    original: ConversationId,
    export: ConversationExport,
    runs: Vec<ImportedRun>,
    messages: Vec<Message>,
    entries: Vec<Entry>,
    plan: Option<Plan>,
}

impl Imported {
    fn read(mut export: ConversationExport, (model, scripted): (ModelChoice, bool), now: i64) -> Self {
        let id = ConversationId::generate();
        let mut reader = Reader::new(id.clone());
        let (mut runs, mut entries) = (Vec::new(), Vec::new());
        let last = export.runs.len().checked_sub(1);
        for (place, run) in std::mem::take(&mut export.runs).into_iter().enumerate() {
            let (run, own) = imported_run(run, export.exported_at);
            let mut own: Vec<Entry> = own.into_iter().map(with_new_id).collect();
            if Some(place) == last {
                let open = without_result(entries.iter().chain(&own), run.started_at);
                own.extend(open);
            }
            for entry in &own {
                reader.read(&run.id, run.started_at, entry);
            }
            entries.append(&mut own);
            runs.push(run);
        }
        let plan = entries.iter().rev().find_map(|entry| match entry {
            Entry::Plan(update) => Some(update.plan.clone()),
            _ => None,
        });
        let newest = runs.last();
        let conversation = Conversation {
            id,
            title: export.conversation.title.trim().to_owned(),
            status: newest.map_or(RunStatus::Idle, |run| run.status),
            run_id: newest.map(|run| run.id.clone()),
            run_started_at: None,
            problem: newest.and_then(|run| run.problem.clone()),
            model,
            workspace_id: WorkspaceId::default(),
            scripted,
            pinned: false,
            archived: false,
            branch_of: None,
            imported_at: Some(now),
            created_at: export.conversation.created_at,
            updated_at: now,
        };
        let original = export.conversation.id.clone();
        Self { conversation, original, export, runs, messages: reader.finish(), entries, plan }
    }

    async fn write(&self, write: &mut Write, owner: &UserId) -> Result<(), StoreError> {
        let id = &self.conversation.id;
        conversations::insert(write, owner, &self.conversation).await?;
        imports::mark(write, &self.conversation, &self.export).await?;
        for run in &self.runs {
            imports::insert_run(write, id, run).await?;
        }
        for entries in self.entries.chunks(500) {
            transcript::append(write, id, &entries.iter().collect::<Vec<_>>()).await?;
        }
        let linked = self.linked(write, owner).await?;
        for message in &self.messages {
            messages::insert_silently(write, &without_dead_links(message, &linked)).await?;
        }
        if let Some(plan) = &self.plan {
            conversations::set_plan(write, id, plan).await?;
        }
        let about = linked.contains(&self.original).then(|| self.original.clone());
        let text = "This conversation was imported from a file.".to_owned();
        let message = notice::message(id, None, NoticeLevel::Info, text, about, write.now());
        messages::insert(write, &message).await?;
        conversations::announce(write, id).await
    }

    /// Those of the conversations that the file names that are here, and the importer's own.
    async fn linked(&self, write: &mut Write, owner: &UserId) -> Result<HashSet<ConversationId>, StoreError> {
        let named = self.entries.iter().filter_map(|entry| match entry {
            Entry::Handover(handover) => Some(handover.conversation_id.clone()),
            _ => None,
        });
        let mut linked = HashSet::new();
        for id in named.chain([self.original.clone()]).collect::<HashSet<_>>() {
            if ownership::owner(write.connection(), &id).await?.as_ref() == Some(owner) {
                linked.insert(id);
            }
        }
        Ok(linked)
    }
}

/// A run under an id of its own, without its entries, which are given beside it. One that went on was over when the
/// file was written, as far as this conversation is concerned.
fn imported_run(run: ExportedRun, exported_at: i64) -> (ImportedRun, Vec<Entry>) {
    let over = !run.status.is_active() && run.status != RunStatus::Idle;
    let imported = ImportedRun {
        id: RunId::generate(),
        provider: run.provider,
        model: run.model,
        status: if over { run.status } else { RunStatus::Stopped },
        problem: run.problem,
        started_at: run.started_at,
        ended_at: if over { run.ended_at } else { run.ended_at.or(Some(exported_at.max(run.started_at))) },
    };
    (imported, run.entries)
}

fn with_new_id(mut entry: Entry) -> Entry {
    match &mut entry {
        Entry::User(message) => message.id = MessageId::generate(),
        Entry::Assistant(step) => step.id = MessageId::generate(),
        _ => {}
    }
    entry
}

/// Results for the calls of the newest answer that have none: without them no provider would go on.
fn without_result<'a>(entries: impl Iterator<Item = &'a Entry>, at: i64) -> Vec<Entry> {
    let mut open: Vec<(CallId, String, i64)> = Vec::new();
    for entry in entries {
        match entry {
            Entry::Assistant(step) => {
                let calls = step.tool_calls.iter();
                open = calls.map(|call| (call.id.clone(), call.name.clone(), step.created_at)).collect();
            }
            Entry::ToolResult(result) => open.retain(|(id, ..)| *id != result.call_id),
            _ => {}
        }
    }
    let result = |(call_id, name, asked_at): (CallId, String, i64)| {
        let outcome = ToolOutcome { status: ToolStatus::Interrupted, ..ToolOutcome::ok(WITHOUT_RESULT) };
        let created_at = asked_at.max(at);
        Entry::ToolResult(ToolResult { call_id, name, outcome, duration_ms: 0, created_at })
    };
    open.into_iter().map(result).collect()
}

/// The message without links to what is not here, or is somebody else's.
fn without_dead_links(message: &Message, linked: &HashSet<ConversationId>) -> Message {
    let mut message = message.clone();
    for part in &mut message.parts {
        if let PartBody::Notice { conversation_id, .. } = &mut part.body {
            conversation_id.take_if(|id| !linked.contains(id));
        }
    }
    message
}
