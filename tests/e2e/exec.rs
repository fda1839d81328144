//! `slipway exec`: headless, streaming, with an exit code that tells the outcome.

use std::process::Output;

use anyhow::ensure;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use slipway_scripted_model::Server;
use slipway_tests::{docker, program};
use tempfile::TempDir;

use crate::stack::{CANARY, Stack, provider_url, script};

pub(crate) async fn exits_by_outcome(_: &Stack) -> anyhow::Result<()> {
    let server = Server::start(script()?).await?;
    let workspace = TempDir::new()?;
    let state = TempDir::new()?;
    let exec = async |task: &str, key: &str, more: &[&str]| -> anyhow::Result<Output> {
        let mut command = tokio::process::Command::new(program("slipway"));
        command
            .env("XDG_DATA_HOME", state.path())
            .env("E2E_KEY", key)
            .args(["exec", task, "--local", "--model", "scripted", "--api-key-env", "E2E_KEY", "--base-url"])
            .arg(server.base_url())
            .arg("--workspace")
            .arg(workspace.path())
            .args(more);
        Ok(command.output().await?)
    };

    let done = exec("Please make and edit a file.", CANARY, &[]).await?;
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    ensure!(done.status.success(), "{done:?}");
    ensure!(text.contains("First the file.") && text.contains("notes.txt"), "{text}");
    ensure!(text.contains("exit 3"), "{text}");
    ensure!(std::fs::read_to_string(workspace.path().join("notes.txt"))? == "one\n2\nthree\n");

    let json = exec("hello", CANARY, &["--json"]).await?;
    ensure!(json.status.success(), "{json:?}");
    let lines: Vec<Value> =
        String::from_utf8(json.stdout)?.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    ensure!(lines.iter().any(|line| line.pointer("/body/status") == Some(&"done".into())), "{lines:?}");

    let limited = exec("never stop", CANARY, &["--max-steps", "2"]).await?;
    let errors = String::from_utf8_lossy(&limited.stderr).into_owned();
    ensure!(limited.status.code() == Some(3) && errors.contains("2 of 2 steps are used"), "{limited:?}");
    let made = server.requests().len();
    let unaffordable = exec("hello", CANARY, &["--max-tokens", "1000"]).await?;
    ensure!(unaffordable.status.code() == Some(3), "{unaffordable:?}");
    ensure!(server.requests().len() == made, "a model call was made that the budget did not allow");
    let senseless = exec("hello", CANARY, &["--max-cost", "$1"]).await?;
    ensure!(senseless.status.code() == Some(2), "{senseless:?}");

    let refused = exec("hello", "sk-wrong", &[]).await?;
    let errors = String::from_utf8_lossy(&refused.stderr).into_owned();
    ensure!(refused.status.code() == Some(1), "{refused:?}");
    ensure!(errors.contains("key") && !errors.contains("sk-wrong"), "{errors}");
    Ok(())
}

/// The last line tells the tokens that the model itself has counted, and what they cost, as far as that is known.
pub(crate) async fn tells_what_was_used(stack: &Stack) -> anyhow::Result<()> {
    let last_line = async |task: &str| -> anyhow::Result<String> {
        let mut command = tokio::process::Command::from(stack.instance.launcher());
        let done = command.args(["exec", task]).output().await?;
        ensure!(done.status.success(), "{done:?}");
        let errors = String::from_utf8_lossy(&done.stderr);
        Ok(errors.lines().last().unwrap_or_default().to_owned())
    };
    let change = async |request: RequestBuilder| -> anyhow::Result<()> {
        request.send().await?.error_for_status()?;
        Ok(())
    };
    // 1010, 2020 and 3030 tokens, of which 4000 came from the cache.
    let unpriced = last_line("Please keep one copy of it.").await?;
    ensure!(unpriced == "6060 tokens, unknown cost", "{unpriced}");

    let pay = async |payment: &str| -> anyhow::Result<()> {
        let provider = json!({
            "profile": "deepseek", "name": "Priced", "base_url": provider_url(&stack.server), "api_key": CANARY,
            "models": ["deepseek-v4-pro"], "payment": payment,
        });
        change(stack.api.request(Method::PUT, "/providers/priced").json(&provider)).await
    };
    pay("by_use").await?;
    let choice = json!({"default_model": {"provider_id": "priced", "model": "deepseek-v4-pro"}});
    change(stack.api.request(Method::PATCH, "/settings").json(&choice)).await?;
    let priced = last_line("Please name your price.").await;
    pay("flat_plan").await?;
    let included = last_line("Please name your price.").await;
    change(stack.api.request(Method::DELETE, "/providers/priced")).await?;
    let (priced, included) = (priced?, included?);
    let amount = priced.strip_prefix("6060 tokens, $").and_then(|amount| amount.parse::<f64>().ok());
    ensure!(amount.is_some_and(|amount| amount > 0.0), "{priced}");
    ensure!(included == "6060 tokens, included", "{included}");
    Ok(())
}

/// Exec in a running instance leaves it as it is: other conversations go on.
pub(crate) async fn joins_what_runs(stack: &Stack) -> anyhow::Result<()> {
    let started = |container: &str| docker(&["inspect", "--format", "{{.State.StartedAt}}", container]);
    let before = started(&stack.instance.control())?;
    let exec = async |more: &[&str]| -> anyhow::Result<Output> {
        let mut command = tokio::process::Command::from(stack.instance.launcher());
        command.env("SOME_NEW_API_KEY", "sk-new").args(["exec", "hello"]).args(more);
        Ok(command.output().await?)
    };
    let done = exec(&[]).await?;
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    ensure!(done.status.success() && text.contains("Hello from the script."), "{done:?}");
    ensure!(started(&stack.instance.control())? == before, "exec has restarted the instance");

    let elsewhere = TempDir::new()?;
    let refused = exec(&["--workspace", &elsewhere.path().display().to_string()]).await?;
    let errors = String::from_utf8_lossy(&refused.stderr).into_owned();
    ensure!(!refused.status.success() && errors.contains("slipway -n 7 down"), "{errors}");
    ensure!(started(&stack.instance.control())? == before, "a refused exec has restarted the instance");
    Ok(())
}
