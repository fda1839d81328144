//! The plan of a conversation: the model's to-do list, as the person sees it.

use serde::{Deserialize, Serialize};

/// What the model means to do, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Plan {
    /// The steps.
    pub steps: Vec<PlanStep>,
}

impl Plan {
    /// Whether something remains to be done.
    pub fn is_open(&self) -> bool {
        self.steps.iter().any(|step| step.status.is_open())
    }

    /// How many steps stand so.
    pub fn count(&self, status: PlanStatus) -> usize {
        self.steps.iter().filter(|step| step.status == status).count()
    }
}

/// A step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PlanStep {
    /// What is to be done, in a few words: one line.
    pub text: String,
    /// Where it stands.
    pub status: PlanStatus,
}

/// Where a step of a plan stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanStatus {
    /// To be done later.
    Pending,
    /// Being done now.
    InProgress,
    /// Done.
    Done,
    /// Not to be done any more.
    Skipped,
}

impl PlanStatus {
    /// Whether the step remains to be done.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::InProgress)
    }

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InProgress => "in_progress",
            Self::Done => "done",
            Self::Skipped => "skipped",
        }
    }
}
