//! What a run may still consume: its own limits and what is left to its conversation.
//!
//! Every paid call goes through here. Before it, the worst case is compared with what is left (the
//! estimated input at the uncached price and the most output that may come); where the whole output does
//! not fit any more, the call may write less, and where not even [`LEAST_OUTPUT`] fits, it is not made.
//! After it, what the provider reported takes the place of the estimate.

mod tariff;
mod words;

use std::time::{Duration, Instant};

use slipway_protocol::Problem;
use slipway_protocol::budget::{Allowance, Budget, Reservation, Spending};
use slipway_protocol::usage::{Usage, UsageSource};

use crate::provider::profile::Prices;

pub(crate) use self::tariff::Tariff;
pub(crate) use self::words::price_unknown;

/// Fewest tokens of output that a call is made for: room for some reasoning and an edit.
pub(crate) const LEAST_OUTPUT: u64 = 4_096;

/// Output that is reckoned with where a server is told no limit.
const ASSUMED_OUTPUT: u64 = 32_768;

/// What tokens of unknown price count as against a money budget, per million: more than the list prices of
/// general models, so that a budget holds although nobody knows the price.
pub(crate) const CEILING: Prices =
    Prices { input: 15.0, cached: 15.0, written: None, output: 75.0, long: None };

/// Share of a budget at which a warning is due, in percent.
const WARN_AT: u64 = 80;

/// What is spent from, and how much there is.
#[derive(Debug)]
pub(crate) struct Purse {
    accounts: [Account; 2],
    /// That of the model that is asked.
    tariff: Tariff,
    began: Instant,
}

/// One budget and what was taken from it.
#[derive(Debug)]
struct Account {
    scope: Scope,
    limit: Budget,
    /// Without the time since the purse was made.
    spent: Spending,
    warned: Vec<Kind>,
}

/// Whose budget it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// This run's.
    Run,
    /// That of all runs of the conversation.
    Conversation,
}

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Steps,
    Tokens,
    Money,
    Time,
}

/// Which part of a run a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallKind {
    /// The first call of a step.
    Step,
    /// Any other: one that is made again, or one for Slipway's own purposes.
    Further,
    /// One beside the conversation, whose window it does not fill.
    Aside,
}

/// A model call as it is planned.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Plan {
    pub(crate) kind: CallKind,
    /// Estimated tokens of the request.
    pub(crate) input: u64,
    /// Most output that it asks for; `None` when it names no limit.
    pub(crate) output: Option<u64>,
}

/// Permission for one call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Grant {
    pub(crate) plan: Plan,
    /// Most output that fits into the budgets, where that is less than planned.
    pub(crate) output: Option<u64>,
    /// The budget into which no more fits.
    pub(crate) shortened_by: Option<(Scope, Kind)>,
    /// When the call is to be given up.
    pub(crate) deadline: Option<Instant>,
    /// What it counts as if nobody learns how it ended.
    pub(crate) reservation: Reservation,
}

/// What the person and the model are told of a budget that is nearly used up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Warning {
    pub(crate) for_person: String,
    pub(crate) for_model: String,
}

impl Purse {
    /// A purse for a run that begins now, of a model with these prices.
    pub(crate) fn new(run: Allowance, conversation: Allowance, prices: Option<Prices>, now: Instant) -> Self {
        let account = |scope, of: Allowance| {
            let Allowance { limit, spent } = of;
            Account { scope, limit, spent, warned: Vec::new() }
        };
        Self {
            accounts: [account(Scope::Run, run), account(Scope::Conversation, conversation)],
            tariff: Tariff::new(prices),
            began: now,
        }
    }

    /// Counts further calls by another tariff, and gives the one until now.
    pub(crate) fn exchange(&mut self, tariff: &mut Tariff) {
        std::mem::swap(&mut self.tariff, tariff);
    }

    /// Whether money is limited but the price unknown.
    pub(crate) fn counts_at_ceiling(&self) -> bool {
        self.tariff.prices.is_none() && self.limits_money()
    }

