//! Budgets as the gateway keeps them: what was consumed is there after anything, and is what the next run
//! is told.

use http::Method;
use serde_json::{Value, json};
use slipway_protocol::ConversationId;
use slipway_protocol::budget::{Allowance, Budget, BudgetState, Reservation, Spending};
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_protocol::message::{NoticeLevel, PartBody, Role};
use slipway_protocol::run::{EngineEvent, RunOutcome};
use slipway_protocol::usage::{Usage, UsageSource};
use slipway_scripted_model::{Script, Server};

use crate::core_client::{Follower, Setup, create, remote};
use crate::core_engine::{EngineRun, FakeEngine};
use crate::core_host::FakeHost;
use crate::harness::TestGateway;

const CALL: Spending = Spending { steps: 1, tokens: 1_000, cost_micros: 30, included: 0, time_ms: 0 };

fn reservation() -> Reservation {
    let usage = Usage { input: 700, cost_micros: Some(14), ..Usage::default() };
    let at_least = Spending { steps: 1, tokens: 700, cost_micros: 14, ..Spending::default() };
    Reservation { at_least, usage, output_price: 2.0 }
}

/// A whole model call that counts as [`CALL`].
fn call(run: &mut EngineRun, text: &str) {
    let id = run.step();
    run.tell(EngineEvent::Reserved { call: reservation() });
    run.text(text);
    run.tell(EngineEvent::Settled { spent: CALL, failed: None });
    let usage = Usage {
        input: 900,
        output: 100,
        cost_micros: Some(30),
        source: UsageSource::Reported,
        ..Usage::default()
    };
    run.tell(EngineEvent::Usage {
        usage,
        context_used: 1_000,
        context_limit: Some(10_000),
        predicted_cached: None,
    });
    run.answer(&id, text, &[]);
}

async fn budget_of(gateway: &TestGateway, id: &ConversationId) -> BudgetState {
    serde_json::from_value(gateway.get(&format!("/api/v1/conversations/{id}/budget")).await).unwrap()
}

/// What was consumed, without the time.
async fn spent(gateway: &TestGateway, id: &ConversationId) -> Spending {
    Spending { time_ms: 0, ..budget_of(gateway, id).await.conversation.spent }
}

#[tokio::test]
async fn the_next_run_is_told_what_the_others_have_consumed() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("one").await;
    let mut run = setup.engine.run().await;
    assert_eq!(run.request.conversation_budget, Allowance::default());
    call(&mut run, "a");
    call(&mut run, "b");
    run.finish(RunOutcome::Completed);
    follower.until_status(RunStatus::Done).await;
    let twice = CALL.plus(CALL);
    assert_eq!(spent(&setup.gateway, &setup.conversation).await, twice);
    assert_eq!(setup.snapshot().await.usage.cost_micros, Some(60));

    let own = json!({ "run": { "steps": 70, "cost_micros": 5 }, "conversation": { "tokens": 9000 } });
    let (status, answer) = setup.gateway.send(Method::PUT, &setup.path("/budget"), &own).await;
    assert_eq!((status, &answer["own"]), (200, &own), "{answer}");
    assert_eq!(answer["run"], json!({ "steps": 70, "cost_micros": 5 }));
    setup.say("two").await;
    let run = setup.engine.run().await;
    let Allowance { limit, spent: told } = run.request.conversation_budget;
    assert_eq!(limit, Budget { tokens: Some(9_000), ..Budget::default() });
    assert_eq!(Spending { time_ms: 0, ..told }, twice);
    assert_eq!((run.request.limits.max_steps, run.request.limits.max_cost_micros), (70, Some(5)));
    run.reply("done");
}

#[tokio::test]
async fn a_call_that_is_given_up_is_counted_once_with_what_had_come() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    run.step();
    run.tell(EngineEvent::Reserved { call: reservation() });
    run.text(&"four".repeat(50));
    follower.until_text("fourfour").await;
    setup.post("/stop").await;
    follower.until_status(RunStatus::Stopped).await;
    let expected = Spending { steps: 1, tokens: 750, cost_micros: 114, ..Spending::default() };
    assert_eq!(spent(&setup.gateway, &setup.conversation).await, expected);
    let usage = setup.snapshot().await.usage;
    assert_eq!((usage.input, usage.output, usage.cost_micros), (700, 50, Some(114)));
    assert_eq!(usage.source, UsageSource::Estimated);

    // A settled call that is followed by a stop adds nothing.
    setup.post("/continue").await;
    let mut run = setup.engine.run().await;
    run.step();
    run.tell(EngineEvent::Reserved { call: reservation() });
    let failed = Usage { input: 1_000, ..Usage::default() };
    run.tell(EngineEvent::Settled { spent: CALL, failed: Some(failed) });
    run.tell(EngineEvent::Notice { level: NoticeLevel::Warning, text: "nearly used up".to_owned() });
    follower
        .until(|body| matches!(body, EventBody::MessageCreated { message } if message.role == Role::System))
        .await;
    setup.post("/stop").await;
    follower.until_status(RunStatus::Stopped).await;
    assert_eq!(spent(&setup.gateway, &setup.conversation).await, expected.plus(CALL));
    let snapshot = setup.snapshot().await;
    assert_eq!(snapshot.usage.input, 1_700);
    let notice = &snapshot.messages.iter().find(|message| message.role == Role::System).unwrap().parts[0];
    assert!(matches!(&notice.body, PartBody::Notice { text, .. } if text == "nearly used up"));
}

