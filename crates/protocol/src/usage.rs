//! What model calls consumed.

use serde::{Deserialize, Serialize};

/// Tokens of one model call, or summed over several. The counters do not overlap.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Usage {
    /// Input tokens that the provider neither found in its cache nor says to have put there.
    pub input: u64,
    /// Input tokens served from the provider's cache.
    pub cached: u64,
    /// Input tokens that the provider newly put into its cache, which may cost more than other input; 0 where
    /// it does not count them apart.
    pub written: u64,
    /// Output tokens that are not reasoning.
    pub output: u64,
    /// Reasoning tokens.
    pub reasoning: u64,
    /// Cost in millionths of the provider's currency unit; `None` when the price is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_micros: Option<u64>,
    /// Whether some of what was consumed has no known price and is missing from `cost_micros`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub cost_incomplete: bool,
    /// Whether the provider reported these figures or Slipway estimated them.
    pub source: UsageSource,
}

/// Where token figures come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UsageSource {
    /// The provider's own figures.
    Reported,
    /// An estimate from text lengths.
    #[default]
    Estimated,
}

impl Usage {
    /// All tokens that occupied the model's window during the call.
    pub fn context_tokens(&self) -> u64 {
        self.prompt_tokens() + self.output + self.reasoning
    }

    /// All tokens of the request.
    pub fn prompt_tokens(&self) -> u64 {
        self.input + self.cached + self.written
    }

    /// The sum. Its cost is that of the calls with a known price; it is reported only where both are.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let nothing = |usage: &Self| usage.context_tokens() == 0 && usage.cost_micros.is_none();
        if nothing(&self) {
            return other;
        }
        if nothing(&other) {
            return self;
        }
        let cost_micros = match (self.cost_micros, other.cost_micros) {
            (None, None) => None,
            (one, another) => Some(one.unwrap_or_default().saturating_add(another.unwrap_or_default())),
        };
        let unpriced = self.cost_micros.is_none() || other.cost_micros.is_none();
        Self {
            input: self.input + other.input,
            cached: self.cached + other.cached,
            written: self.written + other.written,
            output: self.output + other.output,
            reasoning: self.reasoning + other.reasoning,
            cost_micros,
            cost_incomplete: self.cost_incomplete
                || other.cost_incomplete
                || (cost_micros.is_some() && unpriced),
            source: match (self.source, other.source) {
                (UsageSource::Reported, UsageSource::Reported) => UsageSource::Reported,
                (UsageSource::Estimated, _) | (_, UsageSource::Estimated) => UsageSource::Estimated,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_keeps_the_known_cost_and_says_what_it_leaves_out() {
        let priced =
            Usage { input: 1, cost_micros: Some(5), source: UsageSource::Reported, ..Usage::default() };
        let unpriced = Usage { cost_micros: None, ..priced };
        let guessed = Usage { source: UsageSource::Estimated, ..priced };
        let sum = |usages: &[Usage]| usages.iter().fold(Usage::default(), |sum, usage| sum.plus(*usage));
        let cost = |usages: &[Usage]| {
            let sum = sum(usages);
            (sum.cost_micros, sum.cost_incomplete)
        };
        assert_eq!(sum(&[priced]), priced);
        assert_eq!(cost(&[priced, priced]), (Some(10), false));
        assert_eq!(cost(&[unpriced, unpriced]), (None, false));
        for order in [[priced, unpriced, priced], [unpriced, priced, priced], [priced, priced, unpriced]] {
            assert_eq!(cost(&order), (Some(10), true));
        }
        assert_eq!(sum(&[priced, guessed, priced]).source, UsageSource::Estimated);
        assert_eq!(sum(&[priced, priced]).source, UsageSource::Reported);
    }
}
