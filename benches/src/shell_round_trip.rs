//! How long a command that does nothing takes, as an engine sees it: this program plays the engine, and
//! calls the shell through the real gateway and tool host.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::post;
use axum::serve::ListenerExt as _;
use axum::{Json, Router};
use futures::StreamExt as _;
use serde_json::{Value, json};
use slipway_protocol::run::{EngineEvent, RunOutcome, RunRequest, ToolEndpoint};
use slipway_protocol::tool::{ToolInvocation, ToolStatus, ToolStreamItem};
use slipway_protocol::transcript::{AssistantStep, Entry};
use slipway_protocol::{CallId, InvocationId};
use tokio::net::TcpListener;

use crate::figures::Spread;
use crate::stack::{Programs, Stack};

/// Calls that are made before those that count.
const WARM_UP: usize = 10;

/// What is measured.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How often the command is run.
    #[arg(default_value_t = 300)]
    times: usize,
    /// The command.
    #[arg(long, default_value = "true")]
    command: String,
    /// Print a JSON object.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    programs: Programs,
}

/// An engine that asks no model.
struct Engine {
    client: reqwest::Client,
    times: usize,
    command: String,
    durations: Mutex<Vec<Duration>>,
}

/// Runs the command and prints how long it took.
///
/// # Errors
/// When a call fails.
pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let engine = Arc::new(Engine {
        client: reqwest::Client::builder().no_proxy().build()?,
        times: options.times,
        command: options.command.clone(),
        durations: Mutex::default(),
    });
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let router = Router::new().route("/v1/runs", post(start_run)).with_state(Arc::clone(&engine));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let stack = Stack::start(&options.programs, Some(&url)).await?;
    // The model is never asked.
    stack.api.prepare("http://127.0.0.1:9/v1").await?;
    stack.api.run("go").await?;
    let (gateway, tool_host) = stack.consumption()?;
    let durations = engine.durations.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let spread = Spread::of(durations.get(WARM_UP..).context("too few calls")?);
    if options.json {
        println!(
            "{}",
            json!({
                "command": options.command, "round_trip": spread, "gateway": gateway, "tool_host": tool_host,
            })
        );
    } else {
        println!("`{}` {} times from the engine: {spread}", options.command, spread.count);
        println!("  gateway         {gateway}");
        println!("  tool host       {tool_host}");
    }
    Ok(())
}

async fn start_run(State(engine): State<Arc<Engine>>, Json(run): Json<RunRequest>) -> impl IntoResponse {
    let events = events_of(engine, run);
    ([(header::CONTENT_TYPE, "text/event-stream")], axum::body::Body::from_stream(events))
}

/// One answer with all calls, the calls, and the end.
fn events_of(
    engine: Arc<Engine>,
    run: RunRequest,
) -> impl futures::Stream<Item = Result<String, serde_json::Error>> {
    let calls: Vec<CallId> = (0..engine.times + WARM_UP).map(|_| CallId::generate()).collect();
    let answer = json!({
        "id": "msg_bench", "step": 1, "finish": "tool_calls", "model": "none", "created_at": 0,
        "tool_calls": calls.iter().map(|id| json!({
            "id": id, "name": "run_terminal_command", "arguments": "{}",
        })).collect::<Vec<Value>>(),
    });
    let first = serde_json::from_value::<AssistantStep>(answer)
        .map(|step| EngineEvent::Entry { entry: Box::new(Entry::Assistant(step)) });
    let rest = async move {
        let outcome = match call_all(&engine, &run, &calls).await {
            Ok(()) => RunOutcome::Completed,
            Err(error) => RunOutcome::Failed {
                problem: slipway_protocol::Problem::new(500, "bench", "a call failed")
                    .detail(format!("{error:#}")),
            },
        };
        sse(&EngineEvent::Finished { outcome })
    };
    futures::stream::iter([first.and_then(|event| sse(&event))]).chain(futures::stream::once(rest))
}

fn sse(event: &EngineEvent) -> Result<String, serde_json::Error> {
    Ok(format!("data: {}\n\n", serde_json::to_string(event)?))
}

async fn call_all(engine: &Engine, run: &RunRequest, calls: &[CallId]) -> anyhow::Result<()> {
    let endpoint = run.tools.first().context("the run has no tools")?;
    for call in calls {
        let started = Instant::now();
        call_once(engine, run, endpoint, call).await?;
        engine.durations.lock().unwrap_or_else(PoisonError::into_inner).push(started.elapsed());
    }
    Ok(())
}

async fn call_once(
    engine: &Engine,
    run: &RunRequest,
    endpoint: &ToolEndpoint,
    call: &CallId,
) -> anyhow::Result<()> {
    let invocation = ToolInvocation {
        invocation_id: InvocationId::generate(),
        call_id: call.clone(),
        conversation_id: run.conversation_id.clone(),
        step: 1,
        arguments: json!({"command": engine.command}),
    };
    let url = format!("{}/v1/tools/run_terminal_command", endpoint.url);
    let answer = engine.client.post(url).bearer_auth(&endpoint.token).json(&invocation).send().await?;
    let text = answer.error_for_status()?.text().await?;
    let last = text.lines().last().context("the answer is empty")?;
    match serde_json::from_str(last)? {
        ToolStreamItem::Result(outcome) if outcome.status == ToolStatus::Ok => Ok(()),
        other => anyhow::bail!("the call did not succeed: {other:?}"),
    }
}