#[tokio::test]
async fn a_restart_counts_the_call_that_went_on() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    call(&mut run, "whole");
    run.step();
    run.tell(EngineEvent::Reserved { call: reservation() });
    run.text("half");
    follower.until_text("half").await;
    let url = setup.engine.url.clone();
    let directory = setup.gateway.stop().await;
    let gateway = TestGateway::start_in(directory, |config| config.engines = remote(&url)).await;
    let half = Spending { steps: 1, tokens: 701, cost_micros: 16, ..Spending::default() };
    assert_eq!(spent(&gateway, &setup.conversation).await, CALL.plus(half));
    // And only once.
    let url = setup.engine.url.clone();
    let gateway = TestGateway::start_in(gateway.stop().await, |config| config.engines = remote(&url)).await;
    assert_eq!(spent(&gateway, &setup.conversation).await, CALL.plus(half));
}

#[tokio::test]
async fn conversations_that_share_a_purse_draw_from_one_budget() {
    let mut setup = Setup::new().await;
    let child = create(&setup.gateway).await;
    let stranger = create(&setup.gateway).await;
    let store = &setup.gateway.app().store;
    let mut write = store.write().await.unwrap();
    slipway_gateway::store::budgets::share(&mut write, &child, &setup.conversation).await.unwrap();
    write.commit().await.unwrap();
    let limits = json!({ "conversation": { "tokens": 5000 } });
    setup.gateway.send(Method::PUT, &setup.path("/budget"), &limits).await;
    assert_eq!(budget_of(&setup.gateway, &child).await.conversation.limit.tokens, Some(5_000));
    assert_eq!(budget_of(&setup.gateway, &stranger).await.conversation.limit.tokens, None);

    let mut follower = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    call(&mut run, "a");
    // While this run goes on, nobody knows how much is left for the other conversation.
    let mut child_follower = Follower::open(&setup.gateway, &child, None).await;
    let message = json!({ "client_id": "c", "text": "me too" });
    let path = format!("/api/v1/conversations/{child}/messages");
    setup.gateway.send(Method::POST, &path, &message).await;
    let EventBody::RunStatus { problem, .. } = child_follower.until_status(RunStatus::Error).await else {
        panic!("no status")
    };
    assert_eq!(problem.unwrap().code, "budget_in_use");
    assert!(setup.engine.is_idle());
    run.finish(RunOutcome::Completed);
    follower.until_status(RunStatus::Done).await;
    assert_eq!(budget_of(&setup.gateway, &stranger).await.conversation.spent, Spending::default());

    // What was consumed outlives the conversation that consumed it.
    setup.gateway.launcher(Method::DELETE, &setup.path("?undo_seconds=0")).send().await.unwrap();
    assert_eq!(spent(&setup.gateway, &child).await, CALL);
    setup.gateway.send(Method::POST, &format!("/api/v1/conversations/{child}/continue"), &json!({})).await;
    let run = setup.engine.run().await;
    assert_eq!(run.request.conversation_budget.spent.tokens, 1_000);
    run.reply("mine");
    child_follower.until_status(RunStatus::Done).await;
}

#[tokio::test]
async fn a_hand_over_goes_on_with_the_same_budget() {
    let mut setup = Setup::new().await;
    let limits = json!({ "run": { "steps": 77 }, "conversation": { "tokens": 5000 } });
    setup.gateway.send(Method::PUT, &setup.path("/budget"), &limits).await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    call(&mut run, "a");
    run.finish(RunOutcome::HandedOver { prompt: "Go on.".to_owned() });
    let mut next = setup.engine.run().await;
    assert_ne!(next.request.conversation_id, setup.conversation);
    assert_eq!(next.request.limits.max_steps, 77);
    assert_eq!(next.request.conversation_budget.limit.tokens, Some(5_000));
    assert_eq!(next.request.conversation_budget.spent.tokens, 1_000);
    let child = next.request.conversation_id.clone();
    let mut follower = Follower::open(&setup.gateway, &child, None).await;
    call(&mut next, "b");
    next.finish(RunOutcome::Completed);
    follower.until_status(RunStatus::Done).await;
    assert_eq!(spent(&setup.gateway, &setup.conversation).await, CALL.plus(CALL));
}

