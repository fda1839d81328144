//! Providers: configured, tried out, and their keys kept.

use std::path::Path;

use http::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use slipway_gateway::providers;
use slipway_gateway::store::ownership::OWNER;
use slipway_protocol::api::ModelChoice;
use slipway_scripted_model::{Script, Server};

use crate::harness::TestGateway;

const CANARY: &str = "sk-canary-5f1c9d7e2b";

const SCRIPT: &str = "
name: provider test
models: [good-model]
api_key: sk-canary-5f1c9d7e2b
turns:
  - steps:
      - tool_calls: [{name: report, arguments: {ok: true}}]
";

fn provider(base_url: &str) -> Value {
    json!({ "profile": "custom", "name": "Mine", "base_url": base_url, "api_key": CANARY, "models": ["good-model"] })
}

async fn scripted() -> Server {
    Server::start(Script::from_yaml(SCRIPT).unwrap()).await.unwrap()
}

async fn try_out(gateway: &TestGateway, base_url: &str, key: &str, model: &str) -> Value {
    let mut given = provider(base_url);
    given["api_key"] = json!(key);
    let body = json!({ "provider": given, "model": model });
    let (status, answer) = gateway.send(Method::POST, "/api/v1/providers/test", &body).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

#[tokio::test]
async fn the_demo_is_there_until_a_provider_is_added_and_stays() {
    let gateway = TestGateway::start().await;
    let fresh = gateway.get("/api/v1/providers").await;
    assert_eq!(fresh["default_model"]["provider_id"], "demo");
    assert_eq!(fresh["providers"][0]["scripted"], true);
    assert_eq!(fresh["providers"][0]["origin"], "built_in");
    assert!(fresh["presets"].as_array().unwrap().iter().any(|preset| preset["profile"] == "deepseek"));
    let demo: ModelChoice = serde_json::from_value(fresh["default_model"].clone()).unwrap();
    let endpoint = providers::resolve(gateway.app(), &OWNER.into(), &demo).await.unwrap();
    assert!(endpoint.base_url.starts_with("http://127.0.0.1:"), "{}", endpoint.base_url);

    let (status, saved) =
        gateway.send(Method::PUT, "/api/v1/providers/mine", &provider("http://127.0.0.1:9/v1")).await;
    assert_eq!((status, &saved["has_key"], &saved["origin"]), (200, &json!(true), &json!("person")));
    let after = gateway.get("/api/v1/providers").await;
    assert_eq!(after["default_model"], json!({ "provider_id": "mine", "model": "good-model" }));
    assert_eq!(after["providers"].as_array().unwrap().len(), 2);
    assert_eq!(gateway.get("/api/v1/instance").await["needs_setup"], false);

    let refused =
        gateway.send(Method::PUT, "/api/v1/providers/demo", &provider("http://127.0.0.1:9/v1")).await;
    assert_eq!(refused.0, 409);
    assert_eq!(gateway.send(Method::DELETE, "/api/v1/providers/demo", &json!({})).await.0, 409);
    assert_eq!(gateway.send(Method::DELETE, "/api/v1/providers/mine", &json!({})).await.0, 204);
    assert_eq!(gateway.send(Method::DELETE, "/api/v1/providers/mine", &json!({})).await.0, 404);
    assert_eq!(gateway.get("/api/v1/providers").await["default_model"]["provider_id"], "demo");
}

#[tokio::test]
async fn a_key_never_comes_out_again() {
    let model = scripted().await;
    let gateway = TestGateway::start().await;
    let url = model.base_url();
    let mut answers = vec![gateway.send(Method::PUT, "/api/v1/providers/mine", &provider(&url)).await.1];
    answers.push(try_out(&gateway, &url, CANARY, "good-model").await);
    answers.push(try_out(&gateway, "http://127.0.0.1:9/v1", CANARY, "good-model").await);
    for path in ["/api/v1/providers", "/api/v1/settings", "/api/v1/instance"] {
        answers.push(gateway.get(path).await);
    }
    for answer in &answers {
        assert!(!answer.to_string().contains(CANARY), "{answer}");
    }
    let choice = ModelChoice { provider_id: "mine".into(), model: "good-model".to_owned() };
    let endpoint = providers::resolve(gateway.app(), &OWNER.into(), &choice).await.unwrap();
    assert_eq!(endpoint.api_key, CANARY);
    assert!(!format!("{endpoint:?} {:?}", gateway.app().config).contains(CANARY));
    let directory = gateway.stop().await;
    assert_not_on_disk(directory.path());

    // It is still there after a restart, and unreadable with another secret key.
    let gateway = TestGateway::start_in(directory, |_| {}).await;
    assert_eq!(providers::resolve(gateway.app(), &OWNER.into(), &choice).await.unwrap().api_key, CANARY);
    let directory = gateway.stop().await;
    let gateway =
        TestGateway::start_in(directory, |config| config.secret_key = Some("ab".repeat(32).into())).await;
    let problem = providers::resolve(gateway.app(), &OWNER.into(), &choice).await.unwrap_err();
    assert_eq!(problem.code, "provider_key_unreadable");
    assert!(problem.hint.contains("again"), "{}", problem.hint);
}

fn assert_not_on_disk(directory: &Path) {
    let mut files = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            files += 1;
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes());
            assert!(!found, "the key is in {}", path.display());
        }
    }
    assert!(files >= 2, "the database and the secret key are there");
}

