//! Compares what the provider found in its cache with what it should have found: a large difference means
//! that something changed the beginning of the request which should not have.

use slipway_protocol::usage::{Usage, UsageSource};

use crate::context::Projection;
use crate::context::cached::{Expected, expected};
use crate::run::Run;
use crate::run::context::collapse_facts;

/// Share of the expected tokens below which it is a miss.
const MISS: f64 = 0.8;

/// So few tokens prove nothing.
const FEW_TOKENS: u64 = 1024;

impl Run<'_> {
    /// What the provider should find of this request.
    pub(super) fn expected_cached(&self, projection: &Projection) -> Option<Expected> {
        let facts = collapse_facts(&self.request, &self.model, 0);
        expected(projection, &self.request.transcript, &facts)
    }

    /// Logs how the expectation was met, and gives it in the provider's tokens.
    #[expect(clippy::cast_precision_loss, reason = "token counts are far below 2^52")]
    pub(super) fn compare_cached(&mut self, usage: &Usage, expected: Option<Expected>) -> Option<u64> {
        let prompt = usage.prompt_tokens();
        let predicted = expected?.of(prompt);
        if usage.source == UsageSource::Estimated {
            return Some(predicted);
        }
        let cached = usage.cached;
        if predicted >= FEW_TOKENS && (cached as f64) < MISS * predicted as f64 {
            self.cache_misses += 1;
            let misses = self.cache_misses;
            tracing::warn!(predicted, cached, prompt, misses, "the provider's cache held less than expected");
        } else {
            tracing::info!(predicted, cached, prompt, "cached input");
        }
        Some(predicted)
    }
}
