//! What models cost.

use serde::Deserialize;
use slipway_protocol::usage::Usage;

/// What is known of what a model's calls cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Price {
    /// They cost by what they use.
    Known(Prices),
    /// They cost something that nobody has said.
    Unknown,
    /// A flat plan includes them: they cost nothing more.
    Included,
}

/// Prices per million tokens in the provider's currency unit. Where a provider has cheaper hours, these
/// are the dearer ones, so that a sum is never higher than was said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// Uncached input.
    pub input: f64,
    /// Input from the cache.
    pub cached: f64,
    /// Input that is newly put into the cache; absent where it follows from the provider's cache rule.
    #[serde(default)]
    pub written: Option<f64>,
    /// Output, reasoning included.
    pub output: f64,
    /// What a call with a long prompt costs instead.
    #[serde(default)]
    pub long: Option<LongPrices>,
}

/// Prices of calls whose prompt is longer than a limit; they hold for all of the call's tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LongPrices {
    /// Prompt tokens, cached ones included, above which they hold.
    pub above: u64,
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
        let prices = self.at(usage.prompt_tokens());
        let Self { input, cached, output, .. } = prices;
        let cost = input * usage.input as f64
            + cached * usage.cached as f64
            + prices.written() * usage.written as f64
            + output * (usage.output + usage.reasoning) as f64;
        cost.round() as u64
    }

    /// The prices of a call with so many prompt tokens.
    #[must_use]
    pub fn at(&self, prompt: u64) -> Self {
        match self.long.filter(|long| prompt > long.above) {
            Some(long) => Self {
                input: long.input,
                cached: long.cached,
                written: self.written.map(|written| written * share(long.input, self.input)),
                output: long.output,
                long: None,
            },
            None => Self { long: None, ..*self },
        }
    }

    /// What a token costs that is newly put into the cache.
    #[must_use]
    pub fn written(&self) -> f64 {
        self.written.unwrap_or(self.input)
    }

    /// The dearest that a token of input can be.
    #[must_use]
    pub fn dearest_input(&self) -> f64 {
        self.input.max(self.cached).max(self.written())
    }

    /// The prices with that of newly cached input, where it is not stated, by what the provider asks for it as a
    /// fraction of other input's.
    #[must_use]
    pub fn with_write_share(self, share: f64) -> Self {
        Self { written: self.written.or(Some(self.input * share)), ..self }
    }

    /// Every price, for checks.
    pub(super) fn all(&self) -> impl Iterator<Item = f64> {
        let long = self.long.map(|long| [long.input, long.cached, long.output]);
        let usual = [self.input, self.cached, self.written(), self.output];
        usual.into_iter().chain(long.into_iter().flatten())
    }
}

/// One price as a fraction of another; 1 where the other is nothing.
fn share(price: f64, of: f64) -> f64 {
    if of > 0.0 { price / of } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRICES: Prices = Prices {
        input: 1.0,
        cached: 0.1,
        written: Some(1.25),
        output: 3.0,
        long: Some(LongPrices { above: 3_000_000, input: 2.0, cached: 0.2, output: 4.0 }),
    };

    #[test]
    fn cost_counts_every_kind_of_token_once() {
        let usage = Usage {
            input: 600_000,
            cached: 2_000_000,
            written: 400_000,
            output: 10,
            reasoning: 20,
            ..Usage::default()
        };
        assert_eq!(PRICES.cost_micros(&usage), 600_000 + 200_000 + 500_000 + 90);
    }

    #[test]
    fn a_long_prompt_makes_the_whole_call_dearer() {
        let usage = Usage { input: 1_000_001, cached: 2_000_000, output: 10, ..Usage::default() };
        assert_eq!(PRICES.cost_micros(&usage), 2_000_002 + 400_000 + 40);
        let written = Usage { input: 1, written: 1_000_000, ..usage };
        assert_eq!(PRICES.cost_micros(&written), 2 + 2_500_000 + 400_000 + 40);
    }

    #[test]
    fn newly_cached_input_costs_what_is_stated_or_what_the_rule_says() {
        let by_rule = Prices { written: None, ..PRICES }.with_write_share(2.0);
        assert_eq!((by_rule.written(), PRICES.with_write_share(2.0).written()), (2.0, 1.25));
        assert_eq!(Prices { written: None, ..PRICES }.written(), 1.0);
        assert_eq!(by_rule.dearest_input(), 2.0);
    }
}