#[tokio::test]
async fn trying_a_provider_tells_what_is_wrong() {
    let model = scripted().await;
    let gateway = TestGateway::start().await;
    let url = model.base_url();
    let works = try_out(&gateway, &url, CANARY, "good-model").await;
    assert_eq!(works["type"], "works", "{works}");
    assert_eq!((&works["model"], &works["calls_tools"]), (&json!("good-model"), &json!(true)));
    assert!(works["latency_ms"].as_u64().unwrap() < 20_000);

    let check = async |url: &str, key: &str, model: &str, code: &str| {
        let fails = try_out(&gateway, url, key, model).await;
        assert_eq!((&fails["type"], &fails["problem"]["code"]), (&json!("fails"), &json!(code)), "{fails}");
        fails["problem"].clone()
    };
    let rejected = check(&url, "sk-wrong", "good-model", "provider_key_rejected").await;
    assert_eq!(rejected["status"], 401);
    check(&url, CANARY, "bad-model", "provider_model_not_found").await;
    let port = free_port().await;
    check(&format!("http://127.0.0.1:{port}/v1"), CANARY, "good-model", "provider_unreachable").await;
    // The gateway's own pages are no chat completions.
    let page = format!("http://{}", gateway.app().addresses.ui);
    check(&page, CANARY, "good-model", "provider_key_rejected").await;
    assert_eq!(
        gateway.get("/api/v1/providers").await["providers"].as_array().unwrap().len(),
        1,
        "nothing is saved"
    );
}

#[tokio::test]
async fn a_providers_words_are_passed_on_without_the_key() {
    let script = "
name: echoes the key
models: [good-model]
turns:
  - steps:
      - fault: {status: {code: 401, body: '{\"error\":{\"message\":\"Incorrect API key provided: sk-canary-5f1c9d7e2b.\"}}'}}
";
    let model = Server::start(Script::from_yaml(script).unwrap()).await.unwrap();
    let gateway = TestGateway::start().await;
    let fails = try_out(&gateway, &model.base_url(), CANARY, "good-model").await;
    let detail = fails["problem"]["detail"].as_str().unwrap();
    assert!(detail.starts_with("Incorrect API key provided"), "{detail}");
    assert!(!detail.contains(CANARY), "{detail}");
}

