//! Settings, the instance, and how errors look.

use http::{Method, header};
use reqwest::StatusCode;
use serde_json::{Value, json};
use slipway_gateway::config::Config;

use crate::harness::{TestGateway, json};

fn settings() -> Value {
    json!({
        "default_model": { "provider_id": "demo", "model": "demo" },
        "limits": { "max_steps": 12, "max_parallel_calls": 3, "max_output_tokens": 1000,
            "max_total_tokens": 100_000, "max_cost_micros": 500_000, "max_minutes": 30 },
        "conversation_budget": { "steps": 100, "cost_micros": 2_000_000 },
        "context_mode": "per_file",
        "instructions": "Be brief.",
        "setup_done": true,
    })
}

#[tokio::test]
async fn settings_are_kept_and_end_the_first_run() {
    let gateway = TestGateway::start().await;
    let fresh = gateway.get("/api/v1/settings").await;
    assert_eq!(fresh["default_model"]["provider_id"], "demo");
    assert_eq!(
        fresh["limits"],
        json!({ "max_steps": 30, "max_parallel_calls": 5, "max_output_tokens": 32768 })
    );
    assert_eq!(fresh["context_mode"], "by_profile");
    assert_eq!(gateway.get("/api/v1/instance").await["needs_setup"], true);

    let (status, saved) = gateway.send(Method::PUT, "/api/v1/settings", &settings()).await;
    assert_eq!((status, &saved), (200, &settings()));
    let gateway = TestGateway::start_in(gateway.stop().await, |_| {}).await;
    assert_eq!(gateway.get("/api/v1/settings").await, settings());
    assert_eq!(gateway.get("/api/v1/instance").await["needs_setup"], false);
}

#[tokio::test]
async fn values_that_cannot_be_used_change_nothing() {
    let gateway = TestGateway::start().await;
    let before = gateway.get("/api/v1/settings").await;
    let cases = [
        ("/limits/max_steps", json!(0), 422),
        ("/limits/max_steps", json!(1001), 422),
        ("/limits/max_parallel_calls", json!(0), 422),
        ("/limits/max_parallel_calls", json!(33), 422),
        ("/limits/max_output_tokens", json!(1), 422),
        ("/limits/max_total_tokens", json!(0), 422),
        ("/limits/max_minutes", json!(0), 422),
        ("/limits/max_cost_micros", json!(-1), 422),
        ("/conversation_budget/steps", json!(0), 422),
        ("/conversation_budget/cost_micros", json!(10_u64.pow(13)), 422),
        ("/conversation_budget", json!({ "money": 1 }), 422),
        ("/default_model/provider_id", json!("nobody"), 422),
        ("/default_model/model", json!(" "), 422),
        ("/context_mode", json!("whole_files"), 422),
        ("/instructions", json!("x".repeat(64 * 1024 + 1)), 422),
        ("/setup_done", json!("yes"), 422),
        ("/limits/max_steps", json!(-1), 422),
    ];
    for (pointer, value, expected) in cases {
        let mut body = settings();
        *body.pointer_mut(pointer).unwrap() = value;
        let (status, problem) = gateway.send(Method::PUT, "/api/v1/settings", &body).await;
        assert_eq!(status, expected, "{pointer}: {problem}");
        assert_eq!(problem["status"], expected);
        assert!(!problem["detail"].as_str().unwrap().is_empty());
    }
    let mut unknown = settings();
    unknown["surprise"] = json!(1);
    assert_eq!(gateway.send(Method::PUT, "/api/v1/settings", &unknown).await.0, 422);
    assert_eq!(gateway.get("/api/v1/settings").await, before);
}

#[tokio::test]
async fn a_change_leaves_the_rest_and_defaults_hold_until_somebody_saves_others() {
    let defaults = |config: &mut Config| {
        config.limits.run.max_minutes = Some(5);
        config.limits.conversation.tokens = Some(77);
    };
    let gateway = TestGateway::start_with(defaults).await;
    let change = async |body: Value| {
        let (status, settings) = gateway.send(Method::PATCH, "/api/v1/settings", &body).await;
        assert_eq!(status, 200, "{settings}");
        settings
    };
    let changed = change(json!({ "instructions": "Be brief." })).await;
    assert_eq!(changed["limits"]["max_minutes"], 5);
    assert_eq!(changed["conversation_budget"], json!({ "tokens": 77 }));
    let changed = change(json!({ "conversation_budget": {} })).await;
    assert_eq!(
        (&changed["conversation_budget"], &changed["instructions"]),
        (&json!({}), &json!("Be brief."))
    );
    assert_eq!(changed["limits"]["max_minutes"], 5);
    let changed = change(json!({ "context_mode": "consolidated" })).await;
    assert_eq!(
        (&changed["context_mode"], &changed["instructions"]),
        (&json!("consolidated"), &json!("Be brief."))
    );
    let (status, _) = gateway.send(Method::PATCH, "/api/v1/settings", &json!({ "surprise": 1 })).await;
    assert_eq!(status, 422);
    assert_eq!(gateway.get("/api/v1/settings").await, changed);
}

