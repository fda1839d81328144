//! Providers, as far as their prompt caches matter. Facts and sources: docs/context.md.

use slipway_engine::provider::profile::{CacheRule, CacheUnits};

/// A provider's cache and its prices, as fractions of the price of uncached input.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Provider {
    pub(crate) name: &'static str,
    /// `None`: there is no cache.
    pub(crate) rule: Option<CacheRule>,
    /// Whether entries exist only at four marked places of a request instead of at its end alone.
    pub(crate) breakpoints: bool,
    /// Whether the bar against `consolidated` applies.
    pub(crate) has_bar: bool,
}

const fn rule(read: f64, write: f64, units: CacheUnits, minimum: u64) -> Option<CacheRule> {
    Some(CacheRule { read, write, units, minimum, ttl_seconds: None })
}

const fn provider(name: &'static str, rule: Option<CacheRule>) -> Provider {
    Provider { name, rule, breakpoints: false, has_bar: false }
}

/// All providers of the tables.
pub(crate) const PROVIDERS: [Provider; 11] = [
    Provider {
        has_bar: true,
        ..provider(
            "DeepSeek V4-Pro, units every 4k",
            rule(0.033, 1.0, CacheUnits::RequestEndsAndSteps(4096), 0),
        )
    },
    Provider {
        has_bar: true,
        ..provider("DeepSeek V4-Pro, request ends only", rule(0.033, 1.0, CacheUnits::RequestEnds, 0))
    },
    provider("DeepSeek Flash, units every 4k", rule(0.02, 1.0, CacheUnits::RequestEndsAndSteps(4096), 0)),
    provider("OpenAI 5.5", rule(0.1, 1.0, CacheUnits::Steps(128), 1024)),
    provider("OpenAI 5.6", rule(0.1, 1.25, CacheUnits::Steps(128), 1024)),
    Provider {
        breakpoints: true,
        ..provider("Anthropic, 4 breakpoints", rule(0.1, 1.25, CacheUnits::RequestEnds, 1024))
    },
    provider("Gemini 3", rule(0.1, 1.0, CacheUnits::Any, 4096)),
    provider("GLM 5", rule(0.186, 1.0, CacheUnits::Any, 0)),
    provider("Kimi K2.6", rule(0.17, 1.0, CacheUnits::Any, 0)),
    provider("no cache", None),
    provider("local (prefill work)", rule(0.0, 1.0, CacheUnits::Any, 0)),
];