#[tokio::test]
async fn a_stored_key_is_used_but_goes_nowhere_else() {
    let model = scripted().await;
    let gateway = TestGateway::start().await;
    let mut given = provider(&model.base_url());
    gateway.send(Method::PUT, "/api/v1/providers/mine", &given).await;
    given.as_object_mut().unwrap().remove("api_key");

    let test = json!({ "provider_id": "mine", "provider": given, "model": "good-model" });
    assert_eq!(gateway.send(Method::POST, "/api/v1/providers/test", &test).await.1["type"], "works");
    given["name"] = json!("Renamed");
    let (status, saved) = gateway.send(Method::PUT, "/api/v1/providers/mine", &given).await;
    assert_eq!((status, &saved["has_key"]), (200, &json!(true)));
    let list = gateway.get("/api/v1/providers/mine/models").await;
    assert_eq!(list["models"], json!([{ "name": "good-model" }]));

    given["base_url"] = json!("http://127.0.0.1:9/v1");
    let moved = json!({ "provider_id": "mine", "provider": given, "model": "good-model" });
    assert_eq!(gateway.send(Method::POST, "/api/v1/providers/test", &moved).await.1["code"], "key_needed");
    assert_eq!(gateway.send(Method::PUT, "/api/v1/providers/mine", &given).await.1["code"], "key_needed");
    given["api_key"] = json!("");
    let (status, saved) = gateway.send(Method::PUT, "/api/v1/providers/mine", &given).await;
    assert_eq!((status, &saved["has_key"]), (200, &json!(false)));
}

#[tokio::test]
async fn a_key_in_the_environment_makes_a_provider() {
    let gateway = TestGateway::start_with(|config| {
        config.provider_keys.insert("DEEPSEEK_API_KEY".to_owned(), CANARY.into());
    })
    .await;
    let list = gateway.get("/api/v1/providers").await;
    let first = &list["providers"][0];
    assert_eq!((&first["id"], &first["origin"]), (&json!("deepseek"), &json!("environment")));
    assert_eq!(list["default_model"]["provider_id"], "deepseek");
    let choice: ModelChoice = serde_json::from_value(list["default_model"].clone()).unwrap();
    assert_eq!(providers::resolve(gateway.app(), &OWNER.into(), &choice).await.unwrap().api_key, CANARY);
    assert_eq!(gateway.send(Method::DELETE, "/api/v1/providers/deepseek", &json!({})).await.0, 409);
    assert_eq!(gateway.app().config.provider_keys["DEEPSEEK_API_KEY"].expose_secret(), CANARY);
    assert_not_on_disk(gateway.stop().await.path());
}

#[tokio::test]
async fn what_cannot_be_a_provider_is_refused_with_the_reason() {
    let gateway = TestGateway::start().await;
    let cases = [
        ("base_url", json!("ftp://x/v1"), "https://"),
        ("base_url", json!("not a url"), "base URL"),
        ("base_url", json!("http://me:secret@x/v1"), "name or password"),
        ("base_url", json!("http://x/v1?key=1"), "query"),
        ("name", json!("  "), "name"),
        ("models", json!([]), "at least one"),
        ("models", json!(["a\nb"]), "line breaks"),
        ("api_key", json!("two words"), "key"),
        ("profile", json!("nobody"), "profile"),
        ("extra_body", json!({ "messages": [] }), "messages"),
    ];
    for (field, value, expected) in cases {
        let mut given = provider("http://127.0.0.1:9/v1");
        given[field] = value;
        let (status, problem) = gateway.send(Method::PUT, "/api/v1/providers/mine", &given).await;
        assert_eq!((status, &problem["code"]), (422, &json!("invalid_value")), "{field}: {problem}");
        assert!(problem["detail"].as_str().unwrap().contains(expected), "{problem}");
        assert!(!problem.to_string().contains("secret"), "{problem}");
    }
    for id in ["UPPER", "with%20space", &"x".repeat(65)] {
        let path = format!("/api/v1/providers/{id}");
        assert_eq!(gateway.send(Method::PUT, &path, &provider("http://x/v1")).await.0, 422, "{id}");
    }
}

/// A port where nobody listens.
async fn free_port() -> u16 {
    tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

#[tokio::test]
async fn whether_models_see_is_kept_and_told_to_the_engine() {
    let gateway = TestGateway::start().await;
    let choice = ModelChoice { provider_id: "mine".into(), model: "good-model".to_owned() };
    for sees in [json!(true), json!(false), Value::Null] {
        let mut given = provider("http://127.0.0.1:9/v1");
        given["sees"] = sees.clone();
        let (status, saved) = gateway.send(Method::PUT, "/api/v1/providers/mine", &given).await;
        assert_eq!((status, &saved["sees"]), (200, &sees));
        let endpoint = providers::resolve(gateway.app(), &OWNER.into(), &choice).await.unwrap();
        assert_eq!(json!(endpoint.sees), sees);
    }
}
