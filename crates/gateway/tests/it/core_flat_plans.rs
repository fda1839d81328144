//! Flat plans: what a subscription includes is counted in tokens and not in money.

use http::Method;
use serde_json::{Value, json};
use slipway_gateway::providers;
use slipway_gateway::store::ownership::OWNER;
use slipway_protocol::ConversationId;
use slipway_protocol::api::ModelChoice;
use slipway_protocol::budget::{BudgetState, Spending, TurnUsage};
use slipway_protocol::cost::Payment;
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_scripted_model::{Script, Server};

use crate::core_client::Setup;
use crate::core_engine::FakeEngine;
use crate::core_host::FakeHost;
use crate::harness::TestGateway;

/// A model with known prices.
const MODEL: &str = "deepseek-v4-pro";
/// What each call of the script comes to by these prices, in millionths.
const PRICE: u64 = 2_000 * 132 / 100 + 2_000 * 396 / 100;

const TURNS: &str = "
name: flat plans
models: [deepseek-v4-pro]
turns:
  - steps: [{text: one, usage: {prompt: 2000, completion: 2000}}]
  - steps: [{text: two, usage: {prompt: 2000, completion: 2000}}]
  - steps: [{text: three, usage: {prompt: 2000, completion: 2000}}]
";

const BUSY: &str = "
name: busy
models: [deepseek-v4-pro]
turns:
  - steps:
      - {text: one, tool_calls: [{name: nothing}], usage: {prompt: 2000, completion: 2000}}
      - {text: two, tool_calls: [{name: nothing}], usage: {prompt: 2000, completion: 2000}}
      - {text: three, usage: {prompt: 2000, completion: 2000}}
";

/// A conversation with a scripted model, whose provider is paid for in some way.
struct Place {
    setup: Setup,
    model: Server,
}

impl Place {
    async fn new(script: &str, payment: Payment, budget: &Value) -> Self {
        let model = Server::start(Script::from_yaml(script).unwrap()).await.unwrap();
        let gateway = TestGateway::start().await;
        let host = FakeHost::attach(&gateway).await;
        pay(&gateway, &model.base_url(), &json!(payment)).await;
        let body = json!({
            "model": { "provider_id": "mine", "model": MODEL }, "budgets": { "conversation": budget },
        });
        let (status, conversation) = gateway.send(Method::POST, "/api/v1/conversations", &body).await;
        assert_eq!(status, 201, "{conversation}");
        let conversation: ConversationId = conversation["id"].as_str().unwrap().into();
        Self { setup: Setup { gateway, engine: FakeEngine::start().await, host, conversation }, model }
    }

    async fn pay(&self, payment: Payment) {
        pay(&self.setup.gateway, &self.model.base_url(), &json!(payment)).await;
    }

    /// Says something; gives how its run ends, and the code of the problem if it does with one.
    async fn turn(&self, text: &str) -> (RunStatus, Option<String>) {
        let mut follower = self.setup.follow().await;
        self.setup.say(text).await;
        let ended =
            |body: &EventBody| matches!(body, EventBody::RunStatus { status, .. } if !status.is_active());
        let EventBody::RunStatus { status, problem, .. } = follower.until(ended).await else {
            panic!("no status")
        };
        (status, problem.map(|problem| problem.code))
    }

    /// What each turn has consumed, without the time.
    async fn turns(&self) -> Vec<Spending> {
        let turns = self.setup.gateway.get(&self.setup.path("/turns")).await;
        let turns: Vec<TurnUsage> = serde_json::from_value(turns).unwrap();
        turns.into_iter().map(|turn| Spending { time_ms: 0, ..turn.spent }).collect()
    }

    async fn drawn(&self) -> Spending {
        let budget = self.setup.gateway.get(&self.setup.path("/budget")).await;
        let state: BudgetState = serde_json::from_value(budget).unwrap();
        Spending { time_ms: 0, ..state.conversation.spent }
    }

    async fn exported(&self) -> String {
        let path = self.setup.path("/export?format=markdown");
        let answer = self.setup.gateway.launcher(Method::GET, &path).send().await.unwrap();
        answer.text().await.unwrap()
    }
}

