//! Provider profiles: what is known about a provider, as data (`profiles.toml`).

mod file;
mod merge;
mod prices;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::{Map, Value};
use slipway_protocol::cost::Payment;
use slipway_protocol::run::ModelEndpoint;
use slipway_protocol::usage::{Usage, UsageSource};

pub use file::{ProfileError, parse};
pub(crate) use merge::merge;
pub use prices::{LongPrices, Price, Prices};

/// From this price of cached input on, a cache is no reason to keep anything.
const NO_DISCOUNT: f64 = 0.9;

/// What is known about a provider.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts about a provider, not one state")]
pub struct Profile {
    /// Stable name, for example `deepseek`.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// Usual base URL, version part included; empty when the person must give one. `{project}` stands for
    /// the project that a Google credential names.
    pub base_url: String,
    /// Where to get a key; empty when none is needed.
    #[serde(default)]
    pub key_url: String,
    /// Whether requests without a key are refused.
    #[serde(default = "yes")]
    pub needs_key: bool,
    /// Environment variable that usually holds the key; empty when there is none.
    pub key_env: String,
    /// How the key lets requests in.
    #[serde(default)]
    pub auth: Auth,
    /// Where the provider tells which models it has.
    #[serde(default)]
    pub model_list: ModelListKind,
    /// Models to offer; the first is the default.
    #[serde(default, rename = "model")]
    pub models: Vec<ModelFacts>,
    /// What differs for models whose name begins in some way, for providers that pass on other providers'
    /// models.
    #[serde(default, rename = "family")]
    pub families: Vec<Family>,
    /// Name of the request field that limits the output; empty when none is sent, because the server makes
    /// the most of its window by itself and rejects more.
    #[serde(default = "max_tokens")]
    pub max_tokens_field: String,
    /// Highest `temperature` that is accepted.
    #[serde(default)]
    pub max_temperature: Option<f64>,
    /// What to send for a `reasoning_effort` that a person sets; an empty text means to send
    /// `thinking_off` instead. Efforts that are not named here are sent as they are.
    #[serde(default)]
    pub efforts: BTreeMap<String, String>,
    /// Fields that switch thinking off.
    #[serde(default)]
    pub thinking_off: Map<String, Value>,
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
    /// Whether reasoning details without a signature are rejected, so that they are left out.
    #[serde(default)]
    pub drops_unsigned_reasoning: bool,
    /// Whether the first call of each step must carry a Google thought signature.
    #[serde(default)]
    pub google_thought_signatures: bool,
    /// Whether requests carry a `prompt_cache_key`.
    #[serde(default)]
    pub sends_cache_key: bool,
    /// Whether the provider caches only what ends at a `cache_control` mark.
    #[serde(default)]
    pub cache_marks: bool,
    /// Whether a prompt that is longer than the window is accepted without a word, and cut.
    #[serde(default)]
    pub accepts_overflow: bool,
    /// Whether the model that answers names itself as it was asked for; a difference then ends the run.
    #[serde(default = "yes")]
    pub pins_model: bool,
    /// Names that stand for no model in particular, so that any may answer.
    #[serde(default)]
    pub routers: Vec<String>,
    /// Whether it takes no tools over chat completions, so that its models are of no use here.
    #[serde(default)]
    pub refuses_tools: bool,
    /// Whether its models see pictures, unless stated otherwise of a family or a model.
    #[serde(default)]
    pub sees: bool,
    /// How what its models use is paid for, unless the person says otherwise.
    #[serde(default)]
    pub payment: Payment,
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

/// How a key lets requests in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Auth {
    /// The key is the bearer token.
    #[default]
    Bearer,
    /// The key is a Google credential (the JSON of a service account or of a user), with which tokens
    /// are fetched; anything else is taken for such a token itself.
    Google,
}

/// Where a provider tells which models it has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelListKind {
    /// At `models`, with whatever further facts are there.
    #[default]
    Openai,
    /// At `models`, which wants Anthropic's own headers.
    Anthropic,
    /// At Ollama's own interface, which also tells the window that is in effect.
    Ollama,
    /// At LM Studio's own interface, likewise.
    Lmstudio,
    /// At `models`; the window in effect is told by `/props`.
    Llamacpp,
    /// Nowhere.
    None,
}

/// What differs for models whose name begins with `prefix`. What is absent is as in the profile.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Family {
    /// How their names begin.
    pub prefix: String,
    /// What cached input costs.
    #[serde(default)]
    pub cache: Option<CacheRule>,
    /// See [`Profile::cache_marks`].
    #[serde(default)]
    pub cache_marks: Option<bool>,
    /// See [`Profile::sees`].
    #[serde(default)]
    pub sees: Option<bool>,
    /// See [`Profile::signs_reasoning`].
    #[serde(default)]
    pub signs_reasoning: Option<bool>,
    /// See [`Profile::drops_unsigned_reasoning`].
    #[serde(default)]
    pub drops_unsigned_reasoning: Option<bool>,
    /// See [`Profile::refuses_tools`].
    #[serde(default)]
    pub refuses_tools: Option<bool>,
    /// Fields of each request body, merged into the profile's.
    #[serde(default)]
    pub extras: Map<String, Value>,
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
#[derive(Debug, Clone, PartialEq, Deserialize)]
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
    /// What cached input costs, where that differs from the provider's other models.
    #[serde(default)]
    pub cache: Option<CacheRule>,
    /// See [`Profile::sees`].
    #[serde(default)]
    pub sees: Option<bool>,
    /// Whether it thinks whatever it is told, and rejects being told not to.
    #[serde(default)]
    pub always_thinks: bool,
    /// Further fields of each request body.
    #[serde(default)]
    pub extras: Map<String, Value>,
}

