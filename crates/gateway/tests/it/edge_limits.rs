//! What the sandbox may use: where values come from, who may change them, and asking the launcher.

use std::time::Duration;

use http::{Method, header};
use serde_json::{Value, json};
use slipway_protocol::api::SandboxChoices;

use crate::edge_sandbox::dial;
use crate::harness::{TestGateway, json};

async fn with_environment() -> TestGateway {
    TestGateway::start_with(|config| {
        config.sandbox = SandboxChoices {
            memory_mib: Some(512),
            processes: Some(100),
            egress_hosts: Some(vec!["example.com".to_owned()]),
            ..SandboxChoices::default()
        };
        config.set_in_file = vec!["SLIPWAY_SANDBOX_PROCESSES".to_owned()];
    })
    .await
}

#[tokio::test]
async fn values_come_from_the_instance_the_environment_a_file_or_nowhere() {
    let gateway = with_environment().await;
    let saved = json!({ "memory_mib": 1024, "system_packages": false });
    let (status, report) = gateway.send(Method::PUT, "/api/v1/sandbox/settings", &saved).await;
    assert_eq!((status, &report["saved"]), (200, &saved));
    let gateway = TestGateway::start_in(gateway.stop().await, |config| {
        config.sandbox.processes = Some(100);
        config.sandbox.memory_mib = Some(512);
        config.set_in_file = vec!["SLIPWAY_SANDBOX_PROCESSES".to_owned()];
    })
    .await;
    let report = gateway.get("/api/v1/sandbox/settings").await;
    for (name, value, source) in [
        ("memory_mib", json!(1024), "instance"),
        ("system_packages", json!(false), "instance"),
        ("processes", json!(100), "file"),
        ("profile", json!("installable"), "default"),
        ("workspace_mib", json!(20480), "default"),
    ] {
        assert_eq!((&report["settings"][name], &report["sources"][name]), (&value, &json!(source)), "{name}");
    }
    let waits: Vec<&str> =
        report["at_next_start"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(waits.contains(&"memory_mib") && !waits.contains(&"egress_hosts"), "{waits:?}");
    let (_, report) = gateway.send(Method::PUT, "/api/v1/sandbox/settings", &json!({})).await;
    assert_eq!(report["settings"]["memory_mib"], 512, "what is not saved any more comes from elsewhere");
    assert_eq!(report["sources"]["memory_mib"], "env");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let gateway = TestGateway::start().await;
    for (choices, words) in [
        (json!({ "memory_mib": 1 }), "memory_mib"),
        (json!({ "processes": 0 }), "64 to"),
        (json!({ "command_seconds": 999_999 }), "command_seconds"),
        (json!({ "egress_hosts": ["*"] }), "host names"),
        (json!({ "egress_hosts": ["https://example.com"] }), "host names"),
        (json!({ "egress_hosts": ["10.0.0.0/8"] }), "host names"),
        (json!({ "profile": "loose" }), "loose"),
        (json!({ "memory": 512 }), "memory"),
        (json!({ "memory_mib": -1 }), ""),
    ] {
        let (status, problem) = gateway.send(Method::PUT, "/api/v1/sandbox/settings", &choices).await;
        assert!((400..500).contains(&status), "{choices}: {problem}");
        assert!(problem["detail"].as_str().unwrap_or_default().contains(words), "{choices}: {problem}");
    }
    assert_eq!(gateway.get("/api/v1/sandbox/settings").await["saved"], json!({}));
}

/// What the proxy says to a request for this host: its status and text.
async fn proxied(gateway: &TestGateway, host: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (_, mut stream) = dial(gateway, "sandbox-token-of-the-test", "egress").await;
    let request = format!("GET http://{host}:1/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok();
    answer
}

#[tokio::test]
async fn the_proxy_follows_saved_modes_at_once_and_after_a_restart() {
    let exempt = |config: &mut slipway_gateway::config::Config| {
        config.egress_exempt = vec!["127.0.0.0/8".parse().unwrap()];
    };
    let gateway = TestGateway::start_with(exempt).await;
    // Port 1 answers nobody: 502 means that the proxy has let it through.
    assert!(proxied(&gateway, "127.0.0.1").await.contains(" 502 "));
    let list =
        json!({ "egress": "allowlist", "egress_hosts": ["localhost.example.com", "*.localhost.test"] });
    gateway.send(Method::PUT, "/api/v1/sandbox/settings", &list).await;
    for host in ["127.0.0.1", "localhost", "example.com", "localhost.test"] {
        let answer = proxied(&gateway, host).await;
        assert!(answer.contains(" 403 ") && answer.contains("list of hosts"), "{host}: {answer}");
    }
    // A name on the list is still looked up and checked: this one has no address.
    assert!(!proxied(&gateway, "a.localhost.test").await.contains("list of hosts"));
    let gateway = TestGateway::start_in(gateway.stop().await, exempt).await;
    assert!(proxied(&gateway, "127.0.0.1").await.contains("list of hosts"), "it is kept");
    gateway.send(Method::PUT, "/api/v1/sandbox/settings", &json!({ "egress": "none" })).await;
    assert!(proxied(&gateway, "127.0.0.1").await.contains("no way out"));
    gateway.send(Method::PUT, "/api/v1/sandbox/settings", &json!({})).await;
    assert!(proxied(&gateway, "127.0.0.1").await.contains(" 502 "));
}

#[tokio::test]
async fn only_a_launcher_that_listens_can_make_the_sandbox_anew() {
    let gateway = TestGateway::start().await;
    let reset = async || gateway.send(Method::POST, "/api/v1/sandbox/reset", &json!({})).await;
    let (status, problem) = reset().await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("no_launcher")));
    assert!(problem["hint"].as_str().unwrap().contains("slipway reset"), "{problem}");
    let by_person = gateway.anonymous(Method::GET, "/api/v1/sandbox/orders");
    let by_person = by_person.header(header::COOKIE, gateway.cookie().await).send().await.unwrap();
    assert_eq!(by_person.status(), 403);

    let waiting = gateway.launcher(Method::GET, "/api/v1/sandbox/orders").send();
    let ordering = async {
        let listens = async || gateway.get("/api/v1/sandbox/settings").await["can_reset"] == true;
        while !listens().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        reset().await
    };
    let (order, (status, _)) = tokio::join!(waiting, ordering);
    assert_eq!(status, 202);
    assert_eq!(json(order.unwrap()).await, json!({ "order": "reset" }));
    assert_eq!(reset().await.0, 409, "an order is given once");
}

#[tokio::test]
async fn without_a_sandbox_there_is_nothing_to_measure_or_restart() {
    let gateway = TestGateway::start().await;
    for (method, path) in [(Method::GET, "/api/v1/sandbox/usage"), (Method::POST, "/api/v1/sandbox/restart")]
    {
        let (status, problem) = gateway.send(method, path, &json!({})).await;
        assert_eq!((status, problem["code"].as_str()), (503, Some("sandbox_not_attached")), "{path}");
    }
}
