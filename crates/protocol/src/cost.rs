//! What is paid for what models use, and what is known of how much.

use serde::{Deserialize, Serialize};

/// How what a provider's models use is paid for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Payment {
    /// By what is used.
    #[default]
    ByUse,
    /// By a subscription that includes it: calls cost nothing more, whatever they use.
    FlatPlan,
}

/// What consumption costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// None of it is included in a plan.
    Priced(Priced),
    /// Some of it is included in a flat plan; the rest costs this.
    PartlyIncluded(Priced),
    /// A flat plan includes all of it.
    Included,
}

/// What is known of the cost of what no plan includes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priced {
    /// All of it, in millionths of the currency unit.
    Known(u64),
    /// So much, and something more that has no known price.
    AtLeast(u64),
    /// Nothing.
    Unknown,
}

impl std::fmt::Display for Cost {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Priced(priced) => priced.fmt(formatter),
            Self::PartlyIncluded(priced) => write!(formatter, "{priced} + included"),
            Self::Included => formatter.write_str("included"),
        }
    }
}

impl std::fmt::Display for Priced {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Known(micros) => formatter.write_str(&money_in_words(*micros)),
            Self::AtLeast(micros) => write!(formatter, "at least {}", money_in_words(*micros)),
            Self::Unknown => formatter.write_str("unknown cost"),
        }
    }
}

/// An amount of money in millionths: cents, and as many digits more as small amounts need.
pub fn money_in_words(micros: u64) -> String {
    let (whole, rest) = (micros / 1_000_000, micros % 1_000_000);
    let digits = format!("{rest:06}");
    let kept = digits.trim_end_matches('0').len().max(2);
    format!("${whole}.{}", digits.get(..kept).unwrap_or(&digits))
}

#[cfg(test)]
mod tests {
    use crate::usage::Usage;

    #[test]
    fn what_a_plan_includes_is_told_beside_what_has_a_price() {
        let priced = Usage { input: 4, cost_micros: Some(250_000), ..Usage::default() };
        let unpriced = Usage { input: 4, ..Usage::default() };
        let included = Usage { included: 4, ..unpriced };
        let free = Usage { cost_micros: Some(0), ..priced };
        let words = |usages: &[Usage]| {
            let sum = usages.iter().fold(Usage::default(), |sum, usage| sum.plus(*usage));
            sum.cost().to_string()
        };
        assert_eq!(words(&[included]), "included");
        assert_eq!(words(&[included, included]), "included");
        assert_eq!(words(&[free, included]), "included");
        assert_eq!(words(&[free]), "$0.00");
        assert_eq!(words(&[]), "unknown cost");
        for order in [[priced, included], [included, priced]] {
            assert_eq!(words(&order), "$0.25 + included");
        }
        for order in [[unpriced, included], [included, unpriced]] {
            assert_eq!(words(&order), "unknown cost + included");
        }
        for order in
            [[unpriced, included, priced], [included, priced, unpriced], [priced, unpriced, included]]
        {
            assert_eq!(words(&order), "at least $0.25 + included");
        }
        assert_eq!(words(&[priced, unpriced]), "at least $0.25");
    }
}
