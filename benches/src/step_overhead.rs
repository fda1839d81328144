//! What the engine adds to a step: a session of steps with one quick tool call each, against the scripted
//! model.

use std::fmt::Write;
use std::time::{Duration, Instant};

use axum::routing::{get, post};
use axum::serve::ListenerExt;
use axum::{Json, Router};
use futures::StreamExt;
use serde_json::{Value, json};
use slipway_scripted_model::{Script, Server};
use tokio::net::TcpListener;

/// How long the session is.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Steps of the session.
    #[arg(default_value_t = 200)]
    steps: usize,
}

/// Plays the session and prints how long its steps took.
///
/// # Errors
/// When the session fails.
pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let steps = options.steps;
    slipway_engine::install_crypto_provider();
    let model = Server::start(script(steps)?).await?;
    let tools = serve(tools()).await?;
    let engine = serve(slipway_engine::router()).await?;
    let request = json!({
        "run_id": "run_1", "conversation_id": "conv_1",
        "transcript": [{"type": "user", "id": "msg_1", "text": "go", "created_at": 0}],
        "model": {"profile": "scripted", "base_url": model.base_url(), "api_key": "", "model": "scripted"},
        "limits": {"max_steps": steps + 1, "max_parallel_calls": 5},
        "tools": [{"url": tools, "token": "t"}],
    });
    let client = reqwest::Client::builder().no_proxy().build()?;
    let started = Instant::now();
    let mut body = client.post(format!("{engine}/v1/runs")).json(&request).send().await?.bytes_stream();
    let mut begins = Vec::new();
    while let Some(bytes) = body.next().await {
        let text = String::from_utf8_lossy(&bytes?).into_owned();
        begins.extend(text.matches("\"step_started\"").map(|_| started.elapsed()));
        if text.contains("\"failed\"") {
            anyhow::bail!("the run failed: {text}");
        }
    }
    let mut durations: Vec<Duration> = begins.windows(2).map(|pair| pair[1] - pair[0]).collect();
    for (name, slice) in
        [("first 10", 0..10), ("last 10", durations.len().saturating_sub(10)..durations.len())]
    {
        let part = durations.get(slice).unwrap_or_default();
        println!("{name}: mean {:?}", part.iter().sum::<Duration>() / u32::try_from(part.len().max(1))?);
    }
    durations.sort();
    let at = |share: usize| durations.get(durations.len() * share / 100).copied().unwrap_or_default();
    println!(
        "{} steps: p50 {:?}, p95 {:?} (model and tool round trips included)",
        durations.len(),
        at(50),
        at(95)
    );
    Ok(())
}

fn script(steps: usize) -> anyhow::Result<Script> {
    let mut yaml = "name: bench\nturns:\n  - steps:\n".to_owned();
    for step in 0..steps {
        writeln!(
            yaml,
            "      - {{text: 'working on it', tool_calls: [{{name: quick, arguments: {{n: {step}}}}}]}}"
        )?;
    }
    yaml.push_str("      - {text: done}\n");
    Ok(Script::from_yaml(&yaml)?)
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
