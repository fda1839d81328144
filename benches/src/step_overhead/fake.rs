//! The engine in this process, and a tool that answers at once.

use anyhow::bail;
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use axum::{Json, Router};
use futures::StreamExt;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Has the engine play a session of `steps` steps against the model at `model`.
///
/// # Errors
/// When the session fails.
pub(super) async fn play(model: &str, steps: usize) -> anyhow::Result<()> {
    let tools = serve(tools()).await?;
    let engine = serve(slipway_engine::router()).await?;
    let request = json!({
        "run_id": "run_1", "conversation_id": "conv_1",
        "transcript": [{"type": "user", "id": "msg_1", "text": "go", "created_at": 0}],
        "model": {"profile": "scripted", "base_url": model, "api_key": "", "model": "scripted"},
        "limits": {"max_steps": steps + 1, "max_parallel_calls": 5},
        "tools": [{"url": tools, "token": "t"}],
    });
    let client = reqwest::Client::builder().no_proxy().build()?;
    let mut body = client.post(format!("{engine}/v1/runs")).json(&request).send().await?.bytes_stream();
    let mut end = Vec::new();
    while let Some(bytes) = body.next().await {
        end = bytes?.to_vec();
    }
    let end = String::from_utf8_lossy(&end).into_owned();
    if !end.contains("\"completed\"") {
        bail!("the run did not complete: {end}");
    }
    Ok(())
}

fn tools() -> Router {
    let list = json!({"tools": [{"name": "quick", "description": "Does it.", "access": "writing",
        "parameters": {"type": "object"}}]});
    let call = async |Json(call): Json<Value>| {
        let text = format!("done {} {}", call["arguments"]["n"], "x".repeat(300));
        format!("{}\n", json!({"type": "result", "status": "ok", "text": text}))
    };
    Router::new()
        .route("/v1/tools", get(async move || Json(list.clone())))
        .route("/v1/tools/quick", post(call))
}

async fn serve(router: Router) -> anyhow::Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(url)
}
