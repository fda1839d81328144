//! Pinning files that the model has open: they are not closed because they were not used for long.
//!
//! While no run goes on, the transcript says so at once. The transcript of a run that goes on is its engine's to
//! continue: then the wish waits in a row, the engine is told, and records it at its next step. What it has not recorded
//! when the run ends, however that ends, is recorded with the end. People see what they wanted from the beginning.

use std::time::Duration;

use slipway_protocol::context::PinFile;
use slipway_protocol::event::EventBody;
use slipway_protocol::run::ContextFile;
use slipway_protocol::transcript::{ContextChange, Entry};
use slipway_protocol::{ConversationId, Problem, RunId};
use tokio::sync::watch;
use url::Url;

use super::active::ActiveRun;
use super::commands::{existing, finish, goes_on};
use super::orders;
use crate::api::ApiError;
use crate::app::AppState;
use crate::store::conversations::ContextState;
use crate::store::gateways::Order;
use crate::store::{StoreError, Write, conversations, pin_wishes, transcript};

/// Pinned files may take up one part in so many of the model's window. They stay when everything else makes room, so
/// what they take is what the model has not got for its work.
const PARTS_OF_WINDOW: u64 = 3;
/// Characters per token of a view, about.
const CHARACTERS_PER_TOKEN: u64 = 4;
/// How long an engine may take for an answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);
/// Wait before an engine that did not answer is told again.
const TELL_AGAIN: Duration = Duration::from_millis(500);

/// Pins an open file, or takes that back; the model is not told, and is sent the same. To take back a pin that is not there is
/// nothing. The pin lasts as long as the file is open ([`ContextChange::Pin`]).
///
/// # Errors
/// When there is no such conversation, the file is not open, pinned files would take too much of the window as the
/// newest answer has told it, or the database fails.
pub async fn pin(app: &AppState, id: ConversationId, wanted: PinFile) -> Result<(), ApiError> {
    let state = app.clone();
    finish(app, async move {
        let mut write = state.store.write().await?;
        let stored = existing(&mut write, &id).await?;
        let Some(files) = changed(&stored.context, &wanted)? else { return Ok(()) };
        let mut told_here = None;
        if goes_on(&stored) {
            pin_wishes::set(&mut write, &id, &wanted).await?;
            let elsewhere = orders::pass(&mut write, &stored, |run_id| Order::Pin { run_id }).await?;
            told_here = stored.conversation.run_id.filter(|_| !elsewhere);
        } else {
            let entry = Entry::ContextChange(wanted.into_change());
            transcript::append(&mut write, &id, &[&entry]).await?;
        }
        conversations::set_context_files(&mut write, &id, &files).await?;
        write.record(Some(&id), EventBody::ContextFiles { files }).await?;
        write.commit().await?;
        if let Some(run_id) = told_here {
            carry_out(&state, &run_id);
        }
        Ok(())
    })
    .await
}

/// The open files with the change; `None` when they are so already.
fn changed(context: &ContextState, wanted: &PinFile) -> Result<Option<Vec<ContextFile>>, Problem> {
    let mut files = context.files.clone();
    let Some(file) = files.iter_mut().find(|file| file.path == wanted.path) else {
        return if wanted.pinned { Err(not_open(&wanted.path)) } else { Ok(None) };
    };
    if file.pinned == wanted.pinned {
        return Ok(None);
    }
    file.pinned = wanted.pinned;
    if wanted.pinned
        && let Some(window) = context.limit
    {
        let pinned = files.iter().filter(|file| file.pinned);
        let tokens: u64 = pinned.map(|file| file.shown_chars.div_ceil(CHARACTERS_PER_TOKEN)).sum();
        if tokens > window / PARTS_OF_WINDOW {
            return Err(too_large(&wanted.path, tokens, window));
        }
    }
    Ok(Some(files))
}

/// Has the task of a run look at what is wanted; nothing happens when the run has ended, which has recorded it.
pub(super) fn carry_out(app: &AppState, run_id: &RunId) {
    if let Some(run) = app.runs.get(run_id) {
        run.pins.send_modify(|changes| *changes += 1);
    }
}

/// Waits until there is something that the engine does not know.
pub(super) async fn differ(changes: &mut watch::Receiver<u64>, known: u64) {
    // The sender lives as long as the run that is driven.
    changes.wait_for(|newest| *newest != known).await.ok();
}

