//! Conversations: listed, made, changed, and shown with their newest messages.

use serde::{Deserialize, Serialize};

use super::branches::Wordings;
use super::messages::QueuedMessage;
use crate::approval::Approval;
use crate::budget::ConversationBudgets;
use crate::event::RunStatus;
use crate::id::{ConversationId, ProviderId, RunId, WorkspaceId};
use crate::message::Message;
use crate::plan::Plan;
use crate::problem::Problem;
use crate::question::Question;
use crate::run::ContextFile;
use crate::usage::Usage;

/// A conversation without its messages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// A short name; from the first message until somebody renames it.
    pub title: String,
    /// Where its run stands.
    pub status: RunStatus,
    /// The run going on or the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<RunId>,
    /// Since when the run goes on; `None` when none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_started_at: Option<i64>,
    /// Why the run stands so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
    /// The model that the next run will use.
    pub model: ModelChoice,
    /// The workspace that the agent works in.
    #[serde(default)]
    pub workspace_id: WorkspaceId,
    /// Whether a script plays the model (the demo); must be labelled wherever it shows.
    pub scripted: bool,
    /// Whether it is kept at the top of the list.
    #[serde(default)]
    pub pinned: bool,
    /// Whether it is put away: not in the list, unless archived ones are asked for.
    #[serde(default)]
    pub archived: bool,
    /// The conversation in which its last copied message was followed by other words; absent when it is no branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch_of: Option<ConversationId>,
    /// When it was read from a file; absent when it was made here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported_at: Option<i64>,
    /// When it was created.
    pub created_at: i64,
    /// When anything last happened in it.
    pub updated_at: i64,
}

/// `DELETE /conversations/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Deletion {
    /// Until when the conversation can be brought back, in ms since the epoch.
    pub undo_until: i64,
}

/// A provider and one of its models.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ModelChoice {
    /// The provider.
    pub provider_id: ProviderId,
    /// The provider's name for the model.
    pub model: String,
}

impl ModelChoice {
    /// No model, where one may be left out.
    pub fn none() -> Self {
        Self { provider_id: "".into(), model: String::new() }
    }

    /// Whether this is no model.
    pub fn is_none(&self) -> bool {
        self.provider_id.as_str().is_empty() && self.model.is_empty()
    }
}

/// `POST /conversations`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CreateConversation {
    /// A name; empty to take it from the first message.
    pub title: String,
    /// The model; the instance's default when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelChoice>,
    /// Its own limits, where it is not to have the instance's.
    pub budgets: ConversationBudgets,
    /// The workspace that the agent works in; the one that every instance has when absent.
    pub workspace_id: WorkspaceId,
    /// The conversation of yours that it goes on from: each of them gets a notice that leads to the other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub continues: Option<ConversationId>,
}

/// `PATCH /conversations/{id}`: what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UpdateConversation {
    /// A new name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The model from the next run on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelChoice>,
    /// Whether it is kept at the top of the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pinned: Option<bool>,
    /// Whether it is put away. A new message brings it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
}

/// `GET /conversations`: pinned ones first, each group newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ConversationPage {
    /// One page.
    pub items: Vec<Conversation>,
    /// Value for `?before=` of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Position in the event log that this answer reflects: `<epoch>-<seq>`.
    pub cursor: String,
}

/// `GET /conversations/{id}?tail=60` or `?before=<message id>`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ConversationSnapshot {
    /// Its metadata.
    pub conversation: Conversation,
    /// Messages, oldest first, streamed parts as far as they have come.
    pub messages: Vec<Message>,
    /// Whether there are older ones.
    pub has_more: bool,
    /// What sub-agents of the present run have said, oldest first. Of earlier runs it is to be had by
    /// `GET /conversations/{id}/calls/{call_id}/messages`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nested: Vec<Message>,
    /// Messages that wait for the run to end.
    pub queue: Vec<QueuedMessage>,
    /// Consumption of the whole conversation.
    pub usage: Usage,
    /// Tokens of the model's window in use.
    pub context_used: u64,
    /// The model's window; `None` when unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_limit: Option<u64>,
    /// Files that the model has open.
    pub context_files: Vec<ContextFile>,
    /// The model's plan, if it has made one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
    /// Questions that wait for the person, in the order in which they were asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<Question>,
    /// Calls that wait until the person has decided, in the order in which they were asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<Approval>,
    /// Messages that were said in other words too, and where those go on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wordings: Vec<Wordings>,
    /// Position in the event log that this snapshot reflects: `<epoch>-<seq>`.
    pub cursor: String,
}
