//! What a collector of OpenTelemetry is sent.

use std::sync::{Arc, Mutex};

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use serde_json::{Value, json};
use slipway_gateway::telemetry::Collector;
use slipway_protocol::budget::{Reservation, Spending};
use slipway_protocol::event::RunStatus;
use slipway_protocol::run::{EngineEvent, RunOutcome};
use slipway_protocol::usage::Usage;
use tokio::sync::Notify;

use crate::core_client::{Follower, Setup, create, remote};
use crate::core_engine::{FakeEngine, LIMIT};
use crate::core_host::FakeHost;
use crate::harness::TestGateway;

/// A path, a header, and a body.
type Sent = (String, Option<String>, Value);

/// A collector that keeps what it is sent.
#[derive(Clone, Default)]
struct Kept {
    bodies: Arc<Mutex<Vec<Sent>>>,
    news: Arc<Notify>,
}

impl Kept {
    async fn start() -> (Self, url::Url) {
        let kept = Self::default();
        let keep = async |State(kept): State<Self>, uri: Uri, headers: HeaderMap, Json(body): Json<Value>| {
            let header = headers.get("x-token").map(|value| value.to_str().unwrap().to_owned());
            kept.bodies.lock().unwrap().push((uri.path().to_owned(), header, body));
            kept.news.notify_one();
            Json(json!({}))
        };
        let router = Router::new().fallback(keep).with_state(kept.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/base/", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (kept, url)
    }

    fn spans(&self) -> Vec<Value> {
        let bodies = self.bodies.lock().unwrap();
        let spans =
            bodies.iter().filter(|(path, _, _)| path == "/base/v1/traces").flat_map(|(_, _, body)| {
                body["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap().clone()
            });
        spans.collect()
    }

    /// The spans, once that of the whole run is among them.
    async fn until_run(&self) -> Vec<Value> {
        let whole = async {
            loop {
                let spans = self.spans();
                if spans.iter().any(|span| span["name"] == "run") {
                    return spans;
                }
                self.news.notified().await;
            }
        };
        tokio::time::timeout(3 * LIMIT, whole).await.expect("the run's span comes")
    }
}

fn attribute<'a>(span: &'a Value, key: &str) -> &'a Value {
    let attributes = span["attributes"].as_array().unwrap();
    let found = attributes.iter().find(|attribute| attribute["key"] == key);
    &found.unwrap_or_else(|| panic!("no {key} in {span}"))["value"]
}

#[tokio::test]
async fn a_run_is_told_as_spans_without_what_was_said() {
    let (kept, endpoint) = Kept::start().await;
    let mut engine = FakeEngine::start().await;
    let url = engine.url.clone();
    let gateway = TestGateway::start_with(|config| {
        config.engines = remote(&url);
        config.collector = Some(Collector { endpoint, headers: Some("x-token=for-the-collector".into()) });
    });
    let gateway = gateway.await;
    let host = FakeHost::attach(&gateway).await;
    let conversation = create(&gateway).await;
    let mut follower = Follower::open(&gateway, &conversation, None).await;
    let setup = Setup { gateway, engine: FakeEngine::start().await, host, conversation };
    setup.say("a private question").await;
    let mut run = engine.run().await;
    let id = run.step();
    let call = Reservation { at_least: Spending::default(), usage: Usage::default(), output_price: 0.0 };
    run.tell(EngineEvent::Reserved { call });
    let usage = Usage { input: 10, cached: 20, output: 3, ..Usage::default() };
    run.tell(EngineEvent::Settled {
        spent: Spending { cost_micros: 7, ..Spending::default() },
        failed: None,
    });
    run.tell(EngineEvent::Usage { usage, context_used: 33, context_limit: None, predicted_cached: None });
    run.answer(&id, "a private answer", &["call_1"]);
    run.tell(EngineEvent::ToolStarted { call_id: "call_1".into() });
    run.result("call_1", "a private result");
    let id = run.step();
    run.answer(&id, "the end", &[]);
    run.finish(RunOutcome::Completed);
    follower.until_status(RunStatus::Done).await;

    let spans = kept.until_run().await;
    let named = |name: &str| {
        spans
            .iter()
            .find(|span| span["name"].as_str().unwrap().starts_with(name))
            .unwrap_or_else(|| panic!("{name}"))
    };
    let (whole, step, chat, tool) =
        (named("run"), named("step 1"), named("chat "), named("execute_tool touch"));
    assert_eq!(step["parentSpanId"], whole["spanId"]);
    assert_eq!(chat["parentSpanId"], step["spanId"]);
    assert_eq!(tool["parentSpanId"], step["spanId"]);
    assert_eq!(named("step 2")["parentSpanId"], whole["spanId"]);
    assert!(spans.iter().all(|span| span["traceId"] == whole["traceId"]));
    assert_eq!(attribute(chat, "gen_ai.usage.input_tokens")["intValue"], "30");
    assert_eq!(attribute(chat, "slipway.cached_tokens")["intValue"], "20");
    assert_eq!(attribute(chat, "slipway.cost_micros")["intValue"], "7");
    assert_eq!(attribute(whole, "slipway.status")["stringValue"], "done");
    let id = setup.conversation.to_string();
    assert_eq!(attribute(whole, "slipway.conversation_id")["stringValue"], json!(id));

    setup.gateway.stop().await;
    let bodies = kept.bodies.lock().unwrap();
    assert!(bodies.iter().all(|(_, header, _)| header.as_deref() == Some("for-the-collector")));
    assert!(!bodies.iter().any(|(_, _, body)| body.to_string().contains("private")), "nothing that was said");
    let (_, _, metrics) = bodies.iter().rev().find(|(path, _, _)| path == "/base/v1/metrics").unwrap();
    let metrics = metrics["resourceMetrics"][0]["scopeMetrics"][0]["metrics"].as_array().unwrap();
    let steps = metrics.iter().find(|metric| metric["name"] == "slipway_steps_total").unwrap();
    let point = &steps["sum"]["dataPoints"][0];
    assert_eq!(point["asInt"], "2");
    let nanos = |field: &str| point[field].as_str().unwrap().parse::<u64>().unwrap();
    assert!(nanos("startTimeUnixNano") <= nanos("timeUnixNano"), "{point}");
}
