//! Provider profiles: what is known about a provider, as data (`profiles.toml`).

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};
use slipway_protocol::run::ModelEndpoint;
use slipway_protocol::usage::{Usage, UsageSource};

/// The profiles that are compiled in.
const PROFILES: &str = include_str!("profiles.toml");

/// From this price of cached input on, a cache is no reason to keep anything.
const NO_DISCOUNT: f64 = 0.9;

/// What is known about a provider.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts about a provider, not one state")]
pub struct Profile {
    /// Stable name, for example `deepseek`.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// Usual base URL, version part included; empty when the person must give one.
    pub base_url: String,
    /// Where to get a key; empty when none is needed.
    #[serde(default)]
    pub key_url: String,
    /// Whether requests without a key are refused.
    #[serde(default = "yes")]
    pub needs_key: bool,
    /// Environment variable that usually holds the key; empty when there is none.
    pub key_env: String,
    /// Models to offer; the first is the default.
    #[serde(default, rename = "model")]
    pub models: Vec<ModelFacts>,
    /// Name of the request field that limits the output; empty when none is sent, because the server makes
    /// the most of its window by itself and rejects more.
    #[serde(default = "max_tokens")]
    pub max_tokens_field: String,
    /// When reasoning text is sent back.
    #[serde(default)]
    pub reasoning_replay: ReasoningReplay,
    /// Fields of assistant messages that are sent back verbatim.
    #[serde(default)]
    pub message_fields: Vec<String>,
    /// Fields of tool calls that are sent back verbatim.
    #[serde(default)]
    pub call_fields: Vec<String>,
    /// Whether arguments are covered by a signature, so that they must not be corrected afterwards.
    #[serde(default)]
    pub signs_reasoning: bool,
    /// Whether the first call of each step must carry a Google thought signature.
    #[serde(default)]
    pub google_thought_signatures: bool,
    /// Whether requests carry a `prompt_cache_key`.
    #[serde(default)]
    pub sends_cache_key: bool,
    /// Whether the model that answers names itself as it was asked for; a difference then ends the run.
    #[serde(default = "yes")]
    pub pins_model: bool,
    /// What cached input costs; `None` when unknown.
    #[serde(default)]
    pub cache: Option<CacheRule>,
    /// Longest wait for the beginning of an answer, in seconds, where the default is too short.
    #[serde(default)]
    pub first_byte_seconds: Option<u64>,
    /// Further fields of each request body.
    #[serde(default)]
    pub extras: Map<String, Value>,
    /// Whether it is a script, not a model.
    #[serde(default)]
    pub scripted: bool,
}

/// When reasoning text is sent back as `reasoning_content`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasoningReplay {
    /// Never.
    #[default]
    Never,
    /// With every answer that had some.
    WhenPresent,
    /// As `WhenPresent`, and as a single space with tool calls that came without any: the provider
    /// rejects requests where it is missing.
    Required,
}

/// What cached input costs, as fractions of the price of uncached input, and which input is found again.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CacheRule {
    /// Reading a token from the cache.
    pub read: f64,
    /// Sending a token that is not in the cache yet.
    pub write: f64,
    /// Where a cached prefix may end.
    #[serde(default)]
    pub units: CacheUnits,
    /// Shorter prefixes, in tokens, are not cached.
    #[serde(default)]
    pub minimum: u64,
    /// After so many idle seconds the provider has forgotten; absent when it does not say.
    #[serde(default)]
    pub ttl_seconds: Option<u64>,
}

/// Where a prefix of a request may end for the provider to find it in its cache.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CacheUnits {
    /// After any token.
    #[default]
    Any,
    /// After every so many tokens.
    Steps(u64),
    /// Only where an earlier request ended.
    RequestEnds,
    /// Where an earlier request ended, and after every so many tokens.
    RequestEndsAndSteps(u64),
}

impl CacheRule {
    /// Whether keeping a prefix as it is saves enough to be worth while.
    pub fn rewards_prefixes(&self) -> bool {
        self.read < NO_DISCOUNT
    }

    /// How many tokens of a prefix are found in the cache when the first `same` tokens are as they were
    /// sent before and earlier requests ended at `ends` (in any order).
    pub fn found(&self, same: u64, ends: &[u64]) -> u64 {
        let at_end = || ends.iter().copied().filter(|end| *end <= same).max().unwrap_or(0);
        let at_step = |step: u64| same - same % step.max(1);
        let found = match self.units {
            CacheUnits::Any => same,
            CacheUnits::Steps(step) => at_step(step),
            CacheUnits::RequestEnds => at_end(),
            CacheUnits::RequestEndsAndSteps(step) => at_end().max(at_step(step)),
        };
        if found < self.minimum { 0 } else { found }
    }
}