    /// Lets a call be made if its worst case fits into what is left.
    ///
    /// # Errors
    /// A problem that names the budget that is used up.
    pub(crate) fn grant(&self, plan: Plan, now: Instant) -> Result<Grant, Problem> {
        let wanted = plan.output.unwrap_or(ASSUMED_OUTPUT);
        let least = LEAST_OUTPUT.min(wanted);
        let input = scaled(plan.input, self.tariff.margin);
        let mut output = wanted;
        let mut shortened_by = None;
        for account in &self.accounts {
            account.check_steps(plan.kind)?;
            account.check_time(self.elapsed(now))?;
            for (kind, fits) in [
                (Kind::Tokens, account.output_for_tokens(input, least)?),
                (
                    Kind::Money,
                    account.output_for_money(self.tariff.known_or_ceiling().at(input), input, least)?,
                ),
            ] {
                if fits < output {
                    (output, shortened_by) = (fits, Some((account.scope, kind)));
                }
            }
        }
        let prices = self.counted_prices().at(plan.input);
        let at_least = Spending {
            steps: u64::from(plan.kind == CallKind::Step),
            tokens: plan.input,
            cost_micros: cost(prices, plan.input, 0),
            time_ms: 0,
        };
        Ok(Grant {
            plan,
            output: shortened_by.map(|_| output),
            shortened_by,
            deadline: self.deadline(),
            reservation: Reservation {
                at_least,
                usage: self.priced(plan.input),
                output_price: prices.output,
            },
        })
    }

    /// Takes what a call consumed out of the budgets; gives what it counts as.
    pub(crate) fn settle(&mut self, grant: &Grant, usage: &Usage) -> Spending {
        let spent = Spending {
            steps: u64::from(grant.plan.kind == CallKind::Step),
            tokens: usage.context_tokens(),
            cost_micros: usage.cost_micros.unwrap_or_else(|| self.counted_prices().cost_micros(usage)),
            time_ms: 0,
        };
        for account in &mut self.accounts {
            account.spent = account.spent.plus(spent);
        }
        self.tariff.learn(grant.plan.input, usage);
        spent
    }

    /// Warnings that are due and were not given before.
    pub(crate) fn warnings(&mut self, now: Instant) -> Vec<Warning> {
        let elapsed = self.elapsed(now);
        self.accounts.iter_mut().flat_map(|account| account.warnings(elapsed)).collect()
    }

    /// The problem of a call that was given up at its deadline.
    pub(crate) fn out_of_time(&self, now: Instant) -> Problem {
        let elapsed = self.elapsed(now);
        let first = self.accounts.iter().min_by_key(|account| account.time_left(elapsed).unwrap_or(u64::MAX));
        let account = first.unwrap_or(&self.accounts[0]);
        words::exhausted(account.scope, Kind::Time, &account.limit, &account.spent_by(elapsed), None)
    }

    /// The problem of an answer that was cut off because no more of it could be paid for; `None` when the call
    /// could write as much as any.
    pub(crate) fn cut_short(&self, grant: &Grant) -> Option<Problem> {
        let (scope, kind) = grant.shortened_by?;
        let account = self.accounts.iter().find(|account| account.scope == scope)?;
        Some(words::cut_short(account.exhausted(kind, 0, None), grant.output.unwrap_or_default()))
    }

    /// When the first of the budgets of time ends.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let left = self.accounts.iter().filter_map(|account| account.time_left(0)).min()?;
        self.began.checked_add(Duration::from_millis(left))
    }

    fn elapsed(&self, now: Instant) -> u64 {
        let elapsed = now.saturating_duration_since(self.began);
        u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
    }

    /// A request of so many tokens, with its cost where the price is known.
    fn priced(&self, input: u64) -> Usage {
        let cost_micros = self.tariff.prices.map(|prices| cost(prices.at(input), input, 0));
        Usage { input, cost_micros, source: UsageSource::Estimated, ..Usage::default() }
    }

    fn limits_money(&self) -> bool {
        self.accounts.iter().any(|account| account.limit.cost_micros.is_some())
    }

    /// Prices at which calls without a reported cost count; nothing where it does not matter.
    fn counted_prices(&self) -> Prices {
        if self.limits_money() {
            self.tariff.known_or_ceiling()
        } else {
            self.tariff.prices.unwrap_or_default()
        }
    }
}

