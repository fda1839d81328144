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
    /// By how much reported input exceeds its estimate, with a margin.
    pub(super) margin: f64,
}

impl Tariff {
    /// That of a model with these prices, of which nothing has been learned.
    pub(crate) fn new(prices: Option<Prices>) -> Self {
        Self { prices, margin: FIRST_MARGIN }
    }

    /// The prices, or what stands for unknown ones.
    pub(super) fn known_or_ceiling(&self) -> Prices {
        self.prices.unwrap_or(CEILING)
    }

    /// Corrects further estimates by what the provider counted.
    #[expect(clippy::cast_precision_loss, reason = "token counts are far below 2^52")]
    pub(super) fn learn(&mut self, estimated: u64, usage: &Usage) {
        let reported = usage.prompt_tokens();
        if usage.source == UsageSource::Reported && estimated > 0 && reported > 0 {
            self.margin = reported as f64 / estimated as f64 * MARGIN;
        }
    }
}
