//! Budgets of tokens and money that are nearly used up are told of once each, whatever comes between.

use http::Method;
use serde_json::{Value, json};
use slipway_protocol::MessageId;
use slipway_protocol::budget::{BudgetKind, BudgetScope, NearBudget, Reservation, Spending};
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_protocol::message::{NoticeLevel, PartBody, Role};
use slipway_protocol::run::{EngineEvent, RunOutcome};

use crate::core_client::{Follower, Setup, create};
use crate::core_engine::EngineRun;
use crate::core_webhooks::Receiver;

async fn limit(setup: &Setup, budgets: &Value) {
    let (status, answer) = setup.gateway.send(Method::PUT, &setup.path("/budget"), budgets).await;
    assert_eq!(status, 200, "{answer}");
}

fn tokens(limit: u64) -> Value {
    json!({ "conversation": { "tokens": limit } })
}

fn of_tokens(used: u64, limit: u64) -> NearBudget {
    NearBudget { scope: BudgetScope::Conversation, kind: BudgetKind::Tokens, limit, used }
}

fn of_money(scope: BudgetScope, used: u64, limit: u64) -> NearBudget {
    NearBudget { scope, kind: BudgetKind::Money, limit, used }
}

fn call(run: &mut EngineRun, spent: Spending) {
    let id = run.step();
    run.tell(EngineEvent::Reserved { call: Reservation::default() });
    run.tell(EngineEvent::Settled { spent, failed: None });
    run.answer(&id, "done", &[]);
}

/// What was told of budgets.
fn told(follower: &Follower) -> Vec<NearBudget> {
    let bodies = follower.events.iter().map(|event| &event.body);
    let told = bodies.filter_map(|body| match body {
        EventBody::BudgetNear { budget, .. } => Some(*budget),
        _ => None,
    });
    told.collect()
}

/// A run with one call that comes to so much; gives what is told of budgets meanwhile.
async fn turn(setup: &mut Setup, spent: Spending) -> Vec<NearBudget> {
    let mut follower = setup.follow().await;
    setup.say(MessageId::generate().as_str()).await;
    let mut run = setup.engine.run().await;
    call(&mut run, spent);
    run.finish(RunOutcome::Completed);
    follower.until_status(RunStatus::Done).await;
    told(&follower)
}

async fn using_tokens(setup: &mut Setup, tokens: u64) -> Vec<NearBudget> {
    turn(setup, Spending { steps: 1, tokens, ..Spending::default() }).await
}

async fn using_money(setup: &mut Setup, cost_micros: u64) -> Vec<NearBudget> {
    turn(setup, Spending { steps: 1, tokens: 1, cost_micros, ..Spending::default() }).await
}

/// What Slipway itself says in the timeline, as warnings.
async fn warnings(setup: &Setup) -> Vec<String> {
    let messages = setup.snapshot().await.messages.into_iter();
    let parts = messages.filter(|message| message.role == Role::System).flat_map(|message| message.parts);
    let warnings = parts.filter_map(|part| match part.body {
        PartBody::Notice { level: NoticeLevel::Warning, text, .. } => Some(text),
        _ => None,
    });
    warnings.collect()
}

#[tokio::test]
async fn the_person_is_told_once_and_again_of_a_budget_that_was_raised() {
    let mut setup = Setup::new().await;
    limit(&setup, &tokens(5_000)).await;
    assert_eq!(using_tokens(&mut setup, 3_999).await, []);
    assert_eq!(using_tokens(&mut setup, 1).await, [of_tokens(4_000, 5_000)]);
    assert_eq!(using_tokens(&mut setup, 100).await, []);
    let mut setup = setup.restarted().await;
    assert_eq!(using_tokens(&mut setup, 100).await, []);

    limit(&setup, &tokens(10_000)).await;
    assert_eq!(using_tokens(&mut setup, 3_799).await, []);
    assert_eq!(using_tokens(&mut setup, 1).await, [of_tokens(8_000, 10_000)]);
    // Of more than this the person knows.
    limit(&setup, &tokens(9_000)).await;
    let mut setup = setup.restarted().await;
    assert_eq!(using_tokens(&mut setup, 1).await, []);
    let said = |used| {
        format!("The conversation has used {used} tokens. At the limit it pauses and nothing is lost.")
    };
    assert_eq!(warnings(&setup).await, [said("4000 of 5000"), said("8000 of 10000")]);
}

