//! What an operator sees: readiness, metrics, and a diagnostics bundle without secrets.

use std::io::Write as _;

use http::Method;
use reqwest::StatusCode;
use serde_json::{Value, json};
use slipway_gateway::log;
use slipway_protocol::event::RunStatus;
use slipway_protocol::run::{EngineEvent, RunOutcome};
use slipway_protocol::usage::Usage;

use crate::core_client::{Setup, remote};
use crate::core_engine::FakeEngine;
use crate::harness::{TestGateway, json as body_of};

async fn metrics(gateway: &TestGateway) -> String {
    let answer = gateway.launcher(Method::GET, "/metrics").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    answer.text().await.unwrap()
}

/// The figure of a sample, by everything that stands before it.
fn figure(metrics: &str, sample: &str) -> u64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {sample} in {metrics}")).parse().unwrap()
}

#[tokio::test]
async fn readiness_needs_an_engine_and_tells_what_is_missing() {
    let gateway = TestGateway::start().await;
    let answer = gateway.anonymous(Method::GET, "/readyz").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let state = body_of(answer).await;
    assert_eq!(
        (&state["ready"], &state["engine"], &state["sandbox_attached"]),
        (&json!(true), &json!(true), &json!(false))
    );

    // Nobody listens on the first port of all.
    let nobody: url::Url = "http://127.0.0.1:1/".parse().unwrap();
    let gateway = TestGateway::start_with(|config| config.engines = remote(&nobody)).await;
    let answer = gateway.anonymous(Method::GET, "/readyz").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    let state = body_of(answer).await;
    assert_eq!((&state["database"], &state["engine"]), (&json!(true), &json!(false)));
}

#[tokio::test]
async fn metrics_count_what_runs_do() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    let usage = Usage { input: 11, cached: 22, output: 33, ..Usage::default() };
    run.tell(EngineEvent::Usage { usage, context_used: 66, context_limit: None, predicted_cached: Some(44) });
    run.answer(&id, "", &["call_1"]);
    run.result("call_1", "done");
    let id = run.step();
    run.answer(&id, "done", &[]);
    run.finish(RunOutcome::Completed);
    follower.until_status(RunStatus::Done).await;
    let metrics = metrics(&setup.gateway).await;
    for (sample, expected) in [
        ("slipway_steps_total", 2),
        ("slipway_runs_total{status=\"done\"}", 1),
        ("slipway_runs_total{status=\"error\"}", 0),
        ("slipway_tool_calls_total{status=\"ok\"}", 1),
        ("slipway_tokens_total{kind=\"input\"}", 11),
        ("slipway_tokens_total{kind=\"cached\"}", 22),
        ("slipway_tokens_total{kind=\"output\"}", 33),
        ("slipway_tokens_cache_expected_total", 44),
        ("slipway_sandbox_attached", 1),
    ] {
        assert_eq!(figure(&metrics, sample), expected, "{sample}");
    }
    assert!(figure(&metrics, "slipway_http_requests_total{class=\"2xx\"}") >= 3);
    assert!(figure(&metrics, "process_resident_memory_bytes") > 1 << 20);
}

#[tokio::test]
async fn metrics_take_an_administrator_or_their_own_token() {
    let gateway =
        TestGateway::start_with(|config| config.metrics_token = Some("token-for-metrics".into())).await;
    let status = async |token: Option<&str>| {
        let mut request = gateway.anonymous(Method::GET, "/metrics");
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(status(None).await, 401);
    assert_eq!(status(Some("token-for-metric")).await, 401);
    assert_eq!(status(Some("token-for-metrics")).await, 200);
    // It is good for nothing else.
    let elsewhere = gateway.anonymous(Method::GET, "/api/v1/instance").bearer_auth("token-for-metrics");
    assert_eq!(elsewhere.send().await.unwrap().status().as_u16(), 401);
    let gateway = TestGateway::start().await;
    let answer = gateway.anonymous(Method::GET, "/metrics").bearer_auth("").send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 401, "without a token there is none");
}

#[tokio::test]
async fn a_bundle_holds_facts_and_no_secret() {
    let engine = FakeEngine::start().await;
    let secrets = [
        "seeded-launcher-token-0001",
        "seeded-sandbox-token-0002",
        "seeded-environment-key-0003",
        "seeded-saved-key-0004",
        "seeded-search-key-0005",
        "seeded-metrics-token-0006",
        "seeded \"quoted\" key-0007",
        "ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12",
    ];
    let gateway = TestGateway::start_with(|config| {
        config.engines = remote(&engine.url);
        config.launcher_token = secrets[0].into();
        config.sandbox_token = secrets[1].into();
        config.provider_keys = [
            ("DEEPSEEK_API_KEY".to_owned(), secrets[2].into()),
            ("OPENAI_API_KEY".to_owned(), secrets[6].into()),
        ]
        .into();
        config.metrics_token = Some(secrets[5].into());
        config.secret_key = Some(secrets[7].into());
    })
    .await;
    let provider = json!({ "profile": "custom", "name": secrets[3], "base_url": "http://127.0.0.1:1/v1",
        "models": [format!("model-{}", secrets[2])], "api_key": secrets[3] });
    let (status, answer) = gateway.send(Method::PUT, "/api/v1/providers/mine", &provider).await;
    assert_eq!(status, 200, "{answer}");
    let search = json!({ "engine": "brave", "api_key": secrets[4] });
    let (status, answer) = gateway.send(Method::PUT, "/api/v1/settings/search", &search).await;
    assert_eq!(status, 200, "{answer}");
    let said = "What the person says stays with the person.";
    let model = json!({ "model": { "provider_id": "mine", "model": format!("model-{}", secrets[2]) } });
    let (_, conversation) = gateway.send(Method::POST, "/api/v1/conversations", &model).await;
    let path = format!("/api/v1/conversations/{}/messages", conversation["id"].as_str().unwrap());
    let message = json!({ "client_id": "a", "text": format!("{said} {}", secrets[3]), "mode": "queue" });
    gateway.send(Method::POST, &path, &message).await;
    let marker = format!("line-of-the-test-{}", uuid::Uuid::now_v7().simple());
    for secret in secrets {
        writeln!(
            log::Lines,
            "{marker} {secret} {}",
            json!({ "inner": json!({ "key": secret }).to_string() })
        )
        .unwrap();
    }

    let bundle: Value = gateway.get("/api/v1/diagnostics").await;
    let text = bundle.to_string();
    for secret in secrets {
        let in_json = json!(secret).to_string();
        for form in [secret, in_json.trim_matches('"'), json!(in_json).to_string().trim_matches('"')] {
            assert!(!text.contains(form), "{form} is in it");
        }
    }
    assert!(!text.contains(said), "nothing that was said is in it");
    let lines = bundle["log"].as_array().unwrap();
    let marked = lines.iter().filter(|line| line.as_str().unwrap().starts_with(&marker));
    assert_eq!(marked.count(), secrets.len(), "the lines are there, without them");
    assert!(text.contains("[removed]"));
    assert_eq!(bundle["database"]["rows"]["conversations"], 1);
    assert_eq!(bundle["runs"][0]["provider_id"], "mine");
    let known: Vec<&str> =
        bundle["providers"].as_array().unwrap().iter().map(|known| known["id"].as_str().unwrap()).collect();
    assert!(known.contains(&"mine"), "{known:?}");
    assert!(bundle["metrics"].as_str().unwrap().contains("slipway_steps_total"));
    assert_eq!(bundle["version"], env!("CARGO_PKG_VERSION"));
}
