//! Model providers: what is configured, what can be, and trying one.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::conversations::ModelChoice;
use crate::cost::Payment;
use crate::id::ProviderId;
use crate::problem::Problem;

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
    /// How what its models use is paid for.
    #[serde(default)]
    pub payment: Payment,
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
    /// How what its models use is paid for, unless the person says otherwise.
    #[serde(default)]
    pub payment: Payment,
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
    /// How what its models use is paid for; absent leaves it to the profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<Payment>,
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
