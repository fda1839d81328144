//! What a model's tokens count as.

use slipway_protocol::usage::{Usage, UsageSource};

use super::CEILING;
use crate::provider::profile::{Price, Prices};

/// How far the first estimate of a request's tokens may fall short.
pub(super) const FIRST_MARGIN: f64 = 1.25;

/// How far an estimate may fall short that was corrected by what the provider reported.
const MARGIN: f64 = 1.1;

/// A model's price, and how far estimates of its tokens fall short.
#[derive(Debug)]
pub(crate) struct Tariff {
    pub(super) price: Price,
    /// By how much reported input exceeds its estimate, with a margin.
    pub(super) margin: f64,
}

impl Tariff {
    /// That of a model with this price, of which nothing has been learned.
    pub(crate) fn new(price: Price) -> Self {
        Self { price, margin: FIRST_MARGIN }
    }

    /// The prices, or what stands for unknown ones; nothing where a plan includes all.
    pub(super) fn known_or_ceiling(&self) -> Prices {
        match self.price {
            Price::Known(prices) => prices,
            Price::Unknown => CEILING,
            Price::Included => Prices::default(),
        }
    }

    /// Of so many tokens, those that a plan includes.
    pub(super) fn included(&self, tokens: u64) -> u64 {
        if self.price == Price::Included { tokens } else { 0 }
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