static INSTALLED: OnceLock<Vec<Profile>> = OnceLock::new();

/// Profiles were asked for before others were installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the provider profiles are in use already")]
pub struct ProfilesInUse;

/// Makes `profiles` (of [`parse`]) the ones that this process uses. To be called once, at start.
///
/// # Errors
/// Profiles have been asked for or installed before.
pub fn install(profiles: Vec<Profile>) -> Result<(), ProfilesInUse> {
    INSTALLED.set(profiles).map_err(|_| ProfilesInUse)
}

/// All profiles, in the order in which they are offered to people.
pub fn profiles() -> &'static [Profile] {
    INSTALLED.get_or_init(file::built_in)
}

/// The profile of that name; `custom` when there is none.
#[expect(clippy::expect_used, reason = "parsing checks that the profile `custom` exists")]
pub fn profile(name: &str) -> &'static Profile {
    let find = |wanted: &str| profiles().iter().find(|profile| profile.name == wanted);
    find(name).or_else(|| find("custom")).expect("there is a profile `custom`")
}

impl Profile {
    /// What is known about a model, by its name or an alias.
    pub fn model(&self, name: &str) -> Option<&ModelFacts> {
        self.models.iter().find(|facts| facts.name == name || facts.aliases.iter().any(|alias| alias == name))
    }

    /// The profile as it is for one of the provider's models: with what differs for its family, and with
    /// its own facts in `cache` and `extras`.
    #[must_use]
    pub fn for_model(&self, name: &str) -> Self {
        let mut profile = self.clone();
        if let Some(family) = self.families.iter().find(|family| name.starts_with(&family.prefix)) {
            profile.cache = family.cache.or(profile.cache);
            profile.sees = family.sees.unwrap_or(profile.sees);
            profile.cache_marks = family.cache_marks.unwrap_or(profile.cache_marks);
            profile.signs_reasoning = family.signs_reasoning.unwrap_or(profile.signs_reasoning);
            profile.drops_unsigned_reasoning =
                family.drops_unsigned_reasoning.unwrap_or(profile.drops_unsigned_reasoning);
            profile.refuses_tools = family.refuses_tools.unwrap_or(profile.refuses_tools);
            merge(&mut profile.extras, &family.extras);
        }
        if let Some(facts) = self.model(name) {
            profile.cache = facts.cache.or(profile.cache);
            profile.sees = facts.sees.unwrap_or(profile.sees);
            merge(&mut profile.extras, &facts.extras);
        }
        profile
    }

    /// The profile of an endpoint as it is for its model, with what is known better of that.
    #[must_use]
    pub fn for_endpoint(endpoint: &ModelEndpoint) -> Self {
        let profile = profile(&endpoint.profile).for_model(&endpoint.model);
        Self { sees: endpoint.sees.unwrap_or(profile.sees), ..profile }
    }

    /// The window of the endpoint's model in tokens, if known.
    pub fn window(&self, endpoint: &ModelEndpoint) -> Option<u64> {
        endpoint.context_window.or_else(|| self.model(&endpoint.model).and_then(|facts| facts.window))
    }

    /// What the endpoint's model costs. Servers that want no key and get none run on somebody's own machine and
    /// cost nothing.
    pub fn price(&self, endpoint: &ModelEndpoint) -> Price {
        if endpoint.payment.unwrap_or(self.payment) == Payment::FlatPlan {
            return Price::Included;
        }
        let is_free = !self.needs_key && endpoint.api_key.is_empty();
        let free = is_free.then_some(Prices::default());
        let prices = self.model(&endpoint.model).and_then(|facts| facts.prices).or(free);
        let write_share = self.cache.map_or(1.0, |rule| rule.write);
        prices.map_or(Price::Unknown, |prices| Price::Known(prices.with_write_share(write_share)))
    }

    /// `usage` with its cost: what the provider stated, unless a plan includes it, else by the price if that is known.
    pub fn priced(&self, endpoint: &ModelEndpoint, usage: Usage) -> Usage {
        let is_stated = usage.cost_micros.is_some() && usage.source == UsageSource::Reported;
        match self.price(endpoint) {
            Price::Included => Usage { cost_micros: None, included: usage.context_tokens(), ..usage },
            _ if is_stated => usage,
            Price::Known(prices) => Usage { cost_micros: Some(prices.cost_micros(&usage)), ..usage },
            Price::Unknown => Usage { cost_micros: None, ..usage },
        }
    }
}

fn yes() -> bool {
    true
}

fn max_tokens() -> String {
    "max_tokens".to_owned()
}

#[cfg(test)]
#[path = "profile/tests.rs"]
mod tests;
