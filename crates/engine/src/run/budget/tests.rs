//! Unit and property tests of the purse.

use std::time::Duration;

use proptest::prelude::*;
use slipway_protocol::cost::Cost;

use super::tariff::FIRST_MARGIN;
use super::*;
use crate::provider::profile::{LongPrices, profiles};

const FREE: Prices = Prices { input: 0.0, cached: 0.0, written: None, output: 0.0, long: None };

fn plan(input: u64, output: u64) -> Plan {
    Plan { kind: CallKind::Step, input, output: Some(output) }
}

/// A budget of which nothing is spent.
fn fresh(limit: Budget) -> Allowance {
    Allowance { limit, spent: Spending::default() }
}

fn purse(run: Budget, price: Price) -> (Purse, Instant) {
    let now = Instant::now();
    (Purse::new(fresh(run), Allowance::default(), price, now), now)
}

fn reported(input: u64, output: u64) -> Usage {
    Usage { input, output, source: UsageSource::Reported, ..Usage::default() }
}

fn tokens(limit: u64) -> Budget {
    Budget { tokens: Some(limit), ..Budget::default() }
}

fn money(micros: u64) -> Budget {
    Budget { cost_micros: Some(micros), ..Budget::default() }
}

#[test]
fn without_limits_a_call_is_made_as_planned() {
    let (purse, now) = purse(Budget::default(), Price::Unknown);
    let grant = purse.grant(plan(1_000_000, 32_768), now).expect("granted");
    assert_eq!((grant.output, grant.deadline), (None, None));
    assert_eq!(grant.reservation.at_least, Spending { steps: 1, tokens: 1_000_000, ..Spending::default() });
}

#[test]
fn a_call_writes_less_where_not_all_fits_and_is_refused_where_too_little_does() {
    let (mut purse, now) = purse(tokens(20_000), Price::Known(FREE));
    // 1000 tokens may turn out to be 1250.
    assert_eq!(purse.grant(plan(1_000, 32_768), now).expect("granted").output, Some(18_750));
    assert_eq!(purse.grant(plan(1_000, 5_000), now).expect("granted").output, None);
    let grant = purse.grant(plan(1_000, 32_768), now).expect("granted");
    purse.settle(&grant, &reported(1_000, 14_000));
    let problem = purse.grant(plan(1_000, 32_768), now).expect_err("too little is left");
    assert_eq!(problem.code, "token_limit");
    assert_eq!(problem.detail, "15000 of 20000 tokens are used; the next model call may take 5196 tokens");
}

#[test]
fn money_counts_at_known_prices_and_at_the_ceiling_where_none_is_known() {
    let prices = Prices { input: 1.0, cached: 0.1, written: None, output: 4.0, long: None };
    let (known, now) = purse(money(50_000), Price::Known(prices));
    assert_eq!(known.grant(plan(8_000, 32_768), now).expect("granted").output, Some(10_000));
    assert!(!known.counts_at_ceiling());
    let (mut unknown, now) = purse(money(1_000_000), Price::Unknown);
    assert!(unknown.counts_at_ceiling());
    let grant = unknown.grant(plan(8_000, 32_768), now).expect("granted");
    assert_eq!(grant.output, Some(11_333));
    assert_eq!(grant.reservation.at_least.cost_micros, 120_000);
    assert_eq!(unknown.settle(&grant, &reported(8_000, 1_000)).cost_micros, 195_000);
    // What the provider says it costs is what it costs.
    let stated = Usage { cost_micros: Some(7), ..reported(8_000, 1_000) };
    assert_eq!(unknown.settle(&grant, &stated).cost_micros, 7);
    let problem =
        purse(money(10_000), Price::Unknown).0.grant(plan(8_000, 32_768), now).expect_err("refused");
    assert_eq!(problem.code, "cost_limit");
    assert_eq!(problem.detail, "$0.00 of $0.01 are used; the next model call may take $0.4572");
}

