//! One budget: what may be taken from it, what was, and what calls that go on may still come to.

use std::time::{Duration, Instant};

use slipway_protocol::Problem;
use slipway_protocol::budget::{Allowance, Budget, Spending};

use super::{CallKind, Kind, Scope, WARN_AT, Warning, affordable, cost, words};
use crate::provider::profile::{Price, Prices};

/// One budget and what was taken from it.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) scope: Scope,
    limit: Budget,
    /// Without the time since `began`.
    pub(super) spent: Spending,
    /// What calls that go on may come to at most.
    held: Spending,
    began: Instant,
    warned: Vec<Kind>,
}

impl Account {
    /// An account of which nothing is taken from `began` on.
    pub(super) fn new(scope: Scope, of: Allowance, began: Instant) -> Self {
        let Allowance { limit, spent } = of;
        Self { scope, limit, spent, held: Spending::default(), began, warned: Vec::new() }
    }

    pub(super) fn limits_money(&self) -> bool {
        self.limit.cost_micros.is_some()
    }

    pub(super) fn check_steps(&self, kind: CallKind) -> Result<(), Problem> {
        match self.limit.steps {
            Some(limit) if kind == CallKind::Step && self.taken().steps >= limit => {
                Err(self.exhausted(Kind::Steps, None))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn check_time(&self, now: Instant) -> Result<(), Problem> {
        if self.time_left(now) == Some(0) { Err(self.out_of_time(now)) } else { Ok(()) }
    }

    /// Sets the most that a call may come to aside.
    pub(super) fn hold(&mut self, most: Spending) {
        self.held = self.held.plus(most);
    }

    /// Takes what a call came to out, for which `most` was set aside.
    pub(super) fn settle(&mut self, most: Spending, spent: Spending) {
        self.held = self.held.minus(most);
        self.spent = self.spent.plus(spent);
    }

    fn taken(&self) -> Spending {
        self.spent.plus(self.held)
    }

    /// Output tokens that are left beside this input; unlimited without a limit.
    pub(super) fn output_for_tokens(&self, input: u64, least: u64) -> Result<u64, Problem> {
        let Some(limit) = self.limit.tokens else { return Ok(u64::MAX) };
        let left = limit.saturating_sub(self.taken().tokens).saturating_sub(input);
        if left < least {
            return Err(self.exhausted(Kind::Tokens, Some(input.saturating_add(least))));
        }
        Ok(left)
    }

    /// Output tokens that can be paid beside this input; unlimited without a limit.
    pub(super) fn output_for_money(&self, prices: Prices, input: u64, least: u64) -> Result<u64, Problem> {
        let Some(limit) = self.limit.cost_micros else { return Ok(u64::MAX) };
        let left = limit.saturating_sub(self.taken().cost_micros);
        let needed = cost(prices, input, least);
        // A budget of nothing still allows what costs nothing.
        if needed > left {
            return Err(self.exhausted(Kind::Money, Some(needed)));
        }
        Ok(affordable(prices.output, left - cost(prices, input, 0)))
    }

    /// Milliseconds that are left.
    pub(super) fn time_left(&self, now: Instant) -> Option<u64> {
        let limit = self.limit.minutes?.saturating_mul(60_000);
        Some(limit.saturating_sub(self.spent_by(now).time_ms))
    }

    /// When its time is used up.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.began.checked_add(Duration::from_millis(self.time_left(self.began)?))
    }

    /// The problem of an account of which the time is used up.
    pub(super) fn out_of_time(&self, now: Instant) -> Problem {
        words::exhausted(self.scope, Kind::Time, &self.limit, &self.spent_by(now), None)
    }

    /// The problem of an account that leaves no room for a call that would need `needed` more.
    pub(super) fn exhausted(&self, kind: Kind, needed: Option<u64>) -> Problem {
        words::exhausted(self.scope, kind, &self.limit, &self.taken(), needed)
    }

    fn spent_by(&self, now: Instant) -> Spending {
        let elapsed = now.saturating_duration_since(self.began);
        let time_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        self.spent.plus(Spending { time_ms, ..Spending::default() })
    }

    /// Warnings that are due and were not given before, where calls are made at this price.
    pub(super) fn warnings(&mut self, now: Instant, price: Price) -> Vec<Warning> {
        let spent = self.spent_by(now);
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
            // What a plan includes comes no nearer to a limit of money.
            let stands = kind == Kind::Money && price == Price::Included;
            let percent = used.saturating_mul(100) / limit;
            if is_pause || stands || percent < WARN_AT || used >= limit || self.warned.contains(&kind) {
                continue;
            }
            self.warned.push(kind);
            due.push(words::warning(self.scope, kind, limit, used));
        }
        due
    }
}
