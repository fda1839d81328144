//! What a run may still consume: its own limits and what is left to its conversation.
//!
//! Every paid call goes through here. Before it, the worst case is compared with what is left (the
//! estimated input at the uncached price and the most output that may come); where the whole output does
//! not fit any more, the call may write less, and where not even [`LEAST_OUTPUT`] fits, it is not made.
//! After it, what the provider reported takes the place of the estimate.

mod account;
mod tariff;
mod words;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use slipway_protocol::Problem;
use slipway_protocol::budget::{Allowance, Budget, Reservation, Spending};
use slipway_protocol::usage::{Usage, UsageSource};

use crate::provider::profile::{Price, Prices};

use self::account::Account;
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
    /// The run's own comes first.
    shares: Vec<Share>,
    /// That of the model that is asked.
    tariff: Tariff,
}

/// An account that is drawn from; those of a run are its sub-agents' too.
#[derive(Debug, Clone)]
struct Share {
    account: Arc<Mutex<Account>>,
    owner: Owner,
}

/// The accounts of a run, for its sub-agents to draw from.
#[derive(Debug, Clone)]
pub(crate) struct SharedPurse(Vec<Share>);

/// Whose an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// The run that draws from it, or its conversation.
    Own,
    /// The run that has delegated to this one.
    Parent,
}

impl Share {
    fn account(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Of what a call came to, what counts here: the step limit of a run is a pause after so many of its own.
    fn counted(&self, spent: Spending) -> Spending {
        if self.counts_steps() { spent } else { Spending { steps: 0, ..spent } }
    }

    fn counts_steps(&self) -> bool {
        self.owner == Owner::Own || self.account().scope == Scope::Conversation
    }
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
    /// The most that it may come to.
    most: Spending,
}

/// What the person and the model are told of a budget that is nearly used up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Warning {
    /// Nothing where the gateway tells them, which knows of all runs whether it has done so.
    pub(crate) for_person: Option<String>,
    pub(crate) for_model: String,
}

impl Purse {
    /// A purse for a run that begins now, of a model with this price.
    pub(crate) fn new(run: Allowance, conversation: Allowance, price: Price, now: Instant) -> Self {
        let share = |scope, of| Share {
            account: Arc::new(Mutex::new(Account::new(scope, of, now))),
            owner: Owner::Own,
        };
        Self {
            shares: vec![share(Scope::Run, run), share(Scope::Conversation, conversation)],
            tariff: Tariff::new(price),
        }
    }

    /// Counts further calls by another tariff, and gives the one until now.
    pub(crate) fn exchange(&mut self, tariff: &mut Tariff) {
        std::mem::swap(&mut self.tariff, tariff);
    }

    /// A purse for a sub-agent that begins now: with a limit of its own, and drawing from its run's.
    pub(crate) fn for_subagent(shared: &SharedPurse, limit: Budget, price: Price, now: Instant) -> Self {
        let run = Allowance { limit, spent: Spending::default() };
        let mut own = Self::new(run, Allowance::default(), price, now);
        own.shares.truncate(1);
        own.shares.extend(shared.0.iter().map(|share| Share { owner: Owner::Parent, ..share.clone() }));
        own
    }

    /// This purse, to be shared with a sub-agent.
    pub(crate) fn sharer(&self) -> SharedPurse {
        SharedPurse(self.shares.clone())
    }

    /// Whether money is limited but the price unknown.
    pub(crate) fn counts_at_ceiling(&self) -> bool {
        self.tariff.price == Price::Unknown && self.limits_money()
    }

