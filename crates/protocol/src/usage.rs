//! What model calls consumed.

use serde::{Deserialize, Serialize};

use crate::cost::{Cost, Priced};

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
    /// Of all these tokens, those that a flat plan includes: they cost nothing more, and are no part of
    /// `cost_micros`.
    #[serde(skip_serializing_if = "is_zero")]
    pub included: u64,
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

    /// What it costs, as far as that is known.
    pub fn cost(&self) -> Cost {
        let priced = match self.cost_micros {
            None => Priced::Unknown,
            Some(micros) if self.cost_incomplete => Priced::AtLeast(micros),
            Some(micros) => Priced::Known(micros),
        };
        match (priced, self.included) {
            (priced, 0) => Cost::Priced(priced),
            (Priced::Known(0), _) => Cost::Included,
            (Priced::Unknown, included) if included >= self.context_tokens() => Cost::Included,
            (priced, _) => Cost::PartlyIncluded(priced),
        }
    }

    /// Whether some of it is neither included in a plan nor has a known price.
    fn has_unpriced(&self) -> bool {
        self.cost_incomplete || (self.cost_micros.is_none() && self.included < self.context_tokens())
    }

    /// The sum. Its cost is that of the calls with a known price.
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
        let unpriced = self.has_unpriced() || other.has_unpriced();
        Self {
            input: self.input + other.input,
            cached: self.cached + other.cached,
            written: self.written + other.written,
            output: self.output + other.output,
            reasoning: self.reasoning + other.reasoning,
            cost_micros,
            cost_incomplete: cost_micros.is_some() && unpriced,
            included: self.included + other.included,
            source: match (self.source, other.source) {
                (UsageSource::Reported, UsageSource::Reported) => UsageSource::Reported,
                (UsageSource::Estimated, _) | (_, UsageSource::Estimated) => UsageSource::Estimated,
            },
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
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