/// Tells the engine what is wanted and not recorded; gives what it knows then.
pub(super) async fn tell(app: &AppState, run: &ActiveRun, engine: &Url, known: u64) -> u64 {
    let newest = *run.pins.borrow();
    let is_told = match waiting(app, &run.conversation_id).await {
        Ok(wishes) => post(app, run, engine, &wishes).await,
        Err(error) => {
            tracing::warn!(%error, "what is to be pinned cannot be read");
            false
        }
    };
    if is_told {
        return newest;
    }
    tokio::time::sleep(TELL_AGAIN).await;
    known
}

/// Posts wishes to the engine; whether it has taken them, or has no use for them any more.
async fn post(app: &AppState, run: &ActiveRun, engine: &Url, wishes: &[PinFile]) -> bool {
    let mut url = engine.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(["v1", "runs", run.id.as_str(), "pins"]);
    }
    match app.http.post(url).timeout(ANSWER_LIMIT).json(wishes).send().await {
        // Where the run has ended, its end records it.
        Ok(answer) if answer.status().is_success() || answer.status() == http::StatusCode::NOT_FOUND => true,
        Ok(answer) => {
            tracing::warn!(status = %answer.status(), "an engine was not told what is pinned");
            false
        }
        Err(error) => {
            tracing::warn!(%error, "an engine was not told what is pinned");
            false
        }
    }
}

/// What is wanted and not in the transcript yet.
///
/// # Errors
/// When the database fails.
pub(super) async fn waiting(app: &AppState, id: &ConversationId) -> Result<Vec<PinFile>, StoreError> {
    let mut read = app.store.read().await?;
    pin_wishes::all(&mut read, id).await
}

/// Takes note of what an engine has recorded.
///
/// # Errors
/// When the database fails.
pub(super) async fn recorded(
    write: &mut Write,
    id: &ConversationId,
    change: &ContextChange,
) -> Result<(), StoreError> {
    let fulfilled = match change {
        ContextChange::Pin { path } => PinFile { path: path.clone(), pinned: true },
        ContextChange::Unpin { path } => PinFile { path: path.clone(), pinned: false },
        ContextChange::Collapse { .. }
        | ContextChange::Evict { .. }
        | ContextChange::Mask { .. }
        | ContextChange::Compact { .. } => return Ok(()),
    };
    pin_wishes::fulfil(write, id, &fulfilled).await
}

/// The open files of which an engine tells, with what is wanted and not recorded yet. What was wanted of files that are
/// not open any more is forgotten.
///
/// # Errors
/// When the database fails.
pub(super) async fn overlaid(
    write: &mut Write,
    id: &ConversationId,
    files: &[ContextFile],
) -> Result<Vec<ContextFile>, StoreError> {
    let mut files = files.to_vec();
    for wish in pin_wishes::all(write.connection(), id).await? {
        match files.iter_mut().find(|file| file.path == wish.path) {
            Some(file) => file.pinned = wish.pinned,
            None => pin_wishes::fulfil(write, id, &wish).await?,
        }
    }
    Ok(files)
}

/// Records what the engine of a run that ends now has not recorded.
///
/// # Errors
/// When the database fails.
pub(super) async fn settle(write: &mut Write, id: &ConversationId) -> Result<(), StoreError> {
    for wish in pin_wishes::all(write.connection(), id).await? {
        pin_wishes::fulfil(write, id, &wish).await?;
        let entry = Entry::ContextChange(wish.into_change());
        transcript::append(write, id, &[&entry]).await?;
    }
    Ok(())
}

fn not_open(path: &str) -> Problem {
    Problem::new(409, "file_not_open", "The model does not have this file open")
        .detail(format!("Only open files can be pinned, and {path} was closed or never read."))
        .hint("Ask the model to read it; then it can be pinned.")
}

fn too_large(path: &str, tokens: u64, window: u64) -> Problem {
    let most = window / PARTS_OF_WINDOW;
    Problem::new(409, "pins_too_large", "Pinned files would take too much of the model's window")
        .detail(format!(
            "With {path} they would take about {tokens} tokens; at most {most} of {window} are for pinned files, so \
             that the model keeps room to work."
        ))
        .hint("Unpin or close another file first, or use a model with a larger window.")
}
