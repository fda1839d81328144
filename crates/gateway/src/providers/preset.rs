//! Known providers, from the engine's profiles.

use slipway_protocol::api::ProviderPreset;
use slipway_protocol::cost::Payment;

/// What the gateway uses of a profile.
#[derive(Debug, Clone)]
pub struct Preset {
    /// Name of the profile.
    pub profile: String,
    /// A name for people.
    pub name: String,
    /// Its usual base URL; empty when the person must give one.
    pub base_url: String,
    /// Where to get a key; empty when none is needed.
    pub key_url: String,
    /// Environment variable that usually holds the key; empty when there is none.
    pub key_env: String,
    /// Whether a key is needed.
    pub needs_key: bool,
    /// Models that are known to work.
    pub models: Vec<String>,
    /// How what its models use is paid for, unless the person says otherwise.
    pub payment: Payment,
}

impl From<Preset> for ProviderPreset {
    fn from(preset: Preset) -> Self {
        Self {
            profile: preset.profile,
            name: preset.name,
            base_url: preset.base_url,
            key_url: preset.key_url,
            needs_key: preset.needs_key,
            models: preset.models,
            payment: preset.payment,
        }
    }
}

/// All profiles but scripted ones.
pub fn presets() -> Vec<Preset> {
    slipway_engine::profiles()
        .iter()
        .filter(|profile| !profile.scripted)
        .map(|profile| Preset {
            profile: profile.name.clone(),
            name: profile.title.clone(),
            base_url: profile.base_url.clone(),
            key_url: profile.key_url.clone(),
            key_env: profile.key_env.clone(),
            needs_key: profile.needs_key,
            models: profile.models.iter().map(|model| model.name.clone()).collect(),
            payment: profile.payment,
        })
        .collect()
}

/// Name of the profile that the demo uses.
pub fn demo_profile() -> String {
    slipway_engine::profiles()
        .iter()
        .find(|profile| profile.scripted)
        .map_or_else(|| "custom".to_owned(), |profile| profile.name.clone())
}

/// Whether the profile's servers refuse calls without a key; `false` for unknown profiles.
pub fn needs_key(profile: &str) -> bool {
    presets().iter().any(|preset| preset.profile == profile && preset.needs_key)
}
