//! Requests and answers of the gateway's HTTP API under `/api/v1` (events are in [`crate::event`]).
//! Errors are [`crate::Problem`]s sent as `application/problem+json`.

mod accounts;
mod branches;
mod checkpoints;
mod models;
mod questions;
mod retention;
mod sandbox;
mod search;
mod setting;
mod settings;
mod subagents;
mod webhooks;
mod workspaces;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use self::accounts::{
    Account, ChangePassword, CreatePerson, OwnAccount, PasswordGiven, ResetPassword, Role, Session,
    UpdateAccount, UpdatePerson,
};
pub use self::branches::{BranchMessage, BranchReceipt, StateBefore, Wording, Wordings};
pub use self::checkpoints::{
    ChangeList, ChangeMarks, Checkpoint, CheckpointKind, CheckpointPage, DiffLine, DiffLineKind, DiffNote,
    DirectoryMark, FileChange, FileChangeKind, FileDiff, FileMark, Hunk, HunkChoice, RestoreAction,
    RestoreFailure, RestoreFiles, RestorePreview, RestoreReceipt, RestoreStep,
};
pub use self::models::{ModelList, ModelPrices, OfferedModel};
pub use self::questions::{AnswerQuestion, AnswerReceipt};
pub use self::retention::{Retention, RetentionChoices, RetentionReport};
pub use self::sandbox::{
    EgressMode, SandboxChoices, SandboxOrder, SandboxOrders, SandboxProfile, SandboxSettings,
    SandboxSettingsReport, SandboxUsage,
};
pub use self::search::{SaveSearchSettings, SearchEngine, SearchSettings};
pub use self::setting::{SettingEntry, SettingError, SettingList, SettingScope, SettingSource};
pub use self::settings::{Settings, UpdateSettings};
pub use self::subagents::{SubagentChoices, SubagentSettingsReport};
pub use self::webhooks::{
    CreateWebhook, CreatedWebhook, DeliveryPage, DeliveryState, ReplaceWebhookSecret, UpdateWebhook, Webhook,
    WebhookDelivery, WebhookEvent, WebhookList,
};
pub use self::workspaces::{NameWorkspace, Workspace, WorkspaceList};
use crate::budget::ConversationBudgets;
use crate::event::RunStatus;
use crate::id::{ConversationId, MessageId, ProviderId, RunId, WorkspaceId};
use crate::message::Message;
use crate::plan::Plan;
use crate::problem::Problem;
use crate::question::Question;
use crate::run::ContextFile;
use crate::sandbox::{Confinement, OpenPort};
use crate::transcript::Attachment;
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
    /// Messages that were said in other words too, and where those go on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wordings: Vec<Wordings>,
    /// Position in the event log that this snapshot reflects: `<epoch>-<seq>`.
    pub cursor: String,
}

/// `POST /conversations/{id}/messages`, answered by 202 and a [`SendReceipt`]. Sending the same
/// `client_id` again changes nothing and answers the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendMessage {
    /// Idempotency key chosen by the client, at most 64 characters.
    pub client_id: String,
    /// What to say, in Markdown; not blank.
    pub text: String,
    /// Workspace files that go with it.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    /// What to do when a run is going on.
    #[serde(default)]
    pub mode: SendMode,
}

/// What to do with a message when a run is going on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SendMode {
    /// Wait until the run has ended.
    #[default]
    Queue,
    /// Let the model hear it at its next step, without stopping; a run that ends before is followed by another.
    Steer,
    /// Stop the run, then send.
    Interrupt,
}

/// What became of a sent message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SendReceipt {
    /// The message.
    pub message_id: MessageId,
    /// The run that it started; `None` when it waits in the queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<RunId>,
}

/// `PATCH /conversations/{id}/queue/{message_id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EditQueued {
    /// What the message is to say, in Markdown; not blank.
    pub text: String,
}

/// `PUT /conversations/{id}/queue`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OrderQueue {
    /// All messages that wait, in the order in which they are to be sent.
    pub message_ids: Vec<MessageId>,
}

/// A message that waits for the run to end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct QueuedMessage {
    /// Its id.
    pub message_id: MessageId,
    /// The sender's id for it.
    pub client_id: String,
    /// What it says.
    pub text: String,
    /// When it was sent.
    pub created_at: i64,
}

/// `GET /providers`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProviderList {
    /// What is configured.
    pub providers: Vec<Provider>,
    /// Where the following part of a list begins that is asked for in parts (`after`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// What can be added: known providers with their addresses.
    pub presets: Vec<ProviderPreset>,
    /// What new conversations use; the demo as long as nothing else is configured.
    pub default_model: ModelChoice,
}

