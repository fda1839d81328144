//! Rules about which calls of tools are made, and calls that wait until the person has approved them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::CallId;

/// What is done about calls that a rule is about. Of several rules the first that is about a call holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PermissionRule {
    /// Which calls it is about.
    pub about: RuleSubject,
    /// What is done about them.
    pub action: RuleAction,
}

/// Which calls a rule is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum RuleSubject {
    /// All.
    Any,
    /// Those of tools that may change something.
    Changes,
    /// Those of one tool.
    Tool {
        /// Its name, as models call it.
        name: String,
    },
    /// Commands of `run_terminal_command`.
    Command {
        /// Words of a command, such as `git push` or `rm -r`; `*` in a word stands for any characters.
        pattern: String,
    },
}

/// What is done about a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleAction {
    /// It is made.
    Allow,
    /// The person is asked first.
    Ask,
    /// It is not made, and the model is told so.
    Deny,
}

/// What may come of a call that the person should know before they approve it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// Files may be deleted, or work that is saved nowhere else.
    Deletes,
    /// Something may become known or change outside of the sandbox.
    Publishes,
    /// Programs may be installed, or the system of the sandbox changed.
    Installs,
    /// Files may be changed.
    Changes,
    /// The text of the command does not tell all that it would run.
    Unclear,
}

/// A call that waits until the person has decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Approval {
    /// The call.
    pub call_id: CallId,
    /// The tool's name, as models call it.
    pub tool: String,
    /// The arguments exactly as they would be carried out.
    pub arguments: Value,
    /// The command, when it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// The directory in which a command would run, as far as is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
    /// The rule that wants it to be asked; absent when rules were changed at that moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<PermissionRule>,
    /// What may come of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub risks: Vec<Risk>,
    /// When it was asked.
    pub asked_at: i64,
    /// When it counts as denied; absent when it waits for as long as it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
}

/// What the person decides about a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalDecision {
    /// It is made.
    ApproveOnce,
    /// It is made, and the same command, or another call of the same tool, is not asked about again in this
    /// conversation.
    ApproveForConversation,
    /// It is not made.
    Deny,
}

/// A call of a step that was left for later, because it or one before it is to be approved first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HeldCall {
    /// The call.
    pub call_id: CallId,
    /// The tool that it would call.
    pub tool: String,
    /// The arguments with which.
    pub arguments: Value,
    /// Whether it was this one that is to be approved.
    pub asked: bool,
}
