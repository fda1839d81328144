//! Bad input: a clear error, and nothing lost.

use std::net::TcpListener;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use reqwest::{Method, StatusCode};
use serde_json::json;
use slipway_protocol::api::ModelChoice;
use slipway_protocol::event::RunStatus;
use slipway_protocol::message::ToolPartStatus;
use slipway_tests::{Instance, Mode, docker, program};

use crate::stack::{CANARY, RUN_LIMIT, Stack, said, tools};

pub(crate) async fn misbehaving_model(stack: &Stack) -> anyhow::Result<()> {
    let snapshot = stack.api.run(&stack.model, "Please misbehave.", RUN_LIMIT).await?;
    ensure!(snapshot.conversation.status == RunStatus::Done, "{:?}", snapshot.conversation);
    ensure!(said(&snapshot).contains("misbehaved enough"));
    let tools = tools(&snapshot);
    let [unknown, malformed, wrong_type, long, _, binary, absolute, parent] = tools.as_slice() else {
        anyhow::bail!("eight calls, got {tools:?}")
    };
    for (tool, words) in [
        (unknown, &["fly_to_the_moon", "read_file"][..]),
        (malformed, &["JSON"]),
        (wrong_type, &["file"]),
        (absolute, &["outside", "workspace"]),
        (parent, &["outside", "workspace"]),
    ] {
        let text = tool.result.as_deref().unwrap_or_default();
        ensure!(tool.status == ToolPartStatus::Error, "{tool:?}");
        ensure!(words.iter().all(|word| text.contains(word)), "{words:?} in {text}");
    }
    let text = long.result.as_deref().context("a result")?;
    ensure!(long.status == ToolPartStatus::Ok && text.len() < 40_000, "{} bytes", text.len());
    ensure!(binary.result.as_deref().unwrap_or_default().contains("binary"), "{binary:?}");
    ensure!(!stack.instance.workspace.join("../escaped").exists());

    // All of the long output is still to be had.
    let call = long.call_id.as_str();
    let path = format!("/conversations/{}/calls/{call}/output?from=0&to=100", snapshot.conversation.id);
    let range: slipway_protocol::api::OutputRange = stack.api.get(&path).await?;
    ensure!(range.total >= 1_000_000, "{} bytes are kept", range.total);
    Ok(())
}

pub(crate) async fn provider_errors(stack: &Stack) -> anyhow::Result<()> {
    let base = format!("http://host.docker.internal:{}/v1", stack.server.port());
    let wrong_key = stack.api.add_provider("wrong-key", &base, "sk-not-the-right-one").await?;
    let unreachable = stack.api.add_provider("unreachable", "http://127.0.0.1:9/v1", "x").await?;
    let wrong_model = ModelChoice { model: "gpt-99".to_owned(), ..stack.model.clone() };
    for (model, code) in [
        (&wrong_key, "provider_key_rejected"),
        (&wrong_model, "provider_model_not_found"),
        (&unreachable, "provider_unreachable"),
    ] {
        let snapshot = stack.api.run(model, "hello", Duration::from_secs(90)).await?;
        let conversation = &snapshot.conversation;
        ensure!(conversation.status == RunStatus::Error, "{conversation:?}");
        let problem = conversation.problem.as_ref().context("an error has a problem")?;
        ensure!(problem.code == code && !problem.hint.is_empty(), "{problem:?}");
        let all = serde_json::to_string(&snapshot)?;
        ensure!(!all.contains("sk-not-the-right-one"), "the key is in the answer");
        ensure!(
            snapshot.messages.iter().any(|message| format!("{message:?}").contains("hello")),
            "text kept"
        );
    }
    Ok(())
}

