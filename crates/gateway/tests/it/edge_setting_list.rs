//! Every setting is told with its scope and source, and no secret among them.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use serde_json::{Value, json};
use slipway_protocol::run::RunLimits;

use crate::harness::TestGateway;

/// Source of each setting.
async fn sources(gateway: &TestGateway) -> BTreeMap<String, String> {
    let list = gateway.get("/api/v1/settings/all").await;
    let items = list["items"].as_array().unwrap();
    let sources: BTreeMap<_, _> = items
        .iter()
        .map(|item| {
            assert_eq!(item["scope"], "instance", "{item}");
            let text = |field: &str| item[field].as_str().unwrap().to_owned();
            (text("name"), text("source"))
        })
        .collect();
    assert_eq!(sources.len(), items.len(), "each is there once");
    sources
}

#[tokio::test]
async fn each_setting_has_its_source() {
    let gateway = TestGateway::start_with(|config| {
        config.limits.run = RunLimits { max_steps: 7, max_minutes: Some(5), ..RunLimits::default() };
        let set = ["SLIPWAY_RUN_MAX_STEPS", "DEEPSEEK_API_KEY", "SLIPWAY_HOSTS"];
        config.variables = set.map(str::to_owned).into();
        config.set_in_file = vec!["SLIPWAY_RUN_MAX_STEPS".to_owned(), "DEEPSEEK_API_KEY".to_owned()];
        config.provider_keys = [("DEEPSEEK_API_KEY".to_owned(), "sk-env-secret".into())].into();
    })
    .await;
    let before = sources(&gateway).await;
    for (name, source) in [
        ("limits.max_steps", "file"),
        // By an option of the command line.
        ("limits.max_minutes", "env"),
        ("limits.max_total_tokens", "default"),
        ("conversation_budget.steps", "default"),
        ("instructions", "default"),
        ("default_model", "default"),
        ("subagents.max_steps", "default"),
        ("retention.events", "default"),
        ("sandbox.egress", "default"),
        ("search.engine", "default"),
        ("providers.deepseek", "file"),
        ("providers.demo", "default"),
        ("start.hosts", "env"),
        ("start.checkpoint_mib", "default"),
    ] {
        assert_eq!(before.get(name).map(String::as_str), Some(source), "{name}");
    }

    let change = json!({
        "instructions": "Be brief.", "limits": { "max_steps": 9, "max_parallel_calls": 5 },
    });
    assert_eq!(gateway.send(Method::PATCH, "/api/v1/settings", &change).await.0, 200);
    let search = json!({ "engine": "brave", "api_key": "brave-secret" });
    assert_eq!(gateway.send(Method::PUT, "/api/v1/settings/search", &search).await.0, 200);
    let events = json!({ "events": 5000 });
    assert_eq!(gateway.send(Method::PUT, "/api/v1/settings/retention", &events).await.0, 200);
    let after = sources(&gateway).await;
    let changed: BTreeSet<_> =
        after.iter().filter(|(name, source)| before.get(*name) != Some(source)).collect();
    let names: Vec<_> = changed.iter().map(|(name, _)| name.as_str()).collect();
    let limits = ["max_minutes", "max_output_tokens", "max_parallel_calls", "max_steps", "max_total_tokens"];
    let mut expected: Vec<_> = limits.iter().map(|field| format!("limits.{field}")).collect();
    expected.push("limits.max_cost_micros".to_owned());
    expected.extend(["instructions", "search.engine", "retention.events"].map(str::to_owned));
    expected.sort();
    assert_eq!(names, expected);
    assert!(changed.iter().all(|(_, source)| *source == "instance"), "{changed:?}");

    let list = gateway.get("/api/v1/settings/all").await;
    assert!(!list.to_string().contains("-secret"), "{list}");
    let steps = list["items"].as_array().unwrap().iter().find(|item| item["name"] == "limits.max_steps");
    let expected = json!({
        "name": "limits.max_steps", "value": 9, "scope": "instance", "source": "instance",
        "variable": "SLIPWAY_RUN_MAX_STEPS",
    });
    assert_eq!(steps, Some(&expected));
}

/// A new setting belongs on the list too.
#[tokio::test]
async fn nothing_that_can_be_set_is_left_out() {
    let gateway = TestGateway::start().await;
    let known = sources(&gateway).await;
    let fields = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let settings = gateway.get("/api/v1/settings").await;
    for field in fields(&settings).into_iter().filter(|field| field != "setup_done") {
        let prefix = format!("{field}.");
        assert!(known.keys().any(|name| *name == field || name.starts_with(&prefix)), "{field}");
    }
    for (path, kind, part) in [
        ("/api/v1/settings/subagents", "subagents", "limits"),
        ("/api/v1/settings/retention", "retention", "retention"),
        ("/api/v1/sandbox/settings", "sandbox", "settings"),
    ] {
        for field in fields(&gateway.get(path).await[part]) {
            assert!(known.contains_key(&format!("{kind}.{field}")), "{kind}.{field}");
        }
    }
}