#[tokio::test]
async fn runs_and_conversations_have_budgets_of_their_own_which_other_pages_hear_of() {
    let mut setup = Setup::new().await;
    let other = create(&setup.gateway).await;
    let mut elsewhere = Follower::open(&setup.gateway, &other, None).await;
    limit(&setup, &json!({ "run": { "cost_micros": 100 }, "conversation": { "cost_micros": 150 } })).await;
    assert_eq!(using_money(&mut setup, 80).await, [of_money(BudgetScope::Run, 80, 100)]);
    assert_eq!(using_money(&mut setup, 39).await, []);
    assert_eq!(using_money(&mut setup, 1).await, [of_money(BudgetScope::Conversation, 120, 150)]);
    assert_eq!(using_money(&mut setup, 90).await, [of_money(BudgetScope::Run, 90, 100)]);
    let last = |body: &EventBody| matches!(body, EventBody::BudgetNear { budget, .. } if budget.used == 90);
    elsewhere.until(last).await;
    assert_eq!(told(&elsewhere).len(), 3);
    assert_eq!(warnings(&setup).await.len(), 3);
}

#[tokio::test]
async fn without_a_limit_and_of_other_limits_nothing_is_told() {
    let mut setup = Setup::new().await;
    assert_eq!(using_tokens(&mut setup, 1_000_000).await, []);
    limit(&setup, &json!({ "conversation": { "steps": 2, "minutes": 1 } })).await;
    assert_eq!(using_tokens(&mut setup, 1_000_000).await, []);
    // What was used before there was a limit counts.
    limit(&setup, &tokens(2_000_000)).await;
    assert_eq!(using_tokens(&mut setup, 0).await, [of_tokens(2_000_000, 2_000_000)]);
}

#[tokio::test]
async fn a_call_that_a_crash_cuts_off_is_told_of_once_too() {
    let mut setup = Setup::new().await;
    limit(&setup, &tokens(1_000)).await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    run.step();
    let at_least = Spending { steps: 1, tokens: 900, ..Spending::default() };
    run.tell(EngineEvent::Reserved { call: Reservation { at_least, ..Reservation::default() } });
    run.text("half");
    follower.until_text("half").await;
    assert_eq!(told(&follower), []);
    let cursor = follower.cursor.clone();

    let setup = setup.restarted().await;
    let mut setup = setup.restarted().await;
    let mut follower = Follower::open(&setup.gateway, &setup.conversation, Some(&cursor)).await;
    assert_eq!(using_tokens(&mut setup, 1).await, []);
    follower.until_status(RunStatus::Done).await;
    assert_eq!(told(&follower), [of_tokens(901, 1_000)]);
    assert_eq!(warnings(&setup).await.len(), 1);
}

#[tokio::test]
async fn webhooks_are_told_while_the_run_goes_on() {
    let mut setup = Setup::new().await;
    let mut receiver = Receiver::start(&[]).await;
    let webhook = json!({ "url": receiver.url, "events": ["budget.near"], "private_network": true });
    assert_eq!(setup.gateway.send(Method::POST, "/api/v1/webhooks", &webhook).await.0, 201);
    limit(&setup, &tokens(1_000)).await;
    setup.say("A secret plan").await;
    let mut run = setup.engine.run().await;
    call(&mut run, Spending { steps: 1, tokens: 850, ..Spending::default() });
    let told = receiver.next().await.json();
    let data = &told["data"];
    assert_eq!((&told["type"], &data["status"]), (&json!("budget.near"), &json!("running")));
    assert_eq!(data["run_id"], json!(run.request.run_id));
    let budget = json!({ "scope": "conversation", "kind": "tokens", "limit": 1_000, "used": 850 });
    assert_eq!((&data["budget"], &data["problem"]), (&budget, &Value::Null));
    run.finish(RunOutcome::Completed);
}