    /// Lets a call be made if its worst case fits into what is left.
    ///
    /// # Errors
    /// A problem that names the budget that is used up.
    pub(crate) fn grant(&self, plan: Plan, now: Instant) -> Result<Grant, Problem> {
        let wanted = plan.output.unwrap_or(ASSUMED_OUTPUT);
        let least = LEAST_OUTPUT.min(wanted);
        let input = scaled(plan.input, self.tariff.margin);
        let worst = self.tariff.known_or_ceiling().at(input);
        let mut output = wanted;
        let mut shortened_by = None;
        for share in &self.shares {
            let counts_steps = share.counts_steps();
            let account = share.account();
            if counts_steps {
                account.check_steps(plan.kind)?;
            }
            account.check_time(now)?;
            for (kind, fits) in [
                (Kind::Tokens, account.output_for_tokens(input, least)?),
                (Kind::Money, account.output_for_money(worst, input, least)?),
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
            included: self.tariff.included(plan.input),
            time_ms: 0,
        };
        let most = Spending {
            steps: at_least.steps,
            tokens: input.saturating_add(output),
            cost_micros: cost(worst, input, output),
            ..Spending::default()
        };
        Ok(Grant {
            most,
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

    /// Sets the most that a call may come to aside, until it is settled: others draw from the same accounts.
    pub(crate) fn hold(&self, grant: &Grant) {
        for share in &self.shares {
            let most = share.counted(grant.most);
            share.account().hold(most);
        }
    }

    /// Takes what a call consumed, for which something was set aside, out of the budgets; gives what it counts as.
    pub(crate) fn settle(&mut self, grant: &Grant, usage: &Usage) -> Spending {
        let spent = Spending {
            steps: u64::from(grant.plan.kind == CallKind::Step),
            tokens: usage.context_tokens(),
            cost_micros: usage.cost_micros.unwrap_or_else(|| self.counted_prices().cost_micros(usage)),
            included: usage.included,
            time_ms: 0,
        };
        for share in &self.shares {
            let (most, spent) = (share.counted(grant.most), share.counted(spent));
            share.account().settle(most, spent);
        }
        self.tariff.learn(grant.plan.input, usage);
        spent
    }

    /// Warnings that are due and were not given before.
    pub(crate) fn warnings(&mut self, now: Instant) -> Vec<Warning> {
        let own = self.shares.iter().filter(|share| share.owner == Owner::Own);
        own.flat_map(|share| share.account().warnings(now, self.tariff.price)).collect()
    }

    /// What the run itself has consumed.
    pub(crate) fn spent(&self) -> Spending {
        self.shares.first().map(|share| share.account().spent).unwrap_or_default()
    }

    /// The problem of a call that was given up at its deadline.
    pub(crate) fn out_of_time(&self, now: Instant) -> Option<Problem> {
        let first =
            self.shares.iter().min_by_key(|share| share.account().time_left(now).unwrap_or(u64::MAX))?;
        Some(first.account().out_of_time(now))
    }

    /// The problem of an answer that was cut off because no more of it could be paid for; `None` when the call
    /// could write as much as any.
    pub(crate) fn cut_short(&self, grant: &Grant) -> Option<Problem> {
        let (scope, kind) = grant.shortened_by?;
        let share = self.shares.iter().find(|share| share.account().scope == scope)?;
        let problem = share.account().exhausted(kind, None);
        Some(words::cut_short(problem, grant.output.unwrap_or_default()))
    }

    /// When the first of the budgets of time ends.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.shares.iter().filter_map(|share| share.account().deadline()).min()
    }

    /// A request of so many tokens, with its cost where the price is known.
    fn priced(&self, input: u64) -> Usage {
        let cost_micros = match self.tariff.price {
            Price::Known(prices) => Some(cost(prices.at(input), input, 0)),
            Price::Unknown | Price::Included => None,
        };
        let included = self.tariff.included(input);
        Usage { input, cost_micros, included, source: UsageSource::Estimated, ..Usage::default() }
    }

    fn limits_money(&self) -> bool {
        self.shares.iter().any(|share| share.account().limits_money())
    }

    /// Prices at which calls without a reported cost count; nothing where it does not matter.
    fn counted_prices(&self) -> Prices {
        match self.tariff.price {
            Price::Unknown if !self.limits_money() => Prices::default(),
            _ => self.tariff.known_or_ceiling(),
        }
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
