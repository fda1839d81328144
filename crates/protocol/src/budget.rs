//! Budgets: what may be consumed, and what was.

use serde::{Deserialize, Serialize};

use crate::cost::money_in_words;
use crate::id::RunId;
use crate::usage::Usage;

/// What may be consumed. What is absent is not limited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Budget {
    /// Steps: model calls with the tool calls they ask for. A call that is made again counts once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<u64>,
    /// Tokens of all model calls, cached input and reasoning included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
    /// Money, in millionths of the currency unit of the provider's prices. Where a price is unknown, calls
    /// count at a ceiling price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_micros: Option<u64>,
    /// Minutes during which runs go on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u64>,
}

impl Budget {
    /// This budget, with the limits of `other` where it has none.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            steps: self.steps.or(other.steps),
            tokens: self.tokens.or(other.tokens),
            cost_micros: self.cost_micros.or(other.cost_micros),
            minutes: self.minutes.or(other.minutes),
        }
    }
}

/// What was consumed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Spending {
    /// Steps.
    pub steps: u64,
    /// Tokens of all model calls, those included that failed after the provider had begun to work.
    pub tokens: u64,
    /// Money, in millionths of the currency unit.
    pub cost_micros: u64,
    /// Of the tokens, those that a flat plan includes: no money is reckoned for them.
    #[serde(skip_serializing_if = "is_zero")]
    pub included: u64,
    /// Time during which runs went on, in milliseconds.
    pub time_ms: u64,
}

/// What one run has consumed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TurnUsage {
    /// The run.
    pub run_id: RunId,
    /// The model that it asked.
    pub model: String,
    /// When it began.
    pub started_at: i64,
    /// When it ended; `None` while it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<i64>,
    /// What it consumed; money only where prices are known, and none for what a flat plan includes.
    #[serde(flatten)]
    pub spent: Spending,
}

impl Spending {
    /// The sum; it stays at the end of the range instead of overflowing.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            steps: self.steps.saturating_add(other.steps),
            tokens: self.tokens.saturating_add(other.tokens),
            cost_micros: self.cost_micros.saturating_add(other.cost_micros),
            included: self.included.saturating_add(other.included),
            time_ms: self.time_ms.saturating_add(other.time_ms),
        }
    }

    /// The difference; nothing where `other` is more.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self {
            steps: self.steps.saturating_sub(other.steps),
            tokens: self.tokens.saturating_sub(other.tokens),
            cost_micros: self.cost_micros.saturating_sub(other.cost_micros),
            included: self.included.saturating_sub(other.included),
            time_ms: self.time_ms.saturating_sub(other.time_ms),
        }
    }
}

/// A budget and what was consumed of it before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Allowance {
    /// What may be consumed in all.
    pub limit: Budget,
    /// What was consumed so far.
    pub spent: Spending,
}

/// Whose a budget is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BudgetScope {
    /// That of one run.
    Run,
    /// That of all runs of a conversation together, and of those that it was handed over to.
    Conversation,
}

/// What is limited by a budget that people are told of in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BudgetKind {
    /// Tokens of all model calls.
    Tokens,
    /// Money, in millionths of the currency unit.
    Money,
}

/// A budget of which four fifths are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NearBudget {
    /// Whose it is.
    pub scope: BudgetScope,
    /// What it limits.
    pub kind: BudgetKind,
    /// How much there is.
    pub limit: u64,
    /// How much was used.
    pub used: u64,
}

impl std::fmt::Display for NearBudget {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let whose = match self.scope {
            BudgetScope::Run => "This run",
            BudgetScope::Conversation => "The conversation",
        };
        match self.kind {
            BudgetKind::Tokens => {
                write!(formatter, "{whose} has used {} of {} tokens", self.used, self.limit)
            }
            BudgetKind::Money => {
                let (used, limit) = (money_in_words(self.used), money_in_words(self.limit));
                write!(formatter, "{whose} has used {used} of {limit}")
            }
        }
    }
}

/// A conversation's own limits. Where one is absent, the instance's default holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct ConversationBudgets {
    /// For each run.
    pub run: Budget,
    /// For all runs together.
    pub conversation: Budget,
}

/// `GET /conversations/{id}/budget`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BudgetState {
    /// The conversation's own limits.
    pub own: ConversationBudgets,
    /// What holds for each run.
    pub run: Budget,
    /// What holds for all runs together, and what they have consumed. Conversations that were handed over
    /// draw from the budget of the first one.
    pub conversation: Allowance,
}

/// A model call that is about to be made, and what it counts as if nobody learns how it ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Reservation {
    /// The step, if the call begins one, and the estimated input.
    pub at_least: Spending,
    /// The estimated input, with its cost where the price is known.
    pub usage: Usage,
    /// What a token of output counts as, in millionths of the currency unit.
    pub output_price: f64,
}

impl Reservation {
    /// What the call counts as, and has probably consumed, when so many tokens of its answer had come.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "token counts are far below 2^52 and prices are not negative"
    )]
    pub fn given_up_after(&self, output: u64) -> (Spending, Usage) {
        let price = (self.output_price * output as f64).ceil() as u64;
        // A plan includes a call as a whole or not at all.
        let included = if self.at_least.included > 0 { output } else { 0 };
        let more = Spending { tokens: output, cost_micros: price, included, ..Spending::default() };
        let cost_micros = self.usage.cost_micros.map(|cost| cost.saturating_add(price));
        let usage = Usage {
            output,
            cost_micros,
            included: self.usage.included.saturating_add(included),
            ..self.usage
        };
        (self.at_least.plus(more), usage)
    }
}

/// An amount of money in millionths, from its usual form, for example `2` or `0.25`. At most six digits
/// follow the point; `None` when the text is something else.
pub fn money_from_text(text: &str) -> Option<u64> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || fraction.len() > 6 || !digits(whole) || !digits(fraction)
    {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let fraction: u64 = format!("{fraction:0<6}").parse().ok()?;
    whole.checked_mul(1_000_000)?.checked_add(fraction)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_read_exactly() {
        for (text, micros) in
            [("2", 2_000_000), ("0.25", 250_000), (".5", 500_000), ("1.", 1_000_000), (" 0.000001 ", 1)]
        {
            assert_eq!(money_from_text(text), Some(micros), "{text}");
        }
        for text in ["", ".", "-1", "1e3", "0.0000001", "1,5", "$1", "1.2.3", "99999999999999999999"] {
            assert_eq!(money_from_text(text), None, "{text}");
        }
    }

    #[test]
    fn a_limit_of_its_own_takes_the_place_of_the_default() {
        let own = Budget { tokens: Some(1), ..Budget::default() };
        let default = Budget { tokens: Some(2), steps: Some(3), ..Budget::default() };
        assert_eq!(own.or(default), Budget { tokens: Some(1), steps: Some(3), ..Budget::default() });
    }
}
