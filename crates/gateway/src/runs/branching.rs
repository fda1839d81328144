//! Saying something in other words. The new wording goes on in a conversation of its own, which begins with a copy of
//! what came before the message; the old one stays as it is, and each leads to the other.

use slipway_fail_points::{Point, reach};
use slipway_protocol::api::{BranchMessage, BranchReceipt, Conversation, Wording};
use slipway_protocol::event::RunStatus;
use slipway_protocol::transcript::Origin;
use slipway_protocol::{ConversationId, MessageId, Problem, RunId};

use super::active::Registration;
use super::begin::begin;
use super::commands::{existing, finish, goes_on};
use super::drive::launch;
use crate::api::ApiError;
use crate::app::AppState;
use crate::store::branches::{self, Said};
use crate::store::copies::{self, Beginning};
use crate::store::queue::PendingMessage;
use crate::store::{StoreError, Write, budgets, conversations, ownership, prompts};

/// Says a message in other words, in a conversation of its own.
///
/// # Errors
/// When there is no such message, a run goes on in the conversation, or the database fails.
pub async fn branch(
    app: &AppState,
    id: ConversationId,
    message_id: MessageId,
    wanted: BranchMessage,
) -> Result<BranchReceipt, ApiError> {
    let state = app.clone();
    finish(app, async move { try_branch(&state, &id, &message_id, wanted).await }).await
}

async fn try_branch(
    app: &AppState,
    id: &ConversationId,
    message_id: &MessageId,
    wanted: BranchMessage,
) -> Result<BranchReceipt, ApiError> {
    let mut write = app.store.write().await?;
    let stored = existing(&mut write, id).await?;
    let Some(said) = branches::said(write.connection(), id, message_id).await? else {
        return Err(ApiError::not_found("message of yours", message_id));
    };
    if let Some(made) = branches::made_before(write.connection(), message_id, &wanted.client_id).await? {
        let conversation = existing(&mut write, &made.conversation_id).await?.conversation;
        return Ok(BranchReceipt { conversation, message_id: made.message_id, run_id: None });
    }
    if goes_on(&stored) {
        return Err(Problem::new(409, "run_active", "The model is at work in this conversation")
            .detail("What it does now would be lost sight of, and it could change the same files.")
            .hint("Wait until it is done, or stop it first.")
            .into());
    }
    let new = new_conversation(&mut write, &stored.conversation).await?;
    copy_before(&mut write, (id, message_id), &said, &new.id).await?;
    let (registration, made) = say(app, &mut write, &new, said, wanted).await?;
    let old = Wording { conversation_id: id.clone(), message_id: message_id.clone() };
    branches::reword(&mut write, &old, &made).await?;
    let relatives = branches::relatives(write.connection(), &new.id).await?;
    branches::announce(&mut write, &relatives).await?;
    let run_id: Option<RunId> = Some(registration.run.id.clone());
    let conversation = existing(&mut write, &new.id).await?.conversation;
    reach(Point::BranchBeforeCommit);
    write.commit().await?;
    reach(Point::BranchAfterCommit);
    launch(app, registration);
    Ok(BranchReceipt { conversation, message_id: made.message_id, run_id })
}

/// A conversation like `old`, without anything in it.
async fn new_conversation(write: &mut Write, old: &Conversation) -> Result<Conversation, StoreError> {
    let now = write.now();
    let new = Conversation {
        id: ConversationId::generate(),
        status: RunStatus::Idle,
        run_id: None,
        run_started_at: None,
        problem: None,
        pinned: false,
        archived: false,
        branch_of: Some(old.id.clone()),
        imported_at: None,
        created_at: now,
        updated_at: now,
        ..old.clone()
    };
    let owner = ownership::owner(write.connection(), &old.id).await?;
    conversations::insert(write, &owner.unwrap_or_else(|| ownership::OWNER.into()), &new).await?;
    // A budget is not larger because something was said twice.
    budgets::share(write, &new.id, &old.id).await?;
    // The model is told the same as before, so that what it was sent is not paid for anew.
    prompts::copy(write, &old.id, &new.id).await?;
    Ok(new)
}

/// Copies what stands before the message.
async fn copy_before(
    write: &mut Write,
    (id, message_id): (&ConversationId, &MessageId),
    said: &Said,
    to: &ConversationId,
) -> Result<(), ApiError> {
    let Some(entry) = copies::place_of(write, id, message_id).await? else {
        return Err(ApiError::not_found("message of yours", message_id));
    };
    let beginning = Beginning { from: id, to, message: said.ordinal, entry };
    let copied = copies::copy(write, beginning).await?;
    if let Some(plan) = &copied.plan {
        conversations::set_plan(write, to, plan).await?;
    }
    Ok(branches::copy(write, id, to, &copied.messages).await?)
}

/// Says the new wording, and begins its run.
async fn say(
    app: &AppState,
    write: &mut Write,
    new: &Conversation,
    said: Said,
    wanted: BranchMessage,
) -> Result<(Registration, Wording), StoreError> {
    let message_id = MessageId::generate();
    let message = PendingMessage {
        id: message_id.clone(),
        client_id: wanted.client_id,
        text: wanted.text,
        attachments: wanted.attachments.unwrap_or(said.attachments),
        origin: Origin::Person,
        created_at: write.now(),
    };
    let registration = begin(write, &app.runs, new, Some(message)).await?;
    Ok((registration, Wording { conversation_id: new.id.clone(), message_id }))
}
