//! Questions of the model that nobody answers at once.

use anyhow::{Context as _, ensure};
use serde_json::json;
use slipway_protocol::api::AnswerReceipt;
use slipway_protocol::event::RunStatus;
use slipway_protocol::plan::PlanStatus;
use slipway_scripted_model::Server;
use slipway_tests::{docker, program};
use tempfile::TempDir;

use crate::recovery::wait_until_ready;
use crate::stack::{CANARY, RUN_LIMIT, Stack, said, script};

pub(crate) async fn outlive_the_gateway(stack: &Stack) -> anyhow::Result<()> {
    let conversation = stack.api.create(&stack.model).await?;
    let id = &conversation.id;
    let before = stack.api.snapshot(id).await?;
    let mut events = stack.api.events(id, &before.cursor).await?;
    stack.api.send(id, "Now plan and ask.").await?;
    events.wait_for_status(|status| status == RunStatus::WaitingUser, RUN_LIMIT).await?;

    docker(&["kill", "--signal", "KILL", &stack.instance.control()])?;
    docker(&["start", &stack.instance.control()])?;
    wait_until_ready(stack).await?;

    let waiting = stack.api.snapshot(id).await?;
    ensure!(waiting.conversation.status == RunStatus::WaitingUser, "{:?}", waiting.conversation);
    let question = waiting.questions.first().context("it is still asked")?;
    ensure!(waiting.plan.context("the plan is kept")?.count(PlanStatus::Pending) == 1);
    let mut events = stack.api.events(id, &waiting.cursor).await?;
    let path = format!("/conversations/{id}/questions/{}/answer", question.call_id);
    let answer = json!({ "client_id": "one", "answer": { "chosen": ["blue"] } });
    for _ in 0..2 {
        let receipt: AnswerReceipt = stack.api.post(&path, &answer).await?;
        ensure!(receipt.remaining == 0, "{receipt:?}");
    }
    events.wait_for_status(|status| status == RunStatus::Done, RUN_LIMIT).await?;
    let done = stack.api.snapshot(id).await?;
    ensure!(said(&done).contains("The shed is painted."), "{}", said(&done));
    ensure!(done.plan.context("a plan")?.count(PlanStatus::Done) == 2 && done.questions.is_empty());
    Ok(())
}

/// `slipway answer`: shows what is asked, refuses what is not an answer, and lets the run go on.
pub(crate) async fn are_answered_on_the_command_line(stack: &Stack) -> anyhow::Result<()> {
    let conversation = stack.api.create(&stack.model).await?;
    let id = conversation.id.to_string();
    let before = stack.api.snapshot(&conversation.id).await?;
    let mut events = stack.api.events(&conversation.id, &before.cursor).await?;
    stack.api.send(&conversation.id, "Now plan and ask.").await?;
    events.wait_for_status(|status| status == RunStatus::WaitingUser, RUN_LIMIT).await?;
    let answer = |arguments: &[&str]| {
        let output = stack.instance.launcher().arg("answer").args(arguments).output()?;
        let text = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        anyhow::Ok((output.status.code(), text.concat()))
    };
    for (arguments, code, said) in [
        (&[][..], 4, "2) blue: like the sky"),
        (&["--choose", "green"], 2, "has no option `green`"),
        (&["--choose", "red", "--choose", "blue"], 2, "only one option"),
        (&["--question", "7", "anything"], 2, "no question `7`"),
        (&["--conversation", &id, "--choose", "2"], 0, "goes on"),
        (&["--conversation", &id, "again"], 1, "asks nothing"),
    ] {
        let (status, text) = tokio::task::block_in_place(|| answer(arguments))?;
        ensure!(status == Some(code) && text.contains(said), "{arguments:?}: {status:?} {text}");
    }
    events.wait_for_status(|status| status == RunStatus::Done, RUN_LIMIT).await?;
    ensure!(said(&stack.api.snapshot(&conversation.id).await?).contains("The shed is painted."));
    Ok(())
}

pub(crate) async fn end_exec(_: &Stack) -> anyhow::Result<()> {
    let server = Server::start(script()?).await?;
    let (workspace, state) = (TempDir::new()?, TempDir::new()?);
    let mut command = tokio::process::Command::new(program("slipway"));
    command
        .env("XDG_DATA_HOME", state.path())
        .env("E2E_KEY", CANARY)
        .args([
            "exec",
            "plan and ask",
            "--local",
            "--json",
            "--model",
            "scripted",
            "--api-key-env",
            "E2E_KEY",
        ])
        .args(["--base-url", &server.base_url(), "--workspace"])
        .arg(workspace.path());
    let asked = command.output().await?;
    let (out, errors) = (String::from_utf8_lossy(&asked.stdout), String::from_utf8_lossy(&asked.stderr));
    ensure!(asked.status.code() == Some(4), "{asked:?}");
    ensure!(out.contains("questions.updated") && out.contains("waiting_user"), "{out}");
    ensure!(errors.contains("Which colour?") && errors.contains("blue: like the sky"), "{errors}");
    ensure!(errors.contains("with the answer in the task"), "{errors}");
    Ok(())
}
