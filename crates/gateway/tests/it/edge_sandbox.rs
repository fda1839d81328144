//! Tool hosts that attach.

use std::time::Duration;

use axum::routing::{get, post};
use axum::{Json, Router};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::task::JoinHandle;

use crate::harness::TestGateway;

const LIMIT: Duration = Duration::from_secs(5);

/// Dials the gateway's socket and returns its answer and the connection.
pub(crate) async fn dial(gateway: &TestGateway, token: &str, channel: &str) -> (Value, UnixStream) {
    let mut stream = UnixStream::connect(&gateway.app().config.sandbox_socket).await.unwrap();
    let attach = json!({ "protocol": 1, "sandbox_id": "default", "token": token, "channel": channel });
    stream.write_all(format!("{attach}\n").as_bytes()).await.unwrap();
    let mut reader = BufReader::with_capacity(1, stream);
    let mut line = String::new();
    reader.read_line(&mut line).await.unwrap();
    (serde_json::from_str(&line).unwrap(), reader.into_inner())
}

/// A tool host that tells its status and whose desktop answers every byte with itself.
pub(crate) async fn attach(gateway: &TestGateway, confinement: &'static str) -> JoinHandle<()> {
    let (reply, stream) = dial(gateway, "sandbox-token-of-the-test", "tools").await;
    assert_eq!(reply["type"], "accepted", "{reply}");
    let status =
        json!({ "version": "0", "workspace": "/workspace", "confinement": confinement, "desktop": true });
    let router = Router::new()
        .route("/v1/status", get(async move || Json(status)))
        .route("/v1/desktop", post(async |body: axum::body::Body| body));
    let host = tokio::spawn(async move {
        hyper::server::conn::http2::Builder::new(TokioExecutor::new())
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
            .await
            .ok();
    });
    assert!(gateway.app().sandboxes.wait_for_client(LIMIT).await.is_some());
    host
}

async fn sandbox(gateway: &TestGateway) -> Value {
    gateway.get("/api/v1/instance").await["sandbox"].clone()
}

#[tokio::test]
async fn a_wrong_token_is_refused_with_the_reason() {
    let gateway = TestGateway::start().await;
    for channel in ["tools", "egress"] {
        let (reply, _) = dial(&gateway, "wrong", channel).await;
        assert_eq!(reply["type"], "refused");
        assert_eq!(reply["problem"]["code"], "sandbox_token_rejected");
    }
    assert!(gateway.app().sandboxes.client().is_none());
    assert_eq!(sandbox(&gateway).await["attached"], false);
}

#[tokio::test]
async fn one_tool_host_at_a_time_and_the_next_when_it_is_gone() {
    let gateway = TestGateway::start().await;
    let host = attach(&gateway, "container").await;
    let status = sandbox(&gateway).await;
    assert_eq!(
        status,
        json!({ "attached": true, "confinement": "container", "workspace": "/workspace", "desktop": true })
    );
    let (reply, _) = dial(&gateway, "sandbox-token-of-the-test", "tools").await;
    assert_eq!(reply["problem"]["code"], "sandbox_already_attached");

    let client = gateway.app().sandboxes.client().unwrap();
    host.abort();
    tokio::time::timeout(LIMIT, client.closed()).await.unwrap();
    assert!(gateway.app().sandboxes.client().is_none());
    attach(&gateway, "landlock").await;
    let status = sandbox(&gateway).await;
    assert!(status["warning"].as_str().unwrap().starts_with("Not a container: "), "{status}");
}

#[tokio::test]
async fn the_socket_is_for_owner_and_group_and_replaces_a_stale_one() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    drop(std::os::unix::net::UnixListener::bind(directory.path().join("sandbox.sock")).unwrap());
    let gateway = TestGateway::start_in(directory, |_| {}).await;
    let socket = &gateway.app().config.sandbox_socket;
    assert_eq!(std::fs::metadata(socket).unwrap().permissions().mode() & 0o777, 0o660);
    attach(&gateway, "none").await;
    let directory = gateway.stop().await;
    assert!(!directory.path().join("sandbox.sock").exists(), "it is gone after the stop");
}
