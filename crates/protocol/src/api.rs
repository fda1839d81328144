//! Requests and answers of the gateway's HTTP API under `/api/v1` (events are in [`crate::event`]).
//! Errors are [`crate::Problem`]s sent as `application/problem+json`.

mod accounts;
mod branches;
mod checkpoints;
mod conversations;
mod drafts;
mod instance;
mod messages;
mod models;
mod permissions;
mod providers;
mod questions;
mod retention;
mod sandbox;
mod search;
mod session;
mod setting;
mod settings;
mod subagents;
mod webhooks;
mod workspaces;

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
pub use self::conversations::{
    Conversation, ConversationPage, ConversationSnapshot, CreateConversation, Deletion, ModelChoice,
    UpdateConversation,
};
pub use self::drafts::Draft;
pub use self::instance::{
    DiskPurpose, DiskSpace, Instance, InstanceEnvironment, InstancePort, PortPurpose, SandboxReach,
    SandboxStatus, UsualPorts,
};
pub use self::messages::{
    CallStanding, EditQueued, OrderQueue, OutputRange, QueuedMessage, RunStanding, SendMessage, SendMode,
    SendReceipt,
};
pub use self::models::{ModelList, ModelPrices, OfferedModel};
pub use self::permissions::{
    ApprovalReceipt, DecideApproval, PUBLISHING, PermissionChoices, PermissionPreset, PermissionPresetRules,
    PermissionReport, Permissions,
};
pub use self::providers::{
    Provider, ProviderList, ProviderOrigin, ProviderPreset, ProviderTestResult, SaveProvider, TestProvider,
};
pub use self::questions::{AnswerQuestion, AnswerReceipt};
pub use self::retention::{Retention, RetentionChoices, RetentionReport};
pub use self::sandbox::{
    EgressMode, SandboxChoices, SandboxOrder, SandboxOrders, SandboxProfile, SandboxSettings,
    SandboxSettingsReport, SandboxUsage, WorkspaceUsage,
};
pub use self::search::{SaveSearchSettings, SearchEngine, SearchSettings};
pub use self::session::{Login, LoginLink, Topics};
pub use self::setting::{SettingEntry, SettingError, SettingList, SettingScope, SettingSource};
pub use self::settings::{Settings, UpdateSettings};
pub use self::subagents::{SubagentChoices, SubagentSettingsReport};
pub use self::webhooks::{
    CreateWebhook, CreatedWebhook, DeliveryPage, DeliveryState, ReplaceWebhookSecret, UpdateWebhook, Webhook,
    WebhookDelivery, WebhookEvent, WebhookList,
};
pub use self::workspaces::{NameWorkspace, Workspace, WorkspaceList};
