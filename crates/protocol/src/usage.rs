//! What model calls consumed.

use serde::{Deserialize, Serialize};

/// Tokens of one model call, or summed over several. The counters do not overlap.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Usage {
    /// Input tokens that were not served from the provider's cache.
    pub input: u64,
    /// Input tokens served from the provider's cache.
    pub cached: u64,
    /// Output tokens that are not reasoning.
    pub output: u64,
    /// Reasoning tokens.
    pub reasoning: u64,
    /// Cost in millionths of the provider's currency unit; `None` when the price is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_micros: Option<u64>,
    /// Whether the provider reported these figures or Slipway estimated them.
    pub source: UsageSource,
}

/// Where token figures come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UsageSource {
    /// The provider's own figures.
    Reported,
    /// An estimate from text lengths.
    #[default]
    Estimated,
}

impl Usage {
    /// All tokens that occupied the model's window during the call.
    pub fn context_tokens(&self) -> u64 {
        self.input + self.cached + self.output + self.reasoning
    }
}
