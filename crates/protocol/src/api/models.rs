//! What providers offer.

use serde::{Deserialize, Serialize};

/// `GET /providers/{id}/models`: what the provider itself offers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ModelList {
    /// The models, in the provider's order.
    pub models: Vec<OfferedModel>,
    /// When the provider was asked.
    pub fetched_at: i64,
}

/// A model that a provider offers, with what is known of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OfferedModel {
    /// The provider's name for it.
    pub name: String,
    /// Its window in tokens; of a local server, the one in effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_window: Option<u64>,
    /// Most tokens that it may write in one answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_output: Option<u64>,
    /// What it costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prices: Option<ModelPrices>,
}

/// Prices per million tokens, in US dollars.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ModelPrices {
    /// Uncached input.
    pub input: f64,
    /// Input from the provider's cache.
    pub cached: f64,
    /// Output, reasoning included.
    pub output: f64,
}