impl Account {
    fn check_steps(&self, kind: CallKind) -> Result<(), Problem> {
        match self.limit.steps {
            Some(limit) if kind == CallKind::Step && self.spent.steps >= limit => {
                Err(self.exhausted(Kind::Steps, 0, None))
            }
            _ => Ok(()),
        }
    }

    fn check_time(&self, elapsed: u64) -> Result<(), Problem> {
        if self.time_left(elapsed) == Some(0) {
            Err(self.exhausted(Kind::Time, elapsed, None))
        } else {
            Ok(())
        }
    }

    /// Output tokens that are left beside this input; unlimited without a limit.
    fn output_for_tokens(&self, input: u64, least: u64) -> Result<u64, Problem> {
        let Some(limit) = self.limit.tokens else { return Ok(u64::MAX) };
        let left = limit.saturating_sub(self.spent.tokens).saturating_sub(input);
        if left < least {
            return Err(self.exhausted(Kind::Tokens, 0, Some(input.saturating_add(least))));
        }
        Ok(left)
    }

    /// Output tokens that can be paid beside this input; unlimited without a limit.
    fn output_for_money(&self, prices: Prices, input: u64, least: u64) -> Result<u64, Problem> {
        let Some(limit) = self.limit.cost_micros else { return Ok(u64::MAX) };
        let left = limit.saturating_sub(self.spent.cost_micros);
        let needed = cost(prices, input, least);
        // A budget of nothing still allows what costs nothing.
        if needed > left {
            return Err(self.exhausted(Kind::Money, 0, Some(needed)));
        }
        Ok(affordable(prices.output, left - cost(prices, input, 0)))
    }

    /// Milliseconds that are left after so many of this run.
    fn time_left(&self, elapsed: u64) -> Option<u64> {
        let limit = self.limit.minutes?.saturating_mul(60_000);
        Some(limit.saturating_sub(self.spent.time_ms).saturating_sub(elapsed))
    }

    fn spent_by(&self, elapsed: u64) -> Spending {
        self.spent.plus(Spending { time_ms: elapsed, ..Spending::default() })
    }

    fn exhausted(&self, kind: Kind, elapsed: u64, needed: Option<u64>) -> Problem {
        words::exhausted(self.scope, kind, &self.limit, &self.spent_by(elapsed), needed)
    }

    fn warnings(&mut self, elapsed: u64) -> Vec<Warning> {
        let spent = self.spent_by(elapsed);
        let mut due = Vec::new();
        for (kind, limit, used) in [
            (Kind::Steps, self.limit.steps, spent.steps),
            (Kind::Tokens, self.limit.tokens, spent.tokens),
            (Kind::Money, self.limit.cost_micros, spent.cost_micros),
            (Kind::Time, self.limit.minutes.map(|minutes| minutes.saturating_mul(60_000)), spent.time_ms),
        ] {
            let Some(limit) = limit.filter(|limit| *limit > 0) else { continue };
            // A run's step limit is a pause that costs nothing to go on from.
            let is_pause = self.scope == Scope::Run && kind == Kind::Steps;
            let percent = used.saturating_mul(100) / limit;
            if is_pause || percent < WARN_AT || used >= limit || self.warned.contains(&kind) {
                continue;
            }
            self.warned.push(kind);
            due.push(words::warning(self.scope, kind, limit, used));
        }
        due
    }
}

/// What so many tokens cost at most, in millionths, rounded up.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "token counts are far below 2^52 and prices are not negative"
)]
fn cost(prices: Prices, input: u64, output: u64) -> u64 {
    (prices.dearest_input() * input as f64 + prices.output * output as f64).ceil() as u64
}

/// How many tokens at `price` can be paid with `micros`.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "amounts are far below 2^52, prices are not negative, and a cast beyond the range saturates"
)]
fn affordable(price: f64, micros: u64) -> u64 {
    if price > 0.0 { (micros as f64 / price).floor() as u64 } else { u64::MAX }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "token counts are far below 2^52 and factors are not negative"
)]
fn scaled(tokens: u64, factor: f64) -> u64 {
    (tokens as f64 * factor).ceil() as u64
}

#[cfg(test)]
mod tests;