#[tokio::test]
async fn each_kind_of_settings_is_kept_by_itself() {
    let gateway = TestGateway::start().await;
    let sandbox = json!({ "memory_mib": 512, "output_chars": 5000, "page_chars": 3000 });
    let search = json!({ "engine": "searxng", "base_url": "https://search.example.com" });
    let subagents = json!({ "max_steps": 7 });
    for (path, body) in
        [("sandbox/settings", &sandbox), ("settings/search", &search), ("settings/subagents", &subagents)]
    {
        let (status, answer) = gateway.send(Method::PUT, &format!("/api/v1/{path}"), body).await;
        assert_eq!(status, 200, "{path}: {answer}");
    }
    gateway.send(Method::PATCH, "/api/v1/settings", &json!({ "instructions": "Be brief." })).await;
    let gateway = TestGateway::start_in(gateway.stop().await, |_| {}).await;
    assert_eq!(gateway.get("/api/v1/sandbox/settings").await["saved"], sandbox);
    assert_eq!(gateway.get("/api/v1/settings/search").await["engine"], "searxng");
    assert_eq!(gateway.get("/api/v1/settings/subagents").await["saved"], subagents);
    assert_eq!(gateway.get("/api/v1/settings").await["instructions"], "Be brief.");
    gateway.send(Method::PUT, "/api/v1/settings/search", &json!({})).await;
    assert_eq!(gateway.get("/api/v1/sandbox/settings").await["saved"], sandbox);
}

#[tokio::test]
async fn limits_of_sub_agents_tell_where_they_come_from_and_are_checked() {
    let gateway = TestGateway::start_with(|config| {
        config.subagents.max_at_once = Some(2);
        config.subagents.max_minutes = Some(5);
        config.set_in_file = vec!["SLIPWAY_SUBAGENT_MAX_MINUTES".to_owned()];
    })
    .await;
    let path = "/api/v1/settings/subagents";
    let (status, report) = gateway.send(Method::PUT, path, &json!({ "max_steps": 7 })).await;
    assert_eq!(status, 200, "{report}");
    assert_eq!(
        report,
        json!({
            "limits": { "max_steps": 7, "max_tokens": 1_000_000, "max_minutes": 5, "max_at_once": 2,
                "max_report_chars": 24_000 },
            "saved": { "max_steps": 7 },
            "sources": { "max_steps": "instance", "max_tokens": "default", "max_minutes": "file",
                "max_at_once": "env", "max_report_chars": "default" },
        })
    );
    for wrong in [
        json!({ "max_steps": 0 }),
        json!({ "max_at_once": 17 }),
        json!({ "max_minutes": 1441 }),
        json!({ "max_tokens": 999 }),
        json!({ "max_report_chars": 999 }),
        json!({ "max_depth": 2 }),
    ] {
        let (status, problem) = gateway.send(Method::PUT, path, &wrong).await;
        assert_eq!(status, 422, "{wrong}: {problem}");
    }
    assert_eq!(gateway.get(path).await, report);
}

