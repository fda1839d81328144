//! What a model's tokens count as.

use slipway_protocol::usage::{Usage, UsageSource};

use super::CEILING;
use crate::provider::profile::Prices;

/// How far the first estimate of a request's tokens may fall short.
pub(super) const FIRST_MARGIN: f64 = 1.25;

/// How far an estimate may fall short that was corrected by what the provider reported.
const MARGIN: f64 = 1.1;

/// A model's prices, and how far estimates of its tokens fall short.
#[derive(Debug)]
pub(crate) struct Tariff {
    /// `None` when unknown.
    pub(super) prices: Option<Prices>,
    /// By how much input that is newly cached is dearer than other input.
    cache_premium: f64,
    /// By how much reported input exceeds its estimate, with a margin.
    pub(super) margin: f64,
}

impl Tariff {
    /// `cache_premium` is the price of input that is newly cached as a fraction of that of other input.
    pub(crate) fn new(prices: Option<Prices>, cache_premium: f64) -> Self {
        Self { prices, cache_premium: cache_premium.max(1.0), margin: FIRST_MARGIN }
    }

    pub(super) fn known_or_ceiling(&self) -> Prices {
        self.prices.unwrap_or(CEILING)
    }

    /// What a call with so many prompt tokens costs at most.
    pub(super) fn worst(&self, prompt: u64) -> Prices {
        let prices = self.known_or_ceiling().at(prompt);
        Prices { input: prices.input * self.cache_premium, ..prices }
    }

    /// Corrects further estimates by what the provider counted.
    #[expect(clippy::cast_precision_loss, reason = "token counts are far below 2^52")]
    pub(super) fn learn(&mut self, estimated: u64, usage: &Usage) {
        let reported = usage.input + usage.cached;
        if usage.source == UsageSource::Reported && estimated > 0 && reported > 0 {
            self.margin = reported as f64 / estimated as f64 * MARGIN;
        }
    }
}
