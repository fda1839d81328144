//! google_search against servers that answer as the engines do.

use std::sync::{Arc, Mutex};

use axum::Json;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http::Method;
use serde_json::{Value, json};
use slipway_gateway::config::Config;
use slipway_gateway::egress::EgressMode;
use slipway_gateway::web_search;
use slipway_protocol::tool::{ToolOutcome, ToolStatus};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::database;
use crate::harness::TestGateway;

const EXACT: &str = "https://example.com/a%20b?c=d&e=f#g";

/// A search engine's server, with what it was asked.
struct Server {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
    _task: JoinSet<()>,
}

impl Server {
    async fn new(answer: impl Fn() -> Response + Clone + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&asked);
        let router = axum::Router::new().fallback(any(async move |request: Request| {
            let (parts, body) = request.into_parts();
            let body = axum::body::to_bytes(body, 10_000).await.unwrap();
            let header = |name: &str| parts.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
            let keys = ["x-goog-api-key", "x-subscription-token", "authorization"].map(header);
            let key = keys.into_iter().flatten().collect::<String>();
            let body = String::from_utf8_lossy(&body);
            notes.lock().unwrap().push(format!("{} {} [{key}] {body}", parts.method, parts.uri));
            answer()
        }));
        let mut task = JoinSet::new();
        task.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, asked, _task: task }
    }

    async fn of(answer: Value) -> Self {
        Self::new(move || Json(answer.clone()).into_response()).await
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// A gateway that asks this server whichever engine is chosen.
    async fn gateway(&self, change: impl FnOnce(&mut Config)) -> TestGateway {
        let url = self.url.parse().unwrap();
        TestGateway::start_with(|config| {
            config.search.base_url = Some(url);
            change(config);
        })
        .await
    }
}

async fn search(gateway: &TestGateway, query: &str) -> ToolOutcome {
    web_search::answer(gateway.app(), json!({ "query": query, "count": 3 })).await
}

async fn save(gateway: &TestGateway, settings: Value) -> (u16, Value) {
    gateway.send(Method::PUT, "/api/v1/settings/search", &settings).await
}

#[tokio::test]
async fn each_engine_is_asked_in_its_own_way() {
    let cases = [
        (
            json!({"engine": "google", "cx": "my-cx", "api_key": "k-1"}),
            json!({"items": [{"title": "T", "link": EXACT, "snippet": "S"}, {"title": "no address"}]}),
            "GET /customsearch/v1?cx=my-cx&q=rust+%26+c&num=3 [k-1] ",
        ),
        (
            json!({"engine": "brave", "api_key": "k-2"}),
            json!({"web": {"results": [{"title": "T", "url": EXACT, "description": "S"}]}}),
            "GET /res/v1/web/search?q=rust+%26+c&count=3&text_decorations=false [k-2] ",
        ),
        (
            json!({"engine": "tavily", "api_key": "k-3"}),
            json!({"results": [{"title": "T", "url": EXACT, "content": "S"}, {"title": "x", "url": "javascript:x"}]}),
            "POST /search [Bearer k-3] {\"query\":\"rust & c\",\"max_results\":3}",
        ),
        (
            json!({"engine": "searxng", "base_url": "SERVER"}),
            json!({"results": [{"title": "T", "url": EXACT, "content": "S"}]}),
            "GET /search?q=rust+%26+c&format=json [] ",
        ),
    ];
    for (mut settings, answer, request) in cases {
        let server = Server::of(answer).await;
        if settings["base_url"] == "SERVER" {
            settings["base_url"] = json!(server.url);
        }
        let gateway = server.gateway(|_| {}).await;
        let (status, saved) = save(&gateway, settings.clone()).await;
        assert_eq!(status, 200, "{saved}");
        let outcome = search(&gateway, "rust & c").await;
        assert_eq!(outcome.status, ToolStatus::Ok, "{settings}: {}", outcome.text);
        assert!(outcome.text.contains(&format!("1. T\n   {EXACT}\n   S")), "{}", outcome.text);
        assert_eq!(
            outcome.data["results"],
            json!([{"title": "T", "url": EXACT, "excerpt": "S"}]),
            "{settings}"
        );
        assert_eq!(server.asked(), [request]);
    }
}