/// Saves the provider `mine` with this value of `payment`; gives the answer.
async fn pay(gateway: &TestGateway, base_url: &str, payment: &Value) -> Value {
    let provider = json!({
        "profile": "deepseek", "name": "Mine", "base_url": base_url, "api_key": "a-key", "models": [MODEL],
        "payment": payment,
    });
    let (status, answer) = gateway.send(Method::PUT, "/api/v1/providers/mine", &provider).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

fn included(steps: u64) -> Spending {
    let tokens = 4_000 * steps;
    Spending { steps, tokens, included: tokens, ..Spending::default() }
}

fn priced(steps: u64) -> Spending {
    Spending { steps, tokens: 4_000 * steps, cost_micros: PRICE * steps, ..Spending::default() }
}

#[tokio::test]
async fn a_flat_plan_draws_on_no_budget_of_money() {
    let nothing = json!({ "cost_micros": 0 });
    let place = Place::new(TURNS, Payment::FlatPlan, &nothing).await;
    assert_eq!(place.turn("go").await, (RunStatus::Done, None));
    assert_eq!((place.turns().await, place.drawn().await), (vec![included(1)], included(1)));
    let usage = place.setup.snapshot().await.usage;
    assert_eq!((usage.context_tokens(), usage.included, usage.cost_micros), (4_000, 4_000, None));
    assert!(place.exported().await.contains("\nUsed: 4000 tokens, included.\n"));

    // The same budget keeps a model that is paid for by use from being asked.
    place.pay(Payment::ByUse).await;
    let limit = (RunStatus::LimitReached, Some("conversation_cost_limit".to_owned()));
    assert_eq!(place.turn("again").await, limit);
    assert_eq!(place.model.requests().len(), 1);
}

#[tokio::test]
async fn a_budget_of_tokens_stops_a_flat_plan() {
    let place = Place::new(BUSY, Payment::FlatPlan, &json!({ "tokens": 11_500, "cost_micros": 1 })).await;
    let limit = (RunStatus::LimitReached, Some("conversation_token_limit".to_owned()));
    assert_eq!(place.turn("go").await, limit);
    assert_eq!((place.model.requests().len(), place.drawn().await), (2, included(2)));
}

#[tokio::test]
async fn turns_keep_what_they_cost_when_the_mark_is_set_and_taken_back() {
    let place = Place::new(TURNS, Payment::ByUse, &json!({})).await;
    assert_eq!(place.turn("one").await.0, RunStatus::Done);
    assert_eq!(place.turns().await, [priced(1)]);
    place.pay(Payment::FlatPlan).await;
    assert_eq!(place.turns().await, [priced(1)]);
    assert_eq!(place.turn("two").await.0, RunStatus::Done);
    place.pay(Payment::ByUse).await;
    assert_eq!(place.turns().await, [priced(1), included(1)]);
    assert_eq!(place.turn("three").await.0, RunStatus::Done);

    let Place { setup, model } = place;
    let place = Place { setup: setup.restarted().await, model };
    assert_eq!(place.turns().await, [priced(1), included(1), priced(1)]);
    assert_eq!(place.drawn().await, priced(2).plus(included(1)));
    let usage = place.setup.snapshot().await.usage;
    let cost = (usage.cost_micros, usage.cost_incomplete, usage.included);
    assert_eq!(cost, (Some(2 * PRICE), false, 4_000));
    assert!(place.exported().await.contains("\nUsed: 12000 tokens, $0.02112 + included.\n"));
}

#[tokio::test]
async fn the_mark_of_a_provider_is_told_and_goes_before_its_profile() {
    let gateway = TestGateway::start().await;
    let choice = ModelChoice { provider_id: "mine".into(), model: MODEL.to_owned() };
    for (given, told) in [
        (json!("flat_plan"), Payment::FlatPlan),
        (json!("by_use"), Payment::ByUse),
        (json!("flat_plan"), Payment::FlatPlan),
        // What the profile says.
        (Value::Null, Payment::ByUse),
    ] {
        let saved = pay(&gateway, "http://127.0.0.1:9/v1", &given).await;
        assert_eq!(saved["payment"], json!(told));
        let list = gateway.get("/api/v1/providers").await;
        assert_eq!(list["providers"][0]["payment"], json!(told));
        let endpoint = providers::resolve(gateway.app(), &OWNER.into(), &choice).await.unwrap();
        assert_eq!(endpoint.payment, Some(told));
    }
    let wrong = json!({
        "profile": "deepseek", "name": "Mine", "base_url": "http://127.0.0.1:9/v1", "models": [MODEL],
        "payment": "never",
    });
    assert_eq!(gateway.send(Method::PUT, "/api/v1/providers/mine", &wrong).await.0, 422);
}