#[tokio::test]
async fn what_another_version_has_saved_is_read_and_what_a_caller_misspells_is_refused() {
    let gateway = TestGateway::start().await;
    let rows = [
        (
            1_i64,
            json!({ "instructions": "Be brief.", "of_the_future": 1, "conversation_budget": { "trees": 1 } }),
        ),
        (3, json!({ "memory_mib": 512, "of_the_future": { "a": 1 } })),
        (4, json!({ "max_steps": 7, "of_the_future": [] })),
    ];
    for (row, body) in rows {
        sqlx::query("INSERT INTO settings VALUES ($1, $2)")
            .bind(row)
            .bind(body.to_string())
            .execute(gateway.app().store.pool())
            .await
            .unwrap();
    }
    assert_eq!(gateway.get("/api/v1/settings").await["instructions"], "Be brief.");
    assert_eq!(gateway.get("/api/v1/sandbox/settings").await["settings"]["memory_mib"], 512);
    assert_eq!(gateway.get("/api/v1/settings/subagents").await["limits"]["max_steps"], 7);
    for (method, path, body, field) in [
        (Method::PUT, "sandbox/settings", json!({ "memori_mib": 1 }), "memori_mib"),
        (Method::PATCH, "settings", json!({ "limits": { "max_stepz": 1 } }), "limits.max_stepz"),
        (Method::PATCH, "settings", json!({ "conversation_budget": { "money": 1 } }), "money"),
    ] {
        let (status, problem) = gateway.send(method, &format!("/api/v1/{path}"), &body).await;
        assert_eq!(status, 422, "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(field), "{problem}");
    }
}

#[tokio::test]
async fn a_conversations_limits_are_checked() {
    let gateway = TestGateway::start().await;
    let (_, conversation) = gateway.send(Method::POST, "/api/v1/conversations", &json!({})).await;
    let path = format!("/api/v1/conversations/{}/budget", conversation["id"].as_str().unwrap());
    let before = gateway.get(&path).await;
    for limits in [
        json!({ "run": { "steps": 1001 } }),
        json!({ "run": { "minutes": 0 } }),
        json!({ "conversation": { "tokens": 0 } }),
        json!({ "conversation": { "dollars": 1 } }),
        json!({ "all": {} }),
    ] {
        assert_eq!(gateway.send(Method::PUT, &path, &limits).await.0, 422, "{limits}");
        let create = json!({ "budgets": limits });
        assert_eq!(gateway.send(Method::POST, "/api/v1/conversations", &create).await.0, 422, "{limits}");
    }
    assert_eq!(gateway.get(&path).await, before);
    let (status, _) = gateway.send(Method::PUT, "/api/v1/conversations/nobody/budget", &json!({})).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn every_error_is_a_problem() {
    let gateway = TestGateway::start().await;
    let cases = [
        (gateway.launcher(Method::GET, "/api/v1/nothing"), 404, "unknown_path"),
        (gateway.launcher(Method::GET, "/api/v2/settings"), 404, "unknown_path"),
        (gateway.launcher(Method::POST, "/api"), 404, "unknown_path"),
        (gateway.launcher(Method::POST, "/healthz"), 405, "wrong_method"),
        (gateway.launcher(Method::GET, "/api/v1/conversations?archived=perhaps"), 422, "invalid_query"),
        (gateway.launcher(Method::GET, "/api/v1/conversations/%ff"), 400, "invalid_path"),
        (gateway.launcher(Method::DELETE, "/api/v1/settings"), 405, "wrong_method"),
        (gateway.launcher(Method::PUT, "/api/v1/settings").body("{}"), 415, "unsupported_media_type"),
        (
            gateway
                .launcher(Method::PUT, "/api/v1/settings")
                .header("content-type", "application/json")
                .body("{"),
            422,
            "invalid_body",
        ),
        (
            gateway
                .launcher(Method::PUT, "/api/v1/settings")
                .header("content-type", "application/json")
                .body(" ".repeat(5 << 20)),
            413,
            "body_too_large",
        ),
        (gateway.launcher(Method::GET, "/api/v1/providers/nobody/models"), 404, "not_found"),
        (gateway.launcher(Method::GET, "/api/v1/desktop"), 400, "websocket_needed"),
    ];
    for (request, status, code) in cases {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{code}");
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/problem+json", "{code}");
        let problem = json(answer).await;
        assert_eq!(problem["code"], code);
        assert_eq!(problem["status"], status);
        let title = problem["title"].as_str().unwrap();
        assert!(!title.is_empty() && !title.ends_with('.'), "{title}");
    }
}

#[tokio::test]
async fn the_instance_tells_where_its_desktop_is_by_the_name_that_was_used() {
    let gateway = TestGateway::start_with(|config| {
        config.instance = 3;
        config.public_desktop_port = Some(6100);
    })
    .await;
    for (host, expected) in [
        ("localhost:3020", "http://localhost:6100/"),
        ("127.0.0.1:3020", "http://127.0.0.1:6100/"),
        ("[::1]:3020", "http://[::1]:6100/"),
        ("localhost", "http://localhost:6100/"),
    ] {
        let request = gateway.launcher(Method::GET, "/api/v1/instance").header(header::HOST, host);
        let instance = json(request.send().await.unwrap()).await;
        assert_eq!(instance["desktop_url"], expected);
        assert_eq!(instance["number"], 3);
        assert_eq!(instance["sandbox"]["attached"], false);
    }
}

#[tokio::test]
async fn the_document_is_served_and_pages_fall_back_to_the_ui() {
    let gateway = TestGateway::start().await;
    let document = gateway.get("/api/v1/openapi.json").await;
    assert!(document["paths"]["/api/v1/settings"].is_object());
    let cookie = gateway.cookie().await;
    for path in ["/", "/c/conv_1", "/settings/models"] {
        let answer =
            gateway.anonymous(Method::GET, path).header(header::COOKIE, &cookie).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-cache");
    }
    let missing = gateway.launcher(Method::GET, "/assets/gone-123.js").send().await.unwrap();
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
}