#[tokio::test]
async fn without_an_engine_the_model_is_told_how_to_get_one() {
    let gateway = TestGateway::start().await;
    let outcome = search(&gateway, "x").await;
    assert_eq!(outcome.status, ToolStatus::Error);
    assert!(outcome.text.contains("No search engine is configured"), "{}", outcome.text);
    assert!(outcome.text.contains("Settings, Web search"), "{}", outcome.text);
    for (arguments, words) in [(json!({"query": " "}), "empty"), (json!({}), "missing field `query`")] {
        let outcome = web_search::answer(gateway.app(), arguments).await;
        assert!(outcome.text.contains(words), "{}", outcome.text);
    }
}

#[tokio::test]
async fn keys_are_kept_and_never_told() {
    let server = Server::of(json!({"web": {"results": []}})).await;
    let gateway = server.gateway(|_| {}).await;
    let (_, saved) = save(&gateway, json!({"engine": "brave", "api_key": "brave-secret"})).await;
    let expected =
        json!({"engine": "brave", "cx": "", "base_url": "", "has_key": true, "from_environment": false});
    assert_eq!(saved, expected);
    let (_, again) = save(&gateway, json!({"engine": "brave"})).await;
    assert_eq!(again, expected, "a key that is left out stays");
    assert_eq!(gateway.get("/api/v1/settings/search").await, expected);
    assert!(search(&gateway, "x").await.text.contains("Brave finds nothing"));
    assert!(server.asked()[0].contains("[brave-secret]"));
    let (status, problem) = save(&gateway, json!({"engine": "tavily"})).await;
    assert_eq!(status, 422, "another engine's key is not sent there: {problem}");
    let kept = database::everything_kept(&gateway).await;
    assert!(kept.windows(7).any(|window| window == b"\"brave\""), "the settings are there");
    assert!(!kept.windows(12).any(|window| window == b"brave-secret"));
    let (_, cleared) = save(&gateway, json!({})).await;
    assert_eq!(cleared["engine"], Value::Null);
}

#[tokio::test]
async fn incomplete_settings_are_refused() {
    let gateway = TestGateway::start().await;
    for (settings, words) in [
        (json!({"engine": "google", "api_key": "k"}), "search engine (cx)"),
        (json!({"engine": "google", "cx": "c"}), "wants a key"),
        (json!({"engine": "searxng"}), "wants the address"),
        (json!({"engine": "searxng", "base_url": "ftp://x"}), "wants the address"),
        (json!({"engine": "brave", "api_key": "k", "base_url": "https://evil.test"}), "Only SearXNG"),
    ] {
        let (status, problem) = save(&gateway, settings.clone()).await;
        assert_eq!(status, 422, "{settings}");
        assert!(problem["detail"].as_str().unwrap().contains(words), "{problem}");
    }
}

#[tokio::test]
async fn the_environment_configures_an_engine_until_another_is_saved() {
    let server = Server::of(json!({"results": []})).await;
    let gateway = server
        .gateway(|config| {
            // Google lacks its id, so it is not it.
            let keys = [("GOOGLE_SEARCH_API_KEY", "g"), ("TAVILY_API_KEY", "t")];
            config.provider_keys = keys.map(|(name, key)| (name.to_owned(), key.into())).into();
        })
        .await;
    let settings = gateway.get("/api/v1/settings/search").await;
    assert_eq!((&settings["engine"], &settings["from_environment"]), (&json!("tavily"), &json!(true)));
    assert!(search(&gateway, "x").await.text.contains("Tavily finds nothing"));
}