#[test]
fn the_conversations_budget_holds_beside_the_runs() {
    let now = Instant::now();
    let spent = Spending { steps: 9, time_ms: 119_000, ..Spending::default() };
    let limit = Budget { steps: Some(10), minutes: Some(2), ..Budget::default() };
    let run = Budget { steps: Some(30), ..Budget::default() };
    let mut purse = Purse::new(fresh(run), Allowance { limit, spent }, Price::Known(FREE), now);
    assert_eq!(purse.deadline(), Some(now + Duration::from_secs(1)));
    let grant = purse.grant(plan(1, 1), now).expect("one step is left");
    purse.settle(&grant, &reported(1, 1));
    assert_eq!(purse.grant(plan(1, 1), now).expect_err("none is left").code, "conversation_step_limit");
    let further = Plan { kind: CallKind::Further, ..plan(1, 1) };
    assert!(purse.grant(further, now).is_ok(), "a call that is made again is no further step");
    let later = now + Duration::from_millis(1_000);
    let problem = purse.grant(further, later).expect_err("the time is over");
    assert_eq!(problem.code, "conversation_time_limit");
    assert_eq!(problem.detail, "2 of 2 minutes are used");
    assert_eq!(purse.out_of_time(later), Some(problem));
}

#[test]
fn a_warning_is_given_once_at_four_fifths() {
    let (mut purse, now) = purse(tokens(100_000), Price::Known(FREE));
    let grant = purse.grant(plan(10, 10), now).expect("granted");
    purse.settle(&grant, &reported(79_999, 0));
    assert_eq!(purse.warnings(now), []);
    purse.settle(&grant, &reported(1, 0));
    let warnings = purse.warnings(now);
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].for_model.starts_with("This run has used 80000 of 100000 tokens"));
    // The gateway tells the person.
    assert_eq!(warnings[0].for_person, None);
    assert_eq!(purse.warnings(now), []);
}

#[test]
fn estimates_follow_what_the_provider_counts() {
    let (mut purse, now) = purse(tokens(100_000), Price::Known(FREE));
    let grant = purse.grant(plan(1_000, 4_096), now).expect("granted");
    purse.settle(&grant, &reported(2_000, 10));
    // Twice as many as estimated, and a tenth more to be sure.
    assert_eq!(purse.grant(plan(40_000, 4_096), now).expect("granted").output, None);
    assert!(purse.grant(plan(44_000, 4_096), now).is_err());
}

#[test]
fn a_long_prompt_is_reckoned_with_at_its_own_prices() {
    let long = LongPrices { above: 100_000, input: 2.0, cached: 0.2, output: 8.0 };
    let prices = Prices { input: 1.0, cached: 0.1, written: None, output: 4.0, long: Some(long) };
    let (purse, now) = purse(money(300_000), Price::Known(prices));
    assert_eq!(purse.grant(plan(80_000, 100_000), now).expect("granted").output, Some(50_000));
    // With the margin, 88 000 may be more than 100 000.
    assert_eq!(purse.grant(plan(88_000, 100_000), now).expect("granted").output, Some(10_000));
}

#[test]
fn input_may_be_dearer_when_it_is_newly_cached() {
    let prices = Prices { input: 4.0, cached: 0.4, written: Some(5.0), output: 1.0, long: None };
    let (purse, now) = purse(money(100_000), Price::Known(prices));
    // 12 500 × 5
    assert_eq!(purse.grant(plan(10_000, 90_000), now).expect("granted").output, Some(37_500));
}

#[test]
fn the_ceiling_is_not_below_a_known_price() {
    let models = profiles().iter().flat_map(|profile| &profile.models);
    for prices in models.filter_map(|facts| facts.prices) {
        let prices = prices.at(u64::MAX);
        assert!(prices.input <= CEILING.input && prices.output <= CEILING.output, "{prices:?}");
    }
}

#[test]
fn free_calls_need_no_money() {
    let (purse, now) = purse(money(0), Price::Known(FREE));
    assert_eq!(purse.grant(plan(1_000_000, 32_768), now).expect("granted").output, None);
}

#[test]
fn what_a_plan_includes_draws_on_tokens_and_not_on_money() {
    let limit = Budget { tokens: Some(50_000), ..money(0) };
    let (mut purse, now) = purse(limit, Price::Included);
    assert!(!purse.counts_at_ceiling());
    let grant = purse.grant(plan(8_000, 32_768), now).expect("granted");
    let at_least = Spending { steps: 1, tokens: 8_000, included: 8_000, ..Spending::default() };
    assert_eq!((grant.output, grant.reservation.at_least), (None, at_least));
    assert_eq!(grant.reservation.usage.cost(), Cost::Included);
    let (given_up, usage) = grant.reservation.given_up_after(500);
    assert_eq!(given_up, Spending { tokens: 8_500, included: 8_500, ..at_least });
    assert_eq!(usage.cost(), Cost::Included);
    let usage = Usage { included: 47_000, ..reported(40_000, 7_000) };
    let spent = Spending { steps: 1, tokens: 47_000, included: 47_000, ..Spending::default() };
    assert_eq!(purse.settle(&grant, &usage), spent);
    assert_eq!(purse.grant(plan(10, 32_768), now).expect_err("refused").code, "token_limit");
}

