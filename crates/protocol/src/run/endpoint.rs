//! How a model is reached.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::cost::Payment;

/// A model behind an OpenAI-compatible endpoint.
#[derive(Clone, Serialize, Deserialize)]
pub struct ModelEndpoint {
    /// Name of the provider profile (quirks, prices); `custom` when none fits.
    pub profile: String,
    /// Base URL up to and including the version part, for example `https://api.deepseek.com/v1`.
    pub base_url: String,
    /// Secret key; empty for servers that want none.
    pub api_key: String,
    /// The provider's name for the model.
    pub model: String,
    /// Further fields for the request body, verbatim (for example `thinking`).
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub extra_body: Map<String, Value>,
    /// The model's window in tokens, when it is known better than the profile knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_window: Option<u64>,
    /// Whether it sees pictures, when that is known better than the profile knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sees: Option<bool>,
    /// How what it uses is paid for, when that is known better than the profile knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<Payment>,
}

impl std::fmt::Debug for ModelEndpoint {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ModelEndpoint")
            .field("profile", &self.profile)
            .field("base_url", &self.base_url)
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}