#[tokio::test]
async fn refusals_say_what_to_do_and_hide_the_key() {
    let refusing = |status: u16, body: Value| {
        Server::new(move || (StatusCode::from_u16(status).unwrap(), Json(body.clone())).into_response())
    };
    let cases = [
        (
            403,
            json!({"error": {"message": "API key k-secret not valid"}}),
            "key ••• not valid. Ask the person to check the key",
        ),
        (429, json!({"error": {"message": "Quota exceeded"}}), "Quota exceeded. Its quota is used up"),
        (500, json!({}), "HTTP 500. Try again later"),
        (302, json!({}), "HTTP 302"),
    ];
    for (status, body, words) in cases {
        let server = refusing(status, body).await;
        let gateway = server.gateway(|_| {}).await;
        save(&gateway, json!({"engine": "google", "cx": "c", "api_key": "k-secret"})).await;
        let outcome = search(&gateway, "x").await;
        assert_eq!(outcome.status, ToolStatus::Error);
        assert!(outcome.text.contains(words) && !outcome.text.contains("k-secret"), "{}", outcome.text);
    }
}

#[tokio::test]
async fn a_sandbox_without_a_way_out_has_no_search() {
    let server = Server::of(json!({"web": {"results": []}})).await;
    let gateway = server.gateway(|config| config.sandbox.egress = Some(EgressMode::None)).await;
    save(&gateway, json!({"engine": "brave", "api_key": "k"})).await;
    assert!(search(&gateway, "x").await.text.contains("no way out"));
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_sandbox_with_a_list_searches_with_an_engine_on_it_and_is_told_what_it_cannot_open() {
    let results = json!([
        {"title": "Open", "url": "https://docs.example.org/a", "description": ""},
        {"title": "Closed", "url": "https://example.com/b", "description": "S"},
    ]);
    let server = Server::of(json!({"web": {"results": results}})).await;
    let gateway = server.gateway(|_| {}).await;
    save(&gateway, json!({"engine": "brave", "api_key": "k"})).await;
    let allow = async |hosts: &[&str]| {
        let choices = json!({"egress": "allowlist", "egress_hosts": hosts});
        let (status, answer) = gateway.send(Method::PUT, "/api/v1/sandbox/settings", &choices).await;
        assert_eq!(status, 200, "{answer}");
    };
    allow(&["*.example.org", "brave.com"]).await;
    let refused = search(&gateway, "x").await;
    assert_eq!(refused.status, ToolStatus::Error);
    assert!(refused.text.contains("api.search.brave.com of Brave is not on the list"), "{}", refused.text);
    assert!(server.asked().is_empty(), "a query is a way out");

    allow(&["*.example.org", "api.search.brave.com"]).await;
    let found = search(&gateway, "x").await;
    assert_eq!(found.status, ToolStatus::Ok, "{}", found.text);
    let (open, closed) = found.text.split_once("2. Closed").expect("two results");
    assert!(!open.contains("cannot be opened"), "{open}");
    assert!(closed.contains("https://example.com/b\n   S\n   (not on this sandbox's list"), "{closed}");
    assert!(closed.ends_with("the person can add more in the settings, under Sandbox."), "{closed}");
    assert!(closed.contains("\n1 of 2 cannot be opened"), "{closed}");
}

#[tokio::test]
async fn what_is_saved_of_search_and_of_the_sandbox_leaves_the_other_alone() {
    let gateway = TestGateway::start().await;
    let choices = json!({"egress": "allowlist", "egress_hosts": ["example.com"]});
    gateway.send(Method::PUT, "/api/v1/sandbox/settings", &choices).await;
    save(&gateway, json!({"engine": "brave", "api_key": "k"})).await;
    let sandbox = gateway.get("/api/v1/sandbox/settings").await;
    assert_eq!(sandbox["saved"]["egress_hosts"], json!(["example.com"]), "{sandbox}");
    gateway.send(Method::PUT, "/api/v1/sandbox/settings", &json!({})).await;
    assert_eq!(gateway.get("/api/v1/settings/search").await["engine"], "brave");
    save(&gateway, json!({})).await;
    assert_eq!(gateway.get("/api/v1/sandbox/settings").await["saved"], json!({}));
}