/// A configured provider. Its key is never sent back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Provider {
    /// Its id.
    pub id: ProviderId,
    /// Name of the profile (quirks, prices).
    pub profile: String,
    /// A name for people.
    pub name: String,
    /// Base URL up to and including the version part.
    pub base_url: String,
    /// Whether a key is stored.
    pub has_key: bool,
    /// Models to offer; the first is the default.
    pub models: Vec<String>,
    /// Whether it is a script, not a model.
    pub scripted: bool,
    /// Where it comes from.
    #[serde(default)]
    pub origin: ProviderOrigin,
    /// Further fields for each request body.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Object)]
    pub extra_body: Map<String, Value>,
    /// Whether its models see pictures; absent: what is known of each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sees: Option<bool>,
}

/// Where a provider comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProviderOrigin {
    /// The person added it; can be changed and removed.
    #[default]
    Person,
    /// A key in the gateway's environment; saving it under the same id overrides it.
    Environment,
    /// Part of Slipway; cannot be changed.
    BuiltIn,
}

/// A known provider that can be added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProviderPreset {
    /// Name of the profile.
    pub profile: String,
    /// A name for people.
    pub name: String,
    /// Its usual base URL; empty when the person must give one.
    pub base_url: String,
    /// Where to get a key; empty when none is needed.
    pub key_url: String,
    /// Whether a key is needed.
    pub needs_key: bool,
    /// Models that are known to work.
    pub models: Vec<String>,
}

/// `PUT /providers/{id}`: adds or replaces a provider.
#[derive(Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveProvider {
    /// Name of the profile.
    pub profile: String,
    /// A name for people.
    pub name: String,
    /// Base URL up to and including the version part.
    pub base_url: String,
    /// A new key; absent keeps the stored one, empty removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key: Option<String>,
    /// Models to offer; the first is the default.
    pub models: Vec<String>,
    /// Further fields for each request body.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub extra_body: Map<String, Value>,
    /// Whether its models see pictures; absent leaves it to what is known of each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sees: Option<bool>,
}

impl std::fmt::Debug for SaveProvider {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("SaveProvider")
            .field("profile", &self.profile)
            .field("base_url", &self.base_url)
            .field("models", &self.models)
            .finish_non_exhaustive()
    }
}

/// `POST /providers/test`: makes one small call with what would be saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestProvider {
    /// The stored provider whose key to use when `provider.api_key` is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_id: Option<ProviderId>,
    /// What would be saved.
    pub provider: SaveProvider,
    /// The model to call.
    pub model: String,
}

/// Answer of `POST /providers/test`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ProviderTestResult {
    /// It answered.
    Works {
        /// Time to the end of the answer.
        latency_ms: u64,
        /// The model that answered, by its own account.
        model: String,
        /// Whether it called the tool that it was asked to call.
        calls_tools: bool,
    },
    /// It did not.
    Fails {
        /// Why, with the provider's own words in `detail`.
        problem: Problem,
    },
}

/// `GET /instance`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Instance {
    /// Slipway's version.
    pub version: String,
    /// Number of the instance, from 1.
    pub number: u32,
    /// Where the stand-alone desktop page is; absent when there is no desktop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desktop_url: Option<String>,
    /// The sandbox.
    pub sandbox: SandboxStatus,
    /// Whether the first-run screen is due.
    pub needs_setup: bool,
    /// Most bytes that one upload to the workspace may have.
    pub max_upload_bytes: u64,
    /// Why nothing can be saved at the moment; runs wait until it can. Absent when all is well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<Problem>,
}

/// The sandbox as the person should see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SandboxStatus {
    /// Whether its tool host is attached.
    pub attached: bool,
    /// How the tools are fenced in; `None` until a tool host was attached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confinement: Option<Confinement>,
    /// Absolute path of the workspace as tools see it; empty until a tool host was attached.
    pub workspace: String,
    /// Absolute path of the directory that further workspaces are in; absent when there can be none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspaces: Option<String>,
    /// Whether it has a desktop.
    pub desktop: bool,
    /// Whether the person has taken control of the desktop, so that the model's input is refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub person_drives: bool,
    /// Ports that the agent's programs listen on; each can be looked at under
    /// `GET /api/v1/ports/{port}/preview`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<OpenPort>,
    /// What the person must know, for example that this is not a container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}

/// `POST /session`: trades a token, or a name and a password, for a session cookie.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Login {
    /// The token from the launcher's link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The account's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

/// `POST /events/{stream}/topics`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Topics {
    /// `user` for the conversation list and the instance, `conv:<id>` for a conversation.
    pub topics: Vec<String>,
}

/// `GET /conversations/{id}/calls/{call_id}/output?from=&to=`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OutputRange {
    /// The text from byte `from` on, cut at character borders.
    pub text: String,
    /// Where `text` begins, in bytes.
    pub from: u64,
    /// Where it ends, in bytes.
    pub to: u64,
    /// Length of the whole in bytes.
    pub total: u64,
}

/// Answer of `POST /session/links`, which only the launcher may call.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LoginLink {
    /// Path and query to open in a browser, once: `/login?token=…`.
    pub path: String,
    /// Until when.
    pub expires_at: i64,
}