#[tokio::test]
async fn time_counts_while_a_run_goes_on() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let run = setup.engine.run().await;
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    run.reply("done");
    follower.until_status(RunStatus::Done).await;
    let state = budget_of(&setup.gateway, &setup.conversation).await;
    assert!(state.conversation.spent.time_ms >= 20, "{state:?}");
}

const BUSY: &str = "
name: test
models: [scripted-test]
turns:
  - steps:
      - {text: one, tool_calls: [{name: nothing}], usage: {prompt: 2000, completion: 2000}}
      - {text: two, tool_calls: [{name: nothing}], usage: {prompt: 2000, completion: 2000}}
      - {text: three, usage: {prompt: 2000, completion: 2000}}
";

#[tokio::test]
async fn the_real_engine_stops_at_the_conversations_budget_and_goes_on_when_it_is_raised() {
    let model = Server::start(Script::from_yaml(BUSY).unwrap()).await.unwrap();
    let gateway = TestGateway::start().await;
    let host = FakeHost::attach(&gateway).await;
    let provider = json!({
        "profile": "custom", "name": "Test", "base_url": model.base_url(), "models": ["scripted-test"],
    });
    gateway.send(Method::PUT, "/api/v1/providers/scripted", &provider).await;
    let body = json!({
        "model": { "provider_id": "scripted", "model": "scripted-test" },
        "budgets": { "conversation": { "tokens": 11_500 } },
    });
    let (status, conversation) = gateway.send(Method::POST, "/api/v1/conversations", &body).await;
    assert_eq!(status, 201, "{conversation}");
    let conversation: ConversationId = conversation["id"].as_str().unwrap().into();
    let setup = Setup { gateway, engine: FakeEngine::start().await, host, conversation };
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let EventBody::RunStatus { problem, .. } = follower.until_status(RunStatus::LimitReached).await else {
        panic!("no status")
    };
    let problem = problem.unwrap();
    assert_eq!(problem.code, "conversation_token_limit");
    assert!(problem.detail.starts_with("8000 of 11500 tokens are used"), "{}", problem.detail);
    assert_eq!(model.requests().len(), 2);

    // A fresh run does not make the conversation's budget any larger.
    setup.post("/continue").await;
    follower.until_status(RunStatus::LimitReached).await;
    assert_eq!(model.requests().len(), 2);

    let raised = json!({ "conversation": { "tokens": 50_000 } });
    setup.gateway.send(Method::PUT, &setup.path("/budget"), &raised).await;
    setup.post("/continue").await;
    follower.until_status(RunStatus::Done).await;
    assert_eq!(model.requests().len(), 3);
    let expected = Spending { steps: 3, tokens: 12_000, ..Spending::default() };
    assert_eq!(spent(&setup.gateway, &setup.conversation).await, expected);
    assert_eq!(setup.snapshot().await.usage.context_tokens(), 12_000);
}

async fn instruct(setup: &Setup, text: &str) {
    let change = json!({ "instructions": text });
    let (status, answer) = setup.gateway.send(Method::PATCH, "/api/v1/settings", &change).await;
    assert_eq!((status, &answer["instructions"]), (200, &json!(text)));
}

#[tokio::test]
async fn what_the_model_is_told_at_the_beginning_stays() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    instruct(&setup, "Be brief.").await;
    setup.say("one").await;
    let run = setup.engine.run().await;
    let first = run.request.prompt.clone();
    assert_eq!(first.instructions, "Be brief.");
    run.reply("done");
    follower.until_status(RunStatus::Done).await;

    instruct(&setup, "Be long.").await;
    setup.say("two").await;
    let run = setup.engine.run().await;
    assert_eq!(run.request.prompt, first);
    run.reply("done");
    follower.until_status(RunStatus::Done).await;

    let other = create(&setup.gateway).await;
    let message: Value = json!({ "client_id": "c", "text": "hello" });
    setup.gateway.send(Method::POST, &format!("/api/v1/conversations/{other}/messages"), &message).await;
    let run = setup.engine.run().await;
    assert_eq!(run.request.prompt.instructions, "Be long.");
    run.reply("done");
}
