//! Lists of models: asked of each kind of provider in its own way, kept for a while, and used for windows.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use http::Method;
use serde_json::{Value, json};
use slipway_gateway::providers;
use slipway_gateway::store::ownership::OWNER;
use slipway_protocol::api::ModelChoice;
use tokio::net::TcpListener;

use crate::harness::TestGateway;

/// A server that answers paths with fixed JSON, and notes what it was asked with which headers.
#[derive(Clone)]
struct Fixed {
    base_url: String,
    asked: Arc<Mutex<Vec<(String, HeaderMap)>>>,
    answers: Arc<BTreeMap<&'static str, Value>>,
}

impl Fixed {
    async fn start(answers: &[(&'static str, Value)]) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let answers = Arc::new(answers.iter().cloned().collect());
        let fixed = Self { base_url, asked: Arc::default(), answers };
        let router = Router::new().fallback(answer).with_state(fixed.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        fixed
    }

    fn paths(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|(path, _)| path.clone()).collect()
    }
}

async fn answer(State(fixed): State<Fixed>, uri: Uri, headers: HeaderMap) -> Response {
    fixed.asked.lock().unwrap().push((uri.to_string(), headers));
    match fixed.answers.get(uri.path()) {
        Some(answer) => Json(answer.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn add(gateway: &TestGateway, profile: &str, server: &Fixed) {
    let given = json!({ "profile": profile, "name": "Mine", "base_url": server.base_url, "api_key": "sk-test-1",
        "models": ["q:8b"] });
    let (status, saved) = gateway.send(Method::PUT, "/api/v1/providers/mine", &given).await;
    assert_eq!(status, 200, "{saved}");
}

async fn listed(profile: &str, answers: &[(&'static str, Value)]) -> (Value, Fixed) {
    let server = Fixed::start(answers).await;
    let gateway = TestGateway::start().await;
    add(&gateway, profile, &server).await;
    (gateway.get("/api/v1/providers/mine/models").await["models"].clone(), server)
}

#[tokio::test]
async fn openrouter_tells_windows_and_prices() {
    let data = json!({"data": [{"id": "a/b", "context_length": 1000, "top_provider": {"max_completion_tokens": 100},
        "pricing": {"prompt": "0.000001", "completion": "0.000002", "input_cache_read": "0.0000001"}}]});
    let (models, _) = listed("openrouter", &[("/v1/models", data)]).await;
    let wanted = json!([{"name": "a/b", "context_window": 1000, "max_output": 100,
        "prices": {"input": 1.0, "cached": 0.1, "output": 2.0}}]);
    assert_eq!(models, wanted);
}

#[tokio::test]
async fn what_a_list_does_not_tell_is_taken_from_the_profile() {
    let data = json!({"data": [{"id": "deepseek-v4-pro"}, {"id": "unknown"}]});
    let (models, _) = listed("deepseek", &[("/v1/models", data)]).await;
    assert_eq!(models[0]["context_window"], 1_000_000);
    assert_eq!(models[0]["prices"]["output"], 3.96);
    assert_eq!(models[1], json!({"name": "unknown"}));
}

#[tokio::test]
async fn local_servers_are_asked_for_the_window_in_effect() {
    let tags = json!({"models": [{"name": "q:8b", "model": "q:8b"}, {"name": "r", "model": "r"}]});
    let loaded = json!({"models": [{"model": "q:8b", "context_length": 4096}]});
    let shown = json!({"parameters": "num_ctx 16384"});
    let ollama = [("/api/tags", tags), ("/api/ps", loaded), ("/api/show", shown)];
    let (models, _) = listed("ollama", &ollama).await;
    assert_eq!(
        models,
        json!([{"name": "q:8b", "context_window": 4096}, {"name": "r", "context_window": 16_384}])
    );
    let list = json!({"data": [{"id": "q:8b", "meta": {"n_ctx_train": 131_072}}]});
    let props = json!({"default_generation_settings": {"n_ctx": 8192}});
    let (models, _) = listed("llamacpp", &[("/v1/models", list.clone()), ("/props", props)]).await;
    assert_eq!(models, json!([{"name": "q:8b", "context_window": 8192}]));
    let studio = json!({"data": [{"id": "q:8b", "type": "llm", "loaded_context_length": 2048}]});
    let (models, _) = listed("lmstudio", &[("/api/v0/models", studio)]).await;
    assert_eq!(models, json!([{"name": "q:8b", "context_window": 2048}]));
    let (models, server) = listed("lmstudio", &[("/v1/models", list)]).await;
    assert_eq!(models, json!([{"name": "q:8b"}]));
    assert_eq!(server.paths(), ["/api/v0/models", "/v1/models"]);
    let vllm = json!({"data": [{"id": "q:8b", "max_model_len": 32_768}]});
    let (models, _) = listed("vllm", &[("/v1/models", vllm)]).await;
    assert_eq!(models, json!([{"name": "q:8b", "context_window": 32_768}]));
}

#[tokio::test]
async fn anthropic_is_asked_in_its_own_way_and_vertex_not_at_all() {
    let data = json!({"data": [{"id": "claude-opus-5-5", "type": "model"}]});
    let (models, server) = listed("anthropic", &[("/v1/models", data)]).await;
    assert_eq!(models[0]["context_window"], 1_000_000);
    let asked = server.asked.lock().unwrap().clone();
    assert_eq!(asked[0].0, "/v1/models?limit=1000");
    assert_eq!(
        (&asked[0].1["x-api-key"], &asked[0].1["anthropic-version"]),
        (&"sk-test-1".parse().unwrap(), &"2023-06-01".parse().unwrap())
    );
    let (models, server) = listed("vertex", &[]).await;
    assert_eq!(models[0]["name"], "google/gemini-3.1-pro-preview");
    assert!(server.paths().is_empty());
}

#[tokio::test]
async fn a_list_is_kept_until_it_is_to_be_refreshed_or_the_provider_changes() {
    let data = json!({"data": [{"id": "m"}]});
    let server = Fixed::start(&[("/v1/models", data)]).await;
    let gateway = TestGateway::start().await;
    add(&gateway, "custom", &server).await;
    let first = gateway.get("/api/v1/providers/mine/models").await;
    assert_eq!(gateway.get("/api/v1/providers/mine/models").await, first);
    assert_eq!(server.paths().len(), 1);
    gateway.get("/api/v1/providers/mine/models?refresh=true").await;
    assert_eq!(server.paths().len(), 2);
    add(&gateway, "custom", &server).await;
    gateway.get("/api/v1/providers/mine/models").await;
    assert_eq!(server.paths().len(), 3);
}

#[tokio::test]
async fn a_run_learns_the_window_that_only_the_server_knows() {
    let choice = ModelChoice { provider_id: "mine".into(), model: "q:8b".to_owned() };
    let tags = json!({"models": [{"model": "q:8b"}]});
    let server =
        Fixed::start(&[("/api/tags", tags), ("/api/show", json!({"parameters": "num_ctx 4096"}))]).await;
    let gateway = TestGateway::start().await;
    add(&gateway, "ollama", &server).await;
    let endpoint = providers::resolve(gateway.app(), &OWNER.into(), &choice).await.unwrap();
    assert_eq!(endpoint.context_window, Some(4096));
    let asked = server.paths().len();
    providers::resolve(gateway.app(), &OWNER.into(), &choice).await.unwrap();
    assert_eq!(server.paths().len(), asked, "it is not asked for each run");
}

#[tokio::test]
async fn a_window_that_the_profile_knows_or_nobody_tells_holds_no_run_up() {
    let server = Fixed::start(&[]).await;
    let gateway = TestGateway::start().await;
    add(&gateway, "deepseek", &server).await;
    let known = ModelChoice { provider_id: "mine".into(), model: "deepseek-v4-pro".to_owned() };
    assert_eq!(providers::resolve(gateway.app(), &OWNER.into(), &known).await.unwrap().context_window, None);
    assert!(server.paths().is_empty());
    let unknown = ModelChoice { provider_id: "mine".into(), model: "new".to_owned() };
    for _ in 0..2 {
        assert_eq!(
            providers::resolve(gateway.app(), &OWNER.into(), &unknown).await.unwrap().context_window,
            None
        );
    }
    assert_eq!(server.paths(), ["/v1/models"], "what cannot be had is not asked for again at once");
}

#[tokio::test]
async fn a_google_credential_is_accepted_as_a_key_and_checked() {
    let gateway = TestGateway::start().await;
    let given = |key: &str| {
        json!({ "profile": "vertex", "name": "Vertex", "models": ["google/gemini-2.5-pro"], "api_key": key,
            "base_url": "https://aiplatform.googleapis.com/v1/projects/{project}/locations/global/endpoints/openapi" })
    };
    let person = r#"{ "type": "authorized_user", "client_id": "i", "client_secret": "s",
        "refresh_token": "r" }"#;
    let (status, saved) = gateway.send(Method::PUT, "/api/v1/providers/v", &given(person)).await;
    assert_eq!((status, &saved["has_key"]), (200, &json!(true)), "{saved}");
    let choice = ModelChoice { provider_id: "v".into(), model: "google/gemini-2.5-pro".to_owned() };
    assert_eq!(providers::resolve(gateway.app(), &OWNER.into(), &choice).await.unwrap().api_key, person);
    let (status, problem) =
        gateway.send(Method::PUT, "/api/v1/providers/v", &given(r#"{"type": "service_account"}"#)).await;
    assert_eq!(status, 422);
    assert!(problem["detail"].as_str().unwrap().contains("client_email"), "{problem}");
}