/// What is known about a model.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFacts {
    /// The provider's name for it.
    pub name: String,
    /// Other names under which the same model answers.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Its window in tokens.
    #[serde(default)]
    pub window: Option<u64>,
    /// Most output tokens that a request may ask for.
    #[serde(default)]
    pub max_output: Option<u32>,
    /// What it costs.
    #[serde(default)]
    pub prices: Option<Prices>,
    /// Further fields of each request body.
    #[serde(default)]
    pub extras: Map<String, Value>,
}

/// Prices per million tokens in the provider's currency unit.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// Uncached input.
    pub input: f64,
    /// Input from the cache.
    pub cached: f64,
    /// Output, reasoning included.
    pub output: f64,
}

impl Prices {
    /// What `usage` costs, in millionths of the currency unit.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "token counts are far below 2^52 and prices are not negative"
    )]
    pub fn cost_micros(&self, usage: &Usage) -> u64 {
        let cost = self.input * usage.input as f64
            + self.cached * usage.cached as f64
            + self.output * (usage.output + usage.reasoning) as f64;
        cost.round() as u64
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileFile {
    profile: Vec<Profile>,
}

/// All profiles, in the order in which they are offered to people.
#[expect(clippy::expect_used, reason = "the file is part of the program and a test reads it")]
pub fn profiles() -> &'static [Profile] {
    static PARSED: LazyLock<Vec<Profile>> = LazyLock::new(|| {
        toml::from_str::<ProfileFile>(PROFILES).expect("profiles.toml is of the right form").profile
    });
    &PARSED
}

/// The profile of that name; `custom` when there is none.
#[expect(clippy::expect_used, reason = "a test checks that the profile `custom` exists")]
pub fn profile(name: &str) -> &'static Profile {
    let find = |wanted: &str| profiles().iter().find(|profile| profile.name == wanted);
    find(name).or_else(|| find("custom")).expect("there is a profile `custom`")
}

impl Profile {
    /// What is known about a model, by its name or an alias.
    pub fn model(&self, name: &str) -> Option<&ModelFacts> {
        self.models.iter().find(|facts| facts.name == name || facts.aliases.iter().any(|alias| alias == name))
    }

    /// The window of the endpoint's model in tokens, if known.
    pub fn window(&self, endpoint: &ModelEndpoint) -> Option<u64> {
        endpoint.context_window.or_else(|| self.model(&endpoint.model).and_then(|facts| facts.window))
    }

    /// `usage` with its cost, where the provider did not state one and the price is known.
    pub fn priced(&self, model: &str, mut usage: Usage) -> Usage {
        if usage.cost_micros.is_none() || usage.source == UsageSource::Estimated {
            let prices = self.model(model).and_then(|facts| facts.prices);
            usage.cost_micros = prices.map(|prices| prices.cost_micros(&usage));
        }
        usage
    }
}

fn yes() -> bool {
    true
}

fn max_tokens() -> String {
    "max_tokens".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_can_be_read_and_names_are_unique() {
        let mut names: Vec<&str> = profiles().iter().map(|profile| profile.name.as_str()).collect();
        assert_eq!(names.len(), 14);
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 14);
        assert_eq!(profile("no such provider").name, "custom");
        assert_eq!(profile("deepseek").reasoning_replay, ReasoningReplay::Required);
    }

    #[test]
    fn profiles_that_need_a_key_say_where_to_get_one() {
        for profile in profiles().iter().filter(|profile| profile.needs_key) {
            assert!(profile.key_url.starts_with("https://"), "{}", profile.name);
            assert!(profile.base_url.starts_with("https://"), "{}", profile.name);
            assert!(!profile.models.is_empty(), "{}", profile.name);
        }
    }

    #[test]
    fn cost_counts_every_kind_of_token_once() {
        let usage =
            Usage { input: 1_000_000, cached: 2_000_000, output: 10, reasoning: 20, ..Usage::default() };
        let prices = Prices { input: 1.0, cached: 0.1, output: 3.0 };
        assert_eq!(prices.cost_micros(&usage), 1_000_000 + 200_000 + 90);
    }
}
