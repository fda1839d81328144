//! What holds for the whole instance.

use serde::{Deserialize, Serialize};

use super::ModelChoice;
use crate::budget::Budget;
use crate::run::{ContextMode, RunLimits};

/// `GET` and `PUT /settings`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Settings {
    /// What new conversations use.
    pub default_model: ModelChoice,
    /// A cheaper model for work on the side, such as reading long web pages; none by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secondary_model: Option<ModelChoice>,
    /// When runs end by themselves.
    pub limits: RunLimits,
    /// What all runs of a conversation may consume together.
    #[serde(default)]
    pub conversation_budget: Budget,
    /// How open files are laid out in what the model is sent, from each conversation's next run on.
    #[serde(default)]
    pub context_mode: ContextMode,
    /// Standing instructions for the model, in Markdown. A conversation keeps those of its first run.
    pub instructions: String,
    /// Whether the person has been through (or has skipped) the first-run screen.
    pub setup_done: bool,
}

/// `PATCH /settings`: what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct UpdateSettings {
    /// What new conversations use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_model: Option<ModelChoice>,
    /// A cheaper model for work on the side; one without a name for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secondary_model: Option<ModelChoice>,
    /// When runs end by themselves; replaces all limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<RunLimits>,
    /// What all runs of a conversation may consume together; replaces the whole budget.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation_budget: Option<Budget>,
    /// How open files are laid out in what the model is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_mode: Option<ContextMode>,
    /// Standing instructions for the model, in Markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// Whether the person has been through (or has skipped) the first-run screen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub setup_done: Option<bool>,
}

impl UpdateSettings {
    /// This change, and where it leaves something, what `earlier` has changed.
    #[must_use]
    pub fn after(self, earlier: Self) -> Self {
        Self {
            default_model: self.default_model.or(earlier.default_model),
            secondary_model: self.secondary_model.or(earlier.secondary_model),
            limits: self.limits.or(earlier.limits),
            conversation_budget: self.conversation_budget.or(earlier.conversation_budget),
            context_mode: self.context_mode.or(earlier.context_mode),
            instructions: self.instructions.or(earlier.instructions),
            setup_done: self.setup_done.or(earlier.setup_done),
        }
    }
}

impl From<Settings> for UpdateSettings {
    fn from(settings: Settings) -> Self {
        Self {
            default_model: Some(settings.default_model),
            secondary_model: Some(settings.secondary_model.unwrap_or_else(ModelChoice::none)),
            limits: Some(settings.limits),
            conversation_budget: Some(settings.conversation_budget),
            context_mode: Some(settings.context_mode),
            instructions: Some(settings.instructions),
            setup_done: Some(settings.setup_done),
        }
    }
}