pub(crate) async fn bad_requests(stack: &Stack) -> anyhow::Result<()> {
    let api = &stack.api;
    let conversation = api.create(&stack.model).await?;
    let messages = format!("/conversations/{}/messages", conversation.id);
    let unknown = "/conversations/conv_0123456789abcdef0123456789abcdef";
    for (request, expected) in [
        (api.request(Method::GET, unknown), StatusCode::NOT_FOUND),
        (
            api.request(Method::POST, &format!("{unknown}/messages"))
                .json(&json!({"client_id": "a", "text": "x"})),
            StatusCode::NOT_FOUND,
        ),
        (api.request(Method::GET, "/no/such/route"), StatusCode::NOT_FOUND),
        (
            api.request(Method::POST, &messages).json(&json!({"client_id": "a", "text": "  \n"})),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            api.request(Method::POST, &messages)
                .header("content-type", "application/json")
                .body("{\"client_id\""),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (api.request(Method::POST, &messages).body("text=hi"), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (api.stranger(Method::GET, "/instance"), StatusCode::UNAUTHORIZED),
        (api.stranger(Method::GET, "/instance").bearer_auth("wrong"), StatusCode::UNAUTHORIZED),
        (
            api.request(Method::GET, "/instance").header("host", "evil.example"),
            StatusCode::MISDIRECTED_REQUEST,
        ),
        (
            api.request(Method::POST, "/conversations")
                .header("origin", "https://evil.example")
                .json(&json!({})),
            StatusCode::FORBIDDEN,
        ),
    ] {
        let description = format!("{request:?}");
        let (status, problem) = api.problem(request).await.with_context(|| description.clone())?;
        ensure!(status == expected, "{status} {problem:?} for {description}");
        ensure!(problem.status == expected.as_u16() && !problem.title.is_empty(), "{problem:?}");
    }
    let listed = api.request(Method::GET, "/providers").send().await?.text().await?;
    ensure!(listed.contains("script") && !listed.contains(CANARY), "{listed}");
    Ok(())
}

pub(crate) async fn port_in_use(_: &Stack) -> anyhow::Result<()> {
    // Instance 5 would take port 3040.
    let _taken = TcpListener::bind(("127.0.0.1", 3040)).context("port 3040 is needed for this test")?;
    let instance = tokio::task::spawn_blocking(|| Instance::start(5, Mode::Containers)).await??;
    let api = instance.api()?;
    ensure!(!api.base().ends_with(":3040"), "{}", api.base());
    let answer: slipway_protocol::api::Instance = api.get("/instance").await?;
    ensure!(answer.number == 5, "{answer:?}");
    Ok(())
}

pub(crate) async fn docker_stopped(stack: &Stack) -> anyhow::Result<()> {
    let mut up = stack.instance.launcher();
    up.args(["up", "--no-browser"]).env("DOCKER_HOST", "unix:///nonexistent/docker.sock");
    let output = tokio::task::spawn_blocking(move || up.output()).await??;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(!output.status.success(), "{text}");
    ensure!(text.contains("Docker") && text.contains("--local"), "says what to do: {text}");
    ensure!(!text.contains("panicked") && !text.contains("Stack backtrace"), "{text}");
    Ok(())
}

/// Docker's volumes are shared by everybody on a machine: one made for another data directory is neither used nor removed.
pub(crate) async fn foreign_volume(_: &Stack) -> anyhow::Result<()> {
    tokio::task::spawn_blocking(|| {
        let state = tempfile::tempdir()?;
        let volume = "slipway-19-data";
        let made = ["volume", "create", "--label", "slipway.state=/elsewhere/slipway/19", volume];
        docker(&made)?;
        let mut told = Vec::new();
        for arguments in [&["up", "--no-browser"][..], &["down", "--volumes"]] {
            let mut command = std::process::Command::new(program("slipway"));
            command.env("XDG_DATA_HOME", state.path()).args(["-n", "19"]).args(arguments);
            told.push(command.output()?);
        }
        // Fails if it is gone.
        docker(&["volume", "rm", volume])?;
        for output in told {
            let error = String::from_utf8_lossy(&output.stderr);
            ensure!(!output.status.success() && error.contains("/elsewhere/slipway/19"), "{error}");
        }
        Ok(())
    })
    .await?
}