#[test]
fn what_a_plan_includes_gives_no_warning_of_money() {
    let spent = Spending { cost_micros: 90, tokens: 90, ..Spending::default() };
    let limit = Budget { tokens: Some(100), ..money(100) };
    let now = Instant::now();
    let warned = |price| {
        let mut purse = Purse::new(fresh(Budget::default()), Allowance { limit, spent }, price, now);
        let warnings = purse.warnings(now).into_iter();
        warnings.map(|warning| warning.for_model.contains("tokens")).collect::<Vec<_>>()
    };
    assert_eq!(warned(Price::Known(FREE)), [true, false]);
    assert_eq!(warned(Price::Included), [true]);
}

/// A call: its estimated input, what the provider reports of it in thousandths of that, and how much of the
/// granted output it writes, likewise.
type Call = (u64, u64, u64);

/// Makes the calls as far as they are granted; gives what they cost and the largest worst case.
fn spend(purse: &mut Purse, now: Instant, calls: &[Call], money: bool) -> (u64, u64) {
    let (mut total, mut worst) = (0, 0);
    for (input, real_input, real_output) in calls {
        let plan = Plan { kind: CallKind::Further, input: *input, output: Some(32_768) };
        let Ok(grant) = purse.grant(plan, now) else { continue };
        let output = grant.output.unwrap_or(32_768);
        let usage = Usage {
            input: input * real_input / 2_000,
            written: input * real_input / 2_000,
            output: output * real_output / 1_000,
            // The margin stays what it was at the beginning.
            source: UsageSource::Estimated,
            ..Usage::default()
        };
        let spent = purse.settle(&grant, &usage);
        let (spent, most) = if money {
            (
                spent.cost_micros,
                cost(purse.tariff.known_or_ceiling().at(u64::MAX), scaled(*input, FIRST_MARGIN), output),
            )
        } else {
            (spent.tokens, scaled(*input, FIRST_MARGIN) + output)
        };
        total += spent;
        worst = worst.max(most.max(spent));
    }
    (total, worst)
}

fn calls(most: u64) -> impl Strategy<Value = Vec<Call>> {
    prop::collection::vec((0_u64..200_000, 0..=most, 0..=most), 0..40)
}

fn price() -> impl Strategy<Value = Price> {
    let flat = (0.0..20.0, 0.0..1.0, 1.0..2.0, 0.0..80.0);
    let long = (0_u64..300_000, 1.0..3.0);
    let known = (flat, prop::option::of(long)).prop_map(|((input, cached, written, output), long)| {
        let long = long.map(|(above, times): (u64, f64)| LongPrices {
            above,
            input: input * times,
            cached: input * cached,
            output: output * times,
        });
        Price::Known(Prices { input, cached: input * cached, written: Some(input * written), output, long })
    });
    prop_oneof![known, Just(Price::Unknown), Just(Price::Included)]
}

proptest! {
    #[test]
    fn a_budget_holds_when_worst_cases_do(
        limit in 0_u64..2_000_000, price in price(), calls in calls(1_000), of_money: bool,
    ) {
        let budget = if of_money { money(limit) } else { tokens(limit) };
        let (mut purse, now) = purse(budget, price);
        let (total, _) = spend(&mut purse, now, &calls, of_money);
        prop_assert!(total <= limit, "{total} of {limit}");
    }

    #[test]
    fn a_budget_is_passed_by_one_call_at_most_whatever_is_reported(
        limit in 0_u64..2_000_000, price in price(), calls in calls(5_000), of_money: bool,
    ) {
        let budget = if of_money { money(limit) } else { tokens(limit) };
        let (mut purse, now) = purse(budget, price);
        let (total, worst) = spend(&mut purse, now, &calls, of_money);
        prop_assert!(total <= limit + worst, "{total} of {limit}, the largest call {worst}");
    }
}
